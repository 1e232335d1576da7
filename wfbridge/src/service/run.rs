//! Commands: load, step, answer what the step needs, write, tell.
use linli_kernel::{AccountId, InstanceId, Problem, TaskId, Timestamp};
use linli_runtime::{Change, Key, ScopeIds, Sql, Tx, notice, values};
use linli_tenants::{Ctx, Report};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::queries::{self, TaskView};
use crate::{
    core::{Answer, Answers, By, Command, Happened, Instance, NeedKind, Outcoming, Recorded, step},
    error::WorkflowError,
    model::{Definition, NodeKind},
    perm,
    ports::{RuleHost, Topics},
    store::{self, InstanceRow},
};

/// A case that enters its flow.
#[derive(Clone, Debug)]
pub struct Start {
    pub definition_key: &'static str,
    pub subject_kind: &'static str,
    pub subject_id: Uuid,
    pub subject_no: Option<String>,
    pub title: String,
    pub applicant: AccountId,
    pub scope: ScopeIds,
    /// A JSON object that conditions and rules read.
    pub facts: Value,
}

/// An instance in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InstanceState {
    pub id: InstanceId,
    /// `running`, `completed`, `rejected`, `withdrawn` …
    #[schema(example = "running")]
    pub state: String,
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
    pub instance: InstanceState,
    pub subject: SubjectBrief,
}

/// Starts the flow in force in the caller's transaction.
pub async fn start(ctx: &Ctx, tx: &Tx, new: Start) -> Result<InstanceState, Problem> {
    let (definition_id, d) = store::in_force(tx.conn(), new.definition_key).await?;
    let row = InstanceRow {
        id: InstanceId::new().into(),
        definition_id,
        subject_kind: new.subject_kind.to_owned(),
        subject_id: new.subject_id,
        subject_no: new.subject_no.unwrap_or_default(),
        title: new.title,
        rev: 0,
        marking: String::new(),
        area_path: new.scope.area_path.clone(),
        project_id: new.scope.project_id.map(Into::into),
        started_at: tx.now(),
    };
    let by = By { account: Some(new.applicant.into()), in_pool: false };
    // the row first, so that handlers of topics may ask for it
    let command = Command::Start { facts: new.facts };
    let (recorded, after, happened) = play(ctx, tx, &row, &d, None, command, by).await?;
    store::new_instance(tx, &row, &d, &after).await?;
    store::append(tx, row.id, &recorded, &happened).await?;
    tell(ctx, tx, &row, &d, None, &after, &happened).await?;
    Ok(InstanceState { id: row.id.into(), state: store::state_text(after.state).into() })
}

/// The applicant hands in again after a return; the round rises.
pub async fn resubmit(ctx: &Ctx, tx: &Tx, id: InstanceId, facts: Value) -> Result<InstanceState, Problem> {
    let row = store::locked(tx, id.into()).await?;
    let after = command(ctx, tx, &row, Command::Resubmit { facts }, false).await?;
    Ok(InstanceState { id, state: store::state_text(after.state).into() })
}

/// Ends the instance because its case was ended; open tasks are cancelled with the reason.
pub async fn terminate(ctx: &Ctx, tx: &Tx, id: InstanceId, reason: &str) -> Result<(), Problem> {
    let row = store::locked(tx, id.into()).await?;
    command(ctx, tx, &row, Command::Terminate { reason: reason.to_owned() }, false).await.map(|_| ())
}

/// Whether the city has a flow of this key in force.
pub async fn has_definition(conn: &(impl sea_orm::ConnectionTrait + Sync), key: &str) -> Result<bool, Problem> {
    let found: Option<i64> = conn.scalar("select count(*) as v from wf_definition where key = $1 and state = 'published'", values![key]).await?;
    Ok(found.unwrap_or(0) > 0)
}

/// 撤回 by the applicant, until the first decision.
pub async fn withdraw(ctx: &Ctx, key: &Key, id: InstanceId) -> Result<InstanceState, Problem> {
    ctx.require(perm::INSTANCE_WITHDRAW)?;
    ctx.tx("workflow.instance.withdraw", key, async |tx| {
        store::visible(ctx, tx.conn(), id.into()).await?;
        let row = store::locked(tx, id.into()).await?;
        let after = command(ctx, tx, &row, Command::Withdraw, false).await?;
        Ok(InstanceState { id, state: store::state_text(after.state).into() })
    })
    .await
}

