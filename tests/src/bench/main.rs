//! `linli-bench`: how fast the built program is, each figure beside a baseline of the same run on the same machine. What decides is
//! the ratio; nothing is asserted about time. Needs `linli` beside itself; PostgreSQL where `LINLI_TEST_POSTGRES` names one.
//!
//! `linli-bench allocation imports ledger balances approvals start` runs the named parts only.
mod allocation;
mod approvals;
mod balances;
mod imports;
mod ledger;
mod plain;
mod report;
mod start;

// The harness of the over-HTTP tests: a demo of its own, a caller from outside, a city made through the API.
#[path = "../../it/city.rs"]
#[allow(dead_code)] // the tests use more of it
mod city;
#[path = "../../it/client.rs"]
#[allow(dead_code)]
mod client;
#[path = "../../it/server.rs"]
#[allow(dead_code)]
mod server;
#[path = "../../it/tables.rs"]
mod tables;

use std::sync::Arc;

use city::{BINHAI, City};
use server::{Server, Store};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |part: &str| asked.is_empty() || asked.iter().any(|a| a == part);
    report::head();
    if wanted("allocation") {
        allocation::run()?;
    }
    if wanted("ledger") {
        ledger::run().await?;
    }
    let over_http = ["imports", "balances", "approvals", "start"];
    for store in Store::all() {
        let first = store == Store::Sqlite;
        let needed = wanted("imports") || (first && over_http.iter().any(|part| wanted(part)));
        if !needed {
            continue;
        }
        let mut server = Server::start(store).await;
        let bare = if first && wanted("start") { Some(start::idle_after_start(&mut server).await?) } else { None };
        let city = Arc::new(City::with_houses(&server, BINHAI).await);
        if first && wanted("approvals") {
            approvals::run(&city, &server).await;
        }
        if wanted("imports") {
            imports::run(&city, store).await?;
        }
        if first && wanted("balances") {
            balances::run(&city).await;
        }
        if let Some(bare) = bare {
            start::run(&mut server, bare).await?;
        }
    }
    Ok(())
}
