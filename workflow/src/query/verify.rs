//! Whether what is stored is what happened: chain, replay, projection, and that nothing is stuck (architecture §6, W1–W6).
use std::collections::BTreeMap;

use linli_kernel::Problem;
use linli_runtime::{Sql, values};
use linli_tenants::Ctx;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{
    core::{Event, Instance, InstanceState, replay},
    store::{self, InstanceRow},
};

const PAGE: i64 = 200;
const IDS: &str = "select id from wf_instance where id > $1 order by id limit $2";
const HISTORY: &str = "select seq, cmd_id, at, actor, kind, data, prev_hash, hash from wf_event where instance_id = $1 order by seq";
const TASKS: &str = "select id, state, assignee from wf_task where instance_id = $1";
const TIMERS: &str = "select count(*) as v from wf_timer where instance_id = $1";

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}
#[derive(FromQueryResult)]
struct Row {
    seq: i64,
    cmd_id: Uuid,
    at: i64,
    actor: Option<Uuid>,
    kind: String,
    data: String,
    prev_hash: String,
    hash: String,
}
#[derive(FromQueryResult)]
struct Task {
    id: Uuid,
    state: String,
    assignee: Option<Uuid>,
}

/// Checks every instance of the tenant; answers the first fault.
pub async fn verify(ctx: &Ctx) -> Result<Option<String>, Problem> {
    let mut after = Uuid::nil();
    loop {
        let ids: Vec<Id> = ctx.conn().rows(IDS, values![after, PAGE]).await?;
        let Some(last) = ids.last() else { return Ok(None) };
        after = last.id;
        for Id { id } in &ids {
            let row = store::by_id(ctx.conn(), *id).await?;
            if let Some(fault) = instance(ctx, &row).await? {
                return Ok(Some(format!("instance {id}: {fault}")));
            }
        }
    }
}

async fn instance(ctx: &Ctx, row: &InstanceRow) -> Result<Option<String>, Problem> {
    let now = row.instance()?;
    let history: Vec<Row> = ctx.conn().rows(HISTORY, values![row.id]).await?;
    let (mut head, mut steps) = (String::new(), Vec::with_capacity(history.len()));
    for (n, link) in history.iter().enumerate() {
        let hash = store::link(&head, link.seq, link.cmd_id, &link.kind, link.at, link.actor, &link.data);
        if link.seq != n as i64 + 1 || link.prev_hash != head || link.hash != hash {
            return Ok(Some(format!("W6: its history is broken at {}", link.seq)));
        }
        head = hash;
        match serde_json::from_str::<Vec<Event>>(&link.data) {
            Ok(events) => steps.push(events),
            Err(error) => return Ok(Some(format!("W6: its history cannot be read at {}: {error}", link.seq))),
        }
    }
    if head != row.head {
        return Ok(Some("W6: its history is not the one that it was left with".into()));
    }
    if replay(row.id, steps.iter().map(Vec::as_slice)) != now {
        return Ok(Some("W5: it is not what its history leads to".into()));
    }
    if let Some(fault) = tasks(ctx, &now).await? {
        return Ok(Some(fault));
    }
    Ok(stuck(&now))
}

async fn tasks(ctx: &Ctx, now: &Instance) -> Result<Option<String>, Problem> {
    let stored: Vec<Task> = ctx.conn().rows(TASKS, values![now.id]).await?;
    let stored: BTreeMap<Uuid, (String, Option<Uuid>)> = stored.into_iter().map(|t| (t.id, (t.state, t.assignee))).collect();
    let seats = now.activations.iter().flat_map(|a| &a.seats).map(|s| (s.id, (s.state.as_str().to_owned(), s.assignee)));
    let copies = now.copies.iter().map(|c| (c.id, ("decided".to_owned(), Some(c.to))));
    let ours: BTreeMap<Uuid, (String, Option<Uuid>)> = seats.chain(copies).collect();
    if stored != ours {
        return Ok(Some("W4: its tasks are not those of its marking".into()));
    }
    let timers: Option<i64> = ctx.conn().scalar(TIMERS, values![now.id]).await?;
    if timers.unwrap_or(0) != now.timers.len() as i64 {
        return Ok(Some("W4: its timers are not those of its marking".into()));
    }
    Ok(None)
}

/// W1: a running instance has an open seat or an incident. W2: an ended one has nothing left.
fn stuck(now: &Instance) -> Option<String> {
    let open = now.open_seats().count();
    match now.state {
        InstanceState::Running if open == 0 && now.incidents.is_empty() => Some("W1: it is stuck".into()),
        state if state.is_ended() && (open > 0 || !now.tokens.is_empty() || !now.timers.is_empty()) => {
            Some("W2: it has ended and something of it is still open".into())
        }
        _ => None,
    }
}
