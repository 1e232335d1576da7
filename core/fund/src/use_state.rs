//! 使用状态: the whole life of a fund use on one screen (maintenance-fund §2.6.1).
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// State of a fund use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum UseState {
    /// 已提出
    Proposed,
    /// 已勘查
    Surveyed,
    /// 方案已定
    SchemeReady,
    /// 已预分摊
    Allocated,
    /// 表决中
    Voting,
    /// 表决通过
    VotePassed,
    /// 表决未通过
    VoteFailed,
    /// 公示中
    Publicised,
    /// 异议待答复
    Objection,
    /// 审核中
    InReview,
    /// 退回补正
    Returned,
    /// 不予备案
    Rejected,
    /// 已备案
    Filed,
    /// 已签合同
    Contracted,
    /// 已预拨
    AdvancePaid,
    /// 施工中
    InWorks,
    /// 已付进度款
    ProgressPaid,
    /// 已竣工
    Completed,
    /// 已验收
    Accepted,
    /// 已审价
    CostAudited,
    /// 结算公示中
    SettlementPublicised,
    /// 已结算
    Settled,
    /// 质保金已付
    RetentionPaid,
    /// 已归档
    Archived,
    /// 已中止
    Suspended,
    /// 已终止
    Terminated,
}

/// What happens to a fund use, done by a person or reported by a foundation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter)]
pub enum UseStep {
    Survey,
    SetScheme,
    Allocate,
    OpenVote,
    Pass,
    Fail,
    Publicise,
    Object,
    Answer,
    Uphold,
    Submit,
    Return,
    Reject,
    File,
    Contract,
    PayAdvance,
    Start,
    PayProgress,
    Complete,
    Accept,
    CostAudit,
    PubliciseSettlement,
    Settle,
    PayRetention,
    Archive,
    Suspend,
    Terminate,
}

impl UseState {
    /// Every state and where it may go. A suspended use goes back to where it was ([`crate::service::suspend`]).
    pub const fn next(self) -> &'static [(UseStep, UseState)] {
        use UseState::*;
        use UseStep as S;
        match self {
            Proposed => &[(S::Survey, Surveyed), (S::Suspend, Suspended), (S::Terminate, Terminated)],
            Surveyed => &[(S::SetScheme, SchemeReady), (S::Suspend, Suspended), (S::Terminate, Terminated)],
            SchemeReady => &[(S::SetScheme, SchemeReady), (S::Allocate, Allocated), (S::Suspend, Suspended), (S::Terminate, Terminated)],
            Allocated => &[
                (S::SetScheme, SchemeReady),
                (S::Allocate, Allocated),
                (S::OpenVote, Voting),
                (S::Suspend, Suspended),
                (S::Terminate, Terminated),
            ],
            Voting => &[(S::Pass, VotePassed), (S::Fail, VoteFailed), (S::Suspend, Suspended), (S::Terminate, Terminated)],
            VotePassed => &[(S::Publicise, Publicised), (S::Suspend, Suspended), (S::Terminate, Terminated)],
            VoteFailed => &[(S::SetScheme, SchemeReady), (S::Terminate, Terminated)],
            Publicised => &[(S::Object, Objection), (S::Submit, InReview), (S::Suspend, Suspended), (S::Terminate, Terminated)],
            Objection => &[
                (S::Object, Objection),
                (S::Answer, Publicised),
                (S::Uphold, SchemeReady),
                (S::Suspend, Suspended),
                (S::Terminate, Terminated),
            ],
            // While a flow decides, nobody else does: it ends by filing, return or rejection.
            InReview => &[(S::File, Filed), (S::Return, Returned), (S::Reject, Rejected)],
            Returned => &[(S::Submit, InReview), (S::SetScheme, SchemeReady), (S::Terminate, Terminated)],
            Filed => &[(S::Contract, Contracted), (S::Suspend, Suspended), (S::Terminate, Terminated)],
            Contracted => &[(S::PayAdvance, AdvancePaid), (S::Start, InWorks), (S::Suspend, Suspended), (S::Terminate, Terminated)],
            AdvancePaid => &[(S::PayAdvance, AdvancePaid), (S::Start, InWorks), (S::Suspend, Suspended), (S::Terminate, Terminated)],
            InWorks => &[(S::PayProgress, ProgressPaid), (S::Complete, Completed), (S::Suspend, Suspended), (S::Terminate, Terminated)],
            ProgressPaid => {
                &[(S::PayProgress, ProgressPaid), (S::Complete, Completed), (S::Suspend, Suspended), (S::Terminate, Terminated)]
            }
            Completed => &[(S::Accept, Accepted), (S::Suspend, Suspended), (S::Terminate, Terminated)],
            Accepted => &[(S::CostAudit, CostAudited), (S::Suspend, Suspended), (S::Terminate, Terminated)],
            CostAudited => &[(S::PubliciseSettlement, SettlementPublicised), (S::Suspend, Suspended), (S::Terminate, Terminated)],
            // An objection that is right sends the account back to the auditor.
            SettlementPublicised => &[(S::Uphold, Accepted), (S::Settle, Settled), (S::Suspend, Suspended)],
            Settled => &[(S::PayRetention, RetentionPaid), (S::Archive, Archived)],
            RetentionPaid => &[(S::Archive, Archived)],
            Suspended => &[(S::Terminate, Terminated)],
            Rejected | Archived | Terminated => &[],
        }
    }

    /// Where `step` leads from here, if anywhere.
    pub fn step(self, step: UseStep) -> Option<UseState> {
        self.next().iter().find(|(s, _)| *s == step).map(|(_, to)| *to)
    }

    /// As in JSON, SQL and events.
    pub fn as_str(self) -> &'static str {
        use UseState::*;
        match self {
            Proposed => "proposed",
            Surveyed => "surveyed",
            SchemeReady => "scheme_ready",
            Allocated => "allocated",
            Voting => "voting",
            VotePassed => "vote_passed",
            VoteFailed => "vote_failed",
            Publicised => "publicised",
            Objection => "objection",
            InReview => "in_review",
            Returned => "returned",
            Rejected => "rejected",
            Filed => "filed",
            Contracted => "contracted",
            AdvancePaid => "advance_paid",
            InWorks => "in_works",
            ProgressPaid => "progress_paid",
            Completed => "completed",
            Accepted => "accepted",
            CostAudited => "cost_audited",
            SettlementPublicised => "settlement_publicised",
            Settled => "settled",
            RetentionPaid => "retention_paid",
            Archived => "archived",
            Suspended => "suspended",
            Terminated => "terminated",
        }
    }

    /// As people say it.
    pub fn label(self) -> &'static str {
        use UseState::*;
        match self {
            Proposed => "已提出",
            Surveyed => "已勘查",
            SchemeReady => "方案已定",
            Allocated => "已预分摊",
            Voting => "表决中",
            VotePassed => "表决通过",
            VoteFailed => "表决未通过",
            Publicised => "公示中",
            Objection => "异议待答复",
            InReview => "审核中",
            Returned => "退回补正",
            Rejected => "不予备案",
            Filed => "已备案",
            Contracted => "已签合同",
            AdvancePaid => "已预拨",
            InWorks => "施工中",
            ProgressPaid => "已付进度款",
            Completed => "已竣工",
            Accepted => "已验收",
            CostAudited => "已审价",
            SettlementPublicised => "结算公示中",
            Settled => "已结算",
            RetentionPaid => "质保金已付",
            Archived => "已归档",
            Suspended => "已中止",
            Terminated => "已终止",
        }
    }
}

#[cfg(test)]
mod tests;
