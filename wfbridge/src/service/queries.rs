//! 待办, 已办, 经过, 图: what people read of the engine.
use linli_kernel::{AccountId, IncidentId, InstanceId, Page, Problem, TaskId, Timestamp};
use linli_runtime::{Backend, Sql, values};
use linli_tenants::{AllowedAction, Ctx};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    core::{Happened, InstanceState, Recorded, Step, StepState, steps},
    error::WorkflowError,
    perm,
    store::{self, COLUMNS},
};

/// One seat, as its holder sees it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TaskView {
    pub id: TaskId,
    pub instance_id: InstanceId,
    #[schema(example = "fund.use")]
    pub subject_kind: String,
    pub subject_id: Uuid,
    #[schema(example = "37990020260924000017V")]
    pub subject_no: String,
    #[schema(example = "1号楼电梯大修")]
    pub title: String,
    #[schema(example = "second_review")]
    pub node: String,
    #[schema(example = "复核")]
    pub name: String,
    #[schema(example = 1)]
    pub round: i64,
    /// `open`, `decided`, `cancelled`.
    #[schema(example = "open")]
    pub state: String,
    pub assignee: Option<AccountId>,
    /// Role whose holders may claim it.
    #[schema(example = "fund_reviewer")]
    pub pool_role: String,
    /// What was decided.
    #[schema(example = "approve")]
    pub action: Option<String>,
    pub opinion: Option<String>,
    pub opened_at: Timestamp,
    pub decided_at: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
    pub allowed_actions: Vec<AllowedAction>,
}

#[derive(FromQueryResult)]
struct Row {
    id: TaskId,
    instance_id: InstanceId,
    subject_kind: String,
    subject_id: Uuid,
    subject_no: String,
    title: String,
    applicant: Uuid,
    node: String,
    name: String,
    round: i64,
    state: String,
    assignee: Option<AccountId>,
    personal: bool,
    pool_role: String,
    action: Option<String>,
    opinion: Option<String>,
    opened_at: Timestamp,
    decided_at: Option<Timestamp>,
    due_at: Option<Timestamp>,
}

const SELECT: &str = "select t.id, t.instance_id, i.subject_kind, i.subject_id, i.subject_no, i.title, i.applicant, t.node, t.name, t.round, t.state,
                        t.assignee, t.personal, t.pool_role, t.action, t.opinion, t.opened_at, t.decided_at, t.due_at
                      from wf_task t join wf_instance i on i.id = t.instance_id";

impl Row {
    fn view(self, ctx: &Ctx) -> TaskView {
        let mut actions = Vec::new();
        if self.state == "open" {
            let mine = self.assignee == ctx.actor.account_id && self.assignee.is_some();
            let check = || {
                if ctx.actor.account_id.map(Uuid::from) == Some(self.applicant) {
                    return Err(Problem::same_person());
                }
                match self.assignee {
                    Some(_) if !mine => Err(WorkflowError::AlreadyClaimed.into()),
                    _ if !mine && ctx.actor.role != self.pool_role => Err(WorkflowError::NotYours.into()),
                    _ => Ok(()),
                }
            };
            for (permission, action) in [
                (perm::TASK_CLAIM, "claim"),
                (perm::TASK_RELEASE, "release"),
                (perm::TASK_APPROVE, "approve"),
                (perm::TASK_RETURN, "return"),
                (perm::TASK_REJECT, "reject"),
                (perm::TASK_TRANSFER, "transfer"),
            ] {
                let fits = match action {
                    "claim" => self.assignee.is_none(),
                    "release" => mine && !self.personal,
                    _ => true,
                };
                if fits && ctx.may(permission) {
                    actions.push(AllowedAction::of(ctx, action, check()));
                }
            }
        }
        TaskView {
            id: self.id,
            instance_id: self.instance_id,
            subject_kind: self.subject_kind,
            subject_id: self.subject_id,
            subject_no: self.subject_no,
            title: self.title,
            node: self.node,
            name: self.name,
            round: self.round,
            state: self.state,
            assignee: self.assignee,
            pool_role: self.pool_role,
            action: self.action,
            opinion: self.opinion,
            opened_at: self.opened_at,
            decided_at: self.decided_at,
            due_at: self.due_at,
            allowed_actions: actions,
        }
    }
}

/// The task after a command that its actor was allowed.
pub(super) async fn task(ctx: &Ctx, conn: &(impl ConnectionTrait + Sync), id: TaskId) -> Result<TaskView, Problem> {
    let row: Option<Row> = conn.row(&format!("{SELECT} where t.id = $1"), values![id]).await?;
    Ok(row.ok_or_else(Problem::not_found)?.view(ctx))
}

#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TaskQuery {
    /// `todo` (default), `pool`, `done`, `mine` (my applications), `copied`.
    #[param(example = "todo")]
    pub view: Option<String>,
    pub page: Option<u64>,
    pub page_size: Option<u64>,
}

