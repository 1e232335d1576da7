//! What one payment takes from each house: shares over the weights that were kept, the holds that secure them, the order.
use std::collections::{BTreeMap, HashMap};

use linli_kernel::{FundAccountId, Money, PaymentId, Problem};
use linli_ledger::{
    HoldKind,
    holds::{self, HoldPart, NewHold},
    orders::{self, NewOrder, Payee, PaymentOrderView},
};
use linli_runtime::{Tx, values};
use linli_tenants::Ctx;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use serde_json::Value;

use crate::{
    allocation::{formula, parts_of},
    change::scope_of,
    error::UseError,
    list::{self, to_json},
    model::{PaymentKind, PaymentState, fund_payment, fund_share, fund_use},
    rules::allocate::{self, Parts, weights_of},
    service::file_use::insufficient,
    shares,
    use_view::{items_of, project_of},
};

/// What a house pays: negative is a credit.
#[derive(Clone, Debug)]
pub(crate) struct PayLine<'a> {
    pub share: &'a fund_share::Model,
    pub amount: i64,
    pub formula: Value,
}

/// The parts of `total` by house code, over the weights of the allocation that was filed.
pub(crate) async fn split(tx: &Tx, row: &fund_use::Model, stored: &[fund_share::Model], total: Money) -> Result<Parts, Problem> {
    let kept = parts_of(stored)?;
    let amounts: BTreeMap<i64, i64> = items_of(tx.conn(), row).await?.iter().map(|i| (i.item_no, i.amount.fen())).collect();
    allocate::allocate(total.fen(), &weights_of(&kept, &amounts)).map_err(Problem::internal)
}

/// One line a house; `amount_of` says what it pays now, of its parts.
pub(crate) async fn lines<'a>(
    tx: &Tx,
    row: &fund_use::Model,
    stored: &'a [fund_share::Model],
    parts: &Parts,
    amount_of: impl Fn(&fund_share::Model, i64) -> i64,
) -> Result<Vec<PayLine<'a>>, Problem> {
    let rules = shares::rules_of(tx.conn(), row).await?;
    let line = |share: &'a fund_share::Model| {
        let own = parts.get(&share.house_code).map(Vec::as_slice).unwrap_or_default();
        PayLine { share, amount: amount_of(share, allocate::share_of(own)), formula: formula(own, &rules) }
    };
    Ok(stored.iter().map(line).collect())
}

/// What the use holds of each account now.
pub(crate) async fn held(tx: &Tx, row: &fund_use::Model) -> Result<HashMap<FundAccountId, Money>, Problem> {
    let all = holds::of_subject(tx.conn(), "fund.use", row.id.into()).await?;
    Ok(holds::still_active(&all).map(|h| (h.fund_account_id, h.amount)).collect())
}

/// Raises the use's holds to at least these amounts, from what is free in each account; all or none. An account holds a use
/// once, so a raised hold ends the old one and begins a new one of the whole sum.
pub(crate) async fn secure(
    tx: &Tx,
    row: &fund_use::Model,
    needs: &[(FundAccountId, Money)],
) -> Result<Result<(), Vec<FundAccountId>>, Problem> {
    let held = held(tx, row).await?;
    let of = |id: &FundAccountId| held.get(id).copied().unwrap_or(Money::ZERO);
    let short: Vec<&(FundAccountId, Money)> = needs.iter().filter(|(id, need)| of(id) < *need).collect();
    if short.is_empty() {
        return Ok(Ok(()));
    }
    let old: Vec<HoldPart> = short.iter().map(|(id, _)| HoldPart { fund_account_id: *id, amount: of(id) }).collect();
    holds::reduce_all(tx, "fund.use", row.id.into(), &old).await?;
    let new = short.iter().map(|(id, need)| NewHold {
        fund_account_id: *id,
        amount: *need,
        kind: HoldKind::Use,
        subject_kind: "fund.use",
        subject_id: row.id.into(),
    });
    holds::place_all(tx, &new.collect::<Vec<_>>()).await
}

const SHARE_COLUMNS: &str = "payment_id, house_id, house_code, fund_account_id, amount, formula, project_id, area_path";

