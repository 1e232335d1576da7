//! 冻结: an amount of one account that is promised to something.
use linli_kernel::{FundAccountId, HoldId, HouseId, Money, ProjectId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why money is held: 使用, 退款, 司法, 争议, 行政. A judicial hold may be more than there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum HoldKind {
    Use,
    Refund,
    Judicial,
    Dispute,
    Admin,
}

/// `consumed`: paid to the last fen; `released`: given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum HoldState {
    Active,
    Released,
    Consumed,
    Expired,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "hold")]
#[scoped(area_path, project_id, house_id)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HoldId,
    pub fund_account_id: FundAccountId,
    /// What is still held.
    pub amount: Money,
    /// What was held at first.
    pub placed: Money,
    pub kind: HoldKind,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub state: HoldState,
    pub house_id: Option<HouseId>,
    pub project_id: Option<ProjectId>,
    pub area_path: String,
    pub placed_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
