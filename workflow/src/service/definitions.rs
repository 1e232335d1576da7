//! 流程定义: files of the pack, or drawn by the city; published by a second person; one in force a key.
use linli_kernel::{AccountId, DefinitionId, DocumentId, Page, PageQuery, Problem, Timestamp};
use linli_runtime::{Change, Key, Sql, Tx, values};
use linli_tenants::{AllowedAction, Ctx};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::{invalid, refused},
    model::{self, Checked, Definition, Diagnostic, Severity},
    perm,
    ports::{Papers, RuleHost, Topics},
};

/// A drawn file becomes a definition.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DefinitionCreate {
    /// The uploaded BPMN file.
    pub document_id: DocumentId,
}

/// 流程定义.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DefinitionView {
    pub id: DefinitionId,
    #[schema(example = "fund-use")]
    pub key: String,
    #[schema(example = 1)]
    pub version: i64,
    #[schema(example = "维修资金使用")]
    pub name: String,
    /// `checked`, `published`, `retired`.
    #[schema(example = "published")]
    pub state: String,
    /// SHA-256 of the file.
    pub bundle_hash: String,
    /// Warnings of the last check; a definition with errors is not kept.
    pub diagnostics: Vec<Diagnostic>,
    pub created_at: Timestamp,
    pub published_at: Option<Timestamp>,
    /// The file, in the answer for one definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xml: Option<String>,
    pub allowed_actions: Vec<AllowedAction>,
}

