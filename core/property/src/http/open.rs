//! What visitors see.
use std::sync::Arc;

use linli_kernel::Page;
use linli_tenants::{
    App,
    http::{Answer, Problems, Query, Visitor, ok},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    public::{self, PublicProject, PublicProjectQuery, PublicPublicity},
    publicities::PublicityQuery,
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(public_project_list)).routes(routes!(public_publicity_list))
}

/// Projects of the city, for everybody.
#[utoipa::path(get, path = "/public/projects", operation_id = "public_project_list", tag = "property", extensions(("x-permission" = json!("public"))),
    params(PublicProjectQuery), responses((status = 200, body = Page<PublicProject>, description = "One page"), Problems))]
async fn public_project_list(Visitor(ctx): Visitor, Query(query): Query<PublicProjectQuery>) -> Answer<Page<PublicProject>> {
    ok(public::projects(&ctx, query).await)
}

/// Publicities of the city, for everybody: no name, no figure of a single house.
#[utoipa::path(get, path = "/public/publicities", operation_id = "public_publicity_list", tag = "property", extensions(("x-permission" = json!("public"))),
    params(PublicityQuery), responses((status = 200, body = Page<PublicPublicity>, description = "One page"), Problems))]
async fn public_publicity_list(Visitor(ctx): Visitor, Query(query): Query<PublicityQuery>) -> Answer<Page<PublicPublicity>> {
    ok(public::publicities(&ctx, query).await)
}