/// Opinion of an approval.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    /// 意见
    #[schema(example = "同意", max_length = 2000)]
    pub opinion: Option<String>,
    /// Fields of the step's form, where it has one.
    pub form: Option<Value>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    #[schema(example = "不属于共用部位", max_length = 2000)]
    pub opinion: String,
    /// Code of dictionary `reason`.
    #[schema(example = "not_shared_part")]
    pub reason: Option<String>,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Return {
    /// `applicant`, or a node that was visited.
    #[schema(example = "applicant")]
    pub to: String,
    /// `along`: everybody decides again. The only mode of this version.
    #[schema(example = "along")]
    pub resubmit: Option<String>,
    #[schema(example = "请补报价单", max_length = 2000)]
    pub opinion: String,
}

#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    pub account_id: AccountId,
    #[schema(example = "休假", max_length = 500)]
    pub reason: String,
}

pub async fn claim(ctx: &Ctx, key: &Key, id: TaskId) -> Result<TaskView, Problem> {
    ctx.require(perm::TASK_CLAIM)?;
    ctx.tx("workflow.task.claim", key, async |tx| Ok(on_task(ctx, tx, id, Command::Claim { task: id.into() }).await?.task)).await
}

pub async fn release(ctx: &Ctx, key: &Key, id: TaskId) -> Result<TaskView, Problem> {
    ctx.require(perm::TASK_RELEASE)?;
    ctx.tx("workflow.task.release", key, async |tx| Ok(on_task(ctx, tx, id, Command::Release { task: id.into() }).await?.task)).await
}

pub async fn approve(ctx: &Ctx, key: &Key, id: TaskId, cmd: Approve) -> Result<Decided, Problem> {
    ctx.require(perm::TASK_APPROVE)?;
    let opinion = opinion(cmd.opinion)?;
    ctx.tx("workflow.task.approve", key, async |tx| on_task(ctx, tx, id, Command::Approve { task: id.into(), opinion: opinion.clone() }).await).await
}

pub async fn reject(ctx: &Ctx, key: &Key, id: TaskId, cmd: Reject) -> Result<Decided, Problem> {
    ctx.require(perm::TASK_REJECT)?;
    let opinion = required(cmd.opinion)?;
    ctx.tx("workflow.task.reject", key, async |tx| {
        on_task(ctx, tx, id, Command::Reject { task: id.into(), opinion: opinion.clone(), reason: cmd.reason.clone() }).await
    })
    .await
}

pub async fn return_to(ctx: &Ctx, key: &Key, id: TaskId, cmd: Return) -> Result<Decided, Problem> {
    ctx.require(perm::TASK_RETURN)?;
    if cmd.resubmit.as_deref().is_some_and(|mode| mode != "along") {
        let mut invalid = linli_kernel::Invalid::new();
        invalid.add("/resubmit", "enum", "目前只支持 along（重新走完各环节）", "Only `along` is supported");
        invalid.done()?;
    }
    let opinion = required(cmd.opinion)?;
    ctx.tx("workflow.task.return", key, async |tx| {
        on_task(ctx, tx, id, Command::Return { task: id.into(), to: cmd.to.clone(), opinion: opinion.clone() }).await
    })
    .await
}

pub async fn transfer(ctx: &Ctx, key: &Key, id: TaskId, cmd: Transfer) -> Result<TaskView, Problem> {
    ctx.require(perm::TASK_TRANSFER)?;
    let reason = required(cmd.reason)?;
    ctx.tx("workflow.task.transfer", key, async |tx| {
        let row: Option<TaskRow> = tx.conn().row(TASK, values![id]).await?;
        let row = row.ok_or_else(Problem::not_found)?;
        let pool = store::pool(tx, &row.pool_role, row.area_path.as_deref()).await?;
        if !pool.contains(&cmd.account_id.into()) {
            let mut invalid = linli_kernel::Invalid::new();
            invalid.add("/account_id", "not_in_pool", "对方没有这个环节的岗位，请选择本环节的同事", "The other holds no post for this step");
            invalid.done()?;
        }
        let command = Command::Transfer { task: id.into(), account: cmd.account_id.into(), reason: reason.clone() };
        let done = on_task(ctx, tx, id, command).await?;
        let told = notice::NewNotice {
            template: "task.transferred",
            account_id: Some(cmd.account_id),
            person_id: None,
            title: format!("有一项任务转给您办理：{}", done.task.name),
            body: format!("{} {}。转办原因：{reason}", done.task.subject_no, done.task.title),
            subject_kind: "workflow.instance",
            subject_id: done.task.instance_id.into(),
            dedupe_key: format!("task.transferred:{id}:{}", tx.now()),
        };
        notice::send(tx, told).await?;
        Ok(done.task)
    })
    .await
}

