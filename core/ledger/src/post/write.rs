//! Writing postings: the rule and the balances ([`super::balance`]), one insert a book, the events.
use std::collections::HashMap;

use linli_kernel::{FundAccountId, Money, PostingId, Problem, ProjectId};
use linli_runtime::{Backend, Change, ScopeIds, Sql, Tx, values};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};
use uuid::Uuid;

use super::{
    Draft, Posted,
    balance::{self, Ready, Running, map_key},
    books,
    rows::{BankRow, EntryRow, GlRow},
    seal,
};
use crate::{
    Bucket, LedgerError,
    bulk::{self, Insert, Rows},
    model::{FundAccount, posting::Model as PostingRow},
};

/// All rows of one posting.
struct Plan {
    posting: PostingRow,
    entries: Vec<EntryRow>,
    bank: Option<BankRow>,
    journal: Vec<GlRow>,
}

/// Writes the drafts in order. `home` is the area path of the city, for postings that belong to no one project.
pub(crate) async fn write(tx: &Tx, home: &str, drafts: Vec<Draft>) -> Result<Vec<Posted>, Problem> {
    let today = tx.today();
    let mut totals = Vec::with_capacity(drafts.len());
    for draft in &drafts {
        totals.push(draft.check(today)?);
    }
    let Ready { maps, mut accounts } = balance::ready(tx, &drafts, today).await?;
    let mut plans = Vec::with_capacity(drafts.len());
    for (draft, total) in drafts.iter().zip(totals) {
        let map = &maps[&map_key(draft)];
        plans.push(plan(tx, home, draft, total, map, &mut accounts)?);
    }
    let numbers = insert(tx, &plans).await.map_err(|error| refused(error, &drafts))?;
    let mut posted = Vec::with_capacity(plans.len());
    let mut changes = Vec::with_capacity(plans.len());
    for (plan, draft) in plans.iter().zip(&drafts) {
        let id = plan.posting.id;
        let posting_no = numbers.get(&id).cloned().ok_or_else(|| Problem::internal("a posting came back without its number"))?;
        if let Some(original) = draft.reverses() {
            tx.conn().exec(FREE_SERIAL, values![Uuid::from(original)]).await?;
        }
        changes.push(posted_event(plan, draft, &posting_no));
        posted.push(Posted { id, posting_no, code: draft.posting.code });
    }
    tx.events(changes).await?;
    Ok(posted)
}

