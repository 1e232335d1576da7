//! 中止, 恢复, 终止: the approver stops a use, lets it go on, or ends it and gives back what is held.
use linli_kernel::{Invalid, Problem, UseId};
use linli_ledger::holds;
use linli_property::publicities;
use linli_runtime::Key;
use linli_tenants::Ctx;
use sea_orm::Set;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    change::{event, moved, save},
    error::UseError,
    flow,
    guard::{self, Verb},
    model::fund_use,
    perm,
    use_state::{UseState, UseStep},
    use_view::{UseView, known, view},
};

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StopUse {
    #[schema(example = "施工单位停业，另行选定")]
    pub reason: String,
}

fn reason(cmd: &StopUse) -> Result<String, Problem> {
    let mut invalid = Invalid::new();
    invalid.text("/reason", &cmd.reason, 500);
    invalid.done()?;
    Ok(cmd.reason.trim().to_owned())
}

/// Guards: no vote runs, no payment waits, no flow decides. Effect: `suspended`; holds stay.
pub async fn suspend_use(ctx: &Ctx, key: &Key, id: UseId, cmd: StopUse) -> Result<UseView, Problem> {
    ctx.require(perm::USE_SUSPEND)?;
    ctx.tx("fund.use.suspend", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let facts = known(ctx, tx.conn(), &row).await?;
        let to = guard::step(ctx, &row, &facts, Verb::Suspend, UseStep::Suspend)?;
        if row.state == UseState::Voting {
            return Err(UseError::VoteRunning.into());
        }
        let mut next = moved(&row, to);
        next.suspended_from = Set(Some(row.state));
        next.reason = Set(Some(reason(&cmd)?));
        let after = save(tx, next).await?;
        tx.event(event("fund.use.suspended", &row, &after)).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}

/// Effect: back to the state in which it was suspended.
pub async fn resume_use(ctx: &Ctx, key: &Key, id: UseId) -> Result<UseView, Problem> {
    ctx.require(perm::USE_RESUME)?;
    ctx.tx("fund.use.resume", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let facts = known(ctx, tx.conn(), &row).await?;
        guard::check(ctx, &row, &facts, Verb::Resume)?;
        let to = row.suspended_from.ok_or_else(|| Problem::internal("a suspended use does not know from where"))?;
        let mut next = moved(&row, to);
        next.suspended_from = Set(None);
        next.reason = Set(None);
        let after = save(tx, next).await?;
        tx.event(event("fund.use.resumed", &row, &after)).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}

/// Guards: nothing was paid that is not settled, no payment waits. Effect: `terminated`, all holds released, publicity and flow
/// ended.
pub async fn terminate_use(ctx: &Ctx, key: &Key, id: UseId, cmd: StopUse) -> Result<UseView, Problem> {
    ctx.require(perm::USE_TERMINATE)?;
    ctx.tx("fund.use.terminate", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let facts = known(ctx, tx.conn(), &row).await?;
        let to = guard::step(ctx, &row, &facts, Verb::Terminate, UseStep::Terminate)?;
        let mut next = moved(&row, to);
        next.reason = Set(Some(reason(&cmd)?));
        next.suspended_from = Set(None);
        let after = save(tx, next).await?;
        holds::release_all(tx, "fund.use", row.id.into()).await?;
        if let Some(publicity) = row.publicity_id {
            publicities::close(tx, publicity).await?;
        }
        if row.state == UseState::Returned {
            flow::abandon(ctx, tx, &row).await?;
        }
        tx.event(event("fund.use.terminated", &row, &after)).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}
