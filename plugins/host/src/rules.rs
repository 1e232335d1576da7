//! Asking a rule from a use case: the binding of the case, one call, the answer recorded (plugins.md §7).
//!
//! The first call of a case pins the binding, and a new binding never moves a running case. What a rule answers is written
//! down in the caller's transaction; what it fails with becomes an incident in one of its own, since the caller's rolls back.
use std::sync::Arc;

use linli_kernel::{Area, BindingId, CallId, Date, IncidentId, Problem};
use linli_runtime::{Change, Key, ScopeIds, Sql, Tx, values};
use linli_tenants::Ctx;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::runtime::{Handle, RuntimeFlavor};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Allocated, AllocationInput, Context, Explained, Facts, LawFloor, Loaded, PluginError, Spent, Verdict, json, perm, points, port::Rules,
    registry,
};

/// Inputs above this size are recorded by their digest alone: the case itself holds the rows.
const MAX_RECORDED: usize = 256 << 10;
/// Fuel that ends within milliseconds, so that the call needs no thread of its own.
const IN_PLACE: u64 = 20_000_000;

/// The business thing that asks; its scope decides who sees an incident.
#[derive(Clone, Debug)]
pub struct Case {
    pub subject_kind: &'static str,
    pub subject_id: Uuid,
    pub scope: ScopeIds,
}

impl Case {
    pub fn new(subject_kind: &'static str, subject_id: impl Into<Uuid>) -> Case {
        Case { subject_kind, subject_id: subject_id.into(), scope: ScopeIds::default() }
    }
    pub fn scope(mut self, scope: ScopeIds) -> Case {
        self.scope = scope;
        self
    }
}

/// 依据的插件: which rule answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PluginRef {
    #[schema(example = "cn.linli.fund.area-proportional")]
    pub id: String,
    #[schema(example = "1.0.0")]
    pub version: String,
    /// SHA-256 of the package's manifest.
    #[schema(example = "1f918a18bfc48c06acd4978b895cf12d67a541db966b025d9f5ffff18cc1941e")]
    pub hash: String,
}

/// An answer that the core has checked.
#[derive(Clone, Debug)]
pub struct Ruled<T> {
    pub value: T,
    pub lines: Vec<Explained>,
    pub plugin: PluginRef,
    /// The recorded call; none for a preview.
    pub call_id: Option<CallId>,
}

/// One side of a vote: heads (人数) and area (面积).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub heads: i64,
    pub area: Area,
}

/// 表决事项的种类.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// 使用维修资金
    Use,
    /// 筹集维修资金、改建共有部分
    Raise,
}

/// The facts of `vote.threshold`.
#[derive(Clone, Copy, Debug)]
pub struct VoteFacts {
    pub decision: Decision,
    pub totals: Count,
    pub participated: Count,
    pub agreed: Count,
    pub against: Option<Count>,
    pub abstained: Option<Count>,
}

impl VoteFacts {
    pub fn facts(&self) -> Result<Facts, PluginError> {
        let mut facts = Map::new();
        let decision = match self.decision {
            Decision::Use => "use",
            Decision::Raise => "raise",
        };
        facts.insert("decision".into(), decision.into());
        let given = [
            ("totals", Some(self.totals)),
            ("participated", Some(self.participated)),
            ("agreed", Some(self.agreed)),
            ("against", self.against),
            ("abstained", self.abstained),
        ];
        for (name, count) in given {
            if let Some(Count { heads, area }) = count {
                facts.insert(format!("{name}.heads"), heads.into());
                facts.insert(format!("{name}.area"), area.to_string().into());
            }
        }
        Facts::new(points::VOTE_THRESHOLD, facts)
    }
}

/// 分摊 of a case's real step, at point `allocation.weights`.
pub async fn allocate(ctx: &Ctx, tx: &Tx, case: &Case, input: &AllocationInput) -> Result<Ruled<Allocated>, Problem> {
    let point = points::ALLOCATION_WEIGHTS;
    let bound = bound(ctx, tx.conn(), Some(case), point, tx.today()).await.map_err(|fault| failed(ctx, case, point, fault))?;
    pin(tx, case, point, &bound).await?;
    let value = call(ctx, &bound, point, tx.today(), |rule, context| rule.allocate(context, input))
        .await
        .map_err(|error| failed(ctx, case, point, Fault::Rule(error, Some(bound.id))))?;
    let input = serde_json::to_value(input).map_err(Problem::internal)?;
    let call_id = record(tx, case, point, &bound, &input, &value.output, value.spent).await?;
    Ok(ruled(value.lines.clone(), value, &bound, Some(call_id)))
}

/// The same answer without a trace: under the case's pin when it has one, else under the rule in force today.
pub async fn preview_allocate(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    case: Option<&Case>,
    input: &AllocationInput,
) -> Result<Ruled<Allocated>, Problem> {
    let point = points::ALLOCATION_WEIGHTS;
    let bound = bound(ctx, conn, case, point, ctx.today()).await?;
    let value = call(ctx, &bound, point, ctx.today(), |rule, context| rule.allocate(context, input)).await?;
    Ok(ruled(value.lines.clone(), value, &bound, None))
}