fn plan(
    tx: &Tx,
    home: &str,
    draft: &Draft,
    total: Money,
    map: &books::Map,
    accounts: &mut HashMap<FundAccountId, Running>,
) -> Result<Plan, Problem> {
    let p = &draft.posting;
    let id = PostingId::new();
    let mut entries = Vec::with_capacity(p.lines.len());
    for (n, line) in p.lines.iter().enumerate() {
        let running = accounts.get_mut(&line.fund_account_id).ok_or_else(Problem::not_found)?;
        let account = &running.account;
        if account.pool_code != p.pool_code {
            return Err(LedgerError::WrongPool { no: account.account_no.clone(), pool: p.pool_code.clone() }.into());
        }
        running.seq += 1;
        let bucket = match line.bucket {
            Bucket::Principal => &mut running.principal,
            Bucket::Income => &mut running.income,
        };
        *bucket = bucket.try_add(line.amount)?;
        if bucket.is_negative() {
            // Within a batch a later credit does not pay for an earlier debit.
            let ids = [line.fund_account_id];
            return Err(Problem::from(LedgerError::Insufficient)
                .with("fund_account_ids", ids)
                .with("house_ids", account.house_id.as_slice()));
        }
        entries.push(EntryRow {
            fund_account_id: line.fund_account_id,
            seq: running.seq,
            posting_id: id,
            line: n as i64 + 1,
            origin_code: draft.origin_code.clone(),
            bucket: line.bucket.text().to_owned(),
            amount: line.amount,
            balance_after: *bucket,
            summary: text_or(&line.summary, p.code.text()),
            formula: line.formula.as_ref().map(ToString::to_string),
            house_id: account.house_id,
            project_id: account.project_id,
            area_path: account.area_path.clone(),
        });
    }
    let holders: Vec<&FundAccount> = p.lines.iter().map(|l| &accounts[&l.fund_account_id].account).collect();
    let journal = books::journal(id, draft, map, &holders)?;
    let bank = p.bank.as_ref().zip(p.bank_date).map(|(b, bank_date)| BankRow {
        posting_id: id,
        bank_account_id: b.bank_account_id,
        amount: b.amount,
        bank_date,
        bank_serial: b.bank_serial.clone(),
    });
    let (area_path, project_id) = place(home, &holders);
    let (set_code, voucher_code, voucher_kind) = match &draft.red {
        Some(red) => (red.set_code.clone(), red.voucher_code.clone(), red.voucher_kind.clone()),
        None => (map.set_code.clone(), map.voucher_code.clone(), map.voucher_kind.clone()),
    };
    let mut posting = PostingRow {
        serial: 0,
        id,
        posting_no: String::new(),
        source: draft.source.clone(),
        code: p.code.text().to_owned(),
        origin_code: draft.origin_code.clone(),
        pool_code: p.pool_code.clone(),
        set_code,
        voucher_code,
        voucher_kind,
        accounting_on: tx.today(),
        value_date: p.value_date,
        bank_date: p.bank_date,
        amount: total,
        lines: entries.len() as i64,
        subject_kind: draft.subject_kind.clone(),
        subject_id: p.subject_id,
        // An empty text is stored as null, so it is sealed as null.
        subject_no: p.subject_no.clone().filter(|t| !t.is_empty()),
        maker: p.maker,
        checker: p.checker,
        reason: draft.reason.clone().filter(|t| !t.is_empty()),
        reverses_id: draft.reverses(),
        posted_at: tx.now(),
        area_path,
        project_id,
        seal: String::new(),
        journal_seal: String::new(),
    };
    posting.seal = seal::seal(&posting, &entries, bank.as_ref(), &journal);
    posting.journal_seal = seal::journal_seal(&posting, &journal);
    Ok(Plan { posting, entries, bank, journal })
}

fn text_or(text: &str, other: &str) -> String {
    if text.trim().is_empty() { other.to_owned() } else { text.to_owned() }
}

/// The project's own path when all accounts are of one project, else the city.
fn place(home: &str, holders: &[&FundAccount]) -> (String, Option<ProjectId>) {
    match holders.first() {
        Some(first) if holders.iter().all(|a| a.project_id == first.project_id) => (first.area_path.clone(), first.project_id),
        _ => (home.to_owned(), None),
    }
}

const LAST_SERIAL: &str = "select coalesce(max(serial), 0) as v from posting";
const COLUMNS: &str = "id, source, code, origin_code, pool_code, set_code, voucher_code, voucher_kind, accounting_on, value_date, bank_date, \
     amount, lines, subject_kind, subject_id, subject_no, maker, checker, reason, reverses_id, posted_at, area_path, project_id, seal, journal_seal";

#[derive(FromQueryResult)]
struct Number {
    id: PostingId,
    posting_no: String,
}

