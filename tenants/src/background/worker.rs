//! The job loop of one tenant: claims what is due, runs it under the rights of whoever ordered it, keeps its lease alive.
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use linli_kernel::{JobId, Problem};
use linli_runtime::{
    Change, Key, Sql,
    jobs::{self, AfterFailure, Claimed, Counts, JobState},
    notice, values,
};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::{App, Ctx, JobHandler, JobRun, Tenant, notices::MailNotices, sessions};

const LEASE_SECONDS: i64 = 15;
const RENEW_EVERY: Duration = Duration::from_secs(5);
const ROUND: Duration = Duration::from_millis(500);
/// A job whose holder died is looked for this often, even when nothing is due.
const ORPHANS_EVERY: Duration = Duration::from_secs(5);
const TRIES: i64 = 5;

pub(super) async fn run(app: Arc<App>, tenant: Arc<Tenant>, workers: Arc<Semaphore>) {
    if let Err(problem) = free_leases(&tenant).await {
        tracing::warn!(tenant = tenant.slug, %problem, "Could not free the leases of a former start");
    }
    let mut looked_at: Option<Instant> = None;
    loop {
        let committed = tenant.committed.notified();
        tokio::pin!(committed);
        committed.as_mut().enable();
        let orphans = looked_at.is_none_or(|at| at.elapsed() >= ORPHANS_EVERY);
        match is_due(&app, &tenant).await {
            Ok(due) if due || orphans => {
                looked_at = Some(Instant::now());
                if let Err(problem) = drain(&app, &tenant, &workers).await {
                    tracing::error!(tenant = tenant.slug, %problem, "Could not work through the jobs");
                    tokio::time::sleep(ROUND).await;
                }
            }
            Ok(_) => {}
            Err(problem) => tracing::error!(tenant = tenant.slug, %problem, "Could not look for due jobs"),
        }
        tokio::select! {
            () = committed => {}
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

const FREE: &str = "update job set lease_until = 0 where state = 'running'";

/// A SQLite file has one process: what a former start was running nobody holds any more.
async fn free_leases(tenant: &Tenant) -> Result<(), Problem> {
    if tenant.db.is_postgres() {
        return Ok(());
    }
    let tx = tenant.db.begin().await?;
    tx.exec(FREE, values![]).await?;
    Ok(tx.commit().await?)
}

async fn is_due(app: &App, tenant: &Tenant) -> Result<bool, Problem> {
    Ok(jobs::next_due(&tenant.db).await?.is_some_and(|at| at <= app.clock.now()))
}

async fn drain(app: &Arc<App>, tenant: &Arc<Tenant>, workers: &Arc<Semaphore>) -> Result<(), Problem> {
    loop {
        let _slot = workers.acquire().await.map_err(Problem::internal)?;
        let claimed = jobs::claim(&tenant.db, app.clock.now(), app.clock.machine(), LEASE_SECONDS).await?;
        let Some(job) = claimed else { return Ok(()) };
        work(app, tenant, job).await?;
    }
}

async fn work(app: &Arc<App>, tenant: &Arc<Tenant>, job: Claimed) -> Result<(), Problem> {
    let system = Ctx::system(app, tenant, &job.request_id);
    let running = Arc::new(Running {
        ctx: system.clone(),
        id: job.id,
        fence: job.fence,
        payload: job.payload()?,
        counts: Mutex::new(Counts { done: job.done, total: job.total, failed: job.failed }),
    });
    let keeper = tokio::spawn(keep_lease(running.clone()));
    // a panic of one job must not end the loop of the tenant
    let handled = tokio::spawn({
        let (system, running, job) = (system.clone(), running.clone(), job.clone());
        async move { handle(&system, &job, &running).await }
    });
    let result = handled.await.unwrap_or_else(|e| Err(Problem::internal(format!("the job panicked: {e}"))));
    keeper.abort();
    match result {
        Ok(()) => end_well(&system, &job).await,
        Err(problem) if problem.code() == LOST => Ok(()),
        Err(problem) => note_failure(&system, &job, &problem).await,
    }
}

async fn handle(system: &Ctx, job: &Claimed, running: &Running) -> Result<(), Problem> {
    let ctx = match job.account_id {
        None => system.clone(),
        Some(account) => sessions::context_of(system, account, job.post_id).await?.ok_or_else(|| {
            Problem::new(403, "job.orderer_gone", "下达人的账号已停用", "The account that ordered the job is no longer active")
        })?,
    };
    if job.attempts == 1 {
        let change = Change::new("job.started", "job", job.id).state(JobState::Queued, JobState::Running).data("kind", &job.kind);
        system.tx("job.start", &Key::default(), async |tx| tx.event(change).await.map(|_| ())).await?;
    }
    if job.kind == notice::MAIL_JOB {
        return MailNotices.run(&ctx, running).await;
    }
    let handler = system.app.ports.job(&job.kind).ok_or_else(|| Problem::internal(format!("nobody does jobs of kind {}", job.kind)))?;
    handler.run(&ctx, running).await
}

async fn end_well(system: &Ctx, job: &Claimed) -> Result<(), Problem> {
    system
        .tx("job.finish", &Key::default(), async |tx| {
            if !jobs::finish_in(tx, job.id, job.fence).await? {
                return Err(lost());
            }
            let change = Change::new("job.done", "job", job.id).state(JobState::Running, JobState::Done);
            tx.event(change.data("kind", &job.kind)).await?;
            Ok(())
        })
        .await
        .or_else(|problem| if matches!(problem.code(), LOST) { Ok(()) } else { Err(problem) })
}

/// What is wrong with us is tried again, later each time; what is wrong with the job ends it.
async fn note_failure(system: &Ctx, job: &Claimed, problem: &Problem) -> Result<(), Problem> {
    let now = system.now();
    let again = problem.status() >= 500 && job.attempts < TRIES;
    tracing::warn!(tenant = system.tenant.slug, job = %job.id, kind = job.kind, attempt = job.attempts, again, %problem, "A job failed");
    let after = match again {
        true => AfterFailure::RetryAt(now.plus_seconds(1 << job.attempts.clamp(0, 10))),
        false => AfterFailure::GiveUp(now),
    };
    let told = problem.message(linli_kernel::Locale::Zh);
    let ours = jobs::fail(&system.tenant.db, job.id, job.fence, told, after).await?;
    if ours && !again {
        let change = Change::new("job.failed", "job", job.id).state(JobState::Running, JobState::Failed);
        let change = change.data("kind", &job.kind).data("code", problem.code());
        system.tx("job.fail", &Key::default(), async |tx| tx.event(change).await.map(|_| ())).await?;
    }
    Ok(())
}

const LOST: &str = "job.lost";
fn lost() -> Problem {
    Problem::new(409, LOST, "作业已取消或由其他节点接手", "The job was cancelled or another replica has it")
}

/// The job in hand, as its handler sees it.
struct Running {
    ctx: Ctx,
    id: JobId,
    fence: i64,
    payload: Value,
    counts: Mutex<Counts>,
}

impl Running {
    async fn write(&self) -> Result<(), Problem> {
        let counts = *self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let until = self.ctx.app.clock.machine().plus_seconds(LEASE_SECONDS);
        if jobs::progress(&self.ctx.tenant.db, self.id, self.fence, counts, until).await? { Ok(()) } else { Err(lost()) }
    }
}

#[async_trait]
impl JobRun for Running {
    fn id(&self) -> JobId {
        self.id
    }
    fn payload(&self) -> &Value {
        &self.payload
    }
    async fn progress(&self, done: i64, total: i64, failed: i64) -> Result<(), Problem> {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner) = Counts { done, total, failed };
        self.write().await
    }
}

/// Lengthens the lease while the handler works; a handler that lost it finds out at its next progress.
async fn keep_lease(running: Arc<Running>) {
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        match running.write().await {
            Err(problem) if problem.code() == LOST => return,
            Err(problem) => tracing::warn!(%problem, job = %running.id, "Could not lengthen a lease"),
            Ok(()) => {}
        }
    }
}

#[cfg(test)]
mod tests;
