//! 分摊计算: the houses of each item, what the city's rule weighs them, the shares, and how each house's account covers its share.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use linli_kernel::{AllocateError, CallId, HouseId, Money, Problem, ProjectId};
use linli_ledger::{FundAccount, accounts};
use linli_plugins::{Allocated, AllocationInput, Case, Explained, House, Plan, PluginRef, Ruled, Work, rules as plugin};
use linli_property::{houses::HouseBrief, model::HouseState};
use linli_runtime::{Sql, Tx, values};
use linli_tenants::{Ctx, settings};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{
    change::scope_of,
    error::UseError,
    model::{fund_use, fund_use_item},
    rules::{
        allocate::{self, Group, ItemWeights, Part, Parts},
        shortfall::{Cover, PaysFirst, Purse, Shortfall, cover},
    },
    service::scheme_use::houses_of,
    use_view::scope_of_item,
};

/// 依据的规则: which rule weighed an item, and what it says about it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RuleBrief {
    pub plugin: PluginRef,
    /// The recorded call; none in a preview.
    pub call_id: Option<CallId>,
    pub lines: Vec<Explained>,
}

/// What one house bears, and how.
#[derive(Clone, Debug)]
pub(crate) struct ShareLine {
    pub house: HouseBrief,
    pub account: FundAccount,
    pub parts: Vec<Part>,
    pub share: i64,
    pub cover: Cover,
    pub available: i64,
}

/// A whole allocation; `budget` is below the asked one only under the policy `cap`.
#[derive(Clone, Debug)]
pub(crate) struct Computed {
    pub budget: Money,
    /// The items' amounts under that budget.
    pub amounts: BTreeMap<i64, i64>,
    pub rules: BTreeMap<i64, RuleBrief>,
    /// By house code.
    pub lines: Vec<ShareLine>,
}

/// Where the rule is asked: in the case's own transaction, or without a trace.
pub(crate) enum Ask<'a> {
    Step(&'a Tx),
    Preview,
}

/// Allocates the scheme in force. Nothing is written but the rule's call, and that only for a real step.
pub(crate) async fn compute(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    ask: Ask<'_>,
    row: &fund_use::Model,
    items: &[fund_use_item::Model],
) -> Result<Computed, Problem> {
    let mut scopes = Vec::with_capacity(items.len());
    let mut houses: BTreeMap<HouseId, HouseBrief> = BTreeMap::new();
    for item in items {
        let scope = houses_of(conn, &scope_of_item(&item.scope_kind, &item.scope_ids)?, row.project_id).await?;
        if scope.is_empty() {
            return Err(UseError::ScopeEmpty { item: item.name.clone() }.into());
        }
        houses.extend(scope.iter().map(|h| (h.id, h.clone())));
        scopes.push(scope);
    }
    let accounts = accounts_of(conn, &houses).await?;
    let deposited = deposited(conn, row.project_id).await?;
    let mut weighed = Vec::with_capacity(items.len());
    let mut rules = BTreeMap::new();
    for (item, scope) in items.iter().zip(&scopes) {
        let input = input(item, row, scope, &accounts, &deposited);
        let case = Case::new("fund.use", row.id).scope(scope_of(row));
        let ruled: Ruled<Allocated> = match &ask {
            Ask::Step(tx) => plugin::allocate(ctx, tx, &case, &input).await?,
            Ask::Preview => plugin::preview_allocate(ctx, conn, Some(&case), &input).await?,
        };
        let groups = groups(&ruled.value.plan, scope);
        weighed.push(ItemWeights { item_no: item.item_no, amount: item.amount.fen(), groups });
        rules.insert(item.item_no, RuleBrief { plugin: ruled.plugin, call_id: ruled.call_id, lines: ruled.lines });
    }
    let policy = policy(ctx, conn).await?;
    let first = pays_first(ctx, conn).await?;
    let by_code: BTreeMap<&str, &HouseBrief> = houses.values().map(|h| (h.code.as_str(), h)).collect();
    let mut budget = row.budget.fen();
    if policy == Shortfall::Cap {
        let available = by_code.iter().map(|(code, h)| ((*code).to_owned(), accounts[&h.id].available().fen())).collect();
        budget = allocate::capped_total(budget, &weighed, &available).map_err(unsplittable)?.ok_or(UseError::NothingToPayFrom)?;
    }
    let parts = allocate::allocate(budget, &weighed).map_err(unsplittable)?;
    let mut lines = Vec::with_capacity(parts.len());
    for (code, parts) in parts {
        let house = by_code.get(code.as_str()).copied().ok_or_else(|| Problem::internal("a share of a house that is not there"))?;
        let account = accounts[&house.id].clone();
        let (share, purse) = (allocate::share_of(&parts), purse_of(&account));
        let cover = cover(share, purse, first);
        lines.push(ShareLine { house: house.clone(), account, parts, share, cover, available: purse.available });
    }
    let amounts = amounts_under(budget, &weighed)?;
    let sum: i64 = lines.iter().map(|l| l.share).sum();
    if sum != budget {
        return Err(Problem::internal(format!("shares sum to {sum}, not to {budget}"))); // I6
    }
    Ok(Computed { budget: Money(budget), amounts, rules, lines })
}

