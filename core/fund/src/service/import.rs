//! 导入: a table that a clerk brings (T1 houses, T2 deposits). Always a dry run first; another person commits it.
use linli_kernel::{
    BankAccountId, Date, DocumentId, ImportId, Invalid, JobId, Locale, Money, Page, PageQuery, Problem, ProjectId, Timestamp,
};
use linli_materials::documents;
use linli_runtime::{
    Change, Key, ScopeIds, Tx,
    jobs::{self, JobState, NewJob},
    sheet::{Sheet, SheetFormat},
};
use linli_tenants::{Actions, AllowedAction, Ctx, Scope};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Set};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    error::FundError,
    list::{self, Filter, json, paging},
    model::{ImportState, RowPolicy, Template, data_import, data_import_error, fund_project},
    perm,
    service::{import_check, project::bank_of},
};

pub(crate) const CHECK_JOB: &str = "fund.import.check";
pub(crate) const COMMIT_JOB: &str = "fund.import.commit";

/// Bring a table (新建导入): it is checked, nothing more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateImport {
    pub template: Template,
    /// The uploaded table, xlsx or csv.
    pub document_id: DocumentId,
    /// On which day standards must be valid.
    pub business_date: Date,
    pub row_policy: RowPolicy,
    /// Required for T2; T1 names the project in its rows.
    pub project_id: Option<ProjectId>,
    /// Required for T2.
    pub bank_account_id: Option<BankAccountId>,
}

/// What a house table made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedCounts {
    #[schema(example = 3)]
    pub buildings: i64,
    #[schema(example = 8)]
    pub units: i64,
    #[schema(example = 210)]
    pub houses: i64,
    /// People who were not known before.
    #[schema(example = 207)]
    pub persons: i64,
    /// Fund accounts of the houses that count.
    #[schema(example = 210)]
    pub accounts: i64,
}

impl CreatedCounts {
    pub(crate) fn plus(self, more: CreatedCounts) -> CreatedCounts {
        CreatedCounts {
            buildings: self.buildings + more.buildings,
            units: self.units + more.units,
            houses: self.houses + more.houses,
            persons: self.persons + more.persons,
            accounts: self.accounts + more.accounts,
        }
    }
}

/// 导入.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportView {
    pub id: ImportId,
    pub template: Template,
    pub document_id: DocumentId,
    pub project_id: Option<ProjectId>,
    pub bank_account_id: Option<BankAccountId>,
    pub business_date: Date,
    pub row_policy: RowPolicy,
    pub state: ImportState,
    #[schema(example = 210)]
    pub rows: i64,
    #[schema(example = 210)]
    pub ok_rows: i64,
    #[schema(example = 0)]
    pub error_rows: i64,
    #[schema(example = 0)]
    pub warning_rows: i64,
    /// Of a house table that is or was written, also of one that stopped half-way.
    pub created: Option<CreatedCounts>,
    /// Postings of a committed deposit table.
    #[schema(example = 109)]
    pub posted: i64,
    pub amount: Money,
    /// Why the whole file could not be read or written.
    pub failure: Option<String>,
    pub job_id: Option<JobId>,
    pub created_at: Timestamp,
    pub version: i64,
    pub allowed_actions: Vec<AllowedAction>,
}

/// The job of an import as it was ordered.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct JobBrief {
    pub id: JobId,
    pub state: JobState,
}

/// An import with the job that works on it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ImportJobView {
    pub import: ImportView,
    pub job: JobBrief,
}

/// One thing that is wrong with a row.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RowErrorView {
    /// As the spreadsheet counts, from 1.
    #[schema(example = 12)]
    pub row: i64,
    /// `E01` … `E18`, `import.required`, `import.format`; `W01` … `W03` are warnings.
    #[schema(example = "E04")]
    pub code: String,
    /// As the header row names them.
    #[schema(example = json!(["建筑面积"]))]
    pub columns: Vec<String>,
    #[schema(example = "建筑面积须大于0且最多两位小数：118.365")]
    pub message: String,
}

