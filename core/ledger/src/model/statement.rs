//! 对账单: one day's file of the bank.
use linli_kernel::{AccountId, BankAccountId, Date, DocumentId, Money, StatementId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `quarantined`: something in the file does not fit, so none of it was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum StatementState {
    Checking,
    Imported,
    Quarantined,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "statement")]
#[scoped(area_path, matter)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: StatementId,
    pub bank_account_id: BankAccountId,
    pub document_id: DocumentId,
    pub state: StatementState,
    pub day: Option<Date>,
    pub file_seq: Option<i64>,
    pub opening: Option<Money>,
    pub closing: Option<Money>,
    pub line_count: i64,
    pub digest: Option<String>,
    /// JSON list of `statement::LineProblem`.
    pub problems: String,
    pub maker: Option<AccountId>,
    pub created_at: Timestamp,
    pub area_path: String,
    pub matter: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
