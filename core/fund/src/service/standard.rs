//! 交存标准: made by one, approved by another; no two in force for the same key.
use linli_kernel::{Date, Invalid, Money, Page, PageQuery, Problem, StandardId};
use linli_runtime::{Change, Key, ScopeIds, Tx};
use linli_tenants::{Actions, AllowedAction, Ctx, areas, dicts};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::FundError,
    list,
    model::{BuildingClass, StandardState, fund_standard},
    perm,
    rules::due::Basis,
};

/// Make a deposit standard (新增交存标准).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateStandard {
    #[schema(example = "A-LIFT")]
    pub code: String,
    /// The city or a district.
    #[schema(example = "379900000000")]
    pub area_code: String,
    /// Code of the dictionary `house_nature`.
    #[schema(example = "commodity")]
    pub nature: String,
    pub building_class: BuildingClass,
    pub basis: Basis,
    /// Yuan for each m² (basis area), or percent of the price (basis price).
    pub value: Money,
    pub from: Date,
    /// The last day; without it, until further notice.
    pub to: Option<Date>,
    #[schema(example = "滨建〔2020〕3号")]
    pub document_no: String,
}

/// 交存标准.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StandardView {
    pub id: StandardId,
    #[schema(example = "A-LIFT")]
    pub code: String,
    #[schema(example = "379900000000")]
    pub area_code: String,
    #[schema(example = "commodity")]
    pub nature: String,
    pub building_class: BuildingClass,
    pub basis: Basis,
    pub value: Money,
    pub from: Date,
    pub to: Option<Date>,
    #[schema(example = "滨建〔2020〕3号")]
    pub document_no: String,
    pub state: StandardState,
    pub version: i64,
    pub allowed_actions: Vec<AllowedAction>,
}

fn view(ctx: &Ctx, row: &fund_standard::Model) -> StandardView {
    StandardView {
        id: row.id,
        code: row.code.clone(),
        area_code: row.area_code.clone(),
        nature: row.nature.clone(),
        building_class: row.building_class,
        basis: row.basis,
        value: row.value,
        from: row.from_on,
        to: row.to_on,
        document_no: row.document_no.clone(),
        state: row.state,
        version: row.version,
        allowed_actions: Actions::of(ctx).add(perm::STANDARD_APPROVE, "approve", || may_approve(ctx, row)).done(),
    }
}

fn may_approve(ctx: &Ctx, row: &fund_standard::Model) -> Result<(), Problem> {
    ctx.not_the_maker(row.created_by)?;
    match row.state {
        StandardState::Draft => Ok(()),
        StandardState::Active | StandardState::Ended => Err(FundError::StandardNotDraft.into()),
    }
}

/// Standards are public, yet only who is in charge of a division makes and approves its own.
fn in_charge(ctx: &Ctx, area_path: &str) -> Result<(), Problem> {
    let ids = ScopeIds { area_path: Some(area_path.to_owned()), ..ScopeIds::default() };
    if ctx.scope.covers(&ids) { Ok(()) } else { Err(Problem::not_found()) }
}

fn scope_of(row: &fund_standard::Model) -> ScopeIds {
    ScopeIds { area_path: Some(row.area_path.clone()), ..ScopeIds::default() }
}

