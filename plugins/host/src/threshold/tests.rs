use linli_kernel::Area;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{BAD_THRESHOLD, VOTE, context, loaded};

fn facts(decision: &str, totals: (i64, i64), took: (i64, i64), agreed: (i64, i64)) -> Facts {
    let json = json!({ "decision": decision, "totals.heads": totals.0, "totals.area": Area(totals.1), "participated.heads": took.0,
        "participated.area": Area(took.1), "agreed.heads": agreed.0, "agreed.area": Area(agreed.1) });
    Facts::new(points::VOTE_THRESHOLD, json.as_object().unwrap().clone()).unwrap()
}

#[test]
fn votes_at_the_edge_end_as_the_specification_says() {
    let rule = loaded(VOTE);
    for (case, decision, took, agreed, missed) in [
        ("V1", "use", (6, 60_000), (4, 30_001), vec![]),
        ("V2", "use", (6, 60_000), (3, 40_000), vec!["approval_heads"]),
        ("V3", "use", (6, 60_000), (4, 30_000), vec!["approval_area"]),
        ("V4", "use", (6, 59_999), (6, 59_999), vec!["participation_area"]),
        ("V5", "use", (5, 70_000), (5, 70_000), vec!["participation_heads"]),
        ("V6", "use", (9, 90_000), (5, 45_001), vec![]),
        ("V7", "raise", (8, 80_000), (6, 60_000), vec![]),
        ("V8", "raise", (8, 80_000), (6, 59_999), vec!["approval_area"]),
        ("V9", "raise", (7, 70_000), (5, 65_000), vec!["approval_heads"]),
    ] {
        let verdict = rule.test(&context(&rule, json!({})), &facts(decision, (9, 90_000), took, agreed)).unwrap();
        let got: Vec<&str> = verdict.checks.iter().filter(|c| !c.met).map(|c| c.key.as_str()).collect();
        assert_eq!((verdict.met, got), (missed.is_empty(), missed), "{case}");
    }
}

#[test]
fn e4b_on_the_houses_of_e2() {
    let rule = loaded(VOTE);
    let all = (7, 70_324);
    for (took, agreed, met) in [
        ((5, 56_150), (3, 29_796), true),
        ((5, 56_150), (2, 26_354), false),
        ((4, 47_194), (4, 47_194), false),
        ((5, 43_970), (5, 43_970), false),
    ] {
        assert_eq!(rule.test(&context(&rule, json!({})), &facts("use", all, took, agreed)).unwrap().met, met, "{took:?} {agreed:?}");
    }
}

#[test]
fn what_a_vote_still_needs_is_a_whole_number() {
    let rule = loaded(VOTE);
    let verdict = rule.test(&context(&rule, json!({})), &facts("use", (7, 70_324), (5, 56_150), (0, 0))).unwrap();
    let least = |key: &str| verdict.check(key).unwrap().least();
    assert_eq!((least("participation_heads"), least("participation_area")), (5, 46_883));
    assert_eq!((least("approval_heads"), least("approval_area")), (3, 28_076));
}

#[test]
fn a_check_says_its_numbers_and_its_law() {
    let rule = loaded(VOTE);
    let verdict = rule.test(&context(&rule, json!({})), &facts("use", (9, 90_000), (6, 59_999), (6, 59_999))).unwrap();
    let line = &verdict.lines[1];
    assert_eq!(line.zh, "参与面积 599.99 平方米，总面积 900.00 平方米，未达到 2/3 的要求");
    assert_eq!(line.basis[0].article, "第二百七十八条");
}

#[test]
fn a_rule_that_cheats_is_found_by_our_own_numbers() {
    let rule = loaded(BAD_THRESHOLD);
    let failing = facts("use", (9, 90_000), (6, 59_999), (4, 40_000));
    for (mode, code) in [
        ("lie", "plugin.result_check"),
        ("other_numbers", "plugin.result_check"),
        ("skip", "plugin.result_check"),
        ("pass_anyway", "plugin.result_check"),
        ("zero_den", "plugin.result_domain"),
        ("lax", "plugin.result_law"),
        ("half", "plugin.result_law"),
    ] {
        let error = rule.test(&context(&rule, json!({ "mode": mode })), &failing).unwrap_err();
        // A denominator of zero also undercuts the statute; either refusal is right, the first one met counts.
        assert!(error.code() == code || (mode == "zero_den" && error.code() == "plugin.result_law"), "{mode}: {error}");
    }
    assert!(!rule.test(&context(&rule, json!({})), &failing).unwrap().met);
}

#[test]
fn less_than_the_statute_needs_a_signed_basis() {
    let rule = loaded(VOTE);
    let lax = context(&rule, json!({ "participation": "1/2" }));
    let facts = facts("use", (9, 90_000), (5, 45_000), (5, 45_000));
    assert_eq!(rule.test(&lax, &facts).unwrap_err().code(), "plugin.result_law");
    assert!(rule.test_under(&lax, &facts, LawFloor::Overridden).unwrap().met);
    let stricter = context(&rule, json!({ "participation": "3/4" }));
    assert!(!rule.test(&stricter, &facts).unwrap().met);
}

#[test]
fn numbers_that_contradict_each_other_stop_with_a_sentence() {
    let rule = loaded(VOTE);
    let error = rule.test(&context(&rule, json!({})), &facts("use", (9, 90_000), (10, 1), (1, 1))).unwrap_err();
    assert_eq!(error.zh(), "数据矛盾：participated.heads 大于它所属的总数。");
    let error = rule.test(&context(&rule, json!({})), &facts("recall", (9, 90_000), (6, 60_000), (5, 50_000))).unwrap_err();
    assert_eq!(error.code(), "plugin.needs_person");
    let undeclared = json!({ "decision": "use", "name": "张三" });
    assert_eq!(Facts::new(points::VOTE_THRESHOLD, undeclared.as_object().unwrap().clone()).unwrap_err().code(), "plugin.result_domain");
    let few = Facts::new(points::VOTE_THRESHOLD, json!({ "decision": "use" }).as_object().unwrap().clone()).unwrap();
    assert_eq!(rule.test(&context(&rule, json!({})), &few).unwrap_err().code(), "plugin.missing_fact");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn the_guest_is_the_native_rule(
        raise: bool, heads in 1_i64..3_000, area in 1_i64..50_000_000, took in (0_i64..=100, 0_i64..=100), agreed in (0_i64..=100, 0_i64..=100),
    ) {
        let rule = loaded(VOTE);
        let took = (heads * took.0 / 100, area * took.1 / 100);
        let agreed = (took.0 * agreed.0 / 100, took.1 * agreed.1 / 100);
        let approves = |a: i64, p: i64| if raise { p > 0 && 4 * a >= 3 * p } else { 2 * a > p };
        let want = 3 * took.0 >= 2 * heads && 3 * took.1 >= 2 * area && approves(agreed.0, took.0) && approves(agreed.1, took.1);
        let verdict = rule.test(&context(&rule, json!({})), &facts(if raise { "raise" } else { "use" }, (heads, area), took, agreed)).unwrap();
        prop_assert_eq!(verdict.met, want);
    }
}
