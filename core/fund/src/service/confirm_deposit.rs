//! 确认到账: another person sees the money at the bank; it is posted, or the record is rejected.
use linli_kernel::{DepositId, FundAccountId, Invalid, Money, Problem};
use linli_ledger::{BankLine, Bucket, FundLine, Posting, PostingCode, post};
use linli_runtime::{Change, Key, Tx};
use linli_tenants::Ctx;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    error::FundError,
    model::{DepositKind, DepositState, fund_deposit},
    paying, perm,
    service::{
        create_deposit::{DepositView, is_filed, may_decide, scope_of, view},
        post_payment::lock_use,
    },
    tell,
    use_view::project_of,
};

/// Guards: it waits; another person recorded it. Effect: posted as MF01, MF02 or MF03; what is earmarked for a filed use is held
/// for it at once.
pub async fn confirm_deposit(ctx: &Ctx, key: &Key, id: DepositId) -> Result<DepositView, Problem> {
    ctx.require(perm::DEPOSIT_CONFIRM)?;
    ctx.tx("fund.deposit.confirm", key, async |tx| {
        let row = ctx.lock::<fund_deposit::Entity>(tx, id).await?;
        may_decide(ctx, &row)?;
        let project = project_of(ctx, tx.conn(), row.project_id).await?;
        let posting = posting(&row, project.pool_code, tx);
        let posted = post(ctx, tx, posting).await?;
        let mut next = row.clone().into_active_model();
        next.state = Set(DepositState::Posted);
        next.posting_id = Set(Some(posted.id));
        next.posting_no = Set(Some(posted.posting_no.clone()));
        next.code = Set(Some(posted.code.text().to_owned()));
        next.confirmed_by = Set(tx.author().account);
        next.version = Set(row.version + 1);
        let after = next.update(tx.conn()).await?;
        earmark(tx, &after).await?;
        tx.event(posted_event(&row, &after)).await?;
        tell::deposit_posted(tx, std::slice::from_ref(&after)).await?;
        Ok(view(ctx, &after))
    })
    .await
}

pub(crate) fn code_of(kind: DepositKind) -> PostingCode {
    match kind {
        DepositKind::First => PostingCode::Mf01,
        DepositKind::Renewal => PostingCode::Mf02,
        DepositKind::Supplement => PostingCode::Mf03,
    }
}

/// Principal of the house, money at the bank; the value date is the bank date.
pub(crate) fn posting(row: &fund_deposit::Model, pool_code: String, tx: &Tx) -> Posting {
    let summary = match row.kind {
        DepositKind::First => "首期交存",
        DepositKind::Renewal => "续交",
        DepositKind::Supplement if row.use_id.is_some() => "自筹交存",
        DepositKind::Supplement => "补交",
    };
    Posting {
        code: code_of(row.kind),
        pool_code,
        value_date: row.bank_date,
        bank_date: Some(row.bank_date),
        lines: vec![FundLine {
            fund_account_id: row.fund_account_id,
            bucket: Bucket::Principal,
            amount: row.amount,
            summary: summary.to_owned(),
            formula: None,
        }],
        bank: Some(BankLine { bank_account_id: row.bank_account_id, amount: row.amount, bank_serial: row.bank_serial.clone() }),
        subject_kind: "fund.deposit",
        subject_id: row.id.into(),
        subject_no: Some(row.no.clone()),
        maker: row.created_by,
        checker: tx.author().account,
        reverses: None,
    }
}

pub(crate) fn posted_event(from: &fund_deposit::Model, to: &fund_deposit::Model) -> Change {
    Change::new("fund.deposit.posted", "fund.deposit", to.id)
        .scope(scope_of(to))
        .data("no", &to.no)
        .data("amount", to.amount)
        .data("posting_no", &to.posting_no)
        .state(from.state, to.state)
}

/// 专款专用: money raised for a use that is filed is held for it, so that no other use takes it.
async fn earmark(tx: &Tx, row: &fund_deposit::Model) -> Result<(), Problem> {
    let Some(use_id) = row.use_id else { return Ok(()) };
    let use_ = lock_use(tx, use_id).await?;
    if !is_filed(use_.state) {
        return Ok(()); // counted as available when it is filed
    }
    let held = paying::held(tx, &use_).await?.get(&row.fund_account_id).copied().unwrap_or(Money::ZERO);
    let need: [(FundAccountId, Money); 1] = [(row.fund_account_id, held.try_add(row.amount)?)];
    match paying::secure(tx, &use_, &need).await? {
        Ok(()) => Ok(()),
        Err(_) => Err(Problem::internal("money that just came in cannot be held")),
    }
}

/// Reject a deposit (不予确认).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectDeposit {
    #[schema(example = "银行流水中没有这一笔")]
    pub reason: String,
}

/// Guards: it waits; another person recorded it. Effect: `rejected`; its serial is free again.
pub async fn reject_deposit(ctx: &Ctx, key: &Key, id: DepositId, cmd: RejectDeposit) -> Result<DepositView, Problem> {
    ctx.require(perm::DEPOSIT_REJECT)?;
    ctx.tx("fund.deposit.reject", key, async |tx| {
        let row = ctx.lock::<fund_deposit::Entity>(tx, id).await?;
        may_decide(ctx, &row)?;
        let mut invalid = Invalid::new();
        invalid.text("/reason", &cmd.reason, 500);
        invalid.done()?;
        if row.state != DepositState::PaidPending {
            return Err(FundError::DepositNotPending.into());
        }
        let mut next = row.clone().into_active_model();
        next.state = Set(DepositState::Rejected);
        next.reason = Set(Some(cmd.reason.trim().to_owned()));
        next.confirmed_by = Set(tx.author().account);
        next.version = Set(row.version + 1);
        let after = next.update(tx.conn()).await?;
        let change = Change::new("fund.deposit.rejected", "fund.deposit", after.id).scope(scope_of(&after)).data("no", &after.no);
        tx.event(change.state(row.state, after.state)).await?;
        Ok(view(ctx, &after))
    })
    .await
}
