//! Routes under `/plugins`: packages, bindings, incidents, points.
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, Multipart, multipart::MultipartError};
use linli_kernel::{BindingId, IncidentId, Page, PageQuery, Problem};
use linli_tenants::{
    App, Ctx,
    http::{Answer, IdempotencyKey, Json, Path, Problems, Query, created, ok},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    archive,
    bound::{self, BindingFilter, BindingView, ProposeBinding},
    incidents::{self, IncidentFilter, IncidentView, ResolveIncident},
    perm, points,
    registry::{self, PackageView},
};

pub fn routes() -> OpenApiRouter<Arc<App>> {
    let packages = OpenApiRouter::new()
        .routes(routes!(plugin_package_list, plugin_package_upload))
        // A little more than a package, so that one that is too large is refused by its name.
        .layer(DefaultBodyLimit::max(archive::MAX_PACKAGE + (1 << 20)));
    OpenApiRouter::new()
        .merge(packages)
        .routes(routes!(plugin_package_get))
        .routes(routes!(plugin_binding_list, plugin_binding_propose))
        .routes(routes!(plugin_binding_get))
        .routes(routes!(plugin_binding_approve))
        .routes(routes!(plugin_binding_suspend))
        .routes(routes!(plugin_incident_list))
        .routes(routes!(plugin_incident_resolve))
        .routes(routes!(plugin_point_list))
}

#[utoipa::path(get, path = "/plugins/packages", operation_id = "plugin_package_list", tag = "plugins",
    extensions(("x-permission" = json!(perm::PACKAGE_READ))), params(PageQuery),
    responses((status = 200, body = Page<PackageView>, description = "Packages, newest version first"), Problems))]
async fn plugin_package_list(ctx: Ctx, Query(page): Query<PageQuery>) -> Answer<Page<PackageView>> {
    ok(registry::list(&ctx, page).await)
}

/// 一个 `.linli-plugin` 文件.
#[derive(ToSchema)]
#[allow(dead_code)] // only its shape is documented
struct PackageUpload {
    /// The package, at most 24 MiB.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    file: String,
}

#[utoipa::path(post, path = "/plugins/packages", operation_id = "plugin_package_upload", tag = "plugins",
    extensions(("x-permission" = json!(perm::PACKAGE_UPLOAD))),
    request_body(content = PackageUpload, content_type = "multipart/form-data"),
    responses((status = 201, body = PackageView, description = "Verified, compiled, tested"), Problems))]
async fn plugin_package_upload(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Answer<PackageView> {
    let result = match form {
        Ok(form) => match file(form).await {
            Ok(bytes) => registry::upload(&ctx, &key, bytes).await,
            Err(problem) => Err(problem),
        },
        Err(_) => {
            Err(Problem::new(415, "body.media_type", "请以表单（multipart/form-data）上传文件", "The body must be multipart/form-data"))
        }
    };
    created(result, |view| format!("/plugins/packages/{}", view.digest))
}

async fn file(mut form: Multipart) -> Result<Vec<u8>, Problem> {
    while let Some(field) = form.next_field().await.map_err(bad_form)? {
        if field.name() == Some("file") {
            return Ok(field.bytes().await.map_err(bad_form)?.to_vec());
        }
    }
    Err(Problem::new(422, "plugin.file_missing", "请选择插件包文件", "The form has no field `file`"))
}

fn bad_form(error: MultipartError) -> Problem {
    if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::new(413, "plugin.too_large", "插件包超过 24 MB。", "Larger than 24 MB.");
    }
    Problem::new(400, "body.not_multipart", "表单内容不完整，请重新上传", "The form is not complete; upload it again")
}

#[utoipa::path(get, path = "/plugins/packages/{digest}", operation_id = "plugin_package_get", tag = "plugins",
    extensions(("x-permission" = json!(perm::PACKAGE_READ))), params(("digest" = String, Path, description = "SHA-256 of the manifest")),
    responses((status = 200, body = PackageView, description = "The package"), Problems))]
async fn plugin_package_get(ctx: Ctx, Path(digest): Path<String>) -> Answer<PackageView> {
    ok(registry::get(&ctx, &digest).await)
}

/// Filter of bindings.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BindingQuery {
    /// Only those of this point.
    #[param(example = "allocation.weights")]
    point: Option<String>,
    #[param(minimum = 1, example = 1)]
    page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    page_size: Option<u64>,
}

#[utoipa::path(get, path = "/plugins/bindings", operation_id = "plugin_binding_list", tag = "plugins",
    extensions(("x-permission" = json!(perm::BINDING_READ))), params(BindingQuery),
    responses((status = 200, body = Page<BindingView>, description = "Bindings by point, newest first"), Problems))]
async fn plugin_binding_list(ctx: Ctx, Query(query): Query<BindingQuery>) -> Answer<Page<BindingView>> {
    let BindingQuery { point, page, page_size } = query;
    let filter = BindingFilter { point: point.unwrap_or_default(), page: PageQuery { page, page_size } };
    ok(bound::list(&ctx, &filter).await)
}

