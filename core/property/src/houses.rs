//! 房屋: lists and single houses, and the houses that a cost or a vote concerns.
use linli_kernel::{Area, BuildingId, Date, HouseId, Invalid, Money, Page, Problem, ProjectId, UnitId};
use linli_runtime::{Sql, values};
use linli_tenants::Ctx;
use sea_orm::{ConnectionTrait, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    list,
    model::{HouseState, house},
    perm,
};

/// A house as lists show it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, sea_orm::FromQueryResult)]
pub struct HouseView {
    pub id: HouseId,
    #[schema(example = "379901200012001000013")]
    pub code: String,
    pub project_id: ProjectId,
    pub building_id: BuildingId,
    #[schema(example = "1")]
    pub building_name: String,
    pub unit_id: UnitId,
    #[schema(example = "1")]
    pub unit_name: String,
    #[schema(example = 3)]
    pub floor: i64,
    #[schema(example = "301")]
    pub room: String,
    /// Code of the dictionary `house_use`.
    #[serde(rename = "use")]
    #[schema(example = "residential")]
    pub use_: String,
    /// Code of the dictionary `house_nature`.
    #[schema(example = "commodity")]
    pub nature: String,
    pub area: Area,
    pub state: HouseState,
}

/// A house with all that the register knows of it but its owners.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, sea_orm::FromQueryResult)]
pub struct HouseDetail {
    pub id: HouseId,
    #[schema(example = "379901200012001000013")]
    pub code: String,
    pub project_id: ProjectId,
    #[schema(example = "悦海花园")]
    pub project_name: String,
    pub building_id: BuildingId,
    #[schema(example = "1")]
    pub building_name: String,
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
    #[schema(example = "commodity")]
    pub nature: String,
    /// The area that counts: registered, else surveyed, else contract.
    pub area: Area,
    pub area_registered: Option<Area>,
    pub area_surveyed: Option<Area>,
    pub area_contract: Option<Area>,
    pub area_inner: Option<Area>,
    pub area_shared: Option<Area>,
    pub has_lift: bool,
    /// Counts for the fund, for votes and for allocation.
    pub countable: bool,
    /// 不动产单元号.
    pub registry_no: Option<String>,
    pub sale_price: Option<Money>,
    pub contract_no: Option<String>,
    pub standard_code: Option<String>,
    pub remarks: Option<String>,
    pub delivered_on: Option<Date>,
    pub state: HouseState,
    pub version: i64,
}

const LISTED: &str = "h.id, h.code, h.project_id, h.building_id, b.name as building_name, h.unit_id, u.name as unit_name, h.floor, h.room,
                      h.\"use\" as use_, h.nature, h.area, h.state";
const DETAIL: &str = "h.id, h.code, h.project_id, p.name as project_name, h.building_id, b.name as building_name, h.unit_id,
                      u.name as unit_name, h.floor, h.room, h.\"use\" as use_, h.nature, h.area, h.area_registered, h.area_surveyed,
                      h.area_contract, h.area_inner, h.area_shared, h.has_lift, h.countable, h.registry_no, h.sale_price, h.contract_no,
                      h.standard_code, h.remarks, h.delivered_on, h.state, h.version";
const FROM: &str = "from house h join building b on b.id = h.building_id join unit u on u.id = h.unit_id";

/// What a list of houses is narrowed by.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HouseQuery {
    pub project_id: Option<ProjectId>,
    pub building_id: Option<BuildingId>,
    pub unit_id: Option<UnitId>,
    /// The room as people say it, `301`, or the whole house code.
    pub room: Option<String>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

/// Houses in the actor's scope, by code. Another district's project has none.
pub async fn find(ctx: &Ctx, query: HouseQuery) -> Result<Page<HouseView>, Problem> {
    ctx.require(perm::HOUSE_READ)?;
    let mut from = format!("{FROM} where {}", ctx.predicate::<house::Entity>("h"));
    let mut values: Vec<Value> = Vec::new();
    let ids = [
        ("project_id", query.project_id.map(Uuid::from)),
        ("building_id", query.building_id.map(Uuid::from)),
        ("unit_id", query.unit_id.map(Uuid::from)),
    ];
    for (column, id) in ids {
        if let Some(id) = id {
            values.push(id.into());
            from.push_str(&format!(" and h.{column} = ${}", values.len()));
        }
    }
    if let Some(room) = query.room.filter(|r| !r.trim().is_empty()) {
        values.push(room.trim().into());
        from.push_str(&format!(" and (h.room = ${0} or h.code = ${0})", values.len()));
    }
    list::page(ctx.conn(), LISTED, &from, "h.code", values, &list::paging(query.page, query.page_size)).await
}

/// The house, if the actor may see it.
pub async fn get(ctx: &Ctx, id: HouseId) -> Result<HouseDetail, Problem> {
    ctx.require(perm::HOUSE_READ)?;
    let sql =
        format!("select {DETAIL} {FROM} join project p on p.id = h.project_id where {} and h.id = $1", ctx.predicate::<house::Entity>("h"));
    ctx.conn().row(&sql, values![id]).await?.ok_or_else(Problem::not_found)
}

