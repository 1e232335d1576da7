//! 单元: a staircase of a building.
use linli_kernel::{BuildingId, ProjectId, Timestamp, UnitId};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;

use super::building::BuildingState;

#[derive(Clone, Debug, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "unit")]
#[scoped(area_path, project_id, owners_read)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UnitId,
    pub project_id: ProjectId,
    pub building_id: BuildingId,
    pub code: String,
    pub serial: i64,
    pub name: String,
    pub area_path: String,
    pub state: BuildingState,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
