//! 作业: rows with due time, lease and fencing token. An effect on the outside is such a row, written in the business transaction
//! under a unique key: there is no other outbox. The loop that runs them stands in `linli-tenants`.
use linli_kernel::{AccountId, JobId, PostId, Problem, Timestamp};
use sea_orm::{DeriveActiveEnum, EnumIter, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{Backend, Db, ScopeIds, Sql, Tx, values};

/// State of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum JobState {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// Work to be done after this transaction commits.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub kind: &'static str,
    pub payload: Value,
    /// The same key is the same job for ever: asking twice makes one.
    pub unique_key: Option<String>,
    pub due_at: Timestamp,
    pub scope: ScopeIds,
}

/// A job as its orderer sees it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize, Deserialize, ToSchema)]
pub struct JobView {
    pub id: JobId,
    #[schema(example = "fund.import.check")]
    pub kind: String,
    pub state: JobState,
    /// Items that are through, of `total`.
    #[schema(example = 210)]
    pub done: i64,
    #[schema(example = 210)]
    pub total: i64,
    /// Items that could not be done.
    #[schema(example = 0)]
    pub failed: i64,
    /// Why the whole job failed.
    pub error: Option<String>,
    pub created_at: Timestamp,
    pub finished_at: Option<Timestamp>,
}

/// A job that this replica holds under a lease. Every later write names its `fence`, so a replica that slept changes nothing.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Claimed {
    pub id: JobId,
    pub kind: String,
    pub payload: String,
    pub fence: i64,
    /// This try's number, from 1.
    pub attempts: i64,
    /// Where an earlier try stopped.
    pub done: i64,
    pub total: i64,
    pub failed: i64,
    /// Who ordered it; none for the system.
    pub account_id: Option<AccountId>,
    pub post_id: Option<PostId>,
    pub role: String,
    pub request_id: String,
}

impl Claimed {
    pub fn payload(&self) -> Result<Value, Problem> {
        serde_json::from_str(&self.payload).map_err(Problem::internal)
    }
}

const INSERT: &str = "insert into job (id, kind, payload, unique_key, state, due_at, account_id, post_id, role, request_id,
                        area_path, company_id, project_id, house_id, person_id, created_at)
                      values ($1, $2, $3, $4, 'queued', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
                      on conflict (unique_key) do nothing";
const OF_KEY: &str = "select id as v from job where unique_key = $1";

/// Orders a job; answers the one that its unique key already has, if any.
pub async fn enqueue(tx: &Tx, job: NewJob) -> Result<JobId, Problem> {
    let (id, author) = (JobId::new(), tx.author());
    let row = values![
        id,
        job.kind,
        job.payload.to_string(),
        job.unique_key.as_deref(),
        job.due_at,
        author.account,
        author.post,
        author.role.as_str(),
        author.request_id.as_str(),
        job.scope.area_path,
        job.scope.company_id,
        job.scope.project_id,
        job.scope.house_id,
        job.scope.person_id,
        tx.now()
    ];
    if tx.conn().exec(INSERT, row).await? == 1 {
        return Ok(id);
    }
    let first: Option<JobId> = tx.conn().scalar(OF_KEY, values![job.unique_key]).await?;
    first.ok_or_else(|| Problem::internal("a job with this unique key vanished"))
}

/// The columns of [`JobView`], for lists with a scope of their own.
pub const VIEW: &str = "id, kind, state, done, total, failed, error, created_at, finished_at";

/// One job under a scope predicate over its columns (`1 = 1` for the system).
pub async fn find(conn: &impl Sql, id: JobId, predicate: &str) -> Result<Option<JobView>, Problem> {
    conn.row(&format!("select {VIEW} from job where id = $1 and ({predicate})"), values![id]).await
}

// Two clocks: what is due follows business time, leases follow the machine's.
const CLAIM: &str = "update job set state = 'running', fence = fence + 1, attempts = attempts + 1, lease_until = $1
                     where id = (select id from job
                                 where (state = 'queued' and due_at <= $2) or (state = 'running' and lease_until < $3)
                                 order by due_at, id limit 1 %LOCK%)
                     returning id, kind, payload, fence, attempts, done, total, failed, account_id, post_id, role, request_id";

/// Takes the next due job, or one whose holder died. `now` is business time, `machine` the machine's.
pub async fn claim(db: &Db, now: Timestamp, machine: Timestamp, lease_seconds: i64) -> Result<Option<Claimed>, Problem> {
    let lock = match db.backend() {
        Backend::Postgres => "for update skip locked",
        Backend::Sqlite => "",
    };
    let tx = db.begin().await?;
    let row = tx.row(&CLAIM.replace("%LOCK%", lock), values![machine.plus_seconds(lease_seconds), now, machine]).await?;
    tx.commit().await?;
    Ok(row)
}

const DUE: &str = "select min(due_at) as v from job where state = 'queued'";

/// When the next queued job is due, so that the loop can sleep until then.
pub async fn next_due(db: &Db) -> Result<Option<Timestamp>, Problem> {
    let at: Option<Option<Timestamp>> = db.reader().scalar(DUE, values![]).await?;
    Ok(at.flatten())
}

const PROGRESS: &str = "update job set done = $3, total = $4, failed = $5, lease_until = $6
                        where id = $1 and fence = $2 and state = 'running'";

/// Counts of a running job; lengthens its lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub done: i64,
    pub total: i64,
    pub failed: i64,
}

