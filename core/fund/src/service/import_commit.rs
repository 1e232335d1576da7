//! The commit of an import: the job `fund.import.commit` writes what the dry run found good, in chunks, each row once: after a
//! crash it goes on where it stopped.
use std::collections::{HashMap, HashSet};

use linli_kernel::{DepositId, FundAccountId, HouseId, ImportId, Problem, StandardId};
use linli_ledger::{AccountKind, NewAccount, accounts, post_all};
use linli_property::{
    persons::NewPerson,
    register::{self, HouseRow},
};
use linli_runtime::{Change, Key, Sql, Tx, number, values};
use linli_tenants::{Ctx, JobHandler, JobRun};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect, Set, Value};

use crate::{
    error::FundError,
    list::{self, to_json},
    model::{DepositKind, DepositState, FundState, ImportState, StandardState, data_import, fund_deposit, fund_project, fund_standard},
    rules::{deposits_table::DepositLine, houses_table::HouseLine},
    service::{
        confirm_deposit::{posted_event, posting},
        import::{COMMIT_JOB, CreatedCounts, scope_of},
        import_check::{Outcome, check, created, fail, find, import_of, projects_of, read},
    },
    tell,
    use_view::project_of,
};

/// Rows a transaction: so many that statements do not count, so few that other writers wait for a moment only.
const CHUNK: usize = 2_000;

pub struct CommitJob;

#[async_trait::async_trait]
impl JobHandler for CommitJob {
    fn kind(&self) -> &'static str {
        COMMIT_JOB
    }
    async fn run(&self, ctx: &Ctx, job: &dyn JobRun) -> Result<(), Problem> {
        let id = import_of(job)?;
        let row = find(ctx, ctx.conn(), id).await?;
        if row.state != ImportState::Committing {
            return Ok(());
        }
        let done = match write(ctx, job, &row).await {
            Err(problem) if problem.status() < 500 => {
                fail(ctx, id, ImportState::Committing, &problem).await?;
                return Err(problem);
            }
            other => other,
        };
        done?;
        job.progress(row.rows, row.rows, 0).await
    }
}

async fn write(ctx: &Ctx, job: &dyn JobRun, row: &data_import::Model) -> Result<(), Problem> {
    let sheet = read(ctx, row).await?;
    let outcome = check(ctx, ctx.conn(), row, &sheet).await?;
    let wrong: HashSet<i64> = outcome.faults().iter().filter(|f| !f.is_warning()).map(|f| f.row).collect();
    if wrong.len() as i64 != row.error_rows {
        return Err(FundError::ChangedMeanwhile { rows: (wrong.len() as i64 - row.error_rows).abs() }.into());
    }
    match outcome {
        Outcome::Houses(checked) => houses(ctx, job, row, &checked.good).await,
        Outcome::Deposits(checked) => deposits(ctx, job, row.id, checked.good).await,
    }
}

/// The houses of a table with their accounts and what they owe, in chunks; what an earlier try wrote is passed over.
async fn houses(ctx: &Ctx, job: &dyn JobRun, row: &data_import::Model, lines: &[HouseLine]) -> Result<(), Problem> {
    let total = lines.len() as i64;
    let mut done = created(row)?.houses;
    let left = lines.get(usize::try_from(done).unwrap_or(0)..).unwrap_or_default();
    for chunk in left.chunks(CHUNK) {
        ctx.tx("fund.import.houses", &Key::default(), async |tx| houses_chunk(ctx, tx, row.id, done, chunk).await).await?;
        done += chunk.len() as i64;
        job.progress(done, total, 0).await?;
    }
    ctx.tx("fund.import.housed", &Key::default(), async |tx| {
        let row = still_committing(tx, row.id).await?;
        let counts = serde_json::to_value(created(&row)?).map_err(Problem::internal)?;
        finish(tx, &row, row.clone().into_active_model(), counts).await
    })
    .await
}

