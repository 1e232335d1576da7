//! What can be done with a paper. Every read goes through [`read::readable`].
mod attach;
mod create;
mod read;

pub use attach::{attach, list_of};
pub(crate) use attach::{link as attach_link, rows_of};
pub use create::{NewFile, create, store_internal};
pub use read::{Content, bytes, content, get, list, verify};
pub(crate) use read::{checked_bytes, row_of};

pub use crate::archive::archive;

use linli_kernel::{AccountId, DocumentId, Timestamp};
use sea_orm::{DeriveActiveEnum, EnumIter, FromQueryResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Bytes of an upload, at most.
pub const MAX_BYTES: usize = 8 << 20;

/// Whether the bytes were checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum ScanState {
    Pending,
    Clean,
    Infected,
    Failed,
}

/// 文件 as shown to its readers.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize, Deserialize, ToSchema)]
pub struct DocumentView {
    pub id: DocumentId,
    /// Entry of the dictionary `document_kind`.
    #[schema(example = "contract")]
    pub kind: String,
    #[schema(example = "电梯大修施工合同")]
    pub title: String,
    #[schema(example = "application/pdf")]
    pub media_type: String,
    #[schema(example = "contract.pdf")]
    pub file_name: String,
    /// Bytes.
    #[schema(example = 20480)]
    pub size: i64,
    /// 64 hexadecimal digits.
    pub sha256: String,
    /// 64 hexadecimal digits.
    pub sm3: String,
    pub scan_state: ScanState,
    pub created_at: Timestamp,
}

/// A document's row.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Row {
    pub id: DocumentId,
    kind: String,
    pub title: String,
    media_type: String,
    pub file_name: String,
    size: i64,
    sha256: String,
    sm3: String,
    scan_state: ScanState,
    created_at: Timestamp,
    account_id: Option<AccountId>,
}

const COLUMNS: &str = "d.id, d.kind, d.title, d.media_type, d.file_name, d.size, d.sha256, d.sm3, d.scan_state, d.created_at, d.account_id";

impl From<Row> for DocumentView {
    fn from(row: Row) -> DocumentView {
        DocumentView {
            id: row.id,
            kind: row.kind,
            title: row.title,
            media_type: row.media_type,
            file_name: row.file_name,
            size: row.size,
            sha256: row.sha256,
            sm3: row.sm3,
            scan_state: row.scan_state,
            created_at: row.created_at,
        }
    }
}

#[cfg(test)]
mod tests;
