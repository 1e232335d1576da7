use std::collections::HashSet;

use linli_kernel::{AccountId, Money, PostingId};
use linli_runtime::{Sql, values};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    AccountKind, Bucket, FundLine, PostingCode as C, accounts, holds,
    holds::{HoldPart, NewHold},
    reverse,
    testing::{Books, HOME, new_account, on_every_store, yuan},
};

use super::{Draft, write};

#[derive(FromQueryResult)]
struct Turnover {
    account_code: String,
    debit: Money,
    credit: Money,
}

async fn trial(b: &Books) -> Vec<(String, String, String)> {
    let text = "select account_code, cast(sum(debit) as bigint) as debit, cast(sum(credit) as bigint) as credit from gl_line
                group by account_code order by account_code";
    let rows: Vec<Turnover> = b.db.reader().rows(text, values![]).await.unwrap();
    rows.into_iter().map(|t| (t.account_code, t.debit.to_string(), t.credit.to_string())).collect()
}

/// The month of finance §11 without the bond and without the period-end transfer.
#[tokio::test]
async fn the_worked_month_gives_the_turnovers_of_the_specification() {
    on_every_store("month", async |b: Books| {
        let p = |i: usize, amount: &str| b.line(i, Bucket::Principal, amount);
        let opening = vec![p(0, "20000.00"), p(1, "18200.00"), p(2, "11000.00"), b.line(4, Bucket::Income, "800.00")];
        b.post(b.posting(C::Mf27, opening, Some(("50000.00", "OPEN")))).await.unwrap();
        for (i, amount) in [(0, "7629.30"), (1, "10408.55"), (2, "6612.06")] {
            // E1's three deposits, together 24,649.91.
            b.deposit(i, amount, &format!("D{i}")).await.unwrap();
        }
        b.post(b.posting(C::Mf08, vec![p(0, "-117.64")], Some(("-117.64", "R1")))).await.unwrap();
        let shares = vec![p(0, "-1865.94"), p(1, "-2545.68"), p(2, "-1588.38")];
        b.post(b.posting(C::Mf14, shares, Some(("-6000.00", "P1")))).await.unwrap();
        b.post(b.posting(C::Mf19, vec![b.line(4, Bucket::Income, "145.67")], Some(("145.67", "I1")))).await.unwrap();
        b.post(b.posting(C::Mf17, vec![b.line(3, Bucket::Income, "3000.00")], Some(("3000.00", "X1")))).await.unwrap();
        let i = |n: usize, amount: &str| b.line(n, Bucket::Income, amount);
        b.post(b.posting(C::Mf22, vec![i(4, "-800.00"), i(0, "248.79"), i(1, "339.43"), i(2, "211.78")], None)).await.unwrap();
        let wrong = b.post(b.posting(C::Mf03, vec![p(1, "500.00")], Some(("500.00", "M1")))).await.unwrap();
        reverse_it(&b, wrong.id).await.unwrap();
        // The right posting of the same receipt: its serial is free again.
        b.post(b.posting(C::Mf03, vec![p(2, "500.00")], Some(("500.00", "M1")))).await.unwrap();

        let expected = [
            ("100101", "78295.58", "6117.64"), // opening 50,000.00 + 28,295.58; 16,117.64 less the bond of 10,000.00
            ("3001", "0.00", "50000.00"),      // opening 49,200.00 + 800.00 spread
            ("310101", "800.00", "800.00"),
            ("400101", "117.64", "25149.91"),
            ("410101", "0.00", "145.67"),
            ("420101", "0.00", "3000.00"),
            ("500101", "6000.00", "0.00"),
        ];
        let expected: Vec<_> = expected.iter().map(|(a, d, c)| ((*a).to_owned(), (*d).to_owned(), (*c).to_owned())).collect();
        assert_eq!(trial(&b).await, expected);
        let mut sums = Vec::new();
        for n in 0..3 {
            let (principal, income, _, _) = b.balances(n).await;
            sums.push(principal.try_add(income).unwrap());
        }
        assert_eq!(Money::sum(sums).unwrap(), yuan("69032.27"));
        assert!(b.broken().await.is_empty(), "{:?}", b.proof().await);
    })
    .await;
}

async fn reverse_it(b: &Books, id: PostingId) -> Result<crate::Posted, linli_kernel::Problem> {
    b.tx(async |tx| {
        let original = reverse::find(tx, id).await?;
        reverse::reverse_in(tx, HOME, original, "记错户", Some(AccountId::new()), Some(AccountId::new())).await
    })
    .await
}

