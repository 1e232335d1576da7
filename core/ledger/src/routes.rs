//! Thin handlers: bind, call, answer.
use std::sync::Arc;

use axum::{
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use linli_kernel::{BankAccountId, FundAccountId, Page, PageQuery, PaymentOrderId, PostingId, Problem, StatementId};
use linli_runtime::sheet::SheetFormat;
use linli_tenants::{
    App, Ctx,
    http::{Answer, IdempotencyKey, Json, MoneyKey, Path, Problems, Query, accepted, created, ok, problem_response},
};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    bank_accounts::{self, BankAccountCreate, BankAccountView},
    model::payment_order::OrderStep,
    order::{self, BankConfirmation, ConfirmationView, OrderQuery, PaymentOrderView, StepCommand},
    perm,
    proof::{self, ProofView},
    query::{
        self, AccountQuery, EntryPage, EntryQuery, FundAccountView, GlAccountView, GlLinePage, GlLineQuery, HoldQuery, HoldView,
        LedgerSetView, PeriodView, PoolView, PostingQuery, PostingView,
    },
    statement::{self, StatementCreate, StatementLineQuery, StatementLineView, StatementQuery, StatementStarted, StatementView},
};

/// All routes of the ledger, without the prefix of the tenant's API.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(ledger_set_list))
        .routes(routes!(ledger_pool_list))
        .routes(routes!(ledger_bank_account_list, ledger_bank_account_create))
        .routes(routes!(ledger_bank_account_get))
        .routes(routes!(ledger_hold_list))
        .routes(routes!(ledger_posting_list))
        .routes(routes!(ledger_posting_get))
        .routes(routes!(ledger_gl_account_list))
        .routes(routes!(ledger_gl_line_list))
        .routes(routes!(ledger_period_list))
        .routes(routes!(ledger_payment_order_list))
        .routes(routes!(ledger_payment_order_get))
        .routes(routes!(ledger_payment_order_check))
        .routes(routes!(ledger_payment_order_sign))
        .routes(routes!(ledger_payment_order_send))
        .routes(routes!(ledger_payment_order_cancel))
        .routes(routes!(ledger_bank_confirmation_create))
        .routes(routes!(ledger_statement_list, ledger_statement_create))
        .routes(routes!(ledger_statement_get))
        .routes(routes!(ledger_statement_line_list))
        .routes(routes!(ledger_proof_get))
        .routes(routes!(fund_account_list))
        .routes(routes!(fund_account_get))
        .routes(routes!(fund_account_entry_list))
}

/// Ledger sets (账套) of the city.
#[utoipa::path(get, path = "/ledger/sets", operation_id = "ledger_set_list", tag = "ledger",
    extensions(("x-permission" = json!(perm::SET_READ))), responses((status = 200, body = Page<LedgerSetView>, description = "The sets"), Problems))]
async fn ledger_set_list(ctx: Ctx) -> Answer<Page<LedgerSetView>> {
    ok(query::sets(&ctx).await)
}

/// Fund pools (资金池) of the city.
#[utoipa::path(get, path = "/ledger/pools", operation_id = "ledger_pool_list", tag = "ledger",
    extensions(("x-permission" = json!(perm::POOL_READ))), responses((status = 200, body = Page<PoolView>, description = "The pools"), Problems))]
async fn ledger_pool_list(ctx: Ctx) -> Answer<Page<PoolView>> {
    ok(query::pools(&ctx).await)
}

/// Bank accounts (专户), numbers masked.
#[utoipa::path(get, path = "/ledger/bank-accounts", operation_id = "ledger_bank_account_list", tag = "ledger", params(PageQuery),
    extensions(("x-permission" = json!(perm::BANK_ACCOUNT_READ))),
    responses((status = 200, body = Page<BankAccountView>, description = "The bank accounts"), Problems))]
async fn ledger_bank_account_list(ctx: Ctx, Query(page): Query<PageQuery>) -> Answer<Page<BankAccountView>> {
    ok(bank_accounts::list(&ctx, page).await)
}

/// Registers a bank account (专户).
#[utoipa::path(post, path = "/ledger/bank-accounts", operation_id = "ledger_bank_account_create", tag = "ledger",
    extensions(("x-permission" = json!(perm::BANK_ACCOUNT_CREATE))), request_body = BankAccountCreate,
    responses((status = 201, body = BankAccountView, description = "Registered"), Problems))]
async fn ledger_bank_account_create(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Json(cmd): Json<BankAccountCreate>,
) -> Answer<BankAccountView> {
    created(bank_accounts::create(&ctx, &key, cmd).await, |v| format!("/ledger/bank-accounts/{}", v.id))
}