fn opinion(text: Option<String>) -> Result<Option<String>, Problem> {
    let mut invalid = linli_kernel::Invalid::new();
    if let Some(text) = text.as_deref().filter(|t| !t.is_empty()) {
        invalid.text("/opinion", text, 2000);
    }
    invalid.done()?;
    Ok(text.filter(|t| !t.is_empty()))
}

fn required(text: String) -> Result<String, Problem> {
    let mut invalid = linli_kernel::Invalid::new();
    invalid.text("/opinion", &text, 2000);
    invalid.done()?;
    Ok(text)
}

#[derive(sea_orm::FromQueryResult)]
struct TaskRow {
    instance_id: Uuid,
    pool_role: String,
    area_path: Option<String>,
}
const TASK: &str = "select instance_id, pool_role, area_path from wf_task where id = $1";

/// A command on a task: who does not see the instance (or is not its assignee) gets the 404 of an unknown one.
async fn on_task(ctx: &Ctx, tx: &Tx, id: TaskId, what: Command) -> Result<Decided, Problem> {
    let task: Option<TaskRow> = tx.conn().row(TASK, values![id]).await?;
    let task = task.ok_or_else(Problem::not_found)?;
    let row = store::locked(tx, task.instance_id).await?;
    let account = ctx.account()?;
    let instance = row.instance()?;
    let assigned = instance.activations.iter().flat_map(|a| &a.seats).any(|s| s.task == Uuid::from(id) && s.assignee == Some(account.into()));
    if !assigned && !ctx.scope.covers(&row.scope()) {
        return Err(Problem::not_found());
    }
    let in_pool = ctx.actor.role == task.pool_role && ctx.scope.covers(&row.scope());
    let after = command(ctx, tx, &row, what, in_pool).await?;
    let subject = ctx.app.ports.subject(&row.subject_kind)?.state(tx, row.subject_id).await?;
    Ok(Decided {
        task: queries::task(ctx, tx.conn(), id).await?,
        instance: InstanceState { id: row.id.into(), state: store::state_text(after.state).into() },
        subject: SubjectBrief { state: subject.state },
    })
}

/// Plays, writes and tells one command on a locked instance.
async fn command(ctx: &Ctx, tx: &Tx, row: &InstanceRow, what: Command, in_pool: bool) -> Result<Instance, Problem> {
    let before = row.instance()?;
    let d = store::definition(tx.conn(), row.definition_id).await?;
    let by = By { account: ctx.actor.account_id.map(Into::into), in_pool };
    let (recorded, after, happened) = play(ctx, tx, row, &d, Some(&before), what, by).await?;
    store::save(tx, row, &d, &before, &after).await?;
    store::append(tx, row.id, &recorded, &happened).await?;
    tell(ctx, tx, row, &d, Some(&before), &after, &happened).await?;
    Ok(after)
}

/// How many times a step may ask back.
const ROUNDS_MAX: usize = 200;

async fn play(
    ctx: &Ctx,
    tx: &Tx,
    row: &InstanceRow,
    d: &Definition,
    before: Option<&Instance>,
    command: Command,
    by: By,
) -> Result<(Recorded, Instance, Vec<Happened>), Problem> {
    let mut recorded = Recorded { command, by, at: tx.now().micros(), id: Uuid::now_v7(), answers: Answers::new() };
    for _ in 0..ROUNDS_MAX {
        match step(d, before, &recorded)? {
            Outcoming::Done { instance, happened } => return Ok((recorded, *instance, happened)),
            Outcoming::Needs(needs) => {
                for need in needs {
                    let facts = before.map(|b| b.facts.clone()).unwrap_or_default();
                    let answer = answer(ctx, tx, row, need.kind, &facts).await?;
                    recorded.answers.insert(need.key, answer);
                }
            }
        }
    }
    Err(WorkflowError::Budget.into())
}

