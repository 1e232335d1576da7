//! The operator's routes; their paths stand in full, since they lie under no tenant.
use std::sync::Arc;

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use linli_kernel::{Page, PageQuery};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App, PlatformCtx,
    http::{Answer, IdempotencyKey, Json, Path, Problems, Query, RequestId, created, no_content, ok, platform_cookie, platform_token},
    platform::{
        cells::{self, CellCreate, CellView},
        clock::{self, ClockSet, ClockView},
        health::{self, HealthView},
        perm,
        sessions::{self, PlatformSession},
        tenants::{self, TenantCreate, TenantView},
    },
    sessions::{Carrier, SessionCreate},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(platform_session_create))
        .routes(routes!(platform_session_get, platform_session_end))
        .routes(routes!(platform_clock_get, platform_clock_set))
        .routes(routes!(platform_tenant_list, platform_tenant_create))
        .routes(routes!(platform_tenant_get))
        .routes(routes!(platform_cell_list, platform_cell_create))
        .routes(routes!(platform_health_get))
}

/// Sign in as operator (平台运维登录).
#[utoipa::path(post, path = "/platform/api/v1/sessions", operation_id = "platform_session_create", tag = "platform",
    extensions(("x-permission" = json!("public"))),
    params(("x-session" = Option<String>, Header, description = "`cookie` for a browser")),
    request_body = SessionCreate,
    responses((status = 201, body = PlatformSession, description = "signed in"), Problems))]
async fn platform_session_create(
    State(app): State<Arc<App>>,
    id: Option<Extension<RequestId>>,
    headers: HeaderMap,
    Json(cmd): Json<SessionCreate>,
) -> Response {
    let request_id = id.map(|Extension(RequestId(id))| id).unwrap_or_default();
    let carrier = if headers.get("x-session").is_some_and(|v| v == "cookie") { Carrier::Cookie } else { Carrier::Bearer };
    let result = sessions::create(&app, &request_id, cmd, carrier).await;
    let set = result.as_ref().ok().and_then(|made| made.secret.as_deref()).and_then(|token| platform_cookie(&app, token));
    let mut response = created(result, |_| "/platform/api/v1/sessions/current".into()).into_response();
    if let Some(value) = set {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// The operator's session.
#[utoipa::path(get, path = "/platform/api/v1/sessions/current", operation_id = "platform_session_get", tag = "platform",
    extensions(("x-permission" = json!("self"))),
    responses((status = 200, body = PlatformSession, description = "the session"), Problems))]
async fn platform_session_get(ctx: PlatformCtx, headers: HeaderMap) -> Answer<PlatformSession> {
    let token = platform_token(&headers).map(|(token, _)| token).unwrap_or_default();
    ok(sessions::current(&ctx, token).await)
}

/// Sign out.
#[utoipa::path(delete, path = "/platform/api/v1/sessions/current", operation_id = "platform_session_end", tag = "platform",
    extensions(("x-permission" = json!("self"))),
    responses((status = 204, description = "signed out"), Problems))]
async fn platform_session_end(ctx: PlatformCtx) -> Response {
    let mut response = no_content(sessions::end(&ctx).await).into_response();
    if let Some(value) = platform_cookie(&ctx.app, "") {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// The simulated present (模拟时钟); 404 where time is real.
#[utoipa::path(get, path = "/platform/api/v1/clock", operation_id = "platform_clock_get", tag = "platform",
    extensions(("x-permission" = json!(perm::CLOCK_READ))),
    responses((status = 200, body = ClockView, description = "now"), Problems))]
async fn platform_clock_get(ctx: PlatformCtx) -> Answer<ClockView> {
    ok(clock::get(&ctx))
}

/// Move the simulated time (拨快时钟), forward only.
#[utoipa::path(put, path = "/platform/api/v1/clock", operation_id = "platform_clock_set", tag = "platform",
    extensions(("x-permission" = json!(perm::CLOCK_SET))), request_body = ClockSet,
    responses((status = 200, body = ClockView, description = "now"), Problems))]
async fn platform_clock_set(ctx: PlatformCtx, Json(cmd): Json<ClockSet>) -> Answer<ClockView> {
    ok(clock::set(&ctx, cmd).await)
}

/// Tenants (租户), newest first.
#[utoipa::path(get, path = "/platform/api/v1/tenants", operation_id = "platform_tenant_list", tag = "platform",
    extensions(("x-permission" = json!(perm::TENANT_READ))), params(PageQuery),
    responses((status = 200, body = Page<TenantView>, description = "a page of them"), Problems))]
async fn platform_tenant_list(ctx: PlatformCtx, Query(page): Query<PageQuery>) -> Answer<Page<TenantView>> {
    ok(tenants::list(&ctx, page).await)
}

/// Make a tenant (开通租户) while the program runs; the three invitations are in the answer, once.
#[utoipa::path(post, path = "/platform/api/v1/tenants", operation_id = "platform_tenant_create", tag = "platform",
    extensions(("x-permission" = json!(perm::TENANT_CREATE))), request_body = TenantCreate,
    responses((status = 201, body = TenantView, description = "active"), Problems))]
async fn platform_tenant_create(
    ctx: PlatformCtx,
    IdempotencyKey(key): IdempotencyKey,
    Json(cmd): Json<TenantCreate>,
) -> Answer<TenantView> {
    created(tenants::create(&ctx, &key, cmd).await, |v| format!("/platform/api/v1/tenants/{}", v.slug))
}

/// One tenant.
#[utoipa::path(get, path = "/platform/api/v1/tenants/{slug}", operation_id = "platform_tenant_get", tag = "platform",
    extensions(("x-permission" = json!(perm::TENANT_READ))), params(("slug" = String, Path, description = "its slug")),
    responses((status = 200, body = TenantView, description = "the tenant"), Problems))]
async fn platform_tenant_get(ctx: PlatformCtx, Path(slug): Path<String>) -> Answer<TenantView> {
    ok(tenants::get(&ctx, &slug).await)
}

/// Cells (分区集群): where tenants' databases stand.
#[utoipa::path(get, path = "/platform/api/v1/cells", operation_id = "platform_cell_list", tag = "platform",
    extensions(("x-permission" = json!(perm::CELL_READ))), params(PageQuery),
    responses((status = 200, body = Page<CellView>, description = "a page of them"), Problems))]
async fn platform_cell_list(ctx: PlatformCtx, Query(page): Query<PageQuery>) -> Answer<Page<CellView>> {
    ok(cells::list(&ctx, page).await)
}

/// Register a PostgreSQL cluster (登记分区集群).
#[utoipa::path(post, path = "/platform/api/v1/cells", operation_id = "platform_cell_create", tag = "platform",
    extensions(("x-permission" = json!(perm::CELL_CREATE))), request_body = CellCreate,
    responses((status = 201, body = CellView, description = "active"), Problems))]
async fn platform_cell_create(ctx: PlatformCtx, IdempotencyKey(key): IdempotencyKey, Json(cmd): Json<CellCreate>) -> Answer<CellView> {
    created(cells::create(&ctx, &key, cmd).await, |v| format!("/platform/api/v1/cells/{}", v.id))
}

/// Whether all parts answer (健康状况).
#[utoipa::path(get, path = "/platform/api/v1/health", operation_id = "platform_health_get", tag = "platform",
    extensions(("x-permission" = json!(perm::HEALTH_READ))),
    responses((status = 200, body = HealthView, description = "each part"), Problems))]
async fn platform_health_get(ctx: PlatformCtx) -> Answer<HealthView> {
    ok(health::get(&ctx).await)
}
