//! Attaching papers to the thing that they prove, in the thing's own transaction.
use linli_kernel::{DocumentId, Page, PageQuery, Problem};
use linli_runtime::{Sql, Tx, values};
use linli_tenants::Ctx;
use uuid::Uuid;

use super::{COLUMNS, DocumentView, Row, ScanState, read::readable};
use crate::DocumentError;

const LINK: &str = "insert into document_link (document_id, subject_kind, subject_id, account_id, at) values ($1, $2, $3, $4, $5)
                    on conflict (document_id, subject_kind, subject_id) do nothing";

/// Attaches documents that the actor may read; 404 for any other, so that nobody opens a paper by attaching it.
pub async fn attach(ctx: &Ctx, tx: &Tx, ids: &[DocumentId], subject_kind: &str, subject_id: impl Into<Uuid>) -> Result<(), Problem> {
    let subject_id = subject_id.into();
    for id in ids {
        let row = readable(ctx, tx.conn(), *id).await?;
        if row.scan_state != ScanState::Clean {
            return Err(DocumentError::NotClean {}.into());
        }
        link(ctx, tx, *id, subject_kind, subject_id).await?;
    }
    Ok(())
}

/// Without the question who may read it: for papers that the system itself made just now.
pub(crate) async fn link(ctx: &Ctx, tx: &Tx, id: DocumentId, subject_kind: &str, subject_id: Uuid) -> Result<(), Problem> {
    tx.conn().exec(LINK, values![id, subject_kind, subject_id, ctx.actor.account_id, tx.now()]).await?;
    Ok(())
}

const COUNT: &str = "select count(*) as v from (select 1 from document_link where subject_kind = $1 and subject_id = $2 limit 10001) t";

fn of_subject() -> String {
    format!(
        "select {COLUMNS} from document d join document_link l on l.document_id = d.id
         where l.subject_kind = $1 and l.subject_id = $2 and d.state <> 'destroyed' order by l.at, d.id limit $3 offset $4"
    )
}

pub(super) async fn page_of(conn: &impl Sql, kind: &str, id: Uuid, page: PageQuery) -> Result<Page<DocumentView>, Problem> {
    let rows: Vec<Row> = conn.rows(&of_subject(), values![kind, id, page.limit() as i64, page.offset() as i64]).await?;
    let count: Option<i64> = conn.scalar(COUNT, values![kind, id]).await?;
    Ok(Page::new(rows.into_iter().map(DocumentView::from).collect(), count.unwrap_or(0)))
}

/// Papers of one thing, at most; more is a thing of another kind.
const MOST: i64 = 500;

/// The documents of a thing, for its own view. The caller has checked that the actor may see the thing.
pub async fn list_of(_ctx: &Ctx, conn: &impl Sql, subject_kind: &str, subject_id: impl Into<Uuid>) -> Result<Vec<DocumentView>, Problem> {
    Ok(rows_of(conn, subject_kind, subject_id.into()).await?.into_iter().map(DocumentView::from).collect())
}

pub(crate) async fn rows_of(conn: &impl Sql, subject_kind: &str, subject_id: Uuid) -> Result<Vec<Row>, Problem> {
    conn.rows(&of_subject(), values![subject_kind, subject_id, MOST, 0_i64]).await
}