/// One bank account.
#[utoipa::path(get, path = "/ledger/bank-accounts/{bank_account_id}", operation_id = "ledger_bank_account_get", tag = "ledger",
    params(("bank_account_id" = BankAccountId, Path, description = "The bank account")),
    extensions(("x-permission" = json!(perm::BANK_ACCOUNT_READ))),
    responses((status = 200, body = BankAccountView, description = "The bank account"), Problems))]
async fn ledger_bank_account_get(ctx: Ctx, Path(id): Path<BankAccountId>) -> Answer<BankAccountView> {
    ok(bank_accounts::get(&ctx, id).await)
}

/// Holds (冻结) of a use or on an account.
#[utoipa::path(get, path = "/ledger/holds", operation_id = "ledger_hold_list", tag = "ledger", params(HoldQuery),
    extensions(("x-permission" = json!(perm::HOLD_READ))), responses((status = 200, body = Page<HoldView>, description = "The holds"), Problems))]
async fn ledger_hold_list(ctx: Ctx, Query(filter): Query<HoldQuery>) -> Answer<Page<HoldView>> {
    ok(query::holds(&ctx, filter).await)
}

/// Postings (业务事件), the newest first.
#[utoipa::path(get, path = "/ledger/postings", operation_id = "ledger_posting_list", tag = "ledger", params(PostingQuery),
    extensions(("x-permission" = json!(perm::POSTING_READ))),
    responses((status = 200, body = Page<PostingView>, description = "The postings"), Problems))]
async fn ledger_posting_list(ctx: Ctx, Query(filter): Query<PostingQuery>) -> Answer<Page<PostingView>> {
    ok(query::postings(&ctx, filter).await)
}

/// One posting with its rows in the books.
#[utoipa::path(get, path = "/ledger/postings/{posting_id}", operation_id = "ledger_posting_get", tag = "ledger",
    params(("posting_id" = PostingId, Path, description = "The posting")), extensions(("x-permission" = json!(perm::POSTING_READ))),
    responses((status = 200, body = PostingView, description = "The posting"), Problems))]
async fn ledger_posting_get(ctx: Ctx, Path(id): Path<PostingId>) -> Answer<PostingView> {
    ok(query::posting(&ctx, id).await)
}

/// Chart of accounts (科目) with turnover.
#[utoipa::path(get, path = "/ledger/gl-accounts", operation_id = "ledger_gl_account_list", tag = "ledger", params(PageQuery),
    extensions(("x-permission" = json!(perm::GL_ACCOUNT_READ))),
    responses((status = 200, body = Page<GlAccountView>, description = "The chart"), Problems))]
async fn ledger_gl_account_list(ctx: Ctx, Query(page): Query<PageQuery>) -> Answer<Page<GlAccountView>> {
    ok(query::gl_accounts(&ctx, page).await)
}

/// Lines of the general ledger (分录) in the order of their vouchers: a feed.
#[utoipa::path(get, path = "/ledger/gl-lines", operation_id = "ledger_gl_line_list", tag = "ledger", params(GlLineQuery),
    extensions(("x-permission" = json!(perm::GL_LINE_READ))), responses((status = 200, body = GlLinePage, description = "Lines"), Problems))]
async fn ledger_gl_line_list(ctx: Ctx, Query(filter): Query<GlLineQuery>) -> Answer<GlLinePage> {
    ok(query::gl_lines(&ctx, filter).await)
}

/// Accounting periods (会计期间) that have vouchers.
#[utoipa::path(get, path = "/ledger/periods", operation_id = "ledger_period_list", tag = "ledger",
    extensions(("x-permission" = json!(perm::PERIOD_READ))), responses((status = 200, body = Page<PeriodView>, description = "Periods"), Problems))]
async fn ledger_period_list(ctx: Ctx) -> Answer<Page<PeriodView>> {
    ok(query::periods(&ctx).await)
}

/// Payment orders (拨付指令), the newest first.
#[utoipa::path(get, path = "/ledger/payment-orders", operation_id = "ledger_payment_order_list", tag = "ledger", params(OrderQuery),
    extensions(("x-permission" = json!(perm::PAYMENT_ORDER_READ))),
    responses((status = 200, body = Page<PaymentOrderView>, description = "The orders"), Problems))]
async fn ledger_payment_order_list(ctx: Ctx, Query(filter): Query<OrderQuery>) -> Answer<Page<PaymentOrderView>> {
    ok(order::list(&ctx, filter).await)
}

/// One payment order.
#[utoipa::path(get, path = "/ledger/payment-orders/{payment_order_id}", operation_id = "ledger_payment_order_get", tag = "ledger",
    params(("payment_order_id" = PaymentOrderId, Path, description = "The order")),
    extensions(("x-permission" = json!(perm::PAYMENT_ORDER_READ))),
    responses((status = 200, body = PaymentOrderView, description = "The order"), Problems))]
