//! Signing in by password. Five failures lock the account for 15 minutes; an unknown name takes as long and reads the same as a
//! wrong password; one address can neither try for ever nor lock everybody out (reliability.md §2(c)).
use linli_kernel::{AccountId, Problem, Timestamp};
use linli_macros::Problem as ProblemEnum;
use linli_runtime::{Change, Key, Sql, Tx, values};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Carrier, Opening, SessionAccount, SessionView, Shown, csrf_of, insert, role_without_post, view};
use crate::{
    Actor, ActorKind, Ctx,
    accounts::{self, AccountKind},
    posts,
};

const FAILURES: i64 = 5;
const LOCK_SECONDS: i64 = 15 * 60;
/// Failures from one address in the window, over all accounts.
const SOURCE_FAILURES: i64 = 20;
const SOURCE_SECONDS: i64 = 15 * 60;

/// Name and password.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionCreate {
    /// Login name; persons may give their mobile.
    #[schema(example = "wang.li")]
    pub login_name: String,
    #[schema(example = "Tide-Crane-40")]
    pub password: String,
}

#[derive(Debug, ProblemEnum)]
pub(crate) enum SignInError {
    #[problem(
        401,
        "identity.login_failed",
        zh = "用户名或口令不正确；连续输错5次将锁定15分钟",
        en = "The name or the password is wrong; five failures lock the account for 15 minutes"
    )]
    Failed,
}

#[derive(sea_orm::FromQueryResult)]
struct Candidate {
    id: AccountId,
    kind: String,
    name: String,
    state: String,
    password_hash: Option<String>,
    locked_until: Option<Timestamp>,
}

const BY_LOGIN: &str = "select id, kind, name, state, password_hash, locked_until from account where login_name = $1";
const BY_MOBILE: &str =
    "select id, kind, name, state, password_hash, locked_until from account where mobile_index = $1 and kind = 'person'";
const FAIL: &str = "update account set locked_until = case when failed + 1 >= $2 then $3 else locked_until end,
                     failed = case when failed + 1 >= $2 then 0 else failed + 1 end where id = $1 returning locked_until as v";
const SUCCEED: &str = "update account set failed = 0, locked_until = null where id = $1 and (failed <> 0 or locked_until is not null)";
const SOURCE: &str = "select failed as v from login_source where source = $1 and window_from > $2";
const SOURCE_FAIL: &str = "insert into login_source (source, failed, window_from) values ($1, 1, $2)
                           on conflict (source) do update set
                             failed = case when login_source.window_from > $3 then login_source.failed + 1 else 1 end,
                             window_from = case when login_source.window_from > $3 then login_source.window_from else $2 end";

/// Opens a session. `source` is the caller's address where it is known, `device` what its browser says of itself.
pub(crate) async fn open(
    ctx: &Ctx,
    cmd: SessionCreate,
    carrier: Carrier,
    source: Option<&str>,
    device: &str,
) -> Result<SessionView, Problem> {
    let machine = ctx.app.clock.machine();
    if let Some(source) = source {
        let failed: Option<i64> = ctx.conn().scalar(SOURCE, values![source, machine.plus_seconds(-SOURCE_SECONDS)]).await?;
        if failed.unwrap_or(0) >= SOURCE_FAILURES {
            return Err(linli_runtime::bus::too_many(60));
        }
    }
    // state, hash and counter are read and written while holding the turn: parallel guesses cannot slip past the lock
    let turn = ctx.app.hasher.turn().await?;
    let found = candidate(ctx, &cmd.login_name).await?;
    let open = found.as_ref().filter(|c| c.state == "active" && c.locked_until.is_none_or(|until| until <= machine));
    let hash = found.as_ref().and_then(|c| c.password_hash.as_deref());
    let right = ctx.app.hasher.verify(&turn, &cmd.password, hash).await?;
    let Some(account) = open.filter(|_| right) else {
        failed(ctx, found.as_ref(), open.is_some(), source, machine).await?;
        return Err(SignInError::Failed.into());
    };
    let view = succeeded(ctx, account, carrier, device).await;
    drop(turn);
    view
}