/// Writes the request with every house's part of it, secures the parts (else 409 with the houses), and makes the order.
pub(crate) async fn request(
    ctx: &Ctx,
    tx: &Tx,
    row: &fund_use::Model,
    kind: PaymentKind,
    amount: Money,
    lines: &[PayLine<'_>],
) -> Result<(fund_payment::Model, PaymentOrderView), Problem> {
    let needs: Vec<(FundAccountId, Money)> =
        lines.iter().filter(|l| l.amount > 0).map(|l| (l.share.fund_account_id, Money(l.amount))).collect();
    if let Err(short) = secure(tx, row, &needs).await? {
        let missed: Vec<&fund_share::Model> = lines.iter().map(|l| l.share).filter(|s| short.contains(&s.fund_account_id)).collect();
        return Err(insufficient(&missed));
    }
    let payment = insert(tx, row, kind, amount, lines, None).await?;
    let project = project_of(ctx, tx.conn(), row.project_id).await?;
    let missing = || Problem::internal("a use that pays has no contractor");
    let sealed = row.contractor_account.as_deref().ok_or_else(missing)?;
    let new = NewOrder {
        payee: Payee {
            name: row.contractor_name.clone().ok_or_else(missing)?,
            uscc: row.contractor_uscc.clone(),
            bank: row.contractor_bank.clone().ok_or_else(missing)?,
            account_number: ctx.tenant.cipher().open(sealed)?,
        },
        bank_account_id: project.bank_account_id,
        amount,
        subject_kind: "fund.payment",
        subject_id: payment.id.into(),
        scope: scope_of(row),
        purpose: format!("{} {}", row.title, label(kind)),
    };
    let order = orders::create(ctx, tx, new).await?;
    let mut next = payment.into_active_model();
    next.payment_order_id = Set(Some(order.id));
    next.order_no = Set(Some(order.order_no.clone()));
    Ok((next.update(tx.conn()).await?, order))
}

/// How a refund by the contractor arrived at the bank.
pub(crate) struct Arrived<'a> {
    pub bank_date: linli_kernel::Date,
    pub bank_serial: &'a str,
}

/// The request's row and its parts.
pub(crate) async fn insert(
    tx: &Tx,
    row: &fund_use::Model,
    kind: PaymentKind,
    amount: Money,
    lines: &[PayLine<'_>],
    arrived: Option<Arrived<'_>>,
) -> Result<fund_payment::Model, Problem> {
    if lines.iter().map(|l| i128::from(l.amount)).sum::<i128>().abs() != i128::from(amount.fen()) {
        return Err(Problem::internal("the parts of a payment do not sum to it")); // I6
    }
    let payment = fund_payment::Model {
        id: PaymentId::new(),
        use_id: row.id,
        kind,
        amount,
        state: PaymentState::Created,
        payment_order_id: None,
        order_no: None,
        bank_date: arrived.as_ref().map(|a| a.bank_date),
        bank_serial: arrived.as_ref().map(|a| a.bank_serial.to_owned()),
        posting_no: None,
        reason: None,
        project_id: row.project_id,
        area_path: row.area_path.clone(),
        created_by: tx.author().account,
        created_at: tx.now(),
        paid_at: None,
        version: 1,
    };
    let payment = payment.into_active_model().insert(tx.conn()).await?;
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines.iter().filter(|l| l.amount != 0) {
        rows.push(values![
            payment.id,
            line.share.house_id,
            line.share.house_code.as_str(),
            line.share.fund_account_id,
            line.amount,
            to_json(&line.formula)?,
            row.project_id,
            row.area_path.as_str()
        ]);
    }
    list::insert_all(tx.conn(), "fund_payment_share", SHARE_COLUMNS, rows).await?;
    Ok(payment)
}

/// As owners and banks read it.
pub(crate) fn label(kind: PaymentKind) -> &'static str {
    match kind {
        PaymentKind::Advance => "预付款",
        PaymentKind::Progress => "进度款",
        PaymentKind::Final => "结算款",
        PaymentKind::Retention => "质保金",
        PaymentKind::Refund => "施工单位退回",
    }
}

/// 409 while another payment waits for the bank.
pub(crate) fn none_open(payments: &[fund_payment::Model]) -> Result<(), UseError> {
    if payments.iter().any(|p| p.state == PaymentState::Created) { Err(UseError::PaymentOpen) } else { Ok(()) }
}
