//! Recomputes everything: each event's digest from its columns, numbers without gaps, the tree's heads, the signatures.
use linli_kernel::{AccountId, CompanyId, EventId, HouseId, PersonId, PostId, Problem, ProjectId, Timestamp};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    merkle::{Peaks, leaf_hash},
    seal::{Checkpoint, CheckpointKey},
};
use crate::{Author, ScopeIds, Sql, crypto::hex, event::Columns, values};

/// The answer of a verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verification {
    /// Everything in the range, and everything before it that the tree stands on, is as it was written.
    pub ok: bool,
    #[schema(example = 1)]
    pub from_seq: i64,
    #[schema(example = 4211)]
    pub to_seq: i64,
    /// Root of the Merkle tree of the first `to_seq` events, recomputed.
    pub head: String,
    /// The newest signed checkpoint.
    pub checkpoint: Option<CheckpointView>,
    /// The first thing that does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<VerificationProblem>,
}

/// A checkpoint as shown to who verifies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckpointView {
    pub seq: i64,
    pub head: String,
    pub at: Timestamp,
    /// Ed25519 over the text `linli-checkpoint-1`, base64.
    pub signature: String,
    pub key_id: String,
}

/// Where and how the log differs from what was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerificationProblem {
    /// The first bad number.
    #[schema(example = 17)]
    pub seq: i64,
    /// `event_changed`, `event_missing`, `event_unnumbered`, `seq_gap`, `order_changed`, `head_differs`, `truncated`,
    /// `checkpoint_forged`, `checkpoint_differs`.
    #[schema(example = "event_changed")]
    pub code: String,
    pub message: String,
}

impl From<Checkpoint> for CheckpointView {
    fn from(c: Checkpoint) -> Self {
        CheckpointView { seq: c.seq, head: c.head, at: c.at, signature: c.signature, key_id: c.key_id }
    }
}

/// Rows read at a time.
const CHUNK: i64 = 2_000;

const ROWS: &str = "select s.seq, s.leaf, s.head, e.id, e.at, e.kind, e.subject, e.subject_kind, e.subject_id, e.account_id, e.post_id,
                      e.role, e.request_id, e.area_path, e.company_id, e.project_id, e.house_id, e.person_id, e.data, e.digest
                    from event_seq s left join event e on e.id = s.event_id
                    where s.seq > $1 and s.seq <= $2 order by s.seq limit $3";
const TOP: &str = "select coalesce(max(seq), 0) as v from event_seq";
const HEAD: &str = "select seq, head from audit_head where id = 1";
const CHECKPOINTS: &str = "select seq, head, at, key_id, signature from audit_checkpoint order by seq";
const UNNUMBERED: &str = "select count(*) as v from event e where not exists (select 1 from event_seq s where s.event_id = e.id)
                          and not exists (select 1 from event_queue q where q.event_id = e.id)";

#[derive(FromQueryResult)]
struct Row {
    seq: i64,
    leaf: String,
    head: String,
    id: Option<EventId>,
    at: Option<Timestamp>,
    kind: Option<String>,
    subject: Option<String>,
    subject_kind: Option<String>,
    subject_id: Option<Uuid>,
    account_id: Option<AccountId>,
    post_id: Option<PostId>,
    role: Option<String>,
    request_id: Option<String>,
    area_path: Option<String>,
    company_id: Option<CompanyId>,
    project_id: Option<ProjectId>,
    house_id: Option<HouseId>,
    person_id: Option<PersonId>,
    data: Option<String>,
    digest: Option<String>,
}

#[derive(FromQueryResult)]
struct Head {
    seq: i64,
    head: String,
}

/// Verifies the events from number `from` (default 1) to `to` (default the last). The tree is always recomputed from its first
/// leaf; only the events' own contents are compared within the range alone.
pub async fn verify(conn: &impl Sql, key: &CheckpointKey, from: Option<i64>, to: Option<i64>) -> Result<Verification, Problem> {
    let top: i64 = conn.scalar(TOP, values![]).await?.unwrap_or(0);
    let checkpoints: Vec<Checkpoint> = conn.rows(CHECKPOINTS, values![]).await?;
    let from = from.unwrap_or(1).max(1);
    let to = to.unwrap_or(top).min(top);
    let mut walk = Walk { tree: Peaks::default(), head: String::new(), problem: None };
    let mut marks = checkpoints.iter().peekable();
    'all: while walk.seq() < to {
        let rows: Vec<Row> = conn.rows(ROWS, values![walk.seq(), to, CHUNK]).await?;
        if rows.is_empty() {
            walk.note(walk.seq() + 1, "seq_gap", "编号中断", "the numbers have a gap");
            break;
        }
        for row in rows {
            walk.step(&row, from);
            while walk.problem.is_none() && marks.peek().is_some_and(|c| c.seq <= row.seq) {
                if let Some(checkpoint) = marks.next() {
                    walk.compare(checkpoint, key);
                }
            }
            if walk.problem.is_some() {
                break 'all;
            }
        }
    }
    if walk.problem.is_none() && to == top {
        let head: Option<Head> = conn.row(HEAD, values![]).await?;
        let unnumbered: i64 = conn.scalar(UNNUMBERED, values![]).await?.unwrap_or(0);
        walk.end(head, marks.next(), unnumbered);
    }
    let head = walk.head;
    let checkpoint = checkpoints.into_iter().next_back().map(Into::into);
    Ok(Verification { ok: walk.problem.is_none(), from_seq: from, to_seq: to, head, checkpoint, problem: walk.problem })
}

