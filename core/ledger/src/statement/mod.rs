//! 对账单: the bank's file of one day, taken whole or not at all. A break anywhere puts it into quarantine with every problem named.
mod file;
mod import;
mod query;

pub use file::LineProblem;
pub use import::{FileSource, Files, SourceFile, StatementCreate, StatementImport, StatementStarted, StatementStartedView, create};
pub use query::{StatementLineQuery, StatementLineView, StatementQuery, StatementView, get, lines, list};
