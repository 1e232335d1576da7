use crate::{
    Bucket, HoldKind, PostingCode,
    holds::{self, NewHold},
    testing::{Books, books, on_every_store, stores, yuan},
};
use uuid::Uuid;

/// Two deposits, a hold, a payment of both households, interest for the pool.
async fn running(b: Books) -> Books {
    b.deposit(0, "100.00", "S1").await.unwrap();
    b.deposit(1, "200.00", "S2").await.unwrap();
    let shares = vec![b.line(0, Bucket::Principal, "-30.00"), b.line(1, Bucket::Principal, "-60.01")];
    b.post(b.posting(PostingCode::Mf14, shares, Some(("-90.01", "P1")))).await.unwrap();
    b.post(b.posting(PostingCode::Mf19, vec![b.line(4, Bucket::Income, "3.12")], Some(("3.12", "I1")))).await.unwrap();
    let (account, subject) = (b.accounts[1], Uuid::now_v7());
    b.tx(async |tx| {
        let hold =
            NewHold { fund_account_id: account, amount: yuan("50.00"), kind: HoldKind::Use, subject_kind: "fund.use", subject_id: subject };
        assert_eq!(holds::place_all(tx, &[hold]).await?, Ok(()));
        Ok(())
    })
    .await
    .unwrap();
    b
}

#[tokio::test]
async fn the_books_of_a_running_city_hold_all_nine() {
    on_every_store("nine", async |b: Books| {
        let b = running(b).await;
        let checks = b.proof().await;
        assert_eq!(checks.iter().map(|c| c.code.as_str()).collect::<Vec<_>>(), ["L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9"]);
        assert!(checks.iter().all(|c| c.ok), "{checks:#?}");
        assert_eq!(super::check(b.db.reader(), "77").await.unwrap_err().code(), "not_found");
    })
    .await;
}

#[tokio::test]
async fn each_check_finds_its_own_fault_and_no_other_does() {
    let first = "(select id from posting order by serial limit 1)";
    let second = "(select id from posting order by serial limit 1 offset 1)";
    let faults: Vec<(&str, Vec<String>)> = vec![
        // Two journals are off by a fen in opposite directions: the trial balance still is zero.
        (
            "L1",
            vec![
                format!("update gl_line set credit = credit + 1 where posting_id = {first} and account_code = '400101'"),
                format!("update gl_line set credit = credit - 1 where posting_id = {second} and account_code = '400101'"),
            ],
        ),
        ("L2", vec!["update fund_account set principal = principal + 1 where seq = 2 and held = 0".into()]),
        ("L3", vec![format!("update posting set value_date = '2020-01-01' where id = {first}")]),
        ("L3", vec![format!("update fund_entry set summary = '别的' where posting_id = {first}")]),
        ("L3", vec![format!("update gl_line set summary = '别的' where posting_id = {first}")]),
        ("L3", vec![format!("update bank_entry set bank_serial = 'S9' where posting_id = {first}")]),
        (
            "L4",
            vec![
                format!("delete from event_queue where event_id in (select id from event where subject_id = {first})"),
                format!("delete from event where subject_id = {first}"),
            ],
        ),
        ("L4", vec![format!("update posting set posting_no = '20261123017654321' where id = {first}")]),
        (
            "L5",
            vec![
                "drop index posting_source".to_owned(),
                format!("update posting set source = (select source from posting where id = {second}) where id = {first}"),
            ],
        ),
        ("L5", vec![format!("update posting set source = 'MF01:fund.deposit:another' where id = {first}")]),
        (
            "L6",
            vec![
                "update fund_account set kind = 'reserve' where kind = 'public_project'".into(),
                "update fund_account set kind = 'public_project' where seq = 2 and held = 0".into(),
            ],
        ),
        ("L7", vec![format!("update posting set amount = amount + 1 where id = {first}")]),
        (
            "L8",
            vec![
                "insert into bank_entry (posting_id, bank_account_id, amount, bank_date, bank_serial)
                  select NEW_ID, id, 1, '2026-11-23', 'X1' from bank_account"
                    .into(),
            ],
        ),
        ("L9", vec!["update fund_account set held = held - 1 where held > 0".into()]),
        ("L9", vec!["update hold set amount = amount - 1 where state = 'active'".into()]),
    ];
    for (n, (code, sql)) in faults.into_iter().enumerate() {
        for b in stores(&format!("fault{n}")).await {
            let b = running(b).await;
            let sql: Vec<&str> = sql.iter().map(String::as_str).collect();
            b.tamper(&sql).await;
            assert_eq!(b.broken().await, [code], "after {sql:?}");
        }
    }
}

#[tokio::test]
async fn a_statement_line_that_contradicts_the_journal_breaks_l8() {
    on_every_store("contradiction", async |b: Books| {
    let b = running(b).await;
    b.tamper(&[
        "insert into statement (id, bank_account_id, document_id, state, problems, created_at, area_path, matter)
         select NEW_ID, id, NEW_ID, 'imported', '[]', 0, '37/3799/', 'm' from bank_account",
        "insert into statement_line (statement_id, line_no, bank_account_id, bank_serial, bank_date, bank_time, amount, balance_after, state)
         select s.id, 1, s.bank_account_id, 'S1', '2026-11-23', '10:00', 9999, 0, 'new' from statement s",
    ])
    .await;
    assert_eq!(b.broken().await, ["L8"]);
    })
    .await;
}

#[tokio::test]
async fn the_books_cannot_be_changed_through_the_program_s_own_connection() {
    use linli_runtime::{Sql, values};
    // On SQLite by triggers; on PostgreSQL the login role has no right to (tested where roles are made).
    let b = running(books("append").await).await;
    for table in ["posting", "fund_entry", "bank_entry", "gl_line"] {
        let text = if table == "posting" { "update posting set amount = 1".to_owned() } else { format!("delete from {table}") };
        let refused = b.tx(async |tx| tx.conn().exec(&text, values![]).await.map(drop)).await;
        assert!(refused.is_err(), "{table}");
    }
    assert!(b.broken().await.is_empty());
}
