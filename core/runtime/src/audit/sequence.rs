//! The sequencer: gives waiting events their numbers, one batch a transaction, ≤ 5 s behind.
use linli_kernel::{EventId, Problem};
use sea_orm::{FromQueryResult, Value};

use super::merkle::{Peaks, leaf_hash};
use crate::{Backend, Db, Sql, crypto::hex, values};

/// Events a transaction.
const BATCH: i64 = 1_000;

const HEAD: &str = "select seq, head, peaks from audit_head where id = 1";
// In the order of the queue; the join also leaves out what a rolled-back writer never made.
const WAITING: &str = "select q.n, e.id, e.digest from event_queue q join event e on e.id = q.event_id order by q.n limit $1";
const MOVE: &str = "update audit_head set seq = $1, head = $2, peaks = $3 where id = 1";

#[derive(FromQueryResult)]
struct Head {
    seq: i64,
    head: String,
    peaks: String,
}

#[derive(FromQueryResult)]
struct Waiting {
    n: i64,
    id: EventId,
    digest: String,
}

/// Numbers all waiting events and appends them to the tree; answers how many. The lock of the head's row is the fence: two
/// replicas that both believe to be the leader take turns, and neither leaves a gap.
pub async fn sequence(db: &Db) -> Result<u64, Problem> {
    let mut all = 0;
    loop {
        let n = batch(db).await?;
        all += n;
        if n < BATCH as u64 {
            return Ok(all);
        }
    }
}

async fn batch(db: &Db) -> Result<u64, Problem> {
    // Without waiting events there is nothing to lock: the common case is one cheap read.
    let any: Option<i64> = db.reader().scalar("select n as v from event_queue limit 1", values![]).await?;
    if any.is_none() {
        return Ok(0);
    }
    let tx = db.begin().await?;
    let lock = match db.backend() {
        Backend::Postgres => " for update",
        Backend::Sqlite => "",
    };
    let head: Option<Head> = tx.row(&format!("{HEAD}{lock}"), values![]).await?;
    let head = head.ok_or_else(|| Problem::internal("the sequencer's row is missing"))?;
    let mut tree = Peaks::from_text(head.seq as u64, &head.peaks)
        .filter(|tree| head.seq == 0 || tree.root_hex() == head.head)
        .ok_or_else(|| Problem::internal("the sequencer's row was altered: its peaks do not make its head"))?;
    let waiting: Vec<Waiting> = tx.rows(WAITING, values![BATCH]).await?;
    if waiting.is_empty() {
        tx.rollback().await?;
        return Ok(0);
    }
    let mut sql = String::from("insert into event_seq (seq, event_id, leaf, head) values ");
    let mut row: Vec<Value> = Vec::with_capacity(waiting.len() * 4);
    for (i, event) in waiting.iter().enumerate() {
        let leaf = leaf_hash(event.digest.as_bytes());
        tree.push(leaf);
        let (n, comma) = (i * 4, if i == 0 { "" } else { ", " });
        sql.push_str(&format!("{comma}(${}, ${}, ${}, ${})", n + 1, n + 2, n + 3, n + 4));
        row.extend(values![tree.size() as i64, event.id, hex(&leaf), tree.root_hex()]);
    }
    tx.exec(&sql, row).await?;
    let done: Vec<String> = waiting.iter().map(|w| w.n.to_string()).collect();
    tx.exec(&format!("delete from event_queue where n in ({})", done.join(", ")), values![]).await?;
    tx.exec(MOVE, values![tree.size() as i64, tree.root_hex(), tree.to_text()]).await?;
    tx.commit().await?;
    Ok(waiting.len() as u64)
}
