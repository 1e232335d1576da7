//! One approval of a flow step that a person step follows (no service task): the whole request, against the readiness probe, which
//! is a round trip with a trivial query.
use std::time::Instant;

use serde_json::json;

use crate::{
    city::{City, TODAY},
    client::Client,
    report::{line, percentile},
    server::Server,
};

const USES: usize = 10;

pub async fn run(city: &City, server: &Server) {
    let uses = in_review(city).await;
    let clerk = city.as_("fund_clerk");
    let mut times = Vec::new();
    let tasks = clerk.get("/workflow/tasks?view=todo&page_size=100").await.is(200);
    for task in tasks.items().iter().filter(|t| t["node"] == "first_review") {
        let path = format!("/workflow/tasks/{}", task["id"].as_str().expect("an id"));
        if task["assignee"].is_null() {
            clerk.post(&format!("{path}/claim"), json!({})).await.is(200);
        }
        let started = Instant::now();
        clerk.post(&format!("{path}/approval"), json!({ "opinion": "同意" })).await.is(200);
        times.push(started.elapsed());
    }
    assert_eq!(times.len(), uses.len(), "a task a use");
    let probe = Client::new(&server.base);
    let mut round_trips = Vec::new();
    for _ in 0..200 {
        let started = Instant::now();
        probe.get("/readyz").await.is(200);
        round_trips.push(started.elapsed());
    }
    let what = format!("approval step without service task over HTTP, SQLite, median of {USES}");
    line(&what, percentile(&mut times, 0.5), "ms", "GET /readyz", percentile(&mut round_trips, 0.5));
}

/// Small works of the same building, all taken to the review; the clock moves once for all.
async fn in_review(city: &City) -> Vec<String> {
    let chair = city.as_("chair");
    let mut uses = Vec::new();
    for n in 0..USES {
        let propose = json!({
            "project_id": city.project, "kind": "ordinary", "title": format!("1号楼小修{n}"), "part": "roof", "cause": "渗漏",
            "exclusions_denied": true, "document_ids": [city.paper("chair", "scheme").await],
        });
        let path = format!("/fund/uses/{}", chair.post("/fund/uses", propose).await.is(201).id());
        let survey = json!({ "surveyed_on": TODAY, "report": "属实", "document_ids": [city.paper("chair", "survey_report").await] });
        chair.post(&format!("{path}/survey"), survey).await.is(200);
        let version = chair.get(&path).await.is(200).body["version"].clone();
        let scheme = json!({
            "budget": "100.00", "document_ids": [city.paper("chair", "quotation").await],
            "items": [{ "name": "小修", "amount": "100.00", "purpose": "roof", "scope": { "kind": "building", "ids": [city.building] } }],
        });
        chair.put_version(&format!("{path}/scheme"), &version, scheme).await.is(200);
        chair.post(&format!("{path}/allocation"), json!({})).await.is(200);
        let vote = json!({ "opens_on": TODAY, "closes_on": "2026-11-23", "channel": "paper" });
        chair.post(&format!("{path}/vote"), vote).await.is(200);
        uses.push(path);
    }
    city.clock("2026-11-23T16:30:00Z").await;
    for path in &uses {
        let all = json!({ "heads": 7, "area": "703.24" });
        let none = json!({ "heads": 0, "area": "0.00" });
        let result = json!({
            "participated": all, "agreed": all, "against": none, "abstained": none,
            "document_ids": [city.paper("chair", "vote_record").await],
        });
        chair.post(&format!("{path}/vote-result"), result).await.is(200).has("/state", "vote_passed");
        let photo = city.paper("chair", "publicity_photo").await;
        let posting = json!({ "from": "2026-11-24", "places": ["小区公告栏"], "document_ids": [photo] });
        chair.post(&format!("{path}/publicity"), posting).await.is(200);
    }
    city.clock("2026-12-01T16:30:00Z").await;
    for path in &uses {
        chair.post(&format!("{path}/submission"), json!({})).await.is(200).has("/state", "in_review");
    }
    uses
}
