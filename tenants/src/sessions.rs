//! 会话: signing in and out, and the post that is chosen. Tokens have 256 bits and are kept as SHA-256; times are the machine's.
mod sign_in;
mod token;

use linli_kernel::{AccountId, Date, PostId, Problem, SessionId, Timestamp};
use linli_runtime::{Change, Key, Sql, Tx, crypto::random_token, crypto::sha256_hex, values};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub(crate) use sign_in::open;
pub use sign_in::{SessionCreate, create};
pub(crate) use token::{Carrier, Found, authenticate, csrf_of};

use crate::{
    ActorKind, Ctx, Scope,
    accounts::{self, AccountKind},
    posts::{self, PostBrief, PostRow},
    settings,
};

/// How long a session lives in all.
const OFFICIAL_SECONDS: i64 = 12 * 3600;
const PERSON_SECONDS: i64 = 30 * 86_400;

/// Whose session it is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SessionAccount {
    pub id: AccountId,
    #[schema(example = "王丽")]
    pub name: String,
    pub kind: AccountKind,
}

/// The city that the session belongs to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SessionCity {
    pub slug: String,
    #[schema(example = "滨海市")]
    pub name: String,
}

/// 会话 with everything that a page needs at its start.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SessionView {
    pub id: SessionId,
    /// Only at sign-in and at a change of post, and never with a cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "4kT0…")]
    pub token: Option<String>,
    pub expires_at: Timestamp,
    pub account: SessionAccount,
    /// The posts that may be chosen today.
    pub posts: Vec<PostBrief>,
    /// The chosen one; null until several are chosen from, and for a person without a post.
    pub post_id: Option<PostId>,
    /// Role of the chosen post; `person` or `none` without one.
    #[schema(example = "fund_clerk")]
    pub role: String,
    pub permissions: Vec<String>,
    /// Goes into `x-csrf-token` of every write with the cookie.
    pub csrf: String,
    pub city: SessionCity,
    /// The city's business date (业务日期), which a simulated clock moves.
    #[schema(example = "2026-11-16")]
    pub today: Date,
    /// For the cookie: which way the token travels.
    #[serde(skip, default)]
    pub(crate) secret: Option<String>,
}

/// The post to act in; null: none, for a person who acts for himself.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionPost {
    pub post_id: Option<PostId>,
}

const INSERT: &str = "insert into session (id, account_id, token_digest, carrier, post_id, device, created_at, last_seen_at, idle_seconds,
                       expires_at) values ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)";

/// A fresh session row; answers its id, token and end.
async fn insert(
    ctx: &Ctx,
    tx: &Tx,
    account: &Opening<'_>,
    post: Option<PostId>,
    expires_at: Option<Timestamp>,
) -> Result<(SessionId, String, Timestamp), Problem> {
    let (id, token, now) = (SessionId::new(), random_token(), ctx.app.clock.machine());
    let (idle, life) = match account.kind {
        AccountKind::Person => (settings::int(ctx, tx.conn(), "session.person_idle_hours").await? * 3600, PERSON_SECONDS),
        AccountKind::Official | AccountKind::Service => {
            (settings::int(ctx, tx.conn(), "session.official_idle_minutes").await? * 60, OFFICIAL_SECONDS)
        }
    };
    let expires_at = expires_at.unwrap_or(now.plus_seconds(life));
    let digest = sha256_hex(token.as_bytes());
    let row = values![id, account.id, digest, account.carrier.as_str(), post, account.device, now, idle, expires_at];
    tx.conn().exec(INSERT, row).await?;
    Ok((id, token, expires_at))
}

struct Opening<'a> {
    id: AccountId,
    kind: AccountKind,
    carrier: Carrier,
    device: &'a str,
}

/// The role that a session without a chosen post has.
pub(crate) fn role_without_post(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Person => "person",
        AccountKind::Official | AccountKind::Service => "none",
    }
}

struct Shown<'a> {
    id: SessionId,
    account: SessionAccount,
    posts: &'a [PostRow],
    post_id: Option<PostId>,
    expires_at: Timestamp,
    token: Option<String>,
    csrf: String,
    carrier: Carrier,
}