/// A topic's refusal is the refusal of the step; a missing calendar or rule is an incident of the instance.
async fn answer(ctx: &Ctx, tx: &Tx, row: &InstanceRow, need: NeedKind, facts: &Value) -> Result<Answer, Problem> {
    Ok(match need {
        NeedKind::Service { topic } => {
            let topics = ctx.app.ports.get::<Topics>();
            match topics.as_ref().and_then(|t| t.find(&topic)) {
                Some(handler) => {
                    handler.run(ctx, tx, row.subject_id).await?;
                    Answer::Done
                }
                None => Answer::Failed(format!("no system handles the topic {topic}")),
            }
        }
        NeedKind::Rule { point } => match ctx.app.ports.get::<std::sync::Arc<dyn RuleHost>>() {
            Some(host) => match host.ask(ctx, tx, &point, &row.subject_kind, row.subject_id, facts).await {
                Ok(value) => Answer::Value(value),
                Err(problem) => Answer::Failed(problem.to_string()),
            },
            None => Answer::Failed(format!("no rule answers {point}")),
        },
        NeedKind::WorkingDays { from, days } => {
            let start = Timestamp(from).date_at(ctx.tenant.zone_hours);
            match ctx.calendar().plus_working_days(start, days) {
                Ok(day) => Answer::Instant(Timestamp::start_of(day, ctx.tenant.zone_hours).plus_seconds(CLOSE_OF_BUSINESS_HOUR * 3600).micros()),
                Err(error) => Answer::Failed(error.to_string()),
            }
        }
        NeedKind::People { role, .. } => Answer::People(store::pool(tx, &role, row.area_path.as_deref()).await?),
    })
}

/// 下班时间 17:00 (setting `office.hours` of the pack says the same).
const CLOSE_OF_BUSINESS_HOUR: i64 = 17;

/// The event log, the subject, the incident's row.
async fn tell(ctx: &Ctx, tx: &Tx, row: &InstanceRow, d: &Definition, before: Option<&Instance>, after: &Instance, happened: &[Happened]) -> Result<(), Problem> {
    for one in happened {
        let name = one.node.map(|n| d.nodes[n].id.clone());
        let event = match one.kind.as_str() {
            "started" => "workflow.instance.started",
            "completed" => "workflow.instance.completed",
            "rejected" => "workflow.instance.rejected",
            "withdrawn" => "workflow.instance.withdrawn",
            "terminated" => "workflow.instance.terminated",
            "task_opened" => "workflow.task.opened",
            "task_claimed" => "workflow.task.claimed",
            "task_decided" => "workflow.task.decided",
            "task_transferred" => "workflow.task.transferred",
            "returned" => "workflow.task.returned",
            "incident" => "workflow.incident.opened",
            "retried" => "workflow.incident.resolved",
            // released, resubmitted, cancelled, service done, timer fired: in the instance's own chain
            _ => continue,
        };
        let mut change = Change::new(event, "workflow.instance", row.id).scope(row.scope()).data("no", row.subject_no.as_str());
        change = change.data("state", store::state_text(after.state)).data("round", after.round).data("subject", format!("{}/{}", row.subject_kind, row.subject_id));
        if let Some(node) = name {
            change = change.data("node", node);
        }
        if let Some(action) = &one.action {
            change = change.data("action", action);
        }
        tx.event(change).await?;
    }
    if happened.iter().all(|h| !told(&h.kind)) {
        // every write has its event (A2), also a release or a timer
        let change = Change::new("workflow.instance.moved", "workflow.instance", row.id).scope(row.scope());
        tx.event(change.data("no", row.subject_no.as_str()).data("state", store::state_text(after.state))).await?;
    }
    incident(tx, row, before, after).await?;
    let subject = ctx.app.ports.subject(&row.subject_kind)?;
    let last_text = |kind: &str| happened.iter().rev().find(|h| h.kind == kind).and_then(|h| h.text.clone()).unwrap_or_default();
    if after.awaiting && before.is_some_and(|b| !b.awaiting) {
        subject.report(ctx, tx, row.subject_id, &Report::Returned { opinion: last_text("returned") }).await?;
    }
    let ended_now = |state| after.state == state && before.is_none_or(|b| b.state != state);
    if ended_now(crate::core::InstanceState::Rejected) {
        let reason = after.activations.iter().flat_map(|a| &a.seats).find(|s| s.action.as_deref() == Some("reject")).and_then(|s| s.reason.clone());
        subject.report(ctx, tx, row.subject_id, &Report::Rejected { opinion: last_text("task_decided"), reason }).await?;
    }
    if ended_now(crate::core::InstanceState::Withdrawn) {
        subject.report(ctx, tx, row.subject_id, &Report::Withdrawn).await?;
    }
    Ok(())
}

fn told(kind: &str) -> bool {
    !matches!(kind, "task_released" | "resubmitted" | "task_cancelled" | "service_done" | "timer_fired")
}

