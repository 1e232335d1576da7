//! Projects, standards, deposits, corrections, payments.
use std::sync::Arc;

use linli_kernel::{DepositId, Page, PageQuery, PaymentId, ProjectId, StandardId};
use linli_tenants::{
    App, Ctx,
    http::{Answer, IdempotencyKey, Json, MoneyKey, Path, Problems, Query, created, ok},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ids::CorrectionId,
    perm,
    service::{
        confirm_deposit::{self, RejectDeposit},
        correct_deposit::{self, CorrectionQuery, CorrectionView, CreateCorrection, DecideCorrection},
        create_deposit::{self, CreateDeposit, DepositQuery, DepositView},
        pay_use::{self, PaymentView},
        post_payment,
        project::{self, CreateFundProject, FundProjectView},
        standard::{self, CreateStandard, StandardView},
    },
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(fund_project_create, fund_project_list))
        .routes(routes!(fund_project_get))
        .routes(routes!(fund_standard_create, fund_standard_list))
        .routes(routes!(fund_standard_get))
        .routes(routes!(fund_standard_approve))
        .routes(routes!(fund_deposit_create, fund_deposit_list))
        .routes(routes!(fund_deposit_get))
        .routes(routes!(fund_deposit_confirm))
        .routes(routes!(fund_deposit_reject))
        .routes(routes!(fund_correction_create, fund_correction_list))
        .routes(routes!(fund_correction_get))
        .routes(routes!(fund_correction_approve))
        .routes(routes!(fund_correction_reject))
        .routes(routes!(fund_payment_get))
        .routes(routes!(fund_payment_confirm))
}

/// Register the fund of a project (登记小区维修资金).
#[utoipa::path(
    post, path = "/fund/projects", operation_id = "fund_project_create", tag = "fund",
    extensions(("x-permission" = json!(perm::PROJECT_CREATE))),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = CreateFundProject,
    responses((status = 201, body = FundProjectView, description = "Registered"), Problems)
)]
async fn fund_project_create(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Json(cmd): Json<CreateFundProject>) -> Answer<FundProjectView> {
    created(project::create(&ctx, &key, cmd).await, |v| format!("/fund/projects/{}", v.project_id))
}

/// Projects with a fund in scope, with their sums.
#[utoipa::path(
    get, path = "/fund/projects", operation_id = "fund_project_list", tag = "fund",
    extensions(("x-permission" = json!(perm::PROJECT_READ))),
    params(PageQuery),
    responses((status = 200, body = Page<FundProjectView>, description = "One page"), Problems)
)]
async fn fund_project_list(ctx: Ctx, Query(query): Query<PageQuery>) -> Answer<Page<FundProjectView>> {
    ok(project::find(&ctx, &query).await)
}

/// A project with its sums: houses, dues, deposits, balance, holds.
#[utoipa::path(
    get, path = "/fund/projects/{project_id}", operation_id = "fund_project_get", tag = "fund",
    extensions(("x-permission" = json!(perm::PROJECT_READ))),
    params(("project_id" = ProjectId, Path, description = "The project")),
    responses((status = 200, body = FundProjectView, description = "The project"), Problems)
)]
async fn fund_project_get(ctx: Ctx, Path(id): Path<ProjectId>) -> Answer<FundProjectView> {
    ok(project::get(&ctx, id).await)
}

/// Make a deposit standard (新增交存标准).
#[utoipa::path(
    post, path = "/fund/standards", operation_id = "fund_standard_create", tag = "fund",
    extensions(("x-permission" = json!(perm::STANDARD_CREATE))),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = CreateStandard,
    responses((status = 201, body = StandardView, description = "A draft"), Problems)
)]
async fn fund_standard_create(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Json(cmd): Json<CreateStandard>) -> Answer<StandardView> {
    created(standard::create(&ctx, &key, cmd).await, |v| format!("/fund/standards/{}", v.id))
}

/// Deposit standards.
#[utoipa::path(
    get, path = "/fund/standards", operation_id = "fund_standard_list", tag = "fund",
    extensions(("x-permission" = json!(perm::STANDARD_READ))),
    params(PageQuery),
    responses((status = 200, body = Page<StandardView>, description = "One page"), Problems)
)]
async fn fund_standard_list(ctx: Ctx, Query(query): Query<PageQuery>) -> Answer<Page<StandardView>> {
    ok(standard::find(&ctx, &query).await)
}