/// Effect: a draft that another person approves.
pub async fn create(ctx: &Ctx, key: &Key, cmd: CreateStandard) -> Result<StandardView, Problem> {
    ctx.require(perm::STANDARD_CREATE)?;
    ctx.tx("fund.standard.create", key, async |tx| {
        let mut invalid = Invalid::new();
        invalid.text("/code", &cmd.code, 30);
        invalid.text("/document_no", &cmd.document_no, 100);
        invalid.check(cmd.value.is_positive(), "/value", "not_positive", "标准须大于0", "The value must be above zero");
        let percent = cmd.basis != Basis::Price || cmd.value.fen() <= 10_000;
        invalid.check(percent, "/value", "range", "比例不能超过100%", "At most 100 %");
        let ordered = cmd.to.is_none_or(|to| to >= cmd.from);
        invalid.check(ordered, "/to", "range", "结束日期早于开始日期", "It ends before it begins");
        let nature = dicts::code_of(tx.conn(), "house_nature", &cmd.nature).await?;
        invalid.check(nature.is_some(), "/nature", "unknown", "房屋性质不在字典之内", "Not an entry of house_nature");
        invalid.done()?;
        let area = areas::find(tx.conn(), &cmd.area_code).await?;
        in_charge(ctx, &area.path)?;
        let row = fund_standard::Model {
            id: StandardId::new(),
            code: cmd.code.trim().to_owned(),
            area_code: area.code,
            area_path: area.path,
            nature: nature.unwrap_or_default(),
            building_class: cmd.building_class,
            basis: cmd.basis,
            value: cmd.value,
            from_on: cmd.from,
            to_on: cmd.to,
            document_no: cmd.document_no.trim().to_owned(),
            state: StandardState::Draft,
            created_by: tx.author().account,
            created_at: tx.now(),
            approved_by: None,
            version: 1,
        };
        let row = row.into_active_model().insert(tx.conn()).await?;
        let change = Change::new("fund.standard.created", "fund.standard", row.id).scope(scope_of(&row));
        tx.event(change.data("code", &row.code).state(None::<StandardState>, row.state)).await?;
        Ok(view(ctx, &row))
    })
    .await
}

/// Guards: a draft, another person, no overlap with a standard of the same key or code. Effect: `active`.
pub async fn approve(ctx: &Ctx, key: &Key, id: StandardId) -> Result<StandardView, Problem> {
    ctx.require(perm::STANDARD_APPROVE)?;
    ctx.tx("fund.standard.approve", key, async |tx| {
        let row = ctx.lock::<fund_standard::Entity>(tx, id).await?;
        in_charge(ctx, &row.area_path)?;
        may_approve(ctx, &row)?;
        no_overlap(tx, &row).await?;
        let mut next = row.clone().into_active_model();
        next.state = Set(StandardState::Active);
        next.approved_by = Set(tx.author().account);
        next.version = Set(row.version + 1);
        let after = next.update(tx.conn()).await?;
        let change = Change::new("fund.standard.approved", "fund.standard", after.id).scope(scope_of(&after));
        tx.event(change.data("code", &after.code).state(row.state, after.state)).await?;
        Ok(view(ctx, &after))
    })
    .await
}

async fn no_overlap(tx: &Tx, row: &fund_standard::Model) -> Result<(), Problem> {
    use fund_standard::Column;
    let active = fund_standard::Entity::find().filter(Column::State.eq(StandardState::Active)).all(tx.conn()).await?;
    let same_key =
        |o: &fund_standard::Model| o.area_code == row.area_code && o.nature == row.nature && o.building_class == row.building_class;
    let meets = |o: &fund_standard::Model| {
        let before = |end: Option<Date>, start: Date| end.is_some_and(|end| end < start);
        !before(o.to_on, row.from_on) && !before(row.to_on, o.from_on)
    };
    match active.into_iter().find(|o| (same_key(o) || o.code == row.code) && meets(o)) {
        Some(other) => Err(FundError::StandardOverlap { code: other.code }.into()),
        None => Ok(()),
    }
}

/// One standard.
pub async fn get(ctx: &Ctx, id: StandardId) -> Result<StandardView, Problem> {
    ctx.require(perm::STANDARD_READ)?;
    Ok(view(ctx, &ctx.get::<fund_standard::Entity>(ctx.conn(), id).await?))
}

/// All standards, by code and beginning.
pub async fn find(ctx: &Ctx, query: &PageQuery) -> Result<Page<StandardView>, Problem> {
    ctx.require(perm::STANDARD_READ)?;
    let page = list::page::<fund_standard::Entity>(ctx, "", Vec::new(), "t.code, t.from_on, t.id", query).await?;
    Ok(page.map(|row| view(ctx, &row)))
}
