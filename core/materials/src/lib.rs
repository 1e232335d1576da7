//! 文件: papers that are stored once, named by content, attached to the things they prove, and shown to those who may see these.
//!
//! Enter at `documents`: one file is one thing a person or a system can do with a paper.
//! Invariant: a document is attached only by who may read it; its readers are its uploader and the readers of those things.
//! Invariant: bytes leave only when their digest is that of the row.
//! Absent on purpose: what a paper means (the systems know), material catalogues and licences (they come with their own issue).
mod archive;
pub mod documents;
mod error;
mod http;
mod media;
pub mod perm;

pub use archive::{ArchiveFile, ArchiveView};
pub use documents::{DocumentView, ScanState};
pub use error::DocumentError;
pub use http::routes;
