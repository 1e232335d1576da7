//! Imports, what an owner sees of his own, what everybody sees.
use std::sync::Arc;

use axum::response::Response;
use linli_kernel::{HouseId, ImportId, Page, PageQuery};
use linli_tenants::{
    App, Ctx,
    http::{Answer, IdempotencyKey, Json, MoneyKey, Path, Problems, Query, Visitor, accepted, ok},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::xlsx;
use crate::{
    me::{self, MyHouse, MyWork},
    perm,
    public::{self, PublicUse, PublicUseQuery},
    service::import::{self, CreateImport, ImportJobView, ImportQuery, ImportView, RowErrorView},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(fund_import_create, fund_import_list))
        .routes(routes!(fund_import_get))
        .routes(routes!(fund_import_error_list))
        .routes(routes!(fund_import_result_get))
        .routes(routes!(fund_import_commit))
        .routes(routes!(fund_import_cancel))
        .routes(routes!(me_house_list))
        .routes(routes!(me_house_statement_get))
        .routes(routes!(me_work_list))
        .routes(routes!(public_use_list))
}

/// Bring a table (新建导入): every row is checked, nothing is written.
#[utoipa::path(
    post, path = "/fund/imports", operation_id = "fund_import_create", tag = "fund",
    extensions(("x-permission" = json!(perm::IMPORT_CREATE))),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = CreateImport,
    responses((status = 202, body = ImportJobView, description = "The check is under way"), Problems)
)]
async fn fund_import_create(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Json(cmd): Json<CreateImport>) -> Answer<ImportJobView> {
    accepted(import::create(&ctx, &key, cmd).await)
}

/// Imports in scope, newest first.
#[utoipa::path(
    get, path = "/fund/imports", operation_id = "fund_import_list", tag = "fund",
    extensions(("x-permission" = json!(perm::IMPORT_READ))),
    params(ImportQuery),
    responses((status = 200, body = Page<ImportView>, description = "One page"), Problems)
)]
async fn fund_import_list(ctx: Ctx, Query(query): Query<ImportQuery>) -> Answer<Page<ImportView>> {
    ok(import::find(&ctx, query).await)
}

/// An import with its counts.
#[utoipa::path(
    get, path = "/fund/imports/{import_id}", operation_id = "fund_import_get", tag = "fund",
    extensions(("x-permission" = json!(perm::IMPORT_READ))),
    params(("import_id" = ImportId, Path, description = "The import")),
    responses((status = 200, body = ImportView, description = "The import"), Problems)
)]
async fn fund_import_get(ctx: Ctx, Path(id): Path<ImportId>) -> Answer<ImportView> {
    ok(import::get(&ctx, id).await)
}

/// What is wrong with which row.
#[utoipa::path(
    get, path = "/fund/imports/{import_id}/errors", operation_id = "fund_import_error_list", tag = "fund",
    extensions(("x-permission" = json!(perm::IMPORT_READ))),
    params(("import_id" = ImportId, Path, description = "The import"), PageQuery),
    responses((status = 200, body = Page<RowErrorView>, description = "One page"), Problems)
)]
async fn fund_import_error_list(ctx: Ctx, Path(id): Path<ImportId>, Query(query): Query<PageQuery>) -> Answer<Page<RowErrorView>> {
    ok(import::errors(&ctx, id, &query).await)
}

/// The table with a state and a message behind each row.
#[utoipa::path(
    get, path = "/fund/imports/{import_id}/result", operation_id = "fund_import_result_get", tag = "fund",
    extensions(("x-permission" = json!(perm::IMPORT_READ))),
    params(("import_id" = ImportId, Path, description = "The import")),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", description = "The file"), Problems)
)]
async fn fund_import_result_get(ctx: Ctx, Path(id): Path<ImportId>) -> Response {
    xlsx(import::result(&ctx, id).await, "import-result.xlsx")
}

/// Write what the check found good; by another person.
#[utoipa::path(
    post, path = "/fund/imports/{import_id}/commit", operation_id = "fund_import_commit", tag = "fund",
    extensions(("x-permission" = json!(perm::IMPORT_COMMIT))),
    params(("import_id" = ImportId, Path, description = "The import"), ("Idempotency-Key" = String, Header, description = "Required: money moves")),
    responses((status = 202, body = ImportJobView, description = "The commit is under way"), Problems)
)]
async fn fund_import_commit(ctx: Ctx, MoneyKey(key): MoneyKey, Path(id): Path<ImportId>) -> Answer<ImportJobView> {
    accepted(import::commit(&ctx, &key, id).await)
}

/// Cancel an import that is not being written.
#[utoipa::path(
    post, path = "/fund/imports/{import_id}/cancellation", operation_id = "fund_import_cancel", tag = "fund",
    extensions(("x-permission" = json!(perm::IMPORT_CANCEL))),
    params(("import_id" = ImportId, Path, description = "The import"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    responses((status = 200, body = ImportView, description = "Cancelled"), Problems)
)]
async fn fund_import_cancel(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<ImportId>) -> Answer<ImportView> {
    ok(import::cancel(&ctx, &key, id).await)
}

/// My houses with their fund accounts.
#[utoipa::path(
    get, path = "/me/houses", operation_id = "me_house_list", tag = "fund",
    extensions(("x-permission" = json!("self"))),
    params(PageQuery),
    responses((status = 200, body = Page<MyHouse>, description = "One page"), Problems)
)]
async fn me_house_list(ctx: Ctx, Query(query): Query<PageQuery>) -> Answer<Page<MyHouse>> {
    ok(me::my_houses(&ctx, &query).await)
}

/// The ledger of my house as a spreadsheet, with the formula of each share (分户对账单).
#[utoipa::path(
    get, path = "/me/houses/{house_id}/statement", operation_id = "me_house_statement_get", tag = "fund",
    extensions(("x-permission" = json!("self"))),
    params(("house_id" = HouseId, Path, description = "The house")),
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", description = "The file"), Problems)
)]
async fn me_house_statement_get(ctx: Ctx, Path(id): Path<HouseId>) -> Response {
    xlsx(me::my_statement(&ctx, id).await, "statement.xlsx")
}

/// The works that I pay for, with my share and how it came about.
#[utoipa::path(
    get, path = "/me/works", operation_id = "me_work_list", tag = "fund",
    extensions(("x-permission" = json!("self"))),
    params(PageQuery),
    responses((status = 200, body = Page<MyWork>, description = "One page"), Problems)
)]
async fn me_work_list(ctx: Ctx, Query(query): Query<PageQuery>) -> Answer<Page<MyWork>> {
    ok(me::my_works(&ctx, &query).await)
}

/// Works that were made public (维修工程公开); no name, no money of a single house.
#[utoipa::path(
    get, path = "/public/uses", operation_id = "public_use_list", tag = "fund",
    extensions(("x-permission" = json!("public"))),
    params(PublicUseQuery),
    responses((status = 200, body = Page<PublicUse>, description = "One page"), Problems)
)]
async fn public_use_list(Visitor(ctx): Visitor, Query(query): Query<PublicUseQuery>) -> Answer<Page<PublicUse>> {
    ok(public::find(&ctx, query).await)
}