/// What the actor may decide: his own, and those of his post's pool in his area. Resolved anew at each question.
fn todo(ctx: &Ctx, pool_only: bool) -> String {
    let me = ctx.actor.account_id.map_or_else(Uuid::nil, Uuid::from);
    let backend = backend(ctx);
    let literal = |id: Uuid| match backend {
        Backend::Postgres => format!("'{id}'::uuid"),
        Backend::Sqlite => format!("X'{}'", id.simple()),
    };
    let role: String = ctx.actor.role.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    let pool = format!("t.assignee is null and t.personal = false and t.pool_role = '{role}' and {}", ctx.scope.predicate(&COLUMNS, "t", backend));
    let mine = format!("t.assignee = {}", literal(me));
    let whose = if pool_only { pool } else { format!("({mine} or ({pool}))") };
    format!("t.state = 'open' and i.state = 'running' and i.applicant <> {} and {whose}", literal(me))
}

fn backend(ctx: &Ctx) -> Backend {
    if ctx.conn().get_database_backend() == sea_orm::DbBackend::Postgres { Backend::Postgres } else { Backend::Sqlite }
}

pub async fn tasks(ctx: &Ctx, query: &TaskQuery) -> Result<Page<TaskView>, Problem> {
    ctx.require(perm::TASK_READ)?;
    let me = ctx.account()?;
    let (condition, order) = match query.view.as_deref().unwrap_or("todo") {
        "todo" => (todo(ctx, false), "t.due_at is null, t.due_at, t.opened_at, t.id"),
        "pool" => (todo(ctx, true), "t.due_at is null, t.due_at, t.opened_at, t.id"),
        "done" => ("t.actor = $1".to_owned(), "t.decided_at desc, t.id"),
        "mine" => ("i.applicant = $1 and t.state = 'open'".to_owned(), "t.opened_at desc, t.id"),
        // copies come with the node kind 抄送; until then nobody has any
        "copied" => ("1 = 0".to_owned(), "t.id"),
        other => {
            let mut invalid = linli_kernel::Invalid::new();
            invalid.add("?view", "enum", format!("没有“{other}”这个视图"), format!("There is no view {other}"));
            invalid.done()?;
            unreachable!("an invalid view was noted")
        }
    };
    let page = linli_kernel::PageQuery { page: query.page, page_size: query.page_size };
    // `$1` is used by every text, so that both databases see the same parameters
    let sql = format!("{SELECT} where {condition} and $1 = $1 order by {order} limit $2 offset $3");
    let rows: Vec<Row> = ctx.conn().rows(&sql, values![me, page.limit() as i64, page.offset() as i64]).await?;
    let count = format!(
        "select count(*) as v from (select 1 as one from wf_task t join wf_instance i on i.id = t.instance_id where {condition} and $1 = $1 limit 10001) c"
    );
    let total: Option<i64> = ctx.conn().scalar(&count, values![me]).await?;
    Ok(Page::new(rows.into_iter().map(|r| r.view(ctx)).collect(), total.unwrap_or(0)))
}

/// Numbers for the workbench.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    #[schema(example = 3)]
    pub todo: i64,
    #[schema(example = 1)]
    pub overdue: i64,
    #[schema(example = 2)]
    pub pool: i64,
}

pub async fn counts(ctx: &Ctx) -> Result<Counts, Problem> {
    ctx.require(perm::TASK_READ)?;
    let count = async |condition: String| -> Result<i64, Problem> {
        let sql = format!(
            "select count(*) as v from (select 1 as one from wf_task t join wf_instance i on i.id = t.instance_id where {condition} limit 10001) c"
        );
        Ok(ctx.conn().scalar::<i64>(&sql, values![]).await?.unwrap_or(0))
    };
    let (todo, pool) = (todo(ctx, false), todo(ctx, true));
    let overdue = format!("{todo} and t.due_at < {}", ctx.now().micros());
    Ok(Counts { todo: count(todo).await?, overdue: count(overdue).await?, pool: count(pool).await? })
}

/// 为什么到我这里
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// A sentence for the holder.
    #[schema(example = "您以“资金复核”岗位办理滨海市范围内的“复核”环节。")]
    pub text: String,
    #[schema(example = "fund_reviewer")]
    pub pool_role: String,
    pub assigned: bool,
    pub definition_key: String,
    pub definition_version: i64,
}