/// Writes the lines after the first `done`; the count of what is written moves in the same transaction, so each line is written once.
async fn houses_chunk(ctx: &Ctx, tx: &Tx, id: ImportId, done: i64, lines: &[HouseLine]) -> Result<(), Problem> {
    let row = still_committing(tx, id).await?;
    let before = created(&row)?;
    if before.houses != done {
        return Err(Problem::internal("another worker writes this import"));
    }
    let standards = standards_of(tx).await?;
    let codes: HashSet<String> = lines.iter().map(|l| l.project_code.clone()).collect();
    let mut counts = before;
    for project in projects_of(ctx, tx.conn(), &row, &codes).await? {
        let own: Vec<&HouseLine> = lines.iter().filter(|l| l.project_code == project.project_code).collect();
        counts = counts.plus(houses_of_project(ctx, tx, &project, &own, &standards).await?);
    }
    if counts.houses != done + lines.len() as i64 {
        return Err(Problem::internal("an import wrote another number of houses than it read"));
    }
    let mut next = row.into_active_model();
    next.created = Set(Some(to_json(&counts)?));
    next.update(tx.conn()).await?;
    Ok(())
}

/// Locks the import, so that two workers (a lease that ran out) write one after the other.
async fn still_committing(tx: &Tx, id: ImportId) -> Result<data_import::Model, Problem> {
    let select = data_import::Entity::find_by_id(id).lock_exclusive();
    let row = select.one(tx.conn()).await?.ok_or_else(Problem::not_found)?;
    if row.state == ImportState::Committing { Ok(row) } else { Err(FundError::ImportState.into()) }
}

async fn finish(tx: &Tx, row: &data_import::Model, mut next: data_import::ActiveModel, counts: serde_json::Value) -> Result<(), Problem> {
    next.state = Set(ImportState::Committed);
    next.version = Set(row.version + 1);
    let after = next.update(tx.conn()).await?;
    let change = Change::new("import.committed", "fund.import", after.id).scope(scope_of(&after)).data("kind", after.template);
    tx.event(change.data("counts", counts).state(row.state, after.state)).await.map(drop)
}

/// Active standards by code; where a code was renewed, the newest.
async fn standards_of(tx: &Tx) -> Result<HashMap<String, StandardId>, Problem> {
    use fund_standard::{Column, Entity};
    let mut rows = Entity::find().filter(Column::State.eq(StandardState::Active)).all(tx.conn()).await?;
    rows.sort_by_key(|r| r.from_on);
    Ok(rows.into_iter().map(|r| (r.code, r.id)).collect())
}

fn house_row(line: &HouseLine) -> HouseRow {
    let (building, unit, floor, room) = line.place.clone();
    HouseRow {
        building,
        unit,
        floor,
        room,
        area: line.area,
        area_inner: line.inner,
        area_shared: line.shared,
        use_: line.use_code.clone(),
        nature: line.nature.clone(),
        has_lift: line.has_lift,
        countable: line.countable,
        sale_price: line.sale_price,
        contract_no: line.contract_no.clone(),
        registry_no: line.registry_no.clone(),
        standard_code: line.standard_code.clone(),
        remarks: line.remarks.clone(),
        owner: line.owner.as_ref().map(|o| NewPerson {
            name: o.name.clone(),
            id_type: o.id_type.clone(),
            id_number: o.id_number.clone(),
            mobile: o.mobile.clone(),
        }),
    }
}

const HOUSE_COLUMNS: &str = "house_id, house_code, project_id, building_id, fund_account_id, area, due, standard_id, area_path, created_at";