/// 门槛 of a case's real step, at a point of world `threshold`.
pub async fn threshold(ctx: &Ctx, tx: &Tx, case: &Case, point: &'static str, facts: &Facts) -> Result<Ruled<Verdict>, Problem> {
    let bound = bound(ctx, tx.conn(), Some(case), point, tx.today()).await.map_err(|fault| failed(ctx, case, point, fault))?;
    pin(tx, case, point, &bound).await?;
    let value = call(ctx, &bound, point, tx.today(), |rule, context| rule.test_under(context, facts, bound.floor))
        .await
        .map_err(|error| failed(ctx, case, point, Fault::Rule(error, Some(bound.id))))?;
    let input = json!({ "facts": facts.json });
    let call_id = record(tx, case, point, &bound, &input, &value.output, value.spent).await?;
    Ok(ruled(value.lines.clone(), value, &bound, Some(call_id)))
}

pub async fn preview_threshold(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    case: Option<&Case>,
    point: &'static str,
    facts: &Facts,
) -> Result<Ruled<Verdict>, Problem> {
    let bound = bound(ctx, conn, case, point, ctx.today()).await?;
    let value = call(ctx, &bound, point, ctx.today(), |rule, context| rule.test_under(context, facts, bound.floor)).await?;
    Ok(ruled(value.lines.clone(), value, &bound, None))
}

fn ruled<T>(lines: Vec<Explained>, value: T, bound: &Bound, call_id: Option<CallId>) -> Ruled<T> {
    let manifest = &bound.rule.package.manifest;
    let plugin = PluginRef { id: manifest.id.clone(), version: manifest.version.clone(), hash: bound.rule.package.digest.clone() };
    Ruled { value, lines, plugin, call_id }
}

/// A binding with its package loaded.
struct Bound {
    id: BindingId,
    params: Value,
    floor: LawFloor,
    rule: Arc<Loaded>,
}

/// Why there is no answer: the rule's doing, or ours.
enum Fault {
    Rule(PluginError, Option<BindingId>),
    Ours(Problem),
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Fault {
        Fault::Ours(problem)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        match fault {
            Fault::Rule(error, _) => error.into(),
            Fault::Ours(problem) => problem,
        }
    }
}

#[derive(sea_orm::FromQueryResult)]
struct BindingRow {
    id: BindingId,
    digest: String,
    params: String,
    law_override_doc: Option<Uuid>,
}

const PINNED: &str = "select b.id, b.digest, b.params, b.law_override_doc from plg_pin p join plg_binding b on b.id = p.binding_id
                      where p.subject_kind = $1 and p.subject_id = $2 and p.point = $3 and b.state = 'active'";
const HAS_PIN: &str = "select count(*) as v from plg_pin where subject_kind = $1 and subject_id = $2 and point = $3";
const IN_FORCE: &str = "select id, digest, params, law_override_doc from plg_binding
                        where point = $1 and state = 'active' and valid_from <= $2 and (valid_to is null or valid_to > $2)
                        order by valid_from desc limit 1";

/// The pinned binding of the case, else the one in force on `day`. A pin to a suspended binding stops the case.
async fn bound(ctx: &Ctx, conn: &impl ConnectionTrait, case: Option<&Case>, point: &str, day: Date) -> Result<Bound, Fault> {
    let none = || Fault::Rule(PluginError::NoBinding { point: point.to_owned(), date: day.to_string() }, None);
    let mut row: Option<BindingRow> = None;
    if let Some(case) = case {
        row = conn.row(PINNED, values![case.subject_kind, case.subject_id, point]).await?;
        if row.is_none() {
            let pins: Option<i64> = conn.scalar(HAS_PIN, values![case.subject_kind, case.subject_id, point]).await?;
            if pins != Some(0) {
                return Err(none());
            }
        }
    }
    let row = match row {
        Some(row) => row,
        None => conn.row(IN_FORCE, values![point, day]).await?.ok_or_else(none)?,
    };
    let rule = registry::load(ctx, conn, &row.digest).await.map_err(|fault| match fault {
        registry::LoadFault::Refused(error) => Fault::Rule(error, Some(row.id)),
        registry::LoadFault::Ours(problem) => Fault::Ours(problem),
    })?;
    let params = serde_json::from_str(&row.params).map_err(|e| Fault::Ours(Problem::internal(e)))?;
    let floor = if row.law_override_doc.is_some() { LawFloor::Overridden } else { LawFloor::Binding };
    Ok(Bound { id: row.id, params, floor, rule })
}

const PIN: &str = "insert into plg_pin (subject_kind, subject_id, point, binding_id, pinned_at) values ($1, $2, $3, $4, $5)
                   on conflict (subject_kind, subject_id, point) do nothing";

async fn pin(tx: &Tx, case: &Case, point: &str, bound: &Bound) -> Result<(), Problem> {
    tx.conn().exec(PIN, values![case.subject_kind, case.subject_id, point, bound.id, tx.now()]).await?;
    Ok(())
}

