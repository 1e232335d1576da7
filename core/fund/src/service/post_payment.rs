//! 银行确认付款: the debits of the houses, the state that follows, the rest of the holds given back. Called by the payment
//! order's confirmation, in its transaction.
use std::collections::HashMap;

use linli_kernel::{Date, FundAccountId, HouseId, Money, PaymentId, Problem, UseId};
use linli_ledger::{
    BankLine, Bucket, FundLine, HoldKind, Posted, Posting, PostingCode, accounts,
    accounts::debit_split,
    holds::{self, HoldPart, NewHold},
    post,
};
use linli_runtime::{Backend, Key, Sql, Tx, values};
use linli_tenants::{Ctx, settings};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set, sea_query::LockType};

use crate::{
    change::{event, moved, save},
    list::json,
    model::{PaymentKind, PaymentState, fund_payment, fund_payment_share, fund_use},
    paying::label,
    perm,
    service::pay_use::PaymentView,
    shares, tell,
    use_state::UseStep,
    use_view::project_of,
};

/// The row under lock, without the scope of whoever reports: a bank sees no use, yet its word moves it.
pub(crate) async fn lock_use(tx: &Tx, id: UseId) -> Result<fund_use::Model, Problem> {
    let mut select = fund_use::Entity::find_by_id(id);
    if tx.backend() == Backend::Postgres {
        select = select.lock(LockType::Update);
    }
    select.one(tx.conn()).await?.ok_or_else(Problem::not_found)
}

async fn find_payment(tx: &Tx, id: PaymentId) -> Result<fund_payment::Model, Problem> {
    fund_payment::Entity::find_by_id(id).one(tx.conn()).await?.ok_or_else(Problem::not_found)
}

/// How the bank paid, or how a refund arrived.
pub(crate) struct Banked<'a> {
    pub bank_serial: &'a str,
    pub bank_date: Date,
}

/// Posts a payment that the bank confirmed: MF14 (or MF15 for a refund) with one debit a house, its hold reduced by it.
pub(crate) async fn paid(ctx: &Ctx, tx: &Tx, id: PaymentId, banked: Banked<'_>) -> Result<Posted, Problem> {
    let seen = find_payment(tx, id).await?;
    let row = lock_use(tx, seen.use_id).await?;
    let payment = find_payment(tx, id).await?;
    if payment.state != PaymentState::Created {
        return Err(Problem::internal("a payment was confirmed that does not wait"));
    }
    let parts = fund_payment_share::Entity::find().filter(fund_payment_share::Column::PaymentId.eq(id)).all(tx.conn()).await?;
    let posted = post_parts(ctx, tx, &row, &payment, &parts, &banked).await?;
    for part in &parts {
        const PAID: &str = "update fund_share set paid = paid + $4 where use_id = $1 and round = $2 and house_id = $3";
        tx.conn().exec(PAID, values![row.id, row.scheme_round, part.house_id, part.amount]).await?;
    }
    let mut done = payment.clone().into_active_model();
    done.state = Set(PaymentState::Paid);
    done.posting_no = Set(Some(posted.posting_no.clone()));
    done.bank_date = Set(Some(banked.bank_date));
    done.bank_serial = Set(Some(banked.bank_serial.to_owned()));
    done.paid_at = Set(Some(tx.now()));
    done.version = Set(payment.version + 1);
    done.update(tx.conn()).await?;
    let after = follow(tx, &row, &payment).await?;
    let change = event("fund.use.paid", &row, &after).data("amount", payment.amount).data("kind", payment.kind);
    tx.event(change.data("posting_no", &posted.posting_no).data("bank_date", banked.bank_date)).await?;
    if matches!(payment.kind, PaymentKind::Final | PaymentKind::Refund) {
        settled(tx, &row, &after).await?;
    } else {
        told(tx, &after, &payment, &parts).await?;
    }
    Ok(posted)
}

