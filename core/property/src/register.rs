//! 房屋登记: a whole house table becomes buildings, units, houses, people and ownerships, in a few dozen statements.
mod plan;

use std::collections::{HashMap, HashSet};

use linli_kernel::{Area, BuildingId, HouseId, Money, PersonId, Problem, ProjectId, UnitId};
use linli_runtime::{Change, ScopeIds, Sql, Tx, values};
use linli_tenants::Ctx;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{
    list,
    model::project,
    persons::{self, NewPerson},
};
use plan::Plan;

/// One checked row of a house table (T1). Who reads the table checks the row; here only what the register alone knows is checked.
#[derive(Clone, Debug)]
pub struct HouseRow {
    /// 楼栋号 and 单元 as people say them.
    pub building: String,
    pub unit: String,
    pub floor: i64,
    pub room: String,
    /// 建筑面积; fills `area_surveyed`.
    pub area: Area,
    pub area_inner: Option<Area>,
    pub area_shared: Option<Area>,
    /// Codes of the dictionaries `house_use`, `house_nature`.
    pub use_: String,
    pub nature: String,
    pub has_lift: bool,
    /// Counts for the fund, for votes and for allocation (not excluded by its use).
    pub countable: bool,
    pub sale_price: Option<Money>,
    pub contract_no: Option<String>,
    pub registry_no: Option<String>,
    pub standard_code: Option<String>,
    pub remarks: Option<String>,
    /// `None`: unsold, the developer's.
    pub owner: Option<NewPerson>,
}

/// A house as it was made; in the order of the rows.
#[derive(Clone, Debug)]
pub struct CreatedHouse {
    pub id: HouseId,
    pub code: String,
    pub building_id: BuildingId,
    pub unit_id: UnitId,
    /// The natural person who owns it, if one was given.
    pub person_id: Option<PersonId>,
}

/// What an import made.
#[derive(Clone, Debug)]
pub struct Created {
    pub buildings: i64,
    pub units: i64,
    /// People who were not known before.
    pub persons: i64,
    pub houses: Vec<CreatedHouse>,
    pub area_path: String,
}

#[derive(Debug, linli_macros::Problem)]
pub enum RegisterError {
    #[problem(409, "property.house.exists", zh = "{place}已登记，不能重复导入", en = "{place} is registered already")]
    HouseExists { place: String },
    #[problem(
        409,
        "property.house.registry_no_taken",
        zh = "不动产单元号{registry_no}已登记",
        en = "The registry number {registry_no} is taken"
    )]
    RegistryTaken { registry_no: String },
    #[problem(
        409,
        "property.building.too_many",
        zh = "楼栋、单元或房屋的编号已用完",
        en = "The codes of buildings, units or houses are used up"
    )]
    CodesUsedUp,
}

/// What a project already has, for the checks of a dry run.
#[derive(Clone, Debug, Default)]
pub struct Existing {
    /// By name: id, serial, last house serial.
    pub buildings: HashMap<String, KnownBuilding>,
    /// By building and unit name.
    pub units: HashMap<(String, String), UnitId>,
    /// Building, unit, floor, room.
    pub rooms: HashMap<(String, String, i64, String), HouseId>,
}

#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub struct KnownBuilding {
    pub id: BuildingId,
    pub name: String,
    pub code: String,
    pub serial: i64,
    pub floors: i64,
    pub has_lift: bool,
    pub last_house: i64,
    pub units: i64,
}

#[derive(sea_orm::FromQueryResult)]
struct KnownUnit {
    id: UnitId,
    name: String,
    building_name: String,
}

#[derive(sea_orm::FromQueryResult)]
struct KnownRoom {
    id: HouseId,
    building_name: String,
    unit_name: String,
    floor: i64,
    room: String,
}

const BUILDINGS: &str = "select b.id, b.name, b.code, b.serial, b.floors, b.has_lift, b.last_house,
                           (select count(*) from unit u where u.building_id = b.id) as units
                         from building b where b.project_id = $1 limit 1000";
const UNITS: &str = "select u.id, u.name, b.name as building_name from unit u join building b on b.id = u.building_id
                     where u.project_id = $1 limit 100000";
const ROOMS: &str = "select h.id, b.name as building_name, u.name as unit_name, h.floor, h.room
                     from house h join building b on b.id = h.building_id join unit u on u.id = h.unit_id where h.project_id = $1 limit 1000000";

/// Buildings, units and rooms of the project. The caller has seen the project in its scope.
pub async fn existing(conn: &impl ConnectionTrait, project_id: ProjectId) -> Result<Existing, Problem> {
    let buildings: Vec<KnownBuilding> = conn.rows(BUILDINGS, values![project_id]).await?;
    if buildings.is_empty() {
        return Ok(Existing::default());
    }
    let units: Vec<KnownUnit> = conn.rows(UNITS, values![project_id]).await?;
    let rooms: Vec<KnownRoom> = conn.rows(ROOMS, values![project_id]).await?;
    Ok(Existing {
        buildings: buildings.into_iter().map(|b| (b.name.clone(), b)).collect(),
        units: units.into_iter().map(|u| ((u.building_name, u.name), u.id)).collect(),
        rooms: rooms.into_iter().map(|r| ((r.building_name, r.unit_name, r.floor, r.room), r.id)).collect(),
    })
}

