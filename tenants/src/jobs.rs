//! 作业 as people watch them: a list, an item, a stream of its progress, and cancelling.
use linli_kernel::{AccountId, JobId, Page, PageQuery, Problem};
use linli_macros::Problem as ProblemEnum;
use linli_runtime::{
    Change, Key, Sql,
    jobs::{self, JobState, JobView},
    values,
};
use serde::Deserialize;

use crate::{Ctx, ScopeColumns, perm};

/// The columns of `job` that say whose it is; who ordered it sees it as well.
const COLUMNS: ScopeColumns = ScopeColumns {
    area_path: Some("area_path"),
    company_id: Some("company_id"),
    project_id: Some("project_id"),
    house_id: Some("house_id"),
    person_id: Some("person_id"),
    ..ScopeColumns::NONE
};

#[derive(Debug, ProblemEnum)]
pub enum JobError {
    #[problem(409, "job.not_allowed", zh = "作业已结束，不能再取消", en = "The job has ended and cannot be cancelled")]
    Ended,
}

fn predicate(ctx: &Ctx) -> String {
    let backend = ctx.tenant.db.backend();
    let scope = ctx.scope.predicate(&COLUMNS, "", backend);
    match ctx.actor.account_id {
        Some(AccountId(id)) => format!("({scope} or account_id = {})", crate::scope::uuid_literal(id, backend)),
        None => scope,
    }
}

/// Filters of the list.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JobQuery {
    #[param(example = "fund.import.check")]
    pub kind: Option<String>,
    /// `queued`, `running`, `done`, `failed` or `cancelled`.
    pub state: Option<String>,
    pub page: Option<u64>,
    pub page_size: Option<u64>,
}

pub async fn list(ctx: &Ctx, query: &JobQuery) -> Result<Page<JobView>, Problem> {
    ctx.require(perm::JOB_READ)?;
    let page = PageQuery { page: query.page, page_size: query.page_size };
    let (kind, state) = (query.kind.as_deref().unwrap_or(""), query.state.as_deref().unwrap_or(""));
    let filter = format!("where ($1 = '' or kind = $1) and ($2 = '' or state = $2) and {}", predicate(ctx));
    let sql = format!("select {} from job {filter} order by created_at desc, id limit $3 offset $4", jobs::VIEW);
    let items = ctx.conn().rows(&sql, values![kind, state, page.limit() as i64, page.offset() as i64]).await?;
    let count = format!("select count(*) as v from (select 1 from job {filter} limit 10001) t");
    let counted: Option<i64> = ctx.conn().scalar(&count, values![kind, state]).await?;
    Ok(Page::new(items, counted.unwrap_or(0)))
}

pub async fn get(ctx: &Ctx, id: JobId) -> Result<JobView, Problem> {
    ctx.require(perm::JOB_READ)?;
    jobs::find(ctx.conn(), id, &predicate(ctx)).await?.ok_or_else(Problem::not_found)
}

/// 取消 what has not ended; its worker stops at its next chunk.
pub async fn cancel(ctx: &Ctx, key: &Key, id: JobId) -> Result<JobView, Problem> {
    ctx.require(perm::JOB_CANCEL)?;
    ctx.tx("job.cancel", key, async |tx| {
        let before = jobs::find(tx.conn(), id, &predicate(ctx)).await?.ok_or_else(Problem::not_found)?;
        if !jobs::cancel(tx, id).await? {
            return Err(JobError::Ended.into());
        }
        let change = Change::new("job.cancelled", "job", id).state(before.state, JobState::Cancelled);
        tx.event(change.data("kind", &before.kind)).await?;
        jobs::find(tx.conn(), id, &predicate(ctx)).await?.ok_or_else(Problem::not_found)
    })
    .await
}

pub(crate) fn has_ended(state: JobState) -> bool {
    match state {
        JobState::Queued | JobState::Running => false,
        JobState::Done | JobState::Failed | JobState::Cancelled => true,
    }
}