async fn post_parts(
    ctx: &Ctx,
    tx: &Tx,
    row: &fund_use::Model,
    payment: &fund_payment::Model,
    parts: &[fund_payment_share::Model],
    banked: &Banked<'_>,
) -> Result<Posted, Problem> {
    let project = project_of(ctx, tx.conn(), row.project_id).await?;
    let order = settings::text(ctx, tx.conn(), "fund.debit_order").await?.parse()?;
    // Debits leave what is held, so the holds go down first.
    let lower: Vec<HoldPart> = parts
        .iter()
        .filter(|p| p.amount.is_positive())
        .map(|p| HoldPart { fund_account_id: p.fund_account_id, amount: p.amount })
        .collect();
    holds::reduce_all(tx, "fund.use", row.id.into(), &lower).await?;
    let ids: Vec<FundAccountId> = parts.iter().map(|p| p.fund_account_id).collect();
    let accounts: HashMap<FundAccountId, _> = accounts::by_ids(tx.conn(), &ids).await?.into_iter().map(|a| (a.id, a)).collect();
    let summary = format!("{}（{}）", row.title, label(payment.kind));
    let mut lines = Vec::with_capacity(parts.len());
    for part in parts {
        let account = accounts.get(&part.fund_account_id).ok_or_else(Problem::not_found)?;
        let formula = Some(json(&part.formula)?);
        let line =
            |bucket, amount| FundLine { fund_account_id: account.id, bucket, amount, summary: summary.clone(), formula: formula.clone() };
        if part.amount.is_negative() {
            lines.push(line(Bucket::Principal, part.amount.try_neg()?));
            continue;
        }
        for (bucket, debit) in debit_split(account, part.amount, order) {
            lines.push(line(bucket, debit.try_neg()?));
        }
    }
    let (code, amount) = match payment.kind {
        PaymentKind::Refund => (PostingCode::Mf15, payment.amount),
        PaymentKind::Advance | PaymentKind::Progress | PaymentKind::Final | PaymentKind::Retention => {
            (PostingCode::Mf14, payment.amount.try_neg()?)
        }
    };
    let posting = Posting {
        code,
        pool_code: project.pool_code,
        value_date: banked.bank_date,
        bank_date: Some(banked.bank_date),
        lines,
        bank: Some(BankLine { bank_account_id: project.bank_account_id, amount, bank_serial: banked.bank_serial.to_owned() }),
        subject_kind: "fund.payment",
        subject_id: payment.id.into(),
        subject_no: Some(row.no.clone()),
        maker: payment.created_by,
        checker: tx.author().account,
        reverses: None,
    };
    post(ctx, tx, posting).await
}

/// The state and sums after a payment.
async fn follow(tx: &Tx, row: &fund_use::Model, payment: &fund_payment::Model) -> Result<fund_use::Model, Problem> {
    let step = match payment.kind {
        PaymentKind::Advance => UseStep::PayAdvance,
        PaymentKind::Progress => UseStep::PayProgress,
        PaymentKind::Final | PaymentKind::Refund => UseStep::Settle,
        PaymentKind::Retention => UseStep::PayRetention,
    };
    let to = row.state.step(step).ok_or_else(|| Problem::internal(format!("a payment came in the state {}", row.state.as_str())))?;
    let mut next = moved(row, to);
    next.paid = Set(match payment.kind {
        PaymentKind::Refund => row.paid.try_sub(payment.amount)?,
        _ => row.paid.try_add(payment.amount)?,
    });
    save(tx, next).await
}

