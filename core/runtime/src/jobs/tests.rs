use serde_json::json;

use super::*;
use crate::testing;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}
const NOW: &str = "2026-11-23T09:00:00Z";

fn job(unique_key: Option<&str>, due_at: &str) -> NewJob {
    NewJob {
        kind: "test.job",
        payload: json!({ "n": 1 }),
        unique_key: unique_key.map(Into::into),
        due_at: at(due_at),
        scope: ScopeIds::default(),
    }
}

#[tokio::test]
async fn the_same_unique_key_makes_one_job() {
    for (db, env) in testing::stores("jobs-unique").await {
        let a = testing::write(&db, &env, async |tx| enqueue(tx, job(Some("k"), NOW)).await).await.unwrap();
        let b = testing::write(&db, &env, async |tx| enqueue(tx, job(Some("k"), NOW)).await).await.unwrap();
        assert_eq!(a, b);
        let c = testing::write(&db, &env, async |tx| enqueue(tx, job(None, NOW)).await).await.unwrap();
        assert_ne!(a, c);
    }
}

#[tokio::test]
async fn a_job_is_taken_when_due_once_and_ends_done() {
    for (db, env) in testing::stores("jobs-claim").await {
        let id = testing::write(&db, &env, async |tx| enqueue(tx, job(None, NOW)).await).await.unwrap();
        assert!(claim(&db, at("2026-11-23T08:59:59Z"), at(NOW), 60).await.unwrap().is_none());
        assert_eq!(next_due(&db).await.unwrap(), Some(at(NOW)));
        let held = claim(&db, at(NOW), at(NOW), 60).await.unwrap().unwrap();
        assert_eq!((held.id, held.attempts, held.payload().unwrap()), (id, 1, json!({ "n": 1 })));
        assert!(claim(&db, at(NOW), at(NOW), 60).await.unwrap().is_none());
        let counts = Counts { done: 3, total: 3, failed: 0 };
        assert!(progress(&db, id, held.fence, counts, at("2026-11-23T09:05:00Z")).await.unwrap());
        assert!(finish(&db, id, held.fence, at(NOW)).await.unwrap());
        let view = find(db.reader(), id, "1 = 1").await.unwrap().unwrap();
        assert_eq!((view.state, view.done, view.total, view.failed), (JobState::Done, 3, 3, 0));
        assert!(find(db.reader(), id, "1 = 0").await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_replica_that_slept_past_its_lease_changes_nothing() {
    for (db, env) in testing::stores("jobs-fence").await {
        let id = testing::write(&db, &env, async |tx| enqueue(tx, job(None, NOW)).await).await.unwrap();
        let old = claim(&db, at(NOW), at(NOW), 60).await.unwrap().unwrap();
        let new = claim(&db, at(NOW), at("2026-11-23T09:01:01Z"), 60).await.unwrap().unwrap();
        assert_eq!((new.id, new.attempts), (id, 2));
        assert!(!progress(&db, id, old.fence, Counts::default(), at(NOW)).await.unwrap());
        assert!(!finish(&db, id, old.fence, at(NOW)).await.unwrap());
        assert!(finish(&db, id, new.fence, at(NOW)).await.unwrap());
    }
}

#[tokio::test]
async fn a_failed_try_is_repeated_later_until_it_is_given_up() {
    for (db, env) in testing::stores("jobs-fail").await {
        let id = testing::write(&db, &env, async |tx| enqueue(tx, job(None, NOW)).await).await.unwrap();
        let held = claim(&db, at(NOW), at(NOW), 60).await.unwrap().unwrap();
        let later = "2026-11-23T09:10:00Z";
        assert!(fail(&db, id, held.fence, "the bank is away", AfterFailure::RetryAt(at(later))).await.unwrap());
        assert!(claim(&db, at(NOW), at(NOW), 60).await.unwrap().is_none());
        let held = claim(&db, at(later), at(NOW), 60).await.unwrap().unwrap();
        assert!(fail(&db, id, held.fence, "still away", AfterFailure::GiveUp(at(later))).await.unwrap());
        let view = find(db.reader(), id, "1 = 1").await.unwrap().unwrap();
        assert_eq!((view.state, view.error.as_deref()), (JobState::Failed, Some("still away")));
        assert!(testing::write(&db, &env, async |tx| retry(tx, id).await).await.unwrap());
        assert!(claim(&db, at(later), at(NOW), 60).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_cancelled_job_stops_its_worker_at_the_next_progress() {
    for (db, env) in testing::stores("jobs-cancel").await {
        let id = testing::write(&db, &env, async |tx| enqueue(tx, job(None, NOW)).await).await.unwrap();
        let held = claim(&db, at(NOW), at(NOW), 60).await.unwrap().unwrap();
        assert!(testing::write(&db, &env, async |tx| cancel(tx, id).await).await.unwrap());
        assert!(!progress(&db, id, held.fence, Counts::default(), at(NOW)).await.unwrap());
        assert!(!testing::write(&db, &env, async |tx| cancel(tx, id).await).await.unwrap());
    }
}

#[tokio::test]
async fn a_job_finished_in_its_last_step_is_rolled_back_with_it() {
    for (db, env) in testing::stores("jobs-finish-in").await {
        let id = testing::write(&db, &env, async |tx| enqueue(tx, job(None, NOW)).await).await.unwrap();
        let held = claim(&db, at(NOW), at(NOW), 60).await.unwrap().unwrap();
        let refused: Result<bool, Problem> = testing::write(&db, &env, async |tx| {
            finish_in(tx, id, held.fence).await?;
            Err(Problem::not_found())
        })
        .await;
        assert!(refused.is_err());
        assert_eq!(find(db.reader(), id, "1 = 1").await.unwrap().unwrap().state, JobState::Running);
        assert!(testing::write(&db, &env, async |tx| finish_in(tx, id, held.fence).await).await.unwrap());
    }
}
