//! Everything that can be wrong with a command: a closed list.
use uuid::Uuid;

use crate::model::{Diagnostic, XmlRefusal};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkflowError {
    #[error("not found")]
    NotFound,
    #[error("not allowed: {0:?}")]
    NotAllowed(Reason),
    #[error("already decided")]
    AlreadyDecided { by: Option<Uuid>, at: i64 },
    #[error("already claimed")]
    AlreadyClaimed { by: Uuid },
    /// Somebody else moved the instance; load it and try again.
    #[error("conflict")]
    Conflict,
    #[error("suspended")]
    Suspended,
    #[error("ended")]
    Ended,
    #[error("{} diagnostics", .0.len())]
    Invalid(Vec<Diagnostic>),
    #[error("refused: {0}")]
    Refused(XmlRefusal),
    /// Too many steps without a rest, or an expression beyond its budget.
    #[error("over the budget")]
    Budget,
}

/// Why this person may not do this now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// 回避: who applied may not decide.
    IsApplicant,
    NotInPool,
    NotAssignee,
    NotClaimed,
    NotApplicant,
    SeatCancelled,
    NotReturnable,
    /// The target was never visited, or is no user task.
    NoSuchTarget,
    /// The target lies in a sibling branch; `suggest` is the nearest legal one.
    SiblingBranch {
        suggest: String,
    },
    AfterDecision,
    NotReturned,
    TargetNotInPool,
    TargetIsApplicant,
    TargetHoldsSeat,
    TooManyTransfers,
    UrgedRecently {
        next: i64,
    },
    NothingToUrge,
    NotSuspended,
    AlreadyStarted,
}

impl Reason {
    pub const fn code(&self) -> &'static str {
        match self {
            Reason::IsApplicant => "duty.same_person",
            Reason::NotInPool => "workflow.task.not_in_pool",
            Reason::NotAssignee => "workflow.task.not_assignee",
            Reason::NotClaimed => "workflow.task.not_claimed",
            Reason::NotApplicant => "workflow.instance.not_applicant",
            Reason::SeatCancelled => "workflow.task.cancelled",
            Reason::NotReturnable => "workflow.task.not_returnable",
            Reason::NoSuchTarget => "workflow.task.no_such_target",
            Reason::SiblingBranch { .. } => "workflow.task.sibling_branch",
            Reason::AfterDecision => "workflow.instance.after_decision",
            Reason::NotReturned => "workflow.instance.not_returned",
            Reason::TargetNotInPool => "workflow.task.target_not_in_pool",
            Reason::TargetIsApplicant => "workflow.task.target_is_applicant",
            Reason::TargetHoldsSeat => "workflow.task.target_holds_seat",
            Reason::TooManyTransfers => "workflow.task.too_many_transfers",
            Reason::UrgedRecently { .. } => "workflow.instance.urged_recently",
            Reason::NothingToUrge => "workflow.instance.nothing_to_urge",
            Reason::NotSuspended => "workflow.instance.not_suspended",
            Reason::AlreadyStarted => "workflow.instance.already_started",
        }
    }
    /// 403 where the person is the wrong one, 422 where the asked-for target is wrong, 409 where the moment is.
    pub const fn status(&self) -> u16 {
        match self {
            Reason::IsApplicant | Reason::NotInPool | Reason::NotAssignee | Reason::NotApplicant => 403,
            Reason::NoSuchTarget
            | Reason::SiblingBranch { .. }
            | Reason::TargetNotInPool
            | Reason::TargetIsApplicant
            | Reason::TargetHoldsSeat => 422,
            Reason::NotClaimed
            | Reason::SeatCancelled
            | Reason::NotReturnable
            | Reason::AfterDecision
            | Reason::NotReturned
            | Reason::TooManyTransfers
            | Reason::UrgedRecently { .. }
            | Reason::NothingToUrge
            | Reason::NotSuspended
            | Reason::AlreadyStarted => 409,
        }
    }
    pub fn zh(&self) -> String {
        match self {
            Reason::IsApplicant => "申请人不能办理自己的申请，请由他人办理".into(),
            Reason::NotInPool => "您的岗位或管辖范围不能办理这个任务".into(),
            Reason::NotAssignee => "这个任务由他人办理".into(),
            Reason::NotClaimed => "请先认领任务".into(),
            Reason::NotApplicant => "只有申请人可以这样做".into(),
            Reason::SeatCancelled => "这个任务已取消".into(),
            Reason::NotReturnable => "这个环节不能退回".into(),
            Reason::NoSuchTarget => "没有办理过这个环节，不能退回到那里".into(),
            Reason::SiblingBranch { suggest } => format!("不能退回到并行的另一分支，可退回到“{suggest}”"),
            Reason::AfterDecision => "已有人办理，不能撤回".into(),
            Reason::NotReturned => "申请没有退回或撤回，不能重新提交".into(),
            Reason::TargetNotInPool => "对方的岗位或管辖范围不能办理这个任务".into(),
            Reason::TargetIsApplicant => "不能转办给申请人".into(),
            Reason::TargetHoldsSeat => "对方在这个环节已有任务".into(),
            Reason::TooManyTransfers => "转办次数已达上限".into(),
            Reason::UrgedRecently { .. } => "四小时内已催办过".into(),
            Reason::NothingToUrge => "现在没有待办的人可以催".into(),
            Reason::NotSuspended => "流程没有挂起".into(),
            Reason::AlreadyStarted => "流程已经开始".into(),
        }
    }
    pub fn en(&self) -> String {
        match self {
            Reason::IsApplicant => "Who applied may not decide; another person must".into(),
            Reason::NotInPool => "Your post or your area does not cover this task".into(),
            Reason::NotAssignee => "Somebody else has this task".into(),
            Reason::NotClaimed => "Claim the task first".into(),
            Reason::NotApplicant => "Only the applicant may do this".into(),
            Reason::SeatCancelled => "The task was cancelled".into(),
            Reason::NotReturnable => "This step cannot return a case".into(),
            Reason::NoSuchTarget => "That step was not visited, so the case cannot go back to it".into(),
            Reason::SiblingBranch { suggest } => format!("A case cannot go back into a parallel branch; it can go back to {suggest}"),
            Reason::AfterDecision => "Somebody has decided already; it cannot be withdrawn".into(),
            Reason::NotReturned => "It was neither returned nor withdrawn".into(),
            Reason::TargetNotInPool => "The other person's post or area does not cover this task".into(),
            Reason::TargetIsApplicant => "It cannot be handed to the applicant".into(),
            Reason::TargetHoldsSeat => "The other person has a task in this step already".into(),
            Reason::TooManyTransfers => "It was handed on too often".into(),
            Reason::UrgedRecently { .. } => "It was urged within the last four hours".into(),
            Reason::NothingToUrge => "Nobody has an open task".into(),
            Reason::NotSuspended => "The instance is not suspended".into(),
            Reason::AlreadyStarted => "The instance has started already".into(),
        }
    }
}

impl From<Reason> for WorkflowError {
    fn from(reason: Reason) -> Self {
        WorkflowError::NotAllowed(reason)
    }
}
