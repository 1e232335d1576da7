//! 分摊表: the stored shares of a use and how they are shown.
use std::collections::BTreeMap;

use linli_kernel::{Area, HouseId, Money, Page, PageQuery, Problem, UseId};
use linli_plugins::PluginRef;
use linli_runtime::{Tx, values};
use linli_tenants::Ctx;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    allocation::{Computed, RuleBrief, ShareLine},
    list::{self, json, to_json},
    model::{fund_share, fund_use, fund_use_item},
    perm,
    rules::allocate::{Part, summed},
    use_view::items_of,
};

/// The formula of one item of a house's share.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PartView {
    #[schema(example = 1)]
    pub item_no: i64,
    /// What was split.
    pub cost: Money,
    #[schema(example = 12785)]
    pub weight: i64,
    #[schema(example = 861042)]
    pub weight_total: i64,
    /// The fen before the remainder.
    pub floor: Money,
    /// cost × weight mod Σ weights, in fen × weight.
    #[schema(example = 68956)]
    pub remainder: i64,
    /// 0 or 1.
    #[schema(example = 1)]
    pub fen_added: i64,
    pub share: Money,
}

/// 分摊 of one house.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ShareView {
    pub house_id: HouseId,
    #[schema(example = "379901200012001000013")]
    pub house_code: String,
    pub area: Area,
    /// Of the only item; with several items their sums, and each in `parts`.
    #[schema(example = 12785)]
    pub weight: i64,
    pub floor: Money,
    #[schema(example = 68956)]
    pub remainder: i64,
    pub share: Money,
    pub from_income: Money,
    pub from_principal: Money,
    /// 自筹: what the account does not cover.
    pub self_raised: Money,
    /// When it was computed.
    pub available: Money,
    /// On the audited amount, once settled.
    pub final_share: Option<Money>,
    /// What was debited so far.
    pub paid: Money,
    pub parts: Vec<PartView>,
}

fn part_view(part: &Part) -> PartView {
    PartView {
        item_no: part.item_no,
        cost: Money(part.cost),
        weight: part.weight,
        weight_total: part.weight_total,
        floor: Money(part.floor),
        remainder: part.remainder,
        fen_added: part.fen_added,
        share: Money(part.share),
    }
}

impl ShareView {
    pub(crate) fn of_line(line: &ShareLine) -> ShareView {
        let sum = summed(&line.parts);
        ShareView {
            house_id: line.house.id,
            house_code: line.house.code.clone(),
            area: line.house.area,
            weight: sum.weight,
            floor: Money(sum.floor),
            remainder: sum.remainder,
            share: Money(line.share),
            from_income: Money(line.cover.from_income),
            from_principal: Money(line.cover.from_principal),
            self_raised: Money(line.cover.self_raised),
            available: Money(line.available),
            final_share: None,
            paid: Money::ZERO,
            parts: line.parts.iter().map(part_view).collect(),
        }
    }

    pub(crate) fn of_row(row: &fund_share::Model) -> Result<ShareView, Problem> {
        let parts: Vec<Part> = json(&row.parts)?;
        Ok(ShareView {
            house_id: row.house_id,
            house_code: row.house_code.clone(),
            area: row.area,
            weight: row.weight,
            floor: row.floor,
            remainder: row.remainder,
            share: row.share,
            from_income: row.from_income,
            from_principal: row.from_principal,
            self_raised: row.self_raised,
            available: row.available,
            final_share: row.final_share,
            paid: row.paid,
            parts: parts.iter().map(part_view).collect(),
        })
    }
}

/// 试算: what an allocation would give; nothing is written.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PreviewView {
    /// The budget; below the asked one only where the city caps it.
    pub total: Money,
    #[schema(example = 72)]
    pub houses: usize,
    /// The rule of the first item.
    pub plugin: PluginRef,
    /// The rule of each item.
    pub rules: Vec<RuleBrief>,
    /// The first 200 by house code.
    pub shares: Vec<ShareView>,
    pub self_raised: Money,
    /// Codes of the houses that must raise a part themselves.
    #[schema(example = json!(["379901200012001000013"]))]
    pub short_houses: Vec<String>,
}

