//! 岗位/办事身份: an account, one role, one scope. The system administrator proposes, the security administrator approves.
mod row;

use linli_kernel::{AccountId, CommitteeId, CompanyId, Date, Invalid, Page, PageQuery, PostId, Problem, ProjectId, Timestamp};
use linli_macros::Problem as ProblemEnum;
use linli_runtime::{Change, Key, Sql, Tx, values};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use row::PostBrief;
pub(crate) use row::{PostRow, active_of};

use crate::{AllowedAction, Ctx, PostTarget, accounts, areas, perm, sessions};

/// 三员: they exclude each other and every other role on one account.
pub(crate) const ADMINISTRATORS: [&str; 3] = ["sys_admin", "sec_admin", "audit_admin"];

/// A post to be proposed; what the scope kind does not need is left out.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostCreate {
    pub account_id: AccountId,
    /// Code of an active role.
    #[schema(example = "fund_clerk")]
    pub role: String,
    /// `tenant`, `area`, `company`, `project`, `committee`, `assigned` or `none`: the role's own.
    #[schema(example = "area")]
    pub scope_kind: String,
    #[serde(default)]
    #[schema(example = "379901000000")]
    pub area_code: Option<String>,
    #[serde(default)]
    pub company_id: Option<CompanyId>,
    #[serde(default)]
    pub project_id: Option<ProjectId>,
    #[serde(default)]
    pub committee_id: Option<CommitteeId>,
    /// For `assigned`: what is assigned.
    #[serde(default)]
    #[schema(example = "ledger.bank_account")]
    pub subject_kind: Option<String>,
    #[serde(default)]
    pub subject_id: Option<Uuid>,
    /// First day.
    pub from: Date,
    /// Last day, if it ends.
    #[serde(default)]
    pub to: Option<Date>,
}

/// 岗位 as administrators see it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PostView {
    #[serde(flatten)]
    pub post: PostBrief,
    pub account_id: AccountId,
    #[schema(example = "王丽")]
    pub account_name: String,
    /// `proposed`, `active`, `ended` or `refused`.
    #[schema(example = "proposed")]
    pub state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed_by: Option<AccountId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<AccountId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    pub version: i64,
    pub allowed_actions: Vec<AllowedAction>,
}

#[derive(Debug, ProblemEnum)]
pub enum PostError {
    #[problem(
        409,
        "post.duty_exclusive",
        zh = "系统、安全、审计管理员互斥，且不能兼任其他岗位",
        en = "System, security and audit administrator exclude each other and every other post"
    )]
    DutyExclusive,
    #[problem(409, "post.not_allowed", zh = "岗位当前为“{state}”，不能这样办理", en = "Not possible while the post is {state}")]
    NotAllowed { state: String },
    #[problem(
        409,
        "post.last_administrator",
        zh = "这是最后一名在任的该类管理员，不能结束",
        en = "This is the last administrator of its kind in office"
    )]
    LastAdministrator,
}

/// The duty of a role: an administrator's own, or business.
pub(crate) fn duty_of(role: &str) -> &str {
    if ADMINISTRATORS.contains(&role) { role } else { "business" }
}

#[derive(sea_orm::FromQueryResult)]
struct RoleScope {
    scope_kind: String,
    state: String,
}
const ROLE: &str = "select scope_kind, state from role where code = $1";

/// What a post's scope points to, found in the tenant's data.
struct Target {
    area: Option<areas::Area>,
    found: PostTarget,
}