/// Writes all rows and answers the numbers. Serials come from a sequence (gaps are allowed), so no row is hot.
async fn insert(tx: &Tx, plans: &[Plan]) -> Result<HashMap<PostingId, String>, DbErr> {
    let backend = tx.backend();
    let heads = posting_rows(plans);
    let source = heads.source(backend, 1);
    let conn = tx.conn();
    let db = conn.get_database_backend();
    let rest = [
        Insert { table: "fund_entry", rows: entry_rows(plans) },
        Insert { table: "bank_entry", rows: bank_rows(plans) },
        Insert { table: "bank_claim", rows: claim_rows(plans) },
        Insert { table: "gl_line", rows: gl_rows(plans) },
    ];
    let (text, parameters) = match backend {
        Backend::Postgres => {
            let mut parameters = heads.values(backend);
            let mut parts = vec![format!(
                "p as (insert into posting (serial, posting_no, {COLUMNS})
                   select serial, replace(accounting_on, '-', '') || pool_code || lpad((serial % 10000000)::text, 7, '0'), {COLUMNS}
                   from (select nextval('posting_serial_seq') as serial, src.* from ({source}) as src) as s returning id, posting_no)"
            )];
            for (n, insert) in rest.into_iter().filter(|i| !i.rows.is_empty()).enumerate() {
                parts.push(format!("w{n} as ({})", insert.text(backend, parameters.len() + 1)));
                parameters.extend(insert.rows.values(backend));
            }
            (format!("with {} select id, posting_no from p", parts.join(", ")), parameters)
        }
        Backend::Sqlite => {
            let last: i64 = match conn.query_one_raw(Statement::from_string(db, LAST_SERIAL)).await? {
                Some(row) => row.try_get("", "v")?,
                None => 0,
            };
            bulk::insert_all(tx, rest.into()).await?;
            let mut parameters = heads.values(backend);
            parameters.push(last.into());
            let base = format!("${}", parameters.len());
            let text = format!(
                "insert into posting (serial, posting_no, {COLUMNS})
                 select {base} + n, replace(accounting_on, '-', '') || pool_code || printf('%07d', ({base} + n) % 10000000), {COLUMNS}
                 from ({source}) as src where true returning id, posting_no"
            );
            (text, parameters)
        }
    };
    let rows = conn.query_all_raw(Statement::from_sql_and_values(db, text, parameters)).await?;
    rows.iter().map(|row| Number::from_query_result(row, "").map(|n| (n.id, n.posting_no))).collect()
}

fn posting_rows(plans: &[Plan]) -> Rows {
    let p = || plans.iter().map(|plan| &plan.posting);
    Rows::new()
        .ints("n", 1..=plans.len() as i64)
        .uuids("id", p().map(|p| Some(p.id.into())))
        .texts("source", p().map(|p| p.source.clone()))
        .texts("code", p().map(|p| p.code.clone()))
        .texts("origin_code", p().map(|p| p.origin_code.clone()))
        .texts("pool_code", p().map(|p| p.pool_code.clone()))
        .texts("set_code", p().map(|p| p.set_code.clone()))
        .texts("voucher_code", p().map(|p| p.voucher_code.clone()))
        .texts("voucher_kind", p().map(|p| p.voucher_kind.clone()))
        .texts("accounting_on", p().map(|p| p.accounting_on.to_string()))
        .texts("value_date", p().map(|p| p.value_date.to_string()))
        .texts("bank_date", p().map(|p| p.bank_date.map(|d| d.to_string())))
        .ints("amount", p().map(|p| p.amount.fen()))
        .ints("lines", p().map(|p| p.lines))
        .texts("subject_kind", p().map(|p| p.subject_kind.clone()))
        .uuids("subject_id", p().map(|p| Some(p.subject_id)))
        .texts("subject_no", p().map(|p| p.subject_no.clone()))
        .uuids("maker", p().map(|p| p.maker.map(Uuid::from)))
        .uuids("checker", p().map(|p| p.checker.map(Uuid::from)))
        .texts("reason", p().map(|p| p.reason.clone()))
        .uuids("reverses_id", p().map(|p| p.reverses_id.map(Uuid::from)))
        .ints("posted_at", p().map(|p| p.posted_at.micros()))
        .texts("area_path", p().map(|p| p.area_path.clone()))
        .uuids("project_id", p().map(|p| p.project_id.map(Uuid::from)))
        .texts("seal", p().map(|p| p.seal.clone()))
        .texts("journal_seal", p().map(|p| p.journal_seal.clone()))
}

fn entry_rows(plans: &[Plan]) -> Rows {
    let e = || plans.iter().flat_map(|plan| &plan.entries);
    Rows::new()
        .uuids("fund_account_id", e().map(|e| Some(e.fund_account_id.into())))
        .ints("seq", e().map(|e| e.seq))
        .uuids("posting_id", e().map(|e| Some(e.posting_id.into())))
        .ints("line", e().map(|e| e.line))
        .texts("origin_code", e().map(|e| e.origin_code.clone()))
        .texts("bucket", e().map(|e| e.bucket.clone()))
        .ints("amount", e().map(|e| e.amount.fen()))
        .ints("balance_after", e().map(|e| e.balance_after.fen()))
        .texts("summary", e().map(|e| e.summary.clone()))
        .texts("formula", e().map(|e| e.formula.clone()))
        .uuids("house_id", e().map(|e| e.house_id.map(Uuid::from)))
        .uuids("project_id", e().map(|e| e.project_id.map(Uuid::from)))
        .texts("area_path", e().map(|e| e.area_path.clone()))
}

