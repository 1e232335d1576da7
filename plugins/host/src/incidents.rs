//! 异常: a rule failed and its case waits. A person mends the cause and says so here; the case is then tried again.
use linli_kernel::{AccountId, BindingId, IncidentId, Invalid, Locale, Page, PageQuery, Problem, Timestamp};
use linli_runtime::{Change, Key, Sql, values};
use linli_tenants::{AllowedAction, Ctx, ScopeColumns, Scoped};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{perm, rules::sees_all_incidents};

/// 异常 as people see it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct IncidentView {
    pub id: IncidentId,
    #[schema(example = "allocation.weights")]
    pub point: String,
    pub binding_id: Option<BindingId>,
    #[schema(example = "fund.use")]
    pub subject_kind: String,
    pub subject_id: Uuid,
    #[schema(example = "plugin.fuel")]
    pub code: String,
    #[schema(example = "规则计算量超过上限 20000000。")]
    pub message: String,
    pub at: Timestamp,
    /// `open` or `resolved`.
    #[schema(example = "open")]
    pub state: String,
    pub resolution: Option<String>,
    pub handled_by: Option<AccountId>,
    pub handled_at: Option<Timestamp>,
    pub allowed_actions: Vec<AllowedAction>,
}

/// 处理结果.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveIncident {
    /// What was done.
    #[schema(example = "已换用上一版本规则，案件可继续办理")]
    pub resolution: String,
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: IncidentId,
    point: String,
    binding_id: Option<BindingId>,
    subject_kind: String,
    subject_id: Uuid,
    code: String,
    message_zh: String,
    message_en: String,
    at: Timestamp,
    state: String,
    resolution: Option<String>,
    handled_by: Option<AccountId>,
    handled_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "select i.id, i.point, i.binding_id, i.subject_kind, i.subject_id, i.code, i.message_zh, i.message_en, i.at, i.state, i.resolution,
    i.handled_by, i.handled_at from plg_incident i";

/// The scope of the case that stopped.
struct Incidents;

impl Scoped for Incidents {
    const COLUMNS: ScopeColumns = ScopeColumns { area_path: Some("area_path"), project_id: Some("project_id"), ..ScopeColumns::NONE };
}

impl Row {
    fn view(self, ctx: &Ctx) -> IncidentView {
        let open = if self.state == "open" { Ok(()) } else { Err(IncidentError::Resolved.into()) };
        let allowed_actions = if ctx.may(perm::INCIDENT_HANDLE) { vec![AllowedAction::of(ctx, "resolve", open)] } else { Vec::new() };
        IncidentView {
            id: self.id,
            point: self.point,
            binding_id: self.binding_id,
            subject_kind: self.subject_kind,
            subject_id: self.subject_id,
            code: self.code,
            message: match ctx.locale {
                Locale::Zh => self.message_zh,
                Locale::En => self.message_en,
            },
            at: self.at,
            state: self.state,
            resolution: self.resolution,
            handled_by: self.handled_by,
            handled_at: self.handled_at,
            allowed_actions,
        }
    }
}

#[derive(Debug, linli_macros::Problem)]
pub enum IncidentError {
    #[problem(409, "plugin.incident.resolved", zh = "这个异常已经处理", en = "This incident was resolved already")]
    Resolved,
}

/// Who handles incidents sees all of them, others those of their own cases.
fn visible(ctx: &Ctx) -> String {
    if sees_all_incidents(ctx) { "1 = 1".into() } else { ctx.predicate::<Incidents>("i") }
}

/// Which incidents.
#[derive(Clone, Debug, Default)]
pub struct IncidentFilter {
    /// Empty: all states.
    pub state: String,
    pub subject_id: Option<Uuid>,
}

pub async fn list(ctx: &Ctx, filter: &IncidentFilter, page: PageQuery) -> Result<Page<IncidentView>, Problem> {
    ctx.require(perm::INCIDENT_READ)?;
    let subject = filter.subject_id;
    let of_subject = if subject.is_some() { " and i.subject_id = $2" } else { "" };
    let where_ = format!("{} and ($1 = '' or i.state = $1){of_subject}", visible(ctx));
    let state = filter.state.as_str();
    let mut given = values![state];
    given.extend(subject.map(sea_orm::Value::from));
    let next = given.len() + 1;
    let total: Option<i64> = ctx
        .conn()
        .scalar(&format!("select count(*) as v from (select 1 from plg_incident i where {where_} limit 10001) t"), given.clone())
        .await?;
    given.extend(values![page.limit() as i64, page.offset() as i64]);
    let sql = format!("{COLUMNS} where {where_} order by i.at desc, i.id limit ${next} offset ${}", next + 1);
    let rows: Vec<Row> = ctx.conn().rows(&sql, given).await?;
    Ok(Page::new(rows.into_iter().map(|row| row.view(ctx)).collect(), total.unwrap_or(0)))
}

async fn find(ctx: &Ctx, conn: &impl ConnectionTrait, id: IncidentId, lock: &str) -> Result<Row, Problem> {
    let sql = format!("{COLUMNS} where i.id = $1 and {}{lock}", visible(ctx));
    conn.row(&sql, values![id]).await?.ok_or_else(Problem::not_found)
}

const RESOLVE: &str = "update plg_incident set state = 'resolved', resolution = $2, handled_by = $3, handled_at = $4 where id = $1";

pub async fn resolve(ctx: &Ctx, key: &Key, id: IncidentId, cmd: ResolveIncident) -> Result<IncidentView, Problem> {
    ctx.require(perm::INCIDENT_HANDLE)?;
    let mut invalid = Invalid::new();
    invalid.text("/resolution", &cmd.resolution, 500);
    invalid.done()?;
    ctx.tx("plugin.incident.resolve", key, async |tx| {
        let row = find(ctx, tx.conn(), id, tx.for_update()).await?;
        if row.state != "open" {
            return Err(IncidentError::Resolved.into());
        }
        tx.conn().exec(RESOLVE, values![id, cmd.resolution.as_str(), tx.author().account, tx.now()]).await?;
        let change = Change::new("plugin.incident.resolved", "plugin.incident", id).state("open", "resolved");
        tx.event(change.data("point", &row.point).data("code", &row.code)).await?;
        Ok(find(ctx, tx.conn(), id, "").await?.view(ctx))
    })
    .await
}
