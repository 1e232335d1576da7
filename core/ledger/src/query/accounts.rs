//! 分户账: an account and its statement, as its owner and the fund office read it.
use linli_kernel::{BuildingId, Date, FundAccountId, HouseId, Money, Page, PageQuery, Problem, ProjectId};
use linli_runtime::{
    Sql,
    sheet::{Sheet, SheetFormat},
    values,
};
use linli_tenants::Ctx;
use sea_orm::{ColumnTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::{
    AccountKind, AccountState, Bucket,
    model::{FundAccount, fund_account},
    perm,
};

/// A fund account (资金账户).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FundAccountView {
    pub id: FundAccountId,
    /// `W` + city + pool + serial + check digit.
    #[schema(example = "W37990100000000011")]
    pub account_no: String,
    #[schema(example = "01")]
    pub pool_code: String,
    pub kind: AccountKind,
    pub state: AccountState,
    pub house_id: Option<HouseId>,
    pub building_id: Option<BuildingId>,
    pub project_id: Option<ProjectId>,
    /// 本金.
    pub principal: Money,
    /// 收益.
    pub income: Money,
    /// Principal and income.
    pub balance: Money,
    /// Active holds.
    pub held: Money,
    /// `balance` − `held`.
    pub available: Money,
    pub opened_on: Date,
}

impl From<FundAccount> for FundAccountView {
    fn from(row: FundAccount) -> Self {
        FundAccountView {
            balance: row.balance(),
            available: row.available(),
            id: row.id,
            account_no: row.account_no,
            pool_code: row.pool_code,
            kind: row.kind,
            state: row.state,
            house_id: row.house_id,
            building_id: row.building_id,
            project_id: row.project_id,
            principal: row.principal,
            income: row.income,
            held: row.held,
            opened_on: row.opened_on,
        }
    }
}

/// Filters of the list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountQuery {
    /// Only accounts of this project.
    pub project_id: Option<ProjectId>,
    /// Only accounts of this building.
    pub building_id: Option<BuildingId>,
    /// Only accounts of this house.
    pub house_id: Option<HouseId>,
    /// Only this kind.
    pub kind: Option<AccountKind>,
    /// Only the account of this number.
    pub account_no: Option<String>,
    /// Page number, from 1.
    pub page: Option<u64>,
    /// Rows a page, at most 200.
    pub page_size: Option<u64>,
}

pub async fn accounts(ctx: &Ctx, query: AccountQuery) -> Result<Page<FundAccountView>, Problem> {
    ctx.require(perm::FUND_ACCOUNT_READ)?;
    use fund_account::Column as C;
    let mut select = ctx.select::<fund_account::Entity>().order_by_asc(C::AccountNo);
    if let Some(id) = query.project_id {
        select = select.filter(C::ProjectId.eq(id));
    }
    if let Some(id) = query.building_id {
        select = select.filter(C::BuildingId.eq(id));
    }
    if let Some(id) = query.house_id {
        select = select.filter(C::HouseId.eq(id));
    }
    if let Some(kind) = query.kind {
        select = select.filter(C::Kind.eq(kind));
    }
    if let Some(no) = &query.account_no {
        select = select.filter(C::AccountNo.eq(no.as_str()));
    }
    let page = PageQuery { page: query.page, page_size: query.page_size };
    let total = select.clone().limit(10_001).count(ctx.conn()).await?;
    let rows = select.limit(page.limit()).offset(page.offset()).all(ctx.conn()).await?;
    Ok(Page::new(rows.into_iter().map(FundAccountView::from).collect(), total as i64))
}

pub async fn account(ctx: &Ctx, id: FundAccountId) -> Result<FundAccountView, Problem> {
    ctx.require(perm::FUND_ACCOUNT_READ)?;
    Ok(ctx.get::<fund_account::Entity>(ctx.conn(), id).await?.into())
}

/// One line of an account's statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FundEntryView {
    /// Number in the account, from 1 without a gap.
    #[schema(example = 1)]
    pub seq: i64,
    /// 业务号.
    #[schema(example = "20261203010000017")]
    pub posting_no: String,
    /// Posting code.
    #[schema(example = "MF14")]
    pub code: String,
    pub bucket: Bucket,
    /// Plus a credit, minus a debit.
    #[schema(example = "-1562.31")]
    pub amount: Money,
    /// Of the bucket, after this line.
    pub balance_after: Money,
    pub value_date: Date,
    pub bank_date: Option<Date>,
    #[schema(example = "1号楼电梯大修 预付款")]
    pub summary: String,
    /// Number of the deposit or use.
    #[schema(example = "37990020261117000001X")]
    pub subject_no: Option<String>,
    /// How a share came about: cost, weight, weight_total, floor, remainder, fen_added, share, plugin.
    #[schema(value_type = Option<Object>)]
    pub formula: Option<Value>,
}

/// A page of the feed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EntryPage {
    pub items: Vec<FundEntryView>,
    /// Give it as `after` to go on; opaque.
    #[schema(example = "12")]
    pub next: String,
}

