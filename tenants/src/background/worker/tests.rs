use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use linli_kernel::{JobId, Problem};
use linli_runtime::{
    Change, Key, ScopeIds, Sql,
    jobs::{self, JobState, JobView, NewJob},
    values,
};
use serde_json::json;
use uuid::Uuid;

use crate::{Ctx, JobHandler, JobRun, Ports, background, testing::World};

/// Counts to three; fails as its payload says.
struct Count(AtomicI64);

#[async_trait]
impl JobHandler for Count {
    fn kind(&self) -> &'static str {
        "test.count"
    }
    async fn run(&self, ctx: &Ctx, job: &dyn JobRun) -> Result<(), Problem> {
        let tries = self.0.fetch_add(1, Ordering::SeqCst);
        match job.payload()["how"].as_str() {
            Some("wrong") => return Err(Problem::new(422, "test.wrong", "不行", "no")),
            Some("broken once") if tries == 0 => return Err(Problem::internal("once")),
            Some("panic") => panic!("as the test wants"),
            Some("cancelled") => {
                let id = job.id();
                ctx.tx("test.cancel", &Key::default(), async |tx| {
                    jobs::cancel(tx, id).await?;
                    tx.event(Change::new("job.cancelled", "job", id)).await.map(|_| ())
                })
                .await?;
            }
            _ => {}
        }
        for done in 1..=3 {
            job.progress(done, 3, 0).await?;
        }
        Ok(())
    }
}

async fn order(ctx: &Ctx, how: &str) -> JobId {
    ctx.tx("test.order", &Key::default(), async |tx| {
        let job =
            NewJob { kind: "test.count", payload: json!({ "how": how }), unique_key: None, due_at: tx.now(), scope: ScopeIds::default() };
        let id = jobs::enqueue(tx, job).await?;
        tx.event(Change::new("test.ordered", "job", id)).await?;
        Ok(id)
    })
    .await
    .expect("ordered")
}

async fn ended(ctx: &Ctx, id: JobId) -> JobView {
    for _ in 0..400 {
        let job = jobs::find(ctx.conn(), id, "1 = 1").await.expect("asked").expect("there");
        if crate::jobs::has_ended(job.state) {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the job did not end within ten seconds");
}

async fn world() -> (World, Ctx, tokio::task::JoinHandle<()>) {
    let mut ports = Ports::default();
    ports.add_job(Arc::new(Count(AtomicI64::new(0))));
    let (world, _) = World::with_tenant_and(ports).await;
    let ctx = world.act("sys").await;
    let loops = background::spawn(world.app.clone());
    (world, ctx, loops)
}

#[tokio::test]
async fn jobs_end_as_their_handlers_say() {
    let (_world, ctx, loops) = world().await;
    let again = ended(&ctx, order(&ctx, "broken once").await).await;
    assert_eq!((again.state, again.done, again.total), (JobState::Done, 3, 3), "what is wrong with us is tried again");
    let well = ended(&ctx, order(&ctx, "well").await).await;
    assert_eq!((well.state, well.done, well.failed), (JobState::Done, 3, 0));
    let wrong = ended(&ctx, order(&ctx, "wrong").await).await;
    assert_eq!((wrong.state, wrong.error.as_deref()), (JobState::Failed, Some("不行")));
    assert_eq!(ended(&ctx, order(&ctx, "cancelled").await).await.state, JobState::Cancelled);
    loops.abort();
}

#[tokio::test]
async fn a_job_whose_holder_died_is_taken_up_again() {
    let (world, ctx, loops) = world().await;
    loops.abort();
    let id = order(&ctx, "well").await;
    let tenant = ctx.tenant.clone();
    // as a killed process leaves it: running, its lease on the machine's clock long over
    let tx = tenant.db.begin().await.expect("a transaction");
    let sql = "update job set state = 'running', lease_until = 1, fence = 1, attempts = 1, done = 1, total = 3 where id = $1";
    tx.exec(sql, values![Uuid::from(id)]).await.expect("changed");
    tx.commit().await.expect("committed");
    let loops = background::spawn(world.app.clone());
    let job = ended(&ctx, id).await;
    assert_eq!((job.state, job.done), (JobState::Done, 3));
    loops.abort();
}

#[tokio::test]
async fn events_are_numbered_and_sealed_without_being_asked() {
    let (_world, ctx, loops) = world().await;
    for _ in 0..200 {
        let sealed: Option<i64> = ctx.conn().scalar("select max(seq) as v from audit_checkpoint", values![]).await.ok().flatten();
        let waiting: Option<i64> = ctx.conn().scalar("select count(*) as v from event_queue", values![]).await.expect("asked");
        if sealed.is_some_and(|seq| seq > 10) && waiting == Some(0) {
            loops.abort();
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("nothing was sealed within ten seconds");
}
