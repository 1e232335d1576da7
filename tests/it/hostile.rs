//! What bad input gets: a problem document, nothing written, never a 500.
use serde_json::{Value, json};

use crate::{
    city::{BINHAI, City, TODAY, owner},
    server::{Server, Store},
    whole_case::{BUDGET, scheme_ready},
};

#[tokio::test]
async fn wrong_input_is_an_answer_that_says_what_to_do() {
    let server = Server::start(Store::Sqlite).await;
    let city = City::with_houses(&server, BINHAI).await;
    let (clerk, chair) = (city.as_("fund_clerk"), city.as_("chair"));

    // every wrong field at once, in the caller's language
    let slip = json!({ "house_id": "x", "amount": 1.5, "bank_date": "2027-02-30", "kind": "first", "nonsense": true });
    let answer = clerk.post("/fund/deposits", slip).await.is(422);
    let pointers: Vec<&str> = answer.body["errors"].as_array().expect("fields").iter().filter_map(|e| e["pointer"].as_str()).collect();
    for pointer in ["/house_id", "/amount", "/bank_date", "/nonsense"] {
        assert!(pointers.contains(&pointer), "{pointer} of {pointers:?}");
    }
    let english =
        clerk.call(reqwest::Method::POST, "/fund/deposits", Some(json!({})), &[("accept-language", "en"), ("idempotency-key", "k1")]).await;
    assert!(english.is(422).text_at("/detail").is_ascii());

    // not JSON, wrong media type, unknown address, wrong method, hostile ids and queries
    let not_json =
        clerk.call(reqwest::Method::POST, "/fund/deposits", None, &[("content-type", "text/plain"), ("idempotency-key", "k2")]).await;
    assert!([400, 415, 422].contains(&not_json.status), "{}", not_json.text);
    clerk.get("/no/such/thing").await.refused(404, "not_found");
    clerk.call(reqwest::Method::PATCH, "/fund/deposits", Some(json!({})), &[]).await.refused(405, "method_not_allowed");
    for path in ["/fund/uses/1", "/fund/uses/%00", "/fund/uses/..%2f..", "/property/houses/'%20or%201=1"] {
        let answer = clerk.get(path).await;
        assert!([404, 400].contains(&answer.status), "{path}: {}", answer.text);
    }
    for query in ["page=0", "page=99999999999999999999", "page_size=100000", "page=-1", "page=x", "project_id=%27"] {
        let answer = clerk.get(&format!("/property/houses?{query}")).await;
        assert!(answer.status < 500, "{query}: {}", answer.text);
    }

    // the use: cost, scope, version, order of steps
    let path = scheme_ready(&city, "roof", BUDGET).await;
    let version = chair.get(&path).await.body["version"].clone();
    let quotation = city.paper("chair", "quotation").await;
    let scheme = |budget: &str, scope: Value| json!({ "budget": budget, "document_ids": [quotation], "items": [{ "name": "屋面", "amount": budget, "purpose": "roof", "scope": scope }] });
    let building = json!({ "kind": "building", "ids": [city.building] });
    chair
        .put_version(&format!("{path}/scheme"), &version, scheme("0.00", building.clone()))
        .await
        .refused(422, "fund.use.cost_not_positive");
    chair.put_version(&format!("{path}/scheme"), &version, scheme("-5.00", building)).await.is(422);
    let nowhere = json!({ "kind": "houses", "ids": [] });
    chair.put_version(&format!("{path}/scheme"), &version, scheme("5.00", nowhere)).await.refused(422, "fund.use.scope_empty");
    chair.put(&format!("{path}/scheme"), scheme("5.00", json!({ "kind": "project", "ids": [] }))).await.is(428);
    let early = chair.post(&format!("{path}/submission"), json!({})).await.refused(409, "fund.use.not_allowed");
    assert_eq!(early.body["state"], "scheme_ready");
    assert!(early.body["allowed_actions"].is_array());

    // the same key with another body; the same payment twice is in the whole case
    let key = uuid::Uuid::now_v7().to_string();
    let body = json!({ "surveyed_on": TODAY, "report": "再次勘查", "document_ids": [] });
    clerk.post_with_key("/fund/deposits", &key, body.clone()).await.is(422); // a refusal keeps no key
    let slip = |amount: &str| {
        json!({ "house_id": city.house("0401"), "kind": "supplement", "amount": amount, "bank_account_id": city.bank, "bank_date": "2026-11-12",
                "bank_serial": "KEY-1", "payer": "业主" })
    };
    let first = clerk.post_with_key("/fund/deposits", &key, slip("1.00")).await;
    if first.status == 201 {
        let again = clerk.post_with_key("/fund/deposits", &key, slip("1.00")).await.is(201);
        assert_eq!(first.body, again.body, "a replay answers the first answer");
        clerk.post_with_key("/fund/deposits", &key, slip("2.00")).await.refused(422, "idempotency.key_reused");
    }
}

