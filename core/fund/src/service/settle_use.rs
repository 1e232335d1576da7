//! 结算: the audited amount is split over the same weights; each house pays its final share less what it paid (true-up).
use std::collections::BTreeMap;

use linli_kernel::{Date, HouseId, Money, Problem, UseId};
use linli_ledger::{Bucket, FundLine, Posting, PostingCode, post};
use linli_runtime::{Key, Sql, Tx, values};
use linli_tenants::Ctx;
use sea_orm::Set;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    change::{event, moved, save},
    error::{FundError, UseError},
    guard::{self, Verb},
    model::{PaymentKind, fund_share, fund_use},
    paying::{self, Arrived, PayLine},
    perm,
    rules::{
        allocate::{Parts, last_payments, share_of},
        shortfall::hold_released,
    },
    service::{pay_use::OrderBrief, post_payment::settled, project::bank_of},
    shares,
    use_state::UseStep,
    use_view::{PaymentBrief, UseView, known, payments_of, project_of, view},
};

/// Settle (结算).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleUse {
    /// 质保金, paid later; `0.00` for none.
    pub retention: Money,
    /// Where more was paid than audited: how the contractor's refund arrived.
    pub refund: Option<RefundArrived>,
}

/// 施工单位退款到账.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundArrived {
    pub bank_date: Date,
    #[schema(example = "S2026121100017")]
    pub bank_serial: String,
}

/// The final share of one house.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FinalShare {
    pub house_id: HouseId,
    #[schema(example = "379901200012001000013")]
    pub house_code: String,
    /// Of the audited amount.
    pub final_share: Money,
    pub paid_before: Money,
    /// Paid now; negative is a credit.
    pub last: Money,
    /// Given back when the bank has confirmed.
    pub hold_released: Money,
}

/// The settlement with every house's true-up.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SettlementView {
    #[serde(flatten)]
    pub use_: UseView,
    pub final_shares: Vec<FinalShare>,
    /// Of audited − retention − paid; none where nothing is left to pay.
    pub payment_order: Option<OrderBrief>,
    /// A refund by the contractor that another person must confirm.
    pub refund: Option<PaymentBrief>,
}

/// Guards: the settlement's publicity is over, its objections are answered, no payment waits. Effect: the final shares are kept
/// and the last payment is ordered; `settled` once the bank has confirmed it.
pub async fn settle_use(ctx: &Ctx, key: &Key, id: UseId, cmd: SettleUse) -> Result<SettlementView, Problem> {
    ctx.require(perm::USE_SETTLE)?;
    ctx.tx("fund.use.settle", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let facts = known(ctx, tx.conn(), &row).await?;
        let to = guard::step(ctx, &row, &facts, Verb::Settle, UseStep::Settle)?;
        ctx.not_the_maker(row.created_by)?;
        paying::none_open(&payments_of(tx.conn(), row.id).await?)?;
        if cmd.retention.is_negative() {
            return Err(UseError::RetentionTooHigh { left: Money::ZERO }.into());
        }
        let left = row.audited_amount.try_sub(row.paid)?;
        if cmd.retention.is_positive() && cmd.retention > left {
            return Err(UseError::RetentionTooHigh { left: Money(left.fen().max(0)) }.into());
        }
        let now = left.try_sub(cmd.retention)?;
        let stored = shares::of_use(tx.conn(), &row).await?;
        let finals = paying::split(tx, &row, &stored, row.audited_amount).await?;
        let due = paying::split(tx, &row, &stored, row.audited_amount.try_sub(cmd.retention)?).await?;
        let paid_before: BTreeMap<String, i64> = stored.iter().map(|s| (s.house_code.clone(), s.paid.fen())).collect();
        let last = last_payments(&due, &paid_before);
        let lines = paying::lines(tx, &row, &stored, &due, |s, _| last.get(&s.house_code).copied().unwrap_or(0)).await?;
        keep_finals(tx, &row, &stored, &finals).await?;
        let mut next = moved(&row, row.state);
        next.retention = Set(cmd.retention);
        let after = save(tx, next).await?;
        let outcome = last_step(ctx, tx, &after, &cmd, now, &lines).await?;
        let held = paying::held(tx, &after).await?;
        let final_shares = lines.iter().map(|line| {
            let hold = held.get(&line.share.fund_account_id).copied().unwrap_or(Money::ZERO);
            let final_share = finals.get(&line.share.house_code).map_or(0, |p| share_of(p));
            FinalShare {
                house_id: line.share.house_id,
                house_code: line.share.house_code.clone(),
                final_share: Money(final_share),
                paid_before: line.share.paid,
                last: Money(line.amount),
                hold_released: Money(hold_released(hold.fen(), final_share - line.share.paid.fen())),
            }
        });
        let final_shares: Vec<FinalShare> = final_shares.collect();
        let (payment_order, refund) = match outcome {
            Last::Ordered(order) => (Some(order), None),
            Last::Refund(refund) => (None, Some(refund)),
            Last::Nothing => (None, None),
        };
        let after = if payment_order.is_none() && refund.is_none() {
            let done = save(tx, moved(&after, to)).await?;
            settled(tx, &after, &done).await?;
            done
        } else {
            let change = event("fund.use.settlement_computed", &row, &after);
            tx.event(change.data("amount", row.audited_amount)).await?;
            after
        };
        Ok(SettlementView { use_: view(ctx, tx.conn(), &after).await?, final_shares, payment_order, refund })
    })
    .await
}

