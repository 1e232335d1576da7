//! 备案: the fund office confirms vote and publicity, and each house's share is held. Done by the flow's topic, or by the
//! approver himself in a city without a flow.
use std::collections::HashMap;

use linli_kernel::{HouseId, Money, Problem, UseId};
use linli_ledger::{
    HoldKind, accounts,
    holds::{self, NewHold},
};
use linli_runtime::{Key, Sql, Tx, values};
use linli_tenants::Ctx;
use sea_orm::Set;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    allocation::{pays_first, policy, purse_of},
    change::{event, moved, save},
    error::UseError,
    guard::{self, Verb},
    model::{fund_share, fund_use},
    perm,
    rules::shortfall::{Shortfall, cover},
    shares, tell,
    use_state::UseStep,
    use_view::{UseView, known, view},
};

/// File the use (备案), in a city without a flow.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FileUse {
    #[schema(example = "同意")]
    pub opinion: Option<String>,
}

/// Guards: in review without a flow; not by who proposed it. Effects as [`file_and_hold`].
pub async fn file_use(ctx: &Ctx, key: &Key, id: UseId, cmd: FileUse) -> Result<UseView, Problem> {
    ctx.require(perm::USE_FILE)?;
    ctx.tx("fund.use.file", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        if row.instance_id.is_some() && row.state.step(UseStep::File).is_some() {
            return Err(UseError::InReview.into());
        }
        let facts = known(ctx, tx.conn(), &row).await?;
        guard::check(ctx, &row, &facts, Verb::File)?;
        ctx.not_the_maker(row.created_by)?;
        let after = file_and_hold(ctx, tx, &row, cmd.opinion.as_deref()).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}

// Once it is filed the fund side counts with what was available on that day.
const COVERED: &str = "update fund_share set from_income = $4, from_principal = $5, self_raised = $6, available = $7
                       where use_id = $1 and round = $2 and house_id = $3";

/// Holds every house's share as far as its account covers it (all or none), and files the use. Under the policy `refuse` one
/// short house is a 409 that names it, and nothing is held.
pub(crate) async fn file_and_hold(ctx: &Ctx, tx: &Tx, row: &fund_use::Model, opinion: Option<&str>) -> Result<fund_use::Model, Problem> {
    let to = row.state.step(UseStep::File).ok_or_else(|| Problem::internal("a use that cannot be filed reached its hold"))?;
    let stored = shares::of_use(tx.conn(), row).await?;
    let ids: Vec<HouseId> = stored.iter().map(|s| s.house_id).collect();
    let accounts: HashMap<HouseId, _> =
        accounts::of_houses(tx.conn(), &ids).await?.into_iter().filter_map(|a| a.house_id.map(|h| (h, a))).collect();
    let (policy, first) = (policy(ctx, tx.conn()).await?, pays_first(ctx, tx.conn()).await?);
    let mut new = Vec::with_capacity(stored.len());
    let mut short: Vec<&fund_share::Model> = Vec::new();
    let mut sentences = HashMap::new();
    for share in &stored {
        let account = accounts.get(&share.house_id).ok_or(UseError::HouseWithoutAccount { count: 1 })?;
        let purse = purse_of(account);
        let now = cover(share.share.fen(), purse, first);
        if now.self_raised > 0 {
            short.push(share);
        }
        let before = (share.from_income.fen(), share.from_principal.fen(), share.self_raised.fen(), share.available.fen());
        if before != (now.from_income, now.from_principal, now.self_raised, purse.available) {
            let values =
                values![row.id, row.scheme_round, share.house_id, now.from_income, now.from_principal, now.self_raised, purse.available];
            tx.conn().exec(COVERED, values).await?;
        }
        let held = Money(now.from_fund());
        new.push(NewHold {
            fund_account_id: account.id,
            amount: held,
            kind: HoldKind::Use,
            subject_kind: "fund.use",
            subject_id: row.id.into(),
        });
        let raised = if now.self_raised > 0 { format!("，另需自筹{}元", Money(now.self_raised)) } else { String::new() };
        sentences.insert(share.house_id, format!("您的房屋{}分摊{}元，已冻结{held}元{raised}。", share.house_code, share.share));
    }
    match policy {
        Shortfall::Refuse | Shortfall::Cap if !short.is_empty() => return Err(insufficient(&short)),
        Shortfall::SelfRaise | Shortfall::OtherSource | Shortfall::Owe | Shortfall::Refuse | Shortfall::Cap => {}
    }
    if let Err(accounts) = holds::place_all(tx, &new).await? {
        let missed: Vec<&fund_share::Model> = stored.iter().filter(|s| accounts.contains(&s.fund_account_id)).collect();
        return Err(insufficient(&missed));
    }
    let mut next = moved(row, to);
    next.filed_on = Set(Some(tx.today()));
    let after = save(tx, next).await?;
    let held = Money::sum(new.iter().map(|h| h.amount))?;
    let mut change = event("fund.use.filed", row, &after).data("amount", held);
    if let Some(opinion) = opinion {
        change = change.data("opinion_given", !opinion.trim().is_empty());
    }
    tx.event(change).await?;
    let body = format!("“{}”已备案。", row.title);
    tell::each_owner(tx, &after, &sentences, tell::Told { template: "fund.share_held", title: "维修资金分摊冻结", body: &body }).await?;
    Ok(after)
}

/// The refusal that names the short houses, the first 200.
pub(crate) fn insufficient(short: &[&fund_share::Model]) -> Problem {
    let problem: Problem = UseError::Insufficient { count: short.len() }.into();
    problem.with("houses", short.iter().take(200).map(|s| s.house_code.as_str()).collect::<Vec<_>>())
}