/// 结算完成: what is not kept for the retention is given back, and every owner hears his final share.
pub(crate) async fn settled(tx: &Tx, before: &fund_use::Model, after: &fund_use::Model) -> Result<(), Problem> {
    let mut next = after.clone().into_active_model();
    next.settled_on = Set(Some(tx.today()));
    let after = next.update(tx.conn()).await?;
    let stored = shares::of_use(tx.conn(), &after).await?;
    let held = crate::paying::held(tx, &after).await?;
    holds::release_all(tx, "fund.use", after.id.into()).await?;
    let kept = stored.iter().filter_map(|s| {
        let left = s.final_share.unwrap_or(s.share).fen() - s.paid.fen();
        let amount = left.min(held.get(&s.fund_account_id).copied().unwrap_or(Money::ZERO).fen());
        (amount > 0).then_some(NewHold {
            fund_account_id: s.fund_account_id,
            amount: Money(amount),
            kind: HoldKind::Use,
            subject_kind: "fund.use",
            subject_id: after.id.into(),
        })
    });
    if holds::place_all(tx, &kept.collect::<Vec<_>>()).await?.is_err() {
        return Err(Problem::internal("what was held a moment ago cannot be held again"));
    }
    tx.event(event("fund.use.settled", before, &after).data("amount", after.audited_amount)).await?;
    let sentence = |s: &crate::model::fund_share::Model| {
        format!("您的房屋{}最终分摊{}元，已支付{}元。", s.house_code, s.final_share.unwrap_or(s.share), s.paid)
    };
    let sentences: HashMap<HouseId, String> = stored.iter().map(|s| (s.house_id, sentence(s))).collect();
    let body = format!("“{}”已结算，审定金额{}元。", after.title, after.audited_amount);
    tell::each_owner(tx, &after, &sentences, tell::Told { template: "fund.settled", title: "维修资金结算", body: &body }).await
}

async fn told(tx: &Tx, row: &fund_use::Model, payment: &fund_payment::Model, parts: &[fund_payment_share::Model]) -> Result<(), Problem> {
    let sentence = |p: &fund_payment_share::Model| format!("您的房屋{}支付{}元。", p.house_code, p.amount);
    let sentences: HashMap<HouseId, String> = parts.iter().map(|p| (p.house_id, sentence(p))).collect();
    let body = format!("“{}”已支付{}{}元。", row.title, label(payment.kind), payment.amount);
    tell::each_owner(tx, row, &sentences, tell::Told { template: "fund.paid", title: "维修资金付款", body: &body }).await
}

/// The bank refused or returned a payment, or its order was cancelled: it may be asked for again. What is held stays held.
pub(crate) async fn failed(tx: &Tx, id: PaymentId, reason: &str) -> Result<(), Problem> {
    let seen = find_payment(tx, id).await?;
    let row = lock_use(tx, seen.use_id).await?;
    let payment = find_payment(tx, id).await?;
    if payment.state != PaymentState::Created {
        return Ok(()); // returned after it was paid: the books are mended by a refund, not here
    }
    let mut next = payment.clone().into_active_model();
    next.state = Set(PaymentState::Failed);
    next.reason = Set(Some(reason.chars().take(500).collect()));
    next.version = Set(payment.version + 1);
    next.update(tx.conn()).await?;
    let after = save(tx, moved(&row, row.state)).await?;
    let change = event("fund.use.payment_failed", &row, &after).data("amount", payment.amount).data("order_no", &payment.order_no);
    tx.event(change).await.map(drop)
}

/// 确认施工单位退款: the reviewer confirms that what was paid too much came back; by another person than who recorded it.
pub async fn confirm_refund(ctx: &Ctx, key: &Key, id: PaymentId) -> Result<PaymentView, Problem> {
    ctx.require(perm::PAYMENT_CONFIRM)?;
    ctx.tx("fund.payment.confirm", key, async |tx| {
        let payment = ctx.lock::<fund_payment::Entity>(tx, id).await?;
        if payment.kind != PaymentKind::Refund || payment.state != PaymentState::Created {
            return Err(Problem::new(409, "fund.payment.not_allowed", "该笔付款不需要确认", "This payment takes no confirmation"));
        }
        ctx.not_the_maker(payment.created_by)?;
        let missing = || Problem::internal("a refund without its bank line");
        let banked =
            Banked { bank_serial: payment.bank_serial.as_deref().ok_or_else(missing)?, bank_date: payment.bank_date.ok_or_else(missing)? };
        paid(ctx, tx, id, banked).await?;
        let payment = find_payment(tx, id).await?;
        let use_ = lock_use(tx, payment.use_id).await?;
        Ok(PaymentView::of(&payment, &use_, None))
    })
    .await
}
