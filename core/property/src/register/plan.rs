//! The rows that a house table becomes, in the order of the table: serials and codes are given here.
use std::collections::{BTreeMap, HashMap};

use linli_kernel::{BuildingId, Date, HouseId, OwnershipId, PersonId, Problem, Timestamp, UnitId};
use linli_runtime::{Sql, Tx, values};
use sea_orm::Value;
use uuid::Uuid;

use super::{CreatedHouse, Existing, HouseRow, RegisterError};
use crate::{codes, list, model::project};

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

/// The rows to be written, table by table.
pub(super) struct Plan<'a> {
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
    pub(super) fn new(project: &'a project::Model, known: Existing, now: Timestamp) -> Plan<'a> {
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

    pub(super) fn new_units(&self) -> i64 {
        self.units.len() as i64
    }

    pub(super) fn new_buildings(&self) -> i64 {
        self.buildings.values().filter(|b| b.is_new).count() as i64
    }

    fn building(&mut self, name: &str) -> Result<&mut Building, Problem> {
        let serial = match self.building_serials.get(name) {
            Some(serial) => *serial,
            None => {
                let serial = self.buildings.keys().next_back().copied().unwrap_or(0) + 1;
                let code = codes::building(&self.project.code, serial).ok_or(RegisterError::CodesUsedUp)?;
                let row =
                    Building { id: BuildingId::new(), code, last_house: 0, units: 0, floors: 0, has_lift: false, is_new: true, serial };
                self.buildings.insert(serial, row);
                self.building_serials.insert(name.to_owned(), serial);
                serial
            }
        };
        self.buildings.get_mut(&serial).ok_or_else(|| Problem::internal("a building just planned is away"))
    }

    pub(super) fn house(&mut self, row: &HouseRow) -> Result<CreatedHouse, Problem> {
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
                self.units.push(values![
                    id,
                    project_id,
                    building_id,
                    unit_code,
                    serial,
                    row.unit.as_str(),
                    area_path.as_str(),
                    "active",
                    now
                ]);
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

    pub(super) fn ownership(&mut self, house: &CreatedHouse, kind: &str, holder: Uuid, person: Option<PersonId>, from: Date) {
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

    pub(super) async fn write(self, tx: &Tx, rows: &[HouseRow]) -> Result<(), Problem> {
        let names: HashMap<i64, String> = self.building_serials.into_iter().map(|(name, serial)| (serial, name)).collect();
        let mut new = Vec::new();
        for (serial, b) in &self.buildings {
            if b.is_new {
                let name = names.get(serial).map(String::as_str).unwrap_or_default();
                let area_path = self.project.area_path.as_str();
                new.push(values![
                    b.id,
                    self.project.id,
                    b.code.as_str(),
                    b.serial,
                    name,
                    b.floors,
                    b.has_lift,
                    b.last_house,
                    area_path,
                    "active",
                    self.now
                ]);
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
const HOUSE_COLUMNS: &str =
    "id, project_id, building_id, unit_id, code, registry_no, floor, room, \"use\", nature, area, area_surveyed, area_inner,
    area_shared, has_lift, countable, sale_price, contract_no, standard_code, remarks, area_path, state, version, created_at";
const OWNERSHIP_COLUMNS: &str = "id, house_id, project_id, holder_kind, holder_id, person_id, mode, share_num, share_den, is_main, source,
    from_on, to_on, area_path, created_at";
const GROW: &str = "update building set floors = $2, has_lift = $3, last_house = $4 where id = $1";
const COUNT: &str = "update project set households = households + $2, built_area = built_area + $3, version = version + 1 where id = $1";
