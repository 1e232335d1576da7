//! 业主表决: opened over the houses of the scope, recorded from paper, tested by the city's rule.
use linli_kernel::{Date, DocumentId, HouseId, Problem, UseId};
use linli_plugins::{Case, Verdict, points, rules as plugin};
use linli_property::{
    model::{VoteChannel, VoteClass, VoteResult},
    votes::{self, NewVote, PaperResult, Tally, VoteView},
};
use linli_runtime::{Key, Tx};
use linli_tenants::{Ctx, settings};
use sea_orm::Set;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    change::{attach, event, moved, save, scope_of},
    guard::{self, Known, Verb},
    model::fund_use,
    perm,
    rules::vote::{VoteTest, result_of},
    shares, tell,
    use_state::UseStep,
    use_view::{UseView, known, view},
};

/// Open the vote (发起表决).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenVote {
    pub opens_on: Date,
    /// 7 to 30 days later (the city's setting); the vote is open until the end of this day.
    pub closes_on: Date,
    pub channel: VoteChannel,
}

/// Guards: allocated; the window is as the city sets it. Effect: the electorate is frozen, `voting`, its owners are told.
pub async fn open_vote(ctx: &Ctx, key: &Key, id: UseId, cmd: OpenVote) -> Result<UseView, Problem> {
    ctx.require(perm::USE_OPEN_VOTE)?;
    ctx.tx("fund.use.open_vote", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let to = guard::step(ctx, &row, &Known::default(), Verb::OpenVote, UseStep::OpenVote)?;
        let houses: Vec<HouseId> = shares::of_use(tx.conn(), &row).await?.iter().map(|s| s.house_id).collect();
        let window = (
            settings::int(ctx, tx.conn(), "fund.vote_window_min_days").await?,
            settings::int(ctx, tx.conn(), "fund.vote_window_max_days").await?,
        );
        let new = NewVote {
            subject_kind: "fund.use",
            subject_id: row.id.into(),
            title: row.title.clone(),
            project_id: row.project_id,
            area_path: row.area_path.clone(),
            house_ids: houses.clone(),
            class: VoteClass::Ordinary,
            channel: cmd.channel,
            opens_on: cmd.opens_on,
            closes_on: cmd.closes_on,
            window_days: window,
        };
        let vote = votes::open(ctx, tx, new).await?;
        let mut next = moved(&row, to);
        next.vote_id = Set(Some(vote.id));
        let after = save(tx, next).await?;
        tx.event(event("fund.use.vote_opened", &row, &after).data("vote_no", &vote.no).data("until", vote.closes_on)).await?;
        let body = format!("“{}”自{}起表决，至{}结束。", row.title, vote.opens_on, vote.closes_on);
        tell::owners(tx, &after, &houses, tell::Told { template: "fund.vote_open", title: "维修资金使用表决", body: &body }).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}

/// Record the paper result (录入表决结果).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordVote {
    /// The sum of the other three.
    pub participated: Tally,
    pub agreed: Tally,
    pub against: Tally,
    pub abstained: Tally,
    pub document_ids: Vec<DocumentId>,
}

/// Guards: the last day is over; the counts add up. The city's rule (`vote.threshold`) tests them, the core recomputes its checks.
/// Effect: `vote_passed` or `vote_failed`.
pub async fn record_vote(ctx: &Ctx, key: &Key, id: UseId, cmd: RecordVote) -> Result<UseView, Problem> {
    ctx.require(perm::USE_RECORD_VOTE)?;
    let key = votes::for_ever(key);
    ctx.tx("fund.use.record_vote", &key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let facts = known(ctx, tx.conn(), &row).await?;
        guard::check(ctx, &row, &facts, Verb::RecordVote)?;
        let vote_id = row.vote_id.ok_or_else(|| Problem::internal("a use that votes has no vote"))?;
        let result = PaperResult {
            participated: cmd.participated,
            agreed: cmd.agreed,
            against: cmd.against,
            abstained: cmd.abstained,
            document_ids: cmd.document_ids.clone(),
        };
        let recorded = votes::record(ctx, tx, vote_id, &result).await?;
        let tests = test(ctx, tx, &row, &recorded, &result).await?;
        let outcome = result_of(&tests);
        let step = if outcome == VoteResult::Passed { UseStep::Pass } else { UseStep::Fail };
        let to = guard::step(ctx, &row, &facts, Verb::RecordVote, step)?;
        let shown = serde_json::to_value(&tests).map_err(Problem::internal)?;
        votes::conclude(ctx, tx, vote_id, outcome, &shown).await?;
        let after = save(tx, moved(&row, to)).await?;
        attach(ctx, tx, &after, &cmd.document_ids, true).await?;
        tx.event(event("fund.use.vote_recorded", &row, &after).data("result", outcome)).await?;
        let houses: Vec<HouseId> = shares::of_use(tx.conn(), &row).await?.iter().map(|s| s.house_id).collect();
        let said = match outcome {
            VoteResult::Passed => "表决通过",
            VoteResult::NotPassed => "表决未通过",
            VoteResult::Invalid => "参与表决不足，表决无效",
        };
        let body = format!("“{}”{said}。", row.title);
        tell::owners(tx, &after, &houses, tell::Told { template: "fund.vote_result", title: "维修资金使用表决结果", body: &body }).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}

async fn test(ctx: &Ctx, tx: &Tx, row: &fund_use::Model, vote: &VoteView, result: &PaperResult) -> Result<Vec<VoteTest>, Problem> {
    let count = |t: Tally| plugin::Count { heads: t.heads, area: t.area };
    let facts = plugin::VoteFacts {
        decision: plugin::Decision::Use,
        totals: count(vote.totals),
        participated: count(result.participated),
        agreed: count(result.agreed),
        against: Some(count(result.against)),
        abstained: Some(count(result.abstained)),
    };
    let case = Case::new("fund.use", row.id).scope(scope_of(row));
    let ruled = plugin::threshold(ctx, tx, &case, points::VOTE_THRESHOLD, &facts.facts()?).await?;
    tests_of(&ruled.value)
}

/// `have × den op num × of`, as the host recomputed it.
fn tests_of(verdict: &Verdict) -> Result<Vec<VoteTest>, Problem> {
    let out = || Problem::internal("a check of the vote is out of range");
    let mut tests = Vec::with_capacity(verdict.checks.len());
    for check in &verdict.checks {
        let (num, den) = check.need.split_once('/').ok_or_else(out)?;
        let (num, den): (i64, i64) = (num.parse().map_err(|_| out())?, den.parse().map_err(|_| out())?);
        tests.push(VoteTest {
            name: check.key.clone(),
            left: check.have.checked_mul(den).ok_or_else(out)?,
            op: if check.strict { ">" } else { ">=" }.to_owned(),
            right: check.of.checked_mul(num).ok_or_else(out)?,
            ok: check.met,
        });
    }
    Ok(tests)
}
