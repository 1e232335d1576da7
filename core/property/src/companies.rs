//! 单位: all organisations with a 统一社会信用代码. A division sees those that are registered or serve in it.
use linli_kernel::{CompanyId, Invalid, Page, Problem, Timestamp, check, mask};
use linli_runtime::{Change, Key, ScopeIds, Sql, Tx, values};
use linli_tenants::Ctx;
use sea_orm::{ActiveEnum, ConnectionTrait};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    area_in_scope, list,
    model::{CompanyState, Origin, company_area},
    perm,
};

/// 企业类型, the dictionary `trade`.
pub const TRADES: [&str; 11] =
    ["property", "developer", "agency", "contractor", "supervisor", "cost_auditor", "appraiser", "bank", "seller", "facility", "assessor"];

#[derive(Debug, linli_macros::Problem)]
pub enum CompanyError {
    #[problem(409, "company.uscc_taken", zh = "该统一社会信用代码已登记", en = "A company with this USCC is registered already")]
    UsccTaken,
}

/// Register a company (企业信息登记).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCompany {
    #[schema(example = "滨城物业服务有限公司")]
    pub name: String,
    /// 统一社会信用代码 with its check character.
    #[schema(example = "91379901MA3EXAMPL5")]
    pub uscc: String,
    /// Codes of the dictionary `trade`.
    #[schema(example = json!(["property"]))]
    pub trades: Vec<String>,
    pub origin: Origin,
    /// 法定代表人; kept encrypted, shown masked.
    #[schema(example = "周建国")]
    pub legal_rep: Option<String>,
    /// Where it is registered, 12 digits.
    #[schema(example = "379901000000")]
    pub area_code: String,
}

/// A company.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CompanyView {
    pub id: CompanyId,
    #[schema(example = "滨城物业服务有限公司")]
    pub name: String,
    #[schema(example = "91379901MA3EXAMPL5")]
    pub uscc: String,
    #[schema(example = json!(["property"]))]
    pub trades: Vec<String>,
    pub origin: Origin,
    /// Masked: `周**`.
    #[schema(example = "周**")]
    pub legal_rep: Option<String>,
    #[schema(example = "379901000000")]
    pub area_code: String,
    pub state: CompanyState,
    pub version: i64,
    pub created_at: Timestamp,
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: CompanyId,
    name: String,
    uscc: String,
    trades: String,
    origin: Origin,
    legal_rep_masked: Option<String>,
    area_code: String,
    state: CompanyState,
    version: i64,
    created_at: Timestamp,
}

