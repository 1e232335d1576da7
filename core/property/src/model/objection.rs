//! 异议: what an owner says against a publicity, and the answer.
use linli_kernel::{AccountId, ObjectionId, PersonId, ProjectId, PublicityId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 异议状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ObjectionState {
    /// 待答复
    Open,
    /// 已答复
    Answered,
    /// 异议成立
    Upheld,
}

#[derive(Clone, Debug, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "objection")]
#[scoped(area_path, project_id, person_id)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ObjectionId,
    pub publicity_id: PublicityId,
    pub project_id: ProjectId,
    pub area_path: String,
    pub account_id: AccountId,
    pub person_id: Option<PersonId>,
    pub text: String,
    pub answer: Option<String>,
    pub answered_by: Option<AccountId>,
    pub answered_at: Option<Timestamp>,
    pub state: ObjectionState,
    pub created_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
