//! 业务事件: one row a posting.
use linli_kernel::{AccountId, Date, Money, PostingId, ProjectId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "posting")]
#[scoped(area_path, project_id)]
pub struct Model {
    #[sea_orm(primary_key)]
    pub serial: i64,
    pub id: PostingId,
    pub posting_no: String,
    pub source: String,
    pub code: String,
    pub origin_code: String,
    pub pool_code: String,
    pub set_code: String,
    pub voucher_code: String,
    pub voucher_kind: String,
    pub accounting_on: Date,
    pub value_date: Date,
    pub bank_date: Option<Date>,
    pub amount: Money,
    pub lines: i64,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub subject_no: Option<String>,
    pub maker: Option<AccountId>,
    pub checker: Option<AccountId>,
    pub reason: Option<String>,
    pub reverses_id: Option<PostingId>,
    pub posted_at: Timestamp,
    pub area_path: String,
    pub project_id: Option<ProjectId>,
    pub seal: String,
    pub journal_seal: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
