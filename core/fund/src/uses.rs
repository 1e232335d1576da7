//! Reading uses: the list, one whole view, its earlier rounds.
use std::collections::HashMap;

use linli_kernel::{Page, Problem, ProjectId, Timestamp, UseId};
use linli_tenants::Ctx;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    list::{self, Filter, json, paging},
    model::{UseKind, fund_use, fund_use_round},
    perm,
    use_state::UseState,
    use_view::{UseBrief, UseView, project_of, view},
};

/// What a list of uses is narrowed by.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UseQuery {
    pub project_id: Option<ProjectId>,
    pub state: Option<UseState>,
    pub kind: Option<UseKind>,
    /// The whole number of an application.
    #[param(example = "37990020261116000001K")]
    pub no: Option<String>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

/// Uses in the actor's scope, newest first; an owner those of his projects.
pub async fn find(ctx: &Ctx, query: UseQuery) -> Result<Page<UseBrief>, Problem> {
    ctx.require(perm::USE_READ)?;
    let filter = Filter::default()
        .add("project_id", query.project_id)
        .add("state", query.state.map(UseState::as_str))
        .add("kind", query.kind.map(UseKind::as_str))
        .add("no", query.no.filter(|n| !n.trim().is_empty()));
    let page = paging(query.page, query.page_size);
    let page = list::page::<fund_use::Entity>(ctx, &filter.and, filter.values, "t.created_at desc, t.id desc", &page).await?;
    let mut names: HashMap<ProjectId, String> = HashMap::new();
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        if let std::collections::hash_map::Entry::Vacant(place) = names.entry(row.project_id) {
            place.insert(project_of(ctx, ctx.conn(), row.project_id).await?.project_name);
        }
        items.push(UseBrief::of(row, &names[&row.project_id]));
    }
    Ok(Page { items, total: page.total, total_is_lower_bound: page.total_is_lower_bound })
}

/// One use with all that is known of it.
pub async fn get(ctx: &Ctx, id: UseId) -> Result<UseView, Problem> {
    ctx.require(perm::USE_READ)?;
    let row = ctx.get::<fund_use::Entity>(ctx.conn(), id).await?;
    view(ctx, ctx.conn(), &row).await
}

/// 旧轮次: how the use looked when a round ended.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RoundView {
    #[schema(example = 1)]
    pub round: i64,
    #[schema(example = "补正后再次提交")]
    pub reason: String,
    pub at: Timestamp,
    pub seen: UseView,
}

/// The rounds before the present one, oldest first.
pub async fn rounds(ctx: &Ctx, id: UseId) -> Result<Page<RoundView>, Problem> {
    ctx.require(perm::USE_READ)?;
    let row = ctx.get::<fund_use::Entity>(ctx.conn(), id).await?;
    let kept = fund_use_round::Entity::find()
        .filter(fund_use_round::Column::UseId.eq(row.id))
        .order_by_asc(fund_use_round::Column::Round)
        .all(ctx.conn())
        .await?;
    let items = kept.into_iter().map(|r| Ok(RoundView { round: r.round, reason: r.reason, at: r.at, seen: json(&r.snapshot)? }));
    let items = items.collect::<Result<Vec<_>, Problem>>()?;
    let counted = items.len() as i64;
    Ok(Page::new(items, counted))
}
