//! 公示: of the scheme with its vote, later of the settlement; owners may object until its last day has ended.
use linli_kernel::{Date, DocumentId, HouseId, Problem, UseId};
use linli_property::publicities::{self, NewPublicity};
use linli_runtime::{Key, Tx};
use linli_tenants::{Ctx, settings};
use sea_orm::Set;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{
    change::{attach, event, moved, save},
    error::UseError,
    guard::{self, Known, Verb},
    model::fund_use,
    perm, shares, tell,
    use_state::UseStep,
    use_view::{UseView, items_of, view},
};

/// Post a publicity (公示).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PubliciseUse {
    /// The day on which it is posted.
    pub from: Date,
    /// 5 to 15; without it the city's setting.
    #[schema(minimum = 5, maximum = 15, example = 7)]
    pub days: Option<i64>,
    #[schema(example = json!(["小区公告栏"]))]
    pub places: Vec<String>,
    #[serde(default)]
    pub document_ids: Vec<DocumentId>,
}

const LEAST_DAYS: i64 = 5;
const MOST_DAYS: i64 = 15;

async fn open(
    ctx: &Ctx,
    tx: &Tx,
    row: &fund_use::Model,
    cmd: &PubliciseUse,
    title: String,
    body: Value,
) -> Result<publicities::PublicityView, Problem> {
    let days = match cmd.days {
        Some(days) => days,
        None => settings::int(ctx, tx.conn(), "fund.publicity_days").await?,
    };
    if !(LEAST_DAYS..=MOST_DAYS).contains(&days) {
        return Err(UseError::PublicityDays.into());
    }
    let new = NewPublicity {
        subject_kind: "fund.use",
        subject_id: row.id.into(),
        title,
        project_id: row.project_id,
        area_path: row.area_path.clone(),
        from: cmd.from,
        days: u32::try_from(days).map_err(Problem::internal)?,
        places: cmd.places.clone(),
        document_ids: cmd.document_ids.clone(),
        body,
    };
    publicities::open(ctx, tx, new).await
}

/// What everybody may read of the scheme: sums, never a single house's figure.
async fn scheme_body(tx: &Tx, row: &fund_use::Model) -> Result<Value, Problem> {
    let items = items_of(tx.conn(), row).await?;
    let items: Vec<Value> = items.iter().map(|i| json!({ "name": i.name, "amount": i.amount, "purpose": i.purpose })).collect();
    Ok(json!({ "no": row.no, "cause": row.cause, "budget": row.budget, "houses": row.houses, "items": items }))
}

/// Guards: the vote passed; 5 to 15 days. Effect: `publicised`, the owners of the scope are told.
pub async fn publicise_use(ctx: &Ctx, key: &Key, id: UseId, cmd: PubliciseUse) -> Result<UseView, Problem> {
    ctx.require(perm::USE_PUBLICISE)?;
    ctx.tx("fund.use.publicise", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let to = guard::step(ctx, &row, &Known::default(), Verb::Publicise, UseStep::Publicise)?;
        let body = scheme_body(tx, &row).await?;
        let publicity = open(ctx, tx, &row, &cmd, row.title.clone(), body).await?;
        let mut next = moved(&row, to);
        next.publicity_id = Set(Some(publicity.id));
        let after = save(tx, next).await?;
        attach(ctx, tx, &after, &cmd.document_ids, false).await?;
        tx.event(event("fund.use.publicised", &row, &after).data("until", publicity.until)).await?;
        let houses: Vec<HouseId> = shares::of_use(tx.conn(), &row).await?.iter().map(|s| s.house_id).collect();
        let body = format!("“{}”预算{}元，公示至{}，有异议请在公示期内提出。", row.title, row.budget, publicity.until);
        tell::owners(tx, &after, &houses, tell::Told { template: "fund.use_published", title: "维修资金使用公示", body: &body }).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}

/// Guards: the cost was audited. Effect: `settlement_publicised`.
pub async fn publicise_settlement(ctx: &Ctx, key: &Key, id: UseId, cmd: PubliciseUse) -> Result<UseView, Problem> {
    ctx.require(perm::USE_PUBLICISE_SETTLEMENT)?;
    ctx.tx("fund.use.publicise_settlement", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let verb = Verb::PubliciseSettlement;
        let to = guard::step(ctx, &row, &Known::default(), verb, UseStep::PubliciseSettlement)?;
        let body = json!({
            "no": row.no, "budget": row.budget, "contract_amount": row.contract_amount, "audited_amount": row.audited_amount,
            "paid": row.paid, "houses": row.houses, "auditor": row.auditor,
        });
        let publicity = open(ctx, tx, &row, &cmd, format!("{}（结算）", row.title), body).await?;
        let mut next = moved(&row, to);
        next.settlement_publicity_id = Set(Some(publicity.id));
        let after = save(tx, next).await?;
        attach(ctx, tx, &after, &cmd.document_ids, false).await?;
        tx.event(event("fund.use.settlement_publicised", &row, &after).data("until", publicity.until)).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}
