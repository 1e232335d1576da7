//! 记账: one business event becomes rows of the three books, all or nothing, once for ever.
mod balance;
mod books;
mod code;
mod draft;
pub(crate) mod rows;
pub(crate) mod seal;
mod write;

pub use code::PostingCode;
pub(crate) use draft::total;
pub(crate) use draft::{Draft, Red};
pub(crate) use write::write;

use linli_kernel::{AccountId, BankAccountId, Date, FundAccountId, Money, PostingId, Problem};
use linli_runtime::Tx;
use linli_tenants::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Bucket;

/// A posting to be written. Its source, `<code>:<subject_kind>:<subject_id>`, is posted once for ever: so the subject is the thing
/// that moves money once (a deposit, a payment), and `subject_no` the number that people know (that of the deposit or the use).
#[derive(Clone, Debug)]
pub struct Posting {
    pub code: PostingCode,
    pub pool_code: String,
    /// 起息日期.
    pub value_date: Date,
    /// 到账日期; required with a bank line, not later than today.
    pub bank_date: Option<Date>,
    pub lines: Vec<FundLine>,
    pub bank: Option<BankLine>,
    pub subject_kind: &'static str,
    pub subject_id: Uuid,
    pub subject_no: Option<String>,
    pub maker: Option<AccountId>,
    pub checker: Option<AccountId>,
    /// Set by [`crate::reverse`] only.
    pub reverses: Option<PostingId>,
}

impl Posting {
    /// What may be posted once.
    pub fn source(&self) -> String {
        format!("{}:{}:{}", self.code.text(), self.subject_kind, self.subject_id)
    }
}

/// One movement of one bucket of one fund account: plus a credit, minus a debit.
#[derive(Clone, Debug)]
pub struct FundLine {
    pub fund_account_id: FundAccountId,
    pub bucket: Bucket,
    pub amount: Money,
    /// 摘要, as the owner reads it.
    pub summary: String,
    /// How the amount came about, for the owner: cost, weight, floor, remainder …
    pub formula: Option<serde_json::Value>,
}

/// The movement of the bank account: plus in, minus out. The serial is booked once an account.
#[derive(Clone, Debug)]
pub struct BankLine {
    pub bank_account_id: BankAccountId,
    pub amount: Money,
    pub bank_serial: String,
}

/// What became of a posting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Posted {
    /// Id of the posting.
    pub id: PostingId,
    /// 业务号: `YYYYMMDD` + pool + seven digits.
    #[schema(example = "20261203010000017")]
    pub posting_no: String,
    /// Posting code, `MF01` …
    #[schema(example = "MF14")]
    pub code: PostingCode,
}

/// Writes one posting into the three books. Errors: `fund.insufficient_balance` with the accounts and houses,
/// `fund.account.frozen`, `fund.account.closed`, `ledger.period.closed`, `ledger.posting.duplicate`,
/// `ledger.posting.duplicate_bank_serial`, `ledger.posting.unbalanced` and what says that a name is unknown.
pub async fn post(ctx: &Ctx, tx: &Tx, posting: Posting) -> Result<Posted, Problem> {
    let posted = post_all(ctx, tx, vec![posting]).await?;
    posted.into_iter().next().ok_or_else(|| Problem::internal("a posting came back without its number"))
}

/// As [`post`] for many postings at once, in order and with the same number of statements (imports).
pub async fn post_all(ctx: &Ctx, tx: &Tx, postings: Vec<Posting>) -> Result<Vec<Posted>, Problem> {
    write(tx, &ctx.tenant.area_path, postings.into_iter().map(Draft::of).collect()).await
}

#[cfg(test)]
mod tests;
