use uuid::Uuid;

use super::*;
use crate::{Db, TxEnv, crypto::MasterKey, crypto::hex, testing};

fn key() -> CheckpointKey {
    CheckpointKey::new(&MasterKey::from_bytes([7; 32]), Uuid::from_u128(1))
}

/// Twelve events, numbered, with checkpoints at 8 and 12.
async fn log(name: &str) -> (Db, TxEnv) {
    let (db, env) = testing::tenant(name).await;
    fill(&db, &env).await;
    (db, env)
}

/// The same on every store.
async fn logs(name: &str) -> Vec<(Db, TxEnv)> {
    let stores = testing::stores(name).await;
    for (db, env) in &stores {
        fill(db, env).await;
    }
    stores
}

async fn fill(db: &Db, env: &TxEnv) {
    for n in 1..=12 {
        testing::write(db, env, async |_| Ok(n)).await.unwrap();
        if n == 8 || n == 12 {
            sequence(db).await.unwrap();
            checkpoint(db, &key(), env.clock.now()).await.unwrap().unwrap();
        }
    }
}

async fn found(db: &Db) -> (i64, String) {
    let v = verify(db.reader(), &key(), None, None).await.unwrap();
    assert!(!v.ok);
    let p = v.problem.unwrap();
    (p.seq, p.code)
}

