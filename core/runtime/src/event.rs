//! The event row: what happened, to what, by whom. Written in the transaction of its change; numbered and sealed later.
use linli_kernel::{AccountId, CompanyId, EventId, HouseId, PersonId, PostId, ProjectId, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Who changes something: an account with its chosen post, or the system (jobs, timers).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    pub account: Option<AccountId>,
    pub post: Option<PostId>,
    /// Role code of the chosen post; `system` for jobs, `person` without a post.
    pub role: String,
    pub request_id: String,
}

impl Author {
    pub fn system(request_id: impl Into<String>) -> Author {
        Author { account: None, post: None, role: "system".into(), request_id: request_id.into() }
    }
}

/// The scope columns that are true of a thing (vocabulary §4); they decide who may read its events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeIds {
    pub area_path: Option<String>,
    pub company_id: Option<CompanyId>,
    pub project_id: Option<ProjectId>,
    pub house_id: Option<HouseId>,
    pub person_id: Option<PersonId>,
}

/// One event to be written: `Change::new("fund.use.filed", "fund.use", id).scope(…).data("no", …).state(from, to)`.
///
/// `data` never holds a name, an id number, a phone or a balance of one house (vocabulary §9).
#[derive(Clone, Debug)]
pub struct Change {
    pub kind: &'static str,
    pub subject_kind: &'static str,
    pub subject_id: Uuid,
    pub scope: ScopeIds,
    pub data: Map<String, Value>,
}

impl Change {
    pub fn new(kind: &'static str, subject_kind: &'static str, subject_id: impl Into<Uuid>) -> Change {
        Change { kind, subject_kind, subject_id: subject_id.into(), scope: ScopeIds::default(), data: Map::new() }
    }
    pub fn scope(mut self, scope: ScopeIds) -> Change {
        self.scope = scope;
        self
    }
    pub fn data(mut self, key: &str, value: impl Serialize) -> Change {
        self.data.insert(key.to_owned(), serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }
    /// `from_state` and `state`.
    pub fn state(self, from: impl Serialize, to: impl Serialize) -> Change {
        self.data("from_state", from).data("state", to)
    }
}

/// An event as stored; `data` is the JSON text that its digest covers.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub struct EventRow {
    pub id: EventId,
    pub at: Timestamp,
    pub kind: String,
    pub subject: String,
    pub data: String,
    pub digest: String,
}

/// The digest of an event row: SHA-256 over its parts, each with its length before it, so that no two rows share a text.
pub fn digest(id: EventId, at: Timestamp, kind: &str, subject: &str, data: &str) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for part in [id.to_string().as_str(), &at.micros().to_string(), kind, subject, data] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}
