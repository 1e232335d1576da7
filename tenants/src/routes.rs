//! The routes of tenants' own nouns and of runtime's (jobs, notices, events), without a prefix; the operator's with theirs.
mod city;
mod log;
mod people;
mod platform;
mod session;

use std::sync::Arc;

use utoipa_axum::router::OpenApiRouter;

use crate::App;

/// Paths below `/t/{tenant}/api/v1`.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    session::routes().merge(people::routes()).merge(city::routes()).merge(log::routes())
}

/// Paths below `/platform/api/v1`, written in full.
pub fn platform_routes() -> OpenApiRouter<Arc<App>> {
    platform::routes()
}
