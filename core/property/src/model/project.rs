//! 小区: one management area.
use linli_kernel::{AccountId, Area, CompanyId, ProjectId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 管理方式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ManagementMode {
    /// 物业企业管理
    Company,
    /// 业主自行管理
    #[serde(rename = "self")]
    SelfManaged,
    /// 其他管理人
    OtherManager,
    /// 应急物业
    Emergency,
    /// 失管
    Unmanaged,
}

impl ManagementMode {
    /// Its text in SQL; by hand, since a derived one cannot be called `self`.
    pub const fn code(self) -> &'static str {
        match self {
            ManagementMode::Company => "company",
            ManagementMode::SelfManaged => "self",
            ManagementMode::OtherManager => "other_manager",
            ManagementMode::Emergency => "emergency",
            ManagementMode::Unmanaged => "unmanaged",
        }
    }
    /// The mode of a stored text, which a CHECK holds to the five.
    pub fn of(code: &str) -> ManagementMode {
        let all = [ManagementMode::Company, ManagementMode::SelfManaged, ManagementMode::OtherManager, ManagementMode::Emergency];
        all.into_iter().find(|m| m.code() == code).unwrap_or(ManagementMode::Unmanaged)
    }
}

/// 小区状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ProjectState {
    /// 规划
    Planning,
    /// 前期
    FrontStage,
    /// 正常
    Normal,
    /// 交接
    Transition,
    /// 应急
    Emergency,
    /// 失管
    Unmanaged,
    /// 已注销
    Closed,
}

#[derive(Clone, Debug, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "project")]
#[scoped(area_path, company_id, project_id = "id", owners_read)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProjectId,
    pub code: String,
    pub name: String,
    /// Code of the dictionary `project_kind`.
    pub kind: String,
    pub address: String,
    pub area_code: String,
    pub area_name: String,
    pub area_path: String,
    pub management_mode: String,
    pub company_id: Option<CompanyId>,
    pub developer_id: Option<CompanyId>,
    pub built_area: Area,
    pub households: i64,
    pub state: ProjectState,
    pub version: i64,
    pub created_at: Timestamp,
    pub created_by: Option<AccountId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
