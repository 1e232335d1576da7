//! 绑定: which package answers a point, with which parameters, from which day on. Proposed by one person, approved by another.
use linli_kernel::{AccountId, BindingId, Date, Invalid, Page, Problem, Timestamp};
use linli_runtime::{Change, Key, Sql, Tx, values};
use linli_tenants::{AllowedAction, Ctx};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{PluginError, perm, points, registry};

/// 提交绑定.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeBinding {
    #[schema(example = "allocation.weights")]
    pub point: String,
    /// Digest of the package, with or without `sha256:`.
    #[schema(example = "sha256:1f918a18bfc48c06acd4978b895cf12d67a541db966b025d9f5ffff18cc1941e")]
    pub digest: String,
    /// As the package's schema asks; what is left out takes its default.
    #[serde(default)]
    #[schema(value_type = Option<Object>, example = json!({ "step_percent": 10 }))]
    pub params: Option<Value>,
    /// First day in force, today at the earliest; today when left out.
    #[serde(default)]
    pub valid_from: Option<Date>,
    /// Why, for the person who approves.
    #[serde(default)]
    #[schema(example = "按 2026 年 3 月会议纪要调整")]
    pub reason: Option<String>,
}

/// 绑定 as people see it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BindingView {
    pub id: BindingId,
    #[schema(example = "allocation.weights")]
    pub point: String,
    #[schema(example = "cn.linli.fund.area-proportional")]
    pub plugin_id: String,
    #[schema(example = "1.0.0")]
    pub version: String,
    pub digest: String,
    /// Complete, with defaults.
    #[schema(value_type = Object, example = json!({ "step_percent": 10, "ground_floor_free": true }))]
    pub params: Value,
    pub params_digest: String,
    pub valid_from: Date,
    /// First day on which it no longer is in force.
    pub valid_to: Option<Date>,
    /// `proposed`, `approved` (in force later), `active`, `superseded`, `refused`, `suspended`.
    #[schema(example = "active")]
    pub state: String,
    pub reason: String,
    pub proposed_by: Option<AccountId>,
    pub proposed_at: Timestamp,
    pub approved_by: Option<AccountId>,
    pub approved_at: Option<Timestamp>,
    pub supersedes: Option<BindingId>,
    pub allowed_actions: Vec<AllowedAction>,
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: BindingId,
    point: String,
    plugin_id: String,
    version: String,
    digest: String,
    params: String,
    params_digest: String,
    valid_from: Date,
    valid_to: Option<Date>,
    state: String,
    reason: String,
    proposed_by: Option<AccountId>,
    proposed_at: Timestamp,
    approved_by: Option<AccountId>,
    approved_at: Option<Timestamp>,
    supersedes: Option<BindingId>,
    uploaded_by: Option<AccountId>,
}

const COLUMNS: &str =
    "select b.id, b.point, p.plugin_id, p.version, b.digest, b.params, b.params_digest, b.valid_from, b.valid_to, b.state, b.reason,
    b.proposed_by, b.proposed_at, b.approved_by, b.approved_at, b.supersedes, p.uploaded_by
    from plg_binding b join plg_package p on p.digest = b.digest";

impl Row {
    /// What the stored state means on a day.
    fn state_on(&self, today: Date) -> &str {
        match self.state.as_str() {
            "active" if self.valid_from > today => "approved",
            "active" if self.valid_to.is_some_and(|end| end <= today || end <= self.valid_from) => "superseded",
            other => other,
        }
    }

    fn view(self, ctx: &Ctx) -> Result<BindingView, Problem> {
        let state = self.state_on(ctx.today()).to_owned();
        let mut allowed_actions = Vec::new();
        if ctx.may(perm::BINDING_APPROVE) {
            allowed_actions.push(AllowedAction::of(ctx, "approve", self.may_approve(ctx)));
        }
        if ctx.may(perm::BINDING_SUSPEND) {
            allowed_actions.push(AllowedAction::of(ctx, "suspend", self.may_suspend()));
        }
        Ok(BindingView {
            id: self.id,
            point: self.point,
            plugin_id: self.plugin_id,
            version: self.version,
            digest: self.digest,
            params: serde_json::from_str(&self.params).map_err(Problem::internal)?,
            params_digest: self.params_digest,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            state,
            reason: self.reason,
            proposed_by: self.proposed_by,
            proposed_at: self.proposed_at,
            approved_by: self.approved_by,
            approved_at: self.approved_at,
            supersedes: self.supersedes,
            allowed_actions,
        })
    }