impl From<Row> for CompanyView {
    fn from(row: Row) -> CompanyView {
        CompanyView {
            id: row.id,
            name: row.name,
            uscc: row.uscc,
            trades: serde_json::from_str(&row.trades).unwrap_or_default(),
            origin: row.origin,
            legal_rep: row.legal_rep_masked,
            area_code: row.area_code,
            state: row.state,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

const COLUMNS: &str = "c.id, c.name, c.uscc, c.trades, c.origin, c.legal_rep_masked, c.area_code, c.state, c.version, c.created_at";
const INSERT: &str = "insert into company (id, name, uscc, legal_rep_sealed, legal_rep_masked, origin, trades, area_code, area_path, state,
                        version, created_at, created_by)
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12) on conflict (uscc) do nothing";
const AREA: &str = "insert into company_area (company_id, area_path) values ($1, $2) on conflict do nothing";

/// `from company c where …`: what the actor's divisions, or his own company, let him see.
fn visible(ctx: &Ctx) -> String {
    let seen = ctx.predicate::<company_area::Entity>("a");
    format!("from company c where exists (select 1 from company_area a where a.company_id = c.id and {seen})")
}

/// Guards: the code checks and is new; the area lies in the actor's. Effect: state `registered`, visible to its division.
pub async fn create(ctx: &Ctx, key: &Key, cmd: CreateCompany) -> Result<CompanyView, Problem> {
    ctx.require(perm::COMPANY_CREATE)?;
    let mut invalid = Invalid::new();
    invalid.text("/name", &cmd.name, 200);
    match check::uscc(&cmd.uscc) {
        Ok(()) => {}
        Err(check::UsccFault::Form) => {
            invalid.add(
                "/uscc",
                "property.company.uscc_invalid",
                "统一社会信用代码须为18位，且不含字母I、O、S、V、Z",
                "A USCC has 18 characters without I, O, S, V, Z",
            );
        }
        Err(check::UsccFault::Check) => {
            invalid.add(
                "/uscc",
                "property.company.uscc_invalid",
                "统一社会信用代码的校验位不对",
                "The check character of the USCC is wrong",
            );
        }
    }
    invalid.check(!cmd.trades.is_empty(), "/trades", "required", "请至少选一个企业类型", "At least one trade");
    for (n, trade) in cmd.trades.iter().enumerate() {
        invalid.check(
            TRADES.contains(&trade.as_str()),
            &format!("/trades/{n}"),
            "format",
            "企业类型不在字典之内",
            "Not a code of the dictionary trade",
        );
    }
    if let Some(rep) = &cmd.legal_rep {
        invalid.text("/legal_rep", rep, 100);
    }
    invalid.done()?;
    ctx.tx("property.company.create", key, async |tx| {
        let area = area_in_scope(ctx, tx, &cmd.area_code, None).await?;
        let id = CompanyId::new();
        let cipher = ctx.tenant.cipher();
        let rep = cmd.legal_rep.as_deref().map(str::trim);
        let row = values![
            id,
            cmd.name.trim(),
            cmd.uscc.as_str(),
            rep.map(|r| cipher.seal(r)),
            rep.map(mask::name),
            cmd.origin.to_value(),
            serde_json::to_string(&cmd.trades).map_err(Problem::internal)?,
            area.code.as_str(),
            area.path.as_str(),
            CompanyState::Registered.to_value(),
            tx.now(),
            tx.author().account,
        ];
        if tx.conn().exec(INSERT, row).await? == 0 {
            return Err(CompanyError::UsccTaken.into());
        }
        serve(tx, id, &area.path).await?;
        let scope = ScopeIds { area_path: Some(area.path.clone()), company_id: Some(id), ..ScopeIds::default() };
        tx.event(
            Change::new("property.company.created", "property.company", id)
                .scope(scope)
                .data("code", &cmd.uscc)
                .data("state", CompanyState::Registered),
        )
        .await?;
        get(ctx, tx.conn(), id).await
    })
    .await
}

/// From now on the division sees the company.
pub(crate) async fn serve(tx: &Tx, id: CompanyId, area_path: &str) -> Result<(), Problem> {
    tx.conn().exec(AREA, values![id, area_path]).await.map(|_| ())
}

/// The company for those who read companies.
pub async fn read(ctx: &Ctx, id: CompanyId) -> Result<CompanyView, Problem> {
    ctx.require(perm::COMPANY_READ)?;
    get(ctx, ctx.conn(), id).await
}

/// The company, if it lies in the actor's scope.
pub async fn get(ctx: &Ctx, conn: &impl ConnectionTrait, id: CompanyId) -> Result<CompanyView, Problem> {
    let sql = format!("select {COLUMNS} {} and c.id = $1", visible(ctx));
    let row: Option<Row> = conn.row(&sql, values![id]).await?;
    row.map(CompanyView::from).ok_or_else(Problem::not_found)
}

/// `?trade=` and `?q=` (part of the name, or the whole code).
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CompanyQuery {
    /// A code of the dictionary `trade`.
    pub trade: Option<String>,
    /// Part of the name, or the whole USCC.
    pub q: Option<String>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

pub async fn find(ctx: &Ctx, query: CompanyQuery) -> Result<Page<CompanyView>, Problem> {
    ctx.require(perm::COMPANY_READ)?;
    let mut from = visible(ctx);
    let mut values = Vec::new();
    if let Some(trade) = query.trade {
        values.push(format!("%\"{}\"%", trade.replace(['%', '_'], "")).into());
        from.push_str(&format!(" and c.trades like ${}", values.len()));
    }
    if let Some(q) = query.q.filter(|q| !q.trim().is_empty()) {
        values.push(format!("%{}%", q.trim().replace(['%', '_'], "")).into());
        values.push(q.trim().into());
        from.push_str(&format!(" and (c.name like ${} or c.uscc = ${})", values.len() - 1, values.len()));
    }
    let page = list::page::<Row>(ctx.conn(), COLUMNS, &from, "c.uscc", values, &list::paging(query.page, query.page_size)).await?;
    Ok(page.map(CompanyView::from))
}
