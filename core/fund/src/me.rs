//! What an owner sees of his own: houses with their accounts, and the works that he pays for.
use linli_kernel::{Area, FundAccountId, HouseId, Money, Page, PageQuery, Problem, ProjectId, Timestamp, UseId};
use linli_ledger::{
    accounts,
    query::{EntryQuery, entries_file},
};
use linli_plugins::PluginRef;
use linli_property::houses;
use linli_runtime::{Sql, sheet::SheetFormat, values};
use linli_tenants::Ctx;
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    allocation::RuleBrief,
    list,
    model::{fund_house, fund_share, fund_use},
    shares::{self, ShareView},
    use_state::UseState,
    use_view::project_of,
};

/// 分户账 of a house.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MyAccount {
    pub id: FundAccountId,
    #[schema(example = "W37990100000000011")]
    pub account_no: String,
    pub principal: Money,
    pub income: Money,
    pub balance: Money,
    pub held: Money,
    pub available: Money,
}

/// 我的房屋.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MyHouse {
    pub house_id: HouseId,
    #[schema(example = "379901200012001000013")]
    pub code: String,
    pub project_id: ProjectId,
    #[schema(example = "悦海花园")]
    pub project_name: String,
    #[schema(example = "1")]
    pub building_name: String,
    #[schema(example = "1")]
    pub unit_name: String,
    #[schema(example = 3)]
    pub floor: i64,
    #[schema(example = "0301")]
    pub room: String,
    pub area: Area,
    /// 首期应交额; none where the house is excluded from the fund.
    pub first_due: Option<Money>,
    pub fund_account: Option<MyAccount>,
}

#[derive(sea_orm::FromQueryResult)]
struct Bound {
    house_id: HouseId,
}

const BOUND: &str = "select distinct house_id from bound_house
                     where account_id = $1 and from_on <= $2 and (until_on is null or until_on > $2) order by house_id limit $3 offset $4";
const BOUND_COUNT: &str = "select count(*) as v from (select distinct house_id from bound_house
                     where account_id = $1 and from_on <= $2 and (until_on is null or until_on > $2) limit 10001) t";

/// The houses bound to the signed-in person today.
pub async fn my_houses(ctx: &Ctx, query: &PageQuery) -> Result<Page<MyHouse>, Problem> {
    let account = ctx.account()?;
    let rows = values![account, ctx.today(), query.limit() as i64, query.offset() as i64];
    let bound: Vec<Bound> = ctx.conn().rows(BOUND, rows).await?;
    let counted: Option<i64> = ctx.conn().scalar(BOUND_COUNT, values![account, ctx.today()]).await?;
    let ids: Vec<HouseId> = bound.iter().map(|b| b.house_id).collect();
    let mut items = Vec::with_capacity(ids.len());
    let accounts = accounts::of_houses(ctx.conn(), &ids).await?;
    let mut briefs = houses::briefs(ctx.conn(), &ids).await?;
    briefs.sort_by(|a, b| a.code.cmp(&b.code));
    for house in briefs {
        let fund = fund_house::Entity::find_by_id(house.id).one(ctx.conn()).await?;
        let account = accounts.iter().find(|a| a.house_id == Some(house.id));
        let project_name = match &fund {
            Some(fund) => project_of(ctx, ctx.conn(), fund.project_id).await?.project_name,
            None => String::new(),
        };
        items.push(MyHouse {
            house_id: house.id,
            code: house.code,
            project_id: house.project_id,
            project_name,
            building_name: house.building_name,
            unit_name: house.unit_name,
            floor: house.floor,
            room: house.room,
            area: house.area,
            first_due: fund.map(|f| f.due),
            fund_account: account.map(|a| MyAccount {
                id: a.id,
                account_no: a.account_no.clone(),
                principal: a.principal,
                income: a.income,
                balance: a.balance(),
                held: a.held,
                available: a.available(),
            }),
        });
    }
    Ok(Page::new(items, counted.unwrap_or(0)))
}

/// 我出资的维修: a work with the share of one of my houses and how it came about.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MyWork {
    pub use_id: UseId,
    #[schema(example = "37990020261116000001K")]
    pub no: String,
    #[schema(example = "1号楼电梯大修")]
    pub title: String,
    #[schema(example = "lift")]
    pub part: String,
    pub state: UseState,
    pub budget: Money,
    pub audited_amount: Option<Money>,
    /// Houses that share.
    #[schema(example = 72)]
    pub houses: i64,
    pub share: ShareView,
    /// The rule of the first item.
    pub plugin: Option<PluginRef>,
    /// What the rules say about the shares, in Chinese.
    pub explained: Vec<String>,
    pub created_at: Timestamp,
}

/// The works that houses of mine share in, newest first.
pub async fn my_works(ctx: &Ctx, query: &PageQuery) -> Result<Page<MyWork>, Problem> {
    ctx.account()?;
    const MINE: &str = " and exists (select 1 from fund_use u where u.id = t.use_id and u.scheme_round = t.round)
        and t.house_id in (select b.house_id from bound_house b where b.account_id = $1 and b.from_on <= $2 and (b.until_on is null or b.until_on > $2))";
    let page =
        list::page::<fund_share::Entity>(ctx, MINE, values![ctx.account()?, ctx.today()], "t.use_id desc, t.house_code", query).await?;
    let mut items = Vec::with_capacity(page.items.len());
    for row in &page.items {
        let use_ = fund_use::Entity::find_by_id(row.use_id).one(ctx.conn()).await?.ok_or_else(Problem::not_found)?;
        let rules = shares::rules_of(ctx.conn(), &use_).await?;
        let rules: Vec<&RuleBrief> = rules.values().collect();
        items.push(MyWork {
            use_id: use_.id,
            no: use_.no.clone(),
            title: use_.title.clone(),
            part: use_.part.clone(),
            state: use_.state,
            budget: use_.budget,
            audited_amount: Some(use_.audited_amount).filter(|a| a.is_positive()),
            houses: use_.houses,
            share: ShareView::of_row(row)?,
            plugin: rules.first().map(|r| r.plugin.clone()),
            explained: rules.iter().flat_map(|r| r.lines.iter().map(|l| l.zh.clone())).collect(),
            created_at: use_.created_at,
        });
    }
    Ok(Page { items, total: page.total, total_is_lower_bound: page.total_is_lower_bound })
}

/// 分户对账单: the household's ledger as a spreadsheet, with the formula of each share.
pub async fn my_statement(ctx: &Ctx, id: HouseId) -> Result<Vec<u8>, Problem> {
    ctx.account()?;
    let fund = ctx.get::<fund_house::Entity>(ctx.conn(), id).await?;
    let all = EntryQuery { after: None, limit: None };
    Ok(entries_file(ctx, fund.fund_account_id, all, SheetFormat::Xlsx).await?.bytes)
}