pub(crate) fn scope_of(row: &data_import::Model) -> ScopeIds {
    ScopeIds { area_path: Some(row.area_path.clone()), project_id: row.project_id, ..ScopeIds::default() }
}

pub(crate) fn view(ctx: &Ctx, row: &data_import::Model) -> Result<ImportView, Problem> {
    Ok(ImportView {
        id: row.id,
        template: row.template,
        document_id: row.document_id,
        project_id: row.project_id,
        bank_account_id: row.bank_account_id,
        business_date: row.business_date,
        row_policy: row.row_policy,
        state: row.state,
        rows: row.rows,
        ok_rows: row.ok_rows,
        error_rows: row.error_rows,
        warning_rows: row.warning_rows,
        created: row.created.as_deref().map(json).transpose()?,
        posted: row.posted,
        amount: row.amount,
        failure: row.failure.clone(),
        job_id: row.job_id,
        created_at: row.created_at,
        version: row.version,
        allowed_actions: Actions::of(ctx)
            .add(perm::IMPORT_COMMIT, "commit", || may_commit(ctx, row))
            .add(perm::IMPORT_CANCEL, "cancel", || may_cancel(row))
            .done(),
    })
}

/// Who may register houses commits a house table, who may confirm deposits a deposit table; never who brought it.
fn may_commit(ctx: &Ctx, row: &data_import::Model) -> Result<(), Problem> {
    ctx.require(match row.template {
        Template::T1 => linli_property::perm::PROJECT_CREATE,
        Template::T2 => perm::DEPOSIT_CONFIRM,
    })?;
    ctx.not_the_maker(row.created_by)?;
    if row.state != ImportState::Checked {
        return Err(FundError::ImportState.into());
    }
    match row.row_policy {
        RowPolicy::All if row.error_rows > 0 => Err(FundError::HasErrors { rows: row.error_rows }.into()),
        RowPolicy::All | RowPolicy::GoodRows if row.ok_rows == 0 => Err(FundError::NothingToImport.into()),
        RowPolicy::All | RowPolicy::GoodRows => Ok(()),
    }
}

fn may_cancel(row: &data_import::Model) -> Result<(), Problem> {
    match row.state {
        ImportState::Checking | ImportState::Checked => Ok(()),
        ImportState::Committing | ImportState::Committed | ImportState::Failed | ImportState::Cancelled => {
            Err(FundError::ImportState.into())
        }
    }
}

/// Effect: `checking`; the job `fund.import.check` reads every row and tells all errors at once.
pub async fn create(ctx: &Ctx, key: &Key, cmd: CreateImport) -> Result<ImportJobView, Problem> {
    ctx.require(perm::IMPORT_CREATE)?;
    ctx.tx("fund.import.create", key, async |tx| {
        let mut invalid = Invalid::new();
        let early = cmd.business_date <= tx.today();
        invalid.check(early, "/business_date", "range", "业务日期不能晚于今天", "Not later than today");
        if cmd.template == Template::T2 {
            invalid.check(cmd.project_id.is_some(), "/project_id", "required", "请选择小区", "This is required for T2");
            invalid.check(cmd.bank_account_id.is_some(), "/bank_account_id", "required", "请选择专户", "This is required for T2");
        }
        invalid.done()?;
        let mut area_path = match &ctx.scope {
            Scope::Area(path) => path.clone(),
            _ => ctx.tenant.area_path.clone(),
        };
        if let Some(id) = cmd.project_id {
            let project = ctx.get::<fund_project::Entity>(tx.conn(), id).await?;
            if let Some(bank) = cmd.bank_account_id {
                bank_of(ctx, tx.conn(), bank, &project.pool_code).await?;
            }
            area_path = project.area_path;
        }
        let id = ImportId::new();
        documents::attach(ctx, tx, &[cmd.document_id], "fund.import", id).await?;
        let row = data_import::Model {
            id,
            template: cmd.template,
            document_id: cmd.document_id,
            project_id: cmd.project_id,
            bank_account_id: cmd.bank_account_id,
            business_date: cmd.business_date,
            row_policy: cmd.row_policy,
            state: ImportState::Checking,
            rows: 0,
            ok_rows: 0,
            error_rows: 0,
            warning_rows: 0,
            created: None,
            posted: 0,
            amount: Money::ZERO,
            failure: None,
            job_id: None,
            area_path,
            created_by: tx.author().account,
            created_at: tx.now(),
            committed_by: None,
            version: 1,
        };
        let row = row.into_active_model().insert(tx.conn()).await?;
        let change = Change::new("import.created", "fund.import", row.id).scope(scope_of(&row));
        tx.event(change.data("kind", row.template).state(None::<ImportState>, row.state)).await?;
        ordered(ctx, tx, row, CHECK_JOB).await
    })
    .await
}

