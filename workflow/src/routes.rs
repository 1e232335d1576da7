//! Addresses of the engine.
use std::sync::Arc;

use linli_kernel::{DefinitionId, InstanceId, Page, PageQuery, TaskId};
use linli_tenants::{
    App, Ctx,
    http::{Answer, IdempotencyKey, Json, Path, Problems, Query, created, ok},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    perm,
    service::{
        self, Approve, Copy, Counts, Decided, DefinitionCreate, DefinitionView, DiagramView, ExplanationView, IncidentView, InstanceBrief,
        InstanceView, Reject, Return, TaskQuery, TaskView, TimelineRow, Transfer,
    },
};

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(workflow_definition_list, workflow_definition_create))
        .routes(routes!(workflow_definition_get))
        .routes(routes!(workflow_definition_check))
        .routes(routes!(workflow_definition_publish))
        .routes(routes!(workflow_instance_get))
        .routes(routes!(workflow_instance_timeline))
        .routes(routes!(workflow_instance_diagram))
        .routes(routes!(workflow_instance_withdraw))
        .routes(routes!(workflow_instance_urge))
        .routes(routes!(workflow_instance_copy))
        .routes(routes!(workflow_instance_retry))
        .routes(routes!(workflow_task_list))
        .routes(routes!(workflow_task_get))
        .routes(routes!(workflow_task_counts))
        .routes(routes!(workflow_task_explanation))
        .routes(routes!(workflow_task_claim))
        .routes(routes!(workflow_task_release))
        .routes(routes!(workflow_task_approve))
        .routes(routes!(workflow_task_reject))
        .routes(routes!(workflow_task_return))
        .routes(routes!(workflow_task_transfer))
        .routes(routes!(workflow_incident_list))
}

/// 流程定义
#[utoipa::path(get, path = "/workflow/definitions", operation_id = "workflow_definition_list", tag = "workflow", params(PageQuery),
    extensions(("x-permission" = json!(perm::DEFINITION_READ))),
    responses((status = 200, body = Page<DefinitionView>, description = "definitions"), Problems))]
async fn workflow_definition_list(ctx: Ctx, Query(page): Query<PageQuery>) -> Answer<Page<DefinitionView>> {
    ok(service::list_definitions(&ctx, page).await)
}

/// Keep a drawn file as a definition, or say everything that is wrong with it.
#[utoipa::path(post, path = "/workflow/definitions", operation_id = "workflow_definition_create", tag = "workflow", request_body = DefinitionCreate,
    extensions(("x-permission" = json!(perm::DEFINITION_CREATE))),
    responses((status = 201, body = DefinitionView, description = "checked, waits for its publication"), Problems))]
async fn workflow_definition_create(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Json(cmd): Json<DefinitionCreate>,
) -> Answer<DefinitionView> {
    created(service::create(&ctx, &key, cmd).await, |v| format!("/workflow/definitions/{}", v.id))
}

/// One definition with its file.
#[utoipa::path(get, path = "/workflow/definitions/{definition_id}", operation_id = "workflow_definition_get", tag = "workflow",
    extensions(("x-permission" = json!(perm::DEFINITION_READ))), params(("definition_id" = DefinitionId, Path, description = "the definition")),
    responses((status = 200, body = DefinitionView, description = "the definition"), Problems))]
async fn workflow_definition_get(ctx: Ctx, Path(id): Path<DefinitionId>) -> Answer<DefinitionView> {
    ok(service::get_definition(&ctx, id).await)
}

/// Check a definition again.
#[utoipa::path(post, path = "/workflow/definitions/{definition_id}/check", operation_id = "workflow_definition_check", tag = "workflow",
    extensions(("x-permission" = json!(perm::DEFINITION_CHECK))), params(("definition_id" = DefinitionId, Path, description = "the definition")),
    responses((status = 200, body = DefinitionView, description = "with its diagnostics"), Problems))]
async fn workflow_definition_check(ctx: Ctx, Path(id): Path<DefinitionId>) -> Answer<DefinitionView> {
    ok(service::check(&ctx, id).await)
}

/// 发布 by a second person.
#[utoipa::path(post, path = "/workflow/definitions/{definition_id}/publication", operation_id = "workflow_definition_publish", tag = "workflow",
    extensions(("x-permission" = json!(perm::DEFINITION_PUBLISH))), params(("definition_id" = DefinitionId, Path, description = "the definition")),
    responses((status = 200, body = DefinitionView, description = "in force"), Problems))]
async fn workflow_definition_publish(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<DefinitionId>,
) -> Answer<DefinitionView> {
    ok(service::publish(&ctx, &key, id).await)
}

/// 流程实例
#[utoipa::path(get, path = "/workflow/instances/{instance_id}", operation_id = "workflow_instance_get", tag = "workflow",
    extensions(("x-permission" = json!(perm::INSTANCE_READ))), params(("instance_id" = InstanceId, Path, description = "the instance")),
    responses((status = 200, body = InstanceBrief, description = "the instance"), Problems))]