/// A deposit standard.
#[utoipa::path(
    get, path = "/fund/standards/{standard_id}", operation_id = "fund_standard_get", tag = "fund",
    extensions(("x-permission" = json!(perm::STANDARD_READ))),
    params(("standard_id" = StandardId, Path, description = "The standard")),
    responses((status = 200, body = StandardView, description = "The standard"), Problems)
)]
async fn fund_standard_get(ctx: Ctx, Path(id): Path<StandardId>) -> Answer<StandardView> {
    ok(standard::get(&ctx, id).await)
}

/// Approve a deposit standard; by another person than who made it.
#[utoipa::path(
    post, path = "/fund/standards/{standard_id}/approval", operation_id = "fund_standard_approve", tag = "fund",
    extensions(("x-permission" = json!(perm::STANDARD_APPROVE))),
    params(("standard_id" = StandardId, Path, description = "The standard"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    responses((status = 200, body = StandardView, description = "Active"), Problems)
)]
async fn fund_standard_approve(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<StandardId>) -> Answer<StandardView> {
    ok(standard::approve(&ctx, &key, id).await)
}

/// Record a deposit (登记交存).
#[utoipa::path(
    post, path = "/fund/deposits", operation_id = "fund_deposit_create", tag = "fund",
    extensions(("x-permission" = json!(perm::DEPOSIT_CREATE))),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = CreateDeposit,
    responses((status = 201, body = DepositView, description = "It waits for a confirmation"), Problems)
)]
async fn fund_deposit_create(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Json(cmd): Json<CreateDeposit>) -> Answer<DepositView> {
    created(create_deposit::create_deposit(&ctx, &key, cmd).await, |v| format!("/fund/deposits/{}", v.id))
}

/// Deposits in scope, newest first.
#[utoipa::path(
    get, path = "/fund/deposits", operation_id = "fund_deposit_list", tag = "fund",
    extensions(("x-permission" = json!(perm::DEPOSIT_READ))),
    params(DepositQuery),
    responses((status = 200, body = Page<DepositView>, description = "One page"), Problems)
)]
async fn fund_deposit_list(ctx: Ctx, Query(query): Query<DepositQuery>) -> Answer<Page<DepositView>> {
    ok(create_deposit::find(&ctx, query).await)
}

/// A deposit.
#[utoipa::path(
    get, path = "/fund/deposits/{deposit_id}", operation_id = "fund_deposit_get", tag = "fund",
    extensions(("x-permission" = json!(perm::DEPOSIT_READ))),
    params(("deposit_id" = DepositId, Path, description = "The deposit")),
    responses((status = 200, body = DepositView, description = "The deposit"), Problems)
)]
async fn fund_deposit_get(ctx: Ctx, Path(id): Path<DepositId>) -> Answer<DepositView> {
    ok(create_deposit::get(&ctx, id).await)
}

/// Confirm that the money is at the bank (确认到账); by another person.
#[utoipa::path(
    post, path = "/fund/deposits/{deposit_id}/confirmation", operation_id = "fund_deposit_confirm", tag = "fund",
    extensions(("x-permission" = json!(perm::DEPOSIT_CONFIRM))),
    params(("deposit_id" = DepositId, Path, description = "The deposit"), ("Idempotency-Key" = String, Header, description = "Required: money moves")),
    responses((status = 200, body = DepositView, description = "Posted"), Problems)
)]
async fn fund_deposit_confirm(ctx: Ctx, MoneyKey(key): MoneyKey, Path(id): Path<DepositId>) -> Answer<DepositView> {
    ok(confirm_deposit::confirm_deposit(&ctx, &key, id).await)
}

/// Reject a deposit (不予确认); by another person.
#[utoipa::path(
    post, path = "/fund/deposits/{deposit_id}/rejection", operation_id = "fund_deposit_reject", tag = "fund",
    extensions(("x-permission" = json!(perm::DEPOSIT_REJECT))),
    params(("deposit_id" = DepositId, Path, description = "The deposit"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = RejectDeposit,
    responses((status = 200, body = DepositView, description = "Rejected"), Problems)
)]
async fn fund_deposit_reject(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<DepositId>,
    Json(cmd): Json<RejectDeposit>,
) -> Answer<DepositView> {
    ok(confirm_deposit::reject_deposit(&ctx, &key, id, cmd).await)
}

