//! A house table (T1) and a deposit table (T2) of 10,000 rows over HTTP: dry run and commit, as clerk and steward do it.
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{
    city::{City, TODAY},
    plain::Plain,
    report::line,
    server::Store,
    tables::{deposits, houses},
};

const ROWS: usize = 10_000;
/// Tables that a row of a table ends up in: person, house, ownership, account, fund house.
const HOUSE_TABLES: usize = 5;
/// Deposit, posting, entry, bank entry, claim, two journal lines, two events with their places in the queue.
const DEPOSIT_TABLES: usize = 11;

pub async fn run(city: &City, store: Store) -> anyhow::Result<()> {
    let plain = Plain::new(store).await?;
    let t1 = (houses(&city.area("01200012"), ROWS), json!({}), "data_steward");
    let more = json!({ "project_id": city.project, "bank_account_id": city.bank });
    let t2 = (deposits(ROWS), more, "fund_reviewer");
    for (template, (csv, more, committer), tables) in [("T1", t1, HOUSE_TABLES), ("T2", t2, DEPOSIT_TABLES)] {
        let (checked, committed) = import(city, template, csv.into_bytes(), more, committer).await;
        let base = plain.inserts(tables, ROWS).await?;
        let what = format!(
            "import of 10,000 rows {template} over HTTP, {store:?} (check {:.1} s + commit {:.1} s)",
            checked.as_secs_f64(),
            committed.as_secs_f64()
        );
        let baseline = format!("{tables} × 10,000 plain rows in one transaction");
        line(&what, (checked + committed).as_secs_f64(), "s", &baseline, base);
    }
    plain.drop().await
}

async fn import(city: &City, template: &str, bytes: Vec<u8>, more: Value, committer: &str) -> (Duration, Duration) {
    let clerk = city.as_("fund_clerk");
    let document = clerk.upload("import", "table.csv", "text/csv", bytes).await.is(201).id();
    let mut body = json!({ "template": template, "document_id": document, "business_date": TODAY, "row_policy": "all" });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    let started = Instant::now();
    let id = clerk.post("/fund/imports", body).await.is(202).text_at("/import/id");
    let found = until(city, &id, "checked").await;
    let checked = started.elapsed();
    if found["error_rows"] != 0 {
        let errors = clerk.get(&format!("/fund/imports/{id}/errors?page_size=3")).await;
        panic!("the bench's own table has errors: {}", errors.text);
    }
    let started = Instant::now();
    city.as_(committer).post(&format!("/fund/imports/{id}/commit"), json!({})).await.is(202);
    until(city, &id, "committed").await;
    (checked, started.elapsed())
}

async fn until(city: &City, id: &str, state: &str) -> Value {
    let limit = Instant::now() + Duration::from_secs(300);
    loop {
        let import = city.as_("fund_clerk").get(&format!("/fund/imports/{id}")).await.is(200);
        match import.body["state"].as_str() {
            Some(now) if now == state => return import.body,
            Some("failed" | "cancelled") => panic!("the import ended badly: {}", import.text),
            _ if Instant::now() > limit => panic!("the import did not end: {}", import.text),
            _ => tokio::time::sleep(Duration::from_millis(20)).await, // a job has no end that a caller can await
        }
    }
}