    /// Neither who proposed nor who uploaded.
    fn may_approve(&self, ctx: &Ctx) -> Result<(), Problem> {
        if self.state != "proposed" {
            return Err(BindingError::NotAllowed { state: self.state.clone() }.into());
        }
        ctx.not_the_maker(self.proposed_by)?;
        ctx.not_the_maker(self.uploaded_by)
    }

    fn may_suspend(&self) -> Result<(), Problem> {
        if self.state == "active" { Ok(()) } else { Err(BindingError::NotAllowed { state: self.state.clone() }.into()) }
    }
}

#[derive(Debug, linli_macros::Problem)]
pub enum BindingError {
    #[problem(
        409,
        "plugin.binding.not_allowed",
        zh = "绑定当前状态为 {state}，不能办理",
        en = "The binding is {state}; this step is not allowed"
    )]
    NotAllowed { state: String },
    #[problem(422, "plugin.binding.backdated", zh = "生效日期不能早于今天（{today}）", en = "It cannot be in force before today ({today})")]
    Backdated { today: Date },
}

pub async fn list(ctx: &Ctx, filter: &BindingFilter) -> Result<Page<BindingView>, Problem> {
    ctx.require(perm::BINDING_READ)?;
    let point = filter.point.clone();
    let (limit, offset) = (filter.page.limit() as i64, filter.page.offset() as i64);
    let sql =
        format!("{COLUMNS} where ($1 = '' or b.point = $1) order by b.point, b.valid_from desc, b.proposed_at desc limit $2 offset $3");
    let rows: Vec<Row> = ctx.conn().rows(&sql, values![point.as_str(), limit, offset]).await?;
    let count = "select count(*) as v from (select 1 from plg_binding where ($1 = '' or point = $1) limit 10001) t";
    let total: Option<i64> = ctx.conn().scalar(count, values![point.as_str()]).await?;
    Ok(Page::new(rows.into_iter().map(|row| row.view(ctx)).collect::<Result<_, _>>()?, total.unwrap_or(0)))
}

/// Which bindings.
#[derive(Clone, Debug)]
pub struct BindingFilter {
    /// Empty: all points.
    pub point: String,
    pub page: linli_kernel::PageQuery,
}

pub async fn get(ctx: &Ctx, id: BindingId) -> Result<BindingView, Problem> {
    ctx.require(perm::BINDING_READ)?;
    find(ctx.conn(), id, "").await?.view(ctx)
}

async fn find(conn: &impl ConnectionTrait, id: BindingId, lock: &str) -> Result<Row, Problem> {
    let row: Option<Row> = conn.row(&format!("{COLUMNS} where b.id = $1{lock}"), values![id]).await?;
    row.ok_or_else(Problem::not_found)
}

const PROPOSE: &str =
    "insert into plg_binding (id, point, digest, params, params_digest, valid_from, state, reason, proposed_by, proposed_at)
                       values ($1, $2, $3, $4, $5, $6, 'proposed', $7, $8, $9)";

pub async fn propose(ctx: &Ctx, key: &Key, cmd: ProposeBinding) -> Result<BindingView, Problem> {
    ctx.require(perm::BINDING_PROPOSE)?;
    points::find(&cmd.point).map_err(crate::Refusal::one)?;
    let digest = registry::plain(&cmd.digest).to_owned();
    let rule = match registry::load(ctx, ctx.conn(), &digest).await {
        Ok(rule) => rule,
        Err(registry::LoadFault::Refused(error)) => return Err(crate::Refusal::one(error).into()),
        Err(registry::LoadFault::Ours(problem)) => return Err(problem),
    };
    let manifest = &rule.package.manifest;
    if !manifest.points.contains(&cmd.point) {
        return Err(crate::Refusal::one(PluginError::PointWorld { point: cmd.point, world: manifest.world.clone() }).into());
    }
    let given = cmd.params.unwrap_or_else(|| Value::Object(Default::default()));
    let params = rule.params(&given).map_err(wrong_params)?;
    let today = ctx.today();
    let from = cmd.valid_from.unwrap_or(today);
    if from < today {
        return Err(BindingError::Backdated { today }.into());
    }
    let reason = cmd.reason.unwrap_or_default();
    let mut invalid = Invalid::new();
    if !reason.is_empty() {
        invalid.text("/reason", &reason, 500);
    }
    invalid.done()?;
    ctx.tx("plugin.binding.propose", key, async |tx| {
        let id = BindingId::new();
        let row = values![
            id,
            cmd.point.as_str(),
            digest.as_str(),
            params.json.to_string(),
            params.digest(),
            from,
            reason.as_str(),
            tx.author().account,
            tx.now()
        ];
        tx.conn().exec(PROPOSE, row).await?;
        let change = Change::new("plugin.binding.proposed", "plugin.binding", id).data("point", &cmd.point);
        tx.event(change.data("digest", &digest).data("valid_from", from)).await?;
        find(tx.conn(), id, "").await?.view(ctx)
    })
    .await
}

