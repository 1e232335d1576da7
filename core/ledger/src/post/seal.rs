//! 封记: digests by which the proof finds a changed row (L3). The event of a posting carries them into the sealed event log.
//!
//! `seal` covers everything that no other check covers wholly; `journal_seal` the amounts of the journal lines, which L1 answers
//! for. Outside both stand the number (checked against the event, L4), the source (L5) and the total (L7).
use std::fmt::Display;

use sha2::{Digest, Sha256};

use super::rows::{BankRow, EntryRow, GlRow};
use crate::model::posting::Model as PostingRow;

/// A digest over parts, each with its length before it, so that no two lists of parts share a text.
struct Seal(Sha256);

impl Seal {
    fn new(kind: &str) -> Seal {
        let mut seal = Seal(Sha256::new());
        seal.part(kind);
        seal
    }
    fn part(&mut self, part: impl Display) {
        let text = part.to_string();
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }
    fn option(&mut self, part: Option<impl Display>) {
        match part {
            Some(part) => {
                self.0.update([1]);
                self.part(part);
            }
            None => self.0.update([0]),
        }
    }
    fn hex(self) -> String {
        self.0.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// Over the posting and all its rows; entries and journal lines in the order of `line`.
pub(crate) fn seal(posting: &PostingRow, entries: &[EntryRow], bank: Option<&BankRow>, journal: &[GlRow]) -> String {
    let mut s = Seal::new("posting");
    s.part(posting.id);
    for text in [&posting.code, &posting.origin_code, &posting.pool_code, &posting.set_code, &posting.voucher_code, &posting.voucher_kind] {
        s.part(text);
    }
    s.part(posting.accounting_on);
    s.part(posting.value_date);
    s.option(posting.bank_date);
    s.part(posting.lines);
    s.part(&posting.subject_kind);
    s.part(posting.subject_id);
    s.option(posting.subject_no.as_ref());
    s.option(posting.maker);
    s.option(posting.checker);
    s.option(posting.reason.as_ref());
    s.option(posting.reverses_id);
    s.part(posting.posted_at.micros());
    s.part(entries.len());
    for e in entries {
        s.part(e.fund_account_id);
        s.part(e.seq);
        s.part(e.line);
        s.part(&e.origin_code);
        s.part(&e.bucket);
        s.part(e.amount.fen());
        s.part(e.balance_after.fen());
        s.part(&e.summary);
        s.option(e.formula.as_ref());
        s.option(e.house_id);
        s.option(e.project_id);
    }
    s.option(bank.map(|b| b.bank_account_id));
    if let Some(b) = bank {
        s.part(b.amount.fen());
        s.part(b.bank_date);
        s.part(&b.bank_serial);
    }
    s.part(journal.len());
    for g in journal {
        s.part(g.line);
        s.part(&g.set_code);
        s.part(&g.account_code);
        s.option(g.project_id);
        s.option(g.bank_account_id);
        s.option(g.holder_kind.as_ref());
        s.part(&g.summary);
    }
    s.hex()
}

/// Over the amounts of the journal.
pub(crate) fn journal_seal(posting: &PostingRow, journal: &[GlRow]) -> String {
    let mut s = Seal::new("journal");
    s.part(posting.id);
    for g in journal {
        s.part(g.line);
        s.part(g.debit.fen());
        s.part(g.credit.fen());
    }
    s.hex()
}
