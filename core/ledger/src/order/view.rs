//! Orders as people see them.
use linli_kernel::{AccountId, BankAccountId, Date, Money, Page, PageQuery, PaymentOrderId, Problem, ProjectId, Timestamp};
use linli_tenants::{AllowedAction, Ctx};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::step;
use crate::{
    model::{
        OrderState,
        payment_order::{self, OrderStep},
    },
    perm,
};

/// What somebody said when he took a step.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Opinion {
    pub step: OrderStep,
    pub account_id: Option<AccountId>,
    /// Role in which the step was taken.
    #[schema(example = "fund_reviewer")]
    pub role: String,
    #[schema(example = "收款单位与合同一致")]
    pub opinion: Option<String>,
    pub at: Timestamp,
}

impl Opinion {
    pub(super) fn read(text: &str) -> Result<Vec<Opinion>, Problem> {
        serde_json::from_str(text).map_err(Problem::internal)
    }
}

/// Who is paid; the account number is whole only in the item for those who pay.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PayeeView {
    #[schema(example = "华东电梯工程有限公司")]
    pub name: String,
    #[schema(example = "91310000MA1K35HT1J")]
    pub uscc: Option<String>,
    #[schema(example = "CCB")]
    pub bank: String,
    #[schema(example = "****************1234")]
    pub account_number: String,
}

/// A payment order.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PaymentOrderView {
    pub id: PaymentOrderId,
    /// `P` + day + six digits + check digit.
    #[schema(example = "P202612030000010")]
    pub order_no: String,
    pub state: OrderState,
    pub payee: PayeeView,
    pub bank_account_id: BankAccountId,
    pub amount: Money,
    #[schema(example = "1号楼电梯大修 预付款")]
    pub purpose: String,
    #[schema(example = "fund.payment")]
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub project_id: Option<ProjectId>,
    pub opinions: Vec<Opinion>,
    /// The bank's serial number, once paid.
    pub bank_serial: Option<String>,
    pub bank_date: Option<Date>,
    /// Number of the posting, once paid.
    pub posting_no: Option<String>,
    /// Why the bank refused or returned it.
    pub reason: Option<String>,
    pub version: i64,
    pub created_at: Timestamp,
    pub allowed_actions: Vec<AllowedAction>,
}

impl PaymentOrderView {
    pub(super) fn of(ctx: &Ctx, row: payment_order::Model, whole: bool) -> Result<PaymentOrderView, Problem> {
        let allowed_actions = PaymentOrderView::actions(ctx, &row);
        let account_number = if whole { ctx.tenant.cipher().open(&row.payee_number_sealed)? } else { row.payee_number_masked.clone() };
        Ok(PaymentOrderView {
            opinions: Opinion::read(&row.opinions)?,
            payee: PayeeView { name: row.payee_name, uscc: row.payee_uscc, bank: row.payee_bank, account_number },
            id: row.id,
            order_no: row.order_no,
            state: row.state,
            bank_account_id: row.bank_account_id,
            amount: row.amount,
            purpose: row.purpose,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            project_id: row.project_id,
            bank_serial: row.bank_serial,
            bank_date: row.bank_date,
            posting_no: row.posting_no,
            reason: row.reason,
            version: row.version,
            created_at: row.created_at,
            allowed_actions,
        })
    }
    pub(super) fn actions(ctx: &Ctx, row: &payment_order::Model) -> Vec<AllowedAction> {
        let has = OrderStep::ALL.into_iter().filter(|s| ctx.may(s.permission()));
        has.map(|s| AllowedAction::of(ctx, s.text(), step::may(ctx, row, s).map(drop))).collect()
    }
}

/// Filters of the list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrderQuery {
    /// Only this state.
    pub state: Option<OrderState>,
    /// Only orders of this payment or other subject.
    pub subject_id: Option<Uuid>,
    /// Only orders of this project.
    pub project_id: Option<ProjectId>,
    /// Only the order of this number.
    pub order_no: Option<String>,
    /// Page number, from 1.
    pub page: Option<u64>,
    /// Rows a page, at most 200.
    pub page_size: Option<u64>,
}

pub async fn list(ctx: &Ctx, query: OrderQuery) -> Result<Page<PaymentOrderView>, Problem> {
    ctx.require(perm::PAYMENT_ORDER_READ)?;
    use payment_order::Column as C;
    let mut select = ctx.select::<payment_order::Entity>().order_by_desc(C::OrderNo);
    if let Some(state) = query.state {
        select = select.filter(C::State.eq(state));
    }
    if let Some(subject) = query.subject_id {
        select = select.filter(C::SubjectId.eq(subject));
    }
    if let Some(project) = query.project_id {
        select = select.filter(C::ProjectId.eq(project));
    }
    if let Some(no) = &query.order_no {
        select = select.filter(C::OrderNo.eq(no.as_str()));
    }
    let page = PageQuery { page: query.page, page_size: query.page_size };
    let total = select.clone().limit(10_001).count(ctx.conn()).await?;
    let rows = select.limit(page.limit()).offset(page.offset()).all(ctx.conn()).await?;
    let items: Result<Vec<_>, _> = rows.into_iter().map(|row| PaymentOrderView::of(ctx, row, false)).collect();
    Ok(Page::new(items?, total as i64))
}

pub async fn get(ctx: &Ctx, id: PaymentOrderId) -> Result<PaymentOrderView, Problem> {
    ctx.require(perm::PAYMENT_ORDER_READ)?;
    let row = ctx.get::<payment_order::Entity>(ctx.conn(), id).await?;
    // Who checks, signs, sends or pays must see where the money goes.
    let pays = [perm::PAYMENT_ORDER_CHECK, perm::PAYMENT_ORDER_SIGN, perm::PAYMENT_ORDER_SEND, perm::BANK_CONFIRMATION_CREATE];
    PaymentOrderView::of(ctx, row, pays.iter().any(|p| ctx.may(p)))
}