/// Effect: `committing`; the job `fund.import.commit` writes what the dry run found good.
pub async fn commit(ctx: &Ctx, key: &Key, id: ImportId) -> Result<ImportJobView, Problem> {
    ctx.require(perm::IMPORT_COMMIT)?;
    ctx.tx("fund.import.commit", key, async |tx| {
        let row = ctx.lock::<data_import::Entity>(tx, id).await?;
        may_commit(ctx, &row)?;
        let mut next = row.clone().into_active_model();
        next.state = Set(ImportState::Committing);
        next.committed_by = Set(tx.author().account);
        next.version = Set(row.version + 1);
        let after = next.update(tx.conn()).await?;
        let change = Change::new("import.committing", "fund.import", after.id).scope(scope_of(&after));
        tx.event(change.data("kind", after.template).state(row.state, after.state)).await?;
        ordered(ctx, tx, after, COMMIT_JOB).await
    })
    .await
}

async fn ordered(ctx: &Ctx, tx: &Tx, row: data_import::Model, kind: &'static str) -> Result<ImportJobView, Problem> {
    let job = NewJob {
        kind,
        payload: serde_json::json!({ "import_id": row.id }),
        unique_key: Some(format!("{kind}:{}", row.id)),
        due_at: tx.now(),
        scope: scope_of(&row),
    };
    let job_id = jobs::enqueue(tx, job).await?;
    let mut next = row.into_active_model();
    next.job_id = Set(Some(job_id));
    let row = next.update(tx.conn()).await?;
    Ok(ImportJobView { import: view(ctx, &row)?, job: JobBrief { id: job_id, state: JobState::Queued } })
}

/// Guards: not yet being written. Effect: `cancelled`.
pub async fn cancel(ctx: &Ctx, key: &Key, id: ImportId) -> Result<ImportView, Problem> {
    ctx.require(perm::IMPORT_CANCEL)?;
    ctx.tx("fund.import.cancel", key, async |tx| {
        let row = ctx.lock::<data_import::Entity>(tx, id).await?;
        may_cancel(&row)?;
        if let Some(job) = row.job_id {
            jobs::cancel(tx, job).await?;
        }
        let mut next = row.clone().into_active_model();
        next.state = Set(ImportState::Cancelled);
        next.version = Set(row.version + 1);
        let after = next.update(tx.conn()).await?;
        let change = Change::new("import.cancelled", "fund.import", after.id).scope(scope_of(&after));
        tx.event(change.state(row.state, after.state)).await?;
        view(ctx, &after)
    })
    .await
}

/// One import in the actor's scope.
pub async fn get(ctx: &Ctx, id: ImportId) -> Result<ImportView, Problem> {
    ctx.require(perm::IMPORT_READ)?;
    view(ctx, &ctx.get::<data_import::Entity>(ctx.conn(), id).await?)
}

