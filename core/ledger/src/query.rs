//! Scoped reads: accounts with their entries, holds, postings, the chart and its lines.
mod accounts;
mod books;
mod holds;
mod postings;

pub use accounts::{
    AccountQuery, EntryFormat, EntryPage, EntryQuery, FundAccountView, FundEntryView, account, accounts, entries, entries_file,
};
pub use books::{
    GlAccountView, GlLinePage, GlLineQuery, GlLineView, LedgerSetView, PeriodView, PoolView, gl_accounts, gl_lines, periods, pools, sets,
};
pub use holds::{HoldQuery, HoldView, holds};
pub use postings::{PostingFundLine, PostingGlLine, PostingQuery, PostingView, posting, postings};