/// One call through the tenant's gate. It takes milliseconds at most: the package's fuel ends it, so it runs in place unless
/// the package asked for more fuel than the default.
async fn call<T>(
    ctx: &Ctx,
    bound: &Bound,
    point: &str,
    day: Date,
    ask: impl FnOnce(&Loaded, &Context) -> Result<T, PluginError>,
) -> Result<T, PluginError> {
    let rules = ctx.app.ports.get::<Rules>().ok_or(PluginError::Busy)?;
    let _place = rules.enter(ctx.tenant.id).await?;
    let params = bound.rule.params(&bound.params).map_err(first)?;
    let context = Context { point: point.to_owned(), region: ctx.tenant.area_code.clone(), as_of: day, known_on: day, params };
    let long = bound.rule.package.manifest.limits.fuel > IN_PLACE;
    if long && Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
        return tokio::task::block_in_place(|| ask(&bound.rule, &context));
    }
    ask(&bound.rule, &context)
}

fn first(refusal: crate::Refusal) -> PluginError {
    refusal.0.into_iter().next().unwrap_or(PluginError::Busy)
}

const CALL: &str =
    "insert into plg_call (id, binding_id, point, subject_kind, subject_id, input_sha256, input, output, output_sha256, fuel, us, at)
                    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

async fn record(tx: &Tx, case: &Case, point: &str, bound: &Bound, input: &Value, output: &Value, spent: Spent) -> Result<CallId, Problem> {
    let id = CallId::new();
    let (input, output) = (json::canonical(input), json::canonical(output));
    let (input_digest, output_digest) = (json::sha256(input.as_bytes()), json::sha256(output.as_bytes()));
    let kept = (input.len() <= MAX_RECORDED).then_some(input);
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let row = values![
        id,
        bound.id,
        point,
        case.subject_kind,
        case.subject_id,
        input_digest,
        kept,
        output,
        output_digest,
        number(spent.fuel),
        number(spent.micros),
        tx.now()
    ];
    tx.conn().exec(CALL, row).await?;
    Ok(id)
}

const OPEN: &str =
    "select count(*) as v from plg_incident where subject_kind = $1 and subject_id = $2 and point = $3 and code = $4 and state = 'open'";
const INCIDENT: &str = "insert into plg_incident (id, point, binding_id, subject_kind, subject_id, area_path, project_id, code, message_zh, message_en, at, state)
                        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'open')
                        on conflict (subject_kind, subject_id, point, code) where state = 'open' do nothing";

/// The answer to the caller; where the rule itself failed, an incident (异常) as well. It is written after the caller's
/// transaction has rolled back: on SQLite there is one writer, so it waits for that of itself.
fn failed(ctx: &Ctx, case: &Case, point: &'static str, fault: Fault) -> Problem {
    if let Fault::Rule(error, binding) = &fault
        && (error.stops_case() || matches!(error, PluginError::NoBinding { .. }))
    {
        let (ctx, case, error, binding) = (ctx.clone(), case.clone(), error.clone(), *binding);
        tokio::spawn(async move {
            if let Err(problem) = open_incident(&ctx, &case, point, &error, binding).await {
                tracing::error!(tenant = %ctx.tenant.slug, point, code = error.code(), %problem, "Could not write the incident of a failing rule");
            }
        });
    }
    fault.into()
}

async fn open_incident(
    ctx: &Ctx,
    case: &Case,
    point: &'static str,
    error: &PluginError,
    binding: Option<BindingId>,
) -> Result<(), Problem> {
    let which = values![case.subject_kind, case.subject_id, point, error.code()];
    let open: Option<i64> = ctx.conn().scalar(OPEN, which).await?;
    if open != Some(0) {
        return Ok(());
    }
    tracing::warn!(tenant = %ctx.tenant.slug, point, subject = case.subject_kind, code = error.code(), "A rule failed and its case stopped");
    let system = Ctx::system(&ctx.app, &ctx.tenant, &ctx.request_id);
    system
        .tx("plugin.incident.open", &Key::default(), async |tx| {
            let id = IncidentId::new();
            let row = values![
                id,
                point,
                binding,
                case.subject_kind,
                case.subject_id,
                case.scope.area_path.clone(),
                case.scope.project_id,
                error.code(),
                error.zh(),
                error.en(),
                tx.now()
            ];
            tx.conn().exec(INCIDENT, row).await?;
            let change = Change::new("plugin.incident.opened", "plugin.incident", id).scope(case.scope.clone());
            let subject = format!("{}/{}", case.subject_kind, case.subject_id);
            tx.event(change.data("point", point).data("code", error.code()).data("subject", subject)).await?;
            Ok(())
        })
        .await
}

/// Whether the actor may see every incident of the tenant, or only those in his scope.
pub(crate) fn sees_all_incidents(ctx: &Ctx) -> bool {
    ctx.may(perm::INCIDENT_HANDLE)
}

#[cfg(test)]
mod tests;
