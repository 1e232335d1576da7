//! 单位: any organisation with a 统一社会信用代码, by its trades.
use linli_kernel::{AccountId, CompanyId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 企业来源.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Origin {
    /// 本地
    Local,
    /// 外地
    Outside,
}

/// 单位状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum CompanyState {
    /// 草稿
    Draft,
    /// 已提交
    Submitted,
    /// 已登记
    Registered,
    /// 已暂停
    Suspended,
    /// 已注销
    Cancelled,
}

#[derive(Clone, Debug, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "company")]
#[scoped(area_path, company_id = "id")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CompanyId,
    pub name: String,
    pub uscc: String,
    pub legal_rep_sealed: Option<String>,
    pub legal_rep_masked: Option<String>,
    pub origin: Origin,
    /// JSON list of codes of the dictionary `trade`.
    pub trades: String,
    pub area_code: String,
    pub area_path: String,
    pub state: CompanyState,
    pub version: i64,
    pub created_at: Timestamp,
    pub created_by: Option<AccountId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
