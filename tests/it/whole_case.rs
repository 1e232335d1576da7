//! One use of the fund from the proposal to the archive, in both cities, on both stores, with the figures of maintenance-fund E2.
use serde_json::{Value, json};

use crate::{
    city::{BINHAI, City, HOUSES, Plan, SHANHE, TODAY},
    client::Answer,
    server::{Server, Store},
};

pub const BUDGET: &str = "123456.78";
/// Share, advance share at 50 %, final share, last payment, hold released of E2 (area proportional).
const E2: [(&str, &str, &str, &str, &str, &str); 7] = [
    ("0101", "15722.64", "7861.32", "15027.70", "7166.38", "694.94"),
    ("0102", "21124.44", "10562.22", "20190.75", "9628.53", "933.69"),
    ("0201", "13180.61", "6590.31", "12598.03", "6007.72", "582.58"),
    ("0202", "25141.13", "12570.56", "24029.89", "11459.33", "1111.24"),
    ("0301", "17274.54", "8637.27", "16511.01", "7873.74", "763.53"),
    ("0302", "19310.97", "9655.49", "18457.42", "8801.93", "853.55"),
    ("0401", "11702.45", "5851.22", "11185.20", "5333.98", "517.25"),
];

/// The chair's proposal, surveyed, with its scheme over the building.
pub async fn scheme_ready(city: &City, purpose: &str, budget: &str) -> String {
    let chair = city.as_("chair");
    let propose = json!({
        "project_id": city.project, "kind": "ordinary", "title": "1号楼大修", "part": "lift", "cause": "检验不合格",
        "exclusions_denied": true, "document_ids": [city.paper("chair", "scheme").await],
    });
    let path = format!("/fund/uses/{}", chair.post("/fund/uses", propose).await.is(201).has("/state", "proposed").id());
    let survey = json!({ "surveyed_on": TODAY, "report": "现场勘查属实", "document_ids": [city.paper("chair", "survey_report").await] });
    chair.post(&format!("{path}/survey"), survey).await.is(200).has("/state", "surveyed");
    let version = chair.get(&path).await.is(200).body["version"].clone();
    let scheme = json!({
        "budget": budget, "document_ids": [city.paper("chair", "quotation").await],
        "items": [{ "name": "大修", "amount": budget, "purpose": purpose, "scope": { "kind": "building", "ids": [city.building] } }],
    });
    chair.put_version(&format!("{path}/scheme"), &version, scheme).await.is(200).has("/state", "scheme_ready");
    path
}

/// Allocated, voted by all, publicised; the clock then stands after the publicity. `days` from 2026-11-16 on.
pub async fn publicised(city: &City, path: &str) {
    let chair = city.as_("chair");
    let vote = json!({ "opens_on": TODAY, "closes_on": "2026-11-23", "channel": "paper" });
    let opened = chair.post(&format!("{path}/vote"), vote).await.is(200).has("/state", "voting");
    assert_eq!(opened.body["vote"]["totals"], json!({ "heads": 7, "area": "703.24" }), "E4b: 7 heads, 703.24 m²");
    assert_eq!(opened.body["vote"]["needs"], json!({ "heads": 5, "area": "468.83" }), "E4b: 5 heads and 468.83 m²");
    city.clock("2026-11-23T16:30:00Z").await;
    let all = json!({ "heads": 5, "area": "561.50" });
    let result = json!({
        "participated": all, "agreed": { "heads": 3, "area": "297.96" }, "against": { "heads": 2, "area": "263.54" },
        "abstained": { "heads": 0, "area": "0.00" }, "document_ids": [city.paper("chair", "vote_record").await],
    });
    chair.post(&format!("{path}/vote-result"), result).await.is(200).has("/state", "vote_passed").has("/vote/result", "passed");
    let posting = json!({ "from": "2026-11-24", "places": ["小区公告栏"], "document_ids": [city.paper("chair", "publicity_photo").await] });
    let publicity = chair.post(&format!("{path}/publicity"), posting).await.is(200).has("/state", "publicised");
    assert_eq!(publicity.text_at("/publicity/until"), "2026-12-01", "seven days after the posting, a working day");
    chair.post(&format!("{path}/submission"), json!({})).await.refused(409, "fund.use.publicity_open");
    city.clock("2026-12-01T16:30:00Z").await;
}

/// Claims and approves the only task of `who`.
pub async fn approve(city: &City, who: &str, node: &str) -> Answer {
    let tasks = city.as_(who).get("/workflow/tasks?view=todo").await.is(200);
    let task = tasks.items().iter().find(|t| t["node"] == node).unwrap_or_else(|| panic!("{who} has no task {node}: {}", tasks.text));
    let path = format!("/workflow/tasks/{}", task["id"].as_str().expect("an id"));
    if task["assignee"].is_null() {
        city.as_(who).post(&format!("{path}/claim"), json!({})).await.is(200);
    }
    city.as_(who).post(&format!("{path}/approval"), json!({ "opinion": "同意" })).await
}

