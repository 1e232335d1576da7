//! 审核流程: the use in the city's flow. The engine knows it as a subject; the flow's topics call back into this crate.
use linli_kernel::{InstanceId, Problem};
use linli_runtime::Tx;
use linli_tenants::Ctx;
use linli_workflow::service::{self, Start};

use crate::{change::scope_of, model::fund_use, subject::facts};

/// The key of the definition that a city's pack brings.
pub(crate) const DEFINITION: &str = "fund-use";

/// Starts the flow, or goes on in the one that waits for the applicant. `None`: the city has no flow, the approver files.
pub(crate) async fn submit(ctx: &Ctx, tx: &Tx, row: &fund_use::Model) -> Result<Option<InstanceId>, Problem> {
    let facts = facts(row);
    if let Some(instance) = row.instance_id {
        return service::resubmit(ctx, tx, instance, facts).await.map(|view| Some(view.id));
    }
    if !service::has_definition(tx.conn(), DEFINITION).await? {
        return Ok(None);
    }
    let start = Start {
        definition_key: DEFINITION,
        subject_kind: "fund.use",
        subject_id: row.id.into(),
        subject_no: Some(row.no.clone()),
        title: row.title.clone(),
        applicant: tx.author().account.ok_or_else(Problem::unauthenticated)?,
        scope: scope_of(row),
        facts,
    };
    service::start(ctx, tx, start).await.map(|view| Some(view.id))
}

/// Ends the flow of a use that was terminated while it lay with the applicant.
pub(crate) async fn abandon(ctx: &Ctx, tx: &Tx, row: &fund_use::Model) -> Result<(), Problem> {
    match row.instance_id {
        Some(instance) => service::terminate(ctx, tx, instance, "使用申请已终止").await,
        None => Ok(()),
    }
}