#[tokio::test]
async fn a_number_has_the_day_the_pool_and_seven_digits() {
    on_every_store("number", async |b: Books| {
        assert_eq!(b.deposit(0, "1.00", "S1").await.unwrap().posting_no, "20261123010000001");
        assert_eq!(b.deposit(0, "1.00", "S2").await.unwrap().posting_no, "20261123010000002");
    })
    .await;
}

#[tokio::test]
async fn the_same_thing_is_posted_once_and_a_bank_serial_once() {
    on_every_store("once", async |b: Books| {
        let posting = b.posting(C::Mf01, vec![b.line(0, Bucket::Principal, "10.00")], Some(("10.00", "S1")));
        b.post(posting.clone()).await.unwrap();
        let mut again = posting.clone();
        again.bank.as_mut().unwrap().bank_serial = "S2".into();
        assert_eq!(b.post(again).await.unwrap_err().code(), "ledger.posting.duplicate");
        let other = b.posting(C::Mf01, vec![b.line(1, Bucket::Principal, "10.00")], Some(("10.00", "S1")));
        assert_eq!(b.post(other).await.unwrap_err().code(), "ledger.posting.duplicate_bank_serial");
        assert_eq!(b.balances(0).await, (yuan("10.00"), Money::ZERO, Money::ZERO, 1));
        assert_eq!(b.balances(1).await.3, 0);
    })
    .await;
}

