//! 交存: money that a house brings; posted when another person confirmed that it arrived.
use linli_kernel::{
    AccountId, BankAccountId, Date, DepositId, FundAccountId, HouseId, ImportId, Money, PostingId, ProjectId, Timestamp, UseId,
};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a house deposits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum DepositKind {
    /// 首期
    First,
    /// 续交
    Renewal,
    /// 补交或自筹
    Supplement,
}

impl DepositKind {
    /// As in JSON, SQL and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            DepositKind::First => "first",
            DepositKind::Renewal => "renewal",
            DepositKind::Supplement => "supplement",
        }
    }
}

/// State of a deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum DepositState {
    /// 应交
    Due,
    /// 已通知
    Noticed,
    /// 待确认到账
    PaidPending,
    /// 已入账
    Posted,
    /// 已开票
    Receipted,
    /// 免交
    Waived,
    /// 不予确认
    Rejected,
}

impl DepositState {
    /// As in JSON, SQL and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            DepositState::Due => "due",
            DepositState::Noticed => "noticed",
            DepositState::PaidPending => "paid_pending",
            DepositState::Posted => "posted",
            DepositState::Receipted => "receipted",
            DepositState::Waived => "waived",
            DepositState::Rejected => "rejected",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "fund_deposit")]
#[scoped(area_path, project_id, house_id)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DepositId,
    pub no: String,
    pub project_id: ProjectId,
    pub house_id: HouseId,
    pub house_code: String,
    pub fund_account_id: FundAccountId,
    pub kind: DepositKind,
    pub amount: Money,
    pub due: Money,
    pub bank_account_id: BankAccountId,
    pub bank_date: Date,
    pub bank_serial: String,
    pub payer: Option<String>,
    pub receipt_no: Option<String>,
    pub remarks: Option<String>,
    /// The use that a supplement is earmarked for.
    pub use_id: Option<UseId>,
    pub import_id: Option<ImportId>,
    pub import_row: Option<i64>,
    pub state: DepositState,
    pub reason: Option<String>,
    pub posting_id: Option<PostingId>,
    pub posting_no: Option<String>,
    pub code: Option<String>,
    /// The posting (MF28) that reversed it.
    pub corrected_by: Option<PostingId>,
    pub area_path: String,
    pub created_by: Option<AccountId>,
    pub created_at: Timestamp,
    pub confirmed_by: Option<AccountId>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
