//! Which step a use may take now, for guards, for `allowed_actions` and for the 409 that refuses a step.
use linli_kernel::{Date, Problem};
use linli_tenants::{AllowedAction, Ctx};

use crate::{
    error::UseError,
    model::fund_use,
    perm,
    use_state::{UseState, UseStep},
};

/// What a guard looks at besides the state; what is not known does not refuse.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known {
    pub vote_closes_on: Option<Date>,
    pub publicity_until: Option<Date>,
    pub settlement_until: Option<Date>,
    pub open_objections: i64,
    pub payment_open: bool,
}

/// A verb of the page, in its order: permission, name as in the operation, what it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Survey,
    Scheme,
    Preview,
    Allocate,
    OpenVote,
    RecordVote,
    Publicise,
    Submit,
    File,
    Contract,
    Pay,
    Start,
    Complete,
    Accept,
    CostAudit,
    PubliciseSettlement,
    Settle,
    Archive,
    Suspend,
    Resume,
    Terminate,
}

impl Verb {
    const ALL: [Verb; 21] = [
        Verb::Survey,
        Verb::Scheme,
        Verb::Preview,
        Verb::Allocate,
        Verb::OpenVote,
        Verb::RecordVote,
        Verb::Publicise,
        Verb::Submit,
        Verb::File,
        Verb::Contract,
        Verb::Pay,
        Verb::Start,
        Verb::Complete,
        Verb::Accept,
        Verb::CostAudit,
        Verb::PubliciseSettlement,
        Verb::Settle,
        Verb::Archive,
        Verb::Suspend,
        Verb::Resume,
        Verb::Terminate,
    ];

    /// Permission, name in the API, zh, en.
    const fn texts(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Verb::Survey => (perm::USE_SURVEY, "survey", "登记现场勘查", "the survey"),
            Verb::Scheme => (perm::USE_SCHEME, "scheme", "编制方案和预算", "setting the scheme"),
            Verb::Preview => (perm::USE_PREVIEW, "preview", "试算分摊", "a preview of the allocation"),
            Verb::Allocate => (perm::USE_ALLOCATE, "allocate", "预分摊", "the allocation"),
            Verb::OpenVote => (perm::USE_OPEN_VOTE, "open_vote", "发起表决", "opening the vote"),
            Verb::RecordVote => (perm::USE_RECORD_VOTE, "record_vote", "录入表决结果", "recording the vote"),
            Verb::Publicise => (perm::USE_PUBLICISE, "publicise", "公示", "the publicity"),
            Verb::Submit => (perm::USE_SUBMIT, "submit", "提交审核", "the submission"),
            Verb::File => (perm::USE_FILE, "file", "备案", "filing"),
            Verb::Contract => (perm::USE_CONTRACT, "contract", "登记合同", "the contract"),
            Verb::Pay => (perm::USE_PAY, "pay", "申请付款", "a payment"),
            Verb::Start => (perm::USE_START, "start", "开工", "starting the works"),
            Verb::Complete => (perm::USE_COMPLETE, "complete", "竣工", "completion"),
            Verb::Accept => (perm::USE_ACCEPT, "accept", "验收", "acceptance"),
            Verb::CostAudit => (perm::USE_COST_AUDIT, "cost_audit", "登记审价", "the cost audit"),
            Verb::PubliciseSettlement => (perm::USE_PUBLICISE_SETTLEMENT, "publicise_settlement", "公示结算", "the settlement's publicity"),
            Verb::Settle => (perm::USE_SETTLE, "settle", "结算", "the settlement"),
            Verb::Archive => (perm::USE_ARCHIVE, "archive", "归档", "archiving"),
            Verb::Suspend => (perm::USE_SUSPEND, "suspend", "中止", "suspension"),
            Verb::Resume => (perm::USE_RESUME, "resume", "恢复", "resumption"),
            Verb::Terminate => (perm::USE_TERMINATE, "terminate", "终止", "termination"),
        }
    }

    /// Whether the state allows the verb at all.
    fn stands_in(self, state: UseState) -> bool {
        let can = |step| state.step(step).is_some();
        match self {
            Verb::Survey => can(UseStep::Survey),
            Verb::Scheme => can(UseStep::SetScheme),
            Verb::Preview => matches!(state, UseState::SchemeReady | UseState::Allocated),
            Verb::Allocate => can(UseStep::Allocate),
            Verb::OpenVote => can(UseStep::OpenVote),
            Verb::RecordVote => can(UseStep::Pass),
            Verb::Publicise => can(UseStep::Publicise),
            Verb::Submit => can(UseStep::Submit),
            Verb::File => can(UseStep::File),
            Verb::Contract => can(UseStep::Contract),
            Verb::Pay => can(UseStep::PayAdvance) || can(UseStep::PayProgress) || can(UseStep::PayRetention),
            Verb::Start => can(UseStep::Start),
            Verb::Complete => can(UseStep::Complete),
            Verb::Accept => can(UseStep::Accept),
            Verb::CostAudit => can(UseStep::CostAudit),
            Verb::PubliciseSettlement => can(UseStep::PubliciseSettlement),
            Verb::Settle => can(UseStep::Settle),
            Verb::Archive => can(UseStep::Archive),
            Verb::Suspend => can(UseStep::Suspend),
            Verb::Resume => matches!(state, UseState::Suspended),
            Verb::Terminate => can(UseStep::Terminate),
        }
    }

    /// What else must be true in a state that allows it.
    fn guard(self, row: &fund_use::Model, known: &Known, today: Date) -> Result<(), UseError> {
        let over = |until: Option<Date>| match until {
            Some(until) if today <= until => Err(UseError::PublicityOpen { until }),
            _ if known.open_objections > 0 => Err(UseError::ObjectionsOpen { open: known.open_objections }),
            _ => Ok(()),
        };
        match self {
            Verb::RecordVote => match known.vote_closes_on {
                Some(closes_on) if today <= closes_on => Err(UseError::VoteOpen { closes_on }),
                _ => Ok(()),
            },
            Verb::Submit => over(known.publicity_until),
            Verb::File if row.instance_id.is_some() => Err(UseError::InReview),
            Verb::Settle if known.payment_open => Err(UseError::PaymentOpen),
            Verb::Settle => over(known.settlement_until),
            Verb::Pay | Verb::Complete | Verb::Start if known.payment_open => Err(UseError::PaymentOpen),
            Verb::Suspend | Verb::Terminate if known.payment_open => Err(UseError::PaymentOpen),
            Verb::Terminate if row.paid.is_positive() => Err(UseError::PaidPartUnsettled { paid: row.paid }),
            Verb::Archive if row.state == UseState::Settled && row.retention.is_positive() => {
                Err(UseError::RetentionUnpaid { retention: row.retention })
            }
            Verb::Survey
            | Verb::Scheme
            | Verb::Preview
            | Verb::Allocate
            | Verb::OpenVote
            | Verb::Publicise
            | Verb::File
            | Verb::Contract
            | Verb::Pay
            | Verb::Start
            | Verb::Complete
            | Verb::Accept
            | Verb::CostAudit
            | Verb::PubliciseSettlement
            | Verb::Archive
            | Verb::Suspend
            | Verb::Resume
            | Verb::Terminate => Ok(()),
        }
    }
}