pub async fn explanation(ctx: &Ctx, id: TaskId) -> Result<Explanation, Problem> {
    ctx.require(perm::TASK_READ)?;
    let row: Row = ctx.conn().row(&format!("{SELECT} where t.id = $1"), values![id]).await?.ok_or_else(Problem::not_found)?;
    if row.assignee.is_none() || row.assignee != ctx.actor.account_id {
        store::visible(ctx, ctx.conn(), row.instance_id.into()).await?;
    }
    #[derive(FromQueryResult)]
    struct Defined {
        key: String,
        version: i64,
    }
    const DEFINED: &str = "select d.key, d.version from wf_definition d join wf_instance i on i.definition_id = d.id where i.id = $1";
    let defined: Defined = ctx.conn().row(DEFINED, values![row.instance_id]).await?.ok_or_else(Problem::not_found)?;
    let role: Option<String> = ctx.conn().scalar("select name as v from role where code = $1", values![row.pool_role.as_str()]).await?;
    let role = role.unwrap_or_else(|| row.pool_role.clone());
    let text = if row.personal {
        format!("“{}”环节已转给您本人办理。", row.name)
    } else {
        format!("“{}”环节由“{role}”岗位办理，本件在您的岗位范围内，您可以认领。流程“{}”第{}版。", row.name, defined.key, defined.version)
    };
    Ok(Explanation { text, assigned: row.assignee.is_some(), pool_role: row.pool_role, definition_key: defined.key, definition_version: defined.version })
}

/// An instance in short.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct InstanceBrief {
    pub id: InstanceId,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub subject_no: String,
    pub title: String,
    #[schema(example = "running")]
    pub state: String,
    #[schema(example = 1)]
    pub round: i64,
    /// Sent back, waiting for its applicant.
    pub awaiting_applicant: bool,
    /// Why it stands still, if it does.
    pub incident: Option<String>,
    pub started_at: Timestamp,
    pub steps: Vec<Step>,
    pub allowed_actions: Vec<AllowedAction>,
}

pub async fn instance(ctx: &Ctx, id: InstanceId) -> Result<InstanceBrief, Problem> {
    ctx.require(perm::INSTANCE_READ)?;
    let row = store::visible(ctx, ctx.conn(), id.into()).await?;
    let (now, d) = (row.instance()?, store::definition(ctx.conn(), row.definition_id).await?);
    let mut actions = Vec::new();
    if now.state == InstanceState::Running {
        if ctx.may(perm::INSTANCE_URGE) {
            actions.push(AllowedAction::yes("urge"));
        }
        if ctx.may(perm::INSTANCE_WITHDRAW) && ctx.actor.account_id.map(Uuid::from) == Some(now.applicant) {
            let decided = now.activations.iter().any(|a| a.round == now.round && a.seats.iter().any(|s| s.actor.is_some()));
            let check = if decided { Err(WorkflowError::TooLate.into()) } else { Ok(()) };
            actions.push(AllowedAction::of(ctx, "withdraw", check));
        }
    }
    Ok(InstanceBrief {
        id,
        state: store::state_text(now.state).into(),
        round: now.round,
        awaiting_applicant: now.awaiting,
        incident: now.incident.as_ref().map(|i| i.cause.clone()),
        steps: steps(&d, &now),
        subject_kind: row.subject_kind,
        subject_id: row.subject_id,
        subject_no: row.subject_no,
        title: row.title,
        started_at: row.started_at,
        allowed_actions: actions,
    })
}

/// One line of 办理经过.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TimelineRow {
    #[schema(example = 3)]
    pub seq: i64,
    pub at: Timestamp,
    /// `started`, `task_opened`, `task_decided`, `returned`, `completed` …
    #[schema(example = "task_decided")]
    pub kind: String,
    #[schema(example = "复核")]
    pub name: Option<String>,
    #[schema(example = "second_review")]
    pub node: Option<String>,
    pub actor: Option<AccountId>,
    /// Name of the official who acted; an applicant is shown masked.
    #[schema(example = "王芳")]
    pub actor_name: Option<String>,
    #[schema(example = "approve")]
    pub action: Option<String>,
    pub opinion: Option<String>,
}

pub async fn timeline(ctx: &Ctx, id: InstanceId) -> Result<Page<TimelineRow>, Problem> {
    ctx.require(perm::INSTANCE_READ)?;
    let row = store::visible(ctx, ctx.conn(), id.into()).await?;
    let d = store::definition(ctx.conn(), row.definition_id).await?;
    #[derive(FromQueryResult)]
    struct Event {
        at: Timestamp,
        actor: Option<AccountId>,
        name: Option<String>,
        kind: Option<String>,
        happened: String,
    }
    const EVENTS: &str = "select e.at, e.actor, a.name, a.kind, e.happened from wf_event e left join account a on a.id = e.actor
                          where e.instance_id = $1 order by e.seq limit 5000";
    let events: Vec<Event> = ctx.conn().rows(EVENTS, values![id]).await?;
    let mut rows = Vec::new();
    for event in events {
        let happened: Vec<Happened> = serde_json::from_str(&event.happened).map_err(Problem::internal)?;
        let shown = event.name.map(|n| if event.kind.as_deref() == Some("person") { linli_kernel::mask::name(&n) } else { n });
        for one in happened {
            let node = one.node.map(|n| &d.nodes[n]);
            rows.push(TimelineRow {
                seq: rows.len() as i64 + 1,
                at: event.at,
                kind: one.kind,
                name: node.map(|n| n.name.clone()),
                node: node.map(|n| n.id.clone()),
                actor: event.actor,
                actor_name: shown.clone(),
                action: one.action,
                opinion: one.text,
            });
        }
    }
    let total = rows.len() as i64;
    Ok(Page::new(rows, total))
}

