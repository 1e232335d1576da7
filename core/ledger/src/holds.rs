//! 冻结: promises on accounts. All of a set or none; `available = balance − Σ active holds`.
use std::collections::HashMap;

use linli_kernel::{FundAccountId, HoldId, Money, Problem};
use linli_runtime::{Backend, Change, ScopeIds, Tx, values};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::{
    HoldKind, HoldState,
    bulk::{self, Insert, Rows},
    model::{FundAccount, hold},
};

/// A hold to be placed; its subject may hold an account once.
#[derive(Clone, Debug)]
pub struct NewHold {
    pub fund_account_id: FundAccountId,
    pub amount: Money,
    pub kind: HoldKind,
    pub subject_kind: &'static str,
    pub subject_id: Uuid,
}

/// What a hold gave back or paid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldPart {
    pub fund_account_id: FundAccountId,
    pub amount: Money,
}

// One conditional update is both the check and the write: two holds cannot both see the same fen.
fn take(source: &str) -> String {
    format!(
        "update fund_account set held = held + amount from ({source}) as src
         where fund_account.id = src.account and state in ('open', 'frozen')
           and (judicial = 1 or (state = 'open' and principal + income - held >= amount))
         returning id, account_no, pool_code, kind, state, house_id, building_id, project_id, area_path, principal, income, held, seq,
           opened_on, created_at"
    )
}

fn lock(source: &str) -> String {
    format!("select id from fund_account where id in (select account from ({source}) as src) order by id for update")
}

async fn lock_all(tx: &Tx, accounts: impl Iterator<Item = FundAccountId>) -> Result<(), Problem> {
    if tx.backend() == Backend::Postgres {
        bulk::exec(tx, Rows::new().uuids("account", accounts.map(|id| Some(Uuid::from(id)))), Vec::new(), |source, _| lock(source)).await?;
    }
    Ok(())
}

/// Places all holds, or answers the accounts that have not enough; then the caller must refuse, so that its transaction rolls
/// back what was taken of the others. Zero amounts are left out. An account may stand in the list once.
pub async fn place_all(tx: &Tx, holds: &[NewHold]) -> Result<Result<(), Vec<FundAccountId>>, Problem> {
    let holds: Vec<&NewHold> = holds.iter().filter(|h| h.amount.is_positive()).collect();
    let Some(first) = holds.first() else { return Ok(Ok(())) };
    lock_all(tx, holds.iter().map(|h| h.fund_account_id)).await?;
    let rows = Rows::new()
        .uuids("account", holds.iter().map(|h| Some(Uuid::from(h.fund_account_id))))
        .ints("amount", holds.iter().map(|h| h.amount.fen()))
        .ints("judicial", holds.iter().map(|h| i64::from(h.kind == HoldKind::Judicial)));
    let taken: Vec<FundAccount> = bulk::query(tx.conn(), rows, Vec::new(), |source, _| take(source)).await?;
    let taken: HashMap<FundAccountId, FundAccount> = taken.into_iter().map(|a| (a.id, a)).collect();
    let short: Vec<FundAccountId> = holds.iter().map(|h| h.fund_account_id).filter(|id| !taken.contains_key(id)).collect();
    if !short.is_empty() {
        return Ok(Err(short));
    }
    let ids: Vec<HoldId> = holds.iter().map(|_| HoldId::new()).collect();
    let of = |h: &NewHold| &taken[&h.fund_account_id];
    let rows = Rows::new()
        .uuids("id", ids.iter().map(|id| Some(Uuid::from(*id))))
        .uuids("fund_account_id", holds.iter().map(|h| Some(Uuid::from(h.fund_account_id))))
        .ints("amount", holds.iter().map(|h| h.amount.fen()))
        .ints("placed", holds.iter().map(|h| h.amount.fen()))
        .texts("kind", holds.iter().map(|h| kind_text(h.kind).to_owned()))
        .texts("subject_kind", holds.iter().map(|h| h.subject_kind.to_owned()))
        .uuids("subject_id", holds.iter().map(|h| Some(h.subject_id)))
        .texts("state", holds.iter().map(|_| "active".to_owned()))
        .uuids("house_id", holds.iter().map(|h| of(h).house_id.map(Uuid::from)))
        .uuids("project_id", holds.iter().map(|h| of(h).project_id.map(Uuid::from)))
        .texts("area_path", holds.iter().map(|h| of(h).area_path.clone()))
        .ints("placed_at", holds.iter().map(|_| tx.now().micros()));
    bulk::insert_all(tx, vec![Insert { table: "hold", rows }]).await?;
    let total = Money::sum(holds.iter().map(|h| h.amount))?;
    let account = of(first);
    let scope = ScopeIds { area_path: Some(account.area_path.clone()), project_id: account.project_id, ..ScopeIds::default() };
    let about = Of { kind: first.subject_kind, id: first.subject_id };
    tell(tx, "ledger.hold.created", about, ids[0], scope, holds.len(), total, "active").await?;
    Ok(Ok(()))
}

