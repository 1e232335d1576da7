//! 账号, 岗位, 角色.
use std::sync::Arc;

use linli_kernel::{AccountId, Page, PostId};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App, Ctx,
    accounts::{self, AccountCreate, AccountQuery, AccountReason, AccountView},
    http::{Answer, IdempotencyKey, Json, Path, Problems, Query, created, ok},
    perm,
    policy::{self, RoleView},
    posts::{self, PostCreate, PostQuery, PostView},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(account_list, account_create))
        .routes(routes!(account_get))
        .routes(routes!(account_suspend))
        .routes(routes!(account_resume))
        .routes(routes!(account_unlock))
        .routes(routes!(account_invite))
        .routes(routes!(post_list, post_create))
        .routes(routes!(post_get))
        .routes(routes!(post_approve))
        .routes(routes!(post_refuse))
        .routes(routes!(post_end))
        .routes(routes!(role_list))
}

/// Accounts (账号), newest first.
#[utoipa::path(get, path = "/accounts", operation_id = "account_list", tag = "tenants",
    extensions(("x-permission" = json!(perm::ACCOUNT_READ))), params(AccountQuery),
    responses((status = 200, body = Page<AccountView>, description = "a page of them"), Problems))]
async fn account_list(ctx: Ctx, Query(query): Query<AccountQuery>) -> Answer<Page<AccountView>> {
    ok(accounts::list(&ctx, &query).await)
}

/// Make an account (开户); its invitation is in the answer, once.
#[utoipa::path(post, path = "/accounts", operation_id = "account_create", tag = "tenants",
    extensions(("x-permission" = json!(perm::ACCOUNT_CREATE))), request_body = AccountCreate,
    responses((status = 201, body = AccountView, description = "invited"), Problems))]
async fn account_create(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Json(cmd): Json<AccountCreate>) -> Answer<AccountView> {
    created(accounts::create(&ctx, &key, cmd).await, |v| format!("/accounts/{}", v.id))
}

/// One account.
#[utoipa::path(get, path = "/accounts/{account_id}", operation_id = "account_get", tag = "tenants",
    extensions(("x-permission" = json!(perm::ACCOUNT_READ))), params(("account_id" = AccountId, Path, description = "the account")),
    responses((status = 200, body = AccountView, description = "the account"), Problems))]
async fn account_get(ctx: Ctx, Path(id): Path<AccountId>) -> Answer<AccountView> {
    ok(accounts::get(&ctx, id).await)
}

/// Stop an account (停用); its sessions end at once.
#[utoipa::path(post, path = "/accounts/{account_id}/suspension", operation_id = "account_suspend", tag = "tenants",
    extensions(("x-permission" = json!(perm::ACCOUNT_SUSPEND))), params(("account_id" = AccountId, Path, description = "the account")),
    request_body = AccountReason,
    responses((status = 200, body = AccountView, description = "suspended, or frozen for a person"), Problems))]
async fn account_suspend(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<AccountId>,
    Json(cmd): Json<AccountReason>,
) -> Answer<AccountView> {
    ok(accounts::suspend(&ctx, &key, id, cmd).await)
}

/// Let a stopped account work again (恢复).
#[utoipa::path(post, path = "/accounts/{account_id}/resumption", operation_id = "account_resume", tag = "tenants",
    extensions(("x-permission" = json!(perm::ACCOUNT_RESUME))), params(("account_id" = AccountId, Path, description = "the account")),
    responses((status = 200, body = AccountView, description = "active"), Problems))]
async fn account_resume(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<AccountId>) -> Answer<AccountView> {
    ok(accounts::resume(&ctx, &key, id).await)
}

/// Unlock an account (解锁) before its 15 minutes are over.
#[utoipa::path(post, path = "/accounts/{account_id}/unlock", operation_id = "account_unlock", tag = "tenants",
    extensions(("x-permission" = json!(perm::ACCOUNT_UNLOCK))), params(("account_id" = AccountId, Path, description = "the account")),
    responses((status = 200, body = AccountView, description = "active"), Problems))]
