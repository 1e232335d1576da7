//! 拨付指令: what the bank is asked to pay, from its making to the bank's answer.
use linli_kernel::{AccountId, BankAccountId, Date, Money, PaymentOrderId, ProjectId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 拟制 → 复核 → 签发 → 发送 → 银行受理 → 已付, or 失败, 退汇, 撤销.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum OrderState {
    Created,
    Checked,
    Signed,
    Sent,
    Accepted,
    Paid,
    Failed,
    Returned,
    Cancelled,
}

/// A step that a person takes on an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderStep {
    Check,
    Sign,
    Send,
    Cancel,
}

impl OrderStep {
    pub const ALL: [OrderStep; 4] = [OrderStep::Check, OrderStep::Sign, OrderStep::Send, OrderStep::Cancel];
    pub const fn text(self) -> &'static str {
        match self {
            OrderStep::Check => "check",
            OrderStep::Sign => "sign",
            OrderStep::Send => "send",
            OrderStep::Cancel => "cancel",
        }
    }
}

impl OrderState {
    /// Every state and the steps of persons that lead on; the bank's answers are in `order::confirm`.
    pub const fn next(self) -> &'static [(OrderStep, OrderState)] {
        match self {
            OrderState::Created => &[(OrderStep::Check, OrderState::Checked), (OrderStep::Cancel, OrderState::Cancelled)],
            OrderState::Checked => &[(OrderStep::Sign, OrderState::Signed), (OrderStep::Cancel, OrderState::Cancelled)],
            OrderState::Signed => &[(OrderStep::Send, OrderState::Sent), (OrderStep::Cancel, OrderState::Cancelled)],
            OrderState::Sent | OrderState::Accepted => &[],
            OrderState::Paid | OrderState::Failed | OrderState::Returned | OrderState::Cancelled => &[],
        }
    }
    pub fn step(self, step: OrderStep) -> Option<OrderState> {
        self.next().iter().find(|(s, _)| *s == step).map(|(_, to)| *to)
    }
    pub const fn zh(self) -> &'static str {
        match self {
            OrderState::Created => "待复核",
            OrderState::Checked => "已复核",
            OrderState::Signed => "已签发",
            OrderState::Sent => "已发送",
            OrderState::Accepted => "银行已受理",
            OrderState::Paid => "已付",
            OrderState::Failed => "失败",
            OrderState::Returned => "退汇",
            OrderState::Cancelled => "已撤销",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "payment_order")]
#[scoped(area_path, project_id, matter)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PaymentOrderId,
    pub order_no: String,
    pub state: OrderState,
    pub payee_name: String,
    pub payee_uscc: Option<String>,
    pub payee_bank: String,
    pub payee_number_sealed: String,
    pub payee_number_masked: String,
    pub bank_account_id: BankAccountId,
    pub amount: Money,
    pub purpose: String,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub maker: Option<AccountId>,
    pub checker: Option<AccountId>,
    pub signer: Option<AccountId>,
    pub sender: Option<AccountId>,
    /// JSON list of `order::Opinion`.
    pub opinions: String,
    pub bank_serial: Option<String>,
    pub bank_date: Option<Date>,
    pub posting_no: Option<String>,
    pub reason: Option<String>,
    pub version: i64,
    pub created_at: Timestamp,
    pub area_path: String,
    pub project_id: Option<ProjectId>,
    pub matter: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