#[derive(FromQueryResult)]
struct Row {
    id: DefinitionId,
    key: String,
    version: i64,
    name: String,
    state: String,
    bundle_hash: String,
    diagnostics: String,
    maker: Option<AccountId>,
    created_at: Timestamp,
    published_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, key, version, name, state, bundle_hash, diagnostics, maker, created_at, published_at";

impl Row {
    fn view(self, ctx: &Ctx, xml: Option<String>) -> DefinitionView {
        let mut allowed_actions = Vec::new();
        if self.state == "checked" && ctx.may(perm::DEFINITION_PUBLISH) {
            allowed_actions.push(AllowedAction::of(ctx, "publish", ctx.not_the_maker(self.maker)));
        }
        DefinitionView {
            id: self.id,
            key: self.key,
            version: self.version,
            name: self.name,
            state: self.state,
            bundle_hash: self.bundle_hash,
            diagnostics: serde_json::from_str(&self.diagnostics).unwrap_or_default(),
            created_at: self.created_at,
            published_at: self.published_at,
            xml,
            allowed_actions,
        }
    }
}

/// Whether the city has a flow of this key in force.
pub async fn has_definition(conn: &impl ConnectionTrait, key: &str) -> Result<bool, Problem> {
    const IN_FORCE: &str = "select count(*) as v from wf_definition where key = $1 and state = 'published'";
    Ok(conn.scalar::<i64>(IN_FORCE, values![key]).await?.unwrap_or(0) > 0)
}

/// Puts a flow of the city's pack in force, when a tenant is made or its pack is upgraded.
pub async fn install_definition(ctx: &Ctx, tx: &Tx, xml: &str) -> Result<DefinitionId, Problem> {
    let (definition, warnings) = sound(ctx, tx.conn(), xml.as_bytes()).await?;
    let id = insert(ctx, tx, &definition, &warnings, xml).await?;
    put_in_force(tx, id, &definition.key).await?;
    Ok(id)
}

/// The compiled form with its warnings, or 422 with every finding.
async fn sound(ctx: &Ctx, conn: &impl ConnectionTrait, xml: &[u8]) -> Result<(Definition, Vec<Diagnostic>), Problem> {
    let Checked { definition, diagnostics } = examine(ctx, conn, xml).await?;
    match definition {
        Some(definition) if diagnostics.iter().all(|d| d.severity == Severity::Warning) => Ok((definition, diagnostics)),
        _ => Err(invalid(&diagnostics)),
    }
}

/// The model's own checks, and whether this program and city know what it names.
async fn examine(ctx: &Ctx, conn: &impl ConnectionTrait, xml: &[u8]) -> Result<Checked, Problem> {
    let mut checked = model::check(xml).map_err(|r| refused(&r))?;
    let Some(definition) = &checked.definition else { return Ok(checked) };
    let mut found = Vec::new();
    let topics = ctx.app.ports.get::<Topics>();
    for (node, topic) in definition.topics().filter(|(_, t)| !t.is_empty()) {
        if topics.as_ref().is_none_or(|t| t.find(topic).is_none()) {
            let zh = format!("“{}”的主题 {topic} 没有系统办理", definition.name_of(node));
            found.push(Diagnostic::error("workflow.topic_unknown", node, zh, format!("{node}: no system handles the topic {topic}")));
        }
    }
    let answers_rules = ctx.app.ports.get::<std::sync::Arc<dyn RuleHost>>().is_some();
    for (node, point) in definition.points().filter(|_| !answers_rules) {
        let zh = format!("“{}”的规则点 {point} 没有规则回答", definition.name_of(node));
        found.push(Diagnostic::error("workflow.rule_unknown", node, zh, format!("{node}: no rule answers {point}")));
    }
    for (node, task) in definition.nodes.keys().filter_map(|id| Some((id, definition.user_task(id)?))) {
        let known: Option<i64> = conn.scalar("select count(*) as v from role where code = $1", values![task.pool_role.as_str()]).await?;
        if known.unwrap_or(0) == 0 && !task.pool_role.is_empty() {
            let zh = format!("“{}”的办理角色 {} 不存在", definition.name_of(node), task.pool_role);
            found.push(Diagnostic::error("workflow.role_unknown", node, zh, format!("{node}: there is no role {}", task.pool_role)));
        }
    }
    checked.diagnostics.extend(found);
    Ok(checked)
}

async fn insert(ctx: &Ctx, tx: &Tx, definition: &Definition, warnings: &[Diagnostic], xml: &str) -> Result<DefinitionId, Problem> {
    const LAST: &str = "select coalesce(max(version), 0) as v from wf_definition where key = $1";
    const NEW: &str =
        "insert into wf_definition (id, key, version, name, state, xml, compiled, diagnostics, bundle_hash, maker, created_at)
                       values ($1, $2, $3, $4, 'checked', $5, $6, $7, $8, $9, $10)";
    let last: Option<i64> = tx.conn().scalar(LAST, values![definition.key.as_str()]).await?;
    let (id, version) = (DefinitionId::new(), last.unwrap_or(0) + 1);
    let compiled = serde_json::to_string(definition).map_err(Problem::internal)?;
    let diagnostics = serde_json::to_string(warnings).map_err(Problem::internal)?;
    let row = values![
        id,
        definition.key.as_str(),
        version,
        definition.name.as_str(),
        xml,
        compiled,
        diagnostics,
        definition.hash.as_str(),
        ctx.actor.account_id,
        tx.now()
    ];
    tx.conn().exec(NEW, row).await?;
    let change = Change::new("workflow.definition.checked", "workflow.definition", id);
    tx.event(change.data("code", definition.key.as_str()).data("version", version).data("state", "checked")).await?;
    Ok(id)
}

async fn put_in_force(tx: &Tx, id: DefinitionId, key: &str) -> Result<(), Problem> {
    const RETIRE: &str = "update wf_definition set state = 'retired' where key = $1 and state = 'published'";
    const PUBLISH: &str = "update wf_definition set state = 'published', published_by = $2, published_at = $3 where id = $1";
    tx.conn().exec(RETIRE, values![key]).await?;
    tx.conn().exec(PUBLISH, values![id, tx.author().account, tx.now()]).await?;
    tx.event(Change::new("workflow.definition.published", "workflow.definition", id).data("code", key).state("checked", "published"))
        .await?;
    Ok(())
}

/// Checks an uploaded file and keeps it as a definition that waits for its publication.
pub async fn create(ctx: &Ctx, key: &Key, cmd: DefinitionCreate) -> Result<DefinitionView, Problem> {
    ctx.require(perm::DEFINITION_CREATE)?;
    let xml = file(ctx, cmd.document_id).await?;
    let (definition, warnings) = sound(ctx, ctx.conn(), &xml).await?;
    let xml = String::from_utf8(xml).map_err(|_| refused(&model::XmlRefusal::NotUtf8))?;
    ctx.tx("workflow.definition.create", key, async |tx| {
        let id = insert(ctx, tx, &definition, &warnings, &xml).await?;
        one(ctx, tx.conn(), id, false).await
    })
    .await
}

async fn file(ctx: &Ctx, id: DocumentId) -> Result<Vec<u8>, Problem> {
    let papers = ctx.app.ports.get::<std::sync::Arc<dyn Papers>>().ok_or_else(|| Problem::internal("no port for documents"))?;
    papers.bytes(ctx, id).await
}

/// Checks a definition again, against what this program and city know today.
pub async fn check(ctx: &Ctx, id: DefinitionId) -> Result<DefinitionView, Problem> {
    ctx.require(perm::DEFINITION_CHECK)?;
    let mut view = one(ctx, ctx.conn(), id, true).await?;
    view.diagnostics = examine(ctx, ctx.conn(), view.xml.as_deref().unwrap_or_default().as_bytes()).await?.diagnostics;
    Ok(view)
}

/// 发布 by a second person; the version before is retired, running instances keep theirs.
pub async fn publish(ctx: &Ctx, key: &Key, id: DefinitionId) -> Result<DefinitionView, Problem> {
    ctx.require(perm::DEFINITION_PUBLISH)?;
    ctx.tx("workflow.definition.publish", key, async |tx| {
        let sql = format!("select {COLUMNS} from wf_definition where id = $1{}", tx.for_update());
        let row: Row = tx.conn().row(&sql, values![id]).await?.ok_or_else(Problem::not_found)?;
        ctx.not_the_maker(row.maker)?;
        if row.state != "checked" {
            let (zh, en) = ("只有检查通过、尚未发布的流程可以发布", "Only a checked definition can be published");
            return Err(Problem::new(409, "workflow.definition.not_allowed", zh, en).with("state", row.state));
        }
        put_in_force(tx, id, &row.key).await?;
        one(ctx, tx.conn(), id, false).await
    })
    .await
}

async fn one(ctx: &Ctx, conn: &impl ConnectionTrait, id: DefinitionId, with_xml: bool) -> Result<DefinitionView, Problem> {
    let row: Row =
        conn.row(&format!("select {COLUMNS} from wf_definition where id = $1"), values![id]).await?.ok_or_else(Problem::not_found)?;
    let xml = if with_xml { conn.scalar("select xml as v from wf_definition where id = $1", values![id]).await? } else { None };
    Ok(row.view(ctx, xml))
}

pub async fn get_definition(ctx: &Ctx, id: DefinitionId) -> Result<DefinitionView, Problem> {
    ctx.require(perm::DEFINITION_READ)?;
    one(ctx, ctx.conn(), id, true).await
}

pub async fn list_definitions(ctx: &Ctx, page: PageQuery) -> Result<Page<DefinitionView>, Problem> {
    ctx.require(perm::DEFINITION_READ)?;
    let sql = format!("select {COLUMNS} from wf_definition order by key, version desc limit $1 offset $2");
    let rows: Vec<Row> = ctx.conn().rows(&sql, values![page.limit() as i64, page.offset() as i64]).await?;
    let total: Option<i64> = ctx.conn().scalar("select count(*) as v from (select 1 from wf_definition limit 10001) t", values![]).await?;
    Ok(Page::new(rows.into_iter().map(|r| r.view(ctx, None)).collect(), total.unwrap_or(0)))
}
