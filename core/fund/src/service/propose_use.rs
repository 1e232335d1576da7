//! 提出使用申请: the committee (or the company) asks to repair a shared part from the fund.
use linli_kernel::{DocumentId, Invalid, Money, Problem, ProjectId, UseId};
use linli_runtime::{Key, number};
use linli_tenants::{Ctx, dicts};
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    change::{attach, event},
    error::UseError,
    model::{FundState, UseKind, fund_project, fund_use},
    perm,
    use_state::UseState,
    use_view::{UseView, view},
};

/// Propose a use of the fund (提出使用申请).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeUse {
    pub project_id: ProjectId,
    pub kind: UseKind,
    #[schema(example = "1号楼电梯大修")]
    pub title: String,
    /// Code of the dictionary `shared_part`.
    #[schema(example = "lift")]
    pub part: String,
    #[schema(example = "曳引机磨损，检验不合格")]
    pub cause: String,
    /// The proposer says that none of the excluded costs (maintenance-fund §2.6.2) applies; must be true.
    pub exclusions_denied: bool,
    #[serde(default)]
    pub document_ids: Vec<DocumentId>,
}

/// Guards: the part is shared and not excluded; the project has a fund in the actor's scope. Effect: number, first round.
pub async fn propose_use(ctx: &Ctx, key: &Key, cmd: ProposeUse) -> Result<UseView, Problem> {
    ctx.require(perm::USE_PROPOSE)?;
    let mut invalid = Invalid::new();
    invalid.text("/title", &cmd.title, 100);
    invalid.text("/cause", &cmd.cause, 2000);
    let part = dicts::code_of(ctx.conn(), "shared_part", &cmd.part).await?;
    invalid.check(part.is_some(), "/part", "unknown", "维修部位不在字典之内", "Not an entry of the dictionary shared_part");
    invalid.done()?;
    if !cmd.exclusions_denied {
        return Err(UseError::ExclusionsNotDenied.into());
    }
    ctx.tx("fund.use.propose", key, async |tx| {
        let project = ctx.get::<fund_project::Entity>(tx.conn(), cmd.project_id).await?;
        match project.state {
            FundState::Active => {}
            FundState::Planned | FundState::Registered | FundState::SelfManaged | FundState::Closed => {
                return Err(UseError::ProjectNotOpen.into());
            }
        }
        let row = fund_use::Model {
            id: UseId::new(),
            no: number::next_case_no(tx, ctx.tenant.area6()).await?,
            project_id: project.project_id,
            kind: cmd.kind,
            title: cmd.title.trim().to_owned(),
            part: part.clone().unwrap_or_default(),
            cause: cmd.cause.trim().to_owned(),
            state: UseState::Proposed,
            suspended_from: None,
            reason: None,
            round: 1,
            scheme_round: 1,
            budget: Money::ZERO,
            contract_amount: Money::ZERO,
            paid: Money::ZERO,
            audited_amount: Money::ZERO,
            retention: Money::ZERO,
            houses: 0,
            surveyed_on: None,
            survey_report: None,
            vote_id: None,
            publicity_id: None,
            settlement_publicity_id: None,
            instance_id: None,
            filed_on: None,
            review_due_on: None,
            contractor_name: None,
            contractor_uscc: None,
            contractor_bank: None,
            contractor_account: None,
            signed_on: None,
            started_on: None,
            completed_on: None,
            accepted_on: None,
            signers: None,
            auditor: None,
            settled_on: None,
            archive: None,
            area_path: project.area_path,
            company_id: project.company_id,
            created_by: tx.author().account,
            created_at: tx.now(),
            version: 1,
        };
        let row = row.into_active_model().insert(tx.conn()).await?;
        attach(ctx, tx, &row, &cmd.document_ids, false).await?;
        let change = event("fund.use.proposed", &row, &row).data("from_state", None::<&str>).data("project_code", &project.project_code);
        tx.event(change).await?;
        view(ctx, tx.conn(), &row).await
    })
    .await
}
