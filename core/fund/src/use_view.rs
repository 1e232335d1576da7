//! A use as it is answered: its facts, items, vote, publicities, payments, and what may be done with it.
use linli_kernel::{Date, InstanceId, Money, PaymentId, PaymentOrderId, Problem, ProjectId, PublicityId, Timestamp, UseId, VoteId, mask};
use linli_materials::{ArchiveView, DocumentView, documents};
use linli_property::{houses::ScopeOf, publicities, publicities::PublicityView, votes, votes::VoteView};
use linli_tenants::{AllowedAction, Ctx};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    allocation::RuleBrief,
    guard::{self, Known},
    list::json,
    model::{PaymentKind, PaymentState, UseKind, fund_payment, fund_project, fund_use, fund_use_item},
    use_state::UseState,
};

/// 施工单位.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ContractorView {
    #[schema(example = "华东电梯工程有限公司")]
    pub name: String,
    #[schema(example = "91310000132200158R")]
    pub uscc: String,
    #[schema(example = "CCB")]
    pub bank: String,
    /// The last four digits.
    #[schema(example = "****************1234")]
    pub account_number: String,
}

/// 预算项.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UseItemView {
    #[schema(example = 1)]
    pub item_no: i64,
    #[schema(example = "曳引机更换")]
    pub name: String,
    pub amount: Money,
    /// Code of the dictionary `shared_part`.
    #[schema(example = "lift")]
    pub purpose: String,
    pub scope: ScopeOf,
    /// The rule that weighed it, once allocated.
    pub rule: Option<RuleBrief>,
}

/// 付款 of a use.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaymentBrief {
    pub id: PaymentId,
    pub kind: PaymentKind,
    pub amount: Money,
    pub state: PaymentState,
    pub payment_order_id: Option<PaymentOrderId>,
    #[schema(example = "P202611230000017")]
    pub order_no: Option<String>,
    pub posting_no: Option<String>,
    pub reason: Option<String>,
    pub created_at: Timestamp,
}

impl PaymentBrief {
    pub(crate) fn of(row: &fund_payment::Model) -> PaymentBrief {
        PaymentBrief {
            id: row.id,
            kind: row.kind,
            amount: row.amount,
            state: row.state,
            payment_order_id: row.payment_order_id,
            order_no: row.order_no.clone(),
            posting_no: row.posting_no.clone(),
            reason: row.reason.clone(),
            created_at: row.created_at,
        }
    }
}

/// 审核流程.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ProcessView {
    pub instance_id: InstanceId,
}

/// 使用申请.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UseView {
    pub id: UseId,
    /// 受理编号.
    #[schema(example = "37990020261116000001K")]
    pub no: String,
    pub project_id: ProjectId,
    #[schema(example = "379901200012")]
    pub project_code: String,
    #[schema(example = "悦海花园")]
    pub project_name: String,
    pub kind: UseKind,
    #[schema(example = "1号楼电梯大修")]
    pub title: String,
    /// Code of the dictionary `shared_part`.
    #[schema(example = "lift")]
    pub part: String,
    #[schema(example = "曳引机磨损，检验不合格")]
    pub cause: String,
    pub state: UseState,
    /// Why it was returned, rejected, suspended or terminated.
    pub reason: Option<String>,
    #[schema(example = 1)]
    pub round: i64,
    pub version: i64,
    pub budget: Money,
    /// Houses that share.
    #[schema(example = 72)]
    pub houses: i64,
    pub items: Vec<UseItemView>,
    pub contract_amount: Option<Money>,
    pub paid: Money,
    pub audited_amount: Option<Money>,
    pub retention: Money,
    pub surveyed_on: Option<Date>,
    pub survey_report: Option<String>,
    pub vote: Option<VoteView>,
    /// The publicity that runs or ran last: of the scheme, later of the settlement.
    pub publicity: Option<PublicityView>,
    /// Both publicities, as far as there are.
    pub publicities: Vec<PublicityView>,
    pub process: Option<ProcessView>,
    pub review_due_on: Option<Date>,
    pub filed_on: Option<Date>,
    pub contractor: Option<ContractorView>,
    pub signed_on: Option<Date>,
    pub started_on: Option<Date>,
    pub completed_on: Option<Date>,
    pub accepted_on: Option<Date>,
    pub signers: Vec<String>,
    pub auditor: Option<String>,
    pub settled_on: Option<Date>,
    pub payments: Vec<PaymentBrief>,
    pub documents: Vec<DocumentView>,
    pub archive: Option<ArchiveView>,
    pub created_at: Timestamp,
    pub allowed_actions: Vec<AllowedAction>,
}

