//! Taking a file: the call writes the statement and a job; the job reads, checks and takes it.
use std::sync::Arc;

use async_trait::async_trait;
use linli_kernel::{BankAccountId, DocumentId, JobId, Money, Problem, StatementId};
use linli_runtime::{
    Change, Key, ScopeIds, Sql, Tx,
    jobs::{self, JobState, NewJob},
    values,
};
use linli_tenants::{Ctx, JobHandler, JobRun};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::file::{StatementFile, file_seq, read};
use crate::{
    bank_accounts,
    bulk::{self, Insert, Rows},
    model::{StatementState, bank_account, statement},
    perm,
};

/// A stored file, as the documents know it.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Its name or title.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// Where statement files lie: materials, put together in `src/wiring.rs` (a foundation does not know another).
#[async_trait]
pub trait FileSource: Send + Sync {
    /// The file, or 404 when the actor may not read it.
    async fn open(&self, ctx: &Ctx, id: DocumentId) -> Result<SourceFile, Problem>;
    /// Attaches it to a thing: 404 when the actor may not read it.
    async fn attach(&self, ctx: &Ctx, tx: &Tx, id: DocumentId, subject_kind: &'static str, subject_id: Uuid) -> Result<(), Problem>;
}

/// The port's place in [`linli_tenants::Ports`]: `ports.add(Files(Arc::new(…)))`.
#[derive(Clone)]
pub struct Files(pub Arc<dyn FileSource>);

fn files(ctx: &Ctx) -> Result<Arc<Files>, Problem> {
    ctx.app.ports.get::<Files>().ok_or_else(|| Problem::internal("no file source for statements"))
}

/// Takes a stored file as a day's statement.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementCreate {
    pub bank_account_id: BankAccountId,
    /// The file, stored before (kind `statement_file`).
    pub document_id: DocumentId,
}

/// A statement whose checking is under way.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StatementStartedView {
    pub id: StatementId,
    pub state: StatementState,
}

/// The job that checks it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StatementJobView {
    pub id: JobId,
    pub state: JobState,
}

/// Answer of taking a file.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StatementStarted {
    pub statement: StatementStartedView,
    pub job: StatementJobView,
}

pub async fn create(ctx: &Ctx, key: &Key, cmd: StatementCreate) -> Result<StatementStarted, Problem> {
    ctx.require(perm::STATEMENT_CREATE)?;
    let files = files(ctx)?;
    ctx.tx("ledger.statement.create", key, async |tx| {
        let bank = bank_accounts::in_scope(ctx, tx.conn(), cmd.bank_account_id).await?;
        let id = StatementId::new();
        files.0.attach(ctx, tx, cmd.document_id, "ledger.statement", id.into()).await?;
        let row = statement::Model {
            id,
            bank_account_id: bank.id,
            document_id: cmd.document_id,
            state: StatementState::Checking,
            day: None,
            file_seq: None,
            opening: None,
            closing: None,
            line_count: 0,
            digest: None,
            problems: "[]".into(),
            maker: ctx.actor.account_id,
            created_at: tx.now(),
            area_path: bank.area_path.clone(),
            matter: bank.matter.clone(),
        };
        statement::Entity::insert(row.into_active_model()).exec_without_returning(tx.conn()).await?;
        let scope = ScopeIds { area_path: Some(bank.area_path.clone()), ..ScopeIds::default() };
        let job = NewJob {
            kind: KIND,
            payload: serde_json::json!({ "statement_id": id }),
            unique_key: Some(format!("{KIND}:{id}")),
            due_at: tx.now(),
            scope: scope.clone(),
        };
        let job = jobs::enqueue(tx, job).await?;
        let change = Change::new("ledger.statement.created", "ledger.statement", id).scope(scope);
        tx.event(change.data("no", id).data("state", StatementState::Checking).data("from_state", serde_json::Value::Null)).await?;
        Ok(StatementStarted {
            statement: StatementStartedView { id, state: StatementState::Checking },
            job: StatementJobView { id: job, state: JobState::Queued },
        })
    })
    .await
}

const KIND: &str = "ledger.statement.import";

/// The job `ledger.statement.import`.
pub struct StatementImport;

#[derive(Deserialize)]
struct Payload {
    statement_id: StatementId,
}

#[async_trait]
impl JobHandler for StatementImport {
    fn kind(&self) -> &'static str {
        KIND
    }
    async fn run(&self, ctx: &Ctx, job: &dyn JobRun) -> Result<(), Problem> {
        let payload: Payload = serde_json::from_value(job.payload().clone()).map_err(Problem::internal)?;
        let row = ctx.get::<statement::Entity>(ctx.conn(), payload.statement_id).await?;
        if row.state != StatementState::Checking {
            return Ok(());
        }
        let source = files(ctx)?.0.open(ctx, row.document_id).await?;
        let file = read(&source.bytes);
        let lines = file.lines.len() as i64;
        job.progress(0, lines, 0).await?;
        let key = Key { text: Some(row.id.to_string()), digest: String::new(), forever: true };
        ctx.tx(KIND, &key, async |tx| take(ctx, tx, &row, &source.name, file).await).await?;
        // what is wrong with the file stands in the statement; the job itself did all of its work
        job.progress(lines, lines, 0).await
    }
}

const LATEST: &str = "select closing as v from statement where bank_account_id = $1 and state = 'imported' and day < $2
                      order by day desc, file_seq desc limit 1";
const SAME: &str =
    "select cast(1 as bigint) as v from statement where bank_account_id = $1 and state = 'imported' and day = $2 and file_seq = $3";