#[utoipa::path(post, path = "/plugins/bindings", operation_id = "plugin_binding_propose", tag = "plugins",
    extensions(("x-permission" = json!(perm::BINDING_PROPOSE))), request_body = ProposeBinding,
    responses((status = 201, body = BindingView, description = "Proposed; another person approves"), Problems))]
async fn plugin_binding_propose(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Json(cmd): Json<ProposeBinding>) -> Answer<BindingView> {
    created(bound::propose(&ctx, &key, cmd).await, |view| format!("/plugins/bindings/{}", view.id))
}

#[utoipa::path(get, path = "/plugins/bindings/{binding_id}", operation_id = "plugin_binding_get", tag = "plugins",
    extensions(("x-permission" = json!(perm::BINDING_READ))), params(("binding_id" = BindingId, Path, description = "The binding")),
    responses((status = 200, body = BindingView, description = "The binding"), Problems))]
async fn plugin_binding_get(ctx: Ctx, Path(id): Path<BindingId>) -> Answer<BindingView> {
    ok(bound::get(&ctx, id).await)
}

#[utoipa::path(post, path = "/plugins/bindings/{binding_id}/approval", operation_id = "plugin_binding_approve", tag = "plugins",
    extensions(("x-permission" = json!(perm::BINDING_APPROVE))), params(("binding_id" = BindingId, Path, description = "The binding")),
    responses((status = 200, body = BindingView, description = "In force from its day on"), Problems))]
async fn plugin_binding_approve(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<BindingId>) -> Answer<BindingView> {
    ok(bound::approve(&ctx, &key, id).await)
}

#[utoipa::path(post, path = "/plugins/bindings/{binding_id}/suspension", operation_id = "plugin_binding_suspend", tag = "plugins",
    extensions(("x-permission" = json!(perm::BINDING_SUSPEND))), params(("binding_id" = BindingId, Path, description = "The binding")),
    responses((status = 200, body = BindingView, description = "Stopped at once"), Problems))]
async fn plugin_binding_suspend(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<BindingId>) -> Answer<BindingView> {
    ok(bound::suspend(&ctx, &key, id).await)
}

/// Filter of incidents.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct IncidentQuery {
    /// `open` or `resolved`; both when left out.
    #[param(example = "open")]
    state: Option<String>,
    /// Only those of this case.
    subject_id: Option<Uuid>,
    #[param(minimum = 1, example = 1)]
    page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    page_size: Option<u64>,
}

#[utoipa::path(get, path = "/plugins/incidents", operation_id = "plugin_incident_list", tag = "plugins",
    extensions(("x-permission" = json!(perm::INCIDENT_READ))), params(IncidentQuery),
    responses((status = 200, body = Page<IncidentView>, description = "Incidents, newest first"), Problems))]
async fn plugin_incident_list(ctx: Ctx, Query(query): Query<IncidentQuery>) -> Answer<Page<IncidentView>> {
    let IncidentQuery { state, subject_id, page, page_size } = query;
    let filter = IncidentFilter { state: state.unwrap_or_default(), subject_id };
    ok(incidents::list(&ctx, &filter, PageQuery { page, page_size }).await)
}

#[utoipa::path(post, path = "/plugins/incidents/{incident_id}/resolution", operation_id = "plugin_incident_resolve", tag = "plugins",
    extensions(("x-permission" = json!(perm::INCIDENT_HANDLE))), params(("incident_id" = IncidentId, Path, description = "The incident")),
    request_body = ResolveIncident, responses((status = 200, body = IncidentView, description = "Resolved"), Problems))]
async fn plugin_incident_resolve(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<IncidentId>,
    Json(cmd): Json<ResolveIncident>,
) -> Answer<IncidentView> {
    ok(incidents::resolve(&ctx, &key, id, cmd).await)
}

/// 规则点 as people see it.
#[derive(Debug, Serialize, ToSchema)]
struct PointView {
    #[schema(example = "allocation.weights")]
    name: String,
    #[schema(example = "allocation")]
    world: String,
    /// Who asks, and when.
    #[schema(example = "fund: pre-allocation, filing, each payment, settlement")]
    caller: String,
    /// Whether this release asks it; the others are answered by code until their world comes.
    called: bool,
}

#[utoipa::path(get, path = "/plugins/points", operation_id = "plugin_point_list", tag = "plugins",
    extensions(("x-permission" = json!(perm::BINDING_READ))),
    responses((status = 200, body = Page<PointView>, description = "Every point by name"), Problems))]
async fn plugin_point_list(ctx: Ctx) -> Answer<Page<PointView>> {
    let view = |p: &points::Point| PointView { name: p.name.clone(), world: p.world.clone(), caller: p.caller.clone(), called: p.called };
    let items: Vec<PointView> = points::all().map(view).collect();
    let total = i64::try_from(items.len()).unwrap_or(i64::MAX);
    ok(ctx.require(perm::BINDING_READ).map(|()| Page::new(items, total)))
}
