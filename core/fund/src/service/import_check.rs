//! The dry run of an import: the job `fund.import.check` reads the table and tells every error of every row.
use std::collections::{HashMap, HashSet};

use linli_kernel::{HouseId, ImportId, Problem, ProjectId};
use linli_ledger::{AccountState, accounts};
use linli_property::{
    houses::{self, ScopeKind, ScopeOf},
    register,
};
use linli_runtime::{
    Change, Key, Sql,
    table::{self, TableKind},
    values,
};
use linli_tenants::{Ctx, JobHandler, JobRun, dicts, settings};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, Set, Value};

use crate::{
    error::FundError,
    list::{self, json, to_json},
    model::{BuildingClass, ImportState, StandardState, Template, data_import, fund_project, fund_standard},
    rules::{
        cells::{Columns, RowFault, Sheet, date},
        deposits_table::{self, DepositLine, HouseFact, check_deposits},
        houses_table::{self, Checked, HouseLine, StandardFact, check_houses},
    },
    service::{
        import::{CHECK_JOB, CreatedCounts, scope_of},
        project::bank_of,
    },
    use_view::project_of,
};

/// Every column that a template knows.
const T1: [&str; 20] = [
    "小区编码",
    "楼栋号",
    "单元",
    "楼层",
    "房号",
    "建筑面积",
    "套内面积",
    "公摊面积",
    "房屋用途",
    "房屋性质",
    "有无电梯",
    "销售价格",
    "合同编号",
    "不动产单元号",
    "业主姓名",
    "证件类型",
    "证件号码",
    "手机",
    "交存标准代码",
    "备注",
];
const T2: [&str; 11] = ["房屋编码", "楼栋号", "单元", "楼层", "房号", "交存金额", "到账日期", "银行流水号", "交款人", "票据号", "备注"];

/// The table of an import as the person saw it.
pub(crate) async fn read(ctx: &Ctx, row: &data_import::Model) -> Result<Sheet, Problem> {
    let bytes = linli_materials::documents::bytes(ctx, row.document_id).await?;
    let kind = match row.template {
        Template::T1 => TableKind::new(&T1),
        Template::T2 => TableKind::new(&T2),
    };
    let table = table::read(bytes, kind).await?;
    let rows = table.rows.into_iter().map(|r| (r.row as i64, r.cells.into_iter().map(|c| c.text).collect()));
    Ok(Sheet { header: table.header, header_row: table.header_row as i64, rows: rows.collect() })
}

/// What the rows of an import turned out to be.
pub(crate) enum Outcome {
    Houses(Checked<HouseLine>),
    Deposits(Checked<DepositLine>),
}

impl Outcome {
    fn counts(&self) -> (i64, i64, i64, i64) {
        match self {
            Outcome::Houses(c) => (c.rows, c.good.len() as i64, c.error_rows(), c.warning_rows()),
            Outcome::Deposits(c) => (c.rows, c.good.len() as i64, c.error_rows(), c.warning_rows()),
        }
    }
    pub(crate) fn faults(&self) -> &[RowFault] {
        match self {
            Outcome::Houses(c) => &c.faults,
            Outcome::Deposits(c) => &c.faults,
        }
    }
}

/// Checks the table against what is known now.
pub(crate) async fn check(ctx: &Ctx, conn: &impl ConnectionTrait, row: &data_import::Model, sheet: &Sheet) -> Result<Outcome, Problem> {
    match row.template {
        Template::T1 => {
            let mut facts = house_facts(ctx, conn, row, sheet).await?;
            let written = created(row)?.houses;
            if written > 0 {
                forget_own(conn, row, sheet, &mut facts, written).await?;
            }
            Ok(Outcome::Houses(check_houses(sheet, &facts, row.business_date)))
        }
        Template::T2 => {
            let facts = deposit_facts(ctx, conn, row, sheet).await?;
            Ok(Outcome::Deposits(check_deposits(sheet, &facts)))
        }
    }
}

/// What a house table has written so far: its good rows in their order, as many as there are houses.
pub(crate) fn created(row: &data_import::Model) -> Result<CreatedCounts, Problem> {
    Ok(row.created.as_deref().map(json).transpose()?.unwrap_or_default())
}

#[derive(sea_orm::FromQueryResult)]
struct WrongRow {
    row_no: i64,
}

const WRONG_ROWS: &str = "select distinct row_no from data_import_error where import_id = $1 and code not like 'W%'";

