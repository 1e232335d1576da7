//! Tasks, timers and incidents: what of a marking must be found by query.
use linli_kernel::Problem;
use linli_runtime::{Sql, Tx, values};
use sea_orm::Value;
use uuid::Uuid;

use super::InstanceRow;
use crate::{
    core::{APPLICANT, Activation, Instance, Seat, SeatKind},
    model::Definition,
};

const TASK: &str =
    "insert into wf_task (id, instance_id, activation, round, node, name, kind, state, assignee, pool_role, pool_org, owner, actor,
                      on_behalf, action, opinion, reason, opened_at, decided_at, due_at, area_path, company_id, project_id) values ";
const KEEP: &str = " on conflict (id) do update set state = excluded.state, assignee = excluded.assignee, owner = excluded.owner,
                      actor = excluded.actor, on_behalf = excluded.on_behalf, action = excluded.action, opinion = excluded.opinion,
                      reason = excluded.reason, decided_at = excluded.decided_at, due_at = excluded.due_at";
const WIDTH: usize = 23;
/// Rows a statement.
const CHUNK: usize = 400;

/// What people call a step.
pub(crate) fn name_of(definition: &Definition, node: &str) -> String {
    if node == APPLICANT { "补正并重新提交".to_owned() } else { definition.name_of(node).to_owned() }
}

const fn kind(seat: &Seat) -> &'static str {
    match seat.kind {
        SeatKind::Approve => "approve",
        SeatKind::Applicant => "applicant",
    }
}

fn seat_row(row: &InstanceRow, definition: &Definition, activation: &Activation, seat: &Seat) -> Vec<Value> {
    values![
        seat.id,
        row.id,
        activation.id as i64,
        i64::from(activation.round),
        activation.node.as_str(),
        name_of(definition, &activation.node),
        kind(seat),
        seat.state.as_str(),
        seat.assignee,
        seat.pool_role.clone(),
        seat.pool_org.clone(),
        seat.owner,
        seat.actor,
        seat.on_behalf,
        seat.action.map(|a| a.as_str()),
        seat.opinion.clone(),
        seat.reason.clone(),
        activation.opened_at,
        seat.decided_at,
        activation.due_at,
        row.area_path.clone(),
        row.company_id,
        row.project_id
    ]
}

/// Writes what differs between two states of an instance.
pub(crate) async fn project(
    tx: &Tx,
    row: &InstanceRow,
    definition: &Definition,
    before: &Instance,
    after: &Instance,
) -> Result<(), Problem> {
    let same = |activation: &Activation, seat: &Seat| before.seat(seat.id).is_some_and(|(a, s)| s == seat && a.due_at == activation.due_at);
    let mut rows: Vec<Vec<Value>> = Vec::new();
    for activation in &after.activations {
        for seat in activation.seats.iter().filter(|s| !same(activation, s)) {
            rows.push(seat_row(row, definition, activation, seat));
        }
    }
    for copy in after.copies.iter().filter(|c| !before.copies.contains(c)) {
        let (none, text) = (None::<Uuid>, None::<String>);
        rows.push(values![
            copy.id,
            row.id,
            0_i64,
            i64::from(after.round),
            "copied",
            "抄送",
            "copy",
            "decided",
            Some(copy.to),
            text.clone(),
            text.clone(),
            none,
            copy.by,
            none,
            text.clone(),
            text.clone(),
            text,
            copy.at,
            Some(copy.at),
            None::<i64>,
            row.area_path.clone(),
            row.company_id,
            row.project_id
        ]);
    }
    for chunk in rows.chunks(CHUNK) {
        let marks: Vec<String> = (0..chunk.len())
            .map(|i| {
                let places: Vec<String> = (1..=WIDTH).map(|k| format!("${}", i * WIDTH + k)).collect();
                format!("({})", places.join(", "))
            })
            .collect();
        let sql = format!("{TASK}{}{KEEP}", marks.join(", "));
        tx.conn().exec(&sql, chunk.concat()).await?;
    }
    timers(tx, row.id, before, after).await?;
    incidents(tx, row, before, after).await
}

const DISARM: &str = "delete from wf_timer where instance_id = $1 and timer = $2";
const ARM: &str = "insert into wf_timer (instance_id, timer, node, due_at) values ($1, $2, $3, $4)
                   on conflict (instance_id, timer) do update set due_at = excluded.due_at, retry_at = null";

async fn timers(tx: &Tx, id: Uuid, before: &Instance, after: &Instance) -> Result<(), Problem> {
    for timer in before.timers.iter().filter(|t| !after.timers.iter().any(|o| o.id == t.id)) {
        tx.conn().exec(DISARM, values![id, timer.id as i64]).await?;
    }
    for timer in after.timers.iter().filter(|t| !before.timers.contains(t)) {
        tx.conn().exec(ARM, values![id, timer.id as i64, timer.node.as_str(), timer.due_at]).await?;
    }
    Ok(())
}

const CLOSE: &str = "update wf_incident set state = 'resolved', resolved_at = $3 where instance_id = $1 and number = $2";
const OPEN: &str = "insert into wf_incident (id, instance_id, number, element, kind, about, cause, cause_en, state, opened_at, area_path,
                      company_id, project_id) values ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10, $11, $12)";

async fn incidents(tx: &Tx, row: &InstanceRow, before: &Instance, after: &Instance) -> Result<(), Problem> {
    for incident in before.incidents.iter().filter(|i| !after.incidents.contains(i)) {
        tx.conn().exec(CLOSE, values![row.id, incident.id as i64, tx.now()]).await?;
    }
    for incident in after.incidents.iter().filter(|i| !before.incidents.contains(i)) {
        let values = values![
            linli_kernel::IncidentId::new(),
            row.id,
            incident.id as i64,
            incident.node.as_str(),
            incident.kind.as_str(),
            incident.about.as_str(),
            incident.zh.as_str(),
            incident.en.as_str(),
            incident.at,
            row.area_path.clone(),
            row.company_id,
            row.project_id
        ];
        tx.conn().exec(OPEN, values).await?;
    }
    Ok(())
}
