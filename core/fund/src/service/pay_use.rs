//! 申请付款: an advance, a progress payment or the retention; each house's share of it must be there.
use linli_kernel::{DocumentId, Money, PaymentId, PaymentOrderId, Problem, Timestamp, UseId};
use linli_ledger::{model::OrderState, orders::PaymentOrderView};
use linli_runtime::Key;
use linli_tenants::{Ctx, settings};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    change::{attach, check_papers, event, moved, save},
    error::UseError,
    guard::{self, Verb},
    model::{PaymentKind, PaymentState, fund_payment, fund_use},
    paying, perm,
    rules::allocate::share_of,
    shares,
    use_state::{UseState, UseStep},
    use_view::{known, payments_of},
};

/// Ask for a payment (申请付款).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PayUse {
    /// `advance`, `progress` or `retention`; the final payment is made by the settlement.
    pub kind: PaymentKind,
    pub amount: Money,
    pub document_ids: Vec<DocumentId>,
}

/// The order of a payment.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OrderBrief {
    pub id: PaymentOrderId,
    #[schema(example = "P202611230000017")]
    pub order_no: String,
    pub state: OrderState,
}

impl OrderBrief {
    pub(crate) fn of(order: &PaymentOrderView) -> OrderBrief {
        OrderBrief { id: order.id, order_no: order.order_no.clone(), state: order.state }
    }
}

/// 付款.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaymentView {
    pub id: PaymentId,
    pub use_id: UseId,
    #[schema(example = "37990020261116000001K")]
    pub use_no: String,
    pub use_state: UseState,
    pub kind: PaymentKind,
    pub amount: Money,
    pub state: PaymentState,
    /// None of a refund by the contractor.
    pub payment_order: Option<OrderBrief>,
    pub posting_no: Option<String>,
    /// Why the bank did not pay.
    pub reason: Option<String>,
    pub created_at: Timestamp,
}

impl PaymentView {
    pub(crate) fn of(row: &fund_payment::Model, use_: &fund_use::Model, order: Option<OrderBrief>) -> PaymentView {
        PaymentView {
            id: row.id,
            use_id: row.use_id,
            use_no: use_.no.clone(),
            use_state: use_.state,
            kind: row.kind,
            amount: row.amount,
            state: row.state,
            payment_order: order,
            posting_no: row.posting_no.clone(),
            reason: row.reason.clone(),
            created_at: row.created_at,
        }
    }
}

/// Guards: a payment of this kind stands in the state; no other waits; Σ advances ≤ cap % of the contract, Σ all ≤ contract;
/// each house's share is available. Effect: the shares are held, the payment order is made.
pub async fn pay_use(ctx: &Ctx, key: &Key, id: UseId, cmd: PayUse) -> Result<PaymentView, Problem> {
    ctx.require(perm::USE_PAY)?;
    ctx.tx("fund.use.pay", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let facts = known(ctx, tx.conn(), &row).await?;
        let step = match cmd.kind {
            PaymentKind::Advance => UseStep::PayAdvance,
            PaymentKind::Progress => UseStep::PayProgress,
            PaymentKind::Retention => UseStep::PayRetention,
            PaymentKind::Final | PaymentKind::Refund => return Err(UseError::FinalBySettlement.into()),
        };
        guard::step(ctx, &row, &facts, Verb::Pay, step)?;
        if !cmd.amount.is_positive() {
            return Err(UseError::CostNotPositive.into());
        }
        check_papers(&cmd.document_ids, true)?;
        let payments = payments_of(tx.conn(), row.id).await?;
        within_caps(&row, &payments, &cmd, settings::int(ctx, tx.conn(), "fund.advance_cap_percent").await?)?;
        let stored = shares::of_use(tx.conn(), &row).await?;
        // The retention is what the audited shares still lack, so that every house ends at its final share.
        let total = if cmd.kind == PaymentKind::Retention { row.audited_amount } else { cmd.amount };
        let parts = paying::split(tx, &row, &stored, total).await?;
        let lines = match cmd.kind {
            PaymentKind::Retention => paying::lines(tx, &row, &stored, &parts, |s, share| share - s.paid.fen()).await?,
            _ => paying::lines(tx, &row, &stored, &parts, |_, share| share).await?,
        };
        debug_assert!(parts.values().map(|p| share_of(p)).sum::<i64>() == total.fen());
        let (payment, order) = paying::request(ctx, tx, &row, cmd.kind, cmd.amount, &lines).await?;
        let after = save(tx, moved(&row, row.state)).await?;
        attach(ctx, tx, &after, &cmd.document_ids, true).await?;
        let change = event("fund.use.payment_requested", &row, &after).data("amount", cmd.amount).data("order_no", &order.order_no);
        tx.event(change.data("kind", cmd.kind)).await?;
        Ok(PaymentView::of(&payment, &after, Some(OrderBrief::of(&order))))
    })
    .await
}

fn within_caps(row: &fund_use::Model, payments: &[fund_payment::Model], cmd: &PayUse, cap: i64) -> Result<(), Problem> {
    paying::none_open(payments)?;
    let advances = payments.iter().filter(|p| p.kind == PaymentKind::Advance && p.state == PaymentState::Paid);
    let advances = Money::sum(advances.map(|p| p.amount))?.try_add(cmd.amount)?;
    let most = i128::from(row.contract_amount.fen()) * i128::from(cap);
    match cmd.kind {
        PaymentKind::Advance if i128::from(advances.fen()) * 100 > most => {
            let most = Money(i64::try_from(most / 100).map_err(Problem::internal)?);
            return Err(UseError::OverAdvanceCap { cap, most }.into());
        }
        PaymentKind::Retention if cmd.amount != row.retention => return Err(UseError::OverContract { most: row.retention }.into()),
        PaymentKind::Retention => return Ok(()),
        PaymentKind::Advance | PaymentKind::Progress | PaymentKind::Final | PaymentKind::Refund => {}
    }
    let left = row.contract_amount.try_sub(row.paid)?;
    if cmd.amount > left { Err(UseError::OverContract { most: left }.into()) } else { Ok(()) }
}

/// A payment in the actor's scope.
pub async fn get_payment(ctx: &Ctx, id: PaymentId) -> Result<PaymentView, Problem> {
    ctx.require(perm::USE_READ)?;
    let row = ctx.get::<fund_payment::Entity>(ctx.conn(), id).await?;
    let use_ = ctx.get::<fund_use::Entity>(ctx.conn(), row.use_id).await?;
    let order = match row.payment_order_id {
        Some(id) if ctx.may(linli_ledger::perm::PAYMENT_ORDER_READ) => {
            linli_ledger::orders::get(ctx, id).await.ok().map(|order| OrderBrief::of(&order))
        }
        _ => None,
    };
    Ok(PaymentView::of(&row, &use_, order))
}
