//! Moving the balances: one conditional update for all accounts of a batch, on PostgreSQL in one round trip with the rule.
use std::collections::{BTreeMap, HashMap};

use linli_kernel::{BankAccountId, Date, FundAccountId, Money, Problem};
use linli_runtime::{Backend, Tx};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::{Draft, books};
use crate::{
    Bucket, LedgerError,
    bulk::{self, Rows},
    model::{AccountState, FundAccount},
};

/// Which rule a posting follows: pool, code, bank account.
pub(super) type MapKey = (String, String, Option<BankAccountId>);

pub(super) fn map_key(draft: &Draft) -> MapKey {
    let p = &draft.posting;
    (p.pool_code.clone(), draft.origin_code.clone(), p.bank.as_ref().map(|b| b.bank_account_id))
}

/// The rules of a batch and its accounts, moved.
pub(super) struct Ready {
    pub maps: HashMap<MapKey, books::Map>,
    pub accounts: HashMap<FundAccountId, Running>,
}

/// Finds the rules, then moves the balances; the rules are judged first.
pub(super) async fn ready(tx: &Tx, drafts: &[Draft], today: Date) -> Result<Ready, Problem> {
    let deltas = deltas(drafts)?;
    let mut keys: Vec<MapKey> = Vec::new();
    for draft in drafts {
        let key = map_key(draft);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    if tx.backend() == Backend::Postgres && deltas.len() > 1 {
        bulk::exec(tx, Rows::new().uuids("account", ids(&deltas)), Vec::new(), |source, _| lock(source)).await?;
    }
    match keys.as_slice() {
        [key] if tx.backend() == Backend::Postgres && !deltas.is_empty() => {
            let (map, moved) = at_once(tx, key, &deltas, today).await?;
            let accounts = run_back(tx, &deltas, moved).await?;
            Ok(Ready { maps: HashMap::from([(key.clone(), map)]), accounts })
        }
        _ => {
            let mut maps = HashMap::new();
            for key in keys {
                let map = books::find(tx, &key.0, &key.1, key.2, today).await?;
                maps.insert(key, map);
            }
            let moved: Vec<FundAccount> = match deltas.is_empty() {
                true => Vec::new(),
                false => bulk::query(tx.conn(), rows(&deltas), Vec::new(), |source, _| update(&format!("({source})"))).await?,
            };
            Ok(Ready { maps, accounts: run_back(tx, &deltas, moved).await? })
        }
    }
}

/// An account after the whole batch, with its balances and number run forward from before it.
pub(super) struct Running {
    pub account: FundAccount,
    pub principal: Money,
    pub income: Money,
    pub seq: i64,
}

/// What a batch does to one account.
#[derive(Default)]
struct Delta {
    principal: Money,
    income: Money,
    lines: i64,
}

// Locks in key order, so that two batches over the same accounts wait for each other and never stop each other.
fn lock(source: &str) -> String {
    format!("select id from fund_account where id in (select account from ({source}) as src) order by id for update")
}

// Check and write are one statement: two postings cannot both see the same fen. A debit also leaves what is held; a frozen
// account takes credits only, a closing one debits only. A judicial hold above the balance stops debits and nothing else.
fn update(source: &str) -> String {
    format!(
        "update fund_account set principal = principal + p, income = income + i, seq = seq + n from {source} as src
         where fund_account.id = src.account and principal + p >= 0 and income + i >= 0
           and (p + i >= 0 or principal + income + p + i >= held)
           and (state = 'open' or (state = 'frozen' and p >= 0 and i >= 0) or (state = 'closing' and p <= 0 and i <= 0))
         returning {COLUMNS}"
    )
}

const COLUMNS: &str = "id, account_no, pool_code, kind, state, house_id, building_id, project_id, area_path, principal, income, held, seq, opened_on, created_at";

type Deltas = BTreeMap<FundAccountId, Delta>;

fn deltas(drafts: &[Draft]) -> Result<Deltas, Problem> {
    let mut deltas = Deltas::new();
    for line in drafts.iter().flat_map(|d| &d.posting.lines) {
        let delta = deltas.entry(line.fund_account_id).or_default();
        let bucket = match line.bucket {
            Bucket::Principal => &mut delta.principal,
            Bucket::Income => &mut delta.income,
        };
        *bucket = bucket.try_add(line.amount)?;
        delta.lines += 1;
    }
    Ok(deltas)
}

fn ids(deltas: &Deltas) -> impl Iterator<Item = Option<Uuid>> {
    deltas.keys().map(|id| Some(Uuid::from(*id)))
}

fn rows(deltas: &Deltas) -> Rows {
    Rows::new()
        .uuids("account", ids(deltas))
        .ints("p", deltas.values().map(|d| d.principal.fen()))
        .ints("i", deltas.values().map(|d| d.income.fen()))
        .ints("n", deltas.values().map(|d| d.lines))
}

// One account is the usual case: plain parameters let the server keep its plan.
const ONE: &str = "(select $6::uuid as account, $7::bigint as p, $8::bigint as i, $9::bigint as n)";

/// The rule and the moved accounts in one round trip (PostgreSQL).
async fn at_once(tx: &Tx, key: &MapKey, deltas: &Deltas, today: Date) -> Result<(books::Map, Vec<FundAccount>), Problem> {
    let (pool, code, bank) = key;
    let mut parameters = books::asked(pool, code, *bank, today);
    let only = deltas.first_key_value().filter(|_| deltas.len() == 1);
    let source = match only {
        Some((id, delta)) => {
            parameters.extend::<[Value; 4]>([
                Uuid::from(*id).into(),
                delta.principal.fen().into(),
                delta.income.fen().into(),
                delta.lines.into(),
            ]);
            ONE.to_owned()
        }
        None => {
            let rows = rows(deltas);
            let source = format!("({})", rows.source(Backend::Postgres, parameters.len() + 1));
            parameters.extend(rows.values(Backend::Postgres));
            source
        }
    };
    let text = format!(
        "with map as ({}), moved as ({}) select {}, {} from map left join moved on true",
        books::MAP,
        update(&source),
        named("map", books::COLUMNS),
        named("moved", COLUMNS)
    );
    let conn = tx.conn();
    let found = conn.query_all_raw(Statement::from_sql_and_values(conn.get_database_backend(), text, parameters)).await?;
    let map = found.first().map(|row| books::Map::from_query_result(row, "")).transpose()?;
    let map = books::judge(map, code, *bank, today)?;
    let mut moved = Vec::with_capacity(found.len());
    for row in &found {
        if row.try_get::<Option<Uuid>>("", "id")?.is_some() {
            moved.push(FundAccount::from_query_result(row, "")?);
        }
    }
    Ok((map, moved))
}

fn named(alias: &str, columns: &str) -> String {
    let columns: Vec<String> = columns.split(", ").map(|column| format!("{alias}.{column}")).collect();
    columns.join(", ")
}

/// The accounts as they were before the batch; or why some did not move.
async fn run_back(tx: &Tx, deltas: &Deltas, moved: Vec<FundAccount>) -> Result<HashMap<FundAccountId, Running>, Problem> {
    let mut running = HashMap::with_capacity(moved.len());
    for account in moved {
        let delta = &deltas[&account.id];
        let before = Running {
            principal: account.principal.try_sub(delta.principal)?,
            income: account.income.try_sub(delta.income)?,
            seq: account.seq - delta.lines,
            account,
        };
        running.insert(before.account.id, before);
    }
    if running.len() < deltas.len() {
        let missed: Vec<FundAccountId> = deltas.keys().copied().filter(|id| !running.contains_key(id)).collect();
        return Err(why_not(tx, &missed).await?);
    }
    Ok(running)
}

/// Why accounts could not be moved: unknown, closed, frozen, or short.
async fn why_not(tx: &Tx, missed: &[FundAccountId]) -> Result<Problem, Problem> {
    let found = crate::accounts::by_ids(tx.conn(), missed).await?;
    if found.len() < missed.len() {
        return Ok(Problem::not_found());
    }
    for account in &found {
        match account.state {
            AccountState::Closed => return Ok(LedgerError::Closed { no: account.account_no.clone() }.into()),
            AccountState::Frozen | AccountState::Closing => return Ok(LedgerError::Frozen { no: account.account_no.clone() }.into()),
            AccountState::Open => {}
        }
    }
    let ids: Vec<FundAccountId> = found.iter().map(|a| a.id).collect();
    let houses: Vec<_> = found.iter().filter_map(|a| a.house_id).collect();
    Ok(Problem::from(LedgerError::Insufficient).with("fund_account_ids", ids).with("house_ids", houses))
}