/// The `written` houses that this import itself has made do not stand against it when it goes on after a crash: they are the first
/// of those that the dry run found good.
async fn forget_own(
    conn: &impl ConnectionTrait,
    row: &data_import::Model,
    sheet: &Sheet,
    facts: &mut houses_table::Facts,
    written: i64,
) -> Result<(), Problem> {
    let wrong: Vec<WrongRow> = conn.rows(WRONG_ROWS, values![row.id]).await?;
    let wrong: HashSet<i64> = wrong.into_iter().map(|w| w.row_no).collect();
    let mut taken = std::mem::take(&mut facts.taken);
    let mut registry = std::mem::take(&mut facts.taken_registry);
    let own = check_houses(sheet, facts, row.business_date).good.into_iter().filter(|line| !wrong.contains(&line.row));
    for line in own.take(usize::try_from(written).unwrap_or(0)) {
        taken.get_mut(&line.project_code).map(|places| places.remove(&line.place));
        line.registry_no.map(|number| registry.remove(&number));
    }
    facts.taken = taken;
    facts.taken_registry = registry;
    Ok(())
}

/// Codes and labels of a dictionary, with what people also write.
async fn dict(conn: &impl ConnectionTrait, code: &str, also: &[(&str, &str)]) -> Result<HashMap<String, String>, Problem> {
    let mut map: HashMap<String, String> = also.iter().map(|(text, code)| ((*text).to_owned(), (*code).to_owned())).collect();
    for entry in dicts::entries(conn, code).await?.into_iter().filter(|e| e.state == "active") {
        map.insert(entry.label, entry.code.clone());
        map.insert(entry.code.clone(), entry.code);
    }
    Ok(map)
}

async fn house_facts(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    row: &data_import::Model,
    sheet: &Sheet,
) -> Result<houses_table::Facts, Problem> {
    let columns = Columns::of(&sheet.header);
    let named: HashSet<String> = sheet.rows.iter().map(|(_, cells)| columns.cell(cells, "小区编码")).collect();
    let mut projects = HashMap::new();
    let mut taken = HashMap::new();
    for project in projects_of(ctx, conn, row, &named).await? {
        let known = register::existing(conn, project.project_id).await?;
        taken.insert(project.project_code.clone(), known.rooms.into_keys().collect());
        projects.insert(project.project_code, project.area_path);
    }
    let standards = fund_standard::Entity::find().filter(fund_standard::Column::State.eq(StandardState::Active)).all(conn).await?;
    let standards = standards.into_iter().map(|s| StandardFact {
        code: s.code,
        area_path: s.area_path,
        nature: s.nature,
        with_lift: s.building_class == BuildingClass::Lift,
        basis: s.basis,
        value: s.value,
        from: s.from_on,
        to: s.to_on,
    });
    let numbers: HashSet<String> =
        sheet.rows.iter().map(|(_, cells)| columns.cell(cells, "不动产单元号")).filter(|n| !n.is_empty()).collect();
    Ok(houses_table::Facts {
        projects,
        uses: dict(conn, "house_use", &[("住宅", "residential"), ("商铺", "commercial")]).await?,
        natures: dict(conn, "house_nature", &[("房改房", "sold_public"), ("拆迁房", "resettlement")]).await?,
        id_types: dict(conn, "id_type", &[("身份证", "resident_id")]).await?,
        excluded: settings::list_of(ctx, conn, "fund.excluded_uses").await?.into_iter().collect(),
        standards: standards.collect(),
        taken,
        taken_registry: register::taken_registry_nos(conn, &numbers.into_iter().collect::<Vec<_>>()).await?,
    })
}

/// The projects with a fund that the table names and the import's division holds.
pub(crate) async fn projects_of(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    row: &data_import::Model,
    codes: &HashSet<String>,
) -> Result<Vec<fund_project::Model>, Problem> {
    let mut found = Vec::new();
    let codes: Vec<&String> = codes.iter().collect();
    for chunk in codes.chunks(1_000) {
        let select = ctx.unscoped::<fund_project::Entity>("the import's own division is the scope");
        let select = select.filter(fund_project::Column::ProjectCode.is_in(chunk.iter().map(|c| c.as_str())));
        found.extend(select.filter(fund_project::Column::AreaPath.starts_with(row.area_path.as_str())).all(conn).await?);
    }
    found.retain(|p| row.project_id.is_none_or(|id| id == p.project_id));
    Ok(found)
}

