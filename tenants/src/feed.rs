//! 事件 and 审计: the numbered feed, its signed checkpoints, and the proof that nothing was changed.
use linli_kernel::Problem;
use linli_runtime::{
    Change, Key, Sql,
    audit::{self, Checkpoint, CheckpointKey, CheckpointView, Verification},
    values,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{Ctx, ScopeColumns, perm};

/// The columns of `event` that say whose it is.
const COLUMNS: ScopeColumns = ScopeColumns {
    area_path: Some("area_path"),
    company_id: Some("company_id"),
    project_id: Some("project_id"),
    house_id: Some("house_id"),
    person_id: Some("person_id"),
    ..ScopeColumns::NONE
};

/// `?after=` and `?limit=` of a feed that programs read.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FeedQuery {
    /// `0` begins; then `next` of the answer before.
    #[param(example = "0")]
    pub after: Option<String>,
    /// At most 1,000, default 100.
    #[param(minimum = 1, maximum = 1000, example = 100)]
    pub limit: Option<u64>,
}

/// One page of the event feed, in order.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EventFeed {
    /// CloudEvents 1.0 objects; `seq` only for readers of the whole tenant.
    #[schema(value_type = Vec<Object>)]
    pub items: Vec<Value>,
    /// Where the next page begins; opaque.
    #[schema(example = "100")]
    pub next: String,
}

/// One page of signed heads, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CheckpointList {
    pub items: Vec<CheckpointView>,
}

/// The range to verify; everything when left out.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditVerify {
    #[serde(default)]
    #[schema(example = 1)]
    pub from_seq: Option<i64>,
    #[serde(default)]
    #[schema(example = 100)]
    pub to_seq: Option<i64>,
}

/// All events of the tenant, for those who audit.
pub async fn audit_events(ctx: &Ctx, query: &FeedQuery) -> Result<EventFeed, Problem> {
    ctx.require(perm::AUDIT_EVENT_READ)?;
    // the audit administrator has no scope of rows: the log itself is his
    let whole = ctx.actor.role == "audit_admin" || ctx.scope.is_tenant();
    page(ctx, query, whole).await
}

/// The events that the caller's post covers.
pub async fn events(ctx: &Ctx, query: &FeedQuery) -> Result<EventFeed, Problem> {
    ctx.require(perm::EVENT_READ)?;
    page(ctx, query, ctx.scope.is_tenant()).await
}

async fn page(ctx: &Ctx, query: &FeedQuery, whole: bool) -> Result<EventFeed, Problem> {
    // what was answered can be read at once: number what the sequencer has not reached yet
    audit::sequence(&ctx.tenant.db).await?;
    let after = read_cursor(ctx, query.after.as_deref().unwrap_or("0"), whole)?;
    let predicate = if whole { "1 = 1".to_owned() } else { ctx.scope.predicate(&COLUMNS, "e", ctx.tenant.db.backend()) };
    let rows = audit::feed(ctx.conn(), after, query.limit.unwrap_or(100).clamp(1, 1_000), &predicate).await?;
    let last = rows.last().map_or(after, |row| row.seq);
    let items = rows.iter().map(|row| row.cloud_event(&ctx.tenant.slug, whole)).collect::<Result<_, _>>()?;
    Ok(EventFeed { items, next: write_cursor(ctx, last, whole) })
}

/// Readers of the whole tenant page by number. Others get it sealed: its holes would count what happens elsewhere.
fn write_cursor(ctx: &Ctx, seq: i64, whole: bool) -> String {
    if whole || seq == 0 { seq.to_string() } else { ctx.tenant.cipher().seal(&format!("feed:{seq}")) }
}

fn read_cursor(ctx: &Ctx, given: &str, whole: bool) -> Result<i64, Problem> {
    let wrong = || {
        let mut invalid = linli_kernel::Invalid::new();
        invalid.add("?after", "cursor", "游标无效，请从 0 开始", "The cursor is not one of ours; begin with 0");
        invalid.done().err().unwrap_or_else(Problem::not_found)
    };
    if given == "0" || whole {
        return given.parse().ok().filter(|n| *n >= 0).ok_or_else(wrong);
    }
    let opened = ctx.tenant.cipher().open(given).map_err(|_| wrong())?;
    opened.strip_prefix("feed:").and_then(|n| n.parse().ok()).ok_or_else(wrong)
}

const CHECKPOINTS: &str = "select seq, head, at, key_id, signature from audit_checkpoint order by seq desc limit $1";

pub async fn checkpoints(ctx: &Ctx, limit: Option<u64>) -> Result<CheckpointList, Problem> {
    ctx.require(perm::AUDIT_EVENT_READ)?;
    let limit = limit.unwrap_or(100).clamp(1, 1_000) as i64;
    let rows: Vec<Checkpoint> = ctx.conn().rows(CHECKPOINTS, values![limit]).await?;
    Ok(CheckpointList { items: rows.into_iter().map(CheckpointView::from).collect() })
}

/// 校验: recomputes the log up to this moment. Asking is itself an event, written after the answer is known.
pub async fn verify(ctx: &Ctx, key: &Key, cmd: AuditVerify) -> Result<Verification, Problem> {
    ctx.require(perm::AUDIT_VERIFY)?;
    let db = &ctx.tenant.db;
    audit::sequence(db).await?;
    let signer = CheckpointKey::new(&ctx.app.master, ctx.tenant.id);
    audit::checkpoint(db, &signer, ctx.now()).await?;
    let verification = audit::verify(ctx.conn(), &signer, cmd.from_seq, cmd.to_seq).await?;
    ctx.tx("audit.verify", key, async |tx| {
        let change = Change::new("audit.verified", "audit", ctx.tenant.id).data("ok", verification.ok);
        tx.event(change.data("from_seq", verification.from_seq).data("to_seq", verification.to_seq)).await?;
        Ok(verification.clone())
    })
    .await
}
