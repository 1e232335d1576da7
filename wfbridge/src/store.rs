//! Rows of the engine. An instance is one row; tasks are its projection, written in the same transaction.
use linli_kernel::{AccountId, Problem, Timestamp};
use linli_runtime::{Sql, Tx, crypto::sha256_hex, values};
use linli_tenants::{Ctx, ScopeColumns};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::{
    core::{Happened, Instance, InstanceState, Recorded, Seat, SeatState},
    error::WorkflowError,
    model::{Definition, NodeKind},
};

/// Instances, tasks and incidents are scoped by the place and project of their subject.
pub(crate) const COLUMNS: ScopeColumns = ScopeColumns { area_path: Some("area_path"), project_id: Some("project_id"), ..ScopeColumns::NONE };

#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct InstanceRow {
    pub id: Uuid,
    pub definition_id: Uuid,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub subject_no: String,
    pub title: String,
    pub rev: i64,
    pub marking: String,
    pub area_path: Option<String>,
    pub project_id: Option<Uuid>,
    pub started_at: Timestamp,
}

const INSTANCE: &str = "select id, definition_id, subject_kind, subject_id, subject_no, title, rev, marking, area_path, project_id, started_at
                        from wf_instance where id = $1";

impl InstanceRow {
    pub fn instance(&self) -> Result<Instance, Problem> {
        serde_json::from_str(&self.marking).map_err(Problem::internal)
    }
    pub fn scope(&self) -> linli_runtime::ScopeIds {
        linli_runtime::ScopeIds { area_path: self.area_path.clone(), project_id: self.project_id.map(Into::into), ..Default::default() }
    }
}

/// The instance if the actor may see it.
pub(crate) async fn visible(ctx: &Ctx, conn: &(impl ConnectionTrait + Sync), id: Uuid) -> Result<InstanceRow, Problem> {
    let backend = if conn.get_database_backend() == sea_orm::DbBackend::Postgres { linli_runtime::Backend::Postgres } else { linli_runtime::Backend::Sqlite };
    let sql = format!("{INSTANCE} and {}", ctx.scope.predicate(&COLUMNS, "", backend));
    conn.row(&sql, values![id]).await?.ok_or_else(Problem::not_found)
}

/// The instance, locked for the step.
pub(crate) async fn locked(tx: &Tx, id: Uuid) -> Result<InstanceRow, Problem> {
    tx.conn().row(&format!("{INSTANCE}{}", tx.for_update()), values![id]).await?.ok_or_else(Problem::not_found)
}

const DEFINITION: &str = "select compiled as v from wf_definition where id = $1";
const IN_FORCE: &str = "select id, compiled from wf_definition where key = $1 and state = 'published'";

pub(crate) async fn definition(conn: &(impl ConnectionTrait + Sync), id: Uuid) -> Result<Definition, Problem> {
    let compiled: Option<String> = conn.scalar(DEFINITION, values![id]).await?;
    serde_json::from_str(&compiled.ok_or_else(Problem::not_found)?).map_err(Problem::internal)
}

#[derive(FromQueryResult)]
struct InForce {
    id: Uuid,
    compiled: String,
}

pub(crate) async fn in_force(conn: &(impl ConnectionTrait + Sync), key: &str) -> Result<(Uuid, Definition), Problem> {
    let row: Option<InForce> = conn.row(IN_FORCE, values![key]).await?;
    let row = row.ok_or_else(|| WorkflowError::NoDefinition { key: key.to_owned() })?;
    Ok((row.id, serde_json::from_str(&row.compiled).map_err(Problem::internal)?))
}