/// Proposes a post. The target is looked up beyond the administrator's own scope: he reads no business row.
pub async fn create(ctx: &Ctx, key: &Key, cmd: PostCreate) -> Result<PostView, Problem> {
    ctx.require(perm::POST_CREATE)?;
    let account = accounts::load(ctx.conn(), cmd.account_id).await?;
    let role: Option<RoleScope> = ctx.conn().row(ROLE, values![cmd.role.as_str()]).await?;
    let target = check(ctx, &cmd, role.as_ref()).await?;
    let until = match (cmd.to, target.found.until) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    let from = target.found.from.map_or(cmd.from, |term| term.max(cmd.from));
    ctx.tx("post.create", key, async |tx| {
        let id = PostId::new();
        take_duty(tx, cmd.account_id, duty_of(&cmd.role)).await?;
        let new = row::NewPost {
            id,
            account_id: cmd.account_id,
            role: &cmd.role,
            scope_kind: &cmd.scope_kind,
            area: target.area.as_ref(),
            company_id: cmd.company_id.or(target.found.company_id).filter(|_| cmd.scope_kind != "tenant"),
            project_id: cmd.project_id.or(target.found.project_id),
            committee_id: cmd.committee_id,
            subject: cmd.subject_kind.as_deref().zip(cmd.subject_id),
            from,
            until,
            state: "proposed",
        };
        new.insert(tx).await?;
        let change = Change::new("post.created", "post", id).data("state", "proposed").data("role", &cmd.role);
        tx.event(change.data("account", cmd.account_id).data("scope_kind", &cmd.scope_kind)).await?;
        debug_assert_eq!(account.id, cmd.account_id);
        row::load(tx.conn(), id).await?.view(ctx)
    })
    .await
}

async fn check(ctx: &Ctx, cmd: &PostCreate, role: Option<&RoleScope>) -> Result<Target, Problem> {
    let mut invalid = Invalid::new();
    let mut wrong = |pointer: &str, code: &str, zh: &str, en: &str| invalid.add(pointer, code, zh, en);
    match role.filter(|r| r.state == "active" && r.scope_kind != "own") {
        None => wrong("/role", "post.role", "没有这个角色", "There is no such role"),
        Some(r) if !same_scope(&r.scope_kind, &cmd.scope_kind) => {
            wrong("/scope_kind", "post.scope_kind", "与角色的数据范围不符", "Not the scope of this role");
        }
        Some(_) => {}
    }
    if cmd.to.is_some_and(|to| to < cmd.from) {
        wrong("/to", "post.term", "结束日期早于开始日期", "It ends before it begins");
    }
    let needed = |given: bool, pointer: &str| (!given).then(|| pointer.to_owned());
    let missing = match cmd.scope_kind.as_str() {
        "area" => needed(cmd.area_code.is_some(), "/area_code"),
        "company" => needed(cmd.company_id.is_some(), "/company_id"),
        "project" => needed(cmd.project_id.is_some(), "/project_id"),
        "committee" => needed(cmd.committee_id.is_some(), "/committee_id"),
        "assigned" => needed(cmd.subject_kind.is_some(), "/subject_kind").or(needed(cmd.subject_id.is_some(), "/subject_id")),
        _ => None,
    };
    if let Some(pointer) = missing {
        wrong(&pointer, "required", "请填写", "This is required");
    }
    let subject_ok =
        cmd.subject_kind.as_deref().is_none_or(|k| k.len() <= 60 && k.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'.' | b'_')));
    if !subject_ok {
        wrong("/subject_kind", "post.subject", "不是有效的事物类别", "Not a kind of thing");
    }
    invalid.done()?;
    target(ctx, cmd).await
}

/// A role of the whole city may be held for a part of it and the other way round; every other scope is the role's own.
fn same_scope(role: &str, given: &str) -> bool {
    role == given || matches!((role, given), ("tenant", "area") | ("area", "tenant"))
}

