//! 归档: all papers of a finished case as one package that never changes: a ZIP with an `index.json` that names each file's digests.
use std::io::{Cursor, Write};

use linli_kernel::{DocumentId, Problem};
use linli_runtime::{
    Tx,
    crypto::{sha256_hex, sm3_hex},
};
use linli_tenants::Ctx;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use crate::documents::{attach_link, checked_bytes, row_of, rows_of, store_internal};

/// Something that goes into the package besides the papers attached to the subject.
#[derive(Clone, Debug)]
pub enum ArchiveFile {
    /// A paper of another thing of the same case (its vote, its publicity).
    Document(DocumentId),
    /// Made for the package: the share table, the timeline.
    Made { name: String, bytes: Vec<u8> },
}

/// 归档包
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ArchiveView {
    pub document_id: DocumentId,
    pub sha256: String,
    pub sm3: String,
    /// Files in the package, `index.json` not counted.
    #[schema(example = 14)]
    pub files: i64,
}

/// One file of the package.
#[derive(Clone, Debug)]
struct Entry {
    path: String,
    title: String,
    document_id: Option<DocumentId>,
    bytes: Vec<u8>,
}

/// Packs the papers attached to the subject, and `files`, with `manifest` (what the case was) into one locked document that is
/// attached to the subject as well.
pub async fn archive(
    ctx: &Ctx,
    tx: &Tx,
    subject_kind: &str,
    subject_id: impl Into<Uuid>,
    title: &str,
    manifest: Value,
    files: Vec<ArchiveFile>,
) -> Result<ArchiveView, Problem> {
    let subject_id = subject_id.into();
    let mut rows = rows_of(tx.conn(), subject_kind, subject_id).await?;
    let mut made = Vec::new();
    for file in files {
        match file {
            ArchiveFile::Document(id) if rows.iter().any(|row| row.id == id) => {}
            ArchiveFile::Document(id) => rows.push(row_of(tx.conn(), id).await?),
            ArchiveFile::Made { name, bytes } => made.push((name, bytes)),
        }
    }
    let mut entries = Vec::with_capacity(rows.len() + made.len());
    for (n, row) in rows.iter().enumerate() {
        entries.push(Entry {
            path: format!("papers/{:03}-{}", n + 1, row.file_name),
            title: row.title.clone(),
            document_id: Some(row.id),
            bytes: checked_bytes(ctx, row).await?,
        });
    }
    for (name, bytes) in made {
        entries.push(Entry { path: format!("made/{name}"), title: name, document_id: None, bytes });
    }
    let count = entries.len() as i64;
    let subject = format!("{subject_kind}/{subject_id}");
    let sealed_at = tx.now().to_string();
    let pack = move || pack(&subject, &sealed_at, manifest, &entries);
    let package = tokio::task::spawn_blocking(pack).await.map_err(Problem::internal)??;
    let view = store_internal(ctx, tx, "export", title, "application/zip", package).await?;
    attach_link(ctx, tx, view.id, subject_kind, subject_id).await?;
    Ok(ArchiveView { document_id: view.id, sha256: view.sha256, sm3: view.sm3, files: count })
}

/// The same papers make the same bytes: no time of the machine, no order of chance.
fn pack(subject: &str, sealed_at: &str, manifest: Value, entries: &[Entry]) -> Result<Vec<u8>, Problem> {
    let index = json!({
        "form": "linli-archive-1",
        "subject": subject,
        "sealed_at": sealed_at,
        "case": manifest,
        "files": entries.iter().map(|e| json!({
            "path": e.path,
            "title": e.title,
            "document_id": e.document_id,
            "size": e.bytes.len(),
            "sha256": sha256_hex(&e.bytes),
            "sm3": sm3_hex(&e.bytes),
        })).collect::<Vec<_>>(),
    });
    let index = serde_json::to_vec_pretty(&index).map_err(Problem::internal)?;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
    let whole = std::iter::once(("index.json", index.as_slice())).chain(entries.iter().map(|e| (e.path.as_str(), e.bytes.as_slice())));
    for (path, bytes) in whole {
        // Pictures and PDFs are packed already.
        let packed = [".png", ".jpg", ".jpeg", ".pdf", ".zip", ".xlsx"].iter().any(|end| path.to_ascii_lowercase().ends_with(end));
        let method = if packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        zip.start_file(path, options.compression_method(method)).map_err(Problem::internal)?;
        zip.write_all(bytes).map_err(Problem::internal)?;
    }
    Ok(zip.finish().map_err(Problem::internal)?.into_inner())
}

#[cfg(test)]
mod tests;
