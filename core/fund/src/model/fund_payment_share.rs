//! What one account pays of a payment.
use linli_kernel::{FundAccountId, HouseId, Money, PaymentId, ProjectId};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "fund_payment_share")]
#[scoped(area_path, project_id, house_id)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub payment_id: PaymentId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub house_id: HouseId,
    pub house_code: String,
    pub fund_account_id: FundAccountId,
    /// Negative: a credit.
    pub amount: Money,
    /// JSON, as the entry carries it.
    pub formula: String,
    pub project_id: ProjectId,
    pub area_path: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
