//! 银行模拟器: stands in for the bank of a demonstration. It answers each sent order of a bank account with connector `simulator`
//! through [`super::confirm`], as the bank's own call does, a few seconds of business time later.
//!
//! The end of the payee's account number decides what it does:
//!
//! | ends with | behaviour |
//! |-----------|-----------|
//! | `0000` | refuses: `failed`, reason 账号户名不符 |
//! | `9999` | 退汇, it comes back before it reaches the payee: `returned`, reason 收款账户已销户，退汇 |
//! | `8888` | confirms twice; the second answer is the first one again (`replayed`) |
//! | `7777` | confirms late: at nine o'clock of the next working day |
//! | anything else | `paid`, once |
//!
//! It is no part of a production city: there nobody can make such an account ([`crate::bank_accounts::create`]), sending asks
//! nobody, and a job that was left from a demonstration ends as failed.
use async_trait::async_trait;
use linli_kernel::{PaymentOrderId, Problem, Timestamp};
use linli_runtime::{
    Key, ScopeIds, Tx,
    jobs::{self, NewJob},
};
use linli_tenants::{Ctx, JobHandler, JobRun};
use sea_orm::{ColumnTrait, QueryFilter};
use serde::Deserialize;

use super::{BankConfirmation, ConfirmationStatus, confirm};
use crate::model::{Connector, OrderState, bank_account, payment_order};

const KIND: &str = "ledger.bank.simulate";
/// How long the simulated bank thinks.
const SECONDS: i64 = 3;
/// When it answers on a later day.
const OPENS_SECONDS: i64 = 9 * 3600;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Behaviour {
    Pays,
    Refuses,
    Returns,
    PaysTwice,
    PaysLate,
}

impl Behaviour {
    fn of(account_number: &str) -> Behaviour {
        match account_number.get(account_number.len().saturating_sub(4)..) {
            Some("0000") => Behaviour::Refuses,
            Some("9999") => Behaviour::Returns,
            Some("8888") => Behaviour::PaysTwice,
            Some("7777") => Behaviour::PaysLate,
            _ => Behaviour::Pays,
        }
    }
    const fn status(self) -> ConfirmationStatus {
        match self {
            Behaviour::Refuses => ConfirmationStatus::Failed,
            Behaviour::Returns => ConfirmationStatus::Returned,
            Behaviour::Pays | Behaviour::PaysTwice | Behaviour::PaysLate => ConfirmationStatus::Paid,
        }
    }
    const fn reason(self) -> Option<&'static str> {
        match self {
            Behaviour::Refuses => Some("账号户名不符"),
            Behaviour::Returns => Some("收款账户已销户，退汇"),
            Behaviour::Pays | Behaviour::PaysTwice | Behaviour::PaysLate => None,
        }
    }
    const fn answers(self) -> usize {
        match self {
            Behaviour::PaysTwice => 2,
            Behaviour::Pays | Behaviour::Refuses | Behaviour::Returns | Behaviour::PaysLate => 1,
        }
    }
    fn due(self, ctx: &Ctx, tx: &Tx) -> Result<Timestamp, Problem> {
        match self {
            Behaviour::PaysLate => {
                let day = ctx.calendar().plus_working_days(tx.today(), 1)?;
                Ok(Timestamp::start_of(day, ctx.tenant.zone_hours).plus_seconds(OPENS_SECONDS))
            }
            Behaviour::Pays | Behaviour::Refuses | Behaviour::Returns | Behaviour::PaysTwice => Ok(tx.now().plus_seconds(SECONDS)),
        }
    }
}

fn behaviour(ctx: &Ctx, order: &payment_order::Model) -> Result<Behaviour, Problem> {
    Ok(Behaviour::of(&ctx.tenant.cipher().open(&order.payee_number_sealed)?))
}

/// Gives the order to the simulator if its bank account has one, in the sending transaction: what is sent is answered, also when
/// the program dies right after.
pub(super) async fn ask(ctx: &Ctx, tx: &Tx, order: &payment_order::Model) -> Result<(), Problem> {
    if !ctx.app.config.demo {
        return Ok(());
    }
    let bank = ctx.unscoped::<bank_account::Entity>("a payment's bank account belongs to the city, not to the sender");
    let bank = bank.filter(bank_account::Column::Id.eq(order.bank_account_id)).one(tx.conn()).await?;
    match bank.map(|b| b.connector) {
        Some(Connector::Simulator) => {}
        Some(Connector::Callback | Connector::File) | None => return Ok(()),
    }
    let job = NewJob {
        kind: KIND,
        payload: serde_json::json!({ "payment_order_id": order.id }),
        unique_key: Some(format!("{KIND}:{}", order.id)),
        due_at: behaviour(ctx, order)?.due(ctx, tx)?,
        scope: ScopeIds { area_path: Some(order.area_path.clone()), project_id: order.project_id, ..ScopeIds::default() },
    };
    jobs::enqueue(tx, job).await.map(drop)
}

/// The job `ledger.bank.simulate`.
pub struct BankSimulator;

#[derive(Deserialize)]
struct Payload {
    payment_order_id: PaymentOrderId,
}

#[async_trait]
impl JobHandler for BankSimulator {
    fn kind(&self) -> &'static str {
        KIND
    }
    /// Doing it again changes nothing: serial and idempotency key follow from the order.
    async fn run(&self, ctx: &Ctx, job: &dyn JobRun) -> Result<(), Problem> {
        let payload: Payload = serde_json::from_value(job.payload().clone()).map_err(Problem::internal)?;
        // The bank is nobody of the city: it acts as the system, whoever sent the order.
        let bank = Ctx::system(&ctx.app, &ctx.tenant, &ctx.request_id);
        answer(&bank, payload.payment_order_id).await?;
        job.progress(1, 1, 0).await
    }
}

async fn answer(ctx: &Ctx, id: PaymentOrderId) -> Result<(), Problem> {
    if !ctx.app.config.demo {
        return Err(Problem::new(
            409,
            "ledger.bank.no_simulator",
            "正式环境没有银行模拟器",
            "There is no bank simulator outside a demonstration",
        ));
    }
    let order = ctx.get::<payment_order::Entity>(ctx.conn(), id).await?;
    let serial = format!("SIM{}", order.order_no);
    let waits = matches!(order.state, OrderState::Sent | OrderState::Accepted);
    if !waits && order.bank_serial.as_deref() != Some(serial.as_str()) {
        // Somebody else was the bank.
        return Ok(());
    }
    let behaviour = behaviour(ctx, &order)?;
    let key = Key { text: Some(format!("{KIND}:{id}")), digest: String::new(), forever: true };
    for _ in 0..behaviour.answers() {
        let cmd = BankConfirmation {
            order_no: order.order_no.clone(),
            status: behaviour.status(),
            amount: order.amount,
            bank_serial: serial.clone(),
            bank_date: ctx.today(),
            reason: behaviour.reason().map(str::to_owned),
        };
        let view = confirm(ctx, &key, cmd).await?;
        tracing::info!(tenant = ctx.tenant.slug, order_no = view.order_no, state = ?view.state, replayed = view.replayed, "Simulated bank answered");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
