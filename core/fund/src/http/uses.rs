//! 使用: from proposal to archive.
use std::sync::Arc;

use linli_kernel::{Page, PageQuery, UseId};
use linli_tenants::{
    App, Ctx,
    http::{Answer, IdempotencyKey, IfMatch, Json, MoneyKey, Path, Problems, Query, created, ok},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    perm,
    service::{
        accept_use::{AcceptUse, CompleteUse, accept_use, complete_use, start_use},
        allocate_use::{allocate_use, preview_use},
        archive_use::archive_use,
        audit_use::{AuditUse, audit_use},
        contract_use::{ContractUse, contract_use},
        file_use::{FileUse, file_use},
        pay_use::{PayUse, PaymentView, pay_use},
        propose_use::{ProposeUse, propose_use},
        publicise_use::{PubliciseUse, publicise_settlement, publicise_use},
        scheme_use::{SetScheme, scheme_use},
        settle_use::{SettleUse, SettlementView, settle_use},
        submit_use::{SubmitUse, submit_use},
        survey_use::{SurveyUse, survey_use},
        suspend_use::{StopUse, resume_use, suspend_use, terminate_use},
        vote_use::{OpenVote, RecordVote, open_vote, record_vote},
    },
    shares::{self, PreviewView, ShareView},
    use_view::{UseBrief, UseView},
    uses::{self, RoundView, UseQuery},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(fund_use_list, fund_use_propose))
        .routes(routes!(fund_use_get))
        .routes(routes!(fund_use_round_list))
        .routes(routes!(fund_use_share_list))
        .routes(routes!(fund_use_survey))
        .routes(routes!(fund_use_scheme))
        .routes(routes!(fund_use_preview))
        .routes(routes!(fund_use_allocate))
        .routes(routes!(fund_use_open_vote))
        .routes(routes!(fund_use_record_vote))
        .routes(routes!(fund_use_publicise))
        .routes(routes!(fund_use_submit))
        .routes(routes!(fund_use_file))
        .routes(routes!(fund_use_contract))
        .routes(routes!(fund_use_pay))
        .routes(routes!(fund_use_start))
        .routes(routes!(fund_use_complete))
        .routes(routes!(fund_use_accept))
        .routes(routes!(fund_use_cost_audit))
        .routes(routes!(fund_use_publicise_settlement))
        .routes(routes!(fund_use_settle))
        .routes(routes!(fund_use_archive))
        .routes(routes!(fund_use_suspend))
        .routes(routes!(fund_use_resume))
        .routes(routes!(fund_use_terminate))
}

/// Uses in scope, newest first; an owner sees those of his projects.
#[utoipa::path(
    get, path = "/fund/uses", operation_id = "fund_use_list", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_READ))),
    params(UseQuery),
    responses((status = 200, body = Page<UseBrief>, description = "One page"), Problems)
)]
async fn fund_use_list(ctx: Ctx, Query(query): Query<UseQuery>) -> Answer<Page<UseBrief>> {
    ok(uses::find(&ctx, query).await)
}

/// Propose a use of the fund (提出使用申请).
#[utoipa::path(
    post, path = "/fund/uses", operation_id = "fund_use_propose", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_PROPOSE))),
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = ProposeUse,
    responses((status = 201, body = UseView, description = "Proposed"), Problems)
)]
async fn fund_use_propose(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Json(cmd): Json<ProposeUse>) -> Answer<UseView> {
    created(propose_use(&ctx, &key, cmd).await, |v| format!("/fund/uses/{}", v.id))
}

/// A use with all that is known of it and what may be done with it.
#[utoipa::path(
    get, path = "/fund/uses/{use_id}", operation_id = "fund_use_get", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_READ))),
    params(("use_id" = UseId, Path, description = "The use")),
    responses((status = 200, body = UseView, description = "The use"), Problems)
)]
async fn fund_use_get(ctx: Ctx, Path(id): Path<UseId>) -> Answer<UseView> {
    ok(uses::get(&ctx, id).await)
}

/// How the use looked when each earlier round ended (旧轮次).
#[utoipa::path(
    get, path = "/fund/uses/{use_id}/rounds", operation_id = "fund_use_round_list", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_READ))),
    params(("use_id" = UseId, Path, description = "The use")),
    responses((status = 200, body = Page<RoundView>, description = "All rounds before the present one"), Problems)
)]
async fn fund_use_round_list(ctx: Ctx, Path(id): Path<UseId>) -> Answer<Page<RoundView>> {
    ok(uses::rounds(&ctx, id).await)
}

/// The shares of the houses (分摊表); an owner sees those of his own.
#[utoipa::path(
    get, path = "/fund/uses/{use_id}/shares", operation_id = "fund_use_share_list", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_READ))),
    params(("use_id" = UseId, Path, description = "The use"), PageQuery),
    responses((status = 200, body = Page<ShareView>, description = "One page by house code"), Problems)
)]
async fn fund_use_share_list(ctx: Ctx, Path(id): Path<UseId>, Query(query): Query<PageQuery>) -> Answer<Page<ShareView>> {
    ok(shares::find(&ctx, id, &query).await)
}

