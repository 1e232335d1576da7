//! Handlers: bind, call, answer.
mod decisions;
mod open;
mod places;

use std::sync::Arc;

use linli_tenants::App;
use utoipa_axum::router::OpenApiRouter;

/// All operations of the register, without a prefix.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().merge(places::routes()).merge(decisions::routes()).merge(open::routes())
}
