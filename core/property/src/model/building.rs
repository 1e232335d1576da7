//! 楼栋.
use linli_kernel::{Area, BuildingId, ProjectId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 楼栋、单元状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum BuildingState {
    /// 有效
    Active,
    /// 已注销
    Ended,
}

#[derive(Clone, Debug, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "building")]
#[scoped(area_path, project_id, owners_read)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BuildingId,
    pub project_id: ProjectId,
    pub code: String,
    pub serial: i64,
    pub name: String,
    pub floors: i64,
    pub has_lift: bool,
    pub area_surveyed: Option<Area>,
    /// The last house serial given out in it.
    pub last_house: i64,
    pub area_path: String,
    pub state: BuildingState,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
