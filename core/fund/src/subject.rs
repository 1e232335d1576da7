//! The fund's things as foundations know them: by kind and id (architecture §2 "Subjects").
use linli_kernel::{DepositId, ImportId, PaymentId, Problem, UseId};
use linli_property::publicities;
use linli_runtime::{ScopeIds, Tx};
use linli_tenants::{Ctx, Report, Subject, SubjectState};
use sea_orm::{EntityTrait, Set};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    change::{event, moved, save, scope_of},
    ids::CorrectionId,
    model::{data_import, fund_correction, fund_deposit, fund_payment, fund_use},
    paying::label,
    process::{rejected, returned},
    rounds,
    service::post_payment::{self, Banked, lock_use},
    use_state::{UseState, UseStep},
};

/// 使用申请 as flows, publicities and papers carry it.
pub struct UseSubject;
/// 付款 as payment orders carry it.
pub struct PaymentSubject;
/// 导入, 交存, 更正: whose papers are read by who may see them.
pub struct ImportSubject;
pub struct DepositSubject;
pub struct CorrectionSubject;

/// Facts for the conditions and rules of a flow.
pub(crate) fn facts(row: &fund_use::Model) -> Value {
    json!({
        "budget": row.budget,
        "kind": row.kind,
        "part": row.part,
        "houses": row.houses,
        "round": row.round,
    })
}

#[async_trait::async_trait]
impl Subject for UseSubject {
    fn kind(&self) -> &'static str {
        "fund.use"
    }
    async fn may_see(&self, ctx: &Ctx, id: Uuid) -> Result<bool, Problem> {
        seen(ctx.get::<fund_use::Entity>(ctx.conn(), UseId(id)).await)
    }
    async fn state(&self, tx: &Tx, id: Uuid) -> Result<SubjectState, Problem> {
        let row = fund_use::Entity::find_by_id(UseId(id)).one(tx.conn()).await?.ok_or_else(Problem::not_found)?;
        Ok(SubjectState {
            no: Some(row.no.clone()),
            title: row.title.clone(),
            state: row.state.as_str().to_owned(),
            scope: scope_of(&row),
            facts: facts(&row),
        })
    }
    async fn report(&self, ctx: &Ctx, tx: &Tx, id: Uuid, what: &Report) -> Result<Value, Problem> {
        match what {
            Report::Objected { .. } => objected(tx, id).await?,
            Report::Answered { upheld, open, .. } => answered(ctx, tx, id, *upheld, *open).await?,
            Report::Returned { opinion } => returned(tx, id, Some(opinion)).await?,
            Report::Rejected { opinion, reason } => {
                let why = match reason {
                    Some(reason) => format!("{reason}：{opinion}"),
                    None => opinion.clone(),
                };
                rejected(tx, id, Some(&why)).await?;
            }
            // Taken back by the applicant: it lies with him, and a new submission starts a new flow.
            Report::Withdrawn => withdrawn(tx, id).await?,
            Report::Paid { .. } | Report::PaymentFailed { .. } => {
                return Err(Problem::internal("a payment was reported to a use instead of its payment"));
            }
        }
        let row = lock_use(tx, UseId(id)).await?;
        Ok(json!({ "state": row.state }))
    }
}

fn seen<T>(found: Result<T, Problem>) -> Result<bool, Problem> {
    match found {
        Ok(_) => Ok(true),
        Err(problem) if problem.status() == 404 => Ok(false),
        Err(problem) => Err(problem),
    }
}

/// An objection to the scheme waits for its answer; one to the settlement stops it by the guard alone.
async fn objected(tx: &Tx, id: Uuid) -> Result<(), Problem> {
    let row = lock_use(tx, UseId(id)).await?;
    let to = row.state.step(UseStep::Object).unwrap_or(row.state);
    let after = save(tx, moved(&row, to)).await?;
    tx.event(event("fund.use.objected", &row, &after)).await.map(drop)
}

async fn answered(ctx: &Ctx, tx: &Tx, id: Uuid, upheld: bool, open: i64) -> Result<(), Problem> {
    let row = lock_use(tx, UseId(id)).await?;
    let (to, round) = match (row.state, upheld) {
        (UseState::Objection | UseState::SettlementPublicised, true) => {
            let step = UseStep::Uphold;
            let to = row.state.step(step).ok_or_else(|| Problem::internal("an upheld objection leads nowhere"))?;
            if let Some(publicity) = row.settlement_publicity_id.or(row.publicity_id) {
                publicities::close(tx, publicity).await?;
            }
            let round = if row.state == UseState::Objection { rounds::begin(ctx, tx, &row, "异议成立").await? } else { row.round };
            (to, round)
        }
        (UseState::Objection, false) if open == 0 => {
            (row.state.step(UseStep::Answer).ok_or_else(|| Problem::internal("an answer leads nowhere"))?, row.round)
        }
        _ => return Ok(()),
    };
    let mut next = moved(&row, to);
    next.round = Set(round);
    if to == UseState::Accepted {
        next.settlement_publicity_id = Set(None);
    }
    let after = save(tx, next).await?;
    let change = event("fund.use.objection_answered", &row, &after).data("upheld", upheld);
    tx.event(change).await.map(drop)
}