#[test]
fn the_tree_is_that_of_rfc_6962() {
    // Test vectors of certificate-transparency-go (merkle_tree_test): roots of 1, 2, 3, 7 and 8 leaves.
    let leaves: [&[u8]; 8] = [
        b"",
        &[0x00],
        &[0x10],
        &[0x20, 0x21],
        &[0x30, 0x31],
        &[0x40, 0x41, 0x42, 0x43],
        &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
        &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
    ];
    let mut tree = Peaks::default();
    assert_eq!(tree.root_hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    let mut roots = Vec::new();
    for leaf in leaves {
        tree.push(leaf_hash(leaf));
        roots.push(tree.root_hex());
        assert_eq!(Peaks::from_text(tree.size(), &tree.to_text()).unwrap(), tree);
    }
    assert_eq!(roots[0], "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    assert_eq!(roots[1], "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
    assert_eq!(roots[2], "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
    assert_eq!(roots[6], "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c");
    assert_eq!(roots[7], "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    assert_eq!(hex(&leaf_hash(b"")), roots[0]);
}

#[tokio::test]
async fn a_log_that_nobody_touched_verifies_whole_and_in_part() {
    for (db, env) in logs("audit-ok").await {
        let v = verify(db.reader(), &key(), None, None).await.unwrap();
        assert!(v.ok, "{v:?}");
        let c = v.checkpoint.unwrap();
        assert_eq!((v.from_seq, v.to_seq, c.seq, &c.head, c.key_id), (1, 12, 12, &v.head, key().key_id()));
        let part = verify(db.reader(), &key(), Some(3), Some(9)).await.unwrap();
        assert!(part.ok && part.from_seq == 3 && part.to_seq == 9 && part.head != v.head);
        // Events that still wait for their number are no fault.
        testing::write(&db, &env, async |_| Ok(0)).await.unwrap();
        assert!(verify(db.reader(), &key(), None, None).await.unwrap().ok);
        assert_eq!(sequence(&db).await.unwrap(), 1);
        assert_eq!(sequence(&db).await.unwrap(), 0);
        assert_eq!(verify(db.reader(), &key(), None, None).await.unwrap().to_seq, 13);
    }
}

#[tokio::test]
async fn the_feed_has_every_event_in_order_from_one() {
    for (db, _) in logs("audit-feed").await {
        let rows = feed(db.reader(), 0, 1_000, "1 = 1").await.unwrap();
        assert_eq!(rows.iter().map(|r| r.seq).collect::<Vec<_>>(), (1..=12).collect::<Vec<_>>());
        let event = rows[0].cloud_event("binhai", true).unwrap();
        assert_eq!(
            (event["type"].as_str(), event["source"].as_str(), event["seq"].as_i64()),
            (Some("test.written"), Some("//linli/binhai"), Some(1))
        );
        assert_eq!(event["data"]["actor"], "system");
        assert!(rows[0].cloud_event("binhai", false).unwrap().get("seq").is_none());
        assert_eq!(feed(db.reader(), 10, 1_000, "1 = 1").await.unwrap().len(), 2);
        assert!(feed(db.reader(), 0, 1_000, "e.area_path like '36/%'").await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn append_only_tables_refuse_a_change_of_the_program_itself() {
    let (db, _) = log("audit-triggers").await;
    let tx = db.begin().await.unwrap();
    assert!(tx.exec("update event set data = '{}'", values![]).await.is_err());
    assert!(tx.exec("delete from event_seq", values![]).await.is_err());
}

#[tokio::test]
async fn a_changed_data_column_is_found() {
    let (db, _) = log("audit-data").await;
    testing::tamper(
        &db,
        "update event set data = replace(data, '\"no\":1', '\"no\":2') where id = (select event_id from event_seq where seq = 5)",
    )
    .await;
    assert_eq!(found(&db).await, (5, "event_changed".into()));
}

#[tokio::test]
async fn a_changed_scope_author_or_request_column_is_found() {
    for (name, column) in [
        ("area", "area_path = '37/3799/'"),
        ("project", "project_id = null"),
        ("role", "role = 'fund_clerk'"),
        ("post", "post_id = subject_id"),
        ("account", "account_id = subject_id"),
        ("request", "request_id = 'other'"),
        ("subject", "subject_kind = 'fund.use'"),
        ("time", "at = at + 1"),
    ] {
        let (db, _) = log(&format!("audit-{name}")).await;
        testing::tamper(&db, &format!("update event set {column} where id = (select event_id from event_seq where seq = 9)")).await;
        assert_eq!(found(&db).await, (9, "event_changed".into()), "{column}");
    }
}

#[tokio::test]
async fn a_changed_event_with_a_digest_made_to_fit_is_found() {
    let (db, _) = log("audit-digest").await;
    testing::tamper(&db, "update event set digest = replace(digest, 'a', 'b') where id = (select event_id from event_seq where seq = 4)")
        .await;
    assert_eq!(found(&db).await, (4, "event_changed".into()));
}

#[tokio::test]
async fn a_deleted_event_row_is_found() {
    let (db, _) = log("audit-deleted").await;
    testing::tamper(&db, "delete from event where id = (select event_id from event_seq where seq = 6)").await;
    assert_eq!(found(&db).await, (6, "event_missing".into()));
}

#[tokio::test]
async fn a_deleted_number_is_a_gap_and_a_deleted_end_is_missed() {
    let (db, _) = log("audit-gap").await;
    testing::tamper(&db, "delete from event_seq where seq = 6").await;
    assert_eq!(found(&db).await, (6, "seq_gap".into()));
    let (db, _) = log("audit-end").await;
    testing::tamper(
        &db,
        "delete from event where id = (select event_id from event_seq where seq = 12); delete from event_seq where seq = 12",
    )
    .await;
    assert_eq!(found(&db).await, (12, "truncated".into()));
}

#[tokio::test]
async fn swapped_events_and_swapped_numbers_are_found() {
    let (db, _) = log("audit-swap-event").await;
    testing::tamper(
        &db,
        "create temp table t as select seq, event_id from event_seq where seq in (3, 7); delete from event_seq where seq in (3, 7) and 0;
         update event_seq set event_id = x'00' where seq = 3;
         update event_seq set event_id = (select event_id from t where seq = 3) where seq = 7;
         update event_seq set event_id = (select event_id from t where seq = 7) where seq = 3; drop table t;",
    )
    .await;
    assert_eq!(found(&db).await, (3, "order_changed".into()));
    let (db, _) = log("audit-swap-seq").await;
    testing::tamper(&db, "update event_seq set seq = 99 where seq = 3; update event_seq set seq = 3 where seq = 7; update event_seq set seq = 7 where seq = 99").await;
    assert_eq!(found(&db).await, (3, "head_differs".into()));
}

#[tokio::test]
async fn an_event_slipped_in_is_found() {
    let (db, _) = log("audit-insert").await;
    testing::tamper(
        &db,
        "insert into event (id, at, kind, subject, subject_kind, subject_id, role, request_id, data, digest)
         select x'01936f5e7c1a7a3e9f00000000000001', at, kind, subject, subject_kind, subject_id, role, request_id, data, digest from event limit 1",
    )
    .await;
    assert_eq!(found(&db).await, (13, "event_unnumbered".into()));
}

#[tokio::test]
async fn a_forged_checkpoint_is_found() {
    for (name, sql) in [
        ("signature", "update audit_checkpoint set signature = (select signature from audit_checkpoint where seq = 12) where seq = 8"),
        ("time", "update audit_checkpoint set at = at + 1000000 where seq = 8"),
        ("key", "update audit_checkpoint set key_id = '0000000000000000' where seq = 8"),
    ] {
        let (db, _) = log(&format!("audit-forged-{name}")).await;
        testing::tamper(&db, sql).await;
        assert_eq!(found(&db).await, (8, "checkpoint_forged".into()), "{name}");
    }
}

#[tokio::test]
async fn a_log_rewritten_with_another_key_or_with_its_own_tree_is_found() {
    // The attacker grows a whole new tree with the program's own code, but has not the key.
    let (db, env) = log("audit-fork").await;
    testing::tamper(
        &db,
        "delete from event where id = (select event_id from event_seq where seq = 5); delete from audit_checkpoint;
         insert into event_queue (event_id) select event_id from event_seq where seq <> 5 order by seq;
         delete from event_seq; update audit_head set seq = 0, head = '', peaks = ''",
    )
    .await;
    sequence(&db).await.unwrap();
    let thief = CheckpointKey::new(&MasterKey::from_bytes([8; 32]), Uuid::from_u128(1));
    checkpoint(&db, &thief, env.clock.now()).await.unwrap();
    assert_eq!(found(&db).await, (11, "checkpoint_forged".into()));
}

#[tokio::test]
async fn two_sequencers_at_once_leave_no_gap_and_number_nothing_twice() {
    for (db, env) in testing::stores("audit-two").await {
        for _ in 0..30 {
            testing::write(&db, &env, async |_| Ok(0)).await.unwrap();
        }
        let (a, b) = tokio::join!(sequence(&db), sequence(&db));
        assert_eq!(a.unwrap() + b.unwrap(), 30);
        assert!(verify(db.reader(), &key(), None, None).await.unwrap().ok);
    }
}
