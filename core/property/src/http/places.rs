//! Companies, projects, buildings, houses, owners.
use std::sync::Arc;

use linli_kernel::{BuildingId, CompanyId, HouseId, Page, ProjectId};
use linli_tenants::{
    App, Ctx,
    http::{Answer, IdempotencyKey, Json, Path, Problems, Query, created, ok},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    buildings::{self, BuildingQuery, BuildingView, GridView, UnitQuery, UnitView},
    companies::{self, CompanyQuery, CompanyView, CreateCompany},
    houses::{self, HouseDetail, HouseQuery, HouseView},
    owners::{self, OwnerView},
    perm,
    projects::{self, CreateProject, ProjectQuery, ProjectView},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(company_create, company_list))
        .routes(routes!(company_get))
        .routes(routes!(project_create, project_list))
        .routes(routes!(project_get))
        .routes(routes!(building_list))
        .routes(routes!(building_grid))
        .routes(routes!(unit_list))
        .routes(routes!(house_list))
        .routes(routes!(house_get))
        .routes(routes!(house_owner_list))
}

/// Register a company (企业信息登记).
#[utoipa::path(post, path = "/property/companies", operation_id = "property_company_create", tag = "property", extensions(("x-permission" = json!(perm::COMPANY_CREATE))),
    request_body = CreateCompany, responses((status = 201, body = CompanyView, description = "Made"), Problems))]
async fn company_create(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Json(cmd): Json<CreateCompany>) -> Answer<CompanyView> {
    created(companies::create(&ctx, &key, cmd).await, |v| format!("/property/companies/{}", v.id))
}

/// Companies that are registered or serve in the caller's divisions.
#[utoipa::path(get, path = "/property/companies", operation_id = "property_company_list", tag = "property", extensions(("x-permission" = json!(perm::COMPANY_READ))),
    params(CompanyQuery), responses((status = 200, body = Page<CompanyView>, description = "One page"), Problems))]
async fn company_list(ctx: Ctx, Query(query): Query<CompanyQuery>) -> Answer<Page<CompanyView>> {
    ok(companies::find(&ctx, query).await)
}

/// A company.
#[utoipa::path(get, path = "/property/companies/{company_id}", operation_id = "property_company_get", tag = "property",
    extensions(("x-permission" = json!(perm::COMPANY_READ))), params(("company_id" = CompanyId, Path, description = "The company")),
    responses((status = 200, body = CompanyView, description = "The company"), Problems))]
async fn company_get(ctx: Ctx, Path(id): Path<CompanyId>) -> Answer<CompanyView> {
    ok(companies::read(&ctx, id).await)
}

/// Register a project (小区登记).
#[utoipa::path(post, path = "/property/projects", operation_id = "property_project_create", tag = "property", extensions(("x-permission" = json!(perm::PROJECT_CREATE))),
    request_body = CreateProject, responses((status = 201, body = ProjectView, description = "Made"), Problems))]
async fn project_create(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Json(cmd): Json<CreateProject>) -> Answer<ProjectView> {
    created(projects::create(&ctx, &key, cmd).await, |v| format!("/property/projects/{}", v.id))
}

/// Projects in scope, by code.
#[utoipa::path(get, path = "/property/projects", operation_id = "property_project_list", tag = "property", extensions(("x-permission" = json!(perm::PROJECT_READ))),
    params(ProjectQuery), responses((status = 200, body = Page<ProjectView>, description = "One page"), Problems))]
async fn project_list(ctx: Ctx, Query(query): Query<ProjectQuery>) -> Answer<Page<ProjectView>> {
    ok(projects::find(&ctx, query).await)
}

/// A project.
#[utoipa::path(get, path = "/property/projects/{project_id}", operation_id = "property_project_get", tag = "property", extensions(("x-permission" = json!(perm::PROJECT_READ))),
    params(("project_id" = ProjectId, Path, description = "The project")), responses((status = 200, body = ProjectView, description = "The project"), Problems))]
async fn project_get(ctx: Ctx, Path(id): Path<ProjectId>) -> Answer<ProjectView> {
    ok(projects::read(&ctx, id).await)
}

/// Buildings in scope, by code.
#[utoipa::path(get, path = "/property/buildings", operation_id = "property_building_list", tag = "property", extensions(("x-permission" = json!(perm::BUILDING_READ))),
    params(BuildingQuery), responses((status = 200, body = Page<BuildingView>, description = "One page"), Problems))]
async fn building_list(ctx: Ctx, Query(query): Query<BuildingQuery>) -> Answer<Page<BuildingView>> {
    ok(buildings::find(&ctx, query).await)
}

/// 楼盘表: all houses of a building as a grid, with their money where the caller may see it.
#[utoipa::path(get, path = "/property/buildings/{building_id}/grid", operation_id = "property_building_grid", tag = "property", extensions(("x-permission" = json!(perm::BUILDING_READ))),
    params(("building_id" = BuildingId, Path, description = "The building")), responses((status = 200, body = GridView, description = "The building"), Problems))]
async fn building_grid(ctx: Ctx, Path(id): Path<BuildingId>) -> Answer<GridView> {
    ok(buildings::grid(&ctx, id).await)
}

/// Units in scope, by code.
#[utoipa::path(get, path = "/property/units", operation_id = "property_unit_list", tag = "property", extensions(("x-permission" = json!(perm::UNIT_READ))),
    params(UnitQuery), responses((status = 200, body = Page<UnitView>, description = "One page"), Problems))]
async fn unit_list(ctx: Ctx, Query(query): Query<UnitQuery>) -> Answer<Page<UnitView>> {
    ok(buildings::units(&ctx, query).await)
}

/// Houses in scope, by code. Another district's houses are not counted.
#[utoipa::path(get, path = "/property/houses", operation_id = "property_house_list", tag = "property", extensions(("x-permission" = json!(perm::HOUSE_READ))),
    params(HouseQuery), responses((status = 200, body = Page<HouseView>, description = "One page"), Problems))]
async fn house_list(ctx: Ctx, Query(query): Query<HouseQuery>) -> Answer<Page<HouseView>> {
    ok(houses::find(&ctx, query).await)
}

/// A house.
#[utoipa::path(get, path = "/property/houses/{house_id}", operation_id = "property_house_get", tag = "property", extensions(("x-permission" = json!(perm::HOUSE_READ))),
    params(("house_id" = HouseId, Path, description = "The house")), responses((status = 200, body = HouseDetail, description = "The house"), Problems))]
async fn house_get(ctx: Ctx, Path(id): Path<HouseId>) -> Answer<HouseDetail> {
    ok(houses::get(&ctx, id).await)
}

/// The owners in force of a house, masked.
#[utoipa::path(get, path = "/property/houses/{house_id}/owners", operation_id = "property_house_owner_list", tag = "property",
    extensions(("x-permission" = json!(perm::OWNERSHIP_READ))), params(("house_id" = HouseId, Path, description = "The house")),
    responses((status = 200, body = Page<OwnerView>, description = "All of them; a house has few"), Problems))]
async fn house_owner_list(ctx: Ctx, Path(id): Path<HouseId>) -> Answer<Page<OwnerView>> {
    ok(owners::of_house(&ctx, id).await)
}
