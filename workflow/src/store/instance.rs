//! The row of an instance and its history.
use linli_kernel::{Problem, Timestamp};
use linli_runtime::{Backend, ScopeIds, Sql, Tx, crypto::sha256_hex, values};
use linli_tenants::Ctx;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult};
use uuid::Uuid;

use super::COLUMNS;
use crate::core::{Command, Event, Instance, WorkflowError};

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
    pub head: String,
    pub area_path: Option<String>,
    pub company_id: Option<Uuid>,
    pub project_id: Option<Uuid>,
    pub started_at: Timestamp,
}

macro_rules! columns {
    () => {
        "select id, definition_id, subject_kind, subject_id, subject_no, title, rev, marking, head, area_path, company_id, project_id, started_at
         from wf_instance where id = $1"
    };
}
const BY_ID: &str = columns!();

impl InstanceRow {
    pub fn instance(&self) -> Result<Instance, Problem> {
        serde_json::from_str(&self.marking).map_err(Problem::internal)
    }
    pub fn scope(&self) -> ScopeIds {
        ScopeIds {
            area_path: self.area_path.clone(),
            company_id: self.company_id.map(Into::into),
            project_id: self.project_id.map(Into::into),
            ..ScopeIds::default()
        }
    }
}

/// The instance, if the actor may see its subject's place, is its applicant, or got a copy of it.
pub(crate) async fn visible(ctx: &Ctx, conn: &impl ConnectionTrait, id: Uuid) -> Result<InstanceRow, Problem> {
    let backend = if conn.get_database_backend() == DbBackend::Postgres { Backend::Postgres } else { Backend::Sqlite };
    let scope = ctx.scope.predicate(&COLUMNS, "", backend);
    let copied = "exists (select 1 from wf_task t where t.instance_id = wf_instance.id and t.kind = 'copy' and t.assignee = $2)";
    let sql = format!("{BY_ID} and ({scope} or applicant = $2 or {copied})");
    let me = ctx.actor.account_id.map_or_else(Uuid::nil, Uuid::from);
    conn.row(&sql, values![id, me]).await?.ok_or_else(Problem::not_found)
}

/// For work that has its own check, or none (timers).
pub(crate) async fn by_id(conn: &impl ConnectionTrait, id: Uuid) -> Result<InstanceRow, Problem> {
    conn.row(BY_ID, values![id]).await?.ok_or_else(Problem::not_found)
}

/// The instance, locked for the step.
pub(crate) async fn locked(tx: &Tx, id: Uuid) -> Result<InstanceRow, Problem> {
    tx.conn().row(&format!("{BY_ID}{}", tx.for_update()), values![id]).await?.ok_or_else(Problem::not_found)
}

const NEW: &str =
    "insert into wf_instance (id, definition_id, subject_kind, subject_id, subject_no, title, state, rev, marking, head, applicant,
                     area_path, company_id, project_id, started_at, ended_at, due_at)
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
const MOVE: &str =
    "update wf_instance set state = $3, rev = $4, marking = $5, head = $6, ended_at = $7, due_at = $8 where id = $1 and rev = $2";

fn due(instance: &Instance) -> Option<i64> {
    instance.clock.as_ref().filter(|c| c.paused_at.is_none()).and_then(|c| c.due_at)
}

pub(crate) async fn create(tx: &Tx, row: &InstanceRow, after: &Instance, head: &str) -> Result<(), Problem> {
    let marking = serde_json::to_string(after).map_err(Problem::internal)?;
    let values = values![
        row.id,
        row.definition_id,
        row.subject_kind.as_str(),
        row.subject_id,
        row.subject_no.as_str(),
        row.title.as_str(),
        after.state.as_str(),
        after.rev,
        marking,
        head,
        after.applicant,
        row.area_path.clone(),
        row.company_id,
        row.project_id,
        row.started_at,
        after.ended_at,
        due(after)
    ];
    tx.conn().exec(NEW, values).await?;
    Ok(())
}

/// Writes the state after a step; 409 when somebody else moved the instance since it was read.
pub(crate) async fn save(tx: &Tx, row: &InstanceRow, after: &Instance, head: &str) -> Result<(), Problem> {
    let marking = serde_json::to_string(after).map_err(Problem::internal)?;
    let values = values![row.id, row.rev, after.state.as_str(), after.rev, marking, head, after.ended_at, due(after)];
    if tx.conn().exec(MOVE, values).await? == 0 {
        return Err(WorkflowError::Conflict.into());
    }
    Ok(())
}

/// The hash of a row of the chain.
pub(crate) fn link(prev: &str, seq: i64, command: Uuid, kind: &str, at: i64, actor: Option<Uuid>, data: &str) -> String {
    let actor = actor.map(|a| a.to_string()).unwrap_or_default();
    sha256_hex(format!("{prev}\n{seq}\n{command}\n{kind}\n{at}\n{actor}\n{data}").as_bytes())
}

const APPEND: &str = "insert into wf_event (instance_id, seq, cmd_id, at, actor, on_behalf, kind, node, task_id, data, prev_hash, hash)
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

/// A row of history that is not written yet.
pub(crate) struct Link {
    data: String,
    pub hash: String,
}

impl Link {
    pub(crate) fn new(row: &InstanceRow, seq: i64, command: &Command, events: &[Event]) -> Result<Link, Problem> {
        let data = serde_json::to_string(events).map_err(Problem::internal)?;
        let hash = link(&row.head, seq, command.id, command.verb.name(), command.at, command.actor.user, &data);
        Ok(Link { data, hash })
    }
}

/// Appends to the instance's chain; its revision keeps it in order.
pub(crate) async fn append(tx: &Tx, row: &InstanceRow, after: &Instance, command: &Command, link: Link) -> Result<(), Problem> {
    let seat = command.verb.seat();
    let node = seat.and_then(|s| after.seat(s)).map(|(a, _)| a.node.clone());
    let values = values![
        row.id,
        after.rev,
        command.id,
        command.at,
        command.actor.user,
        command.actor.on_behalf,
        command.verb.name(),
        node,
        seat,
        link.data,
        row.head.as_str(),
        link.hash
    ];
    tx.conn().exec(APPEND, values).await?;
    Ok(())
}
