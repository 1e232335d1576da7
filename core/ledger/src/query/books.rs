//! 账套, 资金池, 科目, 分录, 期间. The chart and the pools are the city's, the same for all who may read them.
use linli_kernel::{BankAccountId, Date, Money, Page, PageQuery, Problem, ProjectId};
use linli_runtime::{Sql, values};
use linli_tenants::Ctx;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::accounts::cursor;
use crate::perm;

/// A ledger set (账套).
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize, Deserialize, ToSchema)]
pub struct LedgerSetView {
    #[schema(example = "SP01")]
    pub code: String,
    #[schema(example = "商品住宅专项维修资金账套")]
    pub name: String,
    /// `commodity`, `sold_public` or `simple`.
    #[schema(example = "commodity")]
    pub kind: String,
    /// What one voucher holds.
    #[schema(example = "event")]
    pub grouping: String,
    /// `setup`, `opening_balanced`, `running` or `ended`.
    #[schema(example = "running")]
    pub state: String,
}

/// A fund pool (资金池).
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize, Deserialize, ToSchema)]
pub struct PoolView {
    #[schema(example = "01")]
    pub code: String,
    #[schema(example = "商品住宅专项维修资金")]
    pub name: String,
    #[schema(example = "commodity")]
    pub fund_type: String,
    #[schema(example = "SP01")]
    pub set_code: String,
    #[schema(example = "open")]
    pub state: String,
}

/// An account of the chart (科目) with its turnover.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize, Deserialize, ToSchema)]
pub struct GlAccountView {
    #[schema(example = "SP01")]
    pub set_code: String,
    #[schema(example = "100101")]
    pub code: String,
    #[schema(example = "商品住宅维修资金存款")]
    pub name: String,
    /// `asset`, `liability`, `net_assets`, `income` or `expenditure`.
    #[schema(example = "asset")]
    pub class: String,
    /// Normal side: `debit` or `credit`.
    #[schema(example = "debit")]
    pub side: String,
    #[schema(example = "1001")]
    pub parent_code: Option<String>,
    #[schema(example = "enabled")]
    pub state: String,
    /// All debits ever.
    pub debit: Money,
    /// All credits ever.
    pub credit: Money,
}

/// An accounting period (会计期间).
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize, Deserialize, ToSchema)]
pub struct PeriodView {
    #[schema(example = "SP01")]
    pub set_code: String,
    #[schema(example = "2026-12")]
    pub month: String,
    #[schema(example = "open")]
    pub state: String,
}

/// Of lists of the chart.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GlLineQuery {
    /// `0` begins; else the `next` of the page before.
    #[param(example = "0")]
    pub after: Option<String>,
    /// Vouchers a page, at most 1,000.
    #[param(minimum = 1, maximum = 1000, example = 200)]
    pub limit: Option<u64>,
}

const SETS: &str = "select code, name, kind, voucher_grouping as grouping, state from ledger_set order by code limit 200";
const POOLS: &str = "select code, name, fund_type, set_code, state from pool order by code limit 200";
const CHART: &str = "select a.set_code, a.code, a.name, a.class, a.side, a.parent_code, a.state,
                       cast(coalesce(s.debit, 0) as bigint) as debit, cast(coalesce(s.credit, 0) as bigint) as credit
                     from gl_account a left join (
                       select set_code, account_code, sum(debit) as debit, sum(credit) as credit from gl_line group by set_code, account_code) s
                       on s.set_code = a.set_code and s.account_code = a.code
                     order by a.set_code, a.code limit $1 offset $2";
const CHART_COUNT: &str = "select count(*) as v from gl_account";
const PERIODS: &str = "select set_code, month, state from period order by set_code, month desc limit 600";

pub async fn sets(ctx: &Ctx) -> Result<Page<LedgerSetView>, Problem> {
    ctx.require(perm::SET_READ)?;
    let items: Vec<LedgerSetView> = ctx.conn().rows(SETS, values![]).await?;
    let total = items.len() as i64;
    Ok(Page::new(items, total))
}