impl PreviewView {
    pub(crate) fn of(computed: &Computed) -> Result<PreviewView, Problem> {
        let rules: Vec<RuleBrief> = computed.rules.values().cloned().collect();
        let first = rules.first().ok_or_else(|| Problem::internal("an allocation without a rule"))?;
        let short = computed.lines.iter().filter(|l| l.cover.self_raised > 0);
        Ok(PreviewView {
            total: computed.budget,
            houses: computed.lines.len(),
            plugin: first.plugin.clone(),
            shares: computed.lines.iter().take(200).map(ShareView::of_line).collect(),
            self_raised: Money::sum(computed.lines.iter().map(|l| Money(l.cover.self_raised)))?,
            short_houses: short.map(|l| l.house.code.clone()).collect(),
            rules,
        })
    }
}

const COLUMNS: &str = "use_id, round, house_id, house_code, fund_account_id, area, weight, floor, remainder, share, from_income,
                       from_principal, self_raised, available, parts, paid, project_id, area_path";

/// Writes the shares of a round in place of what it had.
pub(crate) async fn replace(tx: &Tx, row: &fund_use::Model, computed: &Computed) -> Result<(), Problem> {
    use fund_share::Column;
    fund_share::Entity::delete_many().filter(Column::UseId.eq(row.id)).filter(Column::Round.eq(row.scheme_round)).exec(tx.conn()).await?;
    let mut rows = Vec::with_capacity(computed.lines.len());
    for line in &computed.lines {
        let sum = summed(&line.parts);
        rows.push(values![
            row.id,
            row.scheme_round,
            line.house.id,
            line.house.code.as_str(),
            line.account.id,
            line.house.area,
            sum.weight,
            sum.floor,
            sum.remainder,
            line.share,
            line.cover.from_income,
            line.cover.from_principal,
            line.cover.self_raised,
            line.available,
            to_json(&line.parts)?,
            0_i64,
            row.project_id,
            row.area_path.as_str()
        ]);
    }
    list::insert_all(tx.conn(), "fund_share", COLUMNS, rows).await?;
    for item in items_of(tx.conn(), row).await? {
        let mut next: fund_use_item::ActiveModel = item.clone().into();
        next.rule = sea_orm::Set(computed.rules.get(&item.item_no).map(to_json).transpose()?);
        next.amount = sea_orm::Set(Money(computed.amounts.get(&item.item_no).copied().unwrap_or(item.amount.fen())));
        sea_orm::ActiveModelTrait::update(next, tx.conn()).await?;
    }
    Ok(())
}

/// All shares of the scheme in force, by house code. The caller found the use in scope.
pub(crate) async fn of_use(conn: &impl ConnectionTrait, row: &fund_use::Model) -> Result<Vec<fund_share::Model>, Problem> {
    use fund_share::Column;
    let shares = fund_share::Entity::find().filter(Column::UseId.eq(row.id)).filter(Column::Round.eq(row.scheme_round));
    Ok(shares.order_by_asc(Column::HouseCode).all(conn).await?)
}

/// The rule of each item, as it was kept.
pub(crate) async fn rules_of(conn: &impl ConnectionTrait, row: &fund_use::Model) -> Result<BTreeMap<i64, RuleBrief>, Problem> {
    let items = items_of(conn, row).await?;
    let kept = items.iter().filter_map(|i| i.rule.as_deref().map(|r| Ok((i.item_no, json(r)?))));
    kept.collect()
}

/// The shares that the actor may see: an owner those of his houses.
pub async fn find(ctx: &Ctx, id: UseId, query: &PageQuery) -> Result<Page<ShareView>, Problem> {
    ctx.require(perm::USE_READ)?;
    let row = ctx.get::<fund_use::Entity>(ctx.conn(), id).await?;
    let filter = list::Filter::default().add("use_id", Some(row.id)).add("round", Some(row.scheme_round));
    let page = list::page::<fund_share::Entity>(ctx, &filter.and, filter.values, "t.house_code", query).await?;
    let items = page.items.iter().map(ShareView::of_row).collect::<Result<Vec<_>, _>>()?;
    Ok(Page { items, total: page.total, total_is_lower_bound: page.total_is_lower_bound })
}
