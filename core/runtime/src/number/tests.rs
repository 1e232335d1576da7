use super::*;
use crate::testing;

#[test]
fn a_case_number_has_21_characters_and_its_check() {
    assert_eq!(case_no("379900", "2026-09-24".parse().unwrap(), 17), "37990020260924000017V");
}

#[test]
fn an_account_number_has_the_check_of_its_16_digits() {
    assert_eq!(checked("W", "3799010000000001"), "W37990100000000011");
}

#[tokio::test]
async fn numbers_of_a_series_follow_each_other_and_a_rollback_takes_its_number_back() {
    for (db, env) in testing::stores("number").await {
        let one = |n: i64| async move { n };
        let first = testing::write(&db, &env, async |tx| next(tx, "x").await).await.unwrap();
        let refused: Result<i64, Problem> = testing::write(&db, &env, async |tx| {
            next(tx, "x").await?;
            Err(Problem::not_found())
        })
        .await;
        assert!(refused.is_err());
        let block = testing::write(&db, &env, async |tx| next_block(tx, "x", 5).await).await.unwrap();
        let after = testing::write(&db, &env, async |tx| next(tx, "x").await).await.unwrap();
        assert_eq!((one(first).await, block, after), (1, 2, 7));
        let no = testing::write(&db, &env, async |tx| daily(tx, "PB").await).await.unwrap();
        assert_eq!(no, "PB20261123000001");
    }
}