async fn workflow_instance_get(ctx: Ctx, Path(id): Path<InstanceId>) -> Answer<InstanceBrief> {
    ok(service::instance(&ctx, id).await)
}

/// 办理经过
#[utoipa::path(get, path = "/workflow/instances/{instance_id}/timeline", operation_id = "workflow_instance_timeline", tag = "workflow",
    extensions(("x-permission" = json!(perm::INSTANCE_READ))), params(("instance_id" = InstanceId, Path, description = "the instance")),
    responses((status = 200, body = Page<TimelineRow>, description = "everything that happened, in order"), Problems))]
async fn workflow_instance_timeline(ctx: Ctx, Path(id): Path<InstanceId>) -> Answer<Page<TimelineRow>> {
    ok(service::timeline(&ctx, id).await)
}

/// The flow drawn, with the live position.
#[utoipa::path(get, path = "/workflow/instances/{instance_id}/diagram", operation_id = "workflow_instance_diagram", tag = "workflow",
    extensions(("x-permission" = json!(perm::INSTANCE_READ))), params(("instance_id" = InstanceId, Path, description = "the instance")),
    responses((status = 200, body = DiagramView, description = "the drawing"), Problems))]
async fn workflow_instance_diagram(ctx: Ctx, Path(id): Path<InstanceId>) -> Answer<DiagramView> {
    ok(service::diagram(&ctx, id).await)
}

/// 撤回 by the applicant, until the first decision.
#[utoipa::path(post, path = "/workflow/instances/{instance_id}/withdrawal", operation_id = "workflow_instance_withdraw", tag = "workflow",
    extensions(("x-permission" = json!(perm::INSTANCE_WITHDRAW))), params(("instance_id" = InstanceId, Path, description = "the instance")),
    responses((status = 200, body = InstanceView, description = "withdrawn"), Problems))]
async fn workflow_instance_withdraw(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<InstanceId>) -> Answer<InstanceView> {
    ok(service::withdraw(&ctx, &key, id).await)
}

/// 催办
#[utoipa::path(post, path = "/workflow/instances/{instance_id}/urging", operation_id = "workflow_instance_urge", tag = "workflow",
    extensions(("x-permission" = json!(perm::INSTANCE_URGE))), params(("instance_id" = InstanceId, Path, description = "the instance")),
    responses((status = 200, body = InstanceView, description = "told"), Problems))]
async fn workflow_instance_urge(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<InstanceId>) -> Answer<InstanceView> {
    ok(service::urge(&ctx, &key, id).await)
}

/// 抄送: these accounts may read the case.
#[utoipa::path(post, path = "/workflow/instances/{instance_id}/copies", operation_id = "workflow_instance_copy", tag = "workflow", request_body = Copy,
    extensions(("x-permission" = json!(perm::INSTANCE_COPY))), params(("instance_id" = InstanceId, Path, description = "the instance")),
    responses((status = 200, body = InstanceView, description = "copied"), Problems))]
async fn workflow_instance_copy(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<InstanceId>,
    Json(cmd): Json<Copy>,
) -> Answer<InstanceView> {
    ok(service::copy(&ctx, &key, id, cmd).await)
}

/// Try what stands still again.
#[utoipa::path(post, path = "/workflow/instances/{instance_id}/retry", operation_id = "workflow_incident_retry", tag = "workflow",
    extensions(("x-permission" = json!(perm::INCIDENT_RETRY))), params(("instance_id" = InstanceId, Path, description = "the instance")),
    responses((status = 200, body = InstanceView, description = "tried again"), Problems))]
async fn workflow_instance_retry(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<InstanceId>) -> Answer<InstanceView> {
    ok(service::retry(&ctx, &key, id).await)
}

/// 待办, 待认领, 已办, 我发起
#[utoipa::path(get, path = "/workflow/tasks", operation_id = "workflow_task_list", tag = "workflow", params(TaskQuery),
    extensions(("x-permission" = json!(perm::TASK_READ))),
    responses((status = 200, body = Page<TaskView>, description = "tasks of the view"), Problems))]
async fn workflow_task_list(ctx: Ctx, Query(query): Query<TaskQuery>) -> Answer<Page<TaskView>> {
    ok(service::tasks(&ctx, &query).await)
}

/// One task.
#[utoipa::path(get, path = "/workflow/tasks/{task_id}", operation_id = "workflow_task_get", tag = "workflow",
    extensions(("x-permission" = json!(perm::TASK_READ))), params(("task_id" = TaskId, Path, description = "the task")),
    responses((status = 200, body = TaskView, description = "the task"), Problems))]
async fn workflow_task_get(ctx: Ctx, Path(id): Path<TaskId>) -> Answer<TaskView> {
    ok(service::task(&ctx, id).await)
}

