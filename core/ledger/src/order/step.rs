//! 复核, 签发, 发送, 撤销: each by another person than every step before it.
use linli_kernel::{AccountId, Invalid, PaymentOrderId, Problem};
use linli_runtime::{Change, Key, ScopeIds, Sql, values};
use linli_tenants::{Ctx, Report};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Opinion, PaymentOrderView};
use crate::{
    model::payment_order::{self, OrderState, OrderStep},
    perm,
};

/// Body of a step.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepCommand {
    /// 意见.
    #[serde(default)]
    #[schema(example = "收款单位与合同一致")]
    pub opinion: Option<String>,
}

impl OrderStep {
    pub(crate) const fn permission(self) -> &'static str {
        match self {
            OrderStep::Check => perm::PAYMENT_ORDER_CHECK,
            OrderStep::Sign => perm::PAYMENT_ORDER_SIGN,
            OrderStep::Send => perm::PAYMENT_ORDER_SEND,
            OrderStep::Cancel => perm::PAYMENT_ORDER_CANCEL,
        }
    }
    const fn operation(self) -> &'static str {
        match self {
            OrderStep::Check => "ledger.payment_order.check",
            OrderStep::Sign => "ledger.payment_order.sign",
            OrderStep::Send => "ledger.payment_order.send",
            OrderStep::Cancel => "ledger.payment_order.cancel",
        }
    }
    const fn event(self) -> &'static str {
        match self {
            OrderStep::Check => "ledger.payment_order.checked",
            OrderStep::Sign => "ledger.payment_order.signed",
            OrderStep::Send => "ledger.payment_order.sent",
            OrderStep::Cancel => "ledger.payment_order.cancelled",
        }
    }
}

/// Whether the actor may take the step now: the state first, then the duty.
pub(super) fn may(ctx: &Ctx, row: &payment_order::Model, step: OrderStep) -> Result<OrderState, Problem> {
    let to = row.state.step(step).ok_or_else(|| {
        Problem::new(
            409,
            "ledger.payment_order.not_allowed",
            format!("拨付指令当前为“{}”，不能这样办理", row.state.zh()),
            format!("Not possible while the payment order is {:?}", row.state).to_lowercase(),
        )
        .with("state", row.state)
    })?;
    // The maker may take back what nobody else has touched; every other step needs a new person.
    if !(step == OrderStep::Cancel && row.state == OrderState::Created) {
        for earlier in [row.maker, row.checker, row.signer] {
            ctx.not_the_maker(earlier)?;
        }
    }
    Ok(to)
}

const SET: &str =
    "update payment_order set state = $2, checker = $3, signer = $4, sender = $5, opinions = $6, version = version + 1 where id = $1";

/// Takes a step. Sending stops here, at the bank's door: the bank's connector fetches what is `sent`, or
/// a demonstration's simulator answers it ([`super::BankSimulator`]).
pub async fn step(ctx: &Ctx, key: &Key, id: PaymentOrderId, step: OrderStep, cmd: StepCommand) -> Result<PaymentOrderView, Problem> {
    ctx.require(step.permission())?;
    if let Some(opinion) = &cmd.opinion {
        let mut invalid = Invalid::new();
        invalid.text("/opinion", opinion, 500);
        invalid.done()?;
    }
    ctx.tx(step.operation(), key, async |tx| {
        let mut row = ctx.lock::<payment_order::Entity>(tx, id).await?;
        let from = row.state;
        let to = may(ctx, &row, step).map_err(|p| match p.status() {
            409 => p.with("allowed_actions", PaymentOrderView::actions(ctx, &row)),
            _ => p,
        })?;
        let actor = ctx.actor.account_id;
        row.state = to;
        let seat: Option<&mut Option<AccountId>> = match step {
            OrderStep::Check => Some(&mut row.checker),
            OrderStep::Sign => Some(&mut row.signer),
            OrderStep::Send => Some(&mut row.sender),
            OrderStep::Cancel => None,
        };
        if let Some(seat) = seat {
            *seat = actor;
        }
        let mut opinions = Opinion::read(&row.opinions)?;
        opinions.push(Opinion { step, account_id: actor, role: ctx.actor.role.clone(), opinion: cmd.opinion.clone(), at: tx.now() });
        row.opinions = serde_json::to_string(&opinions).map_err(Problem::internal)?;
        row.version += 1;
        let set = values![id, state_text(to), row.checker, row.signer, row.sender, row.opinions.as_str()];
        tx.conn().exec(SET, set).await?;
        let scope = ScopeIds { area_path: Some(row.area_path.clone()), project_id: row.project_id, ..ScopeIds::default() };
        let change = Change::new(step.event(), "ledger.payment_order", id).scope(scope).state(from, to);
        tx.event(change.data("no", &row.order_no).data("order_no", &row.order_no).data("total", row.amount)).await?;
        if step == OrderStep::Send {
            super::simulate::ask(ctx, tx, &row).await?;
        }
        if step == OrderStep::Cancel {
            let reason = cmd.opinion.clone().unwrap_or_default();
            let report = Report::PaymentFailed { payment_order_id: id, reason };
            ctx.app.ports.subject(&row.subject_kind)?.report(ctx, tx, row.subject_id, &report).await?;
        }
        PaymentOrderView::of(ctx, row, false)
    })
    .await
}

pub(super) const fn state_text(state: OrderState) -> &'static str {
    match state {
        OrderState::Created => "created",
        OrderState::Checked => "checked",
        OrderState::Signed => "signed",
        OrderState::Sent => "sent",
        OrderState::Accepted => "accepted",
        OrderState::Paid => "paid",
        OrderState::Failed => "failed",
        OrderState::Returned => "returned",
        OrderState::Cancelled => "cancelled",
    }
}
