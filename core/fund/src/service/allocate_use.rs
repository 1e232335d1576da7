//! 预分摊: what each house bears, by the city's rule; previewed as often as one likes, then kept.
use linli_kernel::{Problem, UseId};
use linli_runtime::Key;
use linli_tenants::Ctx;
use sea_orm::Set;

use crate::{
    allocation::{Ask, compute},
    change::{event, moved, save},
    guard::{self, Known, Verb},
    model::fund_use,
    perm,
    shares::{self, PreviewView},
    use_state::UseStep,
    use_view::{UseView, items_of, view},
};

/// What an allocation of the scheme in force would give. Writes nothing.
pub async fn preview_use(ctx: &Ctx, id: UseId) -> Result<PreviewView, Problem> {
    ctx.require(perm::USE_PREVIEW)?;
    let row = ctx.get::<fund_use::Entity>(ctx.conn(), id).await?;
    guard::check(ctx, &row, &Known::default(), Verb::Preview)?;
    let items = items_of(ctx.conn(), &row).await?;
    PreviewView::of(&compute(ctx, ctx.conn(), Ask::Preview, &row, &items).await?)
}

/// Guards: a scheme is set. Effect: the rule's answer is recorded, one share a house is kept, `allocated`.
pub async fn allocate_use(ctx: &Ctx, key: &Key, id: UseId) -> Result<UseView, Problem> {
    ctx.require(perm::USE_ALLOCATE)?;
    ctx.tx("fund.use.allocate", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let to = guard::step(ctx, &row, &Known::default(), Verb::Allocate, UseStep::Allocate)?;
        let items = items_of(tx.conn(), &row).await?;
        let computed = compute(ctx, tx.conn(), Ask::Step(tx), &row, &items).await?;
        shares::replace(tx, &row, &computed).await?;
        let mut next = moved(&row, to);
        next.budget = Set(computed.budget);
        next.houses = Set(computed.lines.len() as i64);
        let after = save(tx, next).await?;
        tx.event(event("fund.use.allocated", &row, &after)).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}
