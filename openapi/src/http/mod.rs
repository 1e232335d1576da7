//! The door: what every request passes before it meets a route.
mod limits;
pub(crate) mod tenant;
pub(crate) use tenant::SITE;

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::get,
};
use linli_kernel::{Locale, Problem};
use linli_tenants::{
    App,
    http::{RequestId, problem_response, with_locale},
};
use tower::util::MapRequestLayer;
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};

use crate::{doc, pages, site};

/// The whole program as one service: `axum::serve(listener, service(app).into_make_service_with_connect_info())`.
pub fn service(app: Arc<App>) -> Router {
    let (tenant, platform) = doc::routers();
    let (tenant, tenant_doc) = tenant.split_for_parts();
    let (platform, platform_doc) = platform.split_for_parts();
    let document = doc::finish(tenant_doc, platform_doc);
    let swagger = utoipa_swagger_ui::SwaggerUi::new("/docs").url("/openapi.json", document);
    let api = Router::new()
        .nest(tenant::API, tenant)
        .merge(platform)
        .merge(pages::routes())
        .merge(site::routes())
        .route("/livez", get(async || "ok"))
        .route("/readyz", get(ready))
        .route("/startupz", get(async || "ok"))
        .method_not_allowed_fallback(async || {
            problem_response(&Problem::new(405, "method_not_allowed", "这个地址不支持此操作", "This address does not take this method"))
        })
        .fallback(async || problem_response(&Problem::not_found()))
        .with_state(app.clone())
        .merge(swagger)
        .layer(from_fn(limits::body))
        .layer(axum::middleware::from_fn_with_state(Arc::new(limits::Rates::default()), limits::rate))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(CompressionLayer::new().gzip(true))
        .layer(from_fn(envelope));
    // Runs before routing, so that path and host form meet the same routes.
    Router::new().fallback_service(tower::Layer::layer(&MapRequestLayer::new(tenant::take), api))
}

async fn ready(axum::extract::State(app): axum::extract::State<Arc<App>>) -> Response {
    use linli_runtime::{Sql, values};
    match app.platform.reader().scalar::<i64>("select cast(1 as bigint) as v", values![]).await {
        Ok(_) => "ready".into_response(),
        Err(problem) => (StatusCode::SERVICE_UNAVAILABLE, problem.code().to_owned()).into_response(),
    }
}

fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let text = cause.downcast_ref::<String>().cloned().or_else(|| cause.downcast_ref::<&str>().map(|s| (*s).to_owned()));
    problem_response(&Problem::internal(text.unwrap_or_else(|| "a panic".into())))
}

const BUILD: &str = env!("CARGO_PKG_VERSION");

/// Request id, language, and the headers that every answer carries.
async fn envelope(mut request: Request, next: Next) -> Response {
    let given = request.headers().get("x-request-id").and_then(|v| v.to_str().ok());
    let id = given.filter(|v| v.len() <= 64 && v.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')).map(str::to_owned);
    let id = id.unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
    let locale = Locale::of_header(request.headers().get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()));
    request.extensions_mut().insert(RequestId(id.clone()));
    let signed_in = request.headers().contains_key(header::AUTHORIZATION) || request.headers().contains_key(header::COOKIE);
    let is_head = request.method() == Method::HEAD;
    let mut response = with_locale(locale, id.clone(), next.run(request)).await;
    let headers = response.headers_mut();
    headers.insert("x-linli-build", HeaderValue::from_static(BUILD));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert("x-request-id", value);
    }
    if signed_in && !is_head {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}