/// Those of the registry numbers (不动产单元号) that houses of the tenant already carry.
pub async fn taken_registry_nos(conn: &impl ConnectionTrait, numbers: &[String]) -> Result<HashSet<String>, Problem> {
    let mut taken = HashSet::new();
    for chunk in numbers.chunks(list::CHUNK) {
        let sql = format!("select registry_no from house where registry_no in {}", list::placeholders(conn, 0, chunk.len()));
        let rows: Vec<Registry> = conn.rows(&sql, chunk.iter().map(|n| n.as_str().into()).collect()).await?;
        taken.extend(rows.into_iter().map(|r| r.registry_no));
    }
    Ok(taken)
}

#[derive(sea_orm::FromQueryResult)]
struct Registry {
    registry_no: String,
}

/// Writes all rows; the caller has the permission and checked the rows. One event `property.house.registered` with the counts.
pub async fn import(ctx: &Ctx, tx: &Tx, project_id: ProjectId, rows: Vec<HouseRow>) -> Result<Created, Problem> {
    let project = ctx.lock::<project::Entity>(tx, project_id).await?; // two imports into one project wait for each other
    let known = existing(tx.conn(), project_id).await?;
    refuse_known(tx, &known, &rows).await?;

    let mut plan = Plan::new(&project, known, tx.now());
    let owners: Vec<NewPerson> = rows.iter().filter_map(|r| r.owner.clone()).filter(|o| o.id_type != "uscc").collect();
    let (person_ids, persons) = persons::ensure_all(ctx, tx, &owners).await?;
    let mut person_ids = person_ids.into_iter();
    let companies = organisations(ctx, tx, &project.area_path, &rows).await?;

    let mut houses = Vec::with_capacity(rows.len());
    for row in &rows {
        let mut house = plan.house(row)?;
        if let Some(owner) = &row.owner {
            let (kind, holder, person) = if owner.id_type == "uscc" {
                let id = companies.get(&persons::normal_number(&owner.id_number)).copied();
                ("company", id.ok_or_else(|| Problem::internal("an organisation was not made"))?, None)
            } else {
                let id = person_ids.next().ok_or_else(|| Problem::internal("a person was not made"))?;
                ("person", id.into(), Some(id))
            };
            house.person_id = person;
            plan.ownership(&house, kind, holder, person, tx.today());
        }
        houses.push(house);
    }
    let created =
        Created { buildings: plan.new_buildings(), units: plan.new_units(), persons, houses, area_path: project.area_path.clone() };
    plan.write(tx, &rows).await?;

    let scope = ScopeIds {
        area_path: Some(project.area_path),
        company_id: project.company_id,
        project_id: Some(project_id),
        ..ScopeIds::default()
    };
    let change = Change::new("property.house.registered", "property.project", project_id).scope(scope).data("code", &project.code);
    let counts =
        serde_json::json!({ "buildings": created.buildings, "units": created.units, "houses": created.houses.len(), "persons": persons });
    tx.event(change.data("counts", counts).data("state", "sold")).await?;
    Ok(created)
}

async fn refuse_known(tx: &Tx, known: &Existing, rows: &[HouseRow]) -> Result<(), Problem> {
    let mut seen = HashSet::with_capacity(rows.len());
    for row in rows {
        let key = (row.building.clone(), row.unit.clone(), row.floor, row.room.clone());
        if known.rooms.contains_key(&key) || !seen.insert(key) {
            return Err(RegisterError::HouseExists { place: format!("{}-{}-{}", row.building, row.unit, row.room) }.into());
        }
    }
    let mut numbers: Vec<String> = rows.iter().filter_map(|r| r.registry_no.clone()).collect();
    let given = numbers.len();
    numbers.sort_unstable();
    let twice = numbers.windows(2).find(|w| w[0] == w[1]).map(|w| w[0].clone());
    numbers.dedup();
    debug_assert!(twice.is_some() == (numbers.len() < given));
    let taken = match twice {
        Some(number) => Some(number),
        None => taken_registry_nos(tx.conn(), &numbers).await?.into_iter().next(),
    };
    taken.map_or(Ok(()), |registry_no| Err(RegisterError::RegistryTaken { registry_no }.into()))
}

const COMPANY: &str = "insert into company (id, name, uscc, origin, trades, area_code, area_path, state, version, created_at, created_by)
                       values ($1, $2, $3, 'local', '[]', $4, $5, 'draft', 1, $6, $7) on conflict (uscc) do nothing";
const COMPANY_ID: &str = "select id from company where uscc = $1";

/// Owners that are organisations, by USCC; a new one is a draft of the company register.
async fn organisations(ctx: &Ctx, tx: &Tx, area_path: &str, rows: &[HouseRow]) -> Result<HashMap<String, Uuid>, Problem> {
    let mut companies = HashMap::new();
    for owner in rows.iter().filter_map(|r| r.owner.as_ref()).filter(|o| o.id_type == "uscc") {
        let uscc = persons::normal_number(&owner.id_number);
        if companies.contains_key(&uscc) {
            continue;
        }
        let new = linli_kernel::CompanyId::new();
        let row = values![new, owner.name.trim(), uscc.as_str(), ctx.tenant.area_code.as_str(), area_path, tx.now(), tx.author().account];
        tx.conn().exec(COMPANY, row).await?;
        let found: Option<Found> = tx.conn().row(COMPANY_ID, values![uscc.as_str()]).await?;
        let id = found.ok_or_else(|| Problem::internal("the company is away"))?.id;
        crate::companies::serve(tx, id.into(), area_path).await?;
        companies.insert(uscc, id);
    }
    Ok(companies)
}

#[derive(sea_orm::FromQueryResult)]
struct Found {
    id: Uuid,
}
