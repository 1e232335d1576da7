//! What people, clocks and systems ask of an instance.
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Who acts: a person, perhaps for another one, or the system itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub user: Option<Uuid>,
    /// 代办: the principal for whom a proxy acts.
    pub on_behalf: Option<Uuid>,
}

impl Actor {
    pub const SYSTEM: Actor = Actor { user: None, on_behalf: None };

    pub const fn person(user: Uuid) -> Actor {
        Actor { user: Some(user), on_behalf: None }
    }
}

/// A command with everything that it brings along: id, instant and actor are data.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Unique; ids of new seats are derived from it.
    pub id: Uuid,
    pub actor: Actor,
    /// Microseconds since 1970 UTC.
    pub at: i64,
    pub verb: Verb,
}

/// 重新提交方式 after a return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResubmitMode {
    /// 逐级: the normal way; gateways are evaluated again and everybody decides again.
    Along,
    /// 直达: straight back to who returned it.
    Straight,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Verb {
    Start {
        applicant: Uuid,
        area_path: String,
        vars: Value,
    },
    Claim {
        seat: Uuid,
    },
    Release {
        seat: Uuid,
    },
    /// `form`: the fields of the step, which conditions read as `form.<node>.<field>`.
    Approve {
        seat: Uuid,
        opinion: Option<String>,
        form: Option<Value>,
    },
    /// 驳回: final. `reason` is a code.
    Reject {
        seat: Uuid,
        opinion: Option<String>,
        reason: Option<String>,
    },
    /// 退回 to a node that was visited, or to `applicant`.
    Return {
        seat: Uuid,
        to: String,
        mode: ResubmitMode,
        opinion: Option<String>,
    },
    /// The applicant submits again, after a return or a withdrawal.
    Resubmit {
        vars: Value,
    },
    /// 撤回 by the applicant.
    Withdraw,
    /// 转办.
    Transfer {
        seat: Uuid,
        to: Uuid,
        reason: String,
    },
    /// 催办.
    Urge,
    /// 抄送: these persons may read the case for ever.
    Copy {
        to: Vec<Uuid>,
    },
    /// A boundary timer is due.
    Fire {
        timer: u64,
    },
    /// An incident was looked at; `vars` mend what was wrong.
    Retry {
        incident: u64,
        vars: Value,
    },
    /// 挂起.
    Suspend {
        reason: String,
    },
    /// 激活.
    Resume,
    /// 终止.
    Terminate {
        reason: String,
    },
}

impl Verb {
    /// The name that histories show.
    pub const fn name(&self) -> &'static str {
        match self {
            Verb::Start { .. } => "start",
            Verb::Claim { .. } => "claim",
            Verb::Release { .. } => "release",
            Verb::Approve { .. } => "approve",
            Verb::Reject { .. } => "reject",
            Verb::Return { .. } => "return",
            Verb::Resubmit { .. } => "resubmit",
            Verb::Withdraw => "withdraw",
            Verb::Transfer { .. } => "transfer",
            Verb::Urge => "urge",
            Verb::Copy { .. } => "copy",
            Verb::Fire { .. } => "fire",
            Verb::Retry { .. } => "retry",
            Verb::Suspend { .. } => "suspend",
            Verb::Resume => "resume",
            Verb::Terminate { .. } => "terminate",
        }
    }
    /// The seat that it is about.
    pub const fn seat(&self) -> Option<Uuid> {
        match self {
            Verb::Claim { seat }
            | Verb::Release { seat }
            | Verb::Approve { seat, .. }
            | Verb::Reject { seat, .. }
            | Verb::Return { seat, .. }
            | Verb::Transfer { seat, .. } => Some(*seat),
            Verb::Start { .. }
            | Verb::Resubmit { .. }
            | Verb::Withdraw
            | Verb::Urge
            | Verb::Copy { .. }
            | Verb::Fire { .. }
            | Verb::Retry { .. }
            | Verb::Suspend { .. }
            | Verb::Resume
            | Verb::Terminate { .. } => None,
        }
    }
}
