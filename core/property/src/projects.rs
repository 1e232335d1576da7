//! 小区: the management area that everything else belongs to.
use linli_kernel::{Area, CompanyId, Invalid, Page, Problem, ProjectId, Timestamp};
use linli_runtime::{Change, Key, ScopeIds, Sql, Tx, number, values};
use linli_tenants::Ctx;
use sea_orm::{ActiveEnum, ConnectionTrait};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    area_in_scope, codes, companies, list,
    model::{ManagementMode, ProjectState, project},
    perm,
};

/// 小区类型, the dictionary `project_kind`; a city may add entries, so any code of that form is taken.
const KINDS: &str = "residential";

#[derive(Debug, linli_macros::Problem)]
pub enum ProjectError {
    #[problem(409, "property.project.code_taken", zh = "小区编码{code}已被使用", en = "The project code {code} is taken")]
    CodeTaken { code: String },
    #[problem(409, "property.project.serials_used_up", zh = "该区县的小区编码已用完", en = "The district has no project code left")]
    SerialsUsedUp,
}

/// Register a project (小区).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateProject {
    /// 12 digits, unique; without it the next serial of the district is given.
    #[schema(example = "379901200012")]
    pub code: Option<String>,
    #[schema(example = "悦海花园")]
    pub name: String,
    /// Code of the dictionary `project_kind`.
    #[schema(example = "residential")]
    pub kind: String,
    #[schema(example = "海滨路18号")]
    pub address: String,
    /// The community it lies in, 12 digits.
    #[schema(example = "379901001001")]
    pub area_code: String,
    pub management_mode: ManagementMode,
    /// The company that serves it.
    pub company_id: Option<CompanyId>,
    /// The developer, who holds what nobody bought yet.
    pub developer_id: Option<CompanyId>,
}

/// A project with what the register knows of it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ProjectView {
    pub id: ProjectId,
    #[schema(example = "379901200012")]
    pub code: String,
    #[schema(example = "悦海花园")]
    pub name: String,
    #[schema(example = "residential")]
    pub kind: String,
    #[schema(example = "海滨路18号")]
    pub address: String,
    #[schema(example = "379901001001")]
    pub area_code: String,
    #[schema(example = "海滨社区")]
    pub area_name: String,
    #[schema(example = "37/3799/379901/379901001/379901001001/")]
    pub area_path: String,
    pub management_mode: ManagementMode,
    pub company_id: Option<CompanyId>,
    #[schema(example = "滨城物业服务有限公司")]
    pub company_name: Option<String>,
    pub developer_id: Option<CompanyId>,
    /// 建筑面积 of all its houses.
    pub built_area: Area,
    /// 户数.
    #[schema(example = 210)]
    pub households: i64,
    pub state: ProjectState,
    pub version: i64,
    pub created_at: Timestamp,
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: ProjectId,
    code: String,
    name: String,
    kind: String,
    address: String,
    area_code: String,
    area_name: String,
    area_path: String,
    management_mode: String,
    company_id: Option<CompanyId>,
    company_name: Option<String>,
    developer_id: Option<CompanyId>,
    built_area: Area,
    households: i64,
    state: ProjectState,
    version: i64,
    created_at: Timestamp,
}

impl From<Row> for ProjectView {
    fn from(r: Row) -> ProjectView {
        ProjectView {
            id: r.id,
            code: r.code,
            name: r.name,
            kind: r.kind,
            address: r.address,
            area_code: r.area_code,
            area_name: r.area_name,
            area_path: r.area_path,
            management_mode: ManagementMode::of(&r.management_mode),
            company_id: r.company_id,
            company_name: r.company_name,
            developer_id: r.developer_id,
            built_area: r.built_area,
            households: r.households,
            state: r.state,
            version: r.version,
            created_at: r.created_at,
        }
    }
}

const COLUMNS: &str = "p.id, p.code, p.name, p.kind, p.address, p.area_code, p.area_name, p.area_path, p.management_mode, p.company_id,
                       c.name as company_name, p.developer_id, p.built_area, p.households, p.state, p.version, p.created_at";
const FROM: &str = "from project p left join company c on c.id = p.company_id where";
const INSERT: &str = "insert into project (id, code, name, kind, address, area_code, area_name, area_path, management_mode, company_id,
                        developer_id, built_area, households, state, version, created_at, created_by)
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, $12, 1, $13, $14) on conflict (code) do nothing";
const TAKEN: &str = "select count(*) as v from project where code = $1";