async fn target(ctx: &Ctx, cmd: &PostCreate) -> Result<Target, Problem> {
    let system = Ctx::system(&ctx.app, &ctx.tenant, &ctx.request_id);
    let targets = ctx.app.ports.post_targets.as_ref();
    let unknown = |pointer: &str| {
        let mut invalid = Invalid::new();
        invalid.add(pointer, "post.target_unknown", "没有找到这个对象", "There is no such thing");
        invalid.done().err().unwrap_or_else(Problem::not_found)
    };
    let ports = || targets.ok_or_else(|| Problem::internal("no port looks up the targets of posts"));
    let mut target = Target { area: None, found: PostTarget::default() };
    match cmd.scope_kind.as_str() {
        "area" => {
            let area = areas::find(ctx.conn(), cmd.area_code.as_deref().unwrap_or("")).await?;
            // the province is named in every city's tree, but no post of a city covers it
            if !area.path.starts_with(&ctx.tenant.area_path) {
                return Err(unknown("/area_code"));
            }
            target.area = Some(area);
        }
        "company" => {
            let id = cmd.company_id.ok_or_else(|| unknown("/company_id"))?;
            target.found = ports()?.company(&system, id).await?.ok_or_else(|| unknown("/company_id"))?;
        }
        "project" => {
            let id = cmd.project_id.ok_or_else(|| unknown("/project_id"))?;
            target.found = ports()?.project(&system, id).await?.ok_or_else(|| unknown("/project_id"))?;
        }
        "committee" => {
            let id = cmd.committee_id.ok_or_else(|| unknown("/committee_id"))?;
            target.found = ports()?.committee(&system, id).await?.ok_or_else(|| unknown("/committee_id"))?;
        }
        "assigned" => {
            let (kind, id) = cmd.subject_kind.as_deref().zip(cmd.subject_id).ok_or_else(|| unknown("/subject_id"))?;
            if let Some(subject) = ctx.app.ports.find_subject(kind)
                && !subject.may_see(&system, id).await?
            {
                return Err(unknown("/subject_id"));
            }
        }
        _ => {}
    }
    Ok(target)
}

const TAKE_DUTY: &str = "insert into account_duty (account_id, duty) values ($1, $2) on conflict (account_id) do nothing";
const DUTY: &str = "select duty as v from account_duty where account_id = $1";

/// Binds the account to the one duty of its live posts; the foreign key of `post` holds it.
pub(crate) async fn take_duty(tx: &Tx, account: AccountId, duty: &str) -> Result<(), Problem> {
    tx.conn().exec(TAKE_DUTY, values![account, duty]).await?;
    let held: Option<String> = tx.conn().scalar(DUTY, values![account]).await?;
    if held.as_deref() == Some(duty) { Ok(()) } else { Err(PostError::DutyExclusive.into()) }
}

/// 批准. Nobody approves his own post, nor what he proposed himself.
pub async fn approve(ctx: &Ctx, key: &Key, id: PostId) -> Result<PostView, Problem> {
    ctx.require(perm::POST_APPROVE)?;
    decide(ctx, key, "post.approve", id, "active", "post.approved").await
}

/// 不予批准.
pub async fn refuse(ctx: &Ctx, key: &Key, id: PostId) -> Result<PostView, Problem> {
    ctx.require(perm::POST_REFUSE)?;
    decide(ctx, key, "post.refuse", id, "refused", "post.refused").await
}

const DECIDE: &str = "update post set state = $2, decided_by = $3, decided_at = $4, version = version + 1,
                       duty = case when $2 = 'refused' then null else duty end where id = $1 and state = 'proposed'";

async fn decide(ctx: &Ctx, key: &Key, name: &'static str, id: PostId, to: &str, event: &'static str) -> Result<PostView, Problem> {
    ctx.tx(name, key, async |tx| {
        let row = row::load_locked(tx, id).await?;
        ctx.not_the_maker(row.proposed_by)?;
        ctx.not_the_maker(Some(row.account_id))?;
        if row.state != "proposed" {
            return Err(PostError::NotAllowed { state: row.state }.into());
        }
        tx.conn().exec(DECIDE, values![id, to, tx.author().account, tx.now()]).await?;
        release_duty(tx, row.account_id).await?;
        let change = Change::new(event, "post", id).state("proposed", to).data("role", &row.role);
        tx.event(change.data("account", row.account_id)).await?;
        row::load(tx.conn(), id).await?.view(ctx)
    })
    .await
}

