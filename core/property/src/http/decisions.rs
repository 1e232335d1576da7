//! Committees, bindings, votes, publicities, objections, facts.
use std::sync::Arc;

use linli_kernel::{BindingId, CommitteeId, ObjectionId, Page, PublicityId, VoteId};
use linli_tenants::{
    App, Ctx,
    http::{Answer, IdempotencyKey, Json, Path, Problems, Query, created, ok},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    bindings::{self, ApplyBinding, BindingQuery, BindingView, RejectBinding},
    committees::{self, CommitteeQuery, CommitteeView, CreateCommittee},
    facts::{self, FactQuery, FactView},
    objections::{self, AnswerObjection, CreateObjection, ObjectionQuery, ObjectionView},
    perm,
    publicities::{self, PublicityQuery, PublicityView},
    votes::{self, VoteQuery, VoteView},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(committee_create, committee_list))
        .routes(routes!(committee_get))
        .routes(routes!(binding_apply, binding_list))
        .routes(routes!(binding_get))
        .routes(routes!(binding_accept))
        .routes(routes!(binding_reject))
        .routes(routes!(vote_list))
        .routes(routes!(vote_get))
        .routes(routes!(publicity_list))
        .routes(routes!(publicity_get))
        .routes(routes!(objection_create))
        .routes(routes!(objection_list))
        .routes(routes!(objection_get))
        .routes(routes!(objection_answer))
        .routes(routes!(fact_list))
}

/// Record a filed committee (业委会备案).
#[utoipa::path(post, path = "/property/committees", operation_id = "property_committee_create", tag = "property", extensions(("x-permission" = json!(perm::COMMITTEE_CREATE))),
    request_body = CreateCommittee, responses((status = 201, body = CommitteeView, description = "Made"), Problems))]
async fn committee_create(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Json(cmd): Json<CreateCommittee>) -> Answer<CommitteeView> {
    created(committees::create(&ctx, &key, cmd).await, |v| format!("/property/committees/{}", v.id))
}

/// Committees in scope, the newest first.
#[utoipa::path(get, path = "/property/committees", operation_id = "property_committee_list", tag = "property", extensions(("x-permission" = json!(perm::COMMITTEE_READ))),
    params(CommitteeQuery), responses((status = 200, body = Page<CommitteeView>, description = "One page"), Problems))]
async fn committee_list(ctx: Ctx, Query(query): Query<CommitteeQuery>) -> Answer<Page<CommitteeView>> {
    ok(committees::find(&ctx, query).await)
}

/// A committee with its members, masked.
#[utoipa::path(get, path = "/property/committees/{committee_id}", operation_id = "property_committee_get", tag = "property", extensions(("x-permission" = json!(perm::COMMITTEE_READ))),
    params(("committee_id" = CommitteeId, Path, description = "The committee")), responses((status = 200, body = CommitteeView, description = "The committee"), Problems))]
async fn committee_get(ctx: Ctx, Path(id): Path<CommitteeId>) -> Answer<CommitteeView> {
    ok(committees::get(&ctx, id).await)
}

/// Claim a house (业主认证): bound at once where the typed identity is the caller's own checked person and he holds the house, else manual review.
#[utoipa::path(post, path = "/property/bindings", operation_id = "property_binding_apply", tag = "property", extensions(("x-permission" = json!(perm::BINDING_APPLY))),
    request_body = ApplyBinding, responses((status = 201, body = BindingView, description = "Made"), Problems))]
async fn binding_apply(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Json(cmd): Json<ApplyBinding>) -> Answer<BindingView> {
    created(bindings::apply(&ctx, &key, cmd).await, |v| format!("/property/bindings/{}", v.id))
}

/// The caller's own claims; for a reviewer those of his division.
#[utoipa::path(get, path = "/property/bindings", operation_id = "property_binding_list", tag = "property", extensions(("x-permission" = json!(perm::BINDING_READ))),
    params(BindingQuery), responses((status = 200, body = Page<BindingView>, description = "One page"), Problems))]
async fn binding_list(ctx: Ctx, Query(query): Query<BindingQuery>) -> Answer<Page<BindingView>> {
    ok(bindings::find(&ctx, query).await)
}

/// A claim: the caller's own, or one of a reviewer's division.
#[utoipa::path(get, path = "/property/bindings/{binding_id}", operation_id = "property_binding_get", tag = "property", extensions(("x-permission" = json!(perm::BINDING_READ))),
    params(("binding_id" = BindingId, Path, description = "The claim")), responses((status = 200, body = BindingView, description = "The claim"), Problems))]
async fn binding_get(ctx: Ctx, Path(id): Path<BindingId>) -> Answer<BindingView> {
    ok(bindings::get(&ctx, id).await)
}

/// Accept a claim after manual review.
#[utoipa::path(post, path = "/property/bindings/{binding_id}/acceptance", operation_id = "property_binding_accept", tag = "property", extensions(("x-permission" = json!(perm::BINDING_ACCEPT))),
    params(("binding_id" = BindingId, Path, description = "The claim")), responses((status = 200, body = BindingView, description = "Done"), Problems))]
async fn binding_accept(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<BindingId>) -> Answer<BindingView> {
    ok(bindings::accept(&ctx, &key, id).await)
}