/// 409 with the state and what is allowed in it, unless the verb may be done now.
pub(crate) fn check(ctx: &Ctx, row: &fund_use::Model, known: &Known, verb: Verb) -> Result<(), Problem> {
    if !verb.stands_in(row.state) {
        return Err(not_allowed(ctx, row, known, verb));
    }
    verb.guard(row, known, ctx.today()).map_err(|e| with_state(ctx, row, known, e.into()))
}

/// The verb's step leads to this state, or 409.
pub(crate) fn step(ctx: &Ctx, row: &fund_use::Model, known: &Known, verb: Verb, step: UseStep) -> Result<UseState, Problem> {
    check(ctx, row, known, verb)?;
    row.state.step(step).ok_or_else(|| not_allowed(ctx, row, known, verb))
}

/// The refusal of a step out of order (`fund.use.not_allowed`).
pub(crate) fn not_allowed(ctx: &Ctx, row: &fund_use::Model, known: &Known, verb: Verb) -> Problem {
    let (_, _, step, step_en) = verb.texts();
    let problem = UseError::NotAllowed { from: row.state.label(), from_en: row.state.as_str(), step, step_en }.into();
    with_state(ctx, row, known, problem)
}

fn with_state(ctx: &Ctx, row: &fund_use::Model, known: &Known, problem: Problem) -> Problem {
    problem.with("state", row.state).with("allowed_actions", allowed(ctx, row, known))
}

/// Every verb that the role has at all, in the order of the page, with the reason where it may not be done now.
pub(crate) fn allowed(ctx: &Ctx, row: &fund_use::Model, known: &Known) -> Vec<AllowedAction> {
    let today = ctx.today();
    let mine = Verb::ALL.into_iter().filter(|v| ctx.may(v.texts().0));
    mine.map(|verb| {
        let (_, name, step, step_en) = verb.texts();
        let result = if verb.stands_in(row.state) {
            verb.guard(row, known, today).map_err(Problem::from)
        } else {
            Err(UseError::NotAllowed { from: row.state.label(), from_en: row.state.as_str(), step, step_en }.into())
        };
        AllowedAction::of(ctx, name, result)
    })
    .collect()
}
