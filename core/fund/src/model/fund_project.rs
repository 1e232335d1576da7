//! 小区资金设置: the fund side of a project.
use linli_kernel::{AccountId, BankAccountId, CompanyId, ProjectId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who keeps the money: the office in trust (代管) or the owners' assembly (自行管理).
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Management {
    /// 代管
    Trust,
    /// 自行管理
    #[serde(rename = "self")]
    SelfManaged,
}

impl Management {
    /// As in JSON, SQL and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Management::Trust => "trust",
            Management::SelfManaged => "self",
        }
    }
}

/// State of a project's fund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum FundState {
    /// 待登记
    Planned,
    /// 已登记
    Registered,
    /// 已开户
    Active,
    /// 已划转自管
    SelfManaged,
    /// 已撤销
    Closed,
}

impl FundState {
    /// As in JSON, SQL and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            FundState::Planned => "planned",
            FundState::Registered => "registered",
            FundState::Active => "active",
            FundState::SelfManaged => "self_managed",
            FundState::Closed => "closed",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "fund_project")]
#[scoped(area_path, company_id, project_id, owners_read)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub project_id: ProjectId,
    pub project_code: String,
    pub project_name: String,
    pub pool_code: String,
    pub bank_account_id: BankAccountId,
    pub management: Management,
    pub state: FundState,
    pub area_path: String,
    pub company_id: Option<CompanyId>,
    pub created_by: Option<AccountId>,
    pub created_at: Timestamp,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