#[derive(sea_orm::FromQueryResult)]
struct FundHouse {
    house_id: HouseId,
    house_code: String,
    due: i64,
}

#[derive(sea_orm::FromQueryResult)]
struct Paid {
    house_id: HouseId,
    amount: i64,
}

#[derive(sea_orm::FromQueryResult)]
struct Serial {
    bank_serial: String,
    posting_no: Option<String>,
}

const HOUSES: &str = "select house_id, house_code, due from fund_house where project_id = $1";
// What this import itself has written already does not stand against it when it goes on after a crash.
const PAID: &str = "select house_id, cast(sum(amount) as bigint) as amount from fund_deposit
                    where project_id = $1 and kind = 'first' and state in ('paid_pending', 'posted', 'receipted') and corrected_by is null
                      and (import_id is null or import_id <> $2) group by house_id";

async fn deposit_facts(
    ctx: &Ctx,
    conn: &impl ConnectionTrait,
    row: &data_import::Model,
    sheet: &Sheet,
) -> Result<deposits_table::Facts, Problem> {
    let missing = || Problem::internal("a T2 import without its project or bank account");
    let project_id: ProjectId = row.project_id.ok_or_else(missing)?;
    let project = project_of(ctx, conn, project_id).await?;
    let bank = bank_of(ctx, conn, row.bank_account_id.ok_or_else(missing)?, &project.pool_code).await?;
    let own: Vec<FundHouse> = conn.rows(HOUSES, values![project_id]).await?;
    let paid: Vec<Paid> = conn.rows(PAID, values![project_id, row.id]).await?;
    let paid: HashMap<HouseId, i64> = paid.into_iter().map(|p| (p.house_id, p.amount)).collect();
    let ids: Vec<HouseId> = own.iter().map(|h| h.house_id).collect();
    let accounts = accounts::of_houses(conn, &ids).await?;
    let open: HashSet<HouseId> = accounts.iter().filter(|a| a.state == AccountState::Open).filter_map(|a| a.house_id).collect();
    let whole = ScopeOf { kind: ScopeKind::Project, ids: Vec::new() };
    let places = houses::houses_in_scope(conn, &whole, project_id).await?;
    let columns = Columns::of(&sheet.header);
    let serials: HashSet<String> = sheet.rows.iter().map(|(_, c)| columns.cell(c, "银行流水号")).filter(|s| !s.is_empty()).collect();
    let mut closed = HashSet::new();
    let months: HashMap<String, linli_kernel::Date> =
        sheet.rows.iter().filter_map(|(_, c)| date(&columns.cell(c, "到账日期"))).map(|d| (d.month(), d)).collect();
    for (month, day) in months {
        if linli_ledger::is_closed(conn, &project.pool_code, day).await? {
            closed.insert(month);
        }
    }
    Ok(deposits_table::Facts {
        by_code: own
            .into_iter()
            .map(|h| {
                let outstanding = h.due - paid.get(&h.house_id).copied().unwrap_or(0);
                (h.house_code, HouseFact { house_id: h.house_id, outstanding, open: open.contains(&h.house_id) })
            })
            .collect(),
        buildings: places.iter().map(|h| h.building_name.clone()).collect(),
        by_place: places.into_iter().map(|h| ((h.building_name, h.unit_name, h.floor, h.room), h.code)).collect(),
        serials: used_serials(conn, row, serials.into_iter().collect()).await?,
        today: ctx.today(),
        opened_on: bank.opened_on,
        closed,
    })
}

async fn used_serials(
    conn: &impl ConnectionTrait,
    row: &data_import::Model,
    serials: Vec<String>,
) -> Result<HashMap<String, String>, Problem> {
    let mut used = HashMap::new();
    for chunk in serials.chunks(5_000) {
        // `?` on SQLite for the first two as well: numbered and plain ones do not mix.
        let (account, import) = match conn.get_database_backend() {
            sea_orm::DbBackend::Sqlite => ("?", "?"),
            _ => ("$1", "$2"),
        };
        let sql = format!(
            "select bank_serial, posting_no from fund_deposit where bank_account_id = {account} and (import_id is null or import_id <> {import})
             and state <> 'rejected' and corrected_by is null and bank_serial in {}",
            list::placeholders(conn, 2, chunk.len())
        );
        let mut values = values![row.bank_account_id, row.id];
        values.extend(chunk.iter().map(|s| Value::from(s.as_str())));
        let found: Vec<Serial> = conn.rows(&sql, values).await?;
        used.extend(found.into_iter().map(|s| (s.bank_serial, s.posting_no.unwrap_or_default())));
    }
    Ok(used)
}