/// Record the survey on site (现场勘查).
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/survey", operation_id = "fund_use_survey", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_SURVEY))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = SurveyUse,
    responses((status = 200, body = UseView, description = "Surveyed"), Problems)
)]
async fn fund_use_survey(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<UseId>,
    Json(cmd): Json<SurveyUse>,
) -> Answer<UseView> {
    ok(survey_use(&ctx, &key, id, cmd).await)
}

/// Set scheme and budget (方案与预算).
#[utoipa::path(
    put, path = "/fund/uses/{use_id}/scheme", operation_id = "fund_use_scheme", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_SCHEME))),
    params(("use_id" = UseId, Path, description = "The use"), ("If-Match" = String, Header, description = "The version that was read, quoted"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = SetScheme,
    responses((status = 200, body = UseView, description = "The scheme is set"), Problems)
)]
async fn fund_use_scheme(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<UseId>,
    version: IfMatch,
    Json(cmd): Json<SetScheme>,
) -> Answer<UseView> {
    ok(scheme_use(&ctx, &key, id, version, cmd).await)
}

/// What an allocation would give (试算分摊). Writes nothing.
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/allocation-preview", operation_id = "fund_use_preview", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_PREVIEW))),
    params(("use_id" = UseId, Path, description = "The use")),
    responses((status = 200, body = PreviewView, description = "The shares as they would be"), Problems)
)]
async fn fund_use_preview(ctx: Ctx, Path(id): Path<UseId>) -> Answer<PreviewView> {
    ok(preview_use(&ctx, id).await)
}

/// Allocate the budget over the houses by the rule of the city (预分摊).
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/allocation", operation_id = "fund_use_allocate", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_ALLOCATE))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    responses((status = 200, body = UseView, description = "Allocated"), Problems)
)]
async fn fund_use_allocate(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<UseId>) -> Answer<UseView> {
    ok(allocate_use(&ctx, &key, id).await)
}

/// Open the vote of the owners of the scope (发起表决).
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/vote", operation_id = "fund_use_open_vote", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_OPEN_VOTE))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = OpenVote,
    responses((status = 200, body = UseView, description = "The vote is open"), Problems)
)]
async fn fund_use_open_vote(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<UseId>,
    Json(cmd): Json<OpenVote>,
) -> Answer<UseView> {
    ok(open_vote(&ctx, &key, id, cmd).await)
}

/// Record the result of a vote on paper (录入表决结果).
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/vote-result", operation_id = "fund_use_record_vote", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_RECORD_VOTE))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = RecordVote,
    responses((status = 200, body = UseView, description = "Recorded and tested"), Problems)
)]
async fn fund_use_record_vote(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<UseId>,
    Json(cmd): Json<RecordVote>,
) -> Answer<UseView> {
    ok(record_vote(&ctx, &key, id, cmd).await)
}

/// Publicise scheme and vote (公示).
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/publicity", operation_id = "fund_use_publicise", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_PUBLICISE))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = PubliciseUse,
    responses((status = 200, body = UseView, description = "Publicised"), Problems)
)]
async fn fund_use_publicise(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<UseId>,
    Json(cmd): Json<PubliciseUse>,
) -> Answer<UseView> {
    ok(publicise_use(&ctx, &key, id, cmd).await)
}

/// Submit for review (提交审核), also after a return.
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/submission", operation_id = "fund_use_submit", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_SUBMIT))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = SubmitUse,
    responses((status = 200, body = UseView, description = "In review"), Problems)
)]
async fn fund_use_submit(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<UseId>,
    Json(cmd): Json<SubmitUse>,
) -> Answer<UseView> {
    ok(submit_use(&ctx, &key, id, cmd).await)
}

/// File the use (备案) in a city without a flow.
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/filing", operation_id = "fund_use_file", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_FILE))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = String, Header, description = "Required: money moves")),
    request_body = FileUse,
    responses((status = 200, body = UseView, description = "Filed, the shares are held"), Problems)
)]
async fn fund_use_file(ctx: Ctx, MoneyKey(key): MoneyKey, Path(id): Path<UseId>, Json(cmd): Json<FileUse>) -> Answer<UseView> {
    ok(file_use(&ctx, &key, id, cmd).await)
}

/// Record the contract (登记合同).
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/contract", operation_id = "fund_use_contract", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_CONTRACT))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = ContractUse,
    responses((status = 200, body = UseView, description = "Contracted"), Problems)
)]
async fn fund_use_contract(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<UseId>,
    Json(cmd): Json<ContractUse>,
) -> Answer<UseView> {
    ok(contract_use(&ctx, &key, id, cmd).await)
}

