//! BPMN topics of the use: service tasks of the city's flow, run in the deciding transaction (vocabulary §8).
use std::sync::Arc;

use linli_kernel::Problem;
use linli_runtime::Tx;
use linli_tenants::Ctx;
use linli_workflow::TopicHandler;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use uuid::Uuid;

use crate::{
    change::{event, moved, save},
    service::{file_use::file_and_hold, post_payment::lock_use},
    use_state::{UseState, UseStep},
};

/// Working days that a review may take (maintenance-fund §2.6.1).
const REVIEW_DAYS: u32 = 5;

/// `fund.use.accept` 受理: the clock of the review starts.
pub struct Accept;
/// `fund.use.hold` 备案并冻结: guards, one hold a house, `filed`.
pub struct Hold;
/// `fund.use.return` 退回.
pub struct Return;
/// `fund.use.reject` 不予备案.
pub struct Reject;

/// All topics of the fund, for the engine's registry.
pub fn topics() -> Vec<Arc<dyn TopicHandler>> {
    vec![Arc::new(Accept), Arc::new(Hold), Arc::new(Return), Arc::new(Reject)]
}

#[async_trait::async_trait]
impl TopicHandler for Accept {
    fn topic(&self) -> &'static str {
        "fund.use.accept"
    }
    async fn run(&self, ctx: &Ctx, tx: &Tx, subject_id: Uuid) -> Result<(), Problem> {
        let row = lock_use(tx, subject_id.into()).await?;
        let mut next = row.into_active_model();
        next.review_due_on = Set(Some(ctx.calendar().plus_working_days(tx.today(), REVIEW_DAYS)?));
        next.update(tx.conn()).await?;
        Ok(())
    }
}

#[async_trait::async_trait]
impl TopicHandler for Hold {
    fn topic(&self) -> &'static str {
        "fund.use.hold"
    }
    async fn run(&self, ctx: &Ctx, tx: &Tx, subject_id: Uuid) -> Result<(), Problem> {
        let row = lock_use(tx, subject_id.into()).await?;
        file_and_hold(ctx, tx, &row, None).await.map(drop)
    }
}

#[async_trait::async_trait]
impl TopicHandler for Return {
    fn topic(&self) -> &'static str {
        "fund.use.return"
    }
    async fn run(&self, _: &Ctx, tx: &Tx, subject_id: Uuid) -> Result<(), Problem> {
        returned(tx, subject_id, None).await
    }
}

#[async_trait::async_trait]
impl TopicHandler for Reject {
    fn topic(&self) -> &'static str {
        "fund.use.reject"
    }
    async fn run(&self, _: &Ctx, tx: &Tx, subject_id: Uuid) -> Result<(), Problem> {
        rejected(tx, subject_id, None).await
    }
}

/// 退回补正. Told by the flow's topic, by the engine, or by both: the second changes nothing but the reason.
pub(crate) async fn returned(tx: &Tx, id: Uuid, opinion: Option<&str>) -> Result<(), Problem> {
    end_review(tx, id, UseStep::Return, UseState::Returned, "fund.use.returned", opinion).await
}

/// 不予备案.
pub(crate) async fn rejected(tx: &Tx, id: Uuid, opinion: Option<&str>) -> Result<(), Problem> {
    end_review(tx, id, UseStep::Reject, UseState::Rejected, "fund.use.rejected", opinion).await
}

async fn end_review(tx: &Tx, id: Uuid, step: UseStep, to: UseState, kind: &'static str, opinion: Option<&str>) -> Result<(), Problem> {
    let row = lock_use(tx, id.into()).await?;
    let reason = opinion.map(|o| o.chars().take(1000).collect::<String>());
    if row.state == to {
        if reason.is_some() && row.reason != reason {
            let mut next = row.into_active_model();
            next.reason = Set(reason);
            next.update(tx.conn()).await?;
        }
        return Ok(());
    }
    let to = row.state.step(step).ok_or_else(|| Problem::internal(format!("{kind} came in the state {}", row.state.as_str())))?;
    let mut next = moved(&row, to);
    next.reason = Set(reason);
    let after = save(tx, next).await?;
    tx.event(event(kind, &row, &after)).await.map(drop)
}
