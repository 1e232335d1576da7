//! 审计: events get their number without gaps, become leaves of the tenant's Merkle tree, and the tree's head is signed each minute.
//! Whoever changes, deletes, inserts or reorders an event later is found, with the place (architecture §5.3).
mod merkle;
mod seal;
mod sequence;
mod verify;

pub use merkle::{Peaks, leaf_hash};
pub use seal::{Checkpoint, CheckpointKey, checkpoint, latest_checkpoint};
pub use sequence::sequence;
pub use verify::{CheckpointView, Verification, VerificationProblem, verify};

use linli_kernel::{EventId, Problem, Timestamp};
use sea_orm::FromQueryResult;
use serde_json::{Value, json};

use crate::{Sql, values};

/// A numbered event as the feed gives it.
#[derive(Clone, Debug, FromQueryResult)]
pub struct FeedRow {
    pub seq: i64,
    pub id: EventId,
    pub at: Timestamp,
    pub kind: String,
    pub subject: String,
    pub data: String,
}

impl FeedRow {
    /// The CloudEvents 1.0 object. `with_seq` only for readers of the whole tenant: to others its holes would tell too much.
    pub fn cloud_event(&self, tenant: &str, with_seq: bool) -> Result<Value, Problem> {
        let data: Value = serde_json::from_str(&self.data).map_err(Problem::internal)?;
        let mut event = json!({
            "specversion": "1.0",
            "id": self.id,
            "source": format!("//linli/{tenant}"),
            "type": self.kind,
            "subject": self.subject,
            "time": self.at,
            "datacontenttype": "application/json",
            "data": data,
        });
        if with_seq {
            event["seq"] = self.seq.into();
        }
        Ok(event)
    }
}

/// Events after number `after`, in order, under a scope predicate over alias `e` (`1 = 1` for readers of the whole tenant).
pub async fn feed(conn: &impl Sql, after: i64, limit: u64, predicate: &str) -> Result<Vec<FeedRow>, Problem> {
    let sql = format!(
        "select s.seq, e.id, e.at, e.kind, e.subject, e.data from event_seq s join event e on e.id = s.event_id
         where s.seq > $1 and ({predicate}) order by s.seq limit $2"
    );
    conn.rows(&sql, values![after, limit.min(1_000) as i64]).await
}

#[cfg(test)]
mod tests;