/// Ask to reverse a wrongly confirmed deposit (申请红冲).
#[utoipa::path(
    post, path = "/fund/corrections", operation_id = "fund_correction_create", tag = "fund",
    extensions(("x-permission" = json!(perm::CORRECTION_CREATE))),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = CreateCorrection,
    responses((status = 201, body = CorrectionView, description = "Submitted"), Problems)
)]
async fn fund_correction_create(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Json(cmd): Json<CreateCorrection>,
) -> Answer<CorrectionView> {
    created(correct_deposit::create(&ctx, &key, cmd).await, |v| format!("/fund/corrections/{}", v.id))
}

/// Corrections in scope, newest first.
#[utoipa::path(
    get, path = "/fund/corrections", operation_id = "fund_correction_list", tag = "fund",
    extensions(("x-permission" = json!(perm::CORRECTION_READ))),
    params(CorrectionQuery),
    responses((status = 200, body = Page<CorrectionView>, description = "One page"), Problems)
)]
async fn fund_correction_list(ctx: Ctx, Query(query): Query<CorrectionQuery>) -> Answer<Page<CorrectionView>> {
    ok(correct_deposit::find(&ctx, query).await)
}

/// A correction.
#[utoipa::path(
    get, path = "/fund/corrections/{correction_id}", operation_id = "fund_correction_get", tag = "fund",
    extensions(("x-permission" = json!(perm::CORRECTION_READ))),
    params(("correction_id" = CorrectionId, Path, description = "The correction")),
    responses((status = 200, body = CorrectionView, description = "The correction"), Problems)
)]
async fn fund_correction_get(ctx: Ctx, Path(id): Path<CorrectionId>) -> Answer<CorrectionView> {
    ok(correct_deposit::get(&ctx, id).await)
}

/// Reverse the posting (红冲, MF28); by another person.
#[utoipa::path(
    post, path = "/fund/corrections/{correction_id}/approval", operation_id = "fund_correction_approve", tag = "fund",
    extensions(("x-permission" = json!(perm::CORRECTION_APPROVE))),
    params(("correction_id" = CorrectionId, Path, description = "The correction"), ("Idempotency-Key" = String, Header, description = "Required: money moves")),
    request_body = DecideCorrection,
    responses((status = 200, body = CorrectionView, description = "Executed"), Problems)
)]
async fn fund_correction_approve(
    ctx: Ctx,
    MoneyKey(key): MoneyKey,
    Path(id): Path<CorrectionId>,
    Json(cmd): Json<DecideCorrection>,
) -> Answer<CorrectionView> {
    ok(correct_deposit::approve(&ctx, &key, id, cmd).await)
}

/// Refuse a correction; by another person.
#[utoipa::path(
    post, path = "/fund/corrections/{correction_id}/rejection", operation_id = "fund_correction_reject", tag = "fund",
    extensions(("x-permission" = json!(perm::CORRECTION_REJECT))),
    params(("correction_id" = CorrectionId, Path, description = "The correction"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = DecideCorrection,
    responses((status = 200, body = CorrectionView, description = "Rejected"), Problems)
)]
async fn fund_correction_reject(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<CorrectionId>,
    Json(cmd): Json<DecideCorrection>,
) -> Answer<CorrectionView> {
    ok(correct_deposit::reject(&ctx, &key, id, cmd).await)
}

/// A payment of a use.
#[utoipa::path(
    get, path = "/fund/payments/{payment_id}", operation_id = "fund_payment_get", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_READ))),
    params(("payment_id" = PaymentId, Path, description = "The payment")),
    responses((status = 200, body = PaymentView, description = "The payment"), Problems)
)]
async fn fund_payment_get(ctx: Ctx, Path(id): Path<PaymentId>) -> Answer<PaymentView> {
    ok(pay_use::get_payment(&ctx, id).await)
}

/// Confirm that a refund of the contractor arrived (确认退款到账); by another person.
#[utoipa::path(
    post, path = "/fund/payments/{payment_id}/confirmation", operation_id = "fund_payment_confirm", tag = "fund",
    extensions(("x-permission" = json!(perm::PAYMENT_CONFIRM))),
    params(("payment_id" = PaymentId, Path, description = "The payment"), ("Idempotency-Key" = String, Header, description = "Required: money moves")),
    responses((status = 200, body = PaymentView, description = "Posted"), Problems)
)]
async fn fund_payment_confirm(ctx: Ctx, MoneyKey(key): MoneyKey, Path(id): Path<PaymentId>) -> Answer<PaymentView> {
    ok(post_payment::confirm_refund(&ctx, &key, id).await)
}
