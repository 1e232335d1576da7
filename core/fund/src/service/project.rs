//! 小区资金设置: the pool and the bank account of a project; its sums come from the ledger.
use linli_kernel::{Area, BankAccountId, Money, Page, PageQuery, Problem, ProjectId};
use linli_ledger::{
    model::{bank_account, bank_account::BankState},
    sums,
};
use linli_property::model::project;
use linli_runtime::{Change, Key, ScopeIds, Sql, values};
use linli_tenants::Ctx;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::FundError,
    list,
    model::{FundState, Management, fund_project},
    perm,
};

/// Register the fund of a project (登记小区维修资金).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateFundProject {
    pub project_id: ProjectId,
    /// Two digits.
    #[schema(example = "01")]
    pub pool_code: String,
    /// Where its money lies.
    pub bank_account_id: BankAccountId,
    pub management: Management,
}

/// 小区资金 with its sums.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FundProjectView {
    pub project_id: ProjectId,
    #[schema(example = "379901200012")]
    pub project_code: String,
    #[schema(example = "悦海花园")]
    pub project_name: String,
    #[schema(example = "01")]
    pub pool_code: String,
    pub bank_account_id: BankAccountId,
    pub management: Management,
    pub state: FundState,
    /// Houses that count for the fund.
    #[schema(example = 210)]
    pub houses: i64,
    pub area: Area,
    /// 首期应交额.
    pub first_due: Money,
    pub deposited: Money,
    pub balance: Money,
    pub held: Money,
    pub available: Money,
    pub version: i64,
}

const DUES: &str = "select count(*) as houses, cast(coalesce(sum(area), 0) as bigint) as area,
                      cast(coalesce(sum(due), 0) as bigint) as due
                    from fund_house where project_id = $1";

#[derive(Default, sea_orm::FromQueryResult)]
struct Dues {
    houses: i64,
    area: Area,
    due: Money,
}

/// The view of a row that was found in scope.
pub(crate) async fn view(conn: &impl ConnectionTrait, row: &fund_project::Model) -> Result<FundProjectView, Problem> {
    let dues: Dues = conn.row(DUES, values![row.project_id]).await?.unwrap_or_default();
    let sums = sums::project(conn, row.project_id).await?;
    Ok(FundProjectView {
        project_id: row.project_id,
        project_code: row.project_code.clone(),
        project_name: row.project_name.clone(),
        pool_code: row.pool_code.clone(),
        bank_account_id: row.bank_account_id,
        management: row.management,
        state: row.state,
        houses: dues.houses,
        area: dues.area,
        first_due: dues.due,
        deposited: sums.deposited,
        balance: sums.balance,
        held: sums.held,
        available: sums.available,
        version: row.version,
    })
}

/// The city's bank account, if it is open and of the pool. It belongs to the city, so a district's clerk names it too.
pub(crate) async fn bank_of(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    id: BankAccountId,
    pool_code: &str,
) -> Result<bank_account::Model, Problem> {
    let select = ctx.unscoped::<bank_account::Entity>("a bank account belongs to the city");
    let found = select.filter(bank_account::Column::Id.eq(id)).one(conn).await?;
    found.filter(|b| b.state == BankState::Open && b.pool_code == pool_code).ok_or_else(|| FundError::BankAccount.into())
}

/// Guards: the project is in scope and has no fund yet; the bank account is open and of the pool. Effect: `registered`.
pub async fn create(ctx: &Ctx, key: &Key, cmd: CreateFundProject) -> Result<FundProjectView, Problem> {
    ctx.require(perm::PROJECT_CREATE)?;
    ctx.tx("fund.project.create", key, async |tx| {
        let project = ctx.lock::<project::Entity>(tx, cmd.project_id).await?;
        if fund_project::Entity::find_by_id(project.id).one(tx.conn()).await?.is_some() {
            return Err(FundError::ProjectExists.into());
        }
        let bank = bank_of(ctx, tx.conn(), cmd.bank_account_id, &cmd.pool_code).await?;
        let row = fund_project::Model {
            project_id: project.id,
            project_code: project.code,
            project_name: project.name,
            pool_code: cmd.pool_code.clone(),
            bank_account_id: bank.id,
            management: cmd.management,
            state: FundState::Registered,
            area_path: project.area_path,
            company_id: project.company_id,
            created_by: tx.author().account,
            created_at: tx.now(),
            version: 1,
        };
        let row = row.into_active_model().insert(tx.conn()).await?;
        let scope = scope_of(&row);
        let change = Change::new("fund.project.created", "fund.project", row.project_id).scope(scope);
        tx.event(change.data("code", &row.project_code).state(None::<FundState>, row.state)).await?;
        view(tx.conn(), &row).await
    })
    .await
}

pub(crate) fn scope_of(row: &fund_project::Model) -> ScopeIds {
    ScopeIds { area_path: Some(row.area_path.clone()), company_id: row.company_id, project_id: Some(row.project_id), ..ScopeIds::default() }
}

/// A project's fund in the actor's scope.
pub async fn get(ctx: &Ctx, id: ProjectId) -> Result<FundProjectView, Problem> {
    ctx.require(perm::PROJECT_READ)?;
    let row = ctx.get::<fund_project::Entity>(ctx.conn(), id).await?;
    view(ctx.conn(), &row).await
}

/// Projects with a fund in the actor's scope.
pub async fn find(ctx: &Ctx, query: &PageQuery) -> Result<Page<FundProjectView>, Problem> {
    ctx.require(perm::PROJECT_READ)?;
    let page = list::page::<fund_project::Entity>(ctx, "", Vec::new(), "t.project_code", query).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        items.push(view(ctx.conn(), row).await?);
    }
    Ok(Page { items, total: page.total, total_is_lower_bound: page.total_is_lower_bound })
}