fn bank_rows(plans: &[Plan]) -> Rows {
    let b = || plans.iter().filter_map(|plan| plan.bank.as_ref());
    Rows::new()
        .uuids("posting_id", b().map(|b| Some(b.posting_id.into())))
        .uuids("bank_account_id", b().map(|b| Some(b.bank_account_id.into())))
        .ints("amount", b().map(|b| b.amount.fen()))
        .texts("bank_date", b().map(|b| b.bank_date.to_string()))
        .texts("bank_serial", b().map(|b| b.bank_serial.clone()))
}

/// A reversal frees the serial of its original and claims none: the right posting of the same receipt follows.
fn claim_rows(plans: &[Plan]) -> Rows {
    let b = || plans.iter().filter(|plan| plan.posting.reverses_id.is_none()).filter_map(|plan| plan.bank.as_ref());
    Rows::new()
        .uuids("bank_account_id", b().map(|b| Some(b.bank_account_id.into())))
        .texts("bank_serial", b().map(|b| b.bank_serial.clone()))
        .uuids("posting_id", b().map(|b| Some(b.posting_id.into())))
}

fn gl_rows(plans: &[Plan]) -> Rows {
    let g = || plans.iter().flat_map(|plan| &plan.journal);
    Rows::new()
        .uuids("posting_id", g().map(|g| Some(g.posting_id.into())))
        .ints("line", g().map(|g| g.line))
        .texts("set_code", g().map(|g| g.set_code.clone()))
        .texts("account_code", g().map(|g| g.account_code.clone()))
        .uuids("project_id", g().map(|g| g.project_id.map(Uuid::from)))
        .uuids("bank_account_id", g().map(|g| g.bank_account_id.map(Uuid::from)))
        .texts("holder_kind", g().map(|g| g.holder_kind.clone()))
        .ints("debit", g().map(|g| g.debit.fen()))
        .ints("credit", g().map(|g| g.credit.fen()))
        .texts("summary", g().map(|g| g.summary.clone()))
}

/// A unique key that refused says which promise was broken; its name stands in the database's text on both databases.
fn refused(error: DbErr, drafts: &[Draft]) -> Problem {
    if !linli_runtime::is_unique_violation(&error) {
        return error.into();
    }
    let text = error.to_string();
    if text.contains("bank_claim") {
        let serials: Vec<&str> = drafts.iter().filter_map(|d| d.posting.bank.as_ref()).map(|b| b.bank_serial.as_str()).collect();
        let serial = if serials.len() == 1 { serials[0] } else { "" };
        return LedgerError::DuplicateSerial { serial: serial.to_owned() }.into();
    }
    if text.contains("reverses") || drafts.iter().any(|d| d.reverses().is_some()) {
        return LedgerError::AlreadyReversed.into();
    }
    if text.contains("posting_source") || text.contains("posting.source") {
        return LedgerError::Duplicate.into();
    }
    error.into()
}

const FREE_SERIAL: &str = "delete from bank_claim where posting_id = $1";

fn posted_event(plan: &Plan, draft: &Draft, posting_no: &str) -> Change {
    let p = &plan.posting;
    let scope = ScopeIds { area_path: Some(p.area_path.clone()), project_id: p.project_id, ..ScopeIds::default() };
    Change::new("ledger.posting.posted", "ledger.posting", p.id)
        .scope(scope)
        .data("no", posting_no)
        .data("posting_no", posting_no)
        .data("state", "posted")
        .data("from_state", serde_json::Value::Null)
        .data("code", draft.posting.code)
        .data("total", p.amount)
        .data("accounts", p.lines)
        .data("bank_date", p.bank_date)
        .data("source", &p.source)
        .data("reverses_id", p.reverses_id)
        .data("seal", &p.seal)
        .data("journal_seal", &p.journal_seal)
}
