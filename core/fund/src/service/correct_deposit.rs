//! 更正 (红冲): a wrongly confirmed deposit is reversed by another person, never changed (maintenance-fund §2.15).
use linli_kernel::{DepositId, DocumentId, HouseId, Invalid, Money, Page, Problem, ProjectId, Timestamp};
use linli_ledger::reverse;
use linli_materials::documents;
use linli_runtime::{Change, Key, ScopeIds, Tx, number};
use linli_tenants::{Actions, AllowedAction, Ctx};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Set};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    change::check_papers,
    error::FundError,
    ids::CorrectionId,
    list::{self, Filter, paging},
    model::{CorrectionState, DepositState, fund_correction, fund_deposit},
    perm,
};

/// Ask for a reversal (申请更正).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCorrection {
    pub deposit_id: DepositId,
    #[schema(example = "银行流水属于另一户")]
    pub reason: String,
    #[serde(default)]
    pub document_ids: Vec<DocumentId>,
}

/// What the second person says.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideCorrection {
    #[schema(example = "与银行核对无误")]
    pub opinion: Option<String>,
}

/// 更正.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CorrectionView {
    pub id: CorrectionId,
    #[schema(example = "37990020261124000004P")]
    pub no: String,
    pub deposit_id: DepositId,
    pub project_id: ProjectId,
    pub house_id: HouseId,
    /// The posting that is to be reversed.
    #[schema(example = "20261116010000017")]
    pub posting_no: String,
    pub amount: Money,
    pub reason: String,
    pub opinion: Option<String>,
    pub state: CorrectionState,
    /// The reversal (MF28).
    pub reversal_no: Option<String>,
    pub created_at: Timestamp,
    pub version: i64,
    pub allowed_actions: Vec<AllowedAction>,
}

fn view(ctx: &Ctx, row: &fund_correction::Model) -> CorrectionView {
    CorrectionView {
        id: row.id,
        no: row.no.clone(),
        deposit_id: row.deposit_id,
        project_id: row.project_id,
        house_id: row.house_id,
        posting_no: row.posting_no.clone(),
        amount: row.amount,
        reason: row.reason.clone(),
        opinion: row.opinion.clone(),
        state: row.state,
        reversal_no: row.reversal_no.clone(),
        created_at: row.created_at,
        version: row.version,
        allowed_actions: Actions::of(ctx)
            .add(perm::CORRECTION_APPROVE, "approve", || may_decide(ctx, row))
            .add(perm::CORRECTION_REJECT, "reject", || may_decide(ctx, row))
            .done(),
    }
}

fn may_decide(ctx: &Ctx, row: &fund_correction::Model) -> Result<(), Problem> {
    ctx.not_the_maker(row.created_by)?;
    if row.state == CorrectionState::Submitted { Ok(()) } else { Err(FundError::CorrectionDecided.into()) }
}

fn scope_of(row: &fund_correction::Model) -> ScopeIds {
    ScopeIds {
        area_path: Some(row.area_path.clone()),
        project_id: Some(row.project_id),
        house_id: Some(row.house_id),
        ..ScopeIds::default()
    }
}

/// Guards: the deposit is posted, not reversed, and no other request for it is open.
pub async fn create(ctx: &Ctx, key: &Key, cmd: CreateCorrection) -> Result<CorrectionView, Problem> {
    ctx.require(perm::CORRECTION_CREATE)?;
    ctx.tx("fund.correction.create", key, async |tx| {
        let mut invalid = Invalid::new();
        invalid.text("/reason", &cmd.reason, 500);
        invalid.done()?;
        check_papers(&cmd.document_ids, false)?;
        let deposit = ctx.lock::<fund_deposit::Entity>(tx, cmd.deposit_id).await?;
        let posted = matches!(deposit.state, DepositState::Posted | DepositState::Receipted) && deposit.corrected_by.is_none();
        let open = fund_correction::Entity::find()
            .filter(fund_correction::Column::DepositId.eq(deposit.id))
            .filter(fund_correction::Column::State.ne(CorrectionState::Rejected))
            .one(tx.conn())
            .await?;
        let (Some(posting_id), Some(posting_no), true, None) = (deposit.posting_id, deposit.posting_no.clone(), posted, open) else {
            return Err(FundError::NotCorrectable.into());
        };
        let row = fund_correction::Model {
            id: CorrectionId::new(),
            no: number::next_case_no(tx, ctx.tenant.area6()).await?,
            deposit_id: deposit.id,
            posting_id,
            posting_no,
            amount: deposit.amount,
            reason: cmd.reason.trim().to_owned(),
            opinion: None,
            state: CorrectionState::Submitted,
            reversal_no: None,
            project_id: deposit.project_id,
            house_id: deposit.house_id,
            area_path: deposit.area_path,
            created_by: tx.author().account,
            created_at: tx.now(),
            decided_by: None,
            version: 1,
        };
        let row = row.into_active_model().insert(tx.conn()).await?;
        documents::attach(ctx, tx, &cmd.document_ids, "fund.correction", row.id).await?;
        let change = Change::new("fund.correction.submitted", "fund.correction", row.id).scope(scope_of(&row)).data("no", &row.no);
        tx.event(change.data("posting_no", &row.posting_no).state(None::<CorrectionState>, row.state)).await?;
        Ok(view(ctx, &row))
    })
    .await
}