async fn withdrawn(tx: &Tx, id: Uuid) -> Result<(), Problem> {
    let row = lock_use(tx, UseId(id)).await?;
    let to = match row.state {
        UseState::Returned => UseState::Returned,
        state => state.step(UseStep::Return).unwrap_or(state),
    };
    let mut next = moved(&row, to);
    next.instance_id = Set(None);
    next.reason = Set(Some("申请人撤回".to_owned()));
    let after = save(tx, next).await?;
    tx.event(event("fund.use.withdrawn", &row, &after)).await.map(drop)
}

#[async_trait::async_trait]
impl Subject for PaymentSubject {
    fn kind(&self) -> &'static str {
        "fund.payment"
    }
    async fn may_see(&self, ctx: &Ctx, id: Uuid) -> Result<bool, Problem> {
        seen(ctx.get::<fund_payment::Entity>(ctx.conn(), PaymentId(id)).await)
    }
    async fn state(&self, tx: &Tx, id: Uuid) -> Result<SubjectState, Problem> {
        let row = fund_payment::Entity::find_by_id(PaymentId(id)).one(tx.conn()).await?.ok_or_else(Problem::not_found)?;
        let use_ = fund_use::Entity::find_by_id(row.use_id).one(tx.conn()).await?.ok_or_else(Problem::not_found)?;
        Ok(SubjectState {
            no: Some(use_.no.clone()),
            title: format!("{} {}", use_.title, label(row.kind)),
            state: row.state.as_str().to_owned(),
            scope: scope_of(&use_),
            facts: json!({ "amount": row.amount, "kind": row.kind }),
        })
    }
    async fn report(&self, ctx: &Ctx, tx: &Tx, id: Uuid, what: &Report) -> Result<Value, Problem> {
        match what {
            Report::Paid { bank_serial, bank_date, .. } => {
                let banked = Banked { bank_serial, bank_date: *bank_date };
                let posted = post_payment::paid(ctx, tx, PaymentId(id), banked).await?;
                Ok(json!({ "posting_no": posted.posting_no, "posting_id": posted.id }))
            }
            Report::PaymentFailed { reason, .. } => {
                post_payment::failed(tx, PaymentId(id), reason).await?;
                Ok(Value::Null)
            }
            Report::Objected { .. } | Report::Answered { .. } | Report::Rejected { .. } | Report::Returned { .. } | Report::Withdrawn => {
                Ok(Value::Null)
            }
        }
    }
}

macro_rules! paper_subject {
    ($subject:ident, $kind:literal, $entity:ident, $id:ident, |$row:ident| $state:expr) => {
        #[async_trait::async_trait]
        impl Subject for $subject {
            fn kind(&self) -> &'static str {
                $kind
            }
            async fn may_see(&self, ctx: &Ctx, id: Uuid) -> Result<bool, Problem> {
                seen(ctx.get::<$entity::Entity>(ctx.conn(), $id(id)).await)
            }
            async fn state(&self, tx: &Tx, id: Uuid) -> Result<SubjectState, Problem> {
                let $row = $entity::Entity::find_by_id($id(id)).one(tx.conn()).await?.ok_or_else(Problem::not_found)?;
                Ok($state)
            }
            async fn report(&self, _: &Ctx, _: &Tx, _: Uuid, _: &Report) -> Result<Value, Problem> {
                Ok(Value::Null)
            }
        }
    };
}

fn plain(no: Option<String>, title: &str, state: &str, area_path: &str, project_id: Option<linli_kernel::ProjectId>) -> SubjectState {
    let scope = ScopeIds { area_path: Some(area_path.to_owned()), project_id, ..ScopeIds::default() };
    SubjectState { no, title: title.to_owned(), state: state.to_owned(), scope, facts: Value::Null }
}

paper_subject!(ImportSubject, "fund.import", data_import, ImportId, |row| plain(
    None,
    "数据导入",
    row.state.as_str(),
    &row.area_path,
    row.project_id
));
paper_subject!(DepositSubject, "fund.deposit", fund_deposit, DepositId, |row| plain(
    Some(row.no),
    "交存",
    row.state.as_str(),
    &row.area_path,
    Some(row.project_id)
));
paper_subject!(CorrectionSubject, "fund.correction", fund_correction, CorrectionId, |row| plain(
    Some(row.no),
    "更正",
    row.state.as_str(),
    &row.area_path,
    Some(row.project_id)
));
