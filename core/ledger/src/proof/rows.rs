//! The checks that need each posting with its rows: seals (L1, L3), event (L4), source (L5), total (L7).
use std::collections::HashMap;

use linli_kernel::{Money, PostingId, Problem};
use linli_runtime::{Sql, values};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde_json::Value;
use uuid::Uuid;

use super::Faults;
use crate::{
    bulk,
    model::posting::Model as PostingRow,
    post::{
        rows::{BANK_COLUMNS, BankRow, ENTRY_COLUMNS, EntryRow, GL_COLUMNS, GlRow},
        seal, total,
    },
};

/// What the walk over all postings found.
#[derive(Default)]
pub(super) struct Walked {
    pub postings: usize,
    pub journals: Faults,
    pub seals: Faults,
    pub events: Faults,
    pub sources: Faults,
    pub totals: Faults,
}

/// At most so many postings, and about so many entries, are in memory at once.
const POSTINGS: i64 = 500;
const ENTRIES: i64 = 50_000;

const CHUNK: &str = "select serial, id, posting_no, source, code, origin_code, pool_code, set_code, voucher_code, voucher_kind, accounting_on,
                       value_date, bank_date, amount, lines, subject_kind, subject_id, subject_no, maker, checker, reason, reverses_id, posted_at,
                       area_path, project_id, seal, journal_seal
                     from posting where pool_code = $1 and serial > $2 order by serial limit $3";

pub(super) async fn walk(conn: &impl ConnectionTrait, pool: &str) -> Result<Walked, Problem> {
    let mut walked = Walked::default();
    let mut after = 0;
    loop {
        let mut chunk: Vec<PostingRow> = conn.rows(CHUNK, values![pool, after, POSTINGS]).await?;
        let mut lines = 0;
        let fits = chunk.iter().take_while(|p| {
            let room = lines <= ENTRIES;
            lines += p.lines;
            room
        });
        let fits = fits.count();
        chunk.truncate(fits.max(1));
        let Some(last) = chunk.last() else { return Ok(walked) };
        after = last.serial;
        let rows = Loaded::of(conn, &chunk).await?;
        for posting in &chunk {
            walked.judge(posting, &rows);
        }
    }
}

struct Loaded {
    entries: HashMap<PostingId, Vec<EntryRow>>,
    bank: HashMap<PostingId, BankRow>,
    journal: HashMap<PostingId, Vec<GlRow>>,
    events: HashMap<Uuid, Vec<Value>>,
}

#[derive(FromQueryResult)]
struct EventData {
    subject_id: Uuid,
    data: String,
}

// By the postings' own range: against a list of ids, a server without statistics compares every event with every id.
const EVENTS: &str = "select e.subject_id, e.data from posting p join event e on e.subject_kind = 'ledger.posting' and e.subject_id = p.id
                      where p.pool_code = $1 and p.serial between $2 and $3 and e.kind = 'ledger.posting.posted'";

impl Loaded {
    async fn of(conn: &impl ConnectionTrait, chunk: &[PostingRow]) -> Result<Loaded, Problem> {
        let (source, ids) = bulk::ids(bulk::backend_of(conn), chunk.iter().map(|p| p.id.into()), 1);
        let text = format!("select {ENTRY_COLUMNS} from fund_entry e where e.posting_id in ({source}) order by e.posting_id, e.line");
        let mut entries: HashMap<PostingId, Vec<EntryRow>> = HashMap::new();
        for row in conn.rows::<EntryRow>(&text, ids.clone()).await? {
            entries.entry(row.posting_id).or_default().push(row);
        }
        let text = format!("select {BANK_COLUMNS} from bank_entry b where b.posting_id in ({source})");
        let bank = conn.rows::<BankRow>(&text, ids.clone()).await?.into_iter().map(|b| (b.posting_id, b)).collect();
        let text = format!("select {GL_COLUMNS} from gl_line g where g.posting_id in ({source}) order by g.posting_id, g.line");
        let mut journal: HashMap<PostingId, Vec<GlRow>> = HashMap::new();
        for row in conn.rows::<GlRow>(&text, ids).await? {
            journal.entry(row.posting_id).or_default().push(row);
        }
        let (first, last) = (chunk.first().map_or(0, |p| p.serial), chunk.last().map_or(0, |p| p.serial));
        let pool = chunk.first().map_or("", |p| p.pool_code.as_str());
        let mut events: HashMap<Uuid, Vec<Value>> = HashMap::new();
        for row in conn.rows::<EventData>(EVENTS, values![pool, first, last]).await? {
            events.entry(row.subject_id).or_default().push(serde_json::from_str(&row.data).unwrap_or(Value::Null));
        }
        Ok(Loaded { entries, bank, journal, events })
    }
}

impl Walked {
    fn judge(&mut self, posting: &PostingRow, rows: &Loaded) {
        self.postings += 1;
        let no = &posting.posting_no;
        let entries = rows.entries.get(&posting.id).map_or(&[][..], Vec::as_slice);
        let journal = rows.journal.get(&posting.id).map_or(&[][..], Vec::as_slice);
        let bank = rows.bank.get(&posting.id);
        let events = rows.events.get(&Uuid::from(posting.id)).map_or(&[][..], Vec::as_slice);
        // Without its event a posting breaks L4 alone; what the event would say is not held against the other checks.
        let event = events.first();
        let says = |key: &str, value: &str| event.is_none_or(|e| e.get(key).and_then(Value::as_str) == Some(value));
        match events.len() {
            1 if says("posting_no", no) && says("code", &posting.code) => {}
            1 => self.events.add(format!("{no}与其事件不同")),
            n => self.events.add(format!("{no}有{n}个事件")),
        }
        if !says("source", &posting.source) {
            self.sources.add(format!("{no}的来源与其事件不同"));
        }
        if seal::seal(posting, entries, bank, journal) != posting.seal || !says("seal", &posting.seal) {
            self.seals.add(format!("{no}被改动"));
        }
        if seal::journal_seal(posting, journal) != posting.journal_seal || !says("journal_seal", &posting.journal_seal) {
            self.journals.add(format!("{no}的分录被改动"));
        }
        let amounts: Vec<Money> = entries.iter().map(|e| e.amount).collect();
        let in_bank = bank.map(|b| b.amount);
        let sum = Money::sum(amounts.iter().copied());
        let shares_fit = in_bank.is_none_or(|b| amounts.is_empty() || sum == Ok(b));
        if total(&amounts, in_bank) != Ok(posting.amount) || !shares_fit {
            self.totals.add(format!("{no}总额{}，明细不符", posting.amount));
        }
    }
}
