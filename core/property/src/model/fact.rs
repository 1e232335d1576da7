//! 事实: what one system tells the others, with two times: true from, known from.
use linli_kernel::{CompanyId, Date, EventId, ProjectId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "fact")]
#[scoped(area_path, company_id, project_id)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub name: String,
    /// JSON; `None` ends the fact.
    pub value: Option<String>,
    pub valid_from: Date,
    pub known_from: Timestamp,
    pub event_id: EventId,
    pub area_path: Option<String>,
    pub company_id: Option<CompanyId>,
    pub project_id: Option<ProjectId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