async fn houses_of_project(
    ctx: &Ctx,
    tx: &Tx,
    project: &fund_project::Model,
    lines: &[&HouseLine],
    standards: &HashMap<String, StandardId>,
) -> Result<CreatedCounts, Problem> {
    let rows = lines.iter().map(|l| house_row(l)).collect();
    let made = register::import(ctx, tx, project.project_id, rows).await?;
    let counted: Vec<_> = lines.iter().zip(&made.houses).filter(|(line, _)| line.countable).collect();
    let new: Vec<NewAccount> = counted
        .iter()
        .map(|(_, house)| NewAccount {
            kind: AccountKind::Household,
            pool_code: project.pool_code.clone(),
            house_id: Some(house.id),
            building_id: Some(house.building_id),
            project_id: Some(project.project_id),
            area_path: made.area_path.clone(),
        })
        .collect();
    let opened = accounts::open(tx, &new).await?;
    let mut rows = Vec::with_capacity(counted.len());
    for ((line, house), account) in counted.iter().zip(&opened) {
        rows.push(values![
            house.id,
            house.code.as_str(),
            project.project_id,
            house.building_id,
            account.id,
            line.area,
            line.due,
            line.standard_code.as_ref().and_then(|c| standards.get(c)).copied(),
            made.area_path.as_str(),
            tx.now()
        ]);
    }
    list::insert_all(tx.conn(), "fund_house", HOUSE_COLUMNS, rows).await?;
    if project.state == FundState::Registered && !opened.is_empty() {
        let mut next = project.clone().into_active_model();
        next.state = Set(FundState::Active);
        next.version = Set(project.version + 1);
        let after = next.update(tx.conn()).await?;
        let change = Change::new("fund.project.opened", "fund.project", after.project_id);
        let change = change.scope(crate::service::project::scope_of(&after)).data("code", &after.project_code);
        tx.event(change.data("accounts", opened.len()).state(project.state, after.state)).await?;
    }
    Ok(CreatedCounts {
        buildings: made.buildings,
        units: made.units,
        houses: made.houses.len() as i64,
        persons: made.persons,
        accounts: opened.len() as i64,
    })
}

#[derive(sea_orm::FromQueryResult)]
struct RowNo {
    import_row: i64,
}

/// One posting a row, in chunks; rows that an earlier try posted are passed over.
async fn deposits(ctx: &Ctx, job: &dyn JobRun, id: ImportId, lines: Vec<DepositLine>) -> Result<(), Problem> {
    const WRITTEN: &str = "select import_row from fund_deposit where import_id = $1";
    let written: Vec<RowNo> = ctx.conn().rows(WRITTEN, values![id]).await?;
    let written: HashSet<i64> = written.into_iter().map(|r| r.import_row).collect();
    let total = lines.len() as i64;
    let left: Vec<DepositLine> = lines.into_iter().filter(|l| !written.contains(&l.row)).collect();
    let mut done = total - left.len() as i64;
    for chunk in left.chunks(CHUNK) {
        ctx.tx("fund.import.deposits", &Key::default(), async |tx| deposits_chunk(ctx, tx, id, done, chunk).await).await?;
        done += chunk.len() as i64;
        job.progress(done, total, 0).await?;
    }
    ctx.tx("fund.import.deposited", &Key::default(), async |tx| {
        let row = still_committing(tx, id).await?;
        let counts = serde_json::json!({ "posted": row.posted, "amount": row.amount });
        finish(tx, &row, row.clone().into_active_model(), counts).await
    })
    .await
}

const HOUSES: &str = "select house_id, house_code, fund_account_id, area_path from fund_house where house_id in ";

#[derive(sea_orm::FromQueryResult)]
struct PayingHouse {
    house_id: HouseId,
    house_code: String,
    fund_account_id: FundAccountId,
    area_path: String,
}