/// Ask for a payment (申请付款).
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/payments", operation_id = "fund_use_pay", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_PAY))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = String, Header, description = "Required: money moves")),
    request_body = PayUse,
    responses((status = 201, body = PaymentView, description = "The payment order is made"), Problems)
)]
async fn fund_use_pay(ctx: Ctx, MoneyKey(key): MoneyKey, Path(id): Path<UseId>, Json(cmd): Json<PayUse>) -> Answer<PaymentView> {
    created(pay_use(&ctx, &key, id, cmd).await, |v| format!("/fund/payments/{}", v.id))
}

/// The works begin (开工).
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/start", operation_id = "fund_use_start", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_START))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    responses((status = 200, body = UseView, description = "In works"), Problems)
)]
async fn fund_use_start(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<UseId>) -> Answer<UseView> {
    ok(start_use(&ctx, &key, id).await)
}

/// The works are done (竣工).
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/completion", operation_id = "fund_use_complete", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_COMPLETE))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = CompleteUse,
    responses((status = 200, body = UseView, description = "Completed"), Problems)
)]
async fn fund_use_complete(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<UseId>,
    Json(cmd): Json<CompleteUse>,
) -> Answer<UseView> {
    ok(complete_use(&ctx, &key, id, cmd).await)
}

/// Record the acceptance (验收).
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/acceptance", operation_id = "fund_use_accept", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_ACCEPT))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = AcceptUse,
    responses((status = 200, body = UseView, description = "Accepted"), Problems)
)]
async fn fund_use_accept(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<UseId>,
    Json(cmd): Json<AcceptUse>,
) -> Answer<UseView> {
    ok(accept_use(&ctx, &key, id, cmd).await)
}

/// Record the cost audit (登记审价).
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/cost-audit", operation_id = "fund_use_cost_audit", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_COST_AUDIT))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = AuditUse,
    responses((status = 200, body = UseView, description = "Cost audited"), Problems)
)]
async fn fund_use_cost_audit(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<UseId>,
    Json(cmd): Json<AuditUse>,
) -> Answer<UseView> {
    ok(audit_use(&ctx, &key, id, cmd).await)
}

/// Publicise the settlement (结算公示).
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/settlement-publicity", operation_id = "fund_use_publicise_settlement", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_PUBLICISE_SETTLEMENT))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = PubliciseUse,
    responses((status = 200, body = UseView, description = "Settlement publicised"), Problems)
)]
async fn fund_use_publicise_settlement(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<UseId>,
    Json(cmd): Json<PubliciseUse>,
) -> Answer<UseView> {
    ok(publicise_settlement(&ctx, &key, id, cmd).await)
}

/// Settle (结算): the final shares and the last payment.
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/settlement", operation_id = "fund_use_settle", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_SETTLE))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = String, Header, description = "Required: money moves")),
    request_body = SettleUse,
    responses((status = 200, body = SettlementView, description = "The final shares; settled once the bank has confirmed"), Problems)
)]
async fn fund_use_settle(ctx: Ctx, MoneyKey(key): MoneyKey, Path(id): Path<UseId>, Json(cmd): Json<SettleUse>) -> Answer<SettlementView> {
    ok(settle_use(&ctx, &key, id, cmd).await)
}

/// Archive the case (归档).
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/archiving", operation_id = "fund_use_archive", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_ARCHIVE))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    responses((status = 200, body = UseView, description = "Archived"), Problems)
)]
async fn fund_use_archive(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<UseId>) -> Answer<UseView> {
    ok(archive_use(&ctx, &key, id).await)
}

/// Suspend the use (中止).
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/suspension", operation_id = "fund_use_suspend", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_SUSPEND))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    request_body = StopUse,
    responses((status = 200, body = UseView, description = "Suspended"), Problems)
)]
async fn fund_use_suspend(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<UseId>,
    Json(cmd): Json<StopUse>,
) -> Answer<UseView> {
    ok(suspend_use(&ctx, &key, id, cmd).await)
}

/// Let a suspended use go on (恢复).
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/resumption", operation_id = "fund_use_resume", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_RESUME))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = Option<String>, Header, description = "The same key with the same body answers the first answer again")),
    responses((status = 200, body = UseView, description = "Back where it was"), Problems)
)]
async fn fund_use_resume(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<UseId>) -> Answer<UseView> {
    ok(resume_use(&ctx, &key, id).await)
}

/// Terminate the use (终止); what is held is released.
#[utoipa::path(
    post, path = "/fund/uses/{use_id}/termination", operation_id = "fund_use_terminate", tag = "fund",
    extensions(("x-permission" = json!(perm::USE_TERMINATE))),
    params(("use_id" = UseId, Path, description = "The use"), ("Idempotency-Key" = String, Header, description = "Required: money moves")),
    request_body = StopUse,
    responses((status = 200, body = UseView, description = "Terminated"), Problems)
)]
async fn fund_use_terminate(ctx: Ctx, MoneyKey(key): MoneyKey, Path(id): Path<UseId>, Json(cmd): Json<StopUse>) -> Answer<UseView> {
    ok(terminate_use(&ctx, &key, id, cmd).await)
}
