//! 业委会/物管会: one committee in one term.
use linli_kernel::{AccountId, CommitteeId, Date, ProjectId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 组织类别.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum CommitteeKind {
    /// 业主委员会
    Owners,
    /// 物业管理委员会
    Interim,
}

/// 业委会状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum CommitteeState {
    /// 已选出
    Elected,
    /// 备案中
    Filing,
    /// 已备案
    Filed,
    /// 留守
    Caretaker,
    /// 届满
    Expired,
    /// 已注销
    Cancelled,
}

#[derive(Clone, Debug, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "committee")]
#[scoped(area_path, project_id, owners_read)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CommitteeId,
    pub no: String,
    pub project_id: ProjectId,
    pub kind: CommitteeKind,
    pub name: String,
    pub term_no: i64,
    pub from_on: Date,
    pub to_on: Date,
    pub seats: i64,
    pub area_path: String,
    pub state: CommitteeState,
    pub version: i64,
    pub created_at: Timestamp,
    pub created_by: Option<AccountId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
