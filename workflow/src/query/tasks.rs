//! 待办, 待认领, 已办, 我发起, 抄送我.
mod row;

use linli_kernel::{Invalid, Page, PageQuery, Problem, TaskId};
use linli_runtime::{Sql, values};
use linli_tenants::{Ctx, Scope};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

pub use row::TaskView;
use row::{Row, SELECT};

use crate::{
    core::{ReturnTarget, Sentence, explain, return_targets},
    perm,
    store::{self, COLUMNS, Head},
};

/// The task after a command that its actor was allowed.
pub(crate) async fn task_in(ctx: &Ctx, conn: &impl ConnectionTrait, id: TaskId) -> Result<TaskView, Problem> {
    let row: Option<Row> = conn.row(&format!("{SELECT} where t.id = $1"), values![id]).await?;
    row.ok_or_else(Problem::not_found)?.view(ctx, conn).await
}

/// One task of those that the actor may see.
pub async fn task(ctx: &Ctx, id: TaskId) -> Result<TaskView, Problem> {
    ctx.require(perm::TASK_READ)?;
    let found = task_in(ctx, ctx.conn(), id).await?;
    if found.assignee.is_none() || found.assignee != ctx.actor.account_id {
        store::visible(ctx, ctx.conn(), found.instance_id.into()).await?;
    }
    Ok(found)
}

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TaskQuery {
    /// `todo` (default): mine and those of my pool; `pool`: free ones of my pool; `done`; `mine`: of my own applications; `copied`.
    #[param(example = "todo")]
    pub view: Option<String>,
    /// Page number, from 1.
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    /// Rows a page, at most 200.
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

/// A condition over `$1` (me), `$2` (my role) and `$3` (pattern of the areas that I cover), and the order of its list.
struct Shown {
    condition: String,
    order: &'static str,
}

const BY_DUE: &str = "case when t.due_at is null then 1 else 0 end, t.due_at, t.opened_at, t.id";

/// Free tasks of the pools that the chosen post belongs to, asked anew each time. Nobody sees a free task of his own application.
fn pool(ctx: &Ctx) -> String {
    let place = match &ctx.scope {
        Scope::Tenant | Scope::Area(_) => "1 = 1".to_owned(),
        other => other.predicate(&COLUMNS, "t", ctx.tenant.db().backend()),
    };
    format!("(t.assignee is null and t.pool_role = $2 and t.pool_org like $3 and i.applicant <> $1 and {place})")
}

fn chosen(ctx: &Ctx, view: &str) -> Result<Shown, Problem> {
    let live = "t.state = 'open' and i.state = 'running'";
    let found = match view {
        "todo" => Shown { condition: format!("{live} and (t.assignee = $1 or {})", pool(ctx)), order: BY_DUE },
        "pool" => Shown { condition: format!("{live} and {}", pool(ctx)), order: BY_DUE },
        "done" => Shown { condition: "t.actor = $1 and t.state = 'decided' and t.kind <> 'copy'".into(), order: "t.decided_at desc, t.id" },
        "mine" => Shown { condition: "i.applicant = $1 and t.state = 'open'".into(), order: "t.opened_at desc, t.id" },
        "copied" => Shown { condition: "t.kind = 'copy' and t.assignee = $1".into(), order: "t.opened_at desc, t.id" },
        other => {
            let mut invalid = Invalid::new();
            invalid.add("?view", "enum", format!("没有“{other}”这个视图"), format!("There is no view {other}"));
            return Err(invalid.done().err().unwrap_or_else(Problem::not_found));
        }
    };
    Ok(found)
}

/// Values of `$1` to `$3`.
fn who(ctx: &Ctx) -> Result<(Uuid, String, String), Problem> {
    let areas = match &ctx.scope {
        Scope::Area(path) => format!("{path}%"),
        Scope::Tenant
        | Scope::Company(_)
        | Scope::Project(_)
        | Scope::Committee { .. }
        | Scope::Own { .. }
        | Scope::Assigned(_)
        | Scope::None => "%".to_owned(),
    };
    Ok((ctx.account()?.into(), ctx.actor.role.clone(), areas))
}

// Both databases want every parameter used, whatever the view asks.
const USED: &str = "($2 = $2 and $3 = $3)";

pub async fn tasks(ctx: &Ctx, query: &TaskQuery) -> Result<Page<TaskView>, Problem> {
    ctx.require(perm::TASK_READ)?;
    let Shown { condition, order } = chosen(ctx, query.view.as_deref().unwrap_or("todo"))?;
    let page = PageQuery { page: query.page, page_size: query.page_size };
    let (me, role, areas) = who(ctx)?;
    let sql = format!("{SELECT} where {condition} and {USED} order by {order} limit $4 offset $5");
    let values = values![me, role, areas, page.limit() as i64, page.offset() as i64];
    let rows: Vec<Row> = ctx.conn().rows(&sql, values).await?;
    let counted = count(ctx, &condition).await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(row.view(ctx, ctx.conn()).await?);
    }
    Ok(Page::new(items, counted))
}