/// What the settlement leads to.
enum Last {
    Ordered(OrderBrief),
    Refund(PaymentBrief),
    Nothing,
}

async fn last_step(ctx: &Ctx, tx: &Tx, row: &fund_use::Model, cmd: &SettleUse, now: Money, lines: &[PayLine<'_>]) -> Result<Last, Problem> {
    if now.is_positive() {
        let (_, order) = paying::request(ctx, tx, row, PaymentKind::Final, now, lines).await?;
        return Ok(Last::Ordered(OrderBrief::of(&order)));
    }
    if now.is_negative() {
        let amount = now.try_neg()?;
        let arrived = cmd.refund.as_ref().ok_or(UseError::RefundNeeded { amount })?;
        let project = project_of(ctx, tx.conn(), row.project_id).await?;
        let bank = bank_of(ctx, tx.conn(), project.bank_account_id, &project.pool_code).await?;
        if arrived.bank_date > tx.today() || arrived.bank_date < bank.opened_on || arrived.bank_serial.trim().is_empty() {
            return Err(FundError::BankDate.into());
        }
        let how = Arrived { bank_date: arrived.bank_date, bank_serial: arrived.bank_serial.trim() };
        let payment = paying::insert(tx, row, PaymentKind::Refund, amount, lines, Some(how)).await?;
        return Ok(Last::Refund(PaymentBrief::of(&payment)));
    }
    // Paid to the fen already: only single fen may move between houses.
    even_out(ctx, tx, row, lines).await?;
    Ok(Last::Nothing)
}

async fn even_out(ctx: &Ctx, tx: &Tx, row: &fund_use::Model, lines: &[PayLine<'_>]) -> Result<(), Problem> {
    let moving: Vec<&PayLine<'_>> = lines.iter().filter(|l| l.amount != 0).collect();
    if moving.is_empty() {
        return Ok(());
    }
    let lower = moving.iter().filter(|l| l.amount > 0);
    let lower: Vec<linli_ledger::holds::HoldPart> =
        lower.map(|l| linli_ledger::holds::HoldPart { fund_account_id: l.share.fund_account_id, amount: Money(l.amount) }).collect();
    linli_ledger::holds::reduce_all(tx, "fund.use", row.id.into(), &lower).await?;
    let project = project_of(ctx, tx.conn(), row.project_id).await?;
    let mut fund_lines = Vec::with_capacity(moving.len());
    for line in &moving {
        fund_lines.push(FundLine {
            fund_account_id: line.share.fund_account_id,
            bucket: Bucket::Principal,
            amount: Money(line.amount).try_neg()?,
            summary: format!("{}（结算调整）", row.title),
            formula: Some(line.formula.clone()),
        });
    }
    let posting = Posting {
        code: PostingCode::Mf32,
        pool_code: project.pool_code,
        value_date: tx.today(),
        bank_date: None,
        lines: fund_lines,
        bank: None,
        subject_kind: "fund.use",
        subject_id: row.id.into(),
        subject_no: Some(row.no.clone()),
        maker: tx.author().account,
        checker: None,
        reverses: None,
    };
    post(ctx, tx, posting).await?;
    for line in moving {
        const PAID: &str = "update fund_share set paid = paid + $4 where use_id = $1 and round = $2 and house_id = $3";
        tx.conn().exec(PAID, values![row.id, row.scheme_round, line.share.house_id, line.amount]).await?;
    }
    Ok(())
}

async fn keep_finals(tx: &Tx, row: &fund_use::Model, stored: &[fund_share::Model], finals: &Parts) -> Result<(), Problem> {
    for share in stored {
        const FINAL: &str = "update fund_share set final_share = $4 where use_id = $1 and round = $2 and house_id = $3";
        let share_fen = finals.get(&share.house_code).map_or(0, |p| share_of(p));
        tx.conn().exec(FINAL, values![row.id, row.scheme_round, share.house_id, share_fen]).await?;
    }
    Ok(())
}
