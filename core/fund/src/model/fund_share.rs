//! 分摊: what one house bears of a use.
use linli_kernel::{Area, FundAccountId, HouseId, Money, ProjectId, UseId};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "fund_share")]
#[scoped(area_path, project_id, house_id)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub use_id: UseId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub round: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub house_id: HouseId,
    pub house_code: String,
    pub fund_account_id: FundAccountId,
    pub area: Area,
    pub weight: i64,
    pub floor: Money,
    pub remainder: i64,
    pub share: Money,
    pub from_income: Money,
    pub from_principal: Money,
    pub self_raised: Money,
    /// When it was computed.
    pub available: Money,
    /// JSON of the formula of each item.
    pub parts: String,
    pub final_share: Option<Money>,
    pub paid: Money,
    pub project_id: ProjectId,
    pub area_path: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
