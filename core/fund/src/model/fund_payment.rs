//! 付款: a request to pay the contractor; the bank's confirmation posts it.
use linli_kernel::{AccountId, Date, Money, PaymentId, PaymentOrderId, ProjectId, Timestamp, UseId};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Kind of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum PaymentKind {
    /// 预付款
    Advance,
    /// 进度款
    Progress,
    /// 结算款
    Final,
    /// 质保金
    Retention,
    /// 施工单位退回
    Refund,
}

impl PaymentKind {
    /// As in JSON, SQL and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            PaymentKind::Advance => "advance",
            PaymentKind::Progress => "progress",
            PaymentKind::Final => "final",
            PaymentKind::Retention => "retention",
            PaymentKind::Refund => "refund",
        }
    }
}

/// State of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum PaymentState {
    /// 待银行确认
    Created,
    /// 已付
    Paid,
    /// 未付成
    Failed,
}

impl PaymentState {
    /// As in JSON, SQL and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            PaymentState::Created => "created",
            PaymentState::Paid => "paid",
            PaymentState::Failed => "failed",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "fund_payment")]
#[scoped(area_path, project_id)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PaymentId,
    pub use_id: UseId,
    pub kind: PaymentKind,
    pub amount: Money,
    pub state: PaymentState,
    pub payment_order_id: Option<PaymentOrderId>,
    pub order_no: Option<String>,
    pub bank_date: Option<Date>,
    pub bank_serial: Option<String>,
    pub posting_no: Option<String>,
    pub reason: Option<String>,
    pub project_id: ProjectId,
    pub area_path: String,
    pub created_by: Option<AccountId>,
    pub created_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