const END: &str = "update post set state = 'ended', duty = null, until_on = $2, version = version + 1 where id = $1 and state = 'active'";
const LEAVE_SESSIONS: &str = "update session set ended_at = $2 where post_id = $1 and ended_at is null";
const OTHERS: &str = "select count(*) as v from post where role = $1 and state = 'active' and id <> $2
                      and (until_on is null or until_on >= $3)";

/// 结束: sessions in which the post was chosen end at once.
pub async fn end(ctx: &Ctx, key: &Key, id: PostId) -> Result<PostView, Problem> {
    ctx.require(perm::POST_END)?;
    ctx.tx("post.end", key, async |tx| {
        let row = row::load_locked(tx, id).await?;
        ctx.not_the_maker(Some(row.account_id))?;
        if row.state != "active" {
            return Err(PostError::NotAllowed { state: row.state }.into());
        }
        if ADMINISTRATORS.contains(&row.role.as_str()) {
            let others: Option<i64> = tx.conn().scalar(OTHERS, values![row.role.as_str(), id, tx.today()]).await?;
            if others.unwrap_or(0) == 0 {
                return Err(PostError::LastAdministrator.into());
            }
        }
        tx.conn().exec(END, values![id, tx.today()]).await?;
        tx.conn().exec(LEAVE_SESSIONS, values![id, ctx.app.clock.machine()]).await?;
        release_duty(tx, row.account_id).await?;
        let change = Change::new("post.ended", "post", id).state("active", "ended").data("role", &row.role);
        tx.event(change.data("account", row.account_id)).await?;
        row::load(tx.conn(), id).await?.view(ctx)
    })
    .await
}

const RELEASE_DUTY: &str = "delete from account_duty where account_id = $1
                            and not exists (select 1 from post where account_id = $1 and duty is not null)";

async fn release_duty(tx: &Tx, account: AccountId) -> Result<(), Problem> {
    tx.conn().exec(RELEASE_DUTY, values![account]).await?;
    Ok(())
}

/// Filters of the list.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PostQuery {
    pub account_id: Option<AccountId>,
    pub role: Option<String>,
    /// `proposed`, `active`, `ended` or `refused`.
    pub state: Option<String>,
    pub page: Option<u64>,
    pub page_size: Option<u64>,
}

pub async fn list(ctx: &Ctx, query: &PostQuery) -> Result<Page<PostView>, Problem> {
    ctx.require(perm::POST_READ)?;
    let page = PageQuery { page: query.page, page_size: query.page_size };
    let (rows, counted) = row::list(ctx.conn(), query, page).await?;
    Ok(Page::new(rows.into_iter().map(|row| row.view(ctx)).collect::<Result<_, _>>()?, counted))
}

pub async fn get(ctx: &Ctx, id: PostId) -> Result<PostView, Problem> {
    ctx.require(perm::POST_READ)?;
    row::load(ctx.conn(), id).await?.view(ctx)
}

/// The post of an administrator that comes with the tenant: active from the first day.
pub(crate) async fn install_administrator(tx: &Tx, account: AccountId, role: &str) -> Result<PostId, Problem> {
    let id = PostId::new();
    take_duty(tx, account, role).await?;
    let new = row::NewPost {
        id,
        account_id: account,
        role,
        scope_kind: "none",
        area: None,
        company_id: None,
        project_id: None,
        committee_id: None,
        subject: None,
        from: tx.today(),
        until: None,
        state: "active",
    };
    new.insert(tx).await?;
    let change = Change::new("post.approved", "post", id).data("state", "active").data("role", role).data("account", account);
    tx.event(change).await?;
    Ok(id)
}

/// Ends sessions of an account after its posts changed from outside this crate.
pub async fn sign_out(ctx: &Ctx, tx: &Tx, account: AccountId) -> Result<(), Problem> {
    sessions::end_all_of(tx, account, ctx.app.clock.machine()).await
}

#[cfg(test)]
mod tests;
