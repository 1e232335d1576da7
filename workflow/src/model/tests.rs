use super::*;

fn model(body: &str) -> String {
    format!(
        r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:linli="https://linli.cn/bpmn" xmlns:flowable="http://flowable.org/bpmn"><process id="p">{body}</process></definitions>"#
    )
}
fn found(body: &str) -> Vec<(String, String)> {
    let checked = check(model(body).as_bytes()).expect("is read");
    checked.diagnostics.into_iter().map(|d| (d.rule_id.trim_start_matches("workflow.").to_owned(), d.element)).collect()
}
fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    all.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}
const ENDS: &str = r#"<startEvent id="s"/><endEvent id="e"/>"#;
fn user(id: &str) -> String {
    format!(r#"<userTask id="{id}" linli:poolRole="fund_clerk"/>"#)
}
fn flow(id: &str, from: &str, to: &str) -> String {
    format!(r#"<sequenceFlow id="{id}" sourceRef="{from}" targetRef="{to}"/>"#)
}

#[test]
fn a_sound_model_compiles_and_survives_json() {
    let xml = model(&[ENDS, &user("a"), &flow("f1", "s", "a"), &flow("f2", "a", "e")].concat());
    let definition = compile(xml.as_bytes()).expect("compiles");
    assert_eq!((definition.key.as_str(), definition.start.as_str(), definition.hash.len()), ("p", "s", 64));
    let json = serde_json::to_string(&definition).expect("serialises");
    assert_eq!(serde_json::from_str::<Definition>(&json).expect("reads"), definition);
}
#[test]
fn s64_hostile_files_are_refused_at_once() {
    let deep = format!("{}{}", "<subProcess id=\"x\">".repeat(10_000), "</subProcess>".repeat(10_000));
    let many = user("a").repeat(20_001);
    let doctype = "<?xml version=\"1.0\"?><!DOCTYPE d [<!ENTITY a \"aaaa\">]><definitions/>";
    let begun = std::time::Instant::now();
    assert_eq!(check(doctype.as_bytes()).err(), Some(XmlRefusal::Doctype));
    assert_eq!(check(b"<!doctype html><a/>").err(), Some(XmlRefusal::Doctype));
    assert_eq!(check(&vec![b'<'; 50 * 1024 * 1024]).err(), Some(XmlRefusal::TooLarge));
    assert_eq!(check(model(&deep).as_bytes()).err(), Some(XmlRefusal::TooDeep));
    assert_eq!(check(model(&many).as_bytes()).err(), Some(XmlRefusal::TooManyNodes));
    assert_eq!(check(&[0xff, 0xfe]).err(), Some(XmlRefusal::NotUtf8));
    for broken in ["", "<a", "<a></b>", "<!--", "<a>&x;</a>", "plain"] {
        assert!(matches!(check(broken.as_bytes()), Err(XmlRefusal::Malformed(_))), "{broken}");
    }
    // Eleven refusals, most of which are built above in this time too.
    assert!(begun.elapsed() < std::time::Duration::from_secs(1));
    assert_eq!(XmlRefusal::Doctype.code(), "workflow.xml_doctype");
}
#[test]
fn everything_outside_the_supported_set_is_an_error_that_names_its_element() {
    for (element, tag) in [
        (r#"<subProcess id="x"/>"#, "subProcess"),
        (r#"<inclusiveGateway id="x"/>"#, "inclusiveGateway"),
        (r#"<complexGateway id="x"/>"#, "complexGateway"),
        (r#"<eventBasedGateway id="x"/>"#, "eventBasedGateway"),
        (r#"<scriptTask id="x"/>"#, "scriptTask"),
        (r#"<sendTask id="x"/>"#, "sendTask"),
        (r#"<task id="x"/>"#, "task"),
        (r#"<callActivity id="x"/>"#, "callActivity"),
        (r#"<intermediateCatchEvent id="x"/>"#, "intermediateCatchEvent"),
        (r#"<endEvent id="x"><errorEventDefinition/></endEvent>"#, "errorEventDefinition"),
        (r#"<startEvent id="x"><messageEventDefinition/></startEvent>"#, "messageEventDefinition"),
        (r#"<userTask id="x" linli:poolRole="r"><multiInstanceLoopCharacteristics/></userTask>"#, "multiInstanceLoopCharacteristics"),
    ] {
        let checked = check(model(&[ENDS, element].concat()).as_bytes()).expect("is read");
        let diagnostic = checked.diagnostics.iter().find(|d| d.rule_id == "workflow.unsupported_element");
        let diagnostic = diagnostic.unwrap_or_else(|| panic!("{tag}: {:?}", checked.diagnostics));
        assert!(diagnostic.element == "x" && diagnostic.zh.contains(tag) && checked.has_errors());
    }
}
#[test]
fn s63_extensions_of_other_engines_are_reported_not_ignored() {
    let body = r#"<userTask id="a" linli:poolRole="r" flowable:assignee="u"/><serviceTask id="t" linli:topic="a.b.c" flowable:delegateExpression="x"/>"#;
    let all = found(&[ENDS, body].concat());
    assert!(all.contains(&("vendor_extension".into(), "a".into())) && all.contains(&("vendor_extension".into(), "t".into())), "{all:?}");
}
#[test]
fn all_faults_are_told_at_once() {
    let body = [
        ENDS,
        r#"<userTask id="a"/><userTask id="b" linli:poolRole="r" linli:policy="most"/><userTask id="c" linli:poolrole="r" linli:poolRole="r"/>"#,
        r#"<serviceTask id="t" linli:topic="hold"/><boundaryEvent id="w" attachedToRef="a"><timerEventDefinition><timeDuration>P5D</timeDuration></timerEventDefinition></boundaryEvent>"#,
        r#"<sequenceFlow id="f" sourceRef="s" targetRef="nowhere"/><sequenceFlow id="g" sourceRef="s" targetRef="a"><conditionExpression>a &gt;</conditionExpression></sequenceFlow>"#,
    ];
    let all = found(&body.concat());
    for want in [
        ("no_assignee", "a"),
        ("attribute", "b"),
        ("attribute", "c"),
        ("topic", "t"),
        ("timer", "w"),
        ("flow_ends", "f"),
        ("condition", "g"),
    ] {
        assert!(all.contains(&(want.0.into(), want.1.into())), "{want:?} in {all:?}");
    }
}
#[test]
fn the_shape_is_checked() {
    let body = [ENDS, &user("a"), &user("lost"), &flow("f1", "s", "a"), &flow("f2", "a", "e"), &flow("f3", "lost", "e")].concat();
    assert_eq!(found(&body), pairs(&[("unreachable", "lost")]));
    assert_eq!(
        found(&[r#"<startEvent id="s"/>"#, &user("a"), &flow("f1", "s", "a")].concat()),
        pairs(&[("no_end", "p"), ("dead_end", "a")])
    );
    assert_eq!(found(&user("a")), pairs(&[("no_start", "p")]));
    let x = r#"<exclusiveGateway id="x"/>"#;
    let body = [ENDS, x, &user("a"), &flow("f1", "s", "x"), &flow("f2", "x", "a"), &flow("f3", "x", "e"), &flow("f4", "a", "e")].concat();
    assert_eq!(found(&body), pairs(&[("condition_missing", "f2"), ("condition_missing", "f3"), ("no_default", "x")]));
}
#[test]
fn s07_a_join_that_never_fires_is_refused_with_a_path() {
    // An exclusive choice before a parallel join: the other branch never comes.
    let body = [
        ENDS,
        &user("a"),
        &user("b"),
        &user("z"),
        r#"<exclusiveGateway id="x" default="f3"/><parallelGateway id="join"/>"#,
        &flow("f0", "s", "z"),
        &flow("f1", "z", "x"),
        r#"<sequenceFlow id="f2" sourceRef="x" targetRef="a"><conditionExpression>n &gt; 1</conditionExpression></sequenceFlow>"#,
        &flow("f3", "x", "b"),
        &flow("f4", "a", "join"),
        &flow("f5", "b", "join"),
        &flow("f6", "join", "e"),
    ];
    let checked = check(model(&body.concat()).as_bytes()).expect("is read");
    let stuck = checked.diagnostics.iter().find(|d| d.rule_id == "workflow.join_never_fires").expect("is found");
    assert_eq!((stuck.element.as_str(), stuck.path.len()), ("join", 2));
    assert!(stuck.zh.contains("永远等不到"), "{}", stuck.zh);
    assert!(compile(model(&body.concat()).as_bytes()).is_err());
}
#[test]
fn s07_a_join_that_can_get_two_tokens_on_one_flow_is_refused() {
    let body = [
        ENDS,
        &user("a"),
        &user("b"),
        &user("c"),
        &user("d"),
        r#"<parallelGateway id="fork"/><parallelGateway id="join"/>"#,
        &flow("f1", "s", "fork"),
        &flow("f2", "fork", "a"),
        &flow("f3", "fork", "b"),
        &flow("f4", "fork", "c"),
        &flow("f5", "a", "d"),
        &flow("f6", "b", "d"),
        &flow("f7", "d", "join"),
        &flow("f8", "c", "join"),
        &flow("f9", "join", "e"),
    ];
    let checked = check(model(&body.concat()).as_bytes()).expect("is read");
    assert!(checked.diagnostics.iter().any(|d| d.rule_id == "workflow.join_surplus" && d.element == "join" && !d.path.is_empty()));
}
#[test]
fn a_loop_without_a_way_out_is_refused() {
    let x = r#"<exclusiveGateway id="x" default="f4"/>"#;
    let body = [
        ENDS,
        x,
        &user("a"),
        &user("b"),
        &flow("f1", "s", "x"),
        r#"<sequenceFlow id="f2" sourceRef="x" targetRef="e"><conditionExpression>n = 1</conditionExpression></sequenceFlow>"#,
        &flow("f4", "x", "a"),
        &flow("f5", "a", "b"),
        &flow("f6", "b", "a"),
    ];
    assert_eq!(found(&body.concat()), pairs(&[("never_ends", "a")]));
}
#[test]
fn a_fork_that_feeds_itself_is_refused() {
    let body = [
        ENDS,
        &user("a"),
        r#"<parallelGateway id="fork"/>"#,
        &flow("f1", "s", "a"),
        &flow("f2", "a", "fork"),
        &flow("f3", "fork", "a"),
        &flow("f4", "fork", "e"),
    ];
    assert!(check(model(&body.concat()).as_bytes()).expect("is read").has_errors());
}
#[test]
fn the_shipped_flows_compile_without_a_finding() {
    for (file, nodes) in [
        (include_bytes!("../../../tenants/packs/binhai/flows/fund-use.bpmn").as_slice(), ["first_review", "second_review", "approval"]),
        (
            include_bytes!("../../../tenants/packs/shanhe/flows/fund-use.bpmn").as_slice(),
            ["street_opinion", "district_opinion", "approval"],
        ),
    ] {
        let checked = check(file).expect("is read");
        assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
        let definition = checked.definition.expect("compiles");
        assert_eq!(definition.key, "fund-use");
        assert!(nodes.iter().all(|n| definition.user_task(n).is_some()));
    }
}
proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]
    #[test]
    fn no_bytes_make_the_reader_fail_otherwise_than_by_a_refusal(text in "(<[a-z!/?\\[]{0,3}|[a-z \"'>]|--|]]>){0,80}") {
        let _ = check(text.as_bytes());
        let _ = check(model(&text).as_bytes());
    }
}
