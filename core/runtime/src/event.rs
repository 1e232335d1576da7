//! The event row: what happened, to what, by whom. Written in the transaction of its change; numbered and sealed later.
use linli_kernel::{AccountId, CompanyId, EventId, HouseId, PersonId, PostId, ProjectId, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

pub(crate) mod write;

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

/// The columns of an event row, which its digest covers.
#[derive(Clone, Debug)]
pub(crate) struct Columns<'a> {
    pub id: EventId,
    pub at: Timestamp,
    pub kind: &'a str,
    pub subject_kind: &'a str,
    pub subject_id: Uuid,
    pub author: &'a Author,
    pub scope: &'a ScopeIds,
    pub data: &'a str,
}

impl Columns<'_> {
    pub fn subject(&self) -> String {
        format!("{}/{}", self.subject_kind, self.subject_id)
    }
    /// SHA-256 over all columns, each with its length before it, so that no two rows share a text; an empty column has none.
    pub fn digest(&self) -> String {
        use sha2::{Digest, Sha256};
        let (author, scope) = (self.author, self.scope);
        let id = |id: Option<Uuid>| id.map(|id| id.to_string());
        let parts = [
            Some(self.id.to_string()),
            Some(self.at.micros().to_string()),
            Some(self.kind.to_owned()),
            Some(self.subject()),
            id(author.account.map(Uuid::from)),
            id(author.post.map(Uuid::from)),
            Some(author.role.clone()),
            Some(author.request_id.clone()),
            scope.area_path.clone(),
            id(scope.company_id.map(Uuid::from)),
            id(scope.project_id.map(Uuid::from)),
            id(scope.house_id.map(Uuid::from)),
            id(scope.person_id.map(Uuid::from)),
            Some(self.data.to_owned()),
        ];
        let mut hash = Sha256::new();
        for part in parts {
            match part {
                Some(text) => {
                    hash.update((text.len() as u64).to_be_bytes());
                    hash.update(text);
                }
                None => hash.update(u64::MAX.to_be_bytes()),
            }
        }
        crate::crypto::hex(&hash.finalize())
    }
}
