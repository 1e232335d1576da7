//! 审价: what the works really cost, by an auditor of the list.
use linli_kernel::{DocumentId, Invalid, Money, Problem, UseId};
use linli_runtime::Key;
use linli_tenants::{Ctx, settings};
use sea_orm::Set;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    change::{attach, check_papers, event, moved, save},
    error::UseError,
    guard::{self, Verb},
    model::fund_use,
    perm,
    use_state::UseStep,
    use_view::{UseView, known, view},
};

/// Record the cost audit (登记审价).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditUse {
    #[schema(example = "滨城造价咨询有限公司")]
    pub auditor: String,
    pub audited_amount: Money,
    pub document_ids: Vec<DocumentId>,
}

/// Guards: accepted; an overrun beyond the city's tolerance needs a new vote. Effect: `cost_audited`.
pub async fn audit_use(ctx: &Ctx, key: &Key, id: UseId, cmd: AuditUse) -> Result<UseView, Problem> {
    ctx.require(perm::USE_COST_AUDIT)?;
    ctx.tx("fund.use.cost_audit", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let facts = known(ctx, tx.conn(), &row).await?;
        let to = guard::step(ctx, &row, &facts, Verb::CostAudit, UseStep::CostAudit)?;
        ctx.not_the_maker(row.created_by)?;
        let mut invalid = Invalid::new();
        invalid.text("/auditor", &cmd.auditor, 100);
        invalid.done()?;
        check_papers(&cmd.document_ids, true)?;
        if !cmd.audited_amount.is_positive() {
            return Err(UseError::CostNotPositive.into());
        }
        let percent = settings::int(ctx, tx.conn(), "fund.overrun_percent").await?;
        let most = i128::from(row.budget.fen()) * i128::from(100 + percent);
        if i128::from(cmd.audited_amount.fen()) * 100 > most {
            return Err(UseError::OverrunNeedsVote { audited: cmd.audited_amount, budget: row.budget, percent }.into());
        }
        let mut next = moved(&row, to);
        next.auditor = Set(Some(cmd.auditor.trim().to_owned()));
        next.audited_amount = Set(cmd.audited_amount);
        let after = save(tx, next).await?;
        attach(ctx, tx, &after, &cmd.document_ids, true).await?;
        tx.event(event("fund.use.cost_audited", &row, &after).data("amount", after.audited_amount)).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}
