//! 交存标准: how much a house deposits, from when, by which document.
use linli_kernel::{AccountId, Date, Money, StandardId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::due::Basis;

/// Class of the building.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum BuildingClass {
    /// 有电梯
    Lift,
    /// 无电梯
    Stairs,
}

impl BuildingClass {
    /// As in JSON, SQL and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            BuildingClass::Lift => "lift",
            BuildingClass::Stairs => "stairs",
        }
    }
}

/// State of a standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum StandardState {
    /// 待复核
    Draft,
    /// 执行中
    Active,
    /// 已停用
    Ended,
}

impl StandardState {
    /// As in JSON, SQL and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            StandardState::Draft => "draft",
            StandardState::Active => "active",
            StandardState::Ended => "ended",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "fund_standard")]
#[scoped(shared = "published amounts that hold for everybody in the city")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StandardId,
    pub code: String,
    pub area_code: String,
    pub area_path: String,
    pub nature: String,
    pub building_class: BuildingClass,
    pub basis: Basis,
    /// Yuan for each m², or percent of the price.
    pub value: Money,
    pub from_on: Date,
    pub to_on: Option<Date>,
    pub document_no: String,
    pub state: StandardState,
    pub created_by: Option<AccountId>,
    pub created_at: Timestamp,
    pub approved_by: Option<AccountId>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
