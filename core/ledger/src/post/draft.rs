//! What is about to be posted, checked as far as it can be without the database.
use linli_kernel::{Date, Invalid, Money, Overflow, PostingId, Problem};

use super::{Posting, rows::GlRow};
use crate::LedgerError;

/// A posting with what only a reversal brings along.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub posting: Posting,
    pub subject_kind: String,
    pub source: String,
    /// The code whose effect this is: that of the original for a reversal.
    pub origin_code: String,
    pub reason: Option<String>,
    /// Journal lines and voucher of the original, negated.
    pub red: Option<Red>,
}

#[derive(Clone, Debug)]
pub(crate) struct Red {
    pub set_code: String,
    pub voucher_code: String,
    pub voucher_kind: String,
    pub lines: Vec<GlRow>,
}

impl Draft {
    pub fn of(posting: Posting) -> Draft {
        Draft {
            subject_kind: posting.subject_kind.to_owned(),
            source: posting.source(),
            origin_code: posting.code.text().to_owned(),
            reason: None,
            red: None,
            posting,
        }
    }

    /// Form only. Σ fund lines = bank amount where there are both (I1).
    pub fn check(&self, today: Date) -> Result<Money, Problem> {
        let p = &self.posting;
        let mut invalid = Invalid::new();
        invalid.check(!p.lines.is_empty() || p.bank.is_some(), "/lines", "ledger.posting.empty", "没有分录", "There is no line");
        invalid.check(
            p.lines.iter().all(|l| !l.amount.is_zero()) && p.bank.as_ref().is_none_or(|b| !b.amount.is_zero()),
            "/lines",
            "ledger.posting.zero_amount",
            "金额不能为零",
            "An amount is zero",
        );
        invalid.check(
            p.bank.as_ref().is_none_or(|b| !b.bank_serial.trim().is_empty() && p.bank_date.is_some()),
            "/bank",
            "ledger.posting.bank_incomplete",
            "缺少银行流水号或到账日期",
            "The bank's serial or date is missing",
        );
        invalid.check(
            p.bank_date.is_none_or(|d| d <= today),
            "/bank_date",
            "ledger.posting.future_date",
            "到账日期晚于今天",
            "The bank's date is later than today",
        );
        invalid.done()?;
        if p.maker.is_some() && p.maker == p.checker {
            return Err(Problem::same_person());
        }
        let amounts: Vec<Money> = p.lines.iter().map(|l| l.amount).collect();
        let sum = Money::sum(amounts.iter().copied())?;
        if let Some(bank) = p.bank.as_ref().filter(|b| !amounts.is_empty() && b.amount != sum) {
            return Err(LedgerError::Unbalanced { difference: bank.amount.try_sub(sum)? }.into());
        }
        Ok(total(&amounts, p.bank.as_ref().map(|b| b.amount))?)
    }
    pub fn reverses(&self) -> Option<PostingId> {
        self.posting.reverses
    }
}

/// What a posting moves: the bank's amount; without one what comes in on its accounts, or else what goes out.
pub(crate) fn total(lines: &[Money], bank: Option<Money>) -> Result<Money, Overflow> {
    if let Some(bank) = bank {
        return Ok(bank);
    }
    let incoming = Money::sum(lines.iter().copied().filter(|a| a.is_positive()))?;
    if incoming.is_zero() { Money::sum(lines.iter().copied()) } else { Ok(incoming) }
}
