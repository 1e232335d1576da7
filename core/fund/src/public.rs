//! What everybody may read of uses, without signing in: no name, no figure of a single house.
use linli_kernel::{Date, Money, Page, Problem, ProjectId, UseId};
use linli_runtime::{Sql, values};
use linli_tenants::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{list::paging, model::UseKind, use_state::UseState};

/// 维修资金使用 as everybody sees it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, sea_orm::FromQueryResult)]
pub struct PublicUse {
    pub id: UseId,
    #[schema(example = "37990020261116000001K")]
    pub no: String,
    pub project_id: ProjectId,
    #[schema(example = "悦海花园")]
    pub project_name: String,
    pub kind: UseKind,
    #[schema(example = "1号楼电梯大修")]
    pub title: String,
    /// Code of the dictionary `shared_part`.
    #[schema(example = "lift")]
    pub part: String,
    pub state: UseState,
    pub budget: Money,
    pub contract_amount: Money,
    pub paid: Money,
    pub audited_amount: Money,
    /// Houses that share.
    #[schema(example = 72)]
    pub houses: i64,
    #[schema(example = "华东电梯工程有限公司")]
    pub contractor_name: Option<String>,
    pub surveyed_on: Option<Date>,
    pub filed_on: Option<Date>,
    pub signed_on: Option<Date>,
    pub started_on: Option<Date>,
    pub completed_on: Option<Date>,
    pub accepted_on: Option<Date>,
    pub settled_on: Option<Date>,
}

/// What the public list is narrowed by.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PublicUseQuery {
    pub project_id: Option<ProjectId>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

// A use is public from its publicity on, and stays so: also when it was rejected or terminated after that.
const FROM: &str = "from fund_use u join fund_project p on p.project_id = u.project_id
                    where u.publicity_id is not null and ($1 = 0 or u.project_id = $2)";
const COLUMNS: &str = "u.id, u.no, u.project_id, p.project_name, u.kind, u.title, u.part, u.state, u.budget, u.contract_amount, u.paid,
                       u.audited_amount, u.houses, u.contractor_name, u.surveyed_on, u.filed_on, u.signed_on, u.started_on, u.completed_on,
                       u.accepted_on, u.settled_on";

/// Uses that were made public, newest first.
pub async fn find(ctx: &Ctx, query: PublicUseQuery) -> Result<Page<PublicUse>, Problem> {
    let page = paging(query.page, query.page_size);
    let given = i64::from(query.project_id.is_some());
    let project = query.project_id.unwrap_or(ProjectId(uuid::Uuid::nil()));
    let count = format!("select count(*) as v from (select 1 as one {FROM} limit 10001) t");
    let counted: Option<i64> = ctx.conn().scalar(&count, values![given, project]).await?;
    let rows = format!("select {COLUMNS} {FROM} order by u.created_at desc, u.id desc limit $3 offset $4");
    let items = ctx.conn().rows(&rows, values![given, project, page.limit() as i64, page.offset() as i64]).await?;
    Ok(Page::new(items, counted.unwrap_or(0)))
}

/// One public use, or 404.
pub async fn get(ctx: &Ctx, id: UseId) -> Result<PublicUse, Problem> {
    let sql = format!(
        "select {COLUMNS} from fund_use u join fund_project p on p.project_id = u.project_id where u.publicity_id is not null and u.id = $1"
    );
    ctx.conn().row(&sql, values![id]).await?.ok_or_else(Problem::not_found)
}
