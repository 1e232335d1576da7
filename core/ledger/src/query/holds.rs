//! 冻结 of a subject or an account.
use linli_kernel::{FundAccountId, HoldId, HouseId, Money, Page, PageQuery, Problem, Timestamp};
use linli_tenants::Ctx;
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{HoldKind, HoldState, model::hold, perm};

/// A hold on one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HoldView {
    pub id: HoldId,
    pub fund_account_id: FundAccountId,
    pub house_id: Option<HouseId>,
    /// What is still held; for a released one what was given back.
    pub amount: Money,
    /// What was held at first.
    pub placed: Money,
    pub kind: HoldKind,
    pub state: HoldState,
    #[schema(example = "fund.use")]
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub placed_at: Timestamp,
}

/// Filters of the list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HoldQuery {
    /// Only holds of this use or other subject.
    pub subject_id: Option<Uuid>,
    /// Only holds on this account.
    pub fund_account_id: Option<FundAccountId>,
    /// Only this state.
    pub state: Option<HoldState>,
    /// Page number, from 1.
    pub page: Option<u64>,
    /// Rows a page, at most 200.
    pub page_size: Option<u64>,
}

pub async fn holds(ctx: &Ctx, query: HoldQuery) -> Result<Page<HoldView>, Problem> {
    ctx.require(perm::HOLD_READ)?;
    use hold::Column as C;
    let mut select = ctx.select::<hold::Entity>().order_by_asc(C::PlacedAt).order_by_asc(C::Id);
    if let Some(id) = query.subject_id {
        select = select.filter(C::SubjectId.eq(id));
    }
    if let Some(id) = query.fund_account_id {
        select = select.filter(C::FundAccountId.eq(id));
    }
    if let Some(state) = query.state {
        select = select.filter(C::State.eq(state));
    }
    let page = PageQuery { page: query.page, page_size: query.page_size };
    let total = select.clone().limit(10_001).count(ctx.conn()).await?;
    let rows = select.limit(page.limit()).offset(page.offset()).all(ctx.conn()).await?;
    let items = rows.into_iter().map(|h| HoldView {
        id: h.id,
        fund_account_id: h.fund_account_id,
        house_id: h.house_id,
        amount: h.amount,
        placed: h.placed,
        kind: h.kind,
        state: h.state,
        subject_kind: h.subject_kind,
        subject_id: h.subject_id,
        placed_at: h.placed_at,
    });
    Ok(Page::new(items.collect(), total as i64))
}
