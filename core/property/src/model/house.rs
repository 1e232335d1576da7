//! 房屋: one exclusive part (专有部分).
use linli_kernel::{Area, BuildingId, Date, HouseId, Money, ProjectId, Timestamp, UnitId};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 房屋状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum HouseState {
    /// 预售
    Presale,
    /// 已售
    Sold,
    /// 已交付
    Delivered,
    /// 已登记
    Registered,
    /// 已分割
    Split,
    /// 已合并
    Merged,
    /// 已灭失
    Destroyed,
}

#[derive(Clone, Debug, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "house")]
#[scoped(area_path, project_id, house_id = "id")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HouseId,
    pub project_id: ProjectId,
    pub building_id: BuildingId,
    pub unit_id: UnitId,
    pub code: String,
    pub registry_no: Option<String>,
    pub floor: i64,
    pub room: String,
    #[sea_orm(column_name = "use")]
    pub use_: String,
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
    pub sale_price: Option<Money>,
    pub contract_no: Option<String>,
    pub standard_code: Option<String>,
    pub remarks: Option<String>,
    pub delivered_on: Option<Date>,
    pub area_path: String,
    pub state: HouseState,
    pub version: i64,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