/// Guards: a given code has 12 digits and is free; the area is a community in the actor's division; the companies are visible.
pub async fn create(ctx: &Ctx, key: &Key, cmd: CreateProject) -> Result<ProjectView, Problem> {
    ctx.require(perm::PROJECT_CREATE)?;
    let mut invalid = Invalid::new();
    if let Some(code) = &cmd.code {
        invalid.check(codes::is_project(code), "/code", "format", "小区编码须为12位数字", "A project code has 12 digits");
    }
    invalid.text("/name", &cmd.name, 100);
    invalid.text("/kind", &cmd.kind, 40);
    let is_code = cmd.kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    invalid.check(is_code, "/kind", "format", "小区类型不在字典之内", &format!("A code of the dictionary project_kind, such as {KINDS}"));
    invalid.text("/address", &cmd.address, 200);
    invalid.done()?;
    ctx.tx("property.project.create", key, async |tx| {
        let area = area_in_scope(ctx, tx, &cmd.area_code, Some("community")).await?;
        for company in [cmd.company_id, cmd.developer_id].into_iter().flatten() {
            companies::get(ctx, tx.conn(), company).await?;
        }
        let code = match &cmd.code {
            Some(code) => code.clone(),
            None => next_code(tx, &area.code).await?,
        };
        let id = ProjectId::new();
        let row = values![
            id,
            code.as_str(),
            cmd.name.trim(),
            cmd.kind.as_str(),
            cmd.address.trim(),
            area.code.as_str(),
            area.name.as_str(),
            area.path.as_str(),
            cmd.management_mode.code(),
            cmd.company_id,
            cmd.developer_id,
            ProjectState::Normal.to_value(),
            tx.now(),
            tx.author().account,
        ];
        if tx.conn().exec(INSERT, row).await? == 0 {
            return Err(ProjectError::CodeTaken { code }.into());
        }
        for company in [cmd.company_id, cmd.developer_id].into_iter().flatten() {
            companies::serve(tx, company, &area.path).await?;
        }
        let scope =
            ScopeIds { area_path: Some(area.path.clone()), company_id: cmd.company_id, project_id: Some(id), ..ScopeIds::default() };
        tx.event(
            Change::new("property.project.created", "property.project", id)
                .scope(scope)
                .data("code", &code)
                .data("state", ProjectState::Normal),
        )
        .await?;
        get(ctx, tx.conn(), id).await
    })
    .await
}

/// The district's next free serial; codes that were given by hand are stepped over.
async fn next_code(tx: &Tx, area_code: &str) -> Result<String, Problem> {
    let district = area_code.get(..6).unwrap_or(area_code);
    loop {
        let serial = number::next(tx, &format!("project:{district}")).await?;
        if serial > 999_999 {
            return Err(ProjectError::SerialsUsedUp.into());
        }
        let code = format!("{district}{serial:06}");
        if tx.conn().scalar::<i64>(TAKEN, values![code.as_str()]).await? == Some(0) {
            return Ok(code);
        }
    }
}

/// The project for those who read projects.
pub async fn read(ctx: &Ctx, id: ProjectId) -> Result<ProjectView, Problem> {
    ctx.require(perm::PROJECT_READ)?;
    get(ctx, ctx.conn(), id).await
}

/// The project, if it lies in the actor's scope.
pub async fn get(ctx: &Ctx, conn: &impl ConnectionTrait, id: ProjectId) -> Result<ProjectView, Problem> {
    let sql = format!("select {COLUMNS} {FROM} {} and p.id = $1", ctx.predicate::<project::Entity>("p"));
    let row: Option<Row> = conn.row(&sql, values![id]).await?;
    row.map(ProjectView::from).ok_or_else(Problem::not_found)
}

/// What a list of projects is narrowed by.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProjectQuery {
    /// Part of the name or address, or the whole code.
    pub q: Option<String>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

pub async fn find(ctx: &Ctx, query: ProjectQuery) -> Result<Page<ProjectView>, Problem> {
    ctx.require(perm::PROJECT_READ)?;
    let mut from = format!("{FROM} {}", ctx.predicate::<project::Entity>("p"));
    let mut values = Vec::new();
    if let Some(q) = query.q.filter(|q| !q.trim().is_empty()) {
        values.push(format!("%{}%", q.trim().replace(['%', '_'], "")).into());
        values.push(q.trim().into());
        from.push_str(" and (p.name like $1 or p.address like $1 or p.code = $2)");
    }
    let page = list::page::<Row>(ctx.conn(), COLUMNS, &from, "p.code", values, &list::paging(query.page, query.page_size)).await?;
    Ok(page.map(ProjectView::from))
}