async fn deposits_chunk(ctx: &Ctx, tx: &Tx, id: ImportId, done: i64, lines: &[DepositLine]) -> Result<(), Problem> {
    let row = still_committing(tx, id).await?;
    if row.posted != done {
        return Err(Problem::internal("another worker writes this import"));
    }
    let missing = || Problem::internal("a T2 import without its project or bank account");
    let project = project_of(ctx, tx.conn(), row.project_id.ok_or_else(missing)?).await?;
    let bank_account_id = row.bank_account_id.ok_or_else(missing)?;
    let sql = format!("{HOUSES}{}", list::placeholders(tx.conn(), 0, lines.len()));
    let houses: Vec<PayingHouse> = tx.conn().rows(&sql, lines.iter().map(|l| l.house_id.into()).collect()).await?;
    let houses: HashMap<_, _> = houses.into_iter().map(|h| (h.house_id, h)).collect();
    let day = tx.today().compact();
    let first = number::next_block(tx, &format!("no:DP:{day}"), lines.len() as i64).await?;
    let mut rows = Vec::with_capacity(lines.len());
    for (n, line) in lines.iter().enumerate() {
        let house = houses.get(&line.house_id).ok_or_else(Problem::not_found)?;
        rows.push(fund_deposit::Model {
            id: DepositId::new(),
            no: format!("DP{day}{:06}", first + n as i64),
            project_id: project.project_id,
            house_id: house.house_id,
            house_code: house.house_code.clone(),
            fund_account_id: house.fund_account_id,
            kind: DepositKind::First,
            amount: line.amount,
            due: line.due,
            bank_account_id,
            bank_date: line.bank_date,
            bank_serial: line.bank_serial.clone(),
            payer: line.payer.clone(),
            receipt_no: line.receipt_no.clone(),
            remarks: line.remarks.clone(),
            use_id: None,
            import_id: Some(id),
            import_row: Some(line.row),
            state: DepositState::PaidPending,
            reason: None,
            posting_id: None,
            posting_no: None,
            code: None,
            corrected_by: None,
            area_path: house.area_path.clone(),
            created_by: row.created_by,
            created_at: tx.now(),
            confirmed_by: row.committed_by,
            version: 1,
        });
    }
    let postings = rows.iter().map(|r| posting(r, project.pool_code.clone(), tx)).collect();
    let posted = post_all(ctx, tx, postings).await?;
    let mut changes = Vec::with_capacity(rows.len());
    let mut amount = row.amount;
    for (deposit, posted) in rows.iter_mut().zip(posted) {
        let before = deposit.clone();
        deposit.state = DepositState::Posted;
        deposit.posting_id = Some(posted.id);
        deposit.posting_no = Some(posted.posting_no);
        deposit.code = Some(posted.code.text().to_owned());
        amount = amount.try_add(deposit.amount)?;
        changes.push(posted_event(&before, deposit));
    }
    tx.events(changes).await?;
    list::insert_all(tx.conn(), "fund_deposit", DEPOSIT_COLUMNS, rows.iter().map(deposit_values).collect()).await?;
    tell::deposit_posted(tx, &rows).await?;
    let mut next = row.into_active_model();
    next.posted = Set(done + lines.len() as i64);
    next.amount = Set(amount);
    next.update(tx.conn()).await?;
    Ok(())
}

const DEPOSIT_COLUMNS: &str = "id, no, project_id, house_id, house_code, fund_account_id, kind, amount, due, bank_account_id, bank_date,
    bank_serial, payer, receipt_no, remarks, use_id, import_id, import_row, state, reason, posting_id, posting_no, code, corrected_by,
    area_path, created_by, created_at, confirmed_by, version";

fn deposit_values(d: &fund_deposit::Model) -> Vec<Value> {
    values![
        d.id,
        d.no.as_str(),
        d.project_id,
        d.house_id,
        d.house_code.as_str(),
        d.fund_account_id,
        d.kind.as_str(),
        d.amount,
        d.due,
        d.bank_account_id,
        d.bank_date,
        d.bank_serial.as_str(),
        d.payer.as_deref(),
        d.receipt_no.as_deref(),
        d.remarks.as_deref(),
        d.use_id,
        d.import_id,
        d.import_row,
        d.state.as_str(),
        d.reason.as_deref(),
        d.posting_id,
        d.posting_no.as_deref(),
        d.code.as_deref(),
        d.corrected_by,
        d.area_path.as_str(),
        d.created_by,
        d.created_at,
        d.confirmed_by,
        d.version
    ]
}
