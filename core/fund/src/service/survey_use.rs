//! 现场勘查: what was found on site.
use linli_kernel::{Date, DocumentId, Invalid, Problem, UseId};
use linli_runtime::Key;
use linli_tenants::Ctx;
use sea_orm::Set;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    change::{attach, check_papers, event, moved, save},
    guard::{self, Known, Verb},
    model::fund_use,
    perm,
    use_state::UseStep,
    use_view::{UseView, view},
};

/// Record the survey on site (现场勘查).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SurveyUse {
    pub surveyed_on: Date,
    #[schema(example = "现场勘查属实")]
    pub report: String,
    pub document_ids: Vec<DocumentId>,
}

/// Guards: proposed; the survey lies not in the future. Effect: `surveyed`.
pub async fn survey_use(ctx: &Ctx, key: &Key, id: UseId, cmd: SurveyUse) -> Result<UseView, Problem> {
    ctx.require(perm::USE_SURVEY)?;
    ctx.tx("fund.use.survey", key, async |tx| {
        let row = ctx.lock::<fund_use::Entity>(tx, id).await?;
        let to = guard::step(ctx, &row, &Known::default(), Verb::Survey, UseStep::Survey)?;
        let mut invalid = Invalid::new();
        invalid.text("/report", &cmd.report, 4000);
        invalid.check(cmd.surveyed_on <= tx.today(), "/surveyed_on", "range", "勘查日期不能晚于今天", "Not later than today");
        invalid.done()?;
        check_papers(&cmd.document_ids, true)?;
        let mut next = moved(&row, to);
        next.surveyed_on = Set(Some(cmd.surveyed_on));
        next.survey_report = Set(Some(cmd.report.trim().to_owned()));
        let after = save(tx, next).await?;
        attach(ctx, tx, &after, &cmd.document_ids, true).await?;
        tx.event(event("fund.use.surveyed", &row, &after)).await?;
        view(ctx, tx.conn(), &after).await
    })
    .await
}
