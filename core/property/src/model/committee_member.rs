//! 委员: an owner with a duty in a committee.
use linli_kernel::{CommitteeId, Date, HouseId, PersonId};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 职务.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Duty {
    /// 主任
    Chair,
    /// 副主任
    ViceChair,
    /// 委员
    Member,
    /// 候补委员
    Alternate,
}

#[derive(Clone, Debug, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "committee_member")]
#[scoped(person_id)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub committee_id: CommitteeId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: PersonId,
    pub house_id: HouseId,
    pub duty: Duty,
    pub from_on: Date,
    pub to_on: Option<Date>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
