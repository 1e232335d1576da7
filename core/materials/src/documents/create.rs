//! Storing a paper: bytes first (a blob without a row is harmless), then row and event in one transaction.
use linli_kernel::{DocumentId, Invalid, Problem};
use linli_runtime::{
    Change, Key, Sql, Tx,
    crypto::{sha256_hex, sm3_hex},
    values,
};
use linli_tenants::{Ctx, dicts};

use super::{DocumentView, MAX_BYTES, ScanState};
use crate::{DocumentError, media, perm};

/// A file as it came in.
#[derive(Clone, Debug, Default)]
pub struct NewFile {
    /// Entry of `document_kind`, code or label.
    pub kind: String,
    /// Empty: the file's name.
    pub title: String,
    pub file_name: String,
    /// As the sender says; `None` when he does not.
    pub media_type: Option<String>,
    pub bytes: Vec<u8>,
}

/// Store a document (文件): checked by its bytes, named by its digests, readable by its uploader until it is attached.
pub async fn create(ctx: &Ctx, key: &Key, file: NewFile) -> Result<DocumentView, Problem> {
    ctx.require(perm::DOCUMENT_CREATE)?;
    if file.bytes.len() > MAX_BYTES {
        return Err(DocumentError::TooLarge {}.into());
    }
    let name = plain_name(&file.file_name);
    let title = if file.title.trim().is_empty() { name.clone() } else { file.title.trim().to_owned() };
    let kind = dicts::code_of(ctx.conn(), "document_kind", &file.kind).await?;
    let mut invalid = Invalid::new();
    invalid.text("/title", &title, 200);
    if kind.is_none() {
        invalid.add("/kind", "not_in_dictionary", "不在文件类别之内", "Not an entry of document_kind");
    }
    invalid.check(!file.bytes.is_empty(), "/file", "required", "请选择文件", "A file is required");
    invalid.done()?;
    let media = media::check(file.media_type.as_deref(), &name, &file.bytes)?;
    let paper = Paper { kind: kind.unwrap_or_default(), title, file_name: name, media_type: media.media_type().into(), state: "stored" };
    let stored = put(ctx, file.bytes).await?;
    ctx.tx("document.create", key, async |tx| insert(ctx, tx, &paper, &stored).await).await
}

/// A paper that a system made itself (a statement, a package), in its own transaction. It has no limit of size.
pub async fn store_internal(
    ctx: &Ctx,
    tx: &Tx,
    kind: &str,
    title: &str,
    media_type: &str,
    bytes: Vec<u8>,
) -> Result<DocumentView, Problem> {
    let extension = media::Media::of_type(media_type).map_or("bin", media::Media::extension);
    let file_name = format!("{}.{extension}", plain_name(title));
    let paper = Paper { kind: kind.into(), title: title.into(), file_name, media_type: media_type.into(), state: "locked" };
    let stored = put(ctx, bytes).await?;
    insert(ctx, tx, &paper, &stored).await
}

struct Paper {
    kind: String,
    title: String,
    file_name: String,
    media_type: String,
    /// `stored`, or `locked` for what nobody may ever replace.
    state: &'static str,
}

struct Stored {
    sha256: String,
    sm3: String,
    size: i64,
}

async fn put(ctx: &Ctx, bytes: Vec<u8>) -> Result<Stored, Problem> {
    let stored = Stored { sha256: sha256_hex(&bytes), sm3: sm3_hex(&bytes), size: bytes.len() as i64 };
    ctx.app.store.put(ctx.tenant.id, &stored.sha256, bytes).await?;
    Ok(stored)
}

const BLOB: &str = "insert into blob (sha256, sm3, size, created_at) values ($1, $2, $3, $4) on conflict (sha256) do nothing";
const DOCUMENT: &str =
    "insert into document (id, kind, title, media_type, file_name, size, sha256, sm3, scan_state, state, account_id, created_at)
                        values ($1, $2, $3, $4, $5, $6, $7, $8, 'clean', $9, $10, $11)";

async fn insert(ctx: &Ctx, tx: &Tx, paper: &Paper, stored: &Stored) -> Result<DocumentView, Problem> {
    let id = DocumentId::new();
    tx.conn().exec(BLOB, values![stored.sha256.as_str(), stored.sm3.as_str(), stored.size, tx.now()]).await?;
    let row = values![
        id,
        paper.kind.as_str(),
        paper.title.as_str(),
        paper.media_type.as_str(),
        paper.file_name.as_str(),
        stored.size,
        stored.sha256.as_str(),
        stored.sm3.as_str(),
        paper.state,
        ctx.actor.account_id,
        tx.now()
    ];
    tx.conn().exec(DOCUMENT, row).await?;
    let change = Change::new("document.stored", "document", id)
        .data("state", paper.state)
        .data("kind", &paper.kind)
        .data("size", stored.size)
        .data("digest", &stored.sha256);
    tx.event(change).await?;
    Ok(DocumentView {
        id,
        kind: paper.kind.clone(),
        title: paper.title.clone(),
        media_type: paper.media_type.clone(),
        file_name: paper.file_name.clone(),
        size: stored.size,
        sha256: stored.sha256.clone(),
        sm3: stored.sm3.clone(),
        scan_state: ScanState::Clean,
        created_at: tx.now(),
    })
}

/// The last part of a path, without what a file system or a header could take for something else.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let plain: String = last.chars().filter(|c| !c.is_control() && !"\"<>|:*?".contains(*c)).take(150).collect();
    let plain = plain.trim().trim_start_matches('.').to_owned();
    if plain.is_empty() { "未命名".into() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::plain_name;

    #[test]
    fn a_file_name_is_never_a_path_or_a_header() {
        for (given, plain) in [
            ("C:\\资料\\合同.pdf", "合同.pdf"),
            ("../../etc/passwd", "passwd"),
            ("a\"b\r\nc.pdf", "abc.pdf"),
            (".hidden", "hidden"),
            ("..", "未命名"),
            ("", "未命名"),
        ] {
            assert_eq!(plain_name(given), plain);
        }
        assert_eq!(plain_name(&"长".repeat(500)).chars().count(), 150);
    }
}