/// The same for callers inside the program (the demo's seeding), with a bearer token.
pub async fn create(ctx: &Ctx, cmd: SessionCreate) -> Result<SessionView, Problem> {
    open(ctx, cmd, Carrier::Bearer, None, "").await
}

async fn candidate(ctx: &Ctx, given: &str) -> Result<Option<Candidate>, Problem> {
    let given = given.trim();
    let login = accounts::login_name(given).unwrap_or_default();
    let by_login: Option<Candidate> = ctx.conn().row(BY_LOGIN, values![login]).await?;
    if by_login.is_some() || given.len() != 11 || !given.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(by_login);
    }
    ctx.conn().row(BY_MOBILE, values![ctx.tenant.cipher().blind_index("mobile", given)]).await
}

/// Counts the failure at the account and at the address, each with its event. Unknown names write as much as known ones.
async fn failed(ctx: &Ctx, account: Option<&Candidate>, counts: bool, source: Option<&str>, machine: Timestamp) -> Result<(), Problem> {
    ctx.tx("session.fail", &Key::default(), async |tx| {
        let id = account.map_or(Uuid::nil(), |a| a.id.into());
        let locked = match account.filter(|_| counts) {
            Some(account) => count(tx, account.id, machine).await?,
            None => false,
        };
        let reason = match account {
            None => "unknown",
            Some(_) if !counts => "closed",
            Some(_) => "password",
        };
        tx.event(Change::new("session.failed", "account", id).data("reason", reason)).await?;
        if locked {
            let change = Change::new("account.locked", "account", id).state("active", "locked");
            tx.event(change.data("minutes", LOCK_SECONDS / 60)).await?;
        }
        if let Some(source) = source {
            tx.conn().exec(SOURCE_FAIL, values![source, machine, machine.plus_seconds(-SOURCE_SECONDS)]).await?;
        }
        Ok(())
    })
    .await
}

/// True when this failure locked the account.
async fn count(tx: &Tx, account: AccountId, machine: Timestamp) -> Result<bool, Problem> {
    let until = machine.plus_seconds(LOCK_SECONDS);
    let locked: Option<Option<Timestamp>> = tx.conn().scalar(FAIL, values![account, FAILURES, until]).await?;
    Ok(locked.flatten() == Some(until))
}

async fn succeeded(ctx: &Ctx, account: &Candidate, carrier: Carrier, device: &str) -> Result<SessionView, Problem> {
    let kind = AccountKind::parse(&account.kind)?;
    let posts = posts::active_of(ctx.conn(), account.id, ctx.today()).await?;
    // one post is chosen at once; several wait for the choice
    let post_id = match posts.as_slice() {
        [only] => Some(only.id),
        _ => None,
    };
    let actor = Actor {
        kind: match kind {
            AccountKind::Person => ActorKind::Person,
            AccountKind::Official => ActorKind::Official,
            AccountKind::Service => ActorKind::Service,
        },
        account_id: Some(account.id),
        post_id,
        role: posts.iter().find(|p| Some(p.id) == post_id).map_or(role_without_post(kind), |p| p.role.as_str()).to_owned(),
        ..ctx.actor.clone()
    };
    let ctx = Ctx { actor, ..ctx.clone() };
    let mut secret = None;
    let mut shown = ctx
        .tx("session.create", &Key::default(), async |tx| {
            tx.conn().exec(SUCCEED, values![account.id]).await?;
            let opening = Opening { id: account.id, kind, carrier, device };
            let (id, token, expires_at) = insert(&ctx, tx, &opening, post_id, None).await?;
            tx.event(Change::new("session.created", "session", id).data("state", "active").data("account", account.id)).await?;
            let csrf = csrf_of(&token);
            secret = Some(token);
            let named = SessionAccount { id: account.id, name: account.name.clone(), kind };
            Ok(view(&ctx, Shown { id, account: named, posts: &posts, post_id, expires_at, token: None, csrf, carrier }))
        })
        .await?;
    match carrier {
        Carrier::Bearer => shown.token = secret,
        Carrier::Cookie => shown.secret = secret,
    }
    Ok(shown)
}
