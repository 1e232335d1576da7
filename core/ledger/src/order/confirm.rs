//! The bank's answer: paid, failed or returned; late, twice, or wrong.
use linli_kernel::{Date, Invalid, Money, PaymentOrderId, Problem};
use linli_runtime::{Change, Key, ScopeIds, Sql, Tx, values};
use linli_tenants::{Ctx, Report};
use sea_orm::{ColumnTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::step::state_text;
use crate::{
    LedgerError,
    model::{OrderState, payment_order},
    perm,
};

/// What the bank did with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConfirmationStatus {
    /// The money left the account.
    Paid,
    /// The bank refused it.
    Failed,
    /// It came back before it reached the payee (退汇).
    Returned,
}

/// 银行回执.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankConfirmation {
    #[schema(example = "P202612030000010")]
    pub order_no: String,
    pub status: ConfirmationStatus,
    /// Must be that of the order.
    pub amount: Money,
    /// The bank's serial number of this movement.
    #[schema(example = "P3f9a0c21b7e4")]
    pub bank_serial: String,
    pub bank_date: Date,
    /// Why it failed or came back.
    #[serde(default)]
    #[schema(example = "收款账号与户名不符")]
    pub reason: Option<String>,
}

/// What the confirmation led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConfirmationView {
    #[schema(example = "P202612030000010")]
    pub order_no: String,
    /// State of the order.
    pub state: OrderState,
    /// Number of the posting when paid.
    #[schema(example = "20261203010000017")]
    pub posting_no: Option<String>,
    /// True when this was known already; then nothing was posted.
    pub replayed: bool,
}

const SET: &str =
    "update payment_order set state = $2, bank_serial = $3, bank_date = $4, posting_no = $5, reason = $6, version = version + 1
                   where id = $1";

/// Takes the bank's answer and tells the order's subject in the same transaction, which posts when paid. Errors:
/// `ledger.payment_order.not_sent`, `.amount_differs`, `.already_paid`; 404 for an order of another bank's account.
pub async fn confirm(ctx: &Ctx, key: &Key, cmd: BankConfirmation) -> Result<ConfirmationView, Problem> {
    ctx.require(perm::BANK_CONFIRMATION_CREATE)?;
    let mut invalid = Invalid::new();
    invalid.text("/bank_serial", &cmd.bank_serial, 64);
    invalid.check(cmd.bank_date <= ctx.today(), "/bank_date", "in_future", "日期晚于今天", "The day is later than today");
    if let Some(reason) = &cmd.reason {
        invalid.text("/reason", reason, 500);
    }
    invalid.done()?;
    // A confirmation that is known already writes nothing, so it needs no transaction.
    let known = find(ctx, &cmd.order_no).await?;
    if let Some(answer) = settled(&known, &cmd)? {
        return Ok(answer);
    }
    let result = ctx.tx("ledger.bank_confirmation.create", key, async |tx| take(ctx, tx, known.id, &cmd).await).await;
    match result {
        // Two confirmations at once: the second sees the first one's result.
        Err(p) if p.code() == "ledger.payment_order.settled_meanwhile" => settled(&find(ctx, &cmd.order_no).await?, &cmd)?.ok_or(p),
        other => other,
    }
}

async fn find(ctx: &Ctx, order_no: &str) -> Result<payment_order::Model, Problem> {
    let select = ctx.select::<payment_order::Entity>().filter(payment_order::Column::OrderNo.eq(order_no));
    select.one(ctx.conn()).await?.ok_or_else(Problem::not_found)
}

/// The answer for an order that the bank has answered before; `None` while it waits for the bank.
fn settled(row: &payment_order::Model, cmd: &BankConfirmation) -> Result<Option<ConfirmationView>, Problem> {
    let no = || row.order_no.clone();
    match row.state {
        OrderState::Sent | OrderState::Accepted => Ok(None),
        OrderState::Created | OrderState::Checked | OrderState::Signed | OrderState::Cancelled => {
            Err(LedgerError::NotSent { no: no() }.into())
        }
        OrderState::Paid | OrderState::Failed | OrderState::Returned => {
            let same_serial = row.bank_serial.as_deref() == Some(cmd.bank_serial.as_str());
            let same_status = state_of(cmd.status) == row.state;
            if cmd.amount != row.amount {
                return Err(LedgerError::AmountDiffers { no: no() }.into());
            }
            if same_serial && same_status {
                let answer = ConfirmationView { order_no: no(), state: row.state, posting_no: row.posting_no.clone(), replayed: true };
                return Ok(Some(answer));
            }
            // A failed or returned order is at its end: the next attempt has a number of its own.
            match row.state {
                OrderState::Paid => Err(LedgerError::AlreadyPaid { no: no() }.into()),
                _ => Err(LedgerError::NotSent { no: no() }.into()),
            }
        }
    }
}

const fn state_of(status: ConfirmationStatus) -> OrderState {
    match status {
        ConfirmationStatus::Paid => OrderState::Paid,
        ConfirmationStatus::Failed => OrderState::Failed,
        ConfirmationStatus::Returned => OrderState::Returned,
    }
}

async fn take(ctx: &Ctx, tx: &Tx, id: PaymentOrderId, cmd: &BankConfirmation) -> Result<ConfirmationView, Problem> {
    let row = ctx.lock::<payment_order::Entity>(tx, id).await?;
    if !matches!(row.state, OrderState::Sent | OrderState::Accepted) {
        return Err(LedgerError::SettledMeanwhile { no: row.order_no }.into());
    }
    if cmd.amount != row.amount {
        return Err(LedgerError::AmountDiffers { no: row.order_no }.into());
    }
    let to = state_of(cmd.status);
    let reason = cmd.reason.clone().unwrap_or_default();
    let (report, event) = match cmd.status {
        ConfirmationStatus::Paid => {
            let (amount, bank_serial) = (cmd.amount, cmd.bank_serial.clone());
            (Report::Paid { payment_order_id: id, amount, bank_serial, bank_date: cmd.bank_date }, "ledger.payment_order.paid")
        }
        ConfirmationStatus::Failed => (Report::PaymentFailed { payment_order_id: id, reason }, "ledger.payment_order.failed"),
        ConfirmationStatus::Returned => (Report::PaymentFailed { payment_order_id: id, reason }, "ledger.payment_order.returned"),
    };
    let answer = ctx.app.ports.subject(&row.subject_kind)?.report(ctx, tx, row.subject_id, &report).await?;
    let posting_no = answer.get("posting_no").and_then(|v| v.as_str()).map(str::to_owned);
    if to == OrderState::Paid && posting_no.is_none() {
        return Err(Problem::internal(format!("{} posted nothing for a paid order", row.subject_kind)));
    }
    let set = values![id, state_text(to), cmd.bank_serial.as_str(), cmd.bank_date, posting_no.clone(), cmd.reason.clone()];
    tx.conn().exec(SET, set).await?;
    let scope = ScopeIds { area_path: Some(row.area_path.clone()), project_id: row.project_id, ..ScopeIds::default() };
    let change = Change::new(event, "ledger.payment_order", id)
        .scope(scope)
        .state(row.state, to)
        .data("no", &row.order_no)
        .data("order_no", &row.order_no)
        .data("total", row.amount)
        .data("bank_date", cmd.bank_date)
        .data("posting_no", &posting_no);
    tx.event(change).await?;
    Ok(ConfirmationView { order_no: row.order_no, state: to, posting_no, replayed: false })
}

#[cfg(test)]
mod tests;
