//! 导入: a table that a clerk brings, checked in a dry run, committed by another person.
use linli_kernel::{AccountId, BankAccountId, Date, DocumentId, ImportId, JobId, Money, ProjectId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which table it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[sea_orm(rs_type = "String", db_type = "Text")]
pub enum Template {
    /// 房屋上报
    #[sea_orm(string_value = "T1")]
    T1,
    /// 批量交存
    #[sea_orm(string_value = "T2")]
    T2,
}

impl Template {
    /// As in JSON, SQL and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Template::T1 => "T1",
            Template::T2 => "T2",
        }
    }
}

/// What happens to the good rows of a table with errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum RowPolicy {
    /// 整表通过才导入
    All,
    /// 只导入无误的行
    GoodRows,
}

impl RowPolicy {
    /// As in JSON, SQL and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            RowPolicy::All => "all",
            RowPolicy::GoodRows => "good_rows",
        }
    }
}

/// State of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ImportState {
    /// 检查中
    Checking,
    /// 已检查
    Checked,
    /// 导入中
    Committing,
    /// 已导入
    Committed,
    /// 失败
    Failed,
    /// 已取消
    Cancelled,
}

impl ImportState {
    /// As in JSON, SQL and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            ImportState::Checking => "checking",
            ImportState::Checked => "checked",
            ImportState::Committing => "committing",
            ImportState::Committed => "committed",
            ImportState::Failed => "failed",
            ImportState::Cancelled => "cancelled",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "data_import")]
#[scoped(area_path)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ImportId,
    pub template: Template,
    pub document_id: DocumentId,
    pub project_id: Option<ProjectId>,
    pub bank_account_id: Option<BankAccountId>,
    pub business_date: Date,
    pub row_policy: RowPolicy,
    pub state: ImportState,
    pub rows: i64,
    pub ok_rows: i64,
    pub error_rows: i64,
    pub warning_rows: i64,
    /// JSON of what a house table made.
    pub created: Option<String>,
    pub posted: i64,
    pub amount: Money,
    /// Why the whole file could not be read or written.
    pub failure: Option<String>,
    pub job_id: Option<JobId>,
    pub area_path: String,
    pub created_by: Option<AccountId>,
    pub created_at: Timestamp,
    pub committed_by: Option<AccountId>,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