fn view(ctx: &Ctx, shown: Shown<'_>) -> SessionView {
    let chosen = shown.post_id.and_then(|id| shown.posts.iter().find(|p| p.id == id));
    let role = chosen.map_or(role_without_post(shown.account.kind), |p| p.role.as_str()).to_owned();
    let (token, secret) = match shown.carrier {
        Carrier::Bearer => (shown.token, None),
        Carrier::Cookie => (None, shown.token),
    };
    SessionView {
        id: shown.id,
        token,
        secret,
        expires_at: shown.expires_at,
        account: shown.account,
        posts: shown.posts.iter().map(PostRow::brief).collect(),
        post_id: chosen.map(|p| p.id),
        permissions: ctx.tenant.policy().of(&role),
        role,
        csrf: shown.csrf,
        city: SessionCity { slug: ctx.tenant.slug.clone(), name: ctx.tenant.name.clone() },
        today: ctx.today(),
    }
}

/// The caller's session, for a page that starts.
pub async fn current(ctx: &Ctx, held: &Found) -> Result<SessionView, Problem> {
    let row = accounts::load(ctx.conn(), held.account_id).await?;
    let posts = posts::active_of(ctx.conn(), held.account_id, ctx.today()).await?;
    let account = SessionAccount { id: row.id, name: row.name, kind: held.kind()? };
    let csrf = held.csrf.clone();
    let shown = Shown {
        id: held.id,
        account,
        posts: &posts,
        post_id: ctx.actor.post_id,
        expires_at: held.expires_at,
        token: None,
        csrf,
        carrier: held.carrier(),
    };
    Ok(view(ctx, shown))
}

const END_ONE: &str = "update session set ended_at = $2 where id = $1 and ended_at is null";
const END_ALL: &str = "update session set ended_at = $2 where account_id = $1 and ended_at is null";

/// Ends every session of an account, in the transaction that takes its right away.
pub(crate) async fn end_all_of(tx: &Tx, account: AccountId, machine: Timestamp) -> Result<(), Problem> {
    tx.conn().exec(END_ALL, values![account, machine]).await?;
    Ok(())
}

/// 切换岗位: the old token ends, a new one carries the post.
pub async fn choose_post(ctx: &Ctx, held: &Found, cmd: SessionPost) -> Result<SessionView, Problem> {
    let row = accounts::load(ctx.conn(), held.account_id).await?;
    let posts = posts::active_of(ctx.conn(), held.account_id, ctx.today()).await?;
    if let Some(id) = cmd.post_id
        && !posts.iter().any(|p| p.id == id)
    {
        return Err(Problem::not_found());
    }
    let kind = held.kind()?;
    let mut secret = None;
    let mut shown = ctx
        .tx("session.choose_post", &Key::default(), async |tx| {
            let machine = ctx.app.clock.machine();
            tx.conn().exec(END_ONE, values![held.id, machine]).await?;
            let opening = Opening { id: held.account_id, kind, carrier: held.carrier(), device: &held.device };
            // the whole life is counted from the sign-in
            let (id, token, expires_at) = insert(ctx, tx, &opening, cmd.post_id, Some(held.expires_at)).await?;
            let change = Change::new("session.post_chosen", "session", id).data("account", held.account_id);
            tx.event(change.data("post", cmd.post_id).state("active", "active")).await?;
            let csrf = csrf_of(&token);
            secret = Some(token);
            let account = SessionAccount { id: held.account_id, name: row.name.clone(), kind };
            let shown = Shown { id, account, posts: &posts, post_id: cmd.post_id, expires_at, token: None, csrf, carrier: held.carrier() };
            Ok(view(ctx, shown))
        })
        .await?;
    match held.carrier() {
        Carrier::Bearer => shown.token = secret,
        Carrier::Cookie => shown.secret = secret,
    }
    Ok(shown)
}

