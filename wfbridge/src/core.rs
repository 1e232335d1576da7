//! The engine's heart: one pure step from a stored instance and a command to the next instance, events and effects.
//!
//! No clock, no randomness, no I/O: time, ids and every outside answer enter as data, so replaying the commands gives the
//! stored state again. What a step needs to know of the outside it asks for as a [`Need`]; the caller answers and calls again.
mod advance;
mod decide;
mod step;
mod view;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use step::{replay, step};
pub use view::{Step, StepState, steps};

use crate::model::Org;

/// 流程实例, one row: the whole marking, so that every question about gateways is answered in memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    pub state: InstanceState,
    pub applicant: Uuid,
    /// Rises by one at each resubmission.
    pub round: i64,
    pub tokens: Vec<Token>,
    pub activations: Vec<Activation>,
    pub timers: Vec<Timer>,
    pub fired: Vec<FiredJoin>,
    pub incident: Option<Incident>,
    /// Sent back to the applicant, who must resubmit.
    pub awaiting: bool,
    pub facts: serde_json::Value,
    pub next: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstanceState {
    Running,
    Suspended,
    Completed,
    Rejected,
    Withdrawn,
    Terminated,
}

impl InstanceState {
    pub fn is_live(self) -> bool {
        matches!(self, InstanceState::Running | InstanceState::Suspended)
    }
}

/// A token: in an open user task (its activation) or waiting in a join (the flow over which it came).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    pub id: u64,
    pub at: Place,
    /// Activations that it passed, oldest first: what a return may lead to.
    pub passed: Vec<u64>,
    /// Joins that it came through.
    pub joined: Vec<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// On its way over a flow (only inside a step), or waiting at the join behind it.
    Flow(usize),
    Task(u64),
}

/// One visit of a token to a user task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activation {
    pub id: u64,
    pub node: usize,
    pub round: i64,
    pub seats: Vec<Seat>,
    pub outcome: Option<Outcome>,
    /// The token as it was when it came: a return puts it here again.
    pub entered: Token,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Pass,
    Reject,
    Cancelled,
}

/// One person's, or a pool's, duty in an activation: a task of the inbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seat {
    pub task: Uuid,
    pub state: SeatState,
    pub assignee: Option<Uuid>,
    /// Set once by a transfer: the pool no longer counts.
    pub personal: bool,
    pub actor: Option<Uuid>,
    pub action: Option<String>,
    pub opinion: Option<String>,
    pub reason: Option<String>,
    pub opened_at: i64,
    pub decided_at: Option<i64>,
    /// End of the day on which it is due.
    pub due_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatState {
    Open,
    Decided,
    Cancelled,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    pub id: Uuid,
    pub boundary: usize,
    pub activation: u64,
    pub due_at: i64,
    pub interrupting: bool,
}

/// A join that fired, with what it consumed: a return into one branch restores the others' arrivals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FiredJoin {
    pub id: u64,
    pub arrivals: Vec<Token>,
}

/// The instance stands still until a person mends the cause and retries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    pub element: String,
    pub cause: String,
    pub token: Token,
}

/// What somebody (or a timer) does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "verb")]
pub enum Command {
    Start { facts: serde_json::Value },
    Claim { task: Uuid },
    Release { task: Uuid },
    Approve { task: Uuid, opinion: Option<String> },
    Reject { task: Uuid, opinion: String, reason: Option<String> },
    /// To the applicant (`to` = `applicant`) or to a user task that was visited.
    Return { task: Uuid, to: String, opinion: String },
    Resubmit { facts: serde_json::Value },
    Withdraw,
    Transfer { task: Uuid, account: Uuid, reason: String },
    Fire { timer: Uuid },
    Retry,
    Terminate { reason: String },
}

/// Who commands, and whether he belongs to the pool of the task that the command names; checked anew at each command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// `None` for timers and jobs.
    pub account: Option<Uuid>,
    pub in_pool: bool,
}

/// A question to the outside, named by its key; asked in the order in which answers are needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    pub key: String,
    pub kind: NeedKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NeedKind {
    /// Run the topic's handler in this transaction; the answer is `Done`.
    Service { topic: String },
    /// Ask the rule point; the answer is `Value`.
    Rule { point: String },
    /// End of the day `days` working days after the instant; the answer is `Instant`.
    WorkingDays { from: i64, days: u32 },
    /// The members of a pool; the answer is `People`.
    People { role: String, org: Org },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Done,
    Value(serde_json::Value),
    Instant(i64),
    People(Vec<Uuid>),
    /// The calendar, the rule or the directory could not say: the instance stops with an incident.
    Failed(String),
}

/// Answers so far, by key.
pub type Answers = std::collections::BTreeMap<String, Answer>;

/// One command with everything that it took: enough to play it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    pub command: Command,
    pub by: By,
    pub at: i64,
    /// Seed of the ids that the step makes.
    pub id: Uuid,
    pub answers: Answers,
}

/// What happened, for the timeline and the tenant's event log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Happened {
    /// `started`, `task_opened`, `task_decided` …
    pub kind: String,
    pub node: Option<usize>,
    pub task: Option<Uuid>,
    pub action: Option<String>,
    pub text: Option<String>,
}

/// The step's answer: done, or asked back.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcoming {
    Done { instance: Box<Instance>, happened: Vec<Happened> },
    Needs(Vec<Need>),
}

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    #[error("no such task")]
    NotFound,
    #[error("not allowed: {0}")]
    NotAllowed(Refused),
    #[error("somebody else has claimed it")]
    AlreadyClaimed,
    #[error("it was decided before")]
    AlreadyDecided,
    #[error("the instance is suspended")]
    Suspended,
    #[error("the instance has ended")]
    Ended,
    #[error("the instance waits for something else")]
    Conflict,
    #[error("the step does not end")]
    Budget,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The applicant never decides his own case.
    Applicant,
    NotYours,
    NotReturnable,
    /// The target was not visited on this branch.
    Target,
    /// After the first decision.
    TooLate,
    SamePerson,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Refused::Applicant => "the applicant never decides",
            Refused::NotYours => "the task is not yours",
            Refused::NotReturnable => "this step may not send back",
            Refused::Target => "the target was not visited on this branch",
            Refused::TooLate => "a decision was made already",
            Refused::SamePerson => "the same person",
        })
    }
}

#[cfg(test)]
mod tests;
