//! 房屋登记: a whole house table becomes buildings, units, houses, people and ownerships, in a few dozen statements.
use std::collections::{BTreeMap, HashMap, HashSet};

use linli_kernel::{Area, BuildingId, Date, HouseId, Money, OwnershipId, PersonId, Problem, ProjectId, Timestamp, UnitId};
use linli_runtime::{Change, ScopeIds, Sql, Tx, values};
use linli_tenants::Ctx;
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::{
    codes, list,
    model::project,
    persons::{self, NewPerson},
};

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
    #[problem(409, "property.house.registry_no_taken", zh = "不动产单元号{registry_no}已登记", en = "The registry number {registry_no} is taken")]
    RegistryTaken { registry_no: String },
    #[problem(409, "property.building.too_many", zh = "楼栋、单元或房屋的编号已用完", en = "The codes of buildings, units or houses are used up")]
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
pub async fn existing(conn: &(impl ConnectionTrait + Sync), project_id: ProjectId) -> Result<Existing, Problem> {
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
pub async fn taken_registry_nos(conn: &(impl ConnectionTrait + Sync), numbers: &[String]) -> Result<HashSet<String>, Problem> {
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

struct Building {
    id: BuildingId,
    code: String,
    last_house: i64,
    units: i64,
    floors: i64,
    has_lift: bool,
    is_new: bool,
    serial: i64,
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
    let created = Created { buildings: plan.new_buildings(), units: plan.units.len() as i64, persons, houses, area_path: project.area_path.clone() };
    plan.write(tx, &rows).await?;

    let scope = ScopeIds { area_path: Some(project.area_path), company_id: project.company_id, project_id: Some(project_id), ..ScopeIds::default() };
    let change = Change::new("property.house.registered", "property.project", project_id).scope(scope).data("code", &project.code);
    let counts = serde_json::json!({ "buildings": created.buildings, "units": created.units, "houses": created.houses.len(), "persons": persons });
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

/// The rows to be written, table by table.
struct Plan<'a> {
    project: &'a project::Model,
    now: Timestamp,
    /// In the order of their first row, so that the serials follow the table.
    buildings: BTreeMap<i64, Building>,
    building_serials: HashMap<String, i64>,
    unit_ids: HashMap<(String, String), UnitId>,
    units: Vec<Vec<Value>>,
    houses: Vec<Vec<Value>>,
    ownerships: Vec<Vec<Value>>,
}

impl<'a> Plan<'a> {
    fn new(project: &'a project::Model, known: Existing, now: Timestamp) -> Plan<'a> {
        let mut plan = Plan {
            project,
            now,
            buildings: BTreeMap::new(),
            building_serials: HashMap::new(),
            unit_ids: known.units,
            units: Vec::new(),
            houses: Vec::new(),
            ownerships: Vec::new(),
        };
        for (name, b) in known.buildings {
            plan.building_serials.insert(name, b.serial);
            let row = Building {
                id: b.id,
                code: b.code,
                last_house: b.last_house,
                units: b.units,
                floors: b.floors,
                has_lift: b.has_lift,
                is_new: false,
                serial: b.serial,
            };
            plan.buildings.insert(b.serial, row);
        }
        plan
    }

    fn new_buildings(&self) -> i64 {
        self.buildings.values().filter(|b| b.is_new).count() as i64
    }

    fn building(&mut self, name: &str) -> Result<&mut Building, Problem> {
        let serial = match self.building_serials.get(name) {
            Some(serial) => *serial,
            None => {
                let serial = self.buildings.keys().next_back().copied().unwrap_or(0) + 1;
                let code = codes::building(&self.project.code, serial).ok_or(RegisterError::CodesUsedUp)?;
                let row = Building { id: BuildingId::new(), code, last_house: 0, units: 0, floors: 0, has_lift: false, is_new: true, serial };
                self.buildings.insert(serial, row);
                self.building_serials.insert(name.to_owned(), serial);
                serial
            }
        };
        self.buildings.get_mut(&serial).ok_or_else(|| Problem::internal("a building just planned is away"))
    }

    fn house(&mut self, row: &HouseRow) -> Result<CreatedHouse, Problem> {
        let (project_id, area_path, now) = (self.project.id, self.project.area_path.clone(), self.now);
        let unit_key = (row.building.clone(), row.unit.clone());
        let known_unit = self.unit_ids.get(&unit_key).copied();
        let building = self.building(&row.building)?;
        building.last_house += 1;
        building.floors = building.floors.max(row.floor);
        building.has_lift |= row.has_lift;
        let (building_id, id) = (building.id, HouseId::new());
        let code = codes::house(&building.code, building.last_house).ok_or(RegisterError::CodesUsedUp)?;
        let unit_id = match known_unit {
            Some(id) => id,
            None => {
                building.units += 1;
                let (id, serial) = (UnitId::new(), building.units);
                let unit_code = codes::unit(&building.code, serial).ok_or(RegisterError::CodesUsedUp)?;
                self.units.push(values![id, project_id, building_id, unit_code, serial, row.unit.as_str(), area_path.as_str(), "active", now]);
                self.unit_ids.insert(unit_key, id);
                id
            }
        };
        self.houses.push(values![
            id,
            project_id,
            building_id,
            unit_id,
            code.as_str(),
            row.registry_no.as_deref(),
            row.floor,
            row.room.as_str(),
            row.use_.as_str(),
            row.nature.as_str(),
            row.area,
            row.area,
            row.area_inner,
            row.area_shared,
            row.has_lift,
            row.countable,
            row.sale_price,
            row.contract_no.as_deref(),
            row.standard_code.as_deref(),
            row.remarks.as_deref(),
            area_path,
            if row.owner.is_some() { "sold" } else { "presale" },
            1_i64,
            now,
        ]);
        Ok(CreatedHouse { id, code, building_id, unit_id, person_id: None })
    }

    fn ownership(&mut self, house: &CreatedHouse, kind: &str, holder: Uuid, person: Option<PersonId>, from: Date) {
        self.ownerships.push(values![
            OwnershipId::new(),
            house.id,
            self.project.id,
            kind,
            holder,
            person,
            "sole",
            1_i64,
            1_i64,
            true,
            "import",
            from,
            None::<String>,
            self.project.area_path.as_str(),
            self.now,
        ]);
    }

    async fn write(self, tx: &Tx, rows: &[HouseRow]) -> Result<(), Problem> {
        let names: HashMap<i64, String> = self.building_serials.into_iter().map(|(name, serial)| (serial, name)).collect();
        let mut new = Vec::new();
        for (serial, b) in &self.buildings {
            if b.is_new {
                let name = names.get(serial).map(String::as_str).unwrap_or_default();
                let area_path = self.project.area_path.as_str();
                new.push(values![b.id, self.project.id, b.code.as_str(), b.serial, name, b.floors, b.has_lift, b.last_house, area_path, "active", self.now]);
            } else {
                tx.conn().exec(GROW, values![b.id, b.floors, b.has_lift, b.last_house]).await?;
            }
        }
        list::insert_all(tx.conn(), "building", BUILDING_COLUMNS, new).await?;
        list::insert_all(tx.conn(), "unit", UNIT_COLUMNS, self.units).await?;
        list::insert_all(tx.conn(), "house", HOUSE_COLUMNS, self.houses).await?;
        list::insert_all(tx.conn(), "ownership", OWNERSHIP_COLUMNS, self.ownerships).await?;
        let area = rows.iter().fold(0_i64, |sum, row| sum.saturating_add(row.area.0));
        tx.conn().exec(COUNT, values![self.project.id, rows.len() as i64, area]).await.map(|_| ())
    }
}

const BUILDING_COLUMNS: &str = "id, project_id, code, serial, name, floors, has_lift, last_house, area_path, state, created_at";
const UNIT_COLUMNS: &str = "id, project_id, building_id, code, serial, name, area_path, state, created_at";
const HOUSE_COLUMNS: &str = "id, project_id, building_id, unit_id, code, registry_no, floor, room, \"use\", nature, area, area_surveyed, area_inner,
    area_shared, has_lift, countable, sale_price, contract_no, standard_code, remarks, area_path, state, version, created_at";
const OWNERSHIP_COLUMNS: &str = "id, house_id, project_id, holder_kind, holder_id, person_id, mode, share_num, share_den, is_main, source,
    from_on, to_on, area_path, created_at";
const GROW: &str = "update building set floors = $2, has_lift = $3, last_house = $4 where id = $1";
const COUNT: &str = "update project set households = households + $2, built_area = built_area + $3, version = version + 1 where id = $1";
