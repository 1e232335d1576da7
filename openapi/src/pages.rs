//! The pages: entry documents of the client programs (filled with tenant and language) and their hashed files.
use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use linli_tenants::{App, http::TenantSlug};
use serde_json::json;

use crate::http::SITE;

const HALL: &str = include_str!(concat!(env!("OUT_DIR"), "/hall.html"));
const WORK: &str = include_str!(concat!(env!("OUT_DIR"), "/work.html"));
const CONSOLE: &str = include_str!(concat!(env!("OUT_DIR"), "/console.html"));
pub(crate) const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'";

pub(crate) fn routes() -> Router<Arc<App>> {
    let assets = memory_serve::load!().index_file(None).cache_control(memory_serve::CacheControl::Long).into_router();
    Router::new()
        .nest("/assets", assets)
        .route("/", get(async || Redirect::to("/platform/console/")))
        .route("/platform/console/", get(console))
        .route("/platform/console/{*rest}", get(console))
        .route(&format!("{SITE}/hall"), get(hall))
        .route(&format!("{SITE}/hall/{{*rest}}"), get(hall))
        .route(&format!("{SITE}/hall/"), get(hall))
        .route(&format!("{SITE}/work"), get(work))
        .route(&format!("{SITE}/work/"), get(work))
        .route(&format!("{SITE}/work/{{*rest}}"), get(work))
}

async fn hall(state: State<Arc<App>>, request: Request) -> Response {
    tenant_entry(state, request, HALL).await
}
async fn work(state: State<Arc<App>>, request: Request) -> Response {
    tenant_entry(state, request, WORK).await
}

async fn tenant_entry(State(app): State<Arc<App>>, request: Request, document: &'static str) -> Response {
    let Some(TenantSlug(slug)) = request.extensions().get::<TenantSlug>() else {
        return linli_tenants::http::problem_response(&linli_kernel::Problem::not_found());
    };
    match app.tenant(slug).await {
        Ok(tenant) => {
            let base = format!("/t/{}", tenant.slug);
            let meta = json!({ "base": base, "api": format!("{base}/api/v1"), "locale": "zh-CN", "city": tenant.name, "build": env!("CARGO_PKG_VERSION") });
            html(document.replace("__LINLI_META__", &escape(&meta.to_string())))
        }
        Err(problem) => linli_tenants::http::problem_response(&problem),
    }
}

async fn console() -> Response {
    let meta = json!({ "base": "/platform/console", "api": "/platform/api/v1", "locale": "zh-CN", "city": "", "build": env!("CARGO_PKG_VERSION") });
    html(CONSOLE.replace("__LINLI_META__", &escape(&meta.to_string())))
}

/// A page with the closed policy: no script, style or call from or to another host.
pub(crate) fn html(text: String) -> Response {
    let mut response = Html(text).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('\'', "&#39;").replace('<', "&lt;")
}
