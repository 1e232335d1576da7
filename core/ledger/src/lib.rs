//! 账: the three books of the maintenance fund and the only way money moves.
//!
//! * 业务账: `fund_account` with its `fund_entry` rows, what each household has;
//! * 资金账: `bank_account` with its `bank_entry` rows, what the bank should hold;
//! * 财务账: `gl_account` with its `gl_line` rows, what the statements say.
//!
//! [`post`] writes all three in the caller's transaction, once for ever per thing posted ([`Posting::source`]). Rows are never
//! changed; an error is mended by [`reverse`] (红冲, MF28). Holds (冻结) lower what is available and move no money. A payment
//! order (拨付指令) is posted when the bank confirms it, never before. Voucher numbers come later, from [`number_vouchers`].
//! [`proof`] proves L1 to L9.
//!
//! Absent on purpose: what a deposit or a use is (fund), running totals that every posting would update, change of an entry.
extern crate self as linli_ledger;

pub mod accounts;
pub mod bank_accounts;
#[doc(hidden)]
pub mod bench;
mod bulk;
pub mod error;
pub mod holds;
mod install;
pub mod model;
pub mod order;
mod period;
pub mod perm;
mod post;
pub mod proof;
pub mod query;
mod reverse;
mod routes;
pub mod statement;
pub mod sums;
mod voucher;

pub use accounts::{DebitOrder, NewAccount, debit_split};
pub use error::LedgerError;
pub use install::install_pack;
pub use model::{AccountKind, AccountState, Bucket, FundAccount, HoldKind, HoldState};
pub use order::{self as orders, BankSimulator};
pub use period::is_closed;
pub use post::{BankLine, FundLine, Posted, Posting, PostingCode, post, post_all};
pub use reverse::reverse;
pub use routes::routes;
pub use statement::{FileSource, Files, SourceFile, StatementImport};
pub use voucher::{number, number_vouchers};

#[cfg(test)]
mod testing;
