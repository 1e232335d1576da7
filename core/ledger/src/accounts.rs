//! 资金账户: opening, finding, and which bucket a debit takes.
use std::{collections::HashMap, str::FromStr};

use linli_kernel::{BuildingId, FundAccountId, HouseId, Money, Problem, ProjectId};
use linli_runtime::{Change, ScopeIds, Tx, number};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{
    AccountKind, Bucket,
    bulk::{self, Insert, Rows},
    model::{AccountState, FundAccount, fund_account},
};

/// An account to be opened. `area_path` is that of its house or project: `37/3799/379901/…`.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub kind: AccountKind,
    pub pool_code: String,
    pub house_id: Option<HouseId>,
    pub building_id: Option<BuildingId>,
    pub project_id: Option<ProjectId>,
    pub area_path: String,
}

/// Opens the accounts in one statement, in the order given. Errors: a house that has a living household account (409).
pub async fn open(tx: &Tx, accounts: &[NewAccount]) -> Result<Vec<FundAccount>, Problem> {
    let mut per_pool: HashMap<&str, i64> = HashMap::new();
    for account in accounts {
        *per_pool.entry(&account.pool_code).or_default() += 1;
    }
    let mut serials: HashMap<&str, i64> = HashMap::new();
    for (pool, count) in per_pool {
        serials.insert(pool, number::next_block(tx, &format!("fund_account:{pool}"), count).await?);
    }
    let mut rows = Vec::with_capacity(accounts.len());
    for account in accounts {
        let serial = serials.get_mut(account.pool_code.as_str()).ok_or_else(Problem::not_found)?;
        rows.push(fund_account::Model {
            id: FundAccountId::new(),
            account_no: account_no(&account.area_path, &account.pool_code, *serial)?,
            pool_code: account.pool_code.clone(),
            kind: account.kind,
            state: AccountState::Open,
            house_id: account.house_id,
            building_id: account.building_id,
            project_id: account.project_id,
            area_path: account.area_path.clone(),
            principal: Money::ZERO,
            income: Money::ZERO,
            held: Money::ZERO,
            seq: 0,
            opened_on: tx.today(),
            created_at: tx.now(),
        });
        *serial += 1;
    }
    let inserted = bulk::insert_all(tx, vec![Insert { table: "fund_account", rows: account_rows(&rows) }]).await;
    inserted.map_err(|error| match linli_runtime::is_unique_violation(&error) {
        true => Problem::new(409, "fund.account.duplicate", "该房屋已有资金账户", "The house has a fund account already"),
        false => error.into(),
    })?;
    if let Some(first) = rows.first() {
        let scope = ScopeIds { area_path: Some(first.area_path.clone()), project_id: first.project_id, ..ScopeIds::default() };
        let change = Change::new("ledger.fund_account.opened", "ledger.fund_account", first.id).scope(scope);
        tx.event(change.data("no", &first.account_no).data("state", "open").data("accounts", rows.len())).await?;
    }
    Ok(rows)
}

/// `W` + city 4 + pool 2 + serial 10 + check digit.
fn account_no(area_path: &str, pool: &str, serial: i64) -> Result<String, Problem> {
    let city = area_path.split('/').nth(1).filter(|c| c.len() == 4);
    let city = city.ok_or_else(|| Problem::internal(format!("the area path {area_path} names no city")))?;
    Ok(number::checked("W", &format!("{city}{pool}{serial:010}")))
}

fn account_rows(rows: &[FundAccount]) -> Rows {
    let a = || rows.iter();
    Rows::new()
        .uuids("id", a().map(|a| Some(a.id.into())))
        .texts("account_no", a().map(|a| a.account_no.clone()))
        .texts("pool_code", a().map(|a| a.pool_code.clone()))
        .texts("kind", a().map(|a| a.kind.text().to_owned()))
        .texts("state", a().map(|_| "open".to_owned()))
        .uuids("house_id", a().map(|a| a.house_id.map(Uuid::from)))
        .uuids("building_id", a().map(|a| a.building_id.map(Uuid::from)))
        .uuids("project_id", a().map(|a| a.project_id.map(Uuid::from)))
        .texts("area_path", a().map(|a| a.area_path.clone()))
        .texts("opened_on", a().map(|a| a.opened_on.to_string()))
        .ints("created_at", a().map(|a| a.created_at.micros()))
}

pub(crate) const COLUMNS: &str = "a.id, a.account_no, a.pool_code, a.kind, a.state, a.house_id, a.building_id, a.project_id, a.area_path, \
     a.principal, a.income, a.held, a.seq, a.opened_on, a.created_at";

/// The accounts of these ids, in any order; without a scope: the caller has them from rows in scope.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[FundAccountId]) -> Result<Vec<FundAccount>, Problem> {
    let rows = Rows::new().uuids("account", ids.iter().map(|id| Some(Uuid::from(*id))));
    bulk::query(conn, rows, Vec::new(), |source, _| {
        format!("select {COLUMNS} from fund_account a where a.id in (select account from ({source}) as src)")
    })
    .await
}

/// The living household accounts of these houses, in any order; without a scope: the caller has the houses from rows in scope.
pub async fn of_houses(conn: &impl ConnectionTrait, houses: &[HouseId]) -> Result<Vec<FundAccount>, Problem> {
    let rows = Rows::new().uuids("house", houses.iter().map(|id| Some(Uuid::from(*id))));
    bulk::query(conn, rows, Vec::new(), |source, _| {
        format!(
            "select {COLUMNS} from fund_account a
             where a.house_id in (select house from ({source}) as src) and a.kind = 'household' and a.state <> 'closed'"
        )
    })
    .await
}

/// Which bucket a debit takes first: setting `fund.debit_order`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DebitOrder {
    IncomeFirst,
    PrincipalFirst,
}

impl FromStr for DebitOrder {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        match text {
            "income_first" => Ok(DebitOrder::IncomeFirst),
            "principal_first" => Ok(DebitOrder::PrincipalFirst),
            other => Err(Problem::internal(format!("fund.debit_order has the unknown value {other}"))),
        }
    }
}

/// Splits a debit of `amount` (not negative) over the buckets; the parts sum to `amount`. What neither bucket has falls on the
/// last of the order, where posting refuses it.
pub fn debit_split(account: &FundAccount, amount: Money, order: DebitOrder) -> Vec<(Bucket, Money)> {
    let (first, has, second) = match order {
        DebitOrder::IncomeFirst => (Bucket::Income, account.income, Bucket::Principal),
        DebitOrder::PrincipalFirst => (Bucket::Principal, account.principal, Bucket::Income),
    };
    let from_first = Money(amount.fen().min(has.fen()).max(0));
    let parts = [(first, from_first), (second, Money(amount.fen() - from_first.fen()))];
    parts.into_iter().filter(|(_, part)| !part.is_zero()).collect()
}

#[cfg(test)]
mod tests;