fn amounts_under(budget: i64, items: &[ItemWeights]) -> Result<BTreeMap<i64, i64>, Problem> {
    let amounts: Vec<(i64, i64)> = items.iter().map(|i| (i.item_no, i.amount)).collect();
    let split = linli_kernel::largest_remainder(budget, &amounts).map_err(unsplittable)?;
    Ok(amounts.iter().zip(split).map(|((no, _), portion)| (*no, portion.share)).collect())
}

fn unsplittable(error: AllocateError) -> Problem {
    match error {
        AllocateError::Empty => Problem::new(422, "fund.use.scope_empty", "分摊范围内没有房屋", "The scope has no house"),
        AllocateError::Weights => Problem::new(409, "fund.use.no_weights", "各户权重均为零，无法分摊", "No house has a weight"),
        AllocateError::Overflow => Problem::new(422, "money.overflow", "金额超出范围", "The amount is out of range"),
    }
}

/// The household account of every house, or 409 with the houses that have none.
async fn accounts_of(
    conn: &impl ConnectionTrait,
    houses: &BTreeMap<HouseId, HouseBrief>,
) -> Result<HashMap<HouseId, FundAccount>, Problem> {
    let ids: Vec<HouseId> = houses.keys().copied().collect();
    let found = accounts::of_houses(conn, &ids).await?;
    let accounts: HashMap<HouseId, FundAccount> = found.into_iter().filter_map(|a| a.house_id.map(|id| (id, a))).collect();
    let without: Vec<&str> = houses.values().filter(|h| !accounts.contains_key(&h.id)).map(|h| h.code.as_str()).collect();
    if !without.is_empty() {
        let problem: Problem = UseError::HouseWithoutAccount { count: without.len() }.into();
        return Err(problem.with("houses", without.iter().take(200).collect::<Vec<_>>()));
    }
    Ok(accounts)
}

const DEPOSITED: &str = "select house_id, cast(sum(amount) as bigint) as amount from fund_deposit
                         where project_id = $1 and state in ('posted', 'receipted') and corrected_by is null group by house_id";

#[derive(sea_orm::FromQueryResult)]
struct Deposited {
    house_id: HouseId,
    amount: i64,
}

async fn deposited(conn: &impl ConnectionTrait, project_id: ProjectId) -> Result<HashMap<HouseId, i64>, Problem> {
    let rows: Vec<Deposited> = conn.rows(DEPOSITED, values![project_id]).await?;
    Ok(rows.into_iter().map(|r| (r.house_id, r.amount)).collect())
}