/// The job of the dry run. Run again after a crash it reads the same file and finds the same.
pub struct CheckJob;

pub(crate) fn import_of(job: &dyn JobRun) -> Result<ImportId, Problem> {
    let id = job.payload().get("import_id").and_then(|v| v.as_str()).and_then(|v| v.parse().ok());
    id.ok_or_else(|| Problem::internal("the job names no import"))
}

pub(crate) async fn find(ctx: &Ctx, conn: &impl ConnectionTrait, id: ImportId) -> Result<data_import::Model, Problem> {
    let select = ctx.unscoped::<data_import::Entity>("the job was ordered for it");
    select.filter(data_import::Column::Id.eq(id)).one(conn).await?.ok_or_else(Problem::not_found)
}

#[async_trait::async_trait]
impl JobHandler for CheckJob {
    fn kind(&self) -> &'static str {
        CHECK_JOB
    }
    async fn run(&self, ctx: &Ctx, job: &dyn JobRun) -> Result<(), Problem> {
        let id = import_of(job)?;
        let row = find(ctx, ctx.conn(), id).await?;
        if row.state != ImportState::Checking {
            return Ok(());
        }
        let outcome = match read(ctx, &row).await {
            Ok(sheet) => check(ctx, ctx.conn(), &row, &sheet).await?,
            Err(problem) if problem.status() < 500 => return fail(ctx, id, ImportState::Checking, &problem).await,
            Err(problem) => return Err(problem),
        };
        let (rows, ok_rows, error_rows, warning_rows) = outcome.counts();
        job.progress(rows, rows, 0).await?;
        ctx.tx("fund.import.checked", &Key::default(), async |tx| {
            let row = find(ctx, tx.conn(), id).await?;
            if row.state != ImportState::Checking {
                return Err(FundError::ImportState.into());
            }
            keep_faults(tx.conn(), id, outcome.faults()).await?;
            let mut next = row.clone().into_active_model();
            next.state = Set(ImportState::Checked);
            next.rows = Set(rows);
            next.ok_rows = Set(ok_rows);
            next.error_rows = Set(error_rows);
            next.warning_rows = Set(warning_rows);
            next.version = Set(row.version + 1);
            let after = next.update(tx.conn()).await?;
            let counts = serde_json::json!({ "rows": rows, "error_rows": error_rows, "warning_rows": warning_rows });
            let change = Change::new("import.checked", "fund.import", id).scope(scope_of(&after)).data("kind", after.template);
            tx.event(change.data("counts", counts).state(row.state, after.state)).await?;
            Ok(())
        })
        .await
    }
}

const FAULT_COLUMNS: &str = "import_id, n, row_no, code, columns, zh, en";

async fn keep_faults(conn: &impl ConnectionTrait, id: ImportId, faults: &[RowFault]) -> Result<(), Problem> {
    let mut rows = Vec::with_capacity(faults.len());
    for (n, fault) in faults.iter().enumerate() {
        let columns = to_json(&fault.columns)?;
        rows.push(values![id, n as i64 + 1, fault.row, fault.code, columns, fault.zh.as_str(), fault.en.as_str()]);
    }
    list::insert_all(conn, "data_import_error", FAULT_COLUMNS, rows).await
}

/// The file or the data makes the whole import impossible: it says why and stays so.
pub(crate) async fn fail(ctx: &Ctx, id: ImportId, from: ImportState, why: &Problem) -> Result<(), Problem> {
    ctx.tx("fund.import.failed", &Key::default(), async |tx| {
        let row = find(ctx, tx.conn(), id).await?;
        if row.state != from {
            return Err(FundError::ImportState.into());
        }
        let mut next = row.clone().into_active_model();
        next.state = Set(ImportState::Failed);
        next.failure = Set(Some(why.message(ctx.locale).to_owned()));
        next.version = Set(row.version + 1);
        let after = next.update(tx.conn()).await?;
        let change = Change::new("import.failed", "fund.import", id).scope(scope_of(&after)).data("reason", why.code());
        tx.event(change.state(row.state, after.state)).await?;
        Ok(())
    })
    .await
}