/// A use in a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UseBrief {
    pub id: UseId,
    #[schema(example = "37990020261116000001K")]
    pub no: String,
    pub project_id: ProjectId,
    #[schema(example = "悦海花园")]
    pub project_name: String,
    pub kind: UseKind,
    #[schema(example = "1号楼电梯大修")]
    pub title: String,
    #[schema(example = "lift")]
    pub part: String,
    pub state: UseState,
    #[schema(example = 1)]
    pub round: i64,
    pub budget: Money,
    pub paid: Money,
    #[schema(example = 72)]
    pub houses: i64,
    pub created_at: Timestamp,
    pub version: i64,
}

impl UseBrief {
    pub(crate) fn of(row: &fund_use::Model, project_name: &str) -> UseBrief {
        UseBrief {
            id: row.id,
            no: row.no.clone(),
            project_id: row.project_id,
            project_name: project_name.to_owned(),
            kind: row.kind,
            title: row.title.clone(),
            part: row.part.clone(),
            state: row.state,
            round: row.round,
            budget: row.budget,
            paid: row.paid,
            houses: row.houses,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

/// The items of the scheme in force.
pub(crate) async fn items_of(conn: &impl ConnectionTrait, row: &fund_use::Model) -> Result<Vec<fund_use_item::Model>, Problem> {
    use fund_use_item::Column;
    let items = fund_use_item::Entity::find().filter(Column::UseId.eq(row.id)).filter(Column::Round.eq(row.scheme_round));
    Ok(items.order_by_asc(Column::ItemNo).all(conn).await?)
}

/// The payments of a use, oldest first.
pub(crate) async fn payments_of(conn: &impl ConnectionTrait, id: UseId) -> Result<Vec<fund_payment::Model>, Problem> {
    use fund_payment::Column;
    Ok(fund_payment::Entity::find().filter(Column::UseId.eq(id)).order_by_asc(Column::Id).all(conn).await?)
}

/// The project's fund of a use that was found in scope.
pub(crate) async fn project_of(ctx: &Ctx, conn: &impl ConnectionTrait, id: ProjectId) -> Result<fund_project::Model, Problem> {
    let select = ctx.unscoped::<fund_project::Entity>("the project of a row that was found in scope");
    select.filter(fund_project::Column::ProjectId.eq(id)).one(conn).await?.ok_or_else(Problem::not_found)
}

async fn find_vote(ctx: &Ctx, conn: &impl ConnectionTrait, id: Option<VoteId>) -> Result<Option<VoteView>, Problem> {
    match id {
        Some(id) => votes::stored(ctx, conn, id).await.map(Some),
        None => Ok(None),
    }
}

async fn find_publicity(ctx: &Ctx, conn: &impl ConnectionTrait, id: Option<PublicityId>) -> Result<Option<PublicityView>, Problem> {
    match id {
        Some(id) => publicities::stored(ctx, conn, id).await.map(Some),
        None => Ok(None),
    }
}

/// What guards look at besides the state.
pub(crate) async fn known(ctx: &Ctx, conn: &impl ConnectionTrait, row: &fund_use::Model) -> Result<Known, Problem> {
    let vote = if row.state == UseState::Voting { find_vote(ctx, conn, row.vote_id).await? } else { None };
    let (publicity, settlement) = match row.state {
        UseState::Publicised | UseState::Objection => (find_publicity(ctx, conn, row.publicity_id).await?, None),
        UseState::SettlementPublicised => (None, find_publicity(ctx, conn, row.settlement_publicity_id).await?),
        _ => (None, None), // no guard of another state looks at a publicity
    };
    let open_objections = match publicity.as_ref().or(settlement.as_ref()) {
        Some(publicity) => publicities::open_objections(conn, publicity.id).await?,
        None => 0,
    };
    let payment_open = fund_payment::Entity::find()
        .filter(fund_payment::Column::UseId.eq(row.id))
        .filter(fund_payment::Column::State.eq(PaymentState::Created))
        .one(conn)
        .await?
        .is_some();
    Ok(Known {
        vote_closes_on: vote.map(|v| v.closes_on),
        publicity_until: publicity.map(|p| p.until),
        settlement_until: settlement.map(|p| p.until),
        open_objections,
        payment_open,
    })
}

/// The whole view of a use that was found in scope.
pub(crate) async fn view(ctx: &Ctx, conn: &impl ConnectionTrait, row: &fund_use::Model) -> Result<UseView, Problem> {
    let known = known(ctx, conn, row).await?;
    let project = project_of(ctx, conn, row.project_id).await?;
    let scheme = find_publicity(ctx, conn, row.publicity_id).await?;
    let settlement = find_publicity(ctx, conn, row.settlement_publicity_id).await?;
    let publicity = settlement.clone().or_else(|| scheme.clone());
    let mut items = Vec::new();
    for item in items_of(conn, row).await? {
        items.push(UseItemView {
            item_no: item.item_no,
            name: item.name,
            amount: item.amount,
            purpose: item.purpose,
            scope: scope_of_item(&item.scope_kind, &item.scope_ids)?,
            rule: item.rule.as_deref().map(json).transpose()?,
        });
    }
    let contractor = match (&row.contractor_name, &row.contractor_account) {
        (Some(name), Some(sealed)) => Some(ContractorView {
            name: name.clone(),
            uscc: row.contractor_uscc.clone().unwrap_or_default(),
            bank: row.contractor_bank.clone().unwrap_or_default(),
            account_number: mask::bank_account(&ctx.tenant.cipher().open(sealed)?),
        }),
        _ => None,
    };
    let some = |money: Money| Some(money).filter(|m| m.is_positive());
    Ok(UseView {
        id: row.id,
        no: row.no.clone(),
        project_id: row.project_id,
        project_code: project.project_code,
        project_name: project.project_name,
        kind: row.kind,
        title: row.title.clone(),
        part: row.part.clone(),
        cause: row.cause.clone(),
        state: row.state,
        reason: row.reason.clone(),
        round: row.round,
        version: row.version,
        budget: row.budget,
        houses: row.houses,
        items,
        contract_amount: some(row.contract_amount),
        paid: row.paid,
        audited_amount: some(row.audited_amount),
        retention: row.retention,
        surveyed_on: row.surveyed_on,
        survey_report: row.survey_report.clone(),
        vote: find_vote(ctx, conn, row.vote_id).await?,
        publicity,
        publicities: scheme.into_iter().chain(settlement).collect(),
        process: row.instance_id.map(|instance_id| ProcessView { instance_id }),
        review_due_on: row.review_due_on,
        filed_on: row.filed_on,
        contractor,
        signed_on: row.signed_on,
        started_on: row.started_on,
        completed_on: row.completed_on,
        accepted_on: row.accepted_on,
        signers: row.signers.as_deref().map(json).transpose()?.unwrap_or_default(),
        auditor: row.auditor.clone(),
        settled_on: row.settled_on,
        payments: payments_of(conn, row.id).await?.iter().map(PaymentBrief::of).collect(),
        documents: documents::list_of(ctx, conn, "fund.use", row.id).await?,
        archive: row.archive.as_deref().map(json).transpose()?,
        created_at: row.created_at,
        allowed_actions: guard::allowed(ctx, row, &known),
    })
}

/// The scope of an item as it was kept.
pub(crate) fn scope_of_item(kind: &str, ids: &str) -> Result<ScopeOf, Problem> {
    Ok(ScopeOf { kind: json(&format!("\"{kind}\""))?, ids: json(ids)? })
}
