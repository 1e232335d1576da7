//! 方案与预算: what is done, what it costs, and which houses each item concerns.
use std::collections::BTreeSet;

use linli_kernel::{DocumentId, HouseId, Invalid, Money, Problem, ProjectId, UseId};
use linli_property::houses::{self, HouseBrief, ScopeKind, ScopeOf};
use linli_runtime::{Key, Tx};
use linli_tenants::{Ctx, dicts, http::IfMatch};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    change::{attach, check_papers, event, moved, save},
    error::UseError,
    guard::{self, Known, Verb},
    list::to_json,
    model::{fund_share, fund_use, fund_use_item},
    perm, rounds,
    use_state::{UseState, UseStep},
    use_view::{UseView, view},
};

/// 预算项 of a scheme.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemeItem {
    #[schema(example = "曳引机更换")]
    pub name: String,
    pub amount: Money,
    /// Code of the dictionary `shared_part`; the city's rule may weigh by it.
    #[schema(example = "lift")]
    pub purpose: String,
    pub scope: ScopeOf,
}

/// Set scheme and budget (方案与预算).
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetScheme {
    /// The sum of the items.
    pub budget: Money,
    pub items: Vec<SchemeItem>,
    pub document_ids: Vec<DocumentId>,
}

/// Guards: the items are positive and sum to the budget; each scope has a house that counts. Effect: `scheme_ready`; after a
/// failed vote or a return a new round begins, and the old one stays readable.
pub async fn scheme_use(ctx: &Ctx, key: &Key, id: UseId, version: IfMatch, cmd: SetScheme) -> Result<UseView, Problem> {
    ctx.require(perm::USE_SCHEME)?;
    ctx.tx("fund.use.scheme", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        version.check(row.version)?;
        let to = guard::step(ctx, &row, &Known::default(), Verb::Scheme, UseStep::SetScheme)?;
        check(tx, &cmd).await?;
        let mut all: BTreeSet<HouseId> = BTreeSet::new();
        for item in &cmd.items {
            let houses = houses_of(tx.conn(), &item.scope, row.project_id).await?;
            if houses.is_empty() {
                return Err(UseError::ScopeEmpty { item: item.name.clone() }.into());
            }
            all.extend(houses.iter().map(|h| h.id));
        }
        let again = matches!(row.state, UseState::VoteFailed | UseState::Returned);
        let round = if again { rounds::begin(ctx, tx, &row, "方案修改").await? } else { row.round };
        replace_items(tx, &row, round, &cmd.items).await?;
        let mut next = moved(&row, to);
        next.round = Set(round);
        next.scheme_round = Set(round);
        next.budget = Set(cmd.budget);
        next.houses = Set(all.len() as i64);
        next.reason = Set(None);
        let after = save(tx, next).await?;
        attach(ctx, tx, &after, &cmd.document_ids, true).await?;
        tx.event(event("fund.use.scheme_set", &row, &after)).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}

async fn check(tx: &Tx, cmd: &SetScheme) -> Result<(), Problem> {
    if !cmd.budget.is_positive() || cmd.items.iter().any(|i| !i.amount.is_positive()) {
        return Err(UseError::CostNotPositive.into());
    }
    let mut invalid = Invalid::new();
    invalid.check((1..=50).contains(&cmd.items.len()), "/items", "range", "预算项须为1至50项", "1 to 50 items");
    let parts = dicts::entries(tx.conn(), "shared_part").await?;
    for (n, item) in cmd.items.iter().enumerate() {
        invalid.text(&format!("/items/{n}/name"), &item.name, 100);
        let known = parts.iter().any(|p| p.code == item.purpose);
        invalid.check(known, &format!("/items/{n}/purpose"), "unknown", "用途不在字典之内", "Not an entry of the dictionary shared_part");
        let few = item.scope.ids.len() <= 100_000;
        invalid.check(few, &format!("/items/{n}/scope/ids"), "too_many", "范围过大", "Too many ids");
    }
    invalid.done()?;
    check_papers(&cmd.document_ids, true)?;
    let sum = Money::sum(cmd.items.iter().map(|i| i.amount))?;
    if sum != cmd.budget {
        return Err(UseError::ItemsSum { sum, budget: cmd.budget }.into());
    }
    Ok(())
}

/// The houses of a scope that count; excluded uses (物业用房, 公建) bear nothing.
pub(crate) async fn houses_of(conn: &impl ConnectionTrait, scope: &ScopeOf, project_id: ProjectId) -> Result<Vec<HouseBrief>, Problem> {
    if scope.kind != ScopeKind::Project && scope.ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut houses = houses::houses_in_scope(conn, scope, project_id).await?;
    houses.retain(|h| h.countable);
    Ok(houses)
}

async fn replace_items(tx: &Tx, row: &fund_use::Model, round: i64, items: &[SchemeItem]) -> Result<(), Problem> {
    use fund_use_item::Column;
    fund_use_item::Entity::delete_many().filter(Column::UseId.eq(row.id)).filter(Column::Round.eq(round)).exec(tx.conn()).await?;
    fund_share::Entity::delete_many()
        .filter(fund_share::Column::UseId.eq(row.id))
        .filter(fund_share::Column::Round.eq(round))
        .exec(tx.conn())
        .await?;
    let mut rows = Vec::with_capacity(items.len());
    for (n, item) in items.iter().enumerate() {
        rows.push(fund_use_item::ActiveModel {
            use_id: Set(row.id),
            round: Set(round),
            item_no: Set(n as i64 + 1),
            name: Set(item.name.trim().to_owned()),
            amount: Set(item.amount),
            purpose: Set(item.purpose.clone()),
            scope_kind: Set(to_json(&item.scope.kind)?.trim_matches('"').to_owned()),
            scope_ids: Set(to_json(&item.scope.ids)?),
            rule: Set(None),
        });
    }
    fund_use_item::Entity::insert_many(rows).exec_without_returning(tx.conn()).await?;
    Ok(())
}
