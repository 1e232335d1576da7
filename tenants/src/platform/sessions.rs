//! Sessions of operators: the same rules as a tenant's, in the platform's own tables.
use std::sync::Arc;

use linli_kernel::{AccountId, Problem, SessionId, Timestamp};
use linli_runtime::{
    Author, Change, Key, Sql,
    crypto::{random_token, sha256_hex},
    transact, values,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    App, PlatformCtx,
    http::platform_env,
    sessions::{Carrier, SessionCreate, csrf_of},
};

const IDLE_SECONDS: i64 = 30 * 60;
const LIFE_SECONDS: i64 = 12 * 3600;
const FAILURES: i64 = 5;
const LOCK_SECONDS: i64 = 15 * 60;

/// An operator's session.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PlatformSession {
    pub id: SessionId,
    /// Only at sign-in, and never with a cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "4kT0…")]
    pub token: Option<String>,
    pub expires_at: Timestamp,
    pub account: PlatformAccount,
    #[schema(example = "platform_operator")]
    pub role: String,
    /// Goes into `x-csrf-token` of every write with the cookie.
    pub csrf: String,
    /// For the cookie: which way the token travels.
    #[serde(skip, default)]
    pub(crate) secret: Option<String>,
}

/// A browser's token says of itself that it is one: it is good in the cookie only.
const BROWSER: &str = "b.";