struct Walk {
    tree: Peaks,
    /// Recomputed head of the leaves so far.
    head: String,
    problem: Option<VerificationProblem>,
}

impl Walk {
    fn seq(&self) -> i64 {
        self.tree.size() as i64
    }
    fn note(&mut self, seq: i64, code: &str, zh: &str, en: &str) {
        if self.problem.is_none() {
            self.problem = Some(VerificationProblem { seq, code: code.into(), message: format!("{zh} / {en}") });
        }
    }
    fn step(&mut self, row: &Row, from: i64) {
        if row.seq != self.seq() + 1 {
            return self.note(self.seq() + 1, "seq_gap", "编号中断", "the numbers have a gap");
        }
        let Some(stored) = &row.digest else {
            return self.note(row.seq, "event_missing", "事件记录被删除", "the event's row is gone");
        };
        if row.seq >= from && !row.is_as_written(stored) {
            return self.note(row.seq, "event_changed", "事件内容与摘要不符", "the event's columns do not make its digest");
        }
        let leaf = leaf_hash(stored.as_bytes());
        if hex(&leaf) != row.leaf {
            return self.note(row.seq, "order_changed", "事件与编号不符", "another event stands under this number");
        }
        self.tree.push(leaf);
        self.head = self.tree.root_hex();
        if self.head != row.head {
            self.note(row.seq, "head_differs", "树根与记录不符", "the tree's head here is not the one that was stored");
        }
    }
    fn compare(&mut self, checkpoint: &Checkpoint, key: &CheckpointKey) {
        if !key.holds(checkpoint) {
            self.note(checkpoint.seq, "checkpoint_forged", "检查点签名无效", "the checkpoint's signature does not hold");
        } else if checkpoint.seq != self.seq() || checkpoint.head != self.head {
            self.note(checkpoint.seq, "checkpoint_differs", "检查点与重算的树根不符", "the checkpoint signs another head");
        }
    }
    /// What lies beyond the last row: a checkpoint or a head of a longer log, and events that were slipped in.
    fn end(&mut self, head: Option<Head>, beyond: Option<&Checkpoint>, unnumbered: i64) {
        let next = self.seq() + 1;
        if beyond.is_some() || head.as_ref().is_none_or(|h| h.seq > self.seq()) {
            return self.note(next, "truncated", "末尾事件被删除", "the end of the log is gone");
        }
        if head.is_some_and(|h| h.seq != self.seq() || h.head != self.head) {
            return self.note(next, "head_differs", "树根与记录不符", "the stored head is not the recomputed one");
        }
        if unnumbered > 0 {
            self.note(next, "event_unnumbered", "存在未编号且不在待编号队列的事件", "events exist that were never queued");
        }
    }
}

impl Row {
    /// Whether the columns make the stored digest again.
    fn is_as_written(&self, stored: &str) -> bool {
        let (Some(id), Some(at), Some(kind), Some(data)) = (self.id, self.at, &self.kind, &self.data) else { return false };
        let (Some(subject_kind), Some(subject_id), Some(role), Some(request_id)) =
            (&self.subject_kind, self.subject_id, &self.role, &self.request_id)
        else {
            return false;
        };
        let author = Author { account: self.account_id, post: self.post_id, role: role.clone(), request_id: request_id.clone() };
        let scope = ScopeIds {
            area_path: self.area_path.clone(),
            company_id: self.company_id,
            project_id: self.project_id,
            house_id: self.house_id,
            person_id: self.person_id,
        };
        let columns = Columns { id, at, kind, subject_kind, subject_id, author: &author, scope: &scope, data };
        Some(columns.subject()) == self.subject && columns.digest() == *stored
    }
}
