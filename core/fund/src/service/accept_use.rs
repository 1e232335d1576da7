//! 施工, 竣工, 验收: the works from their start to their acceptance.
use linli_kernel::{Date, DocumentId, Invalid, Problem, UseId};
use linli_runtime::Key;
use linli_tenants::Ctx;
use sea_orm::Set;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    change::{attach, check_papers, event, moved, save},
    guard::{self, Verb},
    list::to_json,
    model::fund_use,
    perm,
    use_state::UseStep,
    use_view::{UseView, known, view},
};

/// Guards: contracted, no payment waits for the bank. Effect: `in_works`.
pub async fn start_use(ctx: &Ctx, key: &Key, id: UseId) -> Result<UseView, Problem> {
    ctx.require(perm::USE_START)?;
    ctx.tx("fund.use.start", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let facts = known(ctx, tx.conn(), &row).await?;
        let mut next = moved(&row, guard::step(ctx, &row, &facts, Verb::Start, UseStep::Start)?);
        next.started_on = Set(Some(tx.today()));
        let after = save(tx, next).await?;
        tx.event(event("fund.use.started", &row, &after)).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}

/// Report completion (竣工).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteUse {
    pub completed_on: Date,
}

/// Guards: in works, no payment waits. Effect: `completed`.
pub async fn complete_use(ctx: &Ctx, key: &Key, id: UseId, cmd: CompleteUse) -> Result<UseView, Problem> {
    ctx.require(perm::USE_COMPLETE)?;
    ctx.tx("fund.use.complete", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let facts = known(ctx, tx.conn(), &row).await?;
        let to = guard::step(ctx, &row, &facts, Verb::Complete, UseStep::Complete)?;
        let from = row.started_on.unwrap_or(cmd.completed_on);
        between("/completed_on", cmd.completed_on, from, tx.today())?;
        let mut next = moved(&row, to);
        next.completed_on = Set(Some(cmd.completed_on));
        let after = save(tx, next).await?;
        tx.event(event("fund.use.completed", &row, &after)).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}

/// Record the acceptance (验收), signed by every party that must.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptUse {
    pub accepted_on: Date,
    #[schema(example = json!(["业主委员会", "监理"]))]
    pub signers: Vec<String>,
    pub document_ids: Vec<DocumentId>,
}

/// Guards: completed; somebody signed. Effect: `accepted`.
pub async fn accept_use(ctx: &Ctx, key: &Key, id: UseId, cmd: AcceptUse) -> Result<UseView, Problem> {
    ctx.require(perm::USE_ACCEPT)?;
    ctx.tx("fund.use.accept", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let facts = known(ctx, tx.conn(), &row).await?;
        let to = guard::step(ctx, &row, &facts, Verb::Accept, UseStep::Accept)?;
        let from = row.completed_on.unwrap_or(cmd.accepted_on);
        between("/accepted_on", cmd.accepted_on, from, tx.today())?;
        let mut invalid = Invalid::new();
        invalid.check((1..=20).contains(&cmd.signers.len()), "/signers", "range", "请填写1至20个签署方", "1 to 20 signers");
        for (n, signer) in cmd.signers.iter().enumerate() {
            invalid.text(&format!("/signers/{n}"), signer, 100);
        }
        invalid.done()?;
        check_papers(&cmd.document_ids, true)?;
        let mut next = moved(&row, to);
        next.accepted_on = Set(Some(cmd.accepted_on));
        next.signers = Set(Some(to_json(&cmd.signers)?));
        let after = save(tx, next).await?;
        attach(ctx, tx, &after, &cmd.document_ids, true).await?;
        tx.event(event("fund.use.accepted", &row, &after)).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}

fn between(pointer: &str, day: Date, from: Date, today: Date) -> Result<(), Problem> {
    let mut invalid = Invalid::new();
    invalid.check(day <= today, pointer, "range", "日期不能晚于今天", "Not later than today");
    invalid.check(day >= from, pointer, "range", "日期早于上一步", "Earlier than the step before");
    invalid.done()
}