async fn ledger_payment_order_get(ctx: Ctx, Path(id): Path<PaymentOrderId>) -> Answer<PaymentOrderView> {
    ok(order::get(&ctx, id).await)
}

/// Checks an order (复核): payee against the contract, amount against the hold.
#[utoipa::path(post, path = "/ledger/payment-orders/{payment_order_id}/check", operation_id = "ledger_payment_order_check", tag = "ledger",
    params(("payment_order_id" = PaymentOrderId, Path, description = "The order")),
    extensions(("x-permission" = json!(perm::PAYMENT_ORDER_CHECK))), request_body = StepCommand,
    responses((status = 200, body = PaymentOrderView, description = "Checked"), Problems))]
async fn ledger_payment_order_check(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<PaymentOrderId>,
    Json(cmd): Json<StepCommand>,
) -> Answer<PaymentOrderView> {
    ok(order::step(&ctx, &key, id, OrderStep::Check, cmd).await)
}

/// Signs an order (签发).
#[utoipa::path(post, path = "/ledger/payment-orders/{payment_order_id}/signature", operation_id = "ledger_payment_order_sign", tag = "ledger",
    params(("payment_order_id" = PaymentOrderId, Path, description = "The order")),
    extensions(("x-permission" = json!(perm::PAYMENT_ORDER_SIGN))), request_body = StepCommand,
    responses((status = 200, body = PaymentOrderView, description = "Signed"), Problems))]
async fn ledger_payment_order_sign(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<PaymentOrderId>,
    Json(cmd): Json<StepCommand>,
) -> Answer<PaymentOrderView> {
    ok(order::step(&ctx, &key, id, OrderStep::Sign, cmd).await)
}

/// Sends an order to the bank (发送).
#[utoipa::path(post, path = "/ledger/payment-orders/{payment_order_id}/sending", operation_id = "ledger_payment_order_send", tag = "ledger",
    params(("payment_order_id" = PaymentOrderId, Path, description = "The order")),
    extensions(("x-permission" = json!(perm::PAYMENT_ORDER_SEND))), request_body = StepCommand,
    responses((status = 200, body = PaymentOrderView, description = "Sent"), Problems))]
async fn ledger_payment_order_send(
    ctx: Ctx,
    MoneyKey(key): MoneyKey,
    Path(id): Path<PaymentOrderId>,
    Json(cmd): Json<StepCommand>,
) -> Answer<PaymentOrderView> {
    ok(order::step(&ctx, &key, id, OrderStep::Send, cmd).await)
}

/// Cancels an order that was not sent (撤销).
#[utoipa::path(post, path = "/ledger/payment-orders/{payment_order_id}/cancellation", operation_id = "ledger_payment_order_cancel", tag = "ledger",
    params(("payment_order_id" = PaymentOrderId, Path, description = "The order")),
    extensions(("x-permission" = json!(perm::PAYMENT_ORDER_CANCEL))), request_body = StepCommand,
    responses((status = 200, body = PaymentOrderView, description = "Cancelled"), Problems))]
async fn ledger_payment_order_cancel(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<PaymentOrderId>,
    Json(cmd): Json<StepCommand>,
) -> Answer<PaymentOrderView> {
    ok(order::step(&ctx, &key, id, OrderStep::Cancel, cmd).await)
}

/// The bank says what became of an order (银行回执).
#[utoipa::path(post, path = "/ledger/bank-confirmations", operation_id = "ledger_bank_confirmation_create", tag = "ledger",
    extensions(("x-permission" = json!(perm::BANK_CONFIRMATION_CREATE))), request_body = BankConfirmation,
    responses((status = 200, body = ConfirmationView, description = "Taken, or known already"), Problems))]
async fn ledger_bank_confirmation_create(ctx: Ctx, MoneyKey(key): MoneyKey, Json(cmd): Json<BankConfirmation>) -> Answer<ConfirmationView> {
    ok(order::confirm(&ctx, &key, cmd).await)
}

/// Bank statements (对账单).
#[utoipa::path(get, path = "/ledger/statements", operation_id = "ledger_statement_list", tag = "ledger", params(StatementQuery),
    extensions(("x-permission" = json!(perm::STATEMENT_READ))),
    responses((status = 200, body = Page<StatementView>, description = "The statements"), Problems))]
async fn ledger_statement_list(ctx: Ctx, Query(filter): Query<StatementQuery>) -> Answer<Page<StatementView>> {
    ok(statement::list(&ctx, filter).await)
}

/// Takes a stored file as a bank statement; a job checks it.
#[utoipa::path(post, path = "/ledger/statements", operation_id = "ledger_statement_create", tag = "ledger",
    extensions(("x-permission" = json!(perm::STATEMENT_CREATE))), request_body = StatementCreate,
    responses((status = 202, body = StatementStarted, description = "Being checked"), Problems))]