/// What a list of imports is narrowed by.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    pub project_id: Option<ProjectId>,
    pub template: Option<Template>,
    pub state: Option<ImportState>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

/// Imports in the actor's scope, newest first.
pub async fn find(ctx: &Ctx, query: ImportQuery) -> Result<Page<ImportView>, Problem> {
    ctx.require(perm::IMPORT_READ)?;
    let filter = Filter::default()
        .add("project_id", query.project_id)
        .add("template", query.template.map(Template::as_str))
        .add("state", query.state.map(ImportState::as_str));
    let page = paging(query.page, query.page_size);
    let page = list::page::<data_import::Entity>(ctx, &filter.and, filter.values, "t.created_at desc, t.id desc", &page).await?;
    let items = page.items.iter().map(|row| view(ctx, row)).collect::<Result<Vec<_>, _>>()?;
    Ok(Page { items, total: page.total, total_is_lower_bound: page.total_is_lower_bound })
}

fn error_view(ctx: &Ctx, row: data_import_error::Model) -> Result<RowErrorView, Problem> {
    let message = match ctx.locale {
        Locale::Zh => row.zh,
        Locale::En => row.en,
    };
    Ok(RowErrorView { row: row.row_no, code: row.code, columns: json(&row.columns)?, message })
}

/// What the check found, in the order of the rows.
pub async fn errors(ctx: &Ctx, id: ImportId, query: &PageQuery) -> Result<Page<RowErrorView>, Problem> {
    use sea_orm::{PaginatorTrait, QuerySelect};
    ctx.require(perm::IMPORT_READ)?;
    ctx.get::<data_import::Entity>(ctx.conn(), id).await?;
    let all = data_import_error::Entity::find().filter(data_import_error::Column::ImportId.eq(id));
    let counted = all.clone().count(ctx.conn()).await?;
    let rows = all.order_by_asc(data_import_error::Column::N).limit(query.limit()).offset(query.offset()).all(ctx.conn()).await?;
    let items = rows.into_iter().map(|row| error_view(ctx, row)).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::new(items, i64::try_from(counted).unwrap_or(i64::MAX)))
}

/// 结果文件: the table as it was read, with a state and a message behind each row.
pub async fn result(ctx: &Ctx, id: ImportId) -> Result<Vec<u8>, Problem> {
    ctx.require(perm::IMPORT_READ)?;
    let row = ctx.get::<data_import::Entity>(ctx.conn(), id).await?;
    let sheet = import_check::read(ctx, &row).await?;
    let errors = data_import_error::Entity::find()
        .filter(data_import_error::Column::ImportId.eq(id))
        .order_by_asc(data_import_error::Column::N)
        .all(ctx.conn())
        .await?;
    let mut by_row: std::collections::HashMap<i64, Vec<RowErrorView>> = std::collections::HashMap::new();
    for error in errors {
        by_row.entry(error.row_no).or_default().push(error_view(ctx, error)?);
    }
    let mut header: Vec<&str> = vec!["行号"];
    header.extend(sheet.header.iter().map(String::as_str));
    header.extend(["结果", "说明"]);
    let mut out = Sheet::new(SheetFormat::Xlsx, "导入结果", &header)?;
    for (n, cells) in &sheet.rows {
        let found = by_row.remove(n).unwrap_or_default();
        let state = match found.iter().any(|e| !e.code.starts_with('W')) {
            true => "有错误",
            false if found.is_empty() => "通过",
            false => "通过（有提示）",
        };
        let said: Vec<String> = found.iter().map(|e| format!("{} {}", e.code, e.message)).collect();
        let mut line = vec![n.to_string()];
        line.extend((0..sheet.header.len()).map(|i| cells.get(i).cloned().unwrap_or_default()));
        line.extend([state.to_owned(), said.join("；")]);
        out.row(&line)?;
    }
    out.finish()
}
