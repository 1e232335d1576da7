//! Reading a paper: by its uploader, and by whoever may see one of the things that it is attached to. To others it is not there.
use linli_kernel::{DocumentId, Page, PageQuery, Problem};
use linli_runtime::{Change, Key, Sql, crypto::sha256_hex, values};
use linli_tenants::{ActorKind, Ctx};
use uuid::Uuid;

use super::{COLUMNS, DocumentView, Row, ScanState, attach};
use crate::{DocumentError, perm};

/// A document with its bytes.
#[derive(Clone, Debug)]
pub struct Content {
    pub view: DocumentView,
    pub bytes: Vec<u8>,
}

const LINKS: &str = "select subject_kind, subject_id from document_link where document_id = $1 order by at limit 100";

#[derive(sea_orm::FromQueryResult)]
struct Link {
    subject_kind: String,
    subject_id: Uuid,
}

/// The row for the system itself.
pub(crate) async fn row_of(conn: &impl Sql, id: DocumentId) -> Result<Row, Problem> {
    let sql = format!("select {COLUMNS} from document d where d.id = $1 and d.state <> 'destroyed'");
    conn.row(&sql, values![id]).await?.ok_or_else(Problem::not_found)
}

/// The row, if the actor may read it; 404 like an unknown id otherwise. `conn` may be a transaction that has just written it.
pub(super) async fn readable(ctx: &Ctx, conn: &impl Sql, id: DocumentId) -> Result<Row, Problem> {
    let row = row_of(conn, id).await?;
    let own = row.account_id.is_some() && row.account_id == ctx.actor.account_id;
    if own || ctx.actor.kind == ActorKind::System {
        return Ok(row);
    }
    let links: Vec<Link> = conn.rows(LINKS, values![id]).await?;
    for link in links {
        if let Some(subject) = ctx.app.ports.find_subject(&link.subject_kind)
            && subject.may_see(ctx, link.subject_id).await?
        {
            return Ok(row);
        }
    }
    Err(Problem::not_found())
}

/// 文件 without its bytes.
pub async fn get(ctx: &Ctx, id: DocumentId) -> Result<DocumentView, Problem> {
    ctx.require(perm::DOCUMENT_READ)?;
    Ok(readable(ctx, ctx.conn(), id).await?.into())
}

/// The documents of a thing that the actor may see.
pub async fn list(ctx: &Ctx, subject_kind: &str, subject_id: Uuid, page: PageQuery) -> Result<Page<DocumentView>, Problem> {
    ctx.require(perm::DOCUMENT_READ)?;
    let subject = ctx.app.ports.find_subject(subject_kind).ok_or_else(Problem::not_found)?;
    if !subject.may_see(ctx, subject_id).await? {
        return Err(Problem::not_found());
    }
    attach::page_of(ctx.conn(), subject_kind, subject_id, page).await
}

/// 文件 with its bytes. An official's read is an event of its own (architecture §5.6).
pub async fn content(ctx: &Ctx, id: DocumentId) -> Result<Content, Problem> {
    ctx.require(perm::DOCUMENT_READ)?;
    let row = readable(ctx, ctx.conn(), id).await?;
    let bytes = checked_bytes(ctx, &row).await?;
    if ctx.actor.kind == ActorKind::Official && ctx.tenant.writable {
        ctx.tx("document.read", &Key::default(), async |tx| {
            tx.event(Change::new("document.read", "document", id).data("kind", &row.kind).data("digest", &row.sha256)).await?;
            Ok(())
        })
        .await?;
    }
    Ok(Content { view: row.into(), bytes })
}

/// The bytes for a system that works on the paper for the actor (an import, a flow, a package).
pub async fn bytes(ctx: &Ctx, id: DocumentId) -> Result<Vec<u8>, Problem> {
    let row = readable(ctx, ctx.conn(), id).await?;
    checked_bytes(ctx, &row).await
}

/// Bytes that are missing or of another digest are a defect, told to us and to nobody as a file.
pub(crate) async fn checked_bytes(ctx: &Ctx, row: &Row) -> Result<Vec<u8>, Problem> {
    match row.scan_state {
        ScanState::Clean => {}
        ScanState::Pending | ScanState::Infected | ScanState::Failed => return Err(DocumentError::NotClean {}.into()),
    }
    let found = ctx.app.store.get(ctx.tenant.id, &row.sha256).await?;
    let bytes = found.ok_or_else(|| Problem::internal(format!("document {}: its blob {} is missing", row.id, row.sha256)))?;
    if sha256_hex(&bytes) != row.sha256 {
        return Err(Problem::internal(format!("document {}: its blob {} was altered", row.id, row.sha256)));
    }
    Ok(bytes)
}

/// D1: every document row has its blob with the stated digest. Answers the first that has not.
pub async fn verify(ctx: &Ctx) -> Result<Option<String>, Problem> {
    let mut after = Uuid::nil();
    loop {
        let sql = format!("select {COLUMNS} from document d where d.id > $1 and d.state <> 'destroyed' order by d.id limit 500");
        let rows: Vec<Row> = ctx.conn().rows(&sql, values![after]).await?;
        let Some(last) = rows.last() else { return Ok(None) };
        after = last.id.into();
        for row in rows.iter().filter(|r| r.scan_state == ScanState::Clean) {
            if let Err(problem) = checked_bytes(ctx, row).await {
                return Ok(Some(problem.to_string()));
            }
        }
    }
}