async fn account_unlock(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<AccountId>) -> Answer<AccountView> {
    ok(accounts::unlock(&ctx, &key, id).await)
}

/// Invite again (重新邀请): sessions end, earlier invitations are void.
#[utoipa::path(post, path = "/accounts/{account_id}/invitation", operation_id = "account_invite", tag = "tenants",
    extensions(("x-permission" = json!(perm::ACCOUNT_INVITE))), params(("account_id" = AccountId, Path, description = "the account")),
    responses((status = 200, body = AccountView, description = "with the new invitation"), Problems))]
async fn account_invite(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<AccountId>) -> Answer<AccountView> {
    ok(accounts::invite(&ctx, &key, id).await)
}

/// Posts (岗位), newest first.
#[utoipa::path(get, path = "/posts", operation_id = "post_list", tag = "tenants",
    extensions(("x-permission" = json!(perm::POST_READ))), params(PostQuery),
    responses((status = 200, body = Page<PostView>, description = "a page of them"), Problems))]
async fn post_list(ctx: Ctx, Query(query): Query<PostQuery>) -> Answer<Page<PostView>> {
    ok(posts::list(&ctx, &query).await)
}

/// Propose a post (提出岗位): an account, a role, a scope.
#[utoipa::path(post, path = "/posts", operation_id = "post_create", tag = "tenants",
    extensions(("x-permission" = json!(perm::POST_CREATE))), request_body = PostCreate,
    responses((status = 201, body = PostView, description = "proposed"), Problems))]
async fn post_create(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Json(cmd): Json<PostCreate>) -> Answer<PostView> {
    created(posts::create(&ctx, &key, cmd).await, |v| format!("/posts/{}", v.post.id))
}

/// One post.
#[utoipa::path(get, path = "/posts/{post_id}", operation_id = "post_get", tag = "tenants",
    extensions(("x-permission" = json!(perm::POST_READ))), params(("post_id" = PostId, Path, description = "the post")),
    responses((status = 200, body = PostView, description = "the post"), Problems))]
async fn post_get(ctx: Ctx, Path(id): Path<PostId>) -> Answer<PostView> {
    ok(posts::get(&ctx, id).await)
}

/// Approve a post (批准岗位); never one's own, never what one proposed.
#[utoipa::path(post, path = "/posts/{post_id}/approval", operation_id = "post_approve", tag = "tenants",
    extensions(("x-permission" = json!(perm::POST_APPROVE))), params(("post_id" = PostId, Path, description = "the post")),
    responses((status = 200, body = PostView, description = "active"), Problems))]
async fn post_approve(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<PostId>) -> Answer<PostView> {
    ok(posts::approve(&ctx, &key, id).await)
}

/// Refuse a proposed post (不予批准).
#[utoipa::path(post, path = "/posts/{post_id}/refusal", operation_id = "post_refuse", tag = "tenants",
    extensions(("x-permission" = json!(perm::POST_REFUSE))), params(("post_id" = PostId, Path, description = "the post")),
    responses((status = 200, body = PostView, description = "refused"), Problems))]
async fn post_refuse(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<PostId>) -> Answer<PostView> {
    ok(posts::refuse(&ctx, &key, id).await)
}

/// End a post (结束岗位); sessions that act in it end at once.
#[utoipa::path(post, path = "/posts/{post_id}/end", operation_id = "post_end", tag = "tenants",
    extensions(("x-permission" = json!(perm::POST_END))), params(("post_id" = PostId, Path, description = "the post")),
    responses((status = 200, body = PostView, description = "ended"), Problems))]
async fn post_end(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<PostId>) -> Answer<PostView> {
    ok(posts::end(&ctx, &key, id).await)
}

/// Roles (角色) with what each may.
#[utoipa::path(get, path = "/roles", operation_id = "role_list", tag = "tenants",
    extensions(("x-permission" = json!(perm::ROLE_READ))),
    responses((status = 200, body = Page<RoleView>, description = "all roles"), Problems))]
async fn role_list(ctx: Ctx) -> Answer<Page<RoleView>> {
    ok(policy::roles(&ctx).await)
}
