//! The posting map of a pool at a date, and the journal lines that follow from it.
use std::collections::BTreeMap;

use linli_kernel::{BankAccountId, Date, Money, PostingId, Problem};
use linli_runtime::{Sql, Tx, values};

use super::{Draft, rows::GlRow};
use crate::{LedgerError, model::FundAccount};

/// One read tells map, chart, period and bank account. The month's row exists only once something was numbered in it.
/// Its parameters are those of [`asked`].
pub(super) const MAP: &str = "select p.state as pool_state, m.set_code, m.voucher_code, m.voucher_kind, m.fund_account, m.fund_side, m.income_account,
                     m.income_side, m.bank_account, m.bank_side, m.counter_account, m.counter_side,
                     (select count(*) from period d where d.set_code = m.set_code and d.month = $3 and d.state in ('closing', 'closed')) as shut,
                     (select count(*) from bank_account b where b.id = $4 and b.pool_code = p.code and b.state <> 'closed') as banks
                   from pool p join posting_map m on m.set_code = p.set_code and m.code = $2
                   where p.code = $1 and m.valid_from <= $5 and (m.valid_to is null or m.valid_to > $5)";

/// The columns that [`MAP`] answers.
pub(super) const COLUMNS: &str = "pool_state, set_code, voucher_code, voucher_kind, fund_account, fund_side, income_account, income_side, \
     bank_account, bank_side, counter_account, counter_side, shut, banks";

#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub(super) struct Map {
    pool_state: String,
    pub set_code: String,
    pub voucher_code: String,
    pub voucher_kind: String,
    fund_account: Option<String>,
    fund_side: Option<String>,
    income_account: Option<String>,
    income_side: Option<String>,
    bank_account: Option<String>,
    bank_side: Option<String>,
    counter_account: Option<String>,
    counter_side: Option<String>,
    shut: i64,
    banks: i64,
}

/// The parameters of [`MAP`]. A reversal asks by the code of its original.
pub(super) fn asked(pool: &str, code: &str, bank: Option<BankAccountId>, on: Date) -> Vec<sea_orm::Value> {
    values![pool, code, on.month(), bank.map(uuid::Uuid::from), on]
}

/// The rule for one posting, or why it may not be posted.
pub(super) async fn find(tx: &Tx, pool: &str, code: &str, bank: Option<BankAccountId>, on: Date) -> Result<Map, Problem> {
    judge(tx.conn().row(MAP, asked(pool, code, bank, on)).await?, code, bank, on)
}

pub(super) fn judge(found: Option<Map>, code: &str, bank: Option<BankAccountId>, on: Date) -> Result<Map, Problem> {
    let map = found.ok_or_else(|| LedgerError::NoMap { code: code.to_owned() })?;
    if map.pool_state == "closed" {
        return Err(LedgerError::NoMap { code: code.to_owned() }.into());
    }
    if map.shut > 0 {
        return Err(LedgerError::PeriodClosed { month: on.month() }.into());
    }
    if bank.is_some() && map.banks == 0 {
        return Err(LedgerError::BankAccount.into());
    }
    Ok(map)
}

/// On which side of the journal an amount stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Debit,
    Credit,
}

/// `debit` and `credit` of an amount that raises a credit account; red (negative) where the map fixes the other side.
fn side_of(side: Option<&str>, amount: Money) -> Side {
    match side {
        Some("debit") => Side::Debit,
        Some("credit") => Side::Credit,
        _ if amount.is_negative() => Side::Debit,
        _ => Side::Credit,
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct LineKey {
    side: Side,
    account: String,
    project: Option<linli_kernel::ProjectId>,
    bank: Option<BankAccountId>,
    holder: Option<&'static str>,
}

/// The journal of a posting: lines of the same account and dimensions in one. `accounts` are those of the fund lines, in order.
pub(super) fn journal(id: PostingId, draft: &Draft, map: &Map, accounts: &[&FundAccount]) -> Result<Vec<GlRow>, Problem> {
    let p = &draft.posting;
    if let Some(red) = &draft.red {
        let renamed = red.lines.iter().cloned().map(|line| GlRow { posting_id: id, ..line });
        return Ok(renamed.collect());
    }
    let no_map = || LedgerError::NoMap { code: p.code.text().to_owned() };
    let mut sums: BTreeMap<LineKey, Money> = BTreeMap::new();
    let mut add = |key: LineKey, amount: Money| -> Result<(), Problem> {
        let sum = sums.entry(key).or_default();
        *sum = sum.try_add(amount)?;
        Ok(())
    };
    for (line, account) in p.lines.iter().zip(accounts) {
        let (code, side) =
            if account.kind.is_income() { (&map.income_account, &map.income_side) } else { (&map.fund_account, &map.fund_side) };
        let code = code.clone().ok_or_else(no_map)?;
        let side = side_of(side.as_deref(), line.amount);
        add(LineKey { side, account: code, project: account.project_id, bank: None, holder: Some(account.kind.text()) }, line.amount)?;
    }
    if let Some(bank) = &p.bank {
        // What comes in at the bank is a debit: the opposite sign of a fund line.
        let amount = bank.amount.try_neg()?;
        let code = map.bank_account.clone().ok_or_else(no_map)?;
        let side = side_of(map.bank_side.as_deref(), amount);
        add(LineKey { side, account: code, project: None, bank: Some(bank.bank_account_id), holder: None }, amount)?;
    }
    let open = Money::sum(sums.values().copied())?;
    if let (false, Some(code)) = (open.is_zero(), &map.counter_account) {
        let amount = open.try_neg()?;
        let project = accounts.first().and_then(|a| a.project_id);
        let side = side_of(map.counter_side.as_deref(), amount);
        sums.insert(LineKey { side, account: code.clone(), project, bank: None, holder: None }, amount);
    } else if !open.is_zero() {
        return Err(LedgerError::Unbalanced { difference: open }.into());
    }
    let summary = p.lines.first().map(|l| l.summary.clone()).filter(|s| !s.trim().is_empty());
    let summary = summary.unwrap_or_else(|| p.code.text().to_owned());
    let rows = sums.into_iter().filter(|(_, amount)| !amount.is_zero()).enumerate().map(|(n, (key, amount))| {
        let (debit, credit) = match key.side {
            Side::Debit => (amount.try_neg()?, Money::ZERO),
            Side::Credit => (Money::ZERO, amount),
        };
        Ok(GlRow {
            posting_id: id,
            line: n as i64 + 1,
            set_code: map.set_code.clone(),
            account_code: key.account,
            project_id: key.project,
            bank_account_id: key.bank,
            holder_kind: key.holder.map(str::to_owned),
            debit,
            credit,
            summary: summary.clone(),
        })
    });
    rows.collect()
}
