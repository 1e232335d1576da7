//! Who asks: from the request to a `Ctx` of the tenant in its path, to a visitor, or to an operator of the platform.
use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    response::Response,
};
use linli_kernel::{AccountId, Locale, Problem, SessionId};
use linli_runtime::{Author, Key, Tx, TxEnv, crypto::ct_eq, transact};
use serde::{Serialize, de::DeserializeOwned};

use super::{RequestId, TenantSlug, problem_response};
use crate::{
    Actor, ActorKind, App, Ctx, Scope, Tenant, platform,
    sessions::{Carrier, Found, actor_of, authenticate, csrf_of},
};

/// Name of the browser's cookie, below the tenant's path.
const COOKIE: &str = "linli_s";

/// Nobody is signed in, or it does not matter: for what anybody may call.
pub struct Visitor(pub Ctx);

/// The caller's session beside his context, for the routes of the session itself.
pub struct Session(pub Ctx, pub Found);

/// The caller's address, where the listener knows it.
pub struct Source(pub Option<String>);

fn refuse(problem: Problem) -> Response {
    problem_response(&problem)
}

async fn tenant_of(parts: &Parts, app: &Arc<App>) -> Result<Arc<Tenant>, Problem> {
    let slug = parts.extensions.get::<TenantSlug>().ok_or_else(Problem::not_found)?;
    app.tenant(&slug.0).await
}

fn locale_of(headers: &HeaderMap) -> Locale {
    Locale::of_header(headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()))
}

fn request_id(parts: &Parts) -> String {
    parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}

fn visitor(app: &Arc<App>, tenant: Arc<Tenant>, parts: &Parts) -> Ctx {
    let actor =
        Actor { kind: ActorKind::Visitor, account_id: None, person_id: None, session_id: None, post_id: None, role: "visitor".into() };
    Ctx { app: app.clone(), tenant, actor, scope: Scope::None, locale: locale_of(&parts.headers), request_id: request_id(parts) }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookie_token(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
    all.filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

/// A write that carries the cookie must come from a page of ours: the token that only our pages can read, and the origin.
fn check_csrf(parts: &Parts, csrf: &str, base_url: &str) -> Result<(), Problem> {
    if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok());
    let same = |origin: &str| {
        let host = text("host").unwrap_or("");
        origin == base_url || !host.is_empty() && origin.split_once("://").is_some_and(|(_, o)| o == host)
    };
    let from_us = text("origin").is_none_or(same) && text("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    if from_us && text("x-csrf-token").is_some_and(|given| ct_eq(given, csrf)) {
        return Ok(());
    }
    Err(Problem::new(403, "identity.csrf", "页面已过期，请刷新后再试", "The page is out of date; reload it and try again"))
}

async fn signed_in(parts: &Parts, app: &Arc<App>) -> Result<(Ctx, Found), Problem> {
    let ctx = visitor(app, tenant_of(parts, app).await?, parts);
    let machine = app.clock.machine();
    let (token, carrier) = match (bearer(&parts.headers), cookie_token(&parts.headers)) {
        (Some(token), _) => (token, Carrier::Bearer),
        (None, Some(token)) => (token, Carrier::Cookie),
        (None, None) => return Err(Problem::unauthenticated()),
    };
    let found = authenticate(&ctx.tenant.db, token, machine).await?.ok_or_else(Problem::unauthenticated)?;
    // a token that was given to a browser is good in its cookie only, and the other way round
    if found.carrier() != carrier {
        return Err(Problem::unauthenticated());
    }
    if carrier == Carrier::Cookie {
        check_csrf(parts, &found.csrf, &app.config.base_url)?;
    }
    let (actor, scope) = actor_of(&ctx, &found).await?;
    Ok((Ctx { actor, scope, ..ctx }, found))
}

impl FromRequestParts<Arc<App>> for Ctx {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        signed_in(parts, app).await.map(|(ctx, _)| ctx).map_err(refuse)
    }
}