/// Writes progress. False: it was cancelled, or another replica holds it now; the worker stops.
pub async fn progress(db: &Db, id: JobId, fence: i64, counts: Counts, lease_until: Timestamp) -> Result<bool, Problem> {
    let tx = db.begin().await?;
    let changed = tx.exec(PROGRESS, values![id, fence, counts.done, counts.total, counts.failed, lease_until]).await?;
    tx.commit().await?;
    Ok(changed == 1)
}

const FINISH: &str = "update job set state = 'done', lease_until = null, error = null, finished_at = $3
                      where id = $1 and fence = $2 and state = 'running'";

/// Ends it well. False: it was no longer ours.
pub async fn finish(db: &Db, id: JobId, fence: i64, now: Timestamp) -> Result<bool, Problem> {
    let tx = db.begin().await?;
    let changed = tx.exec(FINISH, values![id, fence, now]).await?;
    tx.commit().await?;
    Ok(changed == 1)
}

/// As [`finish`], in the transaction of the job's last step, so that the step happens exactly once.
pub async fn finish_in(tx: &Tx, id: JobId, fence: i64) -> Result<bool, Problem> {
    Ok(tx.conn().exec(FINISH, values![id, fence, tx.now()]).await? == 1)
}

const FAIL: &str = "update job set state = 'failed', lease_until = null, error = $3, finished_at = $4
                    where id = $1 and fence = $2 and state = 'running'";
const AGAIN: &str = "update job set state = 'queued', lease_until = null, error = $3, due_at = $4
                     where id = $1 and fence = $2 and state = 'running'";

/// What happens to a job whose try went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFailure {
    /// It ends as failed, at this business time.
    GiveUp(Timestamp),
    /// It is tried again at this business time.
    RetryAt(Timestamp),
}

/// Notes a failed try. False: it was no longer ours.
pub async fn fail(db: &Db, id: JobId, fence: i64, error: &str, after: AfterFailure) -> Result<bool, Problem> {
    let (sql, at) = match after {
        AfterFailure::GiveUp(now) => (FAIL, now),
        AfterFailure::RetryAt(due) => (AGAIN, due),
    };
    let short: String = error.chars().take(2_000).collect();
    let tx = db.begin().await?;
    let changed = tx.exec(sql, values![id, fence, short, at]).await?;
    tx.commit().await?;
    Ok(changed == 1)
}

const CANCEL: &str = "update job set state = 'cancelled', lease_until = null, fence = fence + 1, finished_at = $2
                      where id = $1 and state in ('queued', 'running')";
const RETRY: &str = "update job set state = 'queued', error = null, due_at = $2, finished_at = null
                     where id = $1 and state in ('failed', 'cancelled')";

/// Cancels what has not ended. False: it had.
pub async fn cancel(tx: &Tx, id: JobId) -> Result<bool, Problem> {
    Ok(tx.conn().exec(CANCEL, values![id, tx.now()]).await? == 1)
}

/// Queues a failed or cancelled job again. False: it was neither.
pub async fn retry(tx: &Tx, id: JobId) -> Result<bool, Problem> {
    Ok(tx.conn().exec(RETRY, values![id, tx.now()]).await? == 1)
}

#[cfg(test)]
mod tests;