pub async fn pools(ctx: &Ctx) -> Result<Page<PoolView>, Problem> {
    ctx.require(perm::POOL_READ)?;
    let items: Vec<PoolView> = ctx.conn().rows(POOLS, values![]).await?;
    let total = items.len() as i64;
    Ok(Page::new(items, total))
}

/// The chart and its turnover are the whole city's: only a post of the whole city reads it.
pub async fn gl_accounts(ctx: &Ctx, page: PageQuery) -> Result<Page<GlAccountView>, Problem> {
    ctx.require(perm::GL_ACCOUNT_READ)?;
    whole_city(ctx)?;
    let items = ctx.conn().rows(CHART, values![page.limit() as i64, page.offset() as i64]).await?;
    let total: i64 = ctx.conn().scalar(CHART_COUNT, values![]).await?.unwrap_or(0);
    Ok(Page::new(items, total))
}

pub async fn periods(ctx: &Ctx) -> Result<Page<PeriodView>, Problem> {
    ctx.require(perm::PERIOD_READ)?;
    let items: Vec<PeriodView> = ctx.conn().rows(PERIODS, values![]).await?;
    let total = items.len() as i64;
    Ok(Page::new(items, total))
}

fn whole_city(ctx: &Ctx) -> Result<(), Problem> {
    let whole = match &ctx.scope {
        linli_tenants::Scope::Tenant => true,
        linli_tenants::Scope::Area(path) => ctx.tenant.area_path.starts_with(path.as_str()),
        _ => false,
    };
    if whole { Ok(()) } else { Err(Problem::not_found()) }
}

/// One line of the general ledger, under its voucher.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize, Deserialize, ToSchema)]
pub struct GlLineView {
    /// 凭证号.
    #[schema(example = "SP01-付-202612-000003")]
    pub voucher_no: String,
    #[schema(example = "20261203010000017")]
    pub posting_no: String,
    #[schema(example = 1)]
    pub line: i64,
    #[schema(example = "2026-12")]
    pub month: String,
    pub accounting_on: Date,
    #[schema(example = "500101")]
    pub account_code: String,
    pub project_id: Option<ProjectId>,
    pub bank_account_id: Option<BankAccountId>,
    #[schema(example = "household")]
    pub holder_kind: Option<String>,
    pub debit: Money,
    pub credit: Money,
    #[schema(example = "1号楼电梯大修 预付款")]
    pub summary: String,
}

/// A page of the feed: whole vouchers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct GlLinePage {
    pub items: Vec<GlLineView>,
    /// Give it as `after` to go on; opaque.
    #[schema(example = "212")]
    pub next: String,
}

const LAST: &str = "select max(seq) as v from (select seq from voucher where seq > $1 order by seq limit $2) page";
const LINES: &str =
    "select v.no as voucher_no, p.posting_no, g.line, v.month, p.accounting_on, g.account_code, g.project_id, g.bank_account_id,
                       g.holder_kind, g.debit, g.credit, g.summary
                     from voucher v join posting p on p.id = v.posting_id join gl_line g on g.posting_id = v.posting_id
                     where v.seq > $1 and v.seq <= $2 order by v.seq, g.line";

/// Lines in the order of their vouchers, which the numbering step gives one after the other: so nothing is ever left out.
pub async fn gl_lines(ctx: &Ctx, query: GlLineQuery) -> Result<GlLinePage, Problem> {
    ctx.require(perm::GL_LINE_READ)?;
    whole_city(ctx)?;
    let after = cursor(query.after.as_deref())?;
    let limit = query.limit.unwrap_or(200).clamp(1, 1_000) as i64;
    let last: Option<Option<i64>> = ctx.conn().scalar(LAST, values![after, limit]).await?;
    let Some(last) = last.flatten() else { return Ok(GlLinePage { items: Vec::new(), next: after.to_string() }) };
    let items = ctx.conn().rows(LINES, values![after, last]).await?;
    Ok(GlLinePage { items, next: last.to_string() })
}