/// 退出.
pub async fn end(ctx: &Ctx, held: &Found) -> Result<(), Problem> {
    ctx.tx("session.end", &Key::default(), async |tx| {
        tx.conn().exec(END_ONE, values![held.id, ctx.app.clock.machine()]).await?;
        tx.event(Change::new("session.ended", "session", held.id).state("active", "ended")).await?;
        Ok(())
    })
    .await
}

/// 在所有设备退出: this session too.
pub async fn end_everywhere(ctx: &Ctx, held: &Found) -> Result<(), Problem> {
    ctx.tx("session.end_everywhere", &Key::default(), async |tx| {
        end_all_of(tx, held.account_id, ctx.app.clock.machine()).await?;
        let change = Change::new("session.ended", "account", held.account_id).data("reason", "everywhere");
        tx.event(change.state("active", "ended")).await?;
        Ok(())
    })
    .await
}

/// The actor and the scope of a session, from its account and its chosen post.
pub(crate) async fn actor_of(ctx: &Ctx, found: &Found) -> Result<(crate::Actor, Scope), Problem> {
    let kind = found.kind()?;
    let today = ctx.today();
    let actor_kind = match kind {
        AccountKind::Person => ActorKind::Person,
        AccountKind::Official => ActorKind::Official,
        AccountKind::Service => ActorKind::Service,
    };
    let mut actor = crate::Actor {
        kind: actor_kind,
        account_id: Some(found.account_id),
        person_id: found.person_id,
        session_id: Some(found.id),
        post_id: None,
        role: role_without_post(kind).to_owned(),
    };
    let scope = match found.post.as_ref().filter(|p| p.in_force(today)) {
        Some(post) => {
            actor.post_id = Some(post.id);
            actor.role = post.role.clone();
            match post.scope_kind.as_str() {
                "assigned" => Scope::Assigned(assigned(ctx, found.account_id, &post.role).await?),
                _ => post.scope(found.account_id, found.person_id, today),
            }
        }
        None if kind == AccountKind::Person => Scope::Own { account_id: found.account_id, person_id: found.person_id, today },
        None => Scope::None,
    };
    Ok((actor, scope))
}

const ASSIGNED: &str = "select subject_kind as kind, subject_id as id from post
                        where account_id = $1 and role = $2 and state = 'active' and scope_kind = 'assigned'
                          and from_on <= $3 and (until_on is null or until_on >= $3) limit 1000";

#[derive(sea_orm::FromQueryResult)]
struct Matter {
    kind: String,
    id: uuid::Uuid,
}

/// A bank with two accounts has two posts of one role: both count, whichever was chosen.
async fn assigned(ctx: &Ctx, account: AccountId, role: &str) -> Result<Vec<String>, Problem> {
    let matters: Vec<Matter> = ctx.conn().rows(ASSIGNED, values![account, role, ctx.today()]).await?;
    Ok(matters.into_iter().map(|m| format!("{}:{}", m.kind, m.id)).collect())
}

const CONTEXT: &str = "select a.id as account_id, a.kind, a.person_id, p.id as post_id, p.role, p.scope_kind, p.area_path, p.company_id,
                        p.project_id, p.committee_id, p.from_on, p.until_on, p.state as post_state
                       from account a left join post p on p.id = $2 and p.account_id = a.id
                       where a.id = $1 and a.state in ('active', 'locked')";

/// The context of whoever ordered a job, as he stands now: his post may have ended meanwhile, then the job has no rights.
pub(crate) async fn context_of(ctx: &Ctx, account: AccountId, post: Option<PostId>) -> Result<Option<Ctx>, Problem> {
    let row: Option<token::Standing> = ctx.conn().row(CONTEXT, values![account, post]).await?;
    let Some(row) = row else { return Ok(None) };
    let found = row.into_found(SessionId(uuid::Uuid::nil()));
    let (actor, scope) = actor_of(ctx, &found).await?;
    Ok(Some(Ctx { actor: crate::Actor { session_id: None, ..actor }, scope, ..ctx.clone() }))
}

#[cfg(test)]
mod tests;