pub(crate) fn carrier_of(token: &str) -> Carrier {
    if token.starts_with(BROWSER) { Carrier::Cookie } else { Carrier::Bearer }
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PlatformAccount {
    pub id: AccountId,
    #[schema(example = "operator")]
    pub login_name: String,
    #[schema(example = "平台运维")]
    pub name: String,
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: AccountId,
    login_name: String,
    name: String,
    state: String,
    password_hash: String,
    locked_until: Option<Timestamp>,
}

const BY_LOGIN: &str = "select id, login_name, name, state, password_hash, locked_until from platform_account where login_name = $1";
const BY_ID: &str = "select id, login_name, name, state, password_hash, locked_until from platform_account where id = $1";
const FAIL: &str = "update platform_account set locked_until = case when failed + 1 >= $2 then $3 else locked_until end,
                     failed = case when failed + 1 >= $2 then 0 else failed + 1 end where id = $1";
const SUCCEED: &str = "update platform_account set failed = 0, locked_until = null where id = $1";
const INSERT: &str =
    "insert into platform_session (id, account_id, token_digest, created_at, last_seen_at, expires_at) values ($1, $2, $3, $4, $4, $5)";
const END: &str = "update platform_session set ended_at = $2 where id = $1 and ended_at is null";

fn failed() -> Problem {
    Problem::new(
        401,
        "identity.login_failed",
        "用户名或口令不正确；连续输错5次将锁定15分钟",
        "The name or the password is wrong; five failures lock the account for 15 minutes",
    )
}

pub(crate) async fn create(app: &Arc<App>, request_id: &str, cmd: SessionCreate, carrier: Carrier) -> Result<PlatformSession, Problem> {
    let machine = app.clock.machine();
    let turn = app.hasher.turn().await?;
    let row: Option<Row> = app.platform.reader().row(BY_LOGIN, values![cmd.login_name.trim().to_lowercase()]).await?;
    let open = row.as_ref().filter(|r| r.state == "active" && r.locked_until.is_none_or(|until| until <= machine));
    let right = app.hasher.verify(&turn, &cmd.password, row.as_ref().map(|r| r.password_hash.as_str())).await?;
    let author = Author { account: open.filter(|_| right).map(|r| r.id), role: "platform_operator".into(), ..Author::system(request_id) };
    let env = platform_env(app, author);
    let Some(account) = open.filter(|_| right) else {
        transact(&app.platform, &env, "platform.session.fail", &Key::default(), async |tx| {
            if let Some(account) = open {
                tx.conn().exec(FAIL, values![account.id, FAILURES, machine.plus_seconds(LOCK_SECONDS)]).await?;
            }
            let id = row.as_ref().map_or(Uuid::nil(), |r| r.id.into());
            tx.event(Change::new("platform.session.failed", "platform.account", id)).await?;
            Ok(())
        })
        .await?;
        return Err(failed());
    };
    let token = match carrier {
        Carrier::Cookie => format!("{BROWSER}{}", random_token()),
        Carrier::Bearer => random_token(),
    };
    let (id, expires_at) = (SessionId::new(), machine.plus_seconds(LIFE_SECONDS));
    transact(&app.platform, &env, "platform.session.create", &Key::default(), async |tx| {
        tx.conn().exec(SUCCEED, values![account.id]).await?;
        tx.conn().exec(INSERT, values![id, account.id, sha256_hex(token.as_bytes()), machine, expires_at]).await?;
        tx.event(Change::new("platform.session.created", "platform.session", id).data("state", "active")).await?;
        Ok(())
    })
    .await?;
    let mut made = view(account, id, expires_at, csrf_of(&token));
    match carrier {
        Carrier::Cookie => made.secret = Some(token),
        Carrier::Bearer => made.token = Some(token),
    }
    Ok(made)
}

fn view(row: &Row, id: SessionId, expires_at: Timestamp, csrf: String) -> PlatformSession {
    let account = PlatformAccount { id: row.id, login_name: row.login_name.clone(), name: row.name.clone() };
    PlatformSession { id, token: None, secret: None, expires_at, account, role: "platform_operator".into(), csrf }
}

#[derive(sea_orm::FromQueryResult)]
struct Live {
    id: SessionId,
    account_id: AccountId,
    last_seen_at: Timestamp,
    expires_at: Timestamp,
}
const LIVE: &str = "select s.id, s.account_id, s.last_seen_at, s.expires_at from platform_session s
                    join platform_account a on a.id = s.account_id
                    where s.token_digest = $1 and s.ended_at is null and a.state = 'active'";
const SEEN: &str = "update platform_session set last_seen_at = $2 where id = $1 and last_seen_at < $2";
const EXPIRES: &str = "select expires_at as v from platform_session where id = $1";

/// The live session of an operator's token.
pub(crate) async fn authenticate(app: &Arc<App>, token: &str) -> Result<Option<(SessionId, AccountId)>, Problem> {
    if token.len() > 200 {
        return Ok(None);
    }
    let machine = app.clock.machine();
    let live: Option<Live> = app.platform.reader().row(LIVE, values![sha256_hex(token.as_bytes())]).await?;
    let live = live.filter(|l| l.expires_at > machine && l.last_seen_at.plus_seconds(IDLE_SECONDS) > machine);
    if let Some(live) = live.as_ref().filter(|l| l.last_seen_at.plus_seconds(60) < machine) {
        let (db, id) = (app.platform.clone(), live.id);
        tokio::spawn(async move {
            let noted = async {
                let tx = db.begin().await?;
                tx.exec(SEEN, values![id, machine]).await?;
                Ok::<(), Problem>(tx.commit().await?)
            };
            if let Err(problem) = noted.await {
                tracing::warn!(%problem, "Could not note that an operator's session is alive");
            }
        });
    }
    Ok(live.map(|l| (l.id, l.account_id)))
}

/// The session of the token that the request carried.
pub async fn current(ctx: &PlatformCtx, token: &str) -> Result<PlatformSession, Problem> {
    let reader = ctx.app.platform.reader();
    let row: Option<Row> = reader.row(BY_ID, values![ctx.account_id]).await?;
    let expires_at: Option<Timestamp> = reader.scalar(EXPIRES, values![ctx.session_id]).await?;
    let (row, expires_at) = row.zip(expires_at).ok_or_else(Problem::unauthenticated)?;
    Ok(view(&row, ctx.session_id, expires_at, csrf_of(token)))
}

pub async fn end(ctx: &PlatformCtx) -> Result<(), Problem> {
    ctx.tx("platform.session.end", &Key::default(), async |tx| {
        tx.conn().exec(END, values![ctx.session_id, ctx.app.clock.machine()]).await?;
        tx.event(Change::new("platform.session.ended", "platform.session", ctx.session_id).data("state", "ended")).await?;
        Ok(())
    })
    .await
}
