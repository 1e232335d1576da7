//! 轮次: a return to an earlier step begins a new round; the old one stays readable (maintenance-fund §2.6.1).
use linli_kernel::Problem;
use linli_runtime::Tx;
use linli_tenants::Ctx;
use sea_orm::{EntityTrait, Set};

use crate::{
    list::to_json,
    model::{fund_use, fund_use_round},
    use_view::view,
};

/// Keeps how the round looked and answers the number of the next.
pub(crate) async fn begin(ctx: &Ctx, tx: &Tx, row: &fund_use::Model, reason: &str) -> Result<i64, Problem> {
    let mut seen = view(ctx, tx.conn(), row).await?;
    seen.allowed_actions.clear();
    let kept = fund_use_round::ActiveModel {
        use_id: Set(row.id),
        round: Set(row.round),
        reason: Set(reason.to_owned()),
        snapshot: Set(to_json(&seen)?),
        at: Set(tx.now()),
    };
    fund_use_round::Entity::insert(kept).exec_without_returning(tx.conn()).await?;
    Ok(row.round + 1)
}