const fn kind_text(kind: HoldKind) -> &'static str {
    match kind {
        HoldKind::Use => "use",
        HoldKind::Refund => "refund",
        HoldKind::Judicial => "judicial",
        HoldKind::Dispute => "dispute",
        HoldKind::Admin => "admin",
    }
}

/// Lowers the subject's hold on one account by `amount`, at most to zero; answers by how much.
pub async fn reduce(tx: &Tx, subject_kind: &str, subject_id: Uuid, account: FundAccountId, amount: Money) -> Result<Money, Problem> {
    let parts = reduce_all(tx, subject_kind, subject_id, &[HoldPart { fund_account_id: account, amount }]).await?;
    Ok(parts.first().map_or(Money::ZERO, |p| p.amount))
}

/// Lowers the subject's holds, each at most to zero (then it is `consumed`); answers by how much. Accounts without a hold are
/// passed over: their share was raised by the owner himself.
pub async fn reduce_all(tx: &Tx, subject_kind: &str, subject_id: Uuid, parts: &[HoldPart]) -> Result<Vec<HoldPart>, Problem> {
    lock_all(tx, parts.iter().map(|p| p.fund_account_id)).await?;
    let active: HashMap<FundAccountId, ActiveHold> =
        active(tx, subject_kind, subject_id).await?.into_iter().map(|h| (h.fund_account_id, h)).collect();
    let mut lowered = Vec::new();
    for part in parts {
        let Some(hold) = active.get(&part.fund_account_id) else { continue };
        let by = Money(part.amount.fen().clamp(0, hold.amount.fen()));
        if by.is_positive() {
            lowered.push((hold, by));
        }
    }
    lower(tx, &lowered, "consumed").await?;
    if let Some((hold, _)) = lowered.first() {
        let total = Money::sum(lowered.iter().map(|(_, by)| *by))?;
        let about = Of { kind: subject_kind, id: subject_id };
        tell(tx, "ledger.hold.consumed", about, hold.id, hold.scope(), lowered.len(), total, "consumed").await?;
    }
    Ok(lowered.into_iter().map(|(hold, by)| HoldPart { fund_account_id: hold.fund_account_id, amount: by }).collect())
}

/// Gives back all that the subject still holds; answers how much of which account.
pub async fn release_all(tx: &Tx, subject_kind: &str, subject_id: Uuid) -> Result<Vec<HoldPart>, Problem> {
    // Accounts are locked before holds, everywhere: so the holds are read, the accounts locked, and the holds read again.
    let before = active(tx, subject_kind, subject_id).await?;
    lock_all(tx, before.iter().map(|h| h.fund_account_id)).await?;
    let holds = if tx.backend() == Backend::Postgres { active(tx, subject_kind, subject_id).await? } else { before };
    let given: Vec<(&ActiveHold, Money)> = holds.iter().map(|h| (h, h.amount)).collect();
    lower(tx, &given, "released").await?;
    if let Some(hold) = holds.first() {
        let total = Money::sum(holds.iter().map(|h| h.amount))?;
        let about = Of { kind: subject_kind, id: subject_id };
        tell(tx, "ledger.hold.released", about, hold.id, hold.scope(), holds.len(), total, "released").await?;
    }
    Ok(holds.into_iter().map(|h| HoldPart { fund_account_id: h.fund_account_id, amount: h.amount }).collect())
}

