//! 提交审核: the applicant hands the use to the fund office; the city's flow decides.
use linli_kernel::{DocumentId, Problem, UseId};
use linli_runtime::Key;
use linli_tenants::Ctx;
use sea_orm::Set;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    change::{attach, event, moved, save},
    flow,
    guard::{self, Verb},
    model::fund_use,
    perm, rounds,
    use_state::{UseState, UseStep},
    use_view::{UseView, known, view},
};

/// Submit for review (提交审核).
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitUse {
    /// What was asked for or is added.
    #[serde(default)]
    pub document_ids: Vec<DocumentId>,
}

/// Guards: the publicity is over (`today > until`), its objections are answered. Effect: `in_review`, the flow starts; after a
/// return it goes on, in the next round.
pub async fn submit_use(ctx: &Ctx, key: &Key, id: UseId, cmd: SubmitUse) -> Result<UseView, Problem> {
    ctx.require(perm::USE_SUBMIT)?;
    ctx.tx("fund.use.submit", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let facts = known(ctx, tx.conn(), &row).await?;
        let to = guard::step(ctx, &row, &facts, Verb::Submit, UseStep::Submit)?;
        let round = if row.state == UseState::Returned { rounds::begin(ctx, tx, &row, "补正后再次提交").await? } else { row.round };
        let mut next = moved(&row, to);
        next.round = Set(round);
        next.reason = Set(None);
        let after = save(tx, next).await?;
        attach(ctx, tx, &after, &cmd.document_ids, false).await?;
        tx.event(event("fund.use.submitted", &row, &after)).await?;
        let instance = flow::submit(ctx, tx, &after).await?;
        let after = match instance {
            Some(instance_id) if after.instance_id != Some(instance_id) => {
                let mut next = moved(&after, after.state);
                next.instance_id = Set(Some(instance_id));
                next.version = Set(after.version);
                save(tx, next).await?
            }
            _ => after,
        };
        view(ctx, tx.conn(), &after).await
    })
    .await
}
