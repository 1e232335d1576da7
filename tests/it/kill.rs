//! kill -9 in the middle of payments: what was acknowledged exists once, what was not exists at most once, the books hold.
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use reqwest::Method;
use serde_json::json;

use crate::{
    city::{BINHAI, City},
    server::{Server, Store},
};

/// Twenty in `make test`, two hundred in `make nightly`.
#[allow(clippy::disallowed_methods)] // the test's own setting
fn kills() -> usize {
    if std::env::var_os("LINLI_LONG").is_some() { 200 } else { 20 }
}

/// A slip that was sent: its key, and whether an answer came.
struct Sent {
    key: String,
    serial: String,
    deposit: Option<String>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_in_the_middle_of_deposits_lose_and_double_nothing() {
    for store in Store::all() {
        let mut server = Server::start(store).await;
        let mut city = City::with_houses(&server, BINHAI).await;
        let before = city.fund().await.text_at("/balance");
        let log: Arc<Mutex<Vec<Sent>>> = Arc::default();
        let mut confirmed = 0_i64;
        for round in 0..kills() {
            let (clerk, reviewer) = (city.as_("fund_clerk").clone(), city.as_("fund_reviewer").clone());
            let (house, bank, writer) = (city.house("0101").to_owned(), city.bank.clone(), log.clone());
            let work = tokio::spawn(async move {
                for n in 0..1_000 {
                    let (key, serial) = (uuid::Uuid::now_v7().to_string(), format!("K{round}-{n}"));
                    let body = json!({ "house_id": house, "kind": "supplement", "amount": "0.01", "bank_account_id": bank,
                        "bank_date": "2026-11-12", "bank_serial": serial, "payer": "业主" });
                    writer.lock().expect("one thread at a time").push(Sent { key: key.clone(), serial: serial.clone(), deposit: None });
                    let Ok(made) = clerk.try_call(Method::POST, "/fund/deposits", Some(body), &[("idempotency-key", &key)]).await else {
                        return;
                    };
                    assert_eq!(made.status, 201, "{}", made.text);
                    if let Some(last) = writer.lock().expect("one thread at a time").last_mut() {
                        last.deposit = Some(made.id());
                    }
                    let path = format!("/fund/deposits/{}/confirmation", made.id());
                    let Ok(posted) =
                        reviewer.try_call(Method::POST, &path, Some(json!({})), &[("idempotency-key", &format!("c{key}"))]).await
                    else {
                        return;
                    };
                    assert_eq!(posted.status, 200, "{}", posted.text);
                }
            });
            tokio::time::sleep(Duration::from_millis(40 + 17 * (round as u64 % 20))).await; // the kill comes at another instruction each round
            server.kill();
            work.await.expect("the client ends with the server");
            server.restart().await;
            // the client repeats with the same keys, as it should: everything must settle to exactly one deposit and one posting
            let repeat: Vec<Sent> = std::mem::take(&mut *log.lock().expect("one thread at a time"));
            for sent in &repeat {
                let body = json!({ "house_id": city.house("0101"), "kind": "supplement", "amount": "0.01", "bank_account_id": city.bank,
                    "bank_date": "2026-11-12", "bank_serial": sent.serial, "payer": "业主" });
                let made = city.as_("fund_clerk").post_with_key("/fund/deposits", &sent.key, body).await.is(201);
                if let Some(first) = &sent.deposit {
                    assert_eq!(&made.id(), first, "an acknowledged deposit is the same one");
                }
                let path = format!("/fund/deposits/{}/confirmation", made.id());
                city.as_("fund_reviewer").post_with_key(&path, &format!("c{}", sent.key), json!({})).await.is(200);
                confirmed += 1;
            }
        }
        let fen = |text: &str| text.replace('.', "").parse::<i64>().expect("money");
        assert_eq!(fen(&city.fund().await.text_at("/balance")), fen(&before) + confirmed, "one fen a deposit, each once");
        assert!(confirmed >= kills() as i64, "the kills came while work was done");
        let proof = city.as_("fin_checker").get("/ledger/proof?pool_code=01").await.is(200);
        assert_eq!(proof.body["ok"], true, "{}", proof.text);
        for _ in 0..40 {
            let verified = city.as_("audit_admin").post("/audit/verification", json!({})).await.is(200);
            if verified.body["ok"] == true {
                break;
            }
            tokio::time::sleep(Duration::from_millis(250)).await; // the sequencer is at most five seconds behind
        }
        city.as_("audit_admin").post("/audit/verification", json!({})).await.is(200).has("/ok", true);
        city.sign_in("fund_clerk").await;
    }
}