async fn count(ctx: &Ctx, condition: &str) -> Result<i64, Problem> {
    let (me, role, areas) = who(ctx)?;
    let sql = format!(
        "select count(*) as v from (select 1 as one from wf_task t join wf_instance i on i.id = t.instance_id where {condition} and {USED} limit 10001) c"
    );
    Ok(ctx.conn().scalar(&sql, values![me, role, areas]).await?.unwrap_or(0))
}

/// Numbers for the workbench.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    #[schema(example = 3)]
    pub todo: i64,
    #[schema(example = 1)]
    pub overdue: i64,
    #[schema(example = 2)]
    pub pool: i64,
}

pub async fn counts(ctx: &Ctx) -> Result<Counts, Problem> {
    ctx.require(perm::TASK_READ)?;
    let (todo, pool) = (chosen(ctx, "todo")?.condition, chosen(ctx, "pool")?.condition);
    let overdue = format!("{todo} and t.due_at < {}", ctx.now().micros());
    Ok(Counts { todo: count(ctx, &todo).await?, overdue: count(ctx, &overdue).await?, pool: count(ctx, &pool).await? })
}

/// 为什么到我这里.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ExplanationView {
    /// The sentences below in one text, in the language of the caller.
    #[schema(example = "“初审”已同意，流程到达“复核”（第1轮）。本环节由本项目所在市级的“资金复核”岗位办理，由一人认领办理。")]
    pub text: String,
    /// How it came here, who may decide it, by when.
    pub reasons: Vec<Sentence>,
    #[schema(example = "fund_reviewer")]
    pub pool_role: Option<String>,
    /// Path of the division whose people may decide it.
    #[schema(example = "37/3799/")]
    pub pool_org: Option<String>,
    #[schema(example = 1)]
    pub round: u32,
    #[schema(example = "fund-use")]
    pub definition_key: String,
    #[schema(example = 1)]
    pub definition_version: i64,
    /// 可退回的环节.
    pub return_targets: Vec<ReturnTarget>,
}

pub async fn explanation(ctx: &Ctx, id: TaskId) -> Result<ExplanationView, Problem> {
    let view = task(ctx, id).await?;
    let row = store::by_id(ctx.conn(), view.instance_id.into()).await?;
    let (instance, definition) = (row.instance()?, store::definition(ctx.conn(), row.definition_id).await?);
    let mut told = explain(&definition, &instance, id.into()).ok_or_else(Problem::not_found)?;
    let head = Head::of(ctx.conn(), row.definition_id).await?;
    if let Some(role) = &told.pool_role {
        let name: Option<String> = ctx.conn().scalar("select name as v from role where code = $1", values![role.as_str()]).await?;
        let name = name.unwrap_or_else(|| role.clone());
        for sentence in &mut told.reasons {
            sentence.zh = sentence.zh.replace(&format!(" {role} "), &format!("“{name}”"));
        }
    }
    let zh = ctx.locale == linli_kernel::Locale::Zh;
    let text = told.reasons.iter().map(|s| if zh { format!("{}。", s.zh) } else { format!("{}. ", s.en) }).collect::<String>();
    Ok(ExplanationView {
        text: text.trim_end().to_owned(),
        reasons: told.reasons,
        pool_role: told.pool_role,
        pool_org: told.pool_org,
        round: told.round,
        definition_key: head.key,
        definition_version: head.version,
        return_targets: return_targets(&definition, &instance, id.into()),
    })
}