/// Numbers for the workbench.
#[utoipa::path(get, path = "/workflow/task-counts", operation_id = "workflow_task_counts", tag = "workflow",
    extensions(("x-permission" = json!(perm::TASK_READ))),
    responses((status = 200, body = Counts, description = "counts"), Problems))]
async fn workflow_task_counts(ctx: Ctx) -> Answer<Counts> {
    ok(service::counts(&ctx).await)
}

/// 为什么到我这里
#[utoipa::path(get, path = "/workflow/tasks/{task_id}/explanation", operation_id = "workflow_task_explanation", tag = "workflow",
    extensions(("x-permission" = json!(perm::TASK_READ))), params(("task_id" = TaskId, Path, description = "the task")),
    responses((status = 200, body = ExplanationView, description = "why it is here"), Problems))]
async fn workflow_task_explanation(ctx: Ctx, Path(id): Path<TaskId>) -> Answer<ExplanationView> {
    ok(service::explanation(&ctx, id).await)
}

/// 认领: one winner.
#[utoipa::path(post, path = "/workflow/tasks/{task_id}/claim", operation_id = "workflow_task_claim", tag = "workflow",
    extensions(("x-permission" = json!(perm::TASK_CLAIM))), params(("task_id" = TaskId, Path, description = "the task")),
    responses((status = 200, body = TaskView, description = "claimed"), Problems))]
async fn workflow_task_claim(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<TaskId>) -> Answer<TaskView> {
    ok(service::claim(&ctx, &key, id).await)
}

/// 归还 to the pool.
#[utoipa::path(post, path = "/workflow/tasks/{task_id}/release", operation_id = "workflow_task_release", tag = "workflow",
    extensions(("x-permission" = json!(perm::TASK_RELEASE))), params(("task_id" = TaskId, Path, description = "the task")),
    responses((status = 200, body = TaskView, description = "back in the pool"), Problems))]
async fn workflow_task_release(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<TaskId>) -> Answer<TaskView> {
    ok(service::release(&ctx, &key, id).await)
}

/// 同意
#[utoipa::path(post, path = "/workflow/tasks/{task_id}/approval", operation_id = "workflow_task_approve", tag = "workflow", request_body = Approve,
    extensions(("x-permission" = json!(perm::TASK_APPROVE))), params(("task_id" = TaskId, Path, description = "the task")),
    responses((status = 200, body = Decided, description = "decided"), Problems))]
async fn workflow_task_approve(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<TaskId>,
    Json(cmd): Json<Approve>,
) -> Answer<Decided> {
    ok(service::approve(&ctx, &key, id, cmd).await)
}

/// 驳回: ends the case.
#[utoipa::path(post, path = "/workflow/tasks/{task_id}/rejection", operation_id = "workflow_task_reject", tag = "workflow", request_body = Reject,
    extensions(("x-permission" = json!(perm::TASK_REJECT))), params(("task_id" = TaskId, Path, description = "the task")),
    responses((status = 200, body = Decided, description = "decided"), Problems))]
async fn workflow_task_reject(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<TaskId>,
    Json(cmd): Json<Reject>,
) -> Answer<Decided> {
    ok(service::reject(&ctx, &key, id, cmd).await)
}

/// 退回 to the applicant or to a visited step.
#[utoipa::path(post, path = "/workflow/tasks/{task_id}/return", operation_id = "workflow_task_return", tag = "workflow", request_body = Return,
    extensions(("x-permission" = json!(perm::TASK_RETURN))), params(("task_id" = TaskId, Path, description = "the task")),
    responses((status = 200, body = Decided, description = "sent back"), Problems))]
async fn workflow_task_return(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<TaskId>,
    Json(cmd): Json<Return>,
) -> Answer<Decided> {
    ok(service::return_to(&ctx, &key, id, cmd).await)
}

/// 转办
#[utoipa::path(post, path = "/workflow/tasks/{task_id}/transfer", operation_id = "workflow_task_transfer", tag = "workflow", request_body = Transfer,
    extensions(("x-permission" = json!(perm::TASK_TRANSFER))), params(("task_id" = TaskId, Path, description = "the task")),
    responses((status = 200, body = TaskView, description = "with its new holder"), Problems))]
async fn workflow_task_transfer(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(id): Path<TaskId>,
    Json(cmd): Json<Transfer>,
) -> Answer<TaskView> {
    ok(service::transfer(&ctx, &key, id, cmd).await)
}

/// 异常
#[utoipa::path(get, path = "/workflow/incidents", operation_id = "workflow_incident_list", tag = "workflow", params(PageQuery),
    extensions(("x-permission" = json!(perm::INCIDENT_READ))),
    responses((status = 200, body = Page<IncidentView>, description = "instances that stand still"), Problems))]
async fn workflow_incident_list(ctx: Ctx, Query(page): Query<PageQuery>) -> Answer<Page<IncidentView>> {
    ok(service::incidents(&ctx, page).await)
}
