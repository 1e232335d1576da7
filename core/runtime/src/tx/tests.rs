use super::*;
use crate::{testing, values};

fn key(text: &str, digest: &str) -> Key {
    Key { text: Some(text.into()), digest: digest.into(), forever: false }
}

async fn count(db: &Db, table: &str) -> i64 {
    db.reader().scalar(&format!("select count(*) as v from {table}"), values![]).await.unwrap().unwrap()
}

async fn note(tx: &Tx, n: i64) -> Result<i64, Problem> {
    tx.event(Change::new("test.written", "test.thing", uuid::Uuid::now_v7()).data("no", n)).await?;
    Ok(n)
}

#[tokio::test]
async fn the_same_key_with_the_same_request_answers_again_and_runs_nothing() {
    for (db, env) in testing::stores("tx-replay").await {
        assert_eq!(transact(&db, &env, "a.b", &key("k", "d"), async |tx| note(tx, 1).await).await.unwrap(), 1);
        assert_eq!(transact(&db, &env, "a.b", &key("k", "d"), async |tx| note(tx, 2).await).await.unwrap(), 1);
        assert_eq!(count(&db, "event").await, 1);
        let other = transact(&db, &env, "a.b", &key("k", "e"), async |tx| note(tx, 3).await).await.unwrap_err();
        assert_eq!((other.status(), other.code()), (422, "idempotency.key_reused"));
        // The key of one operation says nothing about another.
        assert_eq!(transact(&db, &env, "a.c", &key("k", "d"), async |tx| note(tx, 4).await).await.unwrap(), 4);
    }
}

#[tokio::test]
async fn a_refusal_leaves_nothing_and_its_key_may_be_used_again() {
    for (db, env) in testing::stores("tx-refused").await {
        let refused: Result<i64, Problem> = transact(&db, &env, "a.b", &key("k", "d"), async |tx| {
            note(tx, 1).await?;
            Err(Problem::not_found())
        })
        .await;
        assert_eq!(refused.unwrap_err().status(), 404);
        assert_eq!((count(&db, "event").await, count(&db, "event_queue").await, count(&db, "idempotency").await), (0, 0, 0));
        assert_eq!(transact(&db, &env, "a.b", &key("k", "d"), async |tx| note(tx, 2).await).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn a_write_without_an_event_is_refused() {
    for (db, env) in testing::stores("tx-no-event").await {
        let refused = transact(&db, &env, "a.b", &Key::default(), async |_| Ok(1)).await.unwrap_err();
        assert_eq!(refused.status(), 500);
        assert_eq!(count(&db, "idempotency").await, 0);
    }
}

#[tokio::test]
async fn a_replica_with_an_old_epoch_writes_nothing() {
    for (db, env) in testing::stores("tx-epoch").await {
        let old = TxEnv { epoch: 0, ..env };
        let refused = transact(&db, &old, "a.b", &Key::default(), async |tx| note(tx, 1).await).await.unwrap_err();
        assert_eq!((refused.status(), refused.code()), (503, "tenant.moved"));
        assert_eq!(count(&db, "event").await, 0);
    }
}

#[tokio::test]
async fn fifty_copies_of_one_command_at_once_have_one_effect() {
    for (db, env) in testing::stores("tx-copies").await {
        let mut copies = Vec::new();
        for n in 0..50 {
            let (db, env) = (db.clone(), env.clone());
            copies.push(tokio::spawn(async move { transact(&db, &env, "a.b", &key("k", "d"), async |tx| note(tx, n).await).await }));
        }
        let mut answers = Vec::new();
        for copy in copies {
            answers.push(copy.await.unwrap().unwrap());
        }
        answers.dedup();
        assert_eq!((answers.len(), count(&db, "event").await), (1, 1));
    }
}

#[tokio::test]
async fn old_keys_are_forgotten_but_those_of_money() {
    for (db, env) in testing::stores("tx-forget").await {
        transact(&db, &env, "a.b", &key("k", "d"), async |tx| note(tx, 1).await).await.unwrap();
        let money = Key { forever: true, ..key("m", "d") };
        transact(&db, &env, "a.b", &money, async |tx| note(tx, 2).await).await.unwrap();
        assert_eq!(forget_keys(&db, env.clock.now().plus_seconds(-1)).await.unwrap(), 0);
        assert_eq!(forget_keys(&db, env.clock.now().plus_seconds(1)).await.unwrap(), 1);
        assert_eq!(count(&db, "idempotency").await, 1);
    }
}

#[tokio::test]
async fn many_events_at_once_are_the_same_rows_as_one_by_one() {
    for (db, env) in testing::stores("tx-events").await {
        let made = transact(&db, &env, "a.b", &Key::default(), async |tx| {
            let change = |n: usize| {
                let scope = crate::ScopeIds {
                    area_path: (!n.is_multiple_of(3)).then(|| "37/3799/".into()),
                    house_id: n.is_multiple_of(2).then(linli_kernel::HouseId::new),
                    ..Default::default()
                };
                Change::new("test.written", "test.thing", uuid::Uuid::now_v7()).scope(scope).data("no", n).data("text", "“\"'\\\n，")
            };
            tx.events((0..4_500).map(change).collect()).await
        })
        .await
        .unwrap();
        assert_eq!((made.len(), count(&db, "event").await, count(&db, "event_queue").await), (4_500, 4_500, 4_500));
        let order: Vec<EventId> = db
            .reader()
            .rows("select event_id as id from event_queue order by n", values![])
            .await
            .unwrap()
            .into_iter()
            .map(|r: Queued| r.id)
            .collect();
        assert_eq!(order, made);
        // The digests are taken again over what stands in the rows.
        while crate::audit::sequence(&db).await.unwrap() > 0 {}
        let key = crate::audit::CheckpointKey::new(&crate::crypto::MasterKey::from_bytes([7; 32]), uuid::Uuid::from_u128(1));
        crate::audit::checkpoint(&db, &key, env.clock.now()).await.unwrap();
        let found = crate::audit::verify(db.reader(), &key, None, None).await.unwrap();
        assert!(found.ok, "{:?}", found.problem);
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Queued {
    id: EventId,
}
