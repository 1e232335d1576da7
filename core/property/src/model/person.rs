//! 自然人: one row for a human in a tenant, for life.
use linli_kernel::{AccountId, PersonId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 自然人状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum PersonState {
    /// 有效
    Active,
    /// 已并入另一人
    Merged,
    /// 已故
    Deceased,
}

#[derive(Clone, Debug, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "person")]
#[scoped(person_id = "id")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PersonId,
    pub id_type: String,
    pub name_sealed: String,
    pub name_masked: String,
    pub id_number_sealed: String,
    pub id_number_masked: String,
    pub id_number_index: String,
    pub mobile_sealed: Option<String>,
    pub mobile_masked: Option<String>,
    pub mobile_index: Option<String>,
    /// When an identity paper was checked; `None`: only stated.
    pub verified_at: Option<Timestamp>,
    pub evidence: Option<String>,
    pub state: PersonState,
    pub version: i64,
    pub created_at: Timestamp,
    pub created_by: Option<AccountId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
