//! Rows of the append-only books, as they are written and as the proof reads them again.
use linli_kernel::{BankAccountId, Date, FundAccountId, HouseId, Money, PostingId, ProjectId};
use sea_orm::FromQueryResult;

#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct EntryRow {
    pub fund_account_id: FundAccountId,
    pub seq: i64,
    pub posting_id: PostingId,
    pub line: i64,
    pub origin_code: String,
    pub bucket: String,
    pub amount: Money,
    pub balance_after: Money,
    pub summary: String,
    pub formula: Option<String>,
    pub house_id: Option<HouseId>,
    pub project_id: Option<ProjectId>,
    pub area_path: String,
}

#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct BankRow {
    pub posting_id: PostingId,
    pub bank_account_id: BankAccountId,
    pub amount: Money,
    pub bank_date: Date,
    pub bank_serial: String,
}

#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct GlRow {
    pub posting_id: PostingId,
    pub line: i64,
    pub set_code: String,
    pub account_code: String,
    pub project_id: Option<ProjectId>,
    pub bank_account_id: Option<BankAccountId>,
    pub holder_kind: Option<String>,
    pub debit: Money,
    pub credit: Money,
    pub summary: String,
}

pub(crate) const ENTRY_COLUMNS: &str = "e.fund_account_id, e.seq, e.posting_id, e.line, e.origin_code, e.bucket, e.amount, e.balance_after, \
     e.summary, e.formula, e.house_id, e.project_id, e.area_path";
pub(crate) const BANK_COLUMNS: &str = "b.posting_id, b.bank_account_id, b.amount, b.bank_date, b.bank_serial";
pub(crate) const GL_COLUMNS: &str = "g.posting_id, g.line, g.set_code, g.account_code, g.project_id, g.bank_account_id, g.holder_kind, \
     g.debit, g.credit, g.summary";