/// Judges the file against what was taken before, then takes it or puts it into quarantine; answers the number of problems.
async fn take(ctx: &Ctx, tx: &Tx, row: &statement::Model, name: &str, mut file: StatementFile) -> Result<usize, Problem> {
    let bank = bank_accounts::in_scope(ctx, tx.conn(), row.bank_account_id).await?;
    let seq = file_seq(name);
    against_books(tx, &bank, seq, &mut file).await?;
    let state = if file.problems.is_empty() { StatementState::Imported } else { StatementState::Quarantined };
    if state == StatementState::Imported {
        bulk::insert_all(tx, vec![Insert { table: "statement_line", rows: line_rows(ctx, row, &file) }]).await?;
        tx.conn().exec(MATCH, values![row.id]).await?;
    }
    let problems = serde_json::to_string(&file.problems).map_err(Problem::internal)?;
    let state_text = if state == StatementState::Imported { "imported" } else { "quarantined" };
    let set = values![
        row.id,
        state_text,
        file.day,
        seq,
        file.opening,
        file.closing,
        file.lines.len() as i64,
        (!file.digest.is_empty()).then(|| file.digest.clone()),
        problems
    ];
    tx.conn().exec(SET, set).await?;
    let scope = ScopeIds { area_path: Some(row.area_path.clone()), ..ScopeIds::default() };
    let kind = if state == StatementState::Imported { "ledger.statement.imported" } else { "ledger.statement.quarantined" };
    let change = Change::new(kind, "ledger.statement", row.id).scope(scope).state(row.state, state);
    let change = change.data("no", row.id).data("lines", file.lines.len()).data("bank_date", file.day).data("digest", &file.digest);
    tx.event(change.data("problems", file.problems.len())).await?;
    Ok(file.problems.len())
}

const SET: &str = "update statement set state = $2, day = $3, file_seq = $4, opening = $5, closing = $6, line_count = $7, digest = $8,
                     problems = $9 where id = $1";
// M2 (finance §6): a line whose serial stands in the books with the same amount is matched at once.
const MATCH: &str = "update statement_line set state = 'matched' where statement_id = $1 and exists (
                       select 1 from bank_claim c join bank_entry b on b.posting_id = c.posting_id
                       where c.bank_account_id = statement_line.bank_account_id and c.bank_serial = statement_line.bank_serial
                         and b.amount = statement_line.amount)";

async fn against_books(tx: &Tx, bank: &bank_account::Model, seq: i64, file: &mut StatementFile) -> Result<(), Problem> {
    if file.bank != bank.bank || file.number != bank.number {
        file.problem(1, "account", "文件不是这个专户的");
    }
    let Some(day) = file.day else { return Ok(()) };
    if tx.conn().scalar::<i64>(SAME, values![bank.id, day, seq]).await?.is_some() {
        file.problem(1, "duplicate_statement", format!("{day}第{seq}份对账单已导入"));
    }
    let before: Option<Money> = tx.conn().scalar(LATEST, values![bank.id, day]).await?;
    if let Some(closing) = before.filter(|c| *c != file.opening) {
        file.problem(1, "opening", format!("期初应等于上一份对账单的期末{closing}"));
    }
    #[derive(sea_orm::FromQueryResult)]
    struct Known {
        at: i64,
        serial: String,
    }
    let rows =
        Rows::new().ints("at", file.lines.iter().map(|l| l.at as i64)).texts("serial", file.lines.iter().map(|l| l.bank_serial.clone()));
    if rows.is_empty() {
        return Ok(());
    }
    let known: Vec<Known> = bulk::query(tx.conn(), rows, values![bank.id], |source, first| {
        format!(
            "select src.at, src.serial from ({source}) as src join statement_line l on l.bank_serial = src.serial
             where l.bank_account_id = ${first} order by src.at limit 200"
        )
    })
    .await?;
    for line in known {
        file.problem(line.at.unsigned_abs(), "duplicate_serial", format!("银行流水号{}已在以前的对账单中", line.serial));
    }
    Ok(())
}

/// Name and account of the other side are personal data: sealed.
fn line_rows(ctx: &Ctx, row: &statement::Model, file: &StatementFile) -> Rows {
    let l = || file.lines.iter();
    let cipher = ctx.tenant.cipher();
    let seal = |text: &str| (!text.is_empty()).then(|| cipher.seal(text));
    Rows::new()
        .uuids("statement_id", l().map(|_| Some(Uuid::from(row.id))))
        .ints("line_no", l().map(|l| l.line_no))
        .uuids("bank_account_id", l().map(|_| Some(Uuid::from(row.bank_account_id))))
        .texts("bank_serial", l().map(|l| l.bank_serial.clone()))
        .texts("bank_date", l().map(|l| l.bank_date.to_string()))
        .texts("bank_time", l().map(|l| if l.bank_time.is_empty() { "-".to_owned() } else { l.bank_time.clone() }))
        .ints("amount", l().map(|l| l.amount.fen()))
        .ints("balance_after", l().map(|l| l.balance_after.fen()))
        .texts("counter_name_sealed", l().map(|l| seal(&l.counter_name)))
        .texts("counter_account_sealed", l().map(|l| seal(&l.counter_account)))
        .texts("counter_bank", l().map(|l| l.counter_bank.clone()))
        .texts("pay_code", l().map(|l| l.pay_code.clone()))
        .texts("business_ref", l().map(|l| l.business_ref.clone()))
        .texts("summary", l().map(|l| l.summary.clone()))
        .texts("reversal_of", l().map(|l| l.reversal_of.clone()))
        .texts("state", l().map(|_| "new".to_owned()))
}
