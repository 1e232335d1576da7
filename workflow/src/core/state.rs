//! 标识 (marking): the whole state of one instance, one JSON document.
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// The pseudo node where a case lies while its applicant mends it.
pub const APPLICANT: &str = "applicant";

/// 流程实例: tokens, activations, join firings, timers, incidents, variables.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    pub id: Uuid,
    pub rev: i64,
    pub state: InstanceState,
    /// Hash of the definition that it runs under.
    pub definition: String,
    pub applicant: Uuid,
    /// Path of the community of the subject; pools are computed from it.
    pub area_path: String,
    /// Counts submissions.
    pub round: u32,
    pub started_at: i64,
    pub ended_at: Option<i64>,
    pub suspended_at: Option<i64>,
    pub tokens: Vec<Token>,
    pub activations: Vec<Activation>,
    pub firings: Vec<Firing>,
    pub timers: Vec<Timer>,
    pub incidents: Vec<Incident>,
    pub clock: Option<Clock>,
    /// 抄送: who may read the case besides, once each.
    pub copies: Vec<Copied>,
    pub vars: Value,
    /// The next number for a token, an activation, a firing, a timer or an incident.
    pub next: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InstanceState {
    /// Before its first command.
    New,
    Running,
    Suspended,
    Completed,
    Rejected,
    /// Taken back by the applicant, who may submit again.
    Withdrawn,
    Terminated,
}

impl InstanceState {
    pub const fn as_str(self) -> &'static str {
        match self {
            InstanceState::New => "new",
            InstanceState::Running => "running",
            InstanceState::Suspended => "suspended",
            InstanceState::Completed => "completed",
            InstanceState::Rejected => "rejected",
            InstanceState::Withdrawn => "withdrawn",
            InstanceState::Terminated => "terminated",
        }
    }
    /// No token, no seat, nothing more to do by itself.
    pub const fn is_ended(self) -> bool {
        matches!(self, InstanceState::Completed | InstanceState::Rejected | InstanceState::Withdrawn | InstanceState::Terminated)
    }
}

/// 令牌: lives on a flow or in an activity. Its path names every activation and join firing that it comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Token {
    pub id: u64,
    pub at: Place,
    /// Sorted numbers of the activations and firings behind it.
    pub path: Vec<u64>,
    /// Open forks around it, outermost first.
    pub branches: Vec<Branch>,
    /// After a return with `straight`: where it goes from its activation instead of along the flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jump: Option<Box<Jump>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    Flow(String),
    Node(String),
    /// With the applicant.
    Applicant,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branch {
    /// Number of the fork's firing.
    pub fork: u64,
    /// The flow that this branch left by.
    pub flow: String,
}

/// What a `straight` return restores when its target has passed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Jump {
    /// The activation that returned: it opens afresh.
    pub returner: u64,
    /// The tokens that the return cancelled.
    pub tokens: Vec<Token>,
    /// The arrivals that the return put back into joins: they are taken away again.
    pub arrivals: Vec<u64>,
}

/// 活动: one visit of a token to a user task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Activation {
    pub id: u64,
    pub node: String,
    pub token: u64,
    /// 轮次: how often this node was entered.
    pub round: u32,
    /// Path and branches of the token as it came in.
    pub path: Vec<u64>,
    pub branches: Vec<Branch>,
    pub opened_at: i64,
    pub due_at: Option<i64>,
    pub state: ActivationState,
    pub closed_at: Option<i64>,
    pub seats: Vec<Seat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivationState {
    Open,
    Passed,
    Rejected,
    Returned,
    Cancelled,
}

