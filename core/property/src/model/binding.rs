//! 业主认证: an account's claim to a house. A claim to a house that does not exist has no `house_id`.
use linli_kernel::{AccountId, BindingId, Date, HouseId, PersonId, ProjectId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 认证身份.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum BindingRole {
    /// 业主
    Owner,
    /// 共有人
    CoOwner,
    /// 单位代表
    Representative,
    /// 家庭成员
    Family,
    /// 租户/使用人
    Occupant,
}

/// 认证状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum BindingState {
    /// 申请中
    Applying,
    /// 已认证
    Bound,
    /// 人工核验
    ManualReview,
    /// 未通过
    Rejected,
    /// 已冻结
    Frozen,
    /// 已解除
    Released,
}

#[derive(Clone, Debug, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "binding")]
#[scoped(area_path, person_id)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BindingId,
    pub account_id: AccountId,
    pub person_id: Option<PersonId>,
    pub house_id: Option<HouseId>,
    pub project_id: Option<ProjectId>,
    pub house_code: String,
    pub role: BindingRole,
    pub name_sealed: String,
    pub name_masked: String,
    pub id_type: String,
    pub id_number_sealed: String,
    pub id_number_masked: String,
    pub state: BindingState,
    pub reason: Option<String>,
    pub area_path: String,
    pub from_on: Option<Date>,
    pub until_on: Option<Date>,
    pub decided_by: Option<AccountId>,
    pub decided_at: Option<Timestamp>,
    pub version: i64,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