/// Where the feed goes on.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EntryQuery {
    /// `0` begins; else the `next` of the page before.
    #[param(example = "0")]
    pub after: Option<String>,
    /// Lines a page, at most 1,000.
    #[param(minimum = 1, maximum = 1000, example = 200)]
    pub limit: Option<u64>,
}

pub(super) fn cursor(after: Option<&str>) -> Result<i64, Problem> {
    let invalid = || Problem::new(422, "feed.after_invalid", "游标无效，请从 after=0 开始", "The cursor is invalid; begin with after=0");
    after.map_or(Ok(0), |a| a.parse::<i64>().ok().filter(|n| *n >= 0).ok_or_else(invalid))
}

#[derive(FromQueryResult)]
struct EntryRow {
    seq: i64,
    posting_no: String,
    code: String,
    bucket: Bucket,
    amount: Money,
    balance_after: Money,
    value_date: Date,
    bank_date: Option<Date>,
    summary: String,
    subject_no: Option<String>,
    formula: Option<String>,
}

const ENTRIES: &str = "select e.seq, p.posting_no, p.code, e.bucket, e.amount, e.balance_after, p.value_date, p.bank_date, e.summary,
                         p.subject_no, e.formula
                       from fund_entry e join posting p on p.id = e.posting_id
                       where e.fund_account_id = $1 and e.seq > $2 order by e.seq limit $3";

/// The account's lines after a point, in order; another owner's account is a 404.
pub async fn entries(ctx: &Ctx, id: FundAccountId, query: EntryQuery) -> Result<EntryPage, Problem> {
    ctx.require(perm::FUND_ACCOUNT_READ)?;
    let account = ctx.get::<fund_account::Entity>(ctx.conn(), id).await?;
    let after = cursor(query.after.as_deref())?;
    let limit = query.limit.unwrap_or(200).clamp(1, 1_000) as i64;
    let items = read(ctx, &account, after, limit).await?;
    let next = items.last().map_or(after, |e| e.seq);
    Ok(EntryPage { items, next: next.to_string() })
}

async fn read(ctx: &Ctx, account: &FundAccount, after: i64, limit: i64) -> Result<Vec<FundEntryView>, Problem> {
    let rows: Vec<EntryRow> = ctx.conn().rows(ENTRIES, values![account.id, after, limit]).await?;
    rows.into_iter()
        .map(|e| {
            Ok(FundEntryView {
                seq: e.seq,
                posting_no: e.posting_no,
                code: e.code,
                bucket: e.bucket,
                amount: e.amount,
                balance_after: e.balance_after,
                value_date: e.value_date,
                bank_date: e.bank_date,
                summary: e.summary,
                subject_no: e.subject_no,
                formula: e.formula.map(|f| serde_json::from_str(&f)).transpose().map_err(Problem::internal)?,
            })
        })
        .collect()
}

/// A statement as a file.
#[derive(Clone, Debug)]
pub struct EntryFormat {
    pub format: SheetFormat,
    pub name: String,
    pub bytes: Vec<u8>,
}

const HEADER: [&str; 13] = [
    "序号",
    "业务号",
    "业务代码",
    "账目",
    "金额",
    "账目余额",
    "起息日期",
    "到账日期",
    "摘要",
    "受理编号",
    "费用总额",
    "权重/总权重",
    "本户应分摊",
];

/// The whole statement as CSV or XLSX, from `after` on.
pub async fn entries_file(ctx: &Ctx, id: FundAccountId, query: EntryQuery, format: SheetFormat) -> Result<EntryFormat, Problem> {
    ctx.require(perm::FUND_ACCOUNT_READ)?;
    let account = ctx.get::<fund_account::Entity>(ctx.conn(), id).await?;
    let mut sheet = Sheet::new(format, &account.account_no, &HEADER)?;
    let mut after = cursor(query.after.as_deref())?;
    loop {
        let items = read(ctx, &account, after, 1_000).await?;
        let Some(last) = items.last() else { break };
        after = last.seq;
        for e in &items {
            let of = |key: &str| match e.formula.as_ref().and_then(|f| f.get(key)) {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => String::new(),
            };
            let weight = if e.formula.is_some() { format!("{}/{}", of("weight"), of("weight_total")) } else { String::new() };
            let bucket = match e.bucket {
                Bucket::Principal => "本金",
                Bucket::Income => "收益",
            };
            sheet.row(&[
                e.seq.to_string(),
                e.posting_no.clone(),
                e.code.clone(),
                bucket.to_owned(),
                e.amount.to_string(),
                e.balance_after.to_string(),
                e.value_date.to_string(),
                e.bank_date.map(|d| d.to_string()).unwrap_or_default(),
                e.summary.clone(),
                e.subject_no.clone().unwrap_or_default(),
                of("cost"),
                weight,
                of("share"),
            ])?;
        }
    }
    Ok(EntryFormat { format, name: format!("{}.{}", account.account_no, format.extension()), bytes: sheet.finish()? })
}