pub async fn reviewed(city: &City, path: &str, steps: &[(&str, &str)]) {
    city.as_("chair").post(&format!("{path}/submission"), json!({})).await.is(200).has("/state", "in_review");
    let mut last = None;
    for (who, node) in steps {
        last = Some(approve(city, who, node).await.is(200));
    }
    last.expect("a city has at least one step").has("/instance/state", "completed").has("/subject/state", "filed");
}

pub const BINHAI_STEPS: &[(&str, &str)] =
    &[("fund_clerk", "first_review"), ("fund_reviewer", "second_review"), ("fund_approver", "approval")];
pub const SHANHE_STEPS: &[(&str, &str)] =
    &[("district_officer", "district_opinion"), ("street_officer", "street_opinion"), ("fund_approver", "approval")];

pub async fn contracted(city: &City, path: &str, amount: &str) {
    let contract = json!({
        "contractor": { "name": "华东电梯工程有限公司", "uscc": crate::city::uscc("91310000"), "bank": "CCB", "account_number": "31001588880050001234" },
        "amount": amount, "signed_on": "2026-12-02", "document_ids": [city.paper("chair", "contract").await],
    });
    city.as_("chair").post(&format!("{path}/contract"), contract).await.is(200).has("/state", "contracted");
}

/// Check, sign, send.
pub async fn sent(city: &City, order: &Value) {
    let path = format!("/ledger/payment-orders/{}", order["id"].as_str().expect("an id"));
    for (who, verb, state) in
        [("fund_reviewer", "check", "checked"), ("fund_approver", "signature", "signed"), ("fund_cashier", "sending", "sent")]
    {
        city.as_(who).post(&format!("{path}/{verb}"), json!({})).await.is(200).has("/state", state);
    }
}

pub fn confirmation(order: &Value, amount: &str, serial: &str) -> Value {
    json!({ "order_no": order["order_no"], "status": "paid", "amount": amount, "bank_serial": serial, "bank_date": "2026-12-02" })
}

pub async fn paid(city: &City, order: &Value, amount: &str) {
    sent(city, order).await;
    let body = confirmation(order, amount, &format!("P{}", uuid::Uuid::now_v7().simple()));
    let first = city.as_("bank").post("/ledger/bank-confirmations", body.clone()).await.is(200).has("/replayed", false);
    let again = city.as_("bank").post("/ledger/bank-confirmations", body).await.is(200).has("/replayed", true);
    assert_eq!(first.body["posting_no"], again.body["posting_no"], "the second confirmation posts nothing");
}

