//! A city's rule that misbehaves stops its case with an incident; it never yields a silent default.
use serde_json::{Value, json};

use crate::{
    city::{BINHAI, City, TODAY},
    server::{Server, Store},
    whole_case::{BUDGET, scheme_ready},
};

/// Uploads the rule of the test corpus and binds it, in `mode`, to the allocation.
async fn bind(city: &City, digest: &str, mode: &str) {
    let proposal =
        json!({ "point": "allocation.weights", "digest": digest, "params": { "mode": mode }, "valid_from": TODAY, "reason": "试验" });
    let binding = city.as_("rule_manager").post("/plugins/bindings", proposal).await.is(201);
    let path = format!("/plugins/bindings/{}/approval", binding.id());
    city.as_("rule_manager").post(&path, json!({})).await.is(403);
    city.as_("second_manager").post(&path, json!({})).await.is(200);
}

async fn incidents(city: &City) -> Vec<Value> {
    for _ in 0..40 {
        let found = city.as_("rule_manager").get("/plugins/incidents").await.is(200);
        if !found.items().is_empty() {
            return found.items().clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await; // the row is written once the case's own step has rolled back
    }
    Vec::new()
}

#[tokio::test]
async fn a_rule_out_of_fuel_or_with_a_wrong_sum_stops_the_case_with_an_incident() {
    let server = Server::start(Store::Sqlite).await;
    let mut city = City::with_houses(&server, BINHAI).await;
    for who in ["rule_manager", "second_manager", "uploader"] {
        city.official(who, "rule_manager", json!({ "scope_kind": "none" })).await;
    }
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../plugins/hostile/cn.linli.test.bad-allocation-1.0.0.linli-plugin");
    let package = std::fs::read(file).expect("the corpus is in the repository");
    let uploaded = city.as_("uploader").upload_to("/plugins/packages", "bad.linli-plugin", package).await.is(201);
    let digest = uploaded.text_at("/digest");
    for (mode, code) in [("loop", "plugin.fuel"), ("wrong_sum", "plugin.result_sum")] {
        bind(&city, &digest, mode).await;
        let path = scheme_ready(&city, "roof", BUDGET).await;
        city.as_("chair").post(&format!("{path}/allocation-preview"), json!({})).await.refused(409, code);
        city.as_("chair").post(&format!("{path}/allocation"), json!({})).await.refused(409, code);
        city.as_("chair").get(&path).await.is(200).has("/state", "scheme_ready");
        let known = incidents(&city).await;
        assert!(known.iter().any(|i| i["code"] == code), "an incident {code}: {known:?}");
    }
    let rubbish = city.as_("uploader").upload_to("/plugins/packages", "x.linli-plugin", b"PK\x03\x04 not a package".to_vec()).await.is(422);
    assert!(rubbish.text_at("/code").starts_with("plugin."), "{}", rubbish.text);
}
