//! A measurement, for a quiet machine: `cargo test -p linli-ledger --release --lib post::bench -- --ignored --nocapture` with
//! `LINLI_TEST_POSTGRES`. Postings against plain SQL of the same shape are measured by `linli-bench`.
use std::time::Instant;

use linli_kernel::{FundAccountId, Money};
use linli_runtime::{Key, transact};

use super::{Draft, Posting, PostingCode, write};
use crate::{
    AccountKind, BankLine, Bucket, FundLine, accounts,
    testing::{Books, HOME, new_account},
};

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