/// Guards: another person than who asked; the account has the money. Effect: MF28 with the lines negated; the deposit says so.
pub async fn approve(ctx: &Ctx, key: &Key, id: CorrectionId, cmd: DecideCorrection) -> Result<CorrectionView, Problem> {
    ctx.require(perm::CORRECTION_APPROVE)?;
    ctx.tx("fund.correction.approve", key, async |tx| {
        let row = ctx.lock::<fund_correction::Entity>(tx, id).await?;
        may_decide(ctx, &row)?;
        let deposit = ctx.lock::<fund_deposit::Entity>(tx, row.deposit_id).await?;
        let posted = reverse(ctx, tx, row.posting_id, &row.reason, row.created_by, tx.author().account).await?;
        let mut next = deposit.clone().into_active_model();
        next.corrected_by = Set(Some(posted.id));
        next.version = Set(deposit.version + 1);
        next.update(tx.conn()).await?;
        let after = decided(tx, &row, CorrectionState::Executed, cmd.opinion, Some(posted.posting_no)).await?;
        Ok(view(ctx, &after))
    })
    .await
}

/// Guards: another person than who asked. Effect: `rejected`; the deposit stands.
pub async fn reject(ctx: &Ctx, key: &Key, id: CorrectionId, cmd: DecideCorrection) -> Result<CorrectionView, Problem> {
    ctx.require(perm::CORRECTION_REJECT)?;
    ctx.tx("fund.correction.reject", key, async |tx| {
        let row = ctx.lock::<fund_correction::Entity>(tx, id).await?;
        may_decide(ctx, &row)?;
        let mut invalid = Invalid::new();
        invalid.text("/opinion", cmd.opinion.as_deref().unwrap_or(""), 500);
        invalid.done()?;
        let after = decided(tx, &row, CorrectionState::Rejected, cmd.opinion, None).await?;
        Ok(view(ctx, &after))
    })
    .await
}

async fn decided(
    tx: &Tx,
    row: &fund_correction::Model,
    to: CorrectionState,
    opinion: Option<String>,
    reversal_no: Option<String>,
) -> Result<fund_correction::Model, Problem> {
    let mut next = row.clone().into_active_model();
    next.state = Set(to);
    next.opinion = Set(opinion);
    next.reversal_no = Set(reversal_no);
    next.decided_by = Set(tx.author().account);
    next.version = Set(row.version + 1);
    let after = next.update(tx.conn()).await?;
    let kind = if to == CorrectionState::Executed { "fund.correction.executed" } else { "fund.correction.rejected" };
    let change = Change::new(kind, "fund.correction", after.id).scope(scope_of(&after)).data("no", &after.no);
    tx.event(change.data("posting_no", &after.reversal_no).state(row.state, after.state)).await?;
    Ok(after)
}

/// What a list of corrections is narrowed by.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CorrectionQuery {
    pub deposit_id: Option<DepositId>,
    pub state: Option<CorrectionState>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

/// Corrections in the actor's scope, newest first.
pub async fn find(ctx: &Ctx, query: CorrectionQuery) -> Result<Page<CorrectionView>, Problem> {
    ctx.require(perm::CORRECTION_READ)?;
    let filter = Filter::default().add("deposit_id", query.deposit_id).add("state", query.state.map(CorrectionState::as_str));
    let page = paging(query.page, query.page_size);
    let page = list::page::<fund_correction::Entity>(ctx, &filter.and, filter.values, "t.created_at desc, t.id desc", &page).await?;
    Ok(page.map(|row| view(ctx, &row)))
}

/// One correction in the actor's scope.
pub async fn get(ctx: &Ctx, id: CorrectionId) -> Result<CorrectionView, Problem> {
    ctx.require(perm::CORRECTION_READ)?;
    Ok(view(ctx, &ctx.get::<fund_correction::Entity>(ctx.conn(), id).await?))
}