async fn ledger_statement_create(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Json(cmd): Json<StatementCreate>,
) -> Answer<StatementStarted> {
    accepted(statement::create(&ctx, &key, cmd).await)
}

/// One bank statement with what is wrong in it.
#[utoipa::path(get, path = "/ledger/statements/{statement_id}", operation_id = "ledger_statement_get", tag = "ledger",
    params(("statement_id" = StatementId, Path, description = "The statement")), extensions(("x-permission" = json!(perm::STATEMENT_READ))),
    responses((status = 200, body = StatementView, description = "The statement"), Problems))]
async fn ledger_statement_get(ctx: Ctx, Path(id): Path<StatementId>) -> Answer<StatementView> {
    ok(statement::get(&ctx, id).await)
}

/// Movements of a bank statement.
#[utoipa::path(get, path = "/ledger/statements/{statement_id}/lines", operation_id = "ledger_statement_line_list", tag = "ledger",
    params(("statement_id" = StatementId, Path, description = "The statement"), StatementLineQuery),
    extensions(("x-permission" = json!(perm::STATEMENT_READ))),
    responses((status = 200, body = Page<StatementLineView>, description = "The movements"), Problems))]
async fn ledger_statement_line_list(
    ctx: Ctx,
    Path(id): Path<StatementId>,
    Query(filter): Query<StatementLineQuery>,
) -> Answer<Page<StatementLineView>> {
    ok(statement::lines(&ctx, id, filter).await)
}

/// Which pool is proved.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ProofQuery {
    /// Pool.
    #[param(example = "01")]
    pool_code: String,
}

/// Proves that the three books of a pool are equal: L1 to L9.
#[utoipa::path(get, path = "/ledger/proof", operation_id = "ledger_proof_get", tag = "ledger", params(ProofQuery),
    extensions(("x-permission" = json!(perm::PROOF_READ))), responses((status = 200, body = ProofView, description = "The nine checks"), Problems))]
async fn ledger_proof_get(ctx: Ctx, Query(filter): Query<ProofQuery>) -> Answer<ProofView> {
    ok(proof::proof(&ctx, &filter.pool_code).await)
}

/// Fund accounts (资金账户); an owner sees those of his houses.
#[utoipa::path(get, path = "/fund/accounts", operation_id = "fund_account_list", tag = "fund", params(AccountQuery),
    extensions(("x-permission" = json!(perm::FUND_ACCOUNT_READ))),
    responses((status = 200, body = Page<FundAccountView>, description = "The accounts"), Problems))]
async fn fund_account_list(ctx: Ctx, Query(filter): Query<AccountQuery>) -> Answer<Page<FundAccountView>> {
    ok(query::accounts(&ctx, filter).await)
}

/// One fund account with its balances.
#[utoipa::path(get, path = "/fund/accounts/{fund_account_id}", operation_id = "fund_account_get", tag = "fund",
    params(("fund_account_id" = FundAccountId, Path, description = "The account")), extensions(("x-permission" = json!(perm::FUND_ACCOUNT_READ))),
    responses((status = 200, body = FundAccountView, description = "The account"), Problems))]
async fn fund_account_get(ctx: Ctx, Path(id): Path<FundAccountId>) -> Answer<FundAccountView> {
    ok(query::account(&ctx, id).await)
}

/// Statement of a fund account (分户账明细): a feed, or the whole as CSV or XLSX by `Accept`.
#[utoipa::path(get, path = "/fund/accounts/{fund_account_id}/entries", operation_id = "fund_account_entry_list", tag = "fund",
    params(("fund_account_id" = FundAccountId, Path, description = "The account"), EntryQuery),
    extensions(("x-permission" = json!(perm::FUND_ACCOUNT_READ))),
    responses((status = 200, description = "The entries", content((EntryPage = "application/json"), (String = "text/csv"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))), Problems))]
async fn fund_account_entry_list(ctx: Ctx, headers: HeaderMap, Path(id): Path<FundAccountId>, Query(feed): Query<EntryQuery>) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("");
    match SheetFormat::of_accept(accept) {
        None => ok(query::entries(&ctx, id, feed).await).into_response(),
        Some(format) => match query::entries_file(&ctx, id, feed, format).await {
            Ok(file) => download(file),
            Err(problem) => problem_response(&problem),
        },
    }
}

fn download(file: query::EntryFormat) -> Response {
    let mut response = file.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.format.media_type()));
    // An account number is letters and digits, so the name needs no escaping.
    match HeaderValue::from_str(&format!("attachment; filename=\"{}\"", file.name)) {
        Ok(value) => {
            headers.insert(header::CONTENT_DISPOSITION, value);
            response
        }
        Err(error) => problem_response(&Problem::internal(error)),
    }
}
