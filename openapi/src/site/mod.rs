//! 公众网站: HTML from the server, rendered from the same queries as `/public/…`. Works without script.
mod pages;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use linli_kernel::{Problem, ProjectId, PublicityId, UseId};
use linli_tenants::{
    App, Ctx,
    http::{Visitor, problem_response},
};
use serde::Deserialize;

use crate::{http::SITE, pages::html};

/// Frame of every page; see `web/site/base.html`.
pub(crate) struct Site {
    pub base: String,
    pub city: String,
    pub lang: String,
    pub css: String,
    pub script: String,
    pub here: String,
}

const CSS: &str = env!("LINLI_SITE_CSS");
const SCRIPT: &str = env!("LINLI_SITE_SCRIPT");

impl Site {
    fn of(ctx: &Ctx, here: &str) -> Site {
        Site {
            base: format!("/t/{}", ctx.tenant.slug),
            city: ctx.tenant.name.clone(),
            lang: "zh-CN".into(),
            css: CSS.into(),
            script: SCRIPT.into(),
            here: here.into(),
        }
    }
}

#[derive(Deserialize)]
struct Find {
    q: Option<String>,
    project_id: Option<String>,
    page: Option<u64>,
}

impl Find {
    /// A project id that is none finds nothing, like one that does not exist.
    fn project(&self) -> Option<ProjectId> {
        self.project_id.as_deref().map(|id| id.parse().unwrap_or(ProjectId(uuid::Uuid::nil())))
    }
}

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route(&format!("{SITE}/"), get(index))
        .route(&format!("{SITE}/projects"), get(projects))
        .route(&format!("{SITE}/publicities"), get(publicities))
        .route(&format!("{SITE}/publicities/{{publicity_id}}"), get(publicity))
        .route(&format!("{SITE}/uses"), get(uses))
        .route(&format!("{SITE}/uses/{{use_id}}"), get(use_))
        .route(&format!("{SITE}/{{*rest}}"), get(missing))
}

async fn index(Visitor(ctx): Visitor) -> Response {
    page(&ctx, pages::index(&ctx).await)
}
async fn projects(Visitor(ctx): Visitor, Query(find): Query<Find>) -> Response {
    page(&ctx, pages::projects(&ctx, find.q.unwrap_or_default(), find.page.unwrap_or(1)).await)
}
async fn publicities(Visitor(ctx): Visitor, Query(find): Query<Find>) -> Response {
    page(&ctx, pages::publicities(&ctx, find.project(), find.page.unwrap_or(1)).await)
}
async fn publicity(Visitor(ctx): Visitor, Path(id): Path<String>) -> Response {
    match id.parse::<PublicityId>() {
        Ok(id) => page(&ctx, pages::publicity(&ctx, id).await),
        Err(_) => not_found(&ctx),
    }
}
async fn uses(Visitor(ctx): Visitor, Query(find): Query<Find>) -> Response {
    page(&ctx, pages::uses(&ctx, find.project(), find.page.unwrap_or(1)).await)
}
async fn use_(Visitor(ctx): Visitor, Path(id): Path<String>) -> Response {
    match id.parse::<UseId>() {
        Ok(id) => page(&ctx, pages::use_(&ctx, id).await),
        Err(_) => not_found(&ctx),
    }
}
async fn missing(Visitor(ctx): Visitor, State(_): State<Arc<App>>) -> Response {
    not_found(&ctx)
}

fn page(ctx: &Ctx, made: Result<impl Template, Problem>) -> Response {
    match made {
        Ok(template) => match template.render() {
            Ok(text) => html(text),
            Err(error) => problem_response(&Problem::internal(error)),
        },
        Err(problem) if problem.status() == 404 => not_found(ctx),
        Err(problem) => problem_response(&problem),
    }
}

fn not_found(ctx: &Ctx) -> Response {
    let text = pages::NotFound { site: Site::of(ctx, "") }.render().unwrap_or_default();
    (StatusCode::NOT_FOUND, html(text)).into_response()
}
