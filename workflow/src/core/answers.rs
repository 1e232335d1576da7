//! What the pure step cannot know, asked as data and answered by the caller within the same transaction.
use std::collections::BTreeMap;

use serde_json::Value;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// The close of business of the `days`th working day after `from`.
    DueAfter { from: i64, days: u32 },
    /// Working days after the day of `from`, up to the day of `to`.
    DaysBetween { from: i64, to: i64 },
    /// Everybody who holds `role` over `area_path`.
    Candidates { role: String, area_path: String },
    /// Run a topic now; `ordinal` counts within this command.
    Topic { ordinal: u32, node: String, topic: String },
    /// Ask a rule point now.
    Rule { ordinal: u32, node: String, point: String, vars: Value },
}

impl Need {
    /// Under which its answer is handed in.
    pub fn key(&self) -> String {
        match self {
            Need::DueAfter { from, days } => format!("due:{from}:{days}"),
            Need::DaysBetween { from, to } => format!("between:{from}:{to}"),
            Need::Candidates { role, area_path } => format!("candidates:{role}:{area_path}"),
            Need::Topic { ordinal, node, .. } => format!("topic:{ordinal}:{node}"),
            Need::Rule { ordinal, node, .. } => format!("rule:{ordinal}:{node}"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Instant(i64),
    Days(u32),
    /// The calendar of this year is unknown: an incident, never a guess.
    YearMissing(i32),
    People(Vec<Uuid>),
    /// Done; an object is merged into the variables (topic), or becomes the result variable (rule).
    Done(Value),
    /// An incident.
    Failed {
        code: String,
        zh: String,
        en: String,
    },
}

/// The context of a command: what the caller found out about its actor, and the answers so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resolved {
    /// The actor holds the seat's role over its area, by a check made now.
    pub in_pool: bool,
    /// So does the person to whom it is transferred.
    pub target_in_pool: bool,
    /// A field declared material was changed since the return: `straight` becomes `along`.
    pub material_changed: bool,
    pub answers: BTreeMap<String, Answer>,
}

impl Resolved {
    pub fn member() -> Resolved {
        Resolved { in_pool: true, ..Resolved::default() }
    }
    pub fn answer(&mut self, need: &Need, answer: Answer) {
        self.answers.insert(need.key(), answer);
    }
}
