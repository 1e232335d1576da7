//! What everybody may see without signing in: fields of their own, no name of a person, no figure of a single house.
use linli_kernel::{Area, Date, Page, Problem, ProjectId, PublicityId};
use linli_tenants::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    list,
    model::PublicityState,
    publicities::{self, PublicityQuery},
};

/// A project as the public sees it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, sea_orm::FromQueryResult)]
pub struct PublicProject {
    pub id: ProjectId,
    #[schema(example = "379901200012")]
    pub code: String,
    #[schema(example = "悦海花园")]
    pub name: String,
    #[schema(example = "海滨路18号")]
    pub address: String,
    #[schema(example = "residential")]
    pub kind: String,
    #[schema(example = "海滨社区")]
    pub area_name: String,
    #[schema(example = "379901001001")]
    pub area_code: String,
    #[schema(example = 210)]
    pub households: i64,
    pub built_area: Area,
    /// The company that serves it.
    #[schema(example = "滨城物业服务有限公司")]
    pub company_name: Option<String>,
}

/// A publicity as the public sees it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PublicPublicity {
    pub id: PublicityId,
    #[schema(example = "PB20261124000001")]
    pub no: String,
    #[schema(example = "1号楼电梯大修")]
    pub title: String,
    pub project_id: ProjectId,
    #[schema(example = "悦海花园")]
    pub project_name: String,
    #[schema(example = "fund.use")]
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub from: Date,
    pub until: Date,
    #[schema(example = json!(["小区公告栏"]))]
    pub places: Vec<String>,
    pub state: PublicityState,
}

#[derive(sea_orm::FromQueryResult)]
struct Posted {
    id: PublicityId,
    no: String,
    title: String,
    project_id: ProjectId,
    project_name: String,
    subject_kind: String,
    subject_id: Uuid,
    from_on: Date,
    until_on: Date,
    places: String,
    state: PublicityState,
}

/// What the public list of projects is narrowed by.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PublicProjectQuery {
    /// Part of the name or address, or the whole code.
    pub q: Option<String>,
    /// Only this project.
    pub project_id: Option<ProjectId>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

const PROJECT: &str =
    "p.id, p.code, p.name, p.address, p.kind, p.area_name, p.area_code, p.households, p.built_area, c.name as company_name";
const PUBLICITY: &str =
    "p.id, p.no, p.title, p.project_id, j.name as project_name, p.subject_kind, p.subject_id, p.from_on, p.until_on, p.places, p.state";

pub async fn projects(ctx: &Ctx, query: PublicProjectQuery) -> Result<Page<PublicProject>, Problem> {
    let mut from = "from project p left join company c on c.id = p.company_id where p.state not in ('planning', 'closed')".to_owned();
    let mut values = Vec::new();
    if let Some(id) = query.project_id {
        values.push(id.into());
        from.push_str(" and p.id = $1");
    }
    if let Some(q) = query.q.filter(|q| !q.trim().is_empty()) {
        values.push(format!("%{}%", q.trim().replace(['%', '_'], "")).into());
        let like = values.len();
        values.push(q.trim().into());
        from.push_str(&format!(" and (p.name like ${like} or p.address like ${like} or p.code = ${})", values.len()));
    }
    list::page(ctx.conn(), PROJECT, &from, "p.code", values, &list::paging(query.page, query.page_size)).await
}

pub async fn publicities(ctx: &Ctx, query: PublicityQuery) -> Result<Page<PublicPublicity>, Problem> {
    let today = ctx.today();
    let (mut from, mut values) = ("from publicity p join project j on j.id = p.project_id where 1 = 1".to_owned(), Vec::new());
    query.narrow(&mut from, &mut values, today);
    let page =
        list::page::<Posted>(ctx.conn(), PUBLICITY, &from, "p.from_on desc, p.id desc", values, &list::paging(query.page, query.page_size))
            .await?;
    Ok(page.map(|p| shown(p, today)))
}

/// One publicity as the public sees it, or 404.
pub async fn publicity(ctx: &Ctx, id: PublicityId) -> Result<PublicPublicity, Problem> {
    let from = "from publicity p join project j on j.id = p.project_id where p.id = $1";
    let found = list::page::<Posted>(ctx.conn(), PUBLICITY, from, "p.id", vec![id.into()], &list::paging(None, Some(1))).await?;
    let today = ctx.today();
    let shown = found.items.into_iter().next().map(|p| shown(p, today));
    shown.ok_or_else(Problem::not_found)
}

fn shown(p: Posted, today: Date) -> PublicPublicity {
    PublicPublicity {
        id: p.id,
        no: p.no,
        title: p.title,
        project_id: p.project_id,
        project_name: p.project_name,
        subject_kind: p.subject_kind,
        subject_id: p.subject_id,
        from: p.from_on,
        until: p.until_on,
        places: serde_json::from_str(&p.places).unwrap_or_default(),
        state: publicities::state_on(p.state, p.until_on, today),
    }
}