/// 分摊范围: which houses a cost concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScopeKind {
    /// The whole project; `ids` is empty or holds its id.
    Project,
    /// Buildings.
    Building,
    /// Units.
    Unit,
    /// Single houses.
    Houses,
}

/// 分摊范围 with its ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeOf {
    pub kind: ScopeKind,
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["01936f5e-7c1a-7a3e-9f00-0123456789ab"]))]
    pub ids: Vec<Uuid>,
}

/// A house for those who compute with it.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub struct HouseBrief {
    pub id: HouseId,
    pub code: String,
    pub project_id: ProjectId,
    pub building_id: BuildingId,
    pub building_name: String,
    pub unit_id: UnitId,
    pub unit_name: String,
    pub floor: i64,
    pub room: String,
    pub use_: String,
    pub nature: String,
    pub area: Area,
    pub has_lift: bool,
    /// Counts for the fund, for votes and for allocation.
    pub countable: bool,
    pub sale_price: Option<Money>,
    pub standard_code: Option<String>,
    pub area_path: String,
    pub state: HouseState,
}

const BRIEF: &str = "h.id, h.code, h.project_id, h.building_id, b.name as building_name, h.unit_id, u.name as unit_name, h.floor, h.room,
                     h.\"use\" as use_, h.nature, h.area, h.has_lift, h.countable, h.sale_price, h.standard_code, h.area_path, h.state";
const LIVE: &str = "h.state not in ('split', 'merged', 'destroyed')";

/// The live houses of a scope, by code. An id that is none of the project's is a 404: no caller learns of other projects by it.
pub async fn houses_in_scope(conn: &impl ConnectionTrait, scope: &ScopeOf, project_id: ProjectId) -> Result<Vec<HouseBrief>, Problem> {
    let mut ids = scope.ids.clone();
    ids.sort_unstable();
    ids.dedup();
    let column = match scope.kind {
        ScopeKind::Project => {
            if ids.iter().any(|id| *id != Uuid::from(project_id)) {
                return Err(Problem::not_found());
            }
            let sql = format!("select {BRIEF} {FROM} where h.project_id = $1 and {LIVE} order by h.code");
            return conn.rows(&sql, values![project_id]).await;
        }
        ScopeKind::Building => "building_id",
        ScopeKind::Unit => "unit_id",
        ScopeKind::Houses => "id",
    };
    let mut houses: Vec<HouseBrief> = Vec::new();
    for chunk in ids.chunks(list::CHUNK) {
        let list = list::placeholders(conn, 0, chunk.len());
        let sql = format!("select {BRIEF} {FROM} where h.{column} in {list} and {LIVE}");
        houses.extend(conn.rows::<HouseBrief>(&sql, chunk.iter().map(|id| Value::from(*id)).collect()).await?);
    }
    houses.retain(|h| h.project_id == project_id);
    let found: std::collections::HashSet<Uuid> = houses
        .iter()
        .map(|h| match scope.kind {
            ScopeKind::Building => h.building_id.into(),
            ScopeKind::Unit => h.unit_id.into(),
            ScopeKind::Project | ScopeKind::Houses => h.id.into(),
        })
        .collect();
    if ids.iter().any(|id| !found.contains(id)) {
        return Err(Problem::not_found());
    }
    houses.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(houses)
}

/// Houses by id, in any order; ids without a house are left out.
pub async fn briefs(conn: &impl ConnectionTrait, ids: &[HouseId]) -> Result<Vec<HouseBrief>, Problem> {
    let mut houses = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(list::CHUNK) {
        let sql = format!("select {BRIEF} {FROM} where h.id in {}", list::placeholders(conn, 0, chunk.len()));
        houses.extend(conn.rows::<HouseBrief>(&sql, chunk.iter().map(|id| Value::from(*id)).collect()).await?);
    }
    Ok(houses)
}

/// A house by its code, in no scope: for imports and windows that name it by hand. The caller checks `area_path`.
pub async fn by_code(conn: &impl ConnectionTrait, code: &str) -> Result<Option<HouseBrief>, Problem> {
    conn.row(&format!("select {BRIEF} {FROM} where h.code = $1"), values![code]).await
}

/// One house in the actor's scope, for those who write about it; 404 otherwise.
pub async fn in_scope(ctx: &Ctx, conn: &impl ConnectionTrait, id: HouseId) -> Result<HouseBrief, Problem> {
    let sql = format!("select {BRIEF} {FROM} where h.id = $1 and {}", ctx.predicate::<house::Entity>("h"));
    conn.row(&sql, values![id]).await?.ok_or_else(Problem::not_found)
}

/// 422 when a scope names nothing at all; the caller's code says of which thing.
pub fn scope_named(scope: &ScopeOf, pointer: &str, code: &str) -> Result<(), Problem> {
    let mut invalid = Invalid::new();
    let named = scope.kind == ScopeKind::Project || !scope.ids.is_empty();
    invalid.check(named, pointer, code, "分摊范围内没有房屋", "The scope has no house");
    invalid.done()
}
