//! Verbs on one task.
use linli_kernel::{AccountId, Invalid, Problem, TaskId};
use linli_runtime::{Key, Sql, Tx, values};
use linli_tenants::Ctx;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    engine::{Order, run},
    instances::InstanceView,
};
use crate::{
    core::{Resolved, ResubmitMode, Verb},
    perm,
    query::{self, TaskView},
    store,
};

/// Longest opinion, in characters.
const OPINION: usize = 2_000;
/// Largest form, in bytes of its JSON.
const FORM: usize = 16 * 1024;

/// 同意.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    #[serde(default)]
    #[schema(example = "同意", max_length = 2000)]
    pub opinion: Option<String>,
    /// Fields of the step's form: a JSON object.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub form: Option<Value>,
}

/// 驳回.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    #[schema(example = "不属于共用部位", max_length = 2000)]
    pub opinion: String,
    /// Code of dictionary `reason`.
    #[serde(default)]
    #[schema(example = "not_shared_part")]
    pub reason: Option<String>,
}

/// 退回.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// `applicant`, or a node that was visited.
    #[schema(example = "applicant")]
    pub to: String,
    /// `along` (default): everybody decides again. `straight`: back to who returned it.
    #[serde(default)]
    #[schema(example = "along")]
    pub resubmit: Option<ResubmitMode>,
    #[schema(example = "请补报价单", max_length = 2000)]
    pub opinion: String,
}

/// 转办.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    pub account_id: AccountId,
    #[schema(example = "休假", max_length = 500)]
    pub reason: String,
}

/// The state of the case itself after the step.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SubjectBrief {
    #[schema(example = "filed")]
    pub state: String,
}

/// A decision's answer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Decided {
    pub task: TaskView,
    pub instance: InstanceView,
    pub subject: SubjectBrief,
}

/// 认领: exactly one of many wins.
pub async fn claim(ctx: &Ctx, key: &Key, id: TaskId) -> Result<TaskView, Problem> {
    ctx.require(perm::TASK_CLAIM)?;
    ctx.tx("workflow.task.claim", key, async |tx| Ok(on_task(ctx, tx, id, Verb::Claim { seat: id.into() }, false).await?.0)).await
}

/// 归还 to the pool.
pub async fn release(ctx: &Ctx, key: &Key, id: TaskId) -> Result<TaskView, Problem> {
    ctx.require(perm::TASK_RELEASE)?;
    ctx.tx("workflow.task.release", key, async |tx| Ok(on_task(ctx, tx, id, Verb::Release { seat: id.into() }, false).await?.0)).await
}

pub async fn approve(ctx: &Ctx, key: &Key, id: TaskId, cmd: Approve) -> Result<Decided, Problem> {
    ctx.require(perm::TASK_APPROVE)?;
    let mut invalid = Invalid::new();
    let opinion = cmd.opinion.filter(|o| !o.trim().is_empty());
    if let Some(opinion) = &opinion {
        invalid.text("/opinion", opinion, OPINION);
    }
    let form_fits = cmd.form.as_ref().is_none_or(|f| f.is_object() && f.to_string().len() <= FORM);
    invalid.check(form_fits, "/form", "form", "表单须为对象且不超过16KB", "A form is an object of at most 16 KB");
    invalid.done()?;
    decide(ctx, key, "workflow.task.approve", id, Verb::Approve { seat: id.into(), opinion, form: cmd.form }).await
}

pub async fn reject(ctx: &Ctx, key: &Key, id: TaskId, cmd: Reject) -> Result<Decided, Problem> {
    ctx.require(perm::TASK_REJECT)?;
    let mut invalid = Invalid::new();
    invalid.text("/opinion", &cmd.opinion, OPINION);
    if let Some(reason) = &cmd.reason {
        invalid.text("/reason", reason, 50);
    }
    invalid.done()?;
    decide(ctx, key, "workflow.task.reject", id, Verb::Reject { seat: id.into(), opinion: Some(cmd.opinion), reason: cmd.reason }).await
}

pub async fn return_to(ctx: &Ctx, key: &Key, id: TaskId, cmd: Return) -> Result<Decided, Problem> {
    ctx.require(perm::TASK_RETURN)?;
    let mut invalid = Invalid::new();
    invalid.text("/opinion", &cmd.opinion, OPINION);
    invalid.text("/to", &cmd.to, 200);
    invalid.done()?;
    let mode = cmd.resubmit.unwrap_or(ResubmitMode::Along);
    decide(ctx, key, "workflow.task.return", id, Verb::Return { seat: id.into(), to: cmd.to, mode, opinion: Some(cmd.opinion) }).await
}

pub async fn transfer(ctx: &Ctx, key: &Key, id: TaskId, cmd: Transfer) -> Result<TaskView, Problem> {
    ctx.require(perm::TASK_TRANSFER)?;
    let mut invalid = Invalid::new();
    invalid.text("/reason", &cmd.reason, 500);
    invalid.done()?;
    ctx.tx("workflow.task.transfer", key, async |tx| {
        let place = placed(tx, id).await?;
        let (role, org) = (place.pool_role.unwrap_or_default(), place.pool_org.unwrap_or_default());
        let target_in_pool = store::members(tx, &role, &org).await?.contains(&Uuid::from(cmd.account_id));
        let verb = Verb::Transfer { seat: id.into(), to: cmd.account_id.into(), reason: cmd.reason.clone() };
        Ok(on_task(ctx, tx, id, verb, target_in_pool).await?.0)
    })
    .await
}

async fn decide(ctx: &Ctx, key: &Key, name: &'static str, id: TaskId, verb: Verb) -> Result<Decided, Problem> {
    ctx.tx(name, key, async |tx| {
        let (task, instance, row) = on_task(ctx, tx, id, verb.clone(), false).await?;
        let subject = ctx.app.ports.subject(&row.subject_kind)?.state(tx, row.subject_id).await?;
        Ok(Decided { task, instance, subject: SubjectBrief { state: subject.state } })
    })
    .await
}

#[derive(sea_orm::FromQueryResult)]
struct Placed {
    instance_id: Uuid,
    pool_role: Option<String>,
    pool_org: Option<String>,
}
const PLACED: &str = "select instance_id, pool_role, pool_org from wf_task where id = $1 and kind <> 'copy'";

async fn placed(tx: &Tx, id: TaskId) -> Result<Placed, Problem> {
    tx.conn().row(PLACED, values![id]).await?.ok_or_else(Problem::not_found)
}

/// A verb on a task. Who neither sees the place of its subject nor has the task gets the 404 of an unknown id.
async fn on_task(
    ctx: &Ctx,
    tx: &Tx,
    id: TaskId,
    verb: Verb,
    target_in_pool: bool,
) -> Result<(TaskView, InstanceView, store::InstanceRow), Problem> {
    let row = store::locked(tx, placed(tx, id).await?.instance_id).await?;
    let before = row.instance()?;
    let (_, seat) = before.seat(id.into()).ok_or_else(Problem::not_found)?;
    let me = ctx.account()?;
    let mine = seat.assignee == Some(me.into()) || before.applicant == Uuid::from(me);
    if !mine && !ctx.scope.covers(&row.scope()) {
        return Err(Problem::not_found());
    }
    let in_pool = store::in_pool(ctx, seat, &row.scope());
    let resolved = Resolved { in_pool, target_in_pool, ..Resolved::default() };
    let after = run(ctx, tx, &row, Order::new(ctx, verb).resolved(resolved)).await?;
    let task = query::task_in(ctx, tx.conn(), id).await?;
    Ok((task, InstanceView::of(&after), row))
}
