//! 楼栋、单元 and the 楼盘表: a building as a grid of its houses, with the fund's figures where the actor may see them.
use std::collections::{BTreeSet, HashMap};

use linli_kernel::{Area, BuildingId, HouseId, Page, Problem, ProjectId, UnitId};
use linli_runtime::{Sql, values};
use linli_tenants::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    list,
    model::{BuildingState, HouseState, building, unit},
    perm,
    ports::{Figures, FiguresPort},
};

/// A building.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, sea_orm::FromQueryResult)]
pub struct BuildingView {
    pub id: BuildingId,
    pub project_id: ProjectId,
    #[schema(example = "379901200012001")]
    pub code: String,
    /// As people say it.
    #[schema(example = "1")]
    pub name: String,
    #[schema(example = 18)]
    pub floors: i64,
    pub has_lift: bool,
    #[schema(example = 2)]
    pub units: i64,
    #[schema(example = 72)]
    pub houses: i64,
    pub area: Area,
    pub state: BuildingState,
}

/// A unit (单元) of a building.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, sea_orm::FromQueryResult)]
pub struct UnitView {
    pub id: UnitId,
    pub project_id: ProjectId,
    pub building_id: BuildingId,
    #[schema(example = "37990120001200101")]
    pub code: String,
    #[schema(example = "1")]
    pub name: String,
    #[schema(example = 36)]
    pub houses: i64,
    pub state: BuildingState,
}

/// 楼盘表 of one building: floors from the top down, units from left to right.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GridView {
    pub building: BuildingView,
    #[schema(example = "悦海花园")]
    pub project_name: String,
    pub units: Vec<UnitView>,
    /// Floors that have a house, the highest first.
    #[schema(example = json!([3, 2, 1]))]
    pub floors: Vec<i64>,
    pub houses: Vec<GridHouse>,
    /// Whether the cells carry money: only for those who read single deposits.
    pub figures: bool,
}

/// One cell of the 楼盘表.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GridHouse {
    pub id: HouseId,
    #[schema(example = "379901200012001000013")]
    pub code: String,
    pub unit_id: UnitId,
    #[schema(example = "1")]
    pub unit_name: String,
    #[schema(example = 3)]
    pub floor: i64,
    #[schema(example = "301")]
    pub room: String,
    #[serde(rename = "use")]
    #[schema(example = "residential")]
    pub use_: String,
    pub area: Area,
    pub state: HouseState,
    /// How many owners the register has.
    #[schema(example = 1)]
    pub owners: i64,
    #[serde(flatten)]
    pub figures: Option<Figures>,
}

#[derive(sea_orm::FromQueryResult)]
struct Cell {
    id: HouseId,
    code: String,
    unit_id: UnitId,
    unit_name: String,
    floor: i64,
    room: String,
    use_: String,
    area: Area,
    state: HouseState,
    owners: i64,
}

const BUILDING: &str = "b.id, b.project_id, b.code, b.name, b.floors, b.has_lift, b.state,
                        (select count(*) from unit u where u.building_id = b.id) as units,
                        (select count(*) from house h where h.building_id = b.id) as houses,
                        cast((select coalesce(sum(h.area), 0) from house h where h.building_id = b.id) as bigint) as area";
const UNIT: &str =
    "u.id, u.project_id, u.building_id, u.code, u.name, u.state, (select count(*) from house h where h.unit_id = u.id) as houses";
const CELLS: &str = "select h.id, h.code, h.unit_id, u.name as unit_name, h.floor, h.room, h.\"use\" as use_, h.area, h.state,
                       (select count(*) from ownership o where o.house_id = h.id and o.to_on is null) as owners
                     from house h join unit u on u.id = h.unit_id where h.building_id = $1 order by h.floor desc, u.serial, h.code limit 20000";

/// What lists of buildings and units are narrowed by.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BuildingQuery {
    pub project_id: Option<ProjectId>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

pub async fn find(ctx: &Ctx, query: BuildingQuery) -> Result<Page<BuildingView>, Problem> {
    ctx.require(perm::BUILDING_READ)?;
    let mut from = format!("from building b where {}", ctx.predicate::<building::Entity>("b"));
    let mut values = Vec::new();
    if let Some(project) = query.project_id {
        values.push(project.into());
        from.push_str(" and b.project_id = $1");
    }
    list::page(ctx.conn(), BUILDING, &from, "b.code", values, &list::paging(query.page, query.page_size)).await
}

/// What a list of units is narrowed by.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UnitQuery {
    pub project_id: Option<ProjectId>,
    pub building_id: Option<BuildingId>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

pub async fn units(ctx: &Ctx, query: UnitQuery) -> Result<Page<UnitView>, Problem> {
    ctx.require(perm::UNIT_READ)?;
    let mut from = format!("from unit u where {}", ctx.predicate::<unit::Entity>("u"));
    let mut values = Vec::new();
    let ids = [("project_id", query.project_id.map(uuid::Uuid::from)), ("building_id", query.building_id.map(uuid::Uuid::from))];
    for (column, id) in ids {
        if let Some(id) = id {
            values.push(id.into());
            from.push_str(&format!(" and u.{column} = ${}", values.len()));
        }
    }
    list::page(ctx.conn(), UNIT, &from, "u.code", values, &list::paging(query.page, query.page_size)).await
}

/// The 楼盘表 of a building that the actor may see.
pub async fn grid(ctx: &Ctx, id: BuildingId) -> Result<GridView, Problem> {
    ctx.require(perm::BUILDING_READ)?;
    let conn = ctx.conn();
    let sql = format!("select {BUILDING} from building b where b.id = $1 and {}", ctx.predicate::<building::Entity>("b"));
    let building: BuildingView = conn.row(&sql, values![id]).await?.ok_or_else(Problem::not_found)?;
    const PROJECT: &str = "select name as v from project where id = $1";
    let project_name: String = conn.scalar(PROJECT, values![building.project_id]).await?.unwrap_or_default();
    let sql = format!("select {UNIT} from unit u where u.building_id = $1 order by u.serial limit 99");
    let units: Vec<UnitView> = conn.rows(&sql, values![id]).await?;
    let cells: Vec<Cell> = conn.rows(CELLS, values![id]).await?;
    let floors: BTreeSet<i64> = cells.iter().map(|c| c.floor).collect();
    let ids: Vec<HouseId> = cells.iter().map(|c| c.id).collect();
    let mut money = figures_of(ctx, &ids).await?;
    let figures = money.is_some();
    let houses = cells.into_iter().map(|c| GridHouse {
        figures: money.as_mut().and_then(|m| m.remove(&c.id)),
        id: c.id,
        code: c.code,
        unit_id: c.unit_id,
        unit_name: c.unit_name,
        floor: c.floor,
        room: c.room,
        use_: c.use_,
        area: c.area,
        state: c.state,
        owners: c.owners,
    });
    Ok(GridView { building, project_name, units, floors: floors.into_iter().rev().collect(), houses: houses.collect(), figures })
}

async fn figures_of(ctx: &Ctx, houses: &[HouseId]) -> Result<Option<HashMap<HouseId, Figures>>, Problem> {
    match ctx.app.ports.get::<FiguresPort>() {
        Some(port) if ctx.may(perm::HOUSE_FIGURES) => port.0.of(ctx, houses).await.map(Some),
        _ => Ok(None),
    }
}
