//! 红冲: the request to reverse a wrongly confirmed deposit, decided by another person.
use linli_kernel::{AccountId, DepositId, HouseId, Money, PostingId, ProjectId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::CorrectionId;

/// State of a correction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum CorrectionState {
    /// 待复核
    Submitted,
    /// 已红冲
    Executed,
    /// 不予红冲
    Rejected,
}

impl CorrectionState {
    /// As in JSON, SQL and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            CorrectionState::Submitted => "submitted",
            CorrectionState::Executed => "executed",
            CorrectionState::Rejected => "rejected",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "fund_correction")]
#[scoped(area_path, project_id, house_id)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CorrectionId,
    pub no: String,
    pub deposit_id: DepositId,
    pub posting_id: PostingId,
    pub posting_no: String,
    pub amount: Money,
    pub reason: String,
    pub opinion: Option<String>,
    pub state: CorrectionState,
    pub reversal_no: Option<String>,
    pub project_id: ProjectId,
    pub house_id: HouseId,
    pub area_path: String,
    pub created_by: Option<AccountId>,
    pub created_at: Timestamp,
    pub decided_by: Option<AccountId>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