/// The drawing with the live position.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DiagramView {
    /// BPMN 2.0.
    pub xml: String,
    /// Ids of nodes where the case stands.
    pub active: Vec<String>,
    /// Ids of user tasks passed in this round.
    pub done: Vec<String>,
    pub steps: Vec<Step>,
}

pub async fn diagram(ctx: &Ctx, id: InstanceId) -> Result<DiagramView, Problem> {
    ctx.require(perm::INSTANCE_READ)?;
    let row = store::visible(ctx, ctx.conn(), id.into()).await?;
    let (now, d) = (row.instance()?, store::definition(ctx.conn(), row.definition_id).await?);
    let xml: Option<String> = ctx.conn().scalar("select xml as v from wf_definition where id = $1", values![row.definition_id]).await?;
    let steps = steps(&d, &now);
    let of = |state: StepState| steps.iter().filter(|s| s.state == state).map(|s| s.node.clone()).collect();
    Ok(DiagramView { xml: xml.unwrap_or_default(), active: of(StepState::Open), done: of(StepState::Done), steps })
}

/// 异常: an instance that stands still until somebody mends the cause.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, FromQueryResult)]
pub struct IncidentView {
    pub id: IncidentId,
    pub instance_id: InstanceId,
    #[schema(example = "decide_amount")]
    pub element: String,
    pub cause: String,
    #[schema(example = "open")]
    pub state: String,
    pub opened_at: Timestamp,
}

pub async fn incidents(ctx: &Ctx, page: linli_kernel::PageQuery) -> Result<Page<IncidentView>, Problem> {
    ctx.require(perm::INCIDENT_READ)?;
    // a flow designer has no rows of the city in scope, but must see where his flow stands still: no business data is shown
    let all = ctx.may(perm::DEFINITION_CREATE);
    let condition = if all { "1 = 1".to_owned() } else { ctx.scope.predicate(&COLUMNS, "", backend(ctx)) };
    let sql = format!("select id, instance_id, element, cause, state, opened_at from wf_incident where {condition} order by opened_at desc limit $1 offset $2");
    let rows = ctx.conn().rows(&sql, values![page.limit() as i64, page.offset() as i64]).await?;
    let total: Option<i64> = ctx.conn().scalar(&format!("select count(*) as v from wf_incident where {condition}"), values![]).await?;
    Ok(Page::new(rows, total.unwrap_or(0)))
}

/// Replays every instance and compares with what is stored: W1, W5 and the projection of tasks. Answers the first fault.
pub async fn verify(ctx: &Ctx) -> Result<Option<String>, Problem> {
    #[derive(FromQueryResult)]
    struct One {
        id: Uuid,
    }
    let all: Vec<One> = ctx.conn().rows("select id from wf_instance order by id", values![]).await?;
    for One { id } in all {
        let row = store::visible(ctx, ctx.conn(), id).await?;
        let (now, d) = (row.instance()?, store::definition(ctx.conn(), row.definition_id).await?);
        #[derive(FromQueryResult)]
        struct Text {
            recorded: String,
        }
        let history: Vec<Text> = ctx.conn().rows("select recorded from wf_event where instance_id = $1 order by seq", values![id]).await?;
        let history: Result<Vec<Recorded>, _> = history.iter().map(|t| serde_json::from_str(&t.recorded)).collect();
        let again = crate::core::replay(&d, &history.map_err(Problem::internal)?);
        if again.ok().flatten().as_ref() != Some(&now) {
            return Ok(Some(format!("W5: instance {id} is not what its history leads to")));
        }
        let open: Option<i64> = ctx.conn().scalar("select count(*) as v from wf_task where instance_id = $1 and state = 'open'", values![id]).await?;
        let seats = now.activations.iter().flat_map(|a| &a.seats).filter(|s| s.state == crate::core::SeatState::Open).count() as i64;
        if open != Some(seats) {
            return Ok(Some(format!("W2: instance {id} has {seats} open seats and {open:?} open tasks")));
        }
        if now.state.is_live() && seats == 0 && now.timers.is_empty() && now.incident.is_none() && !now.awaiting {
            return Ok(Some(format!("W1: instance {id} is stuck")));
        }
    }
    Ok(None)
}
