use super::*;

#[test]
fn versions_are_consecutive_from_one() {
    for kind in [Kind::Platform, Kind::Tenant] {
        let versions: Vec<i64> = all(kind, Backend::Postgres).iter().map(|m| m.version).collect();
        assert_eq!(versions, (1..=versions.len() as i64).collect::<Vec<_>>(), "{kind:?}");
    }
}

#[test]
fn entries_and_events_are_append_only() {
    let tables = append_only_tables();
    for table in ["event", "event_seq", "posting", "fund_entry", "bank_entry", "gl_line"] {
        assert!(tables.iter().any(|t| t == table), "{table} in {tables:?}");
    }
}

#[tokio::test]
async fn a_row_of_an_append_only_table_cannot_be_changed_on_sqlite() {
    let dir = std::env::temp_dir().join(format!("linli-migrations-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a temporary folder");
    #[allow(clippy::disallowed_methods)] // migrations are one of the two places that open a database
    let db = linli_runtime::Db::open_sqlite(&dir.join("t.db")).await.expect("a new file");
    let tx = db.begin().await.expect("begin");
    migrate(&tx, Backend::Sqlite, Kind::Tenant).await.expect("all migrations run");
    migrate(&tx, Backend::Sqlite, Kind::Tenant).await.expect("and are not run twice");
    for table in append_only_tables() {
        let refused = tx.execute_unprepared(&format!("delete from {table} where 1 = 1")).await;
        // a delete of no row fires no trigger; the trigger itself must be there
        assert!(refused.is_ok(), "{table} exists");
        let count: Option<i64> = tx
            .scalar("select count(*) as v from sqlite_master where type = 'trigger' and tbl_name = $1", values![table.as_str()])
            .await
            .expect("query");
        assert_eq!(count, Some(2), "{table}");
    }
    tx.rollback().await.expect("rollback");
    std::fs::remove_dir_all(dir).expect("clean up");
}
