//! 会话, 邀请, and what the signed-in person sees of himself.
use std::sync::Arc;

use axum::{
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use linli_kernel::{NoticeId, Page, PageQuery, Problem};
use linli_runtime::notice::NoticeView;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App, Ctx,
    http::{Answer, IdempotencyKey, Json, Path, Problems, Query, Session, Source, Visitor, cookie, created, no_content, ok},
    invitations::{self, InvitationAccept, InvitationAccepted},
    notices::{self, NoticeCount},
    sessions::{self, Carrier, SessionCreate, SessionPost, SessionView},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(session_create, session_end_all))
        .routes(routes!(session_get, session_end))
        .routes(routes!(session_choose_post))
        .routes(routes!(invitation_accept))
        .routes(routes!(me_notice_list))
        .routes(routes!(me_notice_count))
        .routes(routes!(me_notice_read))
}

/// Adds the cookie of a browser's session to an answer.
fn with_cookie(ctx: &Ctx, result: &Result<SessionView, Problem>, answer: impl FnOnce() -> Response) -> Response {
    let set = result.as_ref().ok().and_then(|view| view.secret.as_deref()).and_then(|token| cookie(ctx, token));
    let mut response = answer();
    if let Some(value) = set {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

fn without_cookie(ctx: &Ctx, mut response: Response) -> Response {
    if response.status().is_success()
        && let Some(value) = cookie(ctx, "")
    {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Sign in (登录). With the header `x-session: cookie` the token goes into a cookie and not into the answer.
#[utoipa::path(post, path = "/sessions", operation_id = "session_create", tag = "tenants",
    extensions(("x-permission" = json!("public"))),
    params(("x-session" = Option<String>, Header, description = "`cookie` for a browser")),
    request_body = SessionCreate,
    responses((status = 201, body = SessionView, description = "signed in"), Problems))]
async fn session_create(Visitor(ctx): Visitor, Source(source): Source, headers: HeaderMap, Json(cmd): Json<SessionCreate>) -> Response {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or("");
    let carrier = if text("x-session") == "cookie" { Carrier::Cookie } else { Carrier::Bearer };
    let device: String = text("user-agent").chars().take(200).collect();
    let result = sessions::open(&ctx, cmd, carrier, source.as_deref(), &device).await;
    let kept = result.clone();
    with_cookie(&ctx, &kept, || created(result, |_| "/sessions/current".into()).into_response())
}

/// The caller's session (当前会话): account, posts, permissions, and the token against forged requests.
#[utoipa::path(get, path = "/sessions/current", operation_id = "session_get", tag = "tenants",
    extensions(("x-permission" = json!("self"))),
    responses((status = 200, body = SessionView, description = "the session"), Problems))]
async fn session_get(Session(ctx, held): Session) -> Answer<SessionView> {
    ok(sessions::current(&ctx, &held).await)
}

/// Sign out (退出).
#[utoipa::path(delete, path = "/sessions/current", operation_id = "session_end", tag = "tenants",
    extensions(("x-permission" = json!("self"))),
    responses((status = 204, description = "signed out"), Problems))]
async fn session_end(Session(ctx, held): Session) -> Response {
    without_cookie(&ctx, no_content(sessions::end(&ctx, &held).await).into_response())
}

/// Sign out on all devices (在所有设备退出), this one too.
#[utoipa::path(delete, path = "/sessions", operation_id = "session_end_all", tag = "tenants",
    extensions(("x-permission" = json!("self"))),
    responses((status = 204, description = "signed out everywhere"), Problems))]
async fn session_end_all(Session(ctx, held): Session) -> Response {
    without_cookie(&ctx, no_content(sessions::end_everywhere(&ctx, &held).await).into_response())
}

/// Choose the post to act in (切换岗位): the old token ends, a new one is given.
#[utoipa::path(put, path = "/sessions/current/post", operation_id = "session_choose_post", tag = "tenants",
    extensions(("x-permission" = json!("self"))),
    request_body = SessionPost,
    responses((status = 200, body = SessionView, description = "a new token with that post"), Problems))]
async fn session_choose_post(Session(ctx, held): Session, Json(cmd): Json<SessionPost>) -> Response {
    let result = sessions::choose_post(&ctx, &held, cmd).await;
    let kept = result.clone();
    with_cookie(&ctx, &kept, || ok(result).into_response())
}

/// Take an invitation (接受邀请) and set the first password.
#[utoipa::path(post, path = "/invitations/acceptance", operation_id = "invitation_accept", tag = "tenants",
    extensions(("x-permission" = json!("public"))),
    request_body = InvitationAccept,
    responses((status = 200, body = InvitationAccepted, description = "the account is active"), (status = 410, description = "used or expired"), Problems))]
async fn invitation_accept(Visitor(ctx): Visitor, Json(cmd): Json<InvitationAccept>) -> Answer<InvitationAccepted> {
    ok(invitations::accept(&ctx, cmd).await)
}

/// The caller's inbox (站内信), newest first.
#[utoipa::path(get, path = "/me/notices", operation_id = "me_notice_list", tag = "tenants",
    extensions(("x-permission" = json!("self"))), params(PageQuery),
    responses((status = 200, body = Page<NoticeView>, description = "a page of it"), Problems))]
async fn me_notice_list(ctx: Ctx, Query(page): Query<PageQuery>) -> Answer<Page<NoticeView>> {
    ok(notices::list(&ctx, page).await)
}

/// How many notices are unread.
#[utoipa::path(get, path = "/me/notices/unread", operation_id = "me_notice_count", tag = "tenants",
    extensions(("x-permission" = json!("self"))),
    responses((status = 200, body = NoticeCount, description = "the number"), Problems))]
async fn me_notice_count(ctx: Ctx) -> Answer<NoticeCount> {
    ok(notices::count(&ctx).await)
}

/// Mark a notice as read (已读).
#[utoipa::path(post, path = "/me/notices/{notice_id}/reading", operation_id = "me_notice_read", tag = "tenants",
    extensions(("x-permission" = json!("self"))), params(("notice_id" = NoticeId, Path, description = "the notice")),
    responses((status = 200, body = NoticeCount, description = "what is still unread"), Problems))]
async fn me_notice_read(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<NoticeId>) -> Answer<NoticeCount> {
    ok(notices::read(&ctx, &key, id).await)
}
