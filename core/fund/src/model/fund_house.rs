//! 纳入户: a house that counts for the fund, its account and its first amount due.
use linli_kernel::{Area, BuildingId, FundAccountId, HouseId, Money, ProjectId, StandardId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "fund_house")]
#[scoped(area_path, project_id, house_id)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub house_id: HouseId,
    pub house_code: String,
    pub project_id: ProjectId,
    pub building_id: BuildingId,
    pub fund_account_id: FundAccountId,
    /// As at the import; what a cost weighs is asked of the register.
    pub area: Area,
    /// 首期应交额.
    pub due: Money,
    pub standard_id: Option<StandardId>,
    pub area_path: String,
    pub created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