async fn incident(tx: &Tx, row: &InstanceRow, before: Option<&Instance>, after: &Instance) -> Result<(), Problem> {
    let was = before.and_then(|b| b.incident.as_ref());
    if was.is_some() && was != after.incident.as_ref() {
        let close = "update wf_incident set state = 'resolved', resolved_at = $2 where instance_id = $1 and state = 'open'";
        tx.conn().exec(close, values![row.id, tx.now()]).await?;
    }
    if let Some(incident) = after.incident.as_ref().filter(|i| Some(*i) != was) {
        let open = "insert into wf_incident (id, instance_id, element, cause, state, opened_at, area_path, project_id) values ($1, $2, $3, $4, 'open', $5, $6, $7)";
        let values = values![Uuid::now_v7(), row.id, incident.element.as_str(), incident.cause.as_str(), tx.now(), row.area_path.clone(), row.project_id];
        tx.conn().exec(open, values).await?;
    }
    Ok(())
}

/// Tries the element of an incident again.
pub async fn retry(ctx: &Ctx, key: &Key, instance: InstanceId) -> Result<InstanceState, Problem> {
    ctx.require(perm::INCIDENT_RETRY)?;
    ctx.tx("workflow.incident.retry", key, async |tx| {
        store::visible(ctx, tx.conn(), instance.into()).await?;
        let row = store::locked(tx, instance.into()).await?;
        let after = command(ctx, tx, &row, Command::Retry, false).await?;
        Ok(InstanceState { id: instance, state: store::state_text(after.state).into() })
    })
    .await
}

/// 催办: tells the holders of the open tasks; at most once in four hours a task.
pub async fn urge(ctx: &Ctx, key: &Key, instance: InstanceId) -> Result<InstanceState, Problem> {
    ctx.require(perm::INSTANCE_URGE)?;
    ctx.tx("workflow.instance.urge", key, async |tx| {
        store::visible(ctx, tx.conn(), instance.into()).await?;
        let row = store::locked(tx, instance.into()).await?;
        let now = row.instance()?;
        let account = ctx.account()?;
        let d = store::definition(tx.conn(), row.definition_id).await?;
        for activation in now.activations.iter().filter(|a| a.outcome.is_none()) {
            let NodeKind::User(task) = &d.nodes[activation.node].kind else { continue };
            for seat in activation.seats.iter().filter(|s| s.state == crate::core::SeatState::Open) {
                let since = tx.now().plus_seconds(-4 * 3600);
                let urged: Option<i64> = tx.conn().scalar("select count(*) as v from wf_urge where task_id = $1 and at > $2", values![seat.task, since]).await?;
                if urged.unwrap_or(0) > 0 {
                    return Err(WorkflowError::Urged.into());
                }
                tx.conn().exec("insert into wf_urge (task_id, at, account_id) values ($1, $2, $3)", values![seat.task, tx.now(), account]).await?;
                let people = match seat.assignee {
                    Some(one) => vec![one],
                    None => store::pool(tx, &task.pool_role, row.area_path.as_deref()).await?,
                };
                for person in people {
                    let told = notice::NewNotice {
                        template: "task.urged",
                        account_id: Some(person.into()),
                        person_id: None,
                        title: format!("请尽快办理：{}", d.nodes[activation.node].name),
                        body: format!("{} {}", row.subject_no, row.title),
                        subject_kind: "workflow.instance",
                        subject_id: row.id,
                        dedupe_key: format!("task.urged:{}:{}:{person}", seat.task, tx.now()),
                    };
                    notice::send(tx, told).await?;
                }
            }
        }
        tx.event(Change::new("workflow.instance.urged", "workflow.instance", row.id).scope(row.scope()).data("no", row.subject_no.as_str())).await?;
        Ok(InstanceState { id: instance, state: store::state_text(now.state).into() })
    })
    .await
}

/// Fires timers that are due; called by the background loop with a system context.
pub async fn tick(ctx: &Ctx) -> Result<(), Problem> {
    #[derive(sea_orm::FromQueryResult)]
    struct Due {
        id: Uuid,
        instance_id: Uuid,
    }
    let due: Vec<Due> = ctx.conn().rows("select id, instance_id from wf_timer where due_at <= $1 order by due_at limit 100", values![ctx.now()]).await?;
    for Due { id, instance_id } in due {
        let fired = ctx
            .tx("workflow.timer.fire", &Key { text: Some(format!("timer:{id}")), digest: id.to_string(), forever: false }, async |tx| {
                let row = store::locked(tx, instance_id).await?;
                let after = command(ctx, tx, &row, Command::Fire { timer: id }, false).await?;
                Ok(InstanceState { id: instance_id.into(), state: store::state_text(after.state).into() })
            })
            .await;
        if let Err(problem) = fired {
            tracing::warn!(timer = %id, instance = %instance_id, %problem, "A timer could not fire");
        }
    }
    Ok(())
}