/// Reject a claim after manual review.
#[utoipa::path(post, path = "/property/bindings/{binding_id}/rejection", operation_id = "property_binding_reject", tag = "property", extensions(("x-permission" = json!(perm::BINDING_REJECT))),
    params(("binding_id" = BindingId, Path, description = "The claim")), request_body = RejectBinding, responses((status = 200, body = BindingView, description = "Done"), Problems))]
async fn binding_reject(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<BindingId>,
    Json(cmd): Json<RejectBinding>,
) -> Answer<BindingView> {
    ok(bindings::reject(&ctx, &key, id, cmd).await)
}

/// Votes in scope, the newest first.
#[utoipa::path(get, path = "/property/votes", operation_id = "property_vote_list", tag = "property", extensions(("x-permission" = json!(perm::VOTE_READ))),
    params(VoteQuery), responses((status = 200, body = Page<VoteView>, description = "One page"), Problems))]
async fn vote_list(ctx: Ctx, Query(query): Query<VoteQuery>) -> Answer<Page<VoteView>> {
    ok(votes::find(&ctx, query).await)
}

/// A vote.
#[utoipa::path(get, path = "/property/votes/{vote_id}", operation_id = "property_vote_get", tag = "property", extensions(("x-permission" = json!(perm::VOTE_READ))),
    params(("vote_id" = VoteId, Path, description = "The vote")), responses((status = 200, body = VoteView, description = "The vote"), Problems))]
async fn vote_get(ctx: Ctx, Path(id): Path<VoteId>) -> Answer<VoteView> {
    ok(votes::get(&ctx, id).await)
}

/// Publicities in scope, the newest first.
#[utoipa::path(get, path = "/property/publicities", operation_id = "property_publicity_list", tag = "property", extensions(("x-permission" = json!(perm::PUBLICITY_READ))),
    params(PublicityQuery), responses((status = 200, body = Page<PublicityView>, description = "One page"), Problems))]
async fn publicity_list(ctx: Ctx, Query(query): Query<PublicityQuery>) -> Answer<Page<PublicityView>> {
    ok(publicities::find(&ctx, query).await)
}

/// A publicity.
#[utoipa::path(get, path = "/property/publicities/{publicity_id}", operation_id = "property_publicity_get", tag = "property", extensions(("x-permission" = json!(perm::PUBLICITY_READ))),
    params(("publicity_id" = PublicityId, Path, description = "The publicity")), responses((status = 200, body = PublicityView, description = "The publicity"), Problems))]
async fn publicity_get(ctx: Ctx, Path(id): Path<PublicityId>) -> Answer<PublicityView> {
    ok(publicities::get(&ctx, id).await)
}

/// Object to a publicity as an owner of its project (提出异议).
#[utoipa::path(post, path = "/property/publicities/{publicity_id}/objections", operation_id = "property_objection_create", tag = "property", extensions(("x-permission" = json!(perm::OBJECTION_CREATE))),
    params(("publicity_id" = PublicityId, Path, description = "The publicity")), request_body = CreateObjection, responses((status = 201, body = ObjectionView, description = "Made"), Problems))]
async fn objection_create(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<PublicityId>,
    Json(cmd): Json<CreateObjection>,
) -> Answer<ObjectionView> {
    created(objections::create(&ctx, &key, id, cmd).await, |v| format!("/property/objections/{}", v.id))
}

/// Objections in scope, the newest first.
#[utoipa::path(get, path = "/property/objections", operation_id = "property_objection_list", tag = "property", extensions(("x-permission" = json!(perm::OBJECTION_READ))),
    params(ObjectionQuery), responses((status = 200, body = Page<ObjectionView>, description = "One page"), Problems))]
async fn objection_list(ctx: Ctx, Query(query): Query<ObjectionQuery>) -> Answer<Page<ObjectionView>> {
    ok(objections::find(&ctx, query).await)
}

/// An objection.
#[utoipa::path(get, path = "/property/objections/{objection_id}", operation_id = "property_objection_get", tag = "property", extensions(("x-permission" = json!(perm::OBJECTION_READ))),
    params(("objection_id" = ObjectionId, Path, description = "The objection")), responses((status = 200, body = ObjectionView, description = "The objection"), Problems))]
async fn objection_get(ctx: Ctx, Path(id): Path<ObjectionId>) -> Answer<ObjectionView> {
    ok(objections::get(&ctx, id).await)
}

/// Answer an objection (答复异议).
#[utoipa::path(post, path = "/property/objections/{objection_id}/answer", operation_id = "property_objection_answer", tag = "property", extensions(("x-permission" = json!(perm::OBJECTION_ANSWER))),
    params(("objection_id" = ObjectionId, Path, description = "The objection")), request_body = AnswerObjection, responses((status = 200, body = ObjectionView, description = "Done"), Problems))]
async fn objection_answer(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<ObjectionId>,
    Json(cmd): Json<AnswerObjection>,
) -> Answer<ObjectionView> {
    ok(objections::answer(&ctx, &key, id, cmd).await)
}

/// The facts of a subject on a day, as known at an instant.
#[utoipa::path(get, path = "/property/facts", operation_id = "property_fact_list", tag = "property", extensions(("x-permission" = json!(perm::FACT_READ))),
    params(FactQuery), responses((status = 200, body = Page<FactView>, description = "One page"), Problems))]
async fn fact_list(ctx: Ctx, Query(query): Query<FactQuery>) -> Answer<Page<FactView>> {
    ok(facts::find(&ctx, query).await)
}