async fn from_proposal_to_archive(store: Store, plan: Plan<'_>, steps: &[(&str, &str)], advance: &str) {
    let server = Server::start(store).await;
    let city = City::with_houses(&server, plan).await;
    let chair = city.as_("chair");
    // works that are no lift weigh by area in both cities, so that E2's table holds for both
    let path = scheme_ready(&city, "roof", BUDGET).await;
    chair.post(&format!("{path}/allocation"), json!({})).await.is(200).has("/state", "allocated");
    let shares = chair.get(&format!("{path}/shares?page_size=200")).await.is(200);
    for (room, share, ..) in E2 {
        let row = shares.items().iter().find(|s| s["house_id"] == city.house(room)).expect("a share a house");
        assert_eq!(row["share"], share, "share of {room}");
        let raised = if room == "0201" { "4669.54" } else { "0.00" };
        assert_eq!(row["self_raised"], raised, "self-raised of {room}");
    }
    publicised(&city, &path).await;
    reviewed(&city, &path, steps).await;
    assert_eq!(city.fund().await.text_at("/held"), "118787.24", "E2: Σ from fund");
    contracted(&city, &path, BUDGET).await;

    let pay = |amount: &str, paper: String| json!({ "kind": "advance", "amount": amount, "document_ids": [paper] });
    let paper = city.paper("chair", "progress_proof").await;
    chair.post(&format!("{path}/payments"), pay("61728.40", paper.clone())).await.refused(422, "fund.use.over_advance_cap");
    let payment = chair.post(&format!("{path}/payments"), pay(advance, paper)).await.is(201);
    paid(&city, &payment.body["payment_order"], advance).await;
    chair.get(&path).await.is(200).has("/state", "advance_paid");
    chair.post(&format!("{path}/start"), json!({})).await.is(200);
    chair.post(&format!("{path}/completion"), json!({ "completed_on": "2026-12-02" })).await.is(200);
    let signed = json!({ "accepted_on": "2026-12-02", "signers": ["业主委员会"], "document_ids": [city.paper("chair", "acceptance_certificate").await] });
    chair.post(&format!("{path}/acceptance"), signed).await.is(200).has("/state", "accepted");
    let clerk = city.as_("fund_clerk");
    let audit = json!({ "auditor": "造价咨询", "audited_amount": "118000.00", "document_ids": [city.paper("fund_clerk", "cost_audit_report").await] });
    clerk.post(&format!("{path}/cost-audit"), audit).await.is(200).has("/state", "cost_audited");
    let posting = json!({ "from": "2026-12-02", "places": ["小区公告栏"] });
    clerk.post(&format!("{path}/settlement-publicity"), posting).await.is(200).has("/publicity/until", "2026-12-09");
    city.clock("2026-12-09T16:30:00Z").await;

    let settled = settle(&city, &path).await;
    for (room, _, advance_share, final_share, last, released) in E2 {
        let row = settled.body["final_shares"].as_array().expect("rows").iter().find(|r| r["house_id"] == city.house(room)).expect("a row");
        assert_eq!(row["final_share"], final_share, "final share of {room}");
        if advance == "61728.39" {
            assert_eq!(
                (row["paid_before"].as_str(), row["last"].as_str()),
                (Some(advance_share), Some(last)),
                "advance and last of {room}"
            );
        }
        if room != "0201" {
            assert_eq!(row["hold_released"], released, "hold released of {room}");
        }
    }
    let order = settled.body["payment_order"].clone();
    let fen = |text: &str| text.replace('.', "").parse::<i64>().expect("money");
    let rest = fen("118000.00") - fen(advance);
    paid(&city, &order, &format!("{}.{:02}", rest / 100, rest % 100)).await;
    chair.get(&path).await.is(200).has("/state", "settled");
    clerk.post(&format!("{path}/archiving"), json!({})).await.is(200).has("/state", "archived");

    let house = city.as_("owner").get("/me/houses").await.is(200);
    assert_eq!(house.items()[0]["fund_account"]["balance"], "3484.64", "18,512.34 − 15,027.70");
    let proof = city.as_("fin_checker").get("/ledger/proof?pool_code=01").await.is(200);
    assert_eq!(proof.body["ok"], true, "{}", proof.text);
}

/// H3 raises what its account lacks before the last payment: 12,598.03 − 8,511.07.
async fn settle(city: &City, path: &str) -> Answer {
    let id = path.rsplit('/').next().expect("an id");
    city.deposit("0201", "4086.96", "supplement", Some(id)).await.has("/code", "MF03");
    city.as_("fund_clerk").post(&format!("{path}/settlement"), json!({ "retention": "0.00" })).await.is(200)
}

#[tokio::test]
async fn city_one_takes_e2_from_proposal_to_archive() {
    for store in Store::all() {
        from_proposal_to_archive(store, BINHAI, BINHAI_STEPS, "61728.39").await;
    }
}

#[tokio::test]
async fn city_two_takes_it_through_its_joint_opinion_with_an_advance_of_three_tenths() {
    for store in Store::all() {
        from_proposal_to_archive(store, SHANHE, SHANHE_STEPS, "37037.03").await;
    }
}

#[tokio::test]
async fn a_lift_in_city_two_weighs_the_floor_and_spares_the_ground_floor() {
    let server = Server::start(Store::Sqlite).await;
    let city = City::with_houses(&server, SHANHE).await;
    let path = scheme_ready(&city, "lift", "1000.00").await;
    let preview = city.as_("chair").post(&format!("{path}/allocation-preview"), json!({})).await.is(200);
    let weights: Vec<(&str, i64)> = HOUSES
        .iter()
        .map(|(room, area, _)| {
            let area: i64 = area.replace('.', "").parse().expect("digits");
            let floor: i64 = room[1..2].parse().expect("a digit");
            (*room, if floor == 1 { 0 } else { area * (100 + 10 * (floor - 1)) })
        })
        .collect();
    for (room, weight) in weights {
        let row = preview.body["shares"].as_array().expect("shares").iter().find(|s| s["house_id"] == city.house(room)).expect("a row");
        assert_eq!(row["weight"], weight, "weight of {room}");
    }
    // Σ weights = 75.08×110 + 143.21×110 + 98.40×120 + 110.00×120 + 66.66×130 = 57,685.70; computed apart, by largest remainder
    let by_hand = [
        ("0101", "0.00"),
        ("0102", "0.00"),
        ("0201", "143.17"),
        ("0202", "273.08"),
        ("0301", "204.70"),
        ("0302", "228.83"),
        ("0401", "150.22"),
    ];
    for (room, share) in by_hand {
        let row = preview.body["shares"].as_array().expect("shares").iter().find(|s| s["house_id"] == city.house(room)).expect("a row");
        assert_eq!(row["share"], share, "share of {room}");
    }
}
