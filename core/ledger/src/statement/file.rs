//! The file itself (maintenance-fund §6.3, STMT): `H` line, `D` lines, `T` line with the digest. Pure.
use std::collections::HashSet;

use linli_kernel::{Date, Money};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

/// One thing that is wrong in a statement file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LineProblem {
    /// Line of the file, from 1.
    #[schema(example = 11)]
    pub line: u64,
    /// Stable code.
    #[schema(example = "balance_chain")]
    pub code: String,
    /// What is wrong, in Chinese.
    #[schema(example = "余额应为1948554.21，文件为1948555.21")]
    pub message: String,
}

/// A day's file that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StatementFile {
    pub bank: String,
    pub number: String,
    pub day: Option<Date>,
    pub opening: Money,
    pub closing: Money,
    pub digest: String,
    pub lines: Vec<FileLine>,
    pub problems: Vec<LineProblem>,
}

/// One movement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileLine {
    /// Line of the file.
    pub at: u64,
    pub line_no: i64,
    pub bank_serial: String,
    pub bank_date: Date,
    pub bank_time: String,
    /// Plus a credit (C), minus a debit (D).
    pub amount: Money,
    pub balance_after: Money,
    pub counter_name: String,
    pub counter_account: String,
    pub counter_bank: String,
    pub pay_code: String,
    pub business_ref: String,
    pub summary: String,
    pub reversal_of: String,
}

const MAX_LINES: usize = 200_000;

/// Reads and checks the file by itself: form, digest, count, sums, and the balance chain line by line.
pub(crate) fn read(bytes: &[u8]) -> StatementFile {
    let mut file = StatementFile::default();
    if std::str::from_utf8(bytes).is_err() {
        file.problem(1, "not_utf8", "文件不是 UTF-8 编码");
        return file;
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut running: Option<Money> = None;
    let (mut seen, mut trailer, mut headed) = (HashSet::new(), false, false);
    let (mut credit, mut debit) = (0_i128, 0_i128);
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => {
                file.problem(reader.position().line(), "line_form", "行格式错误");
                break;
            }
        }
        let (at, offset) = record.position().map_or((0, 0), |p| (p.line(), p.byte()));
        let field = |n: usize| record.get(n).unwrap_or("").trim();
        if trailer {
            file.problem(at, "after_trailer", "结束行之后还有内容");
            break;
        }
        match field(0) {
            "H" if !headed && at == 1 => {
                headed = true;
                file.head(at, &field);
                running = Some(file.opening);
            }
            "D" if headed => {
                if file.lines.len() >= MAX_LINES {
                    file.problem(at, "too_many_lines", "超过二十万行");
                    break;
                }
                if let Some(line) = file.line(at, &field) {
                    let expected = running.and_then(|r| r.try_add(line.amount).ok());
                    if expected != Some(line.balance_after) {
                        let text = expected.map_or_else(String::new, |e| e.to_string());
                        file.problem(at, "balance_chain", format!("余额应为{text}，文件为{}", line.balance_after));
                    }
                    // The next line is judged against what the file says, so that one wrong figure is reported at its line.
                    running = Some(line.balance_after);
                    if line.line_no != file.lines.len() as i64 + 1 {
                        file.problem(at, "line_no", format!("行号应为{}", file.lines.len() + 1));
                    }
                    if !seen.insert(line.bank_serial.clone()) {
                        file.problem(at, "duplicate_serial", format!("银行流水号{}重复", line.bank_serial));
                    }
                    if file.day.is_some_and(|d| d != line.bank_date) {
                        file.problem(at, "date", "日期与文件日期不同");
                    }
                    if line.amount.is_negative() {
                        debit -= i128::from(line.amount.fen())
                    } else {
                        credit += i128::from(line.amount.fen())
                    }
                    file.lines.push(line);
                }
            }
            "T" if headed => {
                trailer = true;
                // After CRLF the reader may stand on the line feed: the T line begins behind it.
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                let start = start + bytes[start..].iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
                let covered = &bytes[..start];
                file.digest = hex(&Sha256::digest(covered));
                file.tail(at, &field, credit, debit);
            }
            _ if !headed => {
                file.problem(at, "header", "第一行须为 H 行");
                return file;
            }
            _ => file.problem(at, "line_kind", "行类型须为 D 或 T"),
        }
    }
    let last = reader.position().line();
    if !headed {
        file.problem(1, "header", "第一行须为 H 行");
    } else if !trailer {
        file.problem(last, "trailer", "缺少结束行，文件不完整");
    }
    if headed && i128::from(file.opening.fen()) + credit - debit != i128::from(file.closing.fen()) {
        file.problem(1, "closing", "期初加贷方减借方不等于期末");
    }
    file
}

