//! 业务: postings with the rows that they wrote into each book.
use linli_kernel::{
    AccountId, BankAccountId, Date, FundAccountId, HouseId, Money, Page, PageQuery, PostingId, Problem, ProjectId, Timestamp,
};
use linli_runtime::{Sql, values};
use linli_tenants::Ctx;
use sea_orm::{ColumnTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{Bucket, bulk, model::posting, perm};

/// A posting (业务事件).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PostingView {
    pub id: PostingId,
    /// 业务号.
    #[schema(example = "20261203010000017")]
    pub posting_no: String,
    #[schema(example = "MF14")]
    pub code: String,
    #[schema(example = "01")]
    pub pool_code: String,
    /// `posted`, or `reversed` once another posting took it back.
    #[schema(example = "posted")]
    pub state: String,
    /// Day of the books.
    pub accounting_on: Date,
    /// 起息日期.
    pub value_date: Date,
    /// 到账日期.
    pub bank_date: Option<Date>,
    pub amount: Money,
    /// Number of fund entries.
    #[schema(example = 118)]
    pub lines: i64,
    /// The first of the entries (the list has none, the item at most 1,000; an account's own feed has all).
    pub fund_lines: Vec<PostingFundLine>,
    /// Lines of the general ledger (item only).
    pub gl_lines: Vec<PostingGlLine>,
    #[schema(example = "fund.payment")]
    pub subject_kind: String,
    pub subject_id: Uuid,
    #[schema(example = "37990020261117000001X")]
    pub subject_no: Option<String>,
    pub project_id: Option<ProjectId>,
    pub maker: Option<AccountId>,
    pub checker: Option<AccountId>,
    /// The posting that this one takes back.
    pub reverses_id: Option<PostingId>,
    /// The posting that took this one back.
    pub reversed_by_id: Option<PostingId>,
    /// Why it was taken back.
    pub reason: Option<String>,
    /// 凭证号, once the numbering step was there.
    #[schema(example = "SP01-付-202612-000003")]
    pub voucher_no: Option<String>,
    pub posted_at: Timestamp,
}

/// One movement of a fund account.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize, Deserialize, ToSchema)]
pub struct PostingFundLine {
    pub fund_account_id: FundAccountId,
    pub house_id: Option<HouseId>,
    #[schema(example = 1)]
    pub seq: i64,
    pub bucket: Bucket,
    pub amount: Money,
    pub balance_after: Money,
    #[schema(example = "1号楼电梯大修 预付款")]
    pub summary: String,
}

/// One line of the general ledger.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize, Deserialize, ToSchema)]
pub struct PostingGlLine {
    #[schema(example = 1)]
    pub line: i64,
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

/// Filters of the list.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PostingQuery {
    /// Only this code.
    pub code: Option<String>,
    /// Only postings of this deposit, payment or other subject.
    pub subject_id: Option<Uuid>,
    /// Only postings of this project.
    pub project_id: Option<ProjectId>,
    /// Only the posting of this number.
    pub posting_no: Option<String>,
    /// Page number, from 1.
    pub page: Option<u64>,
    /// Rows a page, at most 200.
    pub page_size: Option<u64>,
}

pub async fn postings(ctx: &Ctx, query: PostingQuery) -> Result<Page<PostingView>, Problem> {
    ctx.require(perm::POSTING_READ)?;
    use posting::Column as C;
    let mut select = ctx.select::<posting::Entity>().order_by_desc(C::Serial);
    if let Some(code) = &query.code {
        select = select.filter(C::Code.eq(code.as_str()));
    }
    if let Some(id) = query.subject_id {
        select = select.filter(C::SubjectId.eq(id));
    }
    if let Some(id) = query.project_id {
        select = select.filter(C::ProjectId.eq(id));
    }
    if let Some(no) = &query.posting_no {
        select = select.filter(C::PostingNo.eq(no.as_str()));
    }
    let page = PageQuery { page: query.page, page_size: query.page_size };
    let total = select.clone().limit(10_001).count(ctx.conn()).await?;
    let rows = select.limit(page.limit()).offset(page.offset()).all(ctx.conn()).await?;
    Ok(Page::new(views(ctx, rows).await?, total as i64))
}

pub async fn posting(ctx: &Ctx, id: PostingId) -> Result<PostingView, Problem> {
    ctx.require(perm::POSTING_READ)?;
    let row = ctx.select::<posting::Entity>().filter(posting::Column::Id.eq(id)).one(ctx.conn()).await?;
    let mut views = views(ctx, vec![row.ok_or_else(Problem::not_found)?]).await?;
    let mut view = views.pop().ok_or_else(Problem::not_found)?;
    view.fund_lines = ctx.conn().rows(FUND_LINES, values![id]).await?;
    view.gl_lines = ctx.conn().rows(GL_LINES, values![id]).await?;
    Ok(view)
}

const FUND_LINES: &str = "select fund_account_id, house_id, seq, bucket, amount, balance_after, summary from fund_entry
                          where posting_id = $1 order by line limit 1000";
const GL_LINES: &str = "select line, account_code, project_id, bank_account_id, holder_kind, debit, credit, summary from gl_line
                        where posting_id = $1 order by line limit 1000";

#[derive(FromQueryResult)]
struct Later {
    id: PostingId,
    voucher_no: Option<String>,
    reversed_by_id: Option<PostingId>,
}

/// What came later stands in other rows: the voucher's number and the reversal.
async fn views(ctx: &Ctx, rows: Vec<posting::Model>) -> Result<Vec<PostingView>, Problem> {
    let (source, ids) = bulk::ids(bulk::backend_of(ctx.conn()), rows.iter().map(|p| p.id.into()), 1);
    let text = format!(
        "select p.id, v.no as voucher_no, r.id as reversed_by_id from posting p left join voucher v on v.posting_id = p.id
         left join posting r on r.reverses_id = p.id where p.id in ({source})"
    );
    let later: Vec<Later> = ctx.conn().rows(&text, ids).await?;
    let mut later: std::collections::HashMap<PostingId, Later> = later.into_iter().map(|l| (l.id, l)).collect();
    let views = rows.into_iter().map(|p| {
        let (voucher_no, reversed_by_id) = later.remove(&p.id).map_or((None, None), |l| (l.voucher_no, l.reversed_by_id));
        PostingView {
            state: if reversed_by_id.is_some() { "reversed" } else { "posted" }.to_owned(),
            voucher_no,
            reversed_by_id,
            fund_lines: Vec::new(),
            gl_lines: Vec::new(),
            id: p.id,
            posting_no: p.posting_no,
            code: p.code,
            pool_code: p.pool_code,
            accounting_on: p.accounting_on,
            value_date: p.value_date,
            bank_date: p.bank_date,
            amount: p.amount,
            lines: p.lines,
            subject_kind: p.subject_kind,
            subject_id: p.subject_id,
            subject_no: p.subject_no,
            project_id: p.project_id,
            maker: p.maker,
            checker: p.checker,
            reverses_id: p.reverses_id,
            reason: p.reason,
            posted_at: p.posted_at,
        }
    });
    Ok(views.collect())
}