const ADVANCE: &str = "update wf_instance set state = $3, rev = rev + 1, marking = $4, ended_at = $5 where id = $1 and rev = $2";
const TASK: &str = "insert into wf_task (id, instance_id, node, name, round, kind, state, assignee, personal, pool_role, actor, action, opinion, reason,
                      opened_at, decided_at, due_at, area_path, project_id)
                    values ($1, $2, $3, $4, $5, 'approve', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
                    on conflict (id) do update set state = excluded.state, assignee = excluded.assignee, personal = excluded.personal,
                      actor = excluded.actor, action = excluded.action, opinion = excluded.opinion, reason = excluded.reason, decided_at = excluded.decided_at";

/// Writes the instance after a step; the tasks that differ from `before` are written again.
pub(crate) async fn save(tx: &Tx, row: &InstanceRow, d: &Definition, before: &Instance, after: &Instance) -> Result<(), Problem> {
    let marking = serde_json::to_string(after).map_err(Problem::internal)?;
    let ended = (!after.state.is_live()).then(|| tx.now());
    if tx.conn().exec(ADVANCE, values![row.id, row.rev, state_text(after.state), marking, ended]).await? == 0 {
        return Err(WorkflowError::Conflict.into());
    }
    tasks(tx, row, d, Some(before), after).await?;
    timers(tx, row.id, Some(before), after).await
}

pub(crate) async fn tasks(tx: &Tx, row: &InstanceRow, d: &Definition, before: Option<&Instance>, after: &Instance) -> Result<(), Problem> {
    let known = |seat: &Seat| before.is_some_and(|b| b.activations.iter().flat_map(|a| &a.seats).any(|s| s == seat));
    for activation in &after.activations {
        let node = &d.nodes[activation.node];
        let NodeKind::User(task) = &node.kind else { continue };
        for seat in activation.seats.iter().filter(|s| !known(s)) {
            let state = match seat.state {
                SeatState::Open => "open",
                SeatState::Decided => "decided",
                SeatState::Cancelled => "cancelled",
            };
            let values = values![
                seat.task, row.id, node.id.as_str(), node.name.as_str(), activation.round, state, seat.assignee, seat.personal, task.pool_role.as_str(),
                seat.actor, seat.action.clone(), seat.opinion.clone(), seat.reason.clone(), seat.opened_at, seat.decided_at, seat.due_at,
                row.area_path.clone(), row.project_id
            ];
            tx.conn().exec(TASK, values).await?;
        }
    }
    Ok(())
}

async fn timers(tx: &Tx, id: Uuid, before: Option<&Instance>, after: &Instance) -> Result<(), Problem> {
    let was = before.map(|b| b.timers.as_slice()).unwrap_or_default();
    for timer in was.iter().filter(|t| !after.timers.contains(t)) {
        tx.conn().exec("delete from wf_timer where id = $1", values![timer.id]).await?;
    }
    for timer in after.timers.iter().filter(|t| !was.contains(t)) {
        tx.conn().exec("insert into wf_timer (id, instance_id, due_at) values ($1, $2, $3)", values![timer.id, id, timer.due_at]).await?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct LastEvent {
    seq: i64,
    hash: String,
}
const LAST: &str = "select seq, hash from wf_event where instance_id = $1 order by seq desc limit 1";
const EVENT: &str = "insert into wf_event (instance_id, seq, at, actor, verb, recorded, happened, prev_hash, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Appends to the instance's own chain; the lock on the instance keeps it in order.
pub(crate) async fn append(tx: &Tx, id: Uuid, recorded: &Recorded, happened: &[Happened]) -> Result<(), Problem> {
    let last: Option<LastEvent> = tx.conn().row(LAST, values![id]).await?;
    let (seq, prev) = last.map_or((1, String::new()), |l| (l.seq + 1, l.hash));
    let text = serde_json::to_string(recorded).map_err(Problem::internal)?;
    let shown = serde_json::to_string(happened).map_err(Problem::internal)?;
    let hash = sha256_hex(format!("{prev}\n{seq}\n{text}\n{shown}").as_bytes());
    let verb = serde_json::to_value(&recorded.command).ok().and_then(|v| v["verb"].as_str().map(str::to_owned)).unwrap_or_default();
    let values = values![id, seq, recorded.at, recorded.by.account, verb, text, shown, prev, hash];
    tx.conn().exec(EVENT, values).await?;
    Ok(())
}

pub(crate) async fn new_instance(tx: &Tx, row: &InstanceRow, d: &Definition, after: &Instance) -> Result<(), Problem> {
    const NEW: &str = "insert into wf_instance (id, definition_id, subject_kind, subject_id, subject_no, title, state, rev, marking, applicant,
                         area_path, project_id, started_at, ended_at) values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, $11, $12, $13)";
    let marking = serde_json::to_string(after).map_err(Problem::internal)?;
    let ended = (!after.state.is_live()).then(|| tx.now());
    let values = values![
        row.id, row.definition_id, row.subject_kind.as_str(), row.subject_id, row.subject_no.as_str(), row.title.as_str(), state_text(after.state),
        marking, after.applicant, row.area_path.clone(), row.project_id, row.started_at, ended
    ];
    tx.conn().exec(NEW, values).await?;
    tasks(tx, row, d, None, after).await?;
    timers(tx, row.id, None, after).await
}

pub(crate) const fn state_text(state: InstanceState) -> &'static str {
    match state {
        InstanceState::Running => "running",
        InstanceState::Suspended => "suspended",
        InstanceState::Completed => "completed",
        InstanceState::Rejected => "rejected",
        InstanceState::Withdrawn => "withdrawn",
        InstanceState::Terminated => "terminated",
    }
}

/// Accounts that hold an active post of the role over the area.
pub(crate) async fn pool(tx: &Tx, role: &str, area_path: Option<&str>) -> Result<Vec<Uuid>, Problem> {
    #[derive(FromQueryResult)]
    struct Holder {
        account_id: AccountId,
    }
    const HOLDERS: &str = "select distinct account_id from post where role = $1 and state = 'active' and from_on <= $2 and (until_on is null or until_on >= $2)
                             and (scope_kind = 'tenant' or (scope_kind = 'area' and $3 like area_path || '%')) order by account_id limit 200";
    let holders: Vec<Holder> = tx.conn().rows(HOLDERS, values![role, tx.today(), area_path.unwrap_or("")]).await?;
    Ok(holders.into_iter().map(|h| h.account_id.into()).collect())
}