#[derive(Clone, Debug, FromQueryResult)]
struct ActiveHold {
    id: HoldId,
    fund_account_id: FundAccountId,
    amount: Money,
    area_path: String,
    project_id: Option<linli_kernel::ProjectId>,
}

impl ActiveHold {
    fn scope(&self) -> ScopeIds {
        ScopeIds { area_path: Some(self.area_path.clone()), project_id: self.project_id, ..ScopeIds::default() }
    }
}

const ACTIVE: &str = "select id, fund_account_id, amount, area_path, project_id from hold
                      where subject_id = $1 and subject_kind = $2 and state = 'active' order by fund_account_id";

async fn active(tx: &Tx, subject_kind: &str, subject_id: Uuid) -> Result<Vec<ActiveHold>, Problem> {
    use linli_runtime::Sql;
    tx.conn().rows(ACTIVE, values![subject_id, subject_kind]).await
}

// A consumed hold keeps what it held at first in `placed`; a released one keeps what was given back in `amount`.
fn lower_hold(source: &str, ended: &str, first: usize) -> String {
    format!(
        "update hold set amount = case when hold.amount > less or '{ended}' = 'consumed' then hold.amount - less else hold.amount end,
           state = case when hold.amount > less then 'active' else '{ended}' end,
           ended_at = case when hold.amount > less then null else cast(${first} as bigint) end
         from ({source}) as src where hold.id = src.hold_id and hold.state = 'active'"
    )
}

fn lower_account(source: &str) -> String {
    format!("update fund_account set held = held - less from ({source}) as src where fund_account.id = src.account and held >= less")
}

async fn lower(tx: &Tx, parts: &[(&ActiveHold, Money)], ended: &'static str) -> Result<(), Problem> {
    if parts.is_empty() {
        return Ok(());
    }
    let less = || parts.iter().map(|(_, by)| by.fen());
    let rows = Rows::new().uuids("hold_id", parts.iter().map(|(h, _)| Some(Uuid::from(h.id)))).ints("less", less());
    let holds = bulk::exec(tx, rows, values![tx.now()], |source, first| lower_hold(source, ended, first)).await?;
    let rows = Rows::new().uuids("account", parts.iter().map(|(h, _)| Some(Uuid::from(h.fund_account_id)))).ints("less", less());
    let accounts = bulk::exec(tx, rows, Vec::new(), |source, _| lower_account(source)).await?;
    if holds != parts.len() as u64 || accounts != parts.len() as u64 {
        return Err(Problem::internal("a hold and its account do not agree"));
    }
    Ok(())
}

struct Of<'a> {
    kind: &'a str,
    id: Uuid,
}

#[allow(clippy::too_many_arguments)] // one event, said once
async fn tell(
    tx: &Tx,
    kind: &'static str,
    subject: Of<'_>,
    first: HoldId,
    scope: ScopeIds,
    accounts: usize,
    total: Money,
    state: &str,
) -> Result<(), Problem> {
    let change = Change::new(kind, "ledger.hold", first)
        .scope(scope)
        .data("no", format!("{}/{}", subject.kind, subject.id))
        .data("state", state)
        .data("accounts", accounts)
        .data("total", total);
    tx.event(change).await.map(drop)
}

const OF_SUBJECT: &str =
    "select id, fund_account_id, amount, placed, kind, subject_kind, subject_id, state, house_id, project_id, area_path,
                            placed_at, ended_at
                          from hold where subject_id = $1 and subject_kind = $2 order by placed_at, id";

/// Every hold of a subject, also the ended ones; without a scope: the caller has the subject in scope.
pub async fn of_subject(conn: &impl ConnectionTrait, kind: &str, id: Uuid) -> Result<Vec<hold::Model>, Problem> {
    use linli_runtime::Sql;
    conn.rows(OF_SUBJECT, values![id, kind]).await
}

/// What a subject holds now.
pub fn still_active(holds: &[hold::Model]) -> impl Iterator<Item = &hold::Model> {
    holds.iter().filter(|h| h.state == HoldState::Active)
}
