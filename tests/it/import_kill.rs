//! kill -9 in the middle of an import: it goes on after its last chunk, and every row is written once.
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{
    city::{BINHAI, City},
    server::{Server, Store},
    tables,
};

/// Three chunks.
const ROWS: usize = 5_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_killed_between_its_chunks_goes_on_and_writes_each_row_once() {
    for store in Store::all() {
        let mut server = Server::start(store).await;
        let city = City::with_houses(&server, BINHAI).await;
        let before = city.fund().await;

        let csv = tables::houses(&city.area("01200012"), ROWS).into_bytes();
        let id = city.import("fund_clerk", "T1", "houses.csv", csv, json!({})).await.id();
        let done = killed_half_way(&mut server, &city, &id, "data_steward", "/created/houses").await;
        assert_eq!(done["created"]["houses"], ROWS, "{done}");
        assert_eq!(done["created"]["accounts"], ROWS, "{done}");
        assert_eq!(done["created"]["persons"], ROWS, "{done}");
        let houses = city.as_("fund_clerk").get(&format!("/property/houses?project_id={}&page_size=1", city.project)).await.is(200);
        assert_eq!(houses.body["total"], ROWS + city.houses.len(), "{}", houses.text);

        let more = json!({ "project_id": city.project, "bank_account_id": city.bank });
        let id = city.import("fund_clerk", "T2", "deposits.csv", tables::deposits(ROWS).into_bytes(), more).await.id();
        let done = killed_half_way(&mut server, &city, &id, "fund_reviewer", "/posted").await;
        assert_eq!(done["posted"], ROWS, "{done}");
        let fen = |text: String| text.replace('.', "").parse::<i64>().expect("money");
        let gained = fen(city.fund().await.text_at("/balance")) - fen(before.text_at("/balance"));
        assert_eq!(gained, ROWS as i64 * 3_000_000, "30,000.00 a house, each once");
        let proof = city.as_("fin_checker").get("/ledger/proof?pool_code=01").await.is(200);
        assert_eq!(proof.body["ok"], true, "{}", proof.text);
    }
}

/// Commits; kills the server when the first chunk is there and starts it again. Answers the committed import.
async fn killed_half_way(server: &mut Server, city: &City, id: &str, committer: &str, count: &str) -> Value {
    let path = format!("/fund/imports/{id}");
    city.as_(committer).post(&format!("{path}/commit"), json!({})).await.is(202);
    let seen = until(city, &path, |import| import.pointer(count).and_then(Value::as_u64).is_some_and(|n| n > 0)).await;
    assert_eq!(seen["state"], "committing", "the kill comes between the chunks: {seen}");
    server.kill();
    server.restart().await;
    until(city, &path, |import| import["state"] != "committing").await
}

async fn until(city: &City, path: &str, reached: impl Fn(&Value) -> bool) -> Value {
    let limit = Instant::now() + Duration::from_secs(120);
    while Instant::now() < limit {
        let import = city.as_("fund_clerk").get(path).await.is(200);
        if reached(&import.body) {
            return import.body;
        }
        tokio::time::sleep(Duration::from_millis(10)).await; // a job has no end that a caller can await
    }
    panic!("the import did not get on in two minutes");
}