/// 席位: one person's (or one pool's) duty in an activation; outside it is a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seat {
    pub id: Uuid,
    pub kind: SeatKind,
    pub state: SeatState,
    pub pool_role: Option<String>,
    /// Area path that the pool's members must cover.
    pub pool_org: Option<String>,
    pub assignee: Option<Uuid>,
    /// Who had it first, before any transfer.
    pub owner: Option<Uuid>,
    /// Who decided, and for whom.
    pub actor: Option<Uuid>,
    pub on_behalf: Option<Uuid>,
    pub action: Option<Action>,
    pub opinion: Option<String>,
    /// Code of the reason for a reject.
    pub reason: Option<String>,
    pub decided_at: Option<i64>,
    pub cancelled: Option<CancelReason>,
    pub urged_at: Option<i64>,
    /// How many persons it went through.
    pub transfers: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatKind {
    Approve,
    /// The applicant's duty to mend and submit again.
    Applicant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeatState {
    /// Not yet its turn; for voting in order, which comes later.
    Waiting,
    Open,
    Decided,
    Cancelled,
}

impl SeatState {
    pub const fn as_str(self) -> &'static str {
        match self {
            SeatState::Waiting => "waiting",
            SeatState::Open => "open",
            SeatState::Decided => "decided",
            SeatState::Cancelled => "cancelled",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Approve,
    Reject,
    Return,
    /// The applicant submitted again.
    Resubmit,
}

impl Action {
    pub const fn as_str(self) -> &'static str {
        match self {
            Action::Approve => "approve",
            Action::Reject => "reject",
            Action::Return => "return",
            Action::Resubmit => "resubmit",
        }
    }
}

/// Why a seat was closed without a decision: never silently.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelReason {
    /// Another seat decided.
    Decided {
        by: Option<Uuid>,
        at: i64,
    },
    Returned,
    Rejected,
    Withdrawn,
    TimedOut,
    Terminated,
}

/// A join that fired, with what it consumed: a return behind it puts the other arrivals back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Firing {
    pub id: u64,
    pub node: String,
    pub consumed: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    pub id: u64,
    pub activation: u64,
    /// The boundary event.
    pub node: String,
    pub due_at: i64,
}

/// 异常: something a person must mend before the token goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    pub id: u64,
    pub token: u64,
    pub node: String,
    pub kind: IncidentKind,
    /// The variable, topic, point or year concerned.
    pub about: String,
    pub zh: String,
    pub en: String,
    pub at: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    Condition,
    Topic,
    Rule,
    Calendar,
    NoCandidate,
}

impl IncidentKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            IncidentKind::Condition => "condition",
            IncidentKind::Topic => "topic",
            IncidentKind::Rule => "rule",
            IncidentKind::Calendar => "calendar",
            IncidentKind::NoCandidate => "no_candidate",
        }
    }
}

/// 抄送 to one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// Its row among the tasks.
    pub id: Uuid,
    pub to: Uuid,
    pub by: Option<Uuid>,
    pub at: i64,
}

/// 办理时限 of the whole instance, with its ledger of pauses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    pub days: u32,
    pub basis: Option<String>,
    /// `None` while the calendar of the year is missing.
    pub due_at: Option<i64>,
    pub paused_at: Option<i64>,
    pub pauses: Vec<Pause>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub from: i64,
    pub to: i64,
    pub working_days: u32,
    /// Why the clock stood still.
    pub basis: String,
}

impl Instance {
    pub fn new(id: Uuid) -> Instance {
        Instance {
            id,
            rev: 0,
            state: InstanceState::New,
            definition: String::new(),
            applicant: Uuid::nil(),
            area_path: String::new(),
            round: 0,
            started_at: 0,
            ended_at: None,
            suspended_at: None,
            tokens: Vec::new(),
            activations: Vec::new(),
            firings: Vec::new(),
            timers: Vec::new(),
            incidents: Vec::new(),
            clock: None,
            copies: Vec::new(),
            vars: Value::Object(serde_json::Map::new()),
            next: 1,
        }
    }
    pub fn token(&self, id: u64) -> Option<&Token> {
        self.tokens.iter().find(|t| t.id == id)
    }
    pub fn activation(&self, id: u64) -> Option<&Activation> {
        self.activations.iter().find(|a| a.id == id)
    }
    pub fn seat(&self, id: Uuid) -> Option<(&Activation, &Seat)> {
        self.activations.iter().find_map(|a| a.seats.iter().find(|s| s.id == id).map(|s| (a, s)))
    }
    pub fn open_activations(&self) -> impl Iterator<Item = &Activation> {
        self.activations.iter().filter(|a| a.state == ActivationState::Open)
    }
    pub fn open_seats(&self) -> impl Iterator<Item = (&Activation, &Seat)> {
        self.activations.iter().flat_map(|a| a.seats.iter().filter(|s| s.state == SeatState::Open).map(move |s| (a, s)))
    }
    /// The open activation in which a token sits.
    pub fn activation_of(&self, token: u64) -> Option<&Activation> {
        self.open_activations().find(|a| a.token == token)
    }
    /// Whether the applicant is mending the case.
    pub fn is_returned(&self) -> bool {
        self.tokens.iter().any(|t| t.at == Place::Applicant)
    }
}
