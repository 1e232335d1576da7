//! 作业, 事件, 审计.
use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::response::{
    IntoResponse, Response,
    sse::{Event, KeepAlive, Sse},
};
use futures_util::stream;
use linli_kernel::{JobId, Page};
use linli_runtime::{audit::Verification, jobs::JobView};
use serde::Deserialize;
use serde_json::json;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App, Ctx,
    feed::{self, AuditVerify, CheckpointList, EventFeed, FeedQuery},
    http::{Answer, IdempotencyKey, Json, Path, Problems, Query, ok, problem_response},
    jobs::{self, JobQuery},
    perm,
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(job_list))
        .routes(routes!(job_get))
        .routes(routes!(job_stream))
        .routes(routes!(job_cancel))
        .routes(routes!(event_list))
        .routes(routes!(audit_event_list))
        .routes(routes!(audit_checkpoint_list))
        .routes(routes!(audit_verify))
}

/// Jobs (作业) that the caller ordered or whose things he may see, newest first.
#[utoipa::path(get, path = "/jobs", operation_id = "job_list", tag = "tenants",
    extensions(("x-permission" = json!(perm::JOB_READ))), params(JobQuery),
    responses((status = 200, body = Page<JobView>, description = "a page of them"), Problems))]
async fn job_list(ctx: Ctx, Query(query): Query<JobQuery>) -> Answer<Page<JobView>> {
    ok(jobs::list(&ctx, &query).await)
}

/// One job with its progress.
#[utoipa::path(get, path = "/jobs/{job_id}", operation_id = "job_get", tag = "tenants",
    extensions(("x-permission" = json!(perm::JOB_READ))), params(("job_id" = JobId, Path, description = "the job")),
    responses((status = 200, body = JobView, description = "the job"), Problems))]
async fn job_get(ctx: Ctx, Path(id): Path<JobId>) -> Answer<JobView> {
    ok(jobs::get(&ctx, id).await)
}

/// How long one stream may last; a client that still waits asks again.
const STREAM_POLLS: u32 = 3_600;
const STREAM_EVERY: Duration = Duration::from_millis(500);

/// Watch a job: server-sent events `progress` with state and counts, until it has ended.
#[utoipa::path(get, path = "/jobs/{job_id}/stream", operation_id = "job_stream", tag = "tenants",
    extensions(("x-permission" = json!(perm::JOB_READ))), params(("job_id" = JobId, Path, description = "the job")),
    responses((status = 200, content_type = "text/event-stream", description = "one event at each change"), Problems))]
async fn job_stream(ctx: Ctx, Path(id): Path<JobId>) -> Response {
    if let Err(problem) = jobs::get(&ctx, id).await {
        return problem_response(&problem);
    }
    let changes = stream::unfold((ctx, None::<JobView>, 0), move |(ctx, shown, mut polls)| async move {
        if shown.as_ref().is_some_and(|job| jobs::has_ended(job.state)) {
            return None;
        }
        loop {
            // a job that is gone, or no longer this caller's, ends the stream
            let job = jobs::get(&ctx, id).await.ok()?;
            if shown.as_ref() != Some(&job) {
                let progress = json!({ "id": job.id, "state": job.state, "done": job.done, "total": job.total, "failed": job.failed });
                let event = Event::default().event("progress").data(progress.to_string());
                return Some((Ok::<Event, Infallible>(event), (ctx, Some(job), polls)));
            }
            polls += 1;
            if polls > STREAM_POLLS {
                return None;
            }
            tokio::time::sleep(STREAM_EVERY).await;
        }
    });
    Sse::new(changes).keep_alive(KeepAlive::default()).into_response()
}

/// Cancel a job (取消); it stops at its next chunk.
#[utoipa::path(post, path = "/jobs/{job_id}/cancellation", operation_id = "job_cancel", tag = "tenants",
    extensions(("x-permission" = json!(perm::JOB_CANCEL))), params(("job_id" = JobId, Path, description = "the job")),
    responses((status = 200, body = JobView, description = "cancelled"), Problems))]
async fn job_cancel(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Path(id): Path<JobId>) -> Answer<JobView> {
    ok(jobs::cancel(&ctx, &key, id).await)
}

/// The event feed (事件) of what the caller's post covers, in order.
#[utoipa::path(get, path = "/events", operation_id = "event_list", tag = "tenants",
    extensions(("x-permission" = json!(perm::EVENT_READ))), params(FeedQuery),
    responses((status = 200, body = EventFeed, description = "events, and where the next page begins"), Problems))]
async fn event_list(ctx: Ctx, Query(query): Query<FeedQuery>) -> Answer<EventFeed> {
    ok(feed::events(&ctx, &query).await)
}

/// The whole event log (审计日志), numbered without gaps.
#[utoipa::path(get, path = "/audit/events", operation_id = "audit_event_list", tag = "tenants",
    extensions(("x-permission" = json!(perm::AUDIT_EVENT_READ))), params(FeedQuery),
    responses((status = 200, body = EventFeed, description = "events, and where the next page begins"), Problems))]
async fn audit_event_list(ctx: Ctx, Query(query): Query<FeedQuery>) -> Answer<EventFeed> {
    ok(feed::audit_events(&ctx, &query).await)
}

#[derive(Clone, Copy, Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct CheckpointQuery {
    /// At most 1,000, default 100.
    limit: Option<u64>,
}

/// Signed heads of the event log (检查点), newest first.
#[utoipa::path(get, path = "/audit/checkpoints", operation_id = "audit_checkpoint_list", tag = "tenants",
    extensions(("x-permission" = json!(perm::AUDIT_EVENT_READ))), params(CheckpointQuery),
    responses((status = 200, body = CheckpointList, description = "the newest ones"), Problems))]
async fn audit_checkpoint_list(ctx: Ctx, Query(query): Query<CheckpointQuery>) -> Answer<CheckpointList> {
    ok(feed::checkpoints(&ctx, query.limit).await)
}

/// Verify the event log (校验): digests, numbers, tree and signatures, recomputed.
#[utoipa::path(post, path = "/audit/verification", operation_id = "audit_verify", tag = "tenants",
    extensions(("x-permission" = json!(perm::AUDIT_VERIFY))), request_body = AuditVerify,
    responses((status = 200, body = Verification, description = "whether it holds, and where not"), Problems))]
async fn audit_verify(ctx: Ctx, IdempotencyKey(key): IdempotencyKey, Json(cmd): Json<AuditVerify>) -> Answer<Verification> {
    ok(feed::verify(&ctx, &key, cmd).await)
}