#[tokio::test]
async fn a_name_and_number_of_somebody_else_bind_no_house_and_ten_tries_stop() {
    let server = Server::start(Store::Sqlite).await;
    let mut city = City::with_houses(&server, BINHAI).await;
    city.person("stranger", None, json!({}), "person", Some(owner(6))).await;
    let victim = json!({ "house_code": city.houses["0101"].1, "role": "owner", "name": owner(0)["name"], "id_type": "resident_id", "id_number": owner(0)["id_number"] });
    let mut stopped = false;
    for _ in 0..12 {
        let answer = city.as_("stranger").post("/property/bindings", victim.clone()).await;
        assert_ne!(answer.body["state"], "bound", "name and number alone are no secret: {}", answer.text);
        stopped |= answer.status == 429 || answer.status == 409;
    }
    assert!(stopped, "ten wrong tries stop");
    assert!(city.as_("stranger").get("/me/houses").await.is(200).items().is_empty());
}

#[tokio::test]
async fn a_flow_with_a_doctype_and_a_package_of_rubbish_are_refused() {
    let server = Server::start(Store::Sqlite).await;
    let mut city = City::empty(&server, BINHAI).await;
    city.official("flow_designer", "flow_designer", json!({ "scope_kind": "none" })).await;
    let flow = br#"<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e "x">]><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">&e;</definitions>"#;
    let document = city.as_("flow_designer").upload("other", "flow.xml", "application/xml", flow.to_vec()).await.is(201).id();
    city.as_("flow_designer").post("/workflow/definitions", json!({ "document_id": document })).await.refused(422, "workflow.xml_doctype");
    let strange = br#"<?xml version="1.0"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p" isExecutable="true"><startEvent id="s"/><complexGateway id="odd"/><endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="odd"/><sequenceFlow id="f2" sourceRef="odd" targetRef="e"/></process></definitions>"#;
    let document = city.as_("flow_designer").upload("other", "flow.xml", "application/xml", strange.to_vec()).await.is(201).id();
    let refused = city.as_("flow_designer").post("/workflow/definitions", json!({ "document_id": document })).await.is(422);
    assert!(refused.text.contains("odd"), "the error names the element: {}", refused.text);
}

#[tokio::test]
async fn five_wrong_passwords_lock_the_account_and_an_unknown_one_answers_the_same() {
    let server = Server::start(Store::Sqlite).await;
    let city = City::empty(&server, BINHAI).await;
    let wrong = |login: &str| json!({ "login_name": login, "password": "wrong-password-1" });
    let known = city.api.post("/sessions", wrong(&city.logins["fund_clerk"].0)).await.refused(401, "identity.login_failed");
    let unknown = city.api.post("/sessions", wrong("nobody.at.all")).await.refused(401, "identity.login_failed");
    assert_eq!(known.body["detail"], unknown.body["detail"]);
    for _ in 0..5 {
        city.api.post("/sessions", wrong(&city.logins["fund_clerk"].0)).await;
    }
    let (login_name, password) = &city.logins["fund_clerk"];
    let locked = city.api.post("/sessions", json!({ "login_name": login_name, "password": password })).await;
    assert!([401, 423, 429].contains(&locked.status), "{}", locked.text);
}
