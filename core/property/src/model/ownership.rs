//! 产权: who holds a house, from when to when. Owners have no table of their own.
use linli_kernel::{Date, HouseId, OwnershipId, PersonId, ProjectId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 主体类别.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum PartyKind {
    /// 自然人
    Person,
    /// 单位
    Company,
    /// 业委会
    Committee,
    /// 业主大会
    Assembly,
    /// 政府
    Government,
}

/// 产权方式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Mode {
    /// 单独所有
    Sole,
    /// 共同共有
    Joint,
    /// 按份共有
    ByShare,
}

#[derive(Clone, Debug, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "ownership")]
#[scoped(area_path, project_id, house_id, person_id)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OwnershipId,
    pub house_id: HouseId,
    pub project_id: ProjectId,
    pub holder_kind: PartyKind,
    pub holder_id: Uuid,
    pub person_id: Option<PersonId>,
    pub mode: Mode,
    pub share_num: i64,
    pub share_den: i64,
    pub is_main: bool,
    pub source: String,
    pub from_on: Date,
    /// `None`: in force.
    pub to_on: Option<Date>,
    pub area_path: String,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
