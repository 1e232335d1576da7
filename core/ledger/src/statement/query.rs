//! Statements as finance sees them.
use linli_kernel::{BankAccountId, Date, DocumentId, Money, Page, PageQuery, Problem, StatementId, Timestamp, mask};
use linli_runtime::{Sql, values};
use linli_tenants::Ctx;
use sea_orm::{ColumnTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::LineProblem;
use crate::{
    model::{StatementState, statement},
    perm,
};

/// A bank's day.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StatementView {
    pub id: StatementId,
    pub bank_account_id: BankAccountId,
    pub document_id: DocumentId,
    pub state: StatementState,
    pub date: Option<Date>,
    /// Which file of that day.
    #[schema(example = 1)]
    pub seq: Option<i64>,
    pub opening: Option<Money>,
    pub closing: Option<Money>,
    /// Number of movements.
    #[schema(example = 18)]
    pub lines: i64,
    /// SHA-256 of all bytes before the `T` line.
    pub digest: Option<String>,
    /// What is wrong; empty unless quarantined.
    pub problems: Vec<LineProblem>,
    pub created_at: Timestamp,
}

fn view(row: statement::Model) -> Result<StatementView, Problem> {
    Ok(StatementView {
        problems: serde_json::from_str(&row.problems).map_err(Problem::internal)?,
        id: row.id,
        bank_account_id: row.bank_account_id,
        document_id: row.document_id,
        state: row.state,
        date: row.day,
        seq: row.file_seq,
        opening: row.opening,
        closing: row.closing,
        lines: row.line_count,
        digest: row.digest,
        created_at: row.created_at,
    })
}

/// Filters of the list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatementQuery {
    /// Only statements of this bank account.
    pub bank_account_id: Option<BankAccountId>,
    /// Only this state.
    pub state: Option<StatementState>,
    /// Page number, from 1.
    pub page: Option<u64>,
    /// Rows a page, at most 200.
    pub page_size: Option<u64>,
}

pub async fn list(ctx: &Ctx, query: StatementQuery) -> Result<Page<StatementView>, Problem> {
    ctx.require(perm::STATEMENT_READ)?;
    use statement::Column as C;
    let mut select = ctx.select::<statement::Entity>().order_by_desc(C::CreatedAt).order_by_desc(C::Id);
    if let Some(bank) = query.bank_account_id {
        select = select.filter(C::BankAccountId.eq(bank));
    }
    if let Some(state) = query.state {
        select = select.filter(C::State.eq(state));
    }
    let page = PageQuery { page: query.page, page_size: query.page_size };
    let total = select.clone().limit(10_001).count(ctx.conn()).await?;
    let rows = select.limit(page.limit()).offset(page.offset()).all(ctx.conn()).await?;
    let items: Result<Vec<_>, _> = rows.into_iter().map(view).collect();
    Ok(Page::new(items?, total as i64))
}

pub async fn get(ctx: &Ctx, id: StatementId) -> Result<StatementView, Problem> {
    ctx.require(perm::STATEMENT_READ)?;
    view(ctx.get::<statement::Entity>(ctx.conn(), id).await?)
}

/// One movement; the other side's name and account are masked.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StatementLineView {
    #[schema(example = 1)]
    pub line_no: i64,
    #[schema(example = "BK110000135")]
    pub bank_serial: String,
    pub bank_date: Date,
    #[schema(example = "10:01:00+08:00")]
    pub bank_time: String,
    /// Plus a credit, minus a debit.
    pub amount: Money,
    pub balance_after: Money,
    #[schema(example = "曹**")]
    pub counter_name: Option<String>,
    #[schema(example = "************6388")]
    pub counter_account: Option<String>,
    pub summary: Option<String>,
    /// `new`, `matched`, `suspense`, `cleared` or `ignored`.
    #[schema(example = "matched")]
    pub state: String,
}

/// Page of the movements.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatementLineQuery {
    /// Page number, from 1.
    pub page: Option<u64>,
    /// Rows a page, at most 200.
    pub page_size: Option<u64>,
}

#[derive(FromQueryResult)]
struct LineRow {
    line_no: i64,
    bank_serial: String,
    bank_date: Date,
    bank_time: String,
    amount: Money,
    balance_after: Money,
    counter_name_sealed: Option<String>,
    counter_account_sealed: Option<String>,
    summary: Option<String>,
    state: String,
}

const LINES: &str = "select line_no, bank_serial, bank_date, bank_time, amount, balance_after, counter_name_sealed, counter_account_sealed,
                       summary, state
                     from statement_line where statement_id = $1 order by line_no limit $2 offset $3";

pub async fn lines(ctx: &Ctx, id: StatementId, query: StatementLineQuery) -> Result<Page<StatementLineView>, Problem> {
    ctx.require(perm::STATEMENT_READ)?;
    let row = ctx.get::<statement::Entity>(ctx.conn(), id).await?;
    let page = PageQuery { page: query.page, page_size: query.page_size };
    let found: Vec<LineRow> = ctx.conn().rows(LINES, values![id, page.limit() as i64, page.offset() as i64]).await?;
    let cipher = ctx.tenant.cipher();
    let open = |sealed: Option<String>| sealed.map(|s| cipher.open(&s)).transpose();
    let items = found.into_iter().map(|l| {
        Ok(StatementLineView {
            line_no: l.line_no,
            bank_serial: l.bank_serial,
            bank_date: l.bank_date,
            bank_time: l.bank_time,
            amount: l.amount,
            balance_after: l.balance_after,
            counter_name: open(l.counter_name_sealed)?.map(|n| mask::name(&n)),
            counter_account: open(l.counter_account_sealed)?.map(|n| mask::bank_account(&n)),
            summary: l.summary,
            state: l.state,
        })
    });
    let items: Result<Vec<_>, Problem> = items.collect();
    let total = if row.state == StatementState::Imported { row.line_count } else { 0 };
    Ok(Page::new(items?, total))
}