impl FromRequestParts<Arc<App>> for Session {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        signed_in(parts, app).await.map(|(ctx, found)| Session(ctx, found)).map_err(refuse)
    }
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let tenant = tenant_of(parts, app).await.map_err(refuse)?;
        Ok(Visitor(visitor(app, tenant, parts)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Source {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Source(parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip().to_string())))
    }
}

/// `Set-Cookie` of a browser's session; an empty token takes it away.
pub fn cookie(ctx: &Ctx, token: &str) -> Option<HeaderValue> {
    let secure = if ctx.app.config.base_url.starts_with("https://") { "; Secure" } else { "" };
    let end = if token.is_empty() { "; Max-Age=0" } else { "" };
    HeaderValue::from_str(&format!("{COOKIE}={token}; Path=/t/{}; HttpOnly; SameSite=Lax{secure}{end}", ctx.tenant.slug)).ok()
}

/// An operator of the platform; he reaches no tenant's data.
#[derive(Clone)]
pub struct PlatformCtx {
    pub app: Arc<App>,
    pub account_id: AccountId,
    pub session_id: SessionId,
    pub locale: Locale,
    pub request_id: String,
}

impl PlatformCtx {
    /// A write of the platform's registry, with its key and its event.
    pub async fn tx<T, F>(&self, name: &'static str, key: &Key, f: F) -> Result<T, Problem>
    where
        T: Serialize + DeserializeOwned + Send,
        F: AsyncFnOnce(&Tx) -> Result<T, Problem>,
    {
        let author =
            Author { account: Some(self.account_id), post: None, role: "platform_operator".into(), request_id: self.request_id.clone() };
        transact(&self.app.platform, &env(&self.app, author), name, key, f).await
    }
}

/// What a transaction of the platform knows.
pub(crate) fn env(app: &Arc<App>, author: Author) -> TxEnv {
    TxEnv { tenant: "platform".into(), epoch: 1, zone_hours: 8, clock: app.clock.clone(), author, committed: Arc::default() }
}

/// The operator's token as it came: in the header, or in the console's cookie.
pub(crate) fn platform_token(headers: &HeaderMap) -> Option<(&str, Carrier)> {
    match (bearer(headers), cookie_token(headers)) {
        (Some(token), _) => Some((token, Carrier::Bearer)),
        (None, token) => token.map(|token| (token, Carrier::Cookie)),
    }
}

/// `Set-Cookie` of the console's session; an empty token takes it away.
pub(crate) fn platform_cookie(app: &App, token: &str) -> Option<HeaderValue> {
    let secure = if app.config.base_url.starts_with("https://") { "; Secure" } else { "" };
    let end = if token.is_empty() { "; Max-Age=0" } else { "" };
    HeaderValue::from_str(&format!("{COOKIE}={token}; Path=/platform; HttpOnly; SameSite=Lax{secure}{end}")).ok()
}

async fn operator(parts: &Parts, app: &Arc<App>) -> Result<(SessionId, AccountId), Problem> {
    let (token, carrier) = platform_token(&parts.headers).ok_or_else(Problem::unauthenticated)?;
    // a token that was given to a browser is good in its cookie only, and the other way round
    if platform::sessions::carrier_of(token) != carrier {
        return Err(Problem::unauthenticated());
    }
    let found = platform::sessions::authenticate(app, token).await?.ok_or_else(Problem::unauthenticated)?;
    if carrier == Carrier::Cookie {
        check_csrf(parts, &csrf_of(token), &app.config.base_url)?;
    }
    Ok(found)
}

impl FromRequestParts<Arc<App>> for PlatformCtx {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Response> {
        let (session_id, account_id) = operator(parts, app).await.map_err(refuse)?;
        let (locale, request_id) = (locale_of(&parts.headers), request_id(parts));
        Ok(PlatformCtx { app: app.clone(), account_id, session_id, locale, request_id })
    }
}

#[cfg(test)]
mod tests;
