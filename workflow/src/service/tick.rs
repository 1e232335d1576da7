//! What follows the clock: boundary timers fire, late tasks are told of.
use linli_kernel::{AccountId, Problem, TaskId, Timestamp};
use linli_runtime::{
    Change, Key, Sql, Tx,
    notice::{self, NewNotice},
    values,
};
use linli_tenants::Ctx;
use uuid::Uuid;

use super::{
    answer::failed,
    engine::{Order, Unanswered, attempt},
};
use crate::{
    core::{Need, Resolved, Verb, WorkflowError},
    store::{self, InstanceRow},
};

/// Rows a round: the next one comes within a second.
const ROUND: i64 = 100;
const RETRY_SECONDS: i64 = 60;

/// Fires what is due. Called by the background loop with a system context.
pub async fn tick(ctx: &Ctx) -> Result<(), Problem> {
    for due in due_timers(ctx).await? {
        fire(ctx, &due).await?;
    }
    for late in late_tasks(ctx).await? {
        tell_late(ctx, &late).await?;
    }
    Ok(())
}

#[derive(sea_orm::FromQueryResult)]
struct Due {
    instance_id: Uuid,
    timer: i64,
    due_at: Timestamp,
}
// Timers of suspended instances wait.
const DUE: &str = "select t.instance_id, t.timer, t.due_at from wf_timer t join wf_instance i on i.id = t.instance_id
                   where t.due_at <= $1 and (t.retry_at is null or t.retry_at <= $1) and i.state = 'running' order by t.due_at limit $2";
const LATER: &str = "update wf_timer set retry_at = $3 where instance_id = $1 and timer = $2";

async fn due_timers(ctx: &Ctx) -> Result<Vec<Due>, Problem> {
    ctx.conn().rows(DUE, values![ctx.now(), ROUND]).await
}

/// First as it is. Where a topic refuses, once more with that refusal recorded as an incident, and nothing of the first try left.
async fn fire(ctx: &Ctx, due: &Due) -> Result<(), Problem> {
    let mut refused: Option<(Need, Problem)> = None;
    for _ in 0..2 {
        let mut unanswered = None;
        let done = ctx
            .tx("workflow.timer.fire", &Key::default(), async |tx| {
                let row = store::locked(tx, due.instance_id).await?;
                match attempt(ctx, tx, &row, order(ctx, &row, due, refused.as_ref())).await {
                    Ok(_) => Ok(()),
                    Err(Unanswered { problem, need }) => {
                        unanswered = need.map(|need| (need, problem.clone()));
                        Err(problem)
                    }
                }
            })
            .await;
        match (done, unanswered) {
            (Ok(()), _) => return Ok(()),
            (Err(problem), Some(found)) if problem.status() < 500 => refused = Some(found),
            // A decision was faster; the projection follows with it.
            (Err(problem), _) if problem.status() == 404 || problem.status() == 409 => break,
            (Err(problem), _) => return Err(problem),
        }
    }
    tracing::warn!(instance = %due.instance_id, timer = due.timer, "A timer could not fire; it is tried again");
    ctx.tx("workflow.timer.postpone", &Key::default(), async |tx| {
        tx.conn().exec(LATER, values![due.instance_id, due.timer, tx.now().plus_seconds(RETRY_SECONDS)]).await?;
        tx.event(Change::new("workflow.timer.postponed", "workflow.instance", due.instance_id)).await?;
        Ok(())
    })
    .await
}

fn order(ctx: &Ctx, row: &InstanceRow, due: &Due, refused: Option<&(Need, Problem)>) -> Order {
    let timer = u64::try_from(due.timer).unwrap_or_default();
    let mut resolved = Resolved::default();
    if let Some((need, problem)) = refused {
        resolved.answer(need, failed(problem));
    }
    // The same timer at the same due time is the same command: two replicas fire it once.
    let digest = linli_runtime::crypto::sha256_hex(format!("timer:{}:{timer}:{}", row.id, due.due_at.micros()).as_bytes());
    let id = Uuid::parse_str(&digest[..32]).unwrap_or_else(|_| Uuid::now_v7());
    Order { id, ..Order::new(ctx, Verb::Fire { timer }) }.resolved(resolved)
}

#[derive(sea_orm::FromQueryResult)]
struct Late {
    id: TaskId,
    instance_id: Uuid,
    node: String,
    name: String,
    assignee: Option<AccountId>,
    pool_role: Option<String>,
    pool_org: Option<String>,
    due_at: Timestamp,
}
const LATE: &str = "select t.id, t.instance_id, t.node, t.name, t.assignee, t.pool_role, t.pool_org, t.due_at
                    from wf_task t join wf_instance i on i.id = t.instance_id
                    where t.state = 'open' and t.overdue_at is null and t.due_at < $1 and i.state = 'running' order by t.due_at limit $2";
const MARK: &str = "update wf_task set overdue_at = $2 where id = $1 and overdue_at is null and state = 'open'";

async fn late_tasks(ctx: &Ctx) -> Result<Vec<Late>, Problem> {
    ctx.conn().rows(LATE, values![ctx.now(), ROUND]).await
}

/// 超期: once a task.
async fn tell_late(ctx: &Ctx, late: &Late) -> Result<(), Problem> {
    let told = ctx
        .tx("workflow.task.overdue", &Key::default(), async |tx| {
            if tx.conn().exec(MARK, values![late.id, tx.now()]).await? == 0 {
                return Err(WorkflowError::Conflict.into());
            }
            let row = store::by_id(tx.conn(), late.instance_id).await?;
            let change = Change::new("workflow.task.overdue", "workflow.instance", row.id).scope(row.scope());
            let change =
                change.data("no", row.subject_no.as_str()).data("node", &late.node).data("task", late.id).data("due_at", late.due_at);
            tx.event(change.state("open", "open")).await?;
            let notices = holders(tx, late).await?.into_iter().map(|account| NewNotice {
                template: "case.overdue",
                account_id: Some(account),
                person_id: None,
                title: format!("任务已超期：{}", late.name),
                body: format!("{} {}", row.subject_no, row.title),
                subject_kind: "workflow.instance",
                subject_id: row.id,
                dedupe_key: format!("case.overdue:{}", late.id),
            });
            let notices: Vec<NewNotice> = notices.collect();
            if notices.is_empty() { Ok(()) } else { notice::send_all(tx, notices).await }
        })
        .await;
    match told {
        Err(problem) if problem.status() == 409 => Ok(()),
        other => other,
    }
}

async fn holders(tx: &Tx, late: &Late) -> Result<Vec<AccountId>, Problem> {
    match (late.assignee, &late.pool_role, &late.pool_org) {
        (Some(one), _, _) => Ok(vec![one]),
        (None, Some(role), Some(org)) => Ok(store::members(tx, role, org).await?.into_iter().map(AccountId).collect()),
        (None, _, _) => Ok(Vec::new()),
    }
}