impl StatementFile {
    pub fn problem(&mut self, line: u64, code: &str, message: impl Into<String>) {
        // A broken file may break in every line; a person needs the first ones.
        if self.problems.len() < 200 {
            self.problems.push(LineProblem { line, code: code.to_owned(), message: message.into() });
        }
    }

    fn head<'a>(&mut self, at: u64, field: &impl Fn(usize) -> &'a str) {
        if field(1) != "1" {
            self.problem(at, "version", "文件版本须为 1");
        }
        self.bank = field(2).to_owned();
        self.number = field(3).to_owned();
        self.day = field(4).parse().ok();
        if self.day.is_none() {
            self.problem(at, "date", "日期格式错误");
        }
        for (n, name) in [(5, "期初"), (6, "期末")] {
            match field(n).parse::<Money>() {
                Ok(amount) if n == 5 => self.opening = amount,
                Ok(amount) => self.closing = amount,
                Err(_) => self.problem(at, "amount", format!("{name}金额格式错误")),
            }
        }
    }

    /// Missing last fields are empty ones.
    fn line<'a>(&mut self, at: u64, field: &impl Fn(usize) -> &'a str) -> Option<FileLine> {
        let before = self.problems.len();
        let line_no = field(1).parse::<i64>().unwrap_or(0);
        let bank_date = field(3).parse::<Date>();
        if bank_date.is_err() {
            self.problem(at, "date", "日期格式错误");
        }
        let amount = field(6).parse::<Money>().ok().filter(|a| a.is_positive());
        let amount = match (amount, field(5)) {
            (Some(amount), "C") => Some(amount),
            (Some(amount), "D") => Some(Money(-amount.fen())),
            (None, _) => {
                self.problem(at, "amount", "金额须大于零且有两位小数");
                None
            }
            (Some(_), _) => {
                self.problem(at, "direction", "借贷方向须为 C 或 D");
                None
            }
        };
        let balance_after = field(7).parse::<Money>();
        if balance_after.is_err() {
            self.problem(at, "amount", "余额格式错误");
        }
        if field(2).is_empty() || field(2).chars().count() > 64 {
            self.problem(at, "bank_serial", "缺少银行流水号");
        }
        if self.problems.len() > before {
            return None;
        }
        let text = |n: usize| field(n).to_owned();
        Some(FileLine {
            at,
            line_no,
            bank_serial: text(2),
            bank_date: bank_date.ok()?,
            bank_time: text(4),
            amount: amount?,
            balance_after: balance_after.ok()?,
            counter_name: text(8),
            counter_account: text(9),
            counter_bank: text(10),
            pay_code: text(11),
            business_ref: text(12),
            summary: text(13),
            reversal_of: text(14),
        })
    }

    fn tail<'a>(&mut self, at: u64, field: &impl Fn(usize) -> &'a str, credit: i128, debit: i128) {
        if field(1).parse::<usize>().ok() != Some(self.lines.len()) {
            self.problem(at, "count", format!("行数应为{}", self.lines.len()));
        }
        let fen = |n: usize| field(n).parse::<Money>().ok().map(|m| i128::from(m.fen()));
        if fen(2) != Some(credit) {
            self.problem(at, "sum_credit", "贷方合计不符");
        }
        if fen(3) != Some(debit) {
            self.problem(at, "sum_debit", "借方合计不符");
        }
        if !field(4).eq_ignore_ascii_case(&self.digest) {
            self.problem(at, "digest", "摘要不符，文件被改动或不完整");
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// The serial of the file in its day, from `STMT_BOC_0123_2026-11-03_1.csv`; 1 when the name says nothing.
pub(crate) fn file_seq(name: &str) -> i64 {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let last = stem.rsplit('_').next().unwrap_or("");
    let digits: String = last.chars().take_while(char::is_ascii_digit).collect();
    if stem.matches('_').count() >= 4 { digits.parse().unwrap_or(1) } else { 1 }
}

#[cfg(test)]
mod tests;
