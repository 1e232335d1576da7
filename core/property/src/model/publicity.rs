//! 公示: a posting with start, end and objections, in a case.
use linli_kernel::{AccountId, Date, ProjectId, PublicityId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 公示状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum PublicityState {
    /// 公示中
    Open,
    /// 有异议待答复
    Objected,
    /// 已结束
    Ended,
}

#[derive(Clone, Debug, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "publicity")]
#[scoped(area_path, project_id, owners_read)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PublicityId,
    pub no: String,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub title: String,
    pub project_id: ProjectId,
    pub area_path: String,
    pub from_on: Date,
    /// The last day on which an objection is taken.
    pub until_on: Date,
    pub places: String,
    pub document_ids: String,
    pub body: String,
    pub state: PublicityState,
    pub version: i64,
    pub created_at: Timestamp,
    pub created_by: Option<AccountId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