#[tokio::test]
async fn what_may_not_be_posted_is_refused_and_leaves_no_trace() {
    on_every_store("refused", async |b: Books| {
        b.deposit(0, "10.00", "S0").await.unwrap();
        let p = |amount: &str| vec![b.line(0, Bucket::Principal, amount)];
        let code = async |posting| b.post(posting).await.unwrap_err().code().to_owned();
        assert_eq!(code(b.posting(C::Mf14, p("-10.01"), Some(("-10.01", "S1")))).await, "fund.insufficient_balance");
        assert_eq!(code(b.posting(C::Mf14, p("-5.00"), Some(("-5.01", "S1")))).await, "ledger.posting.unbalanced");
        assert_eq!(code(b.posting(C::Mf32, p("-5.00"), None)).await, "ledger.posting.unbalanced");
        assert_eq!(code(b.posting(C::Mf17, p("5.00"), Some(("5.00", "S1")))).await, "ledger.posting.no_map");
        assert_eq!(code(b.posting(C::Mf01, p("0.00"), Some(("0.00", "S1")))).await, "ledger.posting.zero_amount");
        let mut future = b.posting(C::Mf01, p("5.00"), Some(("5.00", "S1")));
        future.bank_date = Some(crate::testing::day("2026-11-24"));
        assert_eq!(code(future).await, "ledger.posting.future_date");
        let mut alone = b.posting(C::Mf01, p("5.00"), Some(("5.00", "S1")));
        alone.checker = alone.maker;
        assert_eq!(code(alone).await, "duty.same_person");
        let mut pool = b.posting(C::Mf01, p("5.00"), Some(("5.00", "S1")));
        pool.pool_code = "02".into();
        assert_eq!(code(pool).await, "ledger.posting.no_map");
        b.tamper(&["insert into period (set_code, month, state) values ('SP01', '2026-11', 'closed')"]).await;
        assert_eq!(code(b.posting(C::Mf01, p("5.00"), Some(("5.00", "S1")))).await, "ledger.period.closed");
        b.tamper(&["delete from period", "update fund_account set state = 'frozen'"]).await;
        assert_eq!(code(b.posting(C::Mf14, p("-5.00"), Some(("-5.00", "S1")))).await, "fund.account.frozen");
        b.deposit(0, "1.00", "S2").await.unwrap(); // a frozen account still takes money
        b.tamper(&["update fund_account set state = 'closed'"]).await;
        assert_eq!(code(b.posting(C::Mf01, p("5.00"), Some(("5.00", "S1")))).await, "fund.account.closed");
        assert_eq!(b.balances(0).await, (yuan("11.00"), Money::ZERO, Money::ZERO, 2));
        assert!(b.broken().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_reversal_is_made_once_by_another_person_and_never_of_a_reversal() {
    on_every_store("reverse", async |b: Books| {
        let posted = b.deposit(0, "10.00", "S1").await.unwrap();
        let spent = b.deposit(1, "10.00", "S2").await.unwrap();
        b.post(b.posting(C::Mf14, vec![b.line(1, Bucket::Principal, "-1.00")], Some(("-1.00", "P1")))).await.unwrap();
        assert_eq!(reverse_it(&b, spent.id).await.unwrap_err().code(), "fund.insufficient_balance");
        let red = reverse_it(&b, posted.id).await.unwrap();
        assert_eq!(red.code, C::Mf28);
        assert_eq!(b.balances(0).await, (Money::ZERO, Money::ZERO, Money::ZERO, 2));
        assert_eq!(reverse_it(&b, posted.id).await.unwrap_err().code(), "ledger.posting.already_reversed");
        assert_eq!(reverse_it(&b, red.id).await.unwrap_err().code(), "ledger.posting.is_reversal");
        let same = AccountId::new();
        let alone = b
            .tx(async |tx| {
                let original = reverse::find(tx, spent.id).await?;
                reverse::reverse_in(tx, HOME, original, "记错户", Some(same), Some(same)).await
            })
            .await;
        assert_eq!(alone.unwrap_err().code(), "duty.same_person");
        assert!(b.broken().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_debit_leaves_what_is_held_and_holds_are_placed_all_or_none() {
    on_every_store("holds", async |b: Books| {
        b.deposit(0, "100.00", "S1").await.unwrap();
        b.deposit(1, "100.00", "S2").await.unwrap();
        let subject = Uuid::now_v7();
        let hold = |account: usize, amount: &str| NewHold {
            fund_account_id: b.accounts[account],
            amount: yuan(amount),
            kind: crate::HoldKind::Use,
            subject_kind: "fund.use",
            subject_id: subject,
        };
        let short = b
            .tx(async |tx| match holds::place_all(tx, &[hold(0, "60.00"), hold(1, "100.01"), hold(2, "1.00")]).await? {
                Ok(()) => Ok(()),
                Err(short) => Err(crate::LedgerError::Insufficient.into()).map_err(|p: linli_kernel::Problem| p.with("short", short)),
            })
            .await
            .unwrap_err();
        assert!(short.to_json(linli_kernel::Locale::Zh, "")["short"].as_array().unwrap().len() == 2);
        assert_eq!(b.balances(0).await.2, Money::ZERO, "nothing of the refused set is held");

        b.tx(async |tx| holds::place_all(tx, &[hold(0, "60.00"), hold(1, "100.00"), hold(2, "0.00")]).await.map(|r| r.unwrap()))
            .await
            .unwrap();
        let pay = b.posting(C::Mf14, vec![b.line(0, Bucket::Principal, "-40.01")], Some(("-40.01", "P1")));
        assert_eq!(b.post(pay.clone()).await.unwrap_err().code(), "fund.insufficient_balance");
        // A payment lowers the hold first, then debits.
        let lowered = b
            .tx(async |tx| {
                let by = holds::reduce(tx, "fund.use", subject, b.accounts[0], yuan("40.01")).await?;
                write(tx, HOME, vec![Draft::of(pay.clone())]).await?;
                Ok(by)
            })
            .await
            .unwrap();
        assert_eq!(lowered, yuan("40.01"));
        assert_eq!(b.balances(0).await, (yuan("59.99"), Money::ZERO, yuan("19.99"), 2));
        // More than is held consumes the hold and no more; an account without a hold is passed over.
        let parts = b
            .tx(async |tx| {
                let part = |i: usize, amount: &str| HoldPart { fund_account_id: b.accounts[i], amount: yuan(amount) };
                let parts = holds::reduce_all(tx, "fund.use", subject, &[part(0, "50.00"), part(2, "5.00")]).await?;
                Ok(parts.into_iter().map(|p| p.amount).collect::<Vec<_>>())
            })
            .await
            .unwrap();
        assert_eq!(parts, [yuan("19.99")]);
        let released = b
            .tx(async |tx| Ok(holds::release_all(tx, "fund.use", subject).await?.into_iter().map(|p| p.amount).collect::<Vec<_>>()))
            .await
            .unwrap();
        assert_eq!(released, [yuan("100.00")]);
        assert_eq!(b.balances(1).await.2, Money::ZERO);
        let left = holds::of_subject(b.db.reader(), "fund.use", subject).await.unwrap();
        assert_eq!(holds::still_active(&left).count(), 0);
        assert_eq!(left.len(), 2);
        assert!(b.broken().await.is_empty(), "{:?}", b.proof().await);
    })
    .await;
}

#[tokio::test]
async fn many_postings_at_once_keep_every_account_in_order() {
    on_every_store("batch", async |b: Books| {
        let postings = (0..300)
            .map(|n| {
                b.posting(
                    C::Mf01,
                    vec![b.line(n % 3, Bucket::Principal, "1.00"), b.line(n % 3, Bucket::Principal, "0.01")],
                    Some(("1.01", &format!("S{n}"))),
                )
            })
            .collect();
        let posted = b.post_all(postings).await.unwrap();
        assert_eq!(posted.iter().map(|p| &p.posting_no).collect::<HashSet<_>>().len(), 300);
        assert_eq!(b.balances(0).await, (yuan("101.00"), Money::ZERO, Money::ZERO, 200));
        assert!(b.broken().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn one_posting_over_twenty_thousand_accounts_takes_a_moment() {
    on_every_store("big", async |b: Books| {
        let project = b.project;
        let ids = b
            .tx(async |tx| {
                let new: Vec<_> = (0..20_000).map(|_| new_account(AccountKind::Household, project)).collect();
                Ok(accounts::open(tx, &new).await?.into_iter().map(|a| a.id).collect::<Vec<_>>())
            })
            .await
            .unwrap();
        let line =
            |id| FundLine { fund_account_id: id, bucket: Bucket::Principal, amount: Money(5), summary: "分摊".into(), formula: None };
        let started = std::time::Instant::now();
        b.post(b.posting(
            C::Mf05,
            ids.iter().map(|id| line(*id)).chain([FundLine { amount: Money(-100_000), ..line(b.accounts[0]) }]).collect(),
            None,
        ))
        .await
        .unwrap_err(); // the prepaid side has nothing
        b.post(b.posting(C::Mf01, ids.iter().map(|id| line(*id)).collect(), Some(("1000.00", "BIG")))).await.unwrap();
        println!("20,000 lines refused once and posted once in {:?}", started.elapsed());
        let sums = crate::sums::project(b.db.reader(), project).await.unwrap();
        assert_eq!(
            (sums.houses, sums.deposited, sums.balance, sums.available),
            (20_003, yuan("1000.00"), yuan("1000.00"), yuan("1000.00"))
        );
        assert!(b.broken().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn voucher_numbers_have_no_gap_and_follow_the_postings() {
    on_every_store("voucher", async |b: Books| {
        for n in 0..3 {
            b.deposit(n, "10.00", &format!("S{n}")).await.unwrap();
        }
        b.post(b.posting(C::Mf14, vec![b.line(0, Bucket::Principal, "-1.00")], Some(("-1.00", "P1")))).await.unwrap();
        assert_eq!(b.tx(async |tx| crate::number_vouchers(tx).await).await.unwrap(), 4);
        b.deposit(0, "10.00", "S9").await.unwrap();
        assert_eq!(b.tx(async |tx| crate::number_vouchers(tx).await).await.unwrap(), 1);
        assert_eq!(b.tx(async |tx| crate::number_vouchers(tx).await).await.unwrap(), 0);
        #[derive(FromQueryResult)]
        struct No {
            no: String,
        }
        let rows: Vec<No> = b.db.reader().rows("select no from voucher order by seq", values![]).await.unwrap();
        let numbers: Vec<&str> = rows.iter().map(|r| r.no.as_str()).collect();
        let expected =
            ["SP01-收-202611-000001", "SP01-收-202611-000002", "SP01-收-202611-000003", "SP01-付-202611-000001", "SP01-收-202611-000004"];
        assert_eq!(numbers, expected);
    })
    .await;
}

/// Sixteen writers over a few accounts: no lost update, no negative balance, no deadlock, numbers and entries without a gap.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_writers_at_once_lose_nothing() {
    for b in crate::testing::stores("writers").await {
        let b = std::sync::Arc::new(b);
        let rounds: i64 = if b.db.is_postgres() { 60 } else { 10 };
        let started = std::time::Instant::now();
        let writers: Vec<_> = (0..16_i64)
            .map(|w| {
                let b = b.clone();
                tokio::spawn(async move {
                    for n in 0..rounds {
                        // Half of them touch two accounts, in either order.
                        let (x, y) = ((w % 3) as usize, ((w + n) % 3) as usize);
                        let lines = vec![b.line(x, Bucket::Principal, "1.00"), b.line(y, Bucket::Principal, "1.00")];
                        b.post(b.posting(C::Mf01, lines, Some(("2.00", &format!("S{w}-{n}"))))).await.unwrap();
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        println!("{} postings of two lines by 16 writers on three accounts in {:?}", rounds * 16, started.elapsed());
        let sums = crate::sums::project(b.db.reader(), b.project).await.unwrap();
        assert_eq!(sums.balance, Money(rounds * 16 * 200));
        // And more debits than there is money for: what is refused is refused whole.
        let racing: Vec<_> = (0..8)
            .map(|w| {
                let b = b.clone();
                tokio::spawn(async move {
                    let all = format!("-{}", b.balances(0).await.0);
                    let line = b.line(0, Bucket::Principal, &all);
                    b.post(b.posting(C::Mf14, vec![line], Some((&all, &format!("P{w}"))))).await.is_ok()
                })
            })
            .collect();
        let mut paid = 0;
        for payment in racing {
            paid += usize::from(payment.await.unwrap_or(false));
        }
        assert_eq!(paid, 1);
        assert!(b.broken().await.is_empty(), "{:?}", b.proof().await);
    }
}