/// What the rule sees of an item: no name, no number, only what weighs.
fn input(
    item: &fund_use_item::Model,
    row: &fund_use::Model,
    scope: &[HouseBrief],
    accounts: &HashMap<HouseId, FundAccount>,
    deposited: &HashMap<HouseId, i64>,
) -> AllocationInput {
    let index = |names: BTreeSet<&str>| names.into_iter().enumerate().map(|(i, n)| (n.to_owned(), i as u32)).collect::<HashMap<_, _>>();
    let kinds: BTreeSet<&str> = scope.iter().map(|h| h.use_.as_str()).collect();
    let buildings = index(scope.iter().map(|h| h.building_name.as_str()).collect());
    let entrance = |h: &HouseBrief| format!("{}/{}", h.building_name, h.unit_name);
    let names: Vec<String> = scope.iter().map(entrance).collect();
    let entrances = index(names.iter().map(String::as_str).collect());
    let kind_of = index(kinds.clone());
    let small = |floor: i64| i16::try_from(floor).unwrap_or(0);
    let storeys = if buildings.len() == 1 { scope.iter().map(|h| h.floor).max().unwrap_or(0) } else { 0 };
    let houses = scope.iter().zip(&names).map(|(h, name)| House {
        area: h.area,
        floor: small(h.floor),
        building: buildings[&h.building_name],
        entrance: entrances[name],
        kind: kind_of[&h.use_],
        deposited: Money(deposited.get(&h.id).copied().unwrap_or(0)),
        available: Money(accounts[&h.id].available().fen().max(0)),
        sold: h.state != HouseState::Presale,
        delivered: matches!(h.state, HouseState::Delivered | HouseState::Registered),
    });
    AllocationInput {
        work: Work { cost: item.amount, kind: item.purpose.clone(), part: row.part.clone(), storeys: small(storeys) },
        kinds: kinds.into_iter().map(str::to_owned).collect(),
        houses: houses.collect(),
    }
}

/// The rule's plan by house code.
fn groups(plan: &Plan, scope: &[HouseBrief]) -> Vec<Group> {
    let code = |i: usize| scope[i].code.clone();
    match plan {
        Plan::Weights(weights) => {
            vec![Group { weight: 1, members: weights.iter().enumerate().map(|(i, w)| (code(i), *w)).collect() }]
        }
        Plan::Groups(groups) => {
            let group = |(weight, members): &(i64, Vec<(usize, i64)>)| Group {
                weight: *weight,
                members: members.iter().map(|(i, w)| (code(*i), *w)).collect(),
            };
            groups.iter().map(group).collect()
        }
        // Shares that the rule made itself weigh every later payment as well.
        Plan::Shares(shares) => vec![Group { weight: 1, members: shares.iter().enumerate().map(|(i, s)| (code(i), s.fen())).collect() }],
    }
}

pub(crate) fn purse_of(account: &FundAccount) -> Purse {
    Purse { principal: account.principal.fen(), income: account.income.fen(), available: account.available().fen().max(0) }
}

/// 余额不足处理 of the city.
pub(crate) async fn policy(ctx: &Ctx, conn: &impl ConnectionTrait) -> Result<Shortfall, Problem> {
    let text = settings::text(ctx, conn, "fund.shortfall").await?;
    Shortfall::of(&text).ok_or_else(|| Problem::internal(format!("fund.shortfall has the unknown value {text}")))
}

pub(crate) async fn pays_first(ctx: &Ctx, conn: &impl ConnectionTrait) -> Result<PaysFirst, Problem> {
    match settings::text(ctx, conn, "fund.debit_order").await?.as_str() {
        "income_first" => Ok(PaysFirst::Income),
        "principal_first" => Ok(PaysFirst::Principal),
        other => Err(Problem::internal(format!("fund.debit_order has the unknown value {other}"))),
    }
}

/// The formula as an entry carries it: `{cost, weight, weight_total, floor, remainder, fen_added, share, plugin}`, with the parts
/// of each item where there are several (the numbers outside are then their sums).
pub(crate) fn formula(parts: &[Part], rules: &BTreeMap<i64, RuleBrief>) -> Value {
    let one = |part: &Part| {
        json!({
            "item_no": part.item_no,
            "cost": Money(part.cost),
            "weight": part.weight,
            "weight_total": part.weight_total,
            "floor": Money(part.floor),
            "remainder": part.remainder,
            "fen_added": part.fen_added,
            "share": Money(part.share),
            "plugin": rules.get(&part.item_no).map(|r| &r.plugin),
        })
    };
    let mut formula = one(&allocate::summed(parts));
    if parts.len() > 1 {
        formula["parts"] = parts.iter().map(one).collect();
    }
    formula
}

/// The parts of all houses as they were kept with their shares.
pub(crate) fn parts_of(shares: &[crate::model::fund_share::Model]) -> Result<Parts, Problem> {
    shares.iter().map(|s| Ok((s.house_code.clone(), crate::list::json(&s.parts)?))).collect()
}