/// Every wrong parameter at its place in the body.
fn wrong_params(refusal: crate::Refusal) -> Problem {
    let mut invalid = Invalid::new();
    for error in &refusal.0 {
        let pointer = match error {
            PluginError::ParamsInvalid { pointer, .. } => format!("/params{}", pointer.trim_end_matches('/')),
            _ => "/params".to_owned(),
        };
        invalid.add(pointer, error.code(), error.zh(), error.en());
    }
    invalid.done().err().unwrap_or_else(|| Problem::internal("parameters were refused without a reason"))
}

const BEFORE: &str = "select id as v from plg_binding where point = $1 and state = 'active' and valid_from <= $2
                      and (valid_to is null or valid_to > $2) order by valid_from desc, approved_at desc limit 1";
const AFTER: &str =
    "select valid_from as v from plg_binding where point = $1 and state = 'active' and valid_from > $2 order by valid_from limit 1";
const END: &str = "update plg_binding set valid_to = $2 where id = $1";
const APPROVE: &str = "update plg_binding set state = 'active', valid_from = $2, valid_to = $3, approved_by = $4, approved_at = $5, supersedes = $6 where id = $1";

/// 批准 by another person. In force from its day on; the one before it ends that day. Pinned cases stay where they are.
pub async fn approve(ctx: &Ctx, key: &Key, id: BindingId) -> Result<BindingView, Problem> {
    ctx.require(perm::BINDING_APPROVE)?;
    ctx.tx("plugin.binding.approve", key, async |tx| {
        let row = find(tx.conn(), id, lock(tx)).await?;
        row.may_approve(ctx)?;
        // Approved late, it begins today: no rule is in force before somebody has agreed to it.
        let from = row.valid_from.max(tx.today());
        let before: Option<Uuid> = tx.conn().scalar(BEFORE, values![row.point.as_str(), from]).await?;
        if let Some(before) = before {
            tx.conn().exec(END, values![before, from]).await?;
            let change = Change::new("plugin.binding.superseded", "plugin.binding", before).data("point", &row.point);
            tx.event(change.data("by", id).data("valid_to", from)).await?;
        }
        let until: Option<Date> = tx.conn().scalar(AFTER, values![row.point.as_str(), from]).await?;
        tx.conn().exec(APPROVE, values![id, from, until, tx.author().account, tx.now(), before]).await?;
        let change = Change::new("plugin.binding.activated", "plugin.binding", id).data("point", &row.point);
        tx.event(change.data("digest", &row.digest).data("valid_from", from)).await?;
        find(tx.conn(), id, "").await?.view(ctx)
    })
    .await
}

const SUSPEND: &str = "update plg_binding set state = 'suspended' where id = $1";

/// 停用 at once: calls of the point, and of cases pinned to it, stop until another binding is approved.
pub async fn suspend(ctx: &Ctx, key: &Key, id: BindingId) -> Result<BindingView, Problem> {
    ctx.require(perm::BINDING_SUSPEND)?;
    ctx.tx("plugin.binding.suspend", key, async |tx| {
        let row = find(tx.conn(), id, lock(tx)).await?;
        row.may_suspend()?;
        tx.conn().exec(SUSPEND, values![id]).await?;
        let change = Change::new("plugin.binding.suspended", "plugin.binding", id).data("point", &row.point);
        tx.event(change.data("digest", &row.digest)).await?;
        find(tx.conn(), id, "").await?.view(ctx)
    })
    .await
}

/// Locks the binding's row alone: the package is never changed.
fn lock(tx: &Tx) -> &'static str {
    match tx.backend() {
        linli_runtime::Backend::Postgres => " for update of b",
        linli_runtime::Backend::Sqlite => "",
    }
}
