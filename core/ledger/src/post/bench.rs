//! Measurements, for a quiet machine: `cargo test -p linli-ledger --release --lib post::bench -- --ignored --nocapture` with
//! `LINLI_TEST_POSTGRES`. What decides is the ratio to plain SQL of the same shape in the same run.
use std::{sync::Arc, time::Instant};

use linli_kernel::{AccountId, EventId, FundAccountId, Money, PostingId};
use linli_runtime::{Key, Sql, transact, values};
use uuid::Uuid;

use super::{Draft, Posting, PostingCode, write};
use crate::{
    AccountKind, BankLine, Bucket, FundLine, accounts,
    testing::{Books, HOME, day, new_account},
};

const CLIENTS: usize = 16;
const EACH: usize = 200;

async fn households(b: &Books, count: usize) -> Vec<FundAccountId> {
    let project = b.project;
    b.tx(async |tx| {
        let new: Vec<_> = (0..count).map(|_| new_account(AccountKind::Household, project)).collect();
        Ok(accounts::open(tx, &new).await?.into_iter().map(|a| a.id).collect::<Vec<_>>())
    })
    .await
    .unwrap()
}

fn deposit(b: &Books, id: FundAccountId, serial: String) -> Posting {
    let line = FundLine { fund_account_id: id, bucket: Bucket::Principal, amount: Money(100), summary: "交存".into(), formula: None };
    Posting {
        lines: vec![line],
        bank: Some(BankLine { bank_account_id: b.bank, amount: Money(100), bank_serial: serial }),
        ..b.posting(PostingCode::Mf01, Vec::new(), Some(("1.00", "")))
    }
}

/// One posting as the program does it: idempotency row, the three books, the event.
async fn ours(b: &Books, id: FundAccountId, serial: String) {
    let draft = Draft::of(deposit(b, id, serial));
    transact(&b.db, &b.env, "bench.post", &Key::default(), async |tx| write(tx, HOME, vec![draft]).await).await.unwrap();
}

/// The same rows in the same tables by somebody who writes SQL by hand: one statement a table, no rule, no check, no seal.
async fn plain(b: &Books, id: FundAccountId, serial: String) {
    let (posting, event, subject) = (PostingId::new(), EventId::new(), Uuid::now_v7());
    let text = "0".repeat(64);
    let tx = b.db.begin().await.unwrap();
    let run = async |sql: &str, values: Vec<sea_orm::Value>| {
        tx.exec(sql, values).await.unwrap();
    };
    run(
        "insert into idempotency (account_id, operation, key, digest, answer, forever, at) values ($1, 'plain', $2, '', '', false, 0)
         on conflict (account_id, operation, key) do nothing",
        values![Uuid::nil(), Uuid::now_v7().to_string()],
    )
    .await;
    let seq: Option<i64> = tx
        .scalar("update fund_account set principal = principal + 100, seq = seq + 1 where id = $1 returning seq as v", values![id])
        .await
        .unwrap();
    let seq = seq.unwrap();
    run(
        "insert into posting (id, posting_no, source, code, origin_code, pool_code, set_code, voucher_code, voucher_kind, accounting_on,
           value_date, bank_date, amount, lines, subject_kind, subject_id, maker, checker, posted_at, area_path, project_id, seal,
           journal_seal)
         values ($1, $2, $3, 'MF01', 'MF01', '01', 'SP01', 'SF01', 'receipt', $4, $4, $4, 100, 1, 'fund.deposit', $5, $6, $7, 0, '37/3799/',
           $8, $9, $9)",
        values![
            posting,
            posting.to_string(),
            format!("MF01:plain:{subject}"),
            day("2026-11-23"),
            subject,
            AccountId::new(),
            AccountId::new(),
            b.project,
            text.as_str()
        ],
    )
    .await;
    run(
        "insert into fund_entry (fund_account_id, seq, posting_id, line, origin_code, bucket, amount, balance_after, summary, project_id,
           area_path)
         values ($1, $2, $3, 1, 'MF01', 'principal', 100, $4, '交存', $5, '37/3799/')",
        values![id, seq, posting, seq * 100, b.project],
    )
    .await;
    run(
        "insert into bank_entry (posting_id, bank_account_id, amount, bank_date, bank_serial) values ($1, $2, 100, $3, $4)",
        values![posting, b.bank, day("2026-11-23"), serial.as_str()],
    )
    .await;
    run("insert into bank_claim (posting_id, bank_account_id, bank_serial) values ($1, $2, $3)", values![posting, b.bank, serial.as_str()])
        .await;
    run(
        "insert into gl_line (posting_id, line, set_code, account_code, project_id, bank_account_id, debit, credit, summary)
         values ($1, 1, 'SP01', '1002', null, $2, 100, 0, '交存'), ($1, 2, 'SP01', '3001', $3, null, 0, 100, '交存')",
        values![posting, b.bank, b.project],
    )
    .await;
    run(
        "insert into event (id, at, kind, subject, subject_kind, subject_id, role, request_id, area_path, project_id, data, digest)
         values ($1, 0, 'ledger.posting.posted', $2, 'ledger.posting', $3, 'system', 'bench', '37/3799/', $4, $5, $6)",
        values![
            event,
            format!("ledger.posting/{posting}"),
            posting,
            b.project,
            format!("{{\"text\":\"{}\"}}", text.repeat(8)),
            text.as_str()
        ],
    )
    .await;
    run("insert into event_queue (event_id) values ($1)", values![event]).await;
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement, for a quiet machine"]
async fn postings_a_second_at_sixteen_clients() {
    let Some(b) = crate::testing::postgres().await else { return };
    let ids = Arc::new(households(&b, CLIENTS * 100).await);
    let b = Arc::new(b);
    let mut best = [0.0_f64; 2];
    for round in 0..8_usize {
        let started = Instant::now();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|w| {
                let (b, ids) = (b.clone(), ids.clone());
                tokio::spawn(async move {
                    for n in 0..EACH {
                        let (id, serial) = (ids[w * 100 + n % 100], format!("R{round}-{w}-{n}"));
                        match round % 2 {
                            0 => plain(&b, id, serial).await,
                            _ => ours(&b, id, serial).await,
                        }
                    }
                })
            })
            .collect();
        for client in clients {
            client.await.unwrap();
        }
        let rate = (CLIENTS * EACH) as f64 / started.elapsed().as_secs_f64();
        println!("{}: {rate:.0} a second", if round % 2 == 0 { "plain SQL" } else { "postings " });
        best[round % 2] = best[round % 2].max(rate);
    }
    println!("postings / plain SQL, best of four: {:.0} / {:.0} = {:.2}", best[1], best[0], best[1] / best[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement, for a quiet machine"]
async fn ten_thousand_deposits_of_an_import() {
    for b in crate::testing::stores("bulk").await {
        let ids = households(&b, 10_000).await;
        for (round, chunk) in [2_000, 500].into_iter().enumerate() {
            let started = Instant::now();
            for (c, ids) in ids.chunks(chunk).enumerate() {
                let drafts: Vec<Draft> =
                    ids.iter().enumerate().map(|(n, id)| Draft::of(deposit(&b, *id, format!("T{round}-{c}-{n}")))).collect();
                transact(&b.db, &b.env, "bench.import", &Key::default(), async |tx| write(tx, HOME, drafts).await).await.unwrap();
            }
            println!("{:?}: 10,000 postings in chunks of {chunk}: {:?}", b.db.backend(), started.elapsed());
        }
        assert!(b.broken().await.is_empty(), "{:?}", b.proof().await);
    }
}
