//! Cells of a clerk's table: full-width digits, stray spaces, thousands separators, dates in four spellings.
use std::collections::BTreeMap;

use linli_kernel::{Area, Date, Money};

/// A table as the person saw it: the header's names and the rows, each with the number that the spreadsheet counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    pub header: Vec<String>,
    pub header_row: i64,
    pub rows: Vec<(i64, Vec<String>)>,
}

/// One thing that is wrong with a row (E01 … E18, `import.required`) or worth a look (W01 … W03).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    pub row: i64,
    pub code: &'static str,
    pub columns: Vec<String>,
    pub zh: String,
    pub en: String,
}

impl RowFault {
    pub fn new(row: i64, code: &'static str, columns: &[&str], zh: impl Into<String>, en: impl Into<String>) -> RowFault {
        RowFault { row, code, columns: columns.iter().map(|c| (*c).to_owned()).collect(), zh: zh.into(), en: en.into() }
    }
    pub fn required(row: i64, column: &str) -> RowFault {
        RowFault::new(row, "import.required", &[column], format!("{column}未填写"), format!("{column} is missing"))
    }
    pub fn format(row: i64, column: &str, form: &str) -> RowFault {
        RowFault::new(row, "import.format", &[column], format!("{column}格式不正确，应为{form}"), format!("{column} has a wrong form"))
    }
    /// Warnings do not keep a row out.
    pub fn is_warning(&self) -> bool {
        self.code.starts_with('W')
    }
}

/// Where each named column stands.
#[derive(Clone, Debug)]
pub struct Columns(BTreeMap<String, usize>);

impl Columns {
    /// The columns of a header row; its names are cleaned like cells, and marks such as `*` are dropped.
    pub fn of(header: &[String]) -> Columns {
        let name = |text: &String| clean(text).trim_matches(['*', '＊', ' ']).to_owned();
        Columns(header.iter().enumerate().rev().map(|(i, h)| (name(h), i)).filter(|(h, _)| !h.is_empty()).collect())
    }
    pub fn has(&self, column: &str) -> bool {
        self.0.contains_key(column)
    }
    /// The cleaned cell; empty when the column or the cell is not there.
    pub fn cell(&self, row: &[String], column: &str) -> String {
        self.0.get(column).and_then(|i| row.get(*i)).map(|c| clean(c)).unwrap_or_default()
    }
    /// A fault of the header row for each required column that is not there.
    pub fn missing(&self, header_row: i64, required: &[&str]) -> Vec<RowFault> {
        let absent = required.iter().filter(|c| !self.has(c));
        absent
            .map(|c| {
                RowFault::new(header_row, "import.required", &[c], format!("表头缺少“{c}”一列"), format!("The header has no column {c}"))
            })
            .collect()
    }
}

/// Half-width letters and digits, no spaces around, no invisible characters.
pub fn clean(text: &str) -> String {
    let narrow = text.chars().filter(|c| !matches!(c, '\u{feff}' | '\u{200b}'..='\u{200d}')).map(|c| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' | '\t' | '\r' | '\n' => ' ',
        other => other,
    });
    narrow.collect::<String>().trim().to_owned()
}

/// `12`, `12.3`, `1,234.50` as hundredths; `None` for anything else, also for a third decimal.
pub fn hundredths(text: &str) -> Option<i64> {
    let text = text.strip_prefix('¥').unwrap_or(text).replace(',', "");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.as_str()),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 15 || part.len() > 2 || !plain(whole) || !plain(part) || digits.ends_with('.') {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    Some(sign * (whole.parse::<i64>().ok()? * 100 + part))
}

pub fn money(text: &str) -> Option<Money> {
    hundredths(text).map(Money)
}

pub fn area(text: &str) -> Option<Area> {
    hundredths(text).filter(|v| *v >= 0).map(Area)
}

/// A whole number such as a floor: `18`, `-1`, `18.0`, `18层`.
pub fn whole(text: &str) -> Option<i64> {
    let text = text.strip_suffix('层').or_else(|| text.strip_suffix('楼')).unwrap_or(text);
    let text = text.strip_suffix(".0").or_else(|| text.strip_suffix(".00")).unwrap_or(text);
    text.parse::<i16>().ok().map(i64::from)
}

/// `2026-11-02`, `2026/11/2`, `2026.11.2`, `20261102`, `2026年11月2日`, also with a time behind it.
pub fn date(text: &str) -> Option<Date> {
    let day = text.split([' ', 'T']).next().unwrap_or("");
    if day.len() == 8 && day.bytes().all(|b| b.is_ascii_digit()) {
        return format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]).parse().ok();
    }
    let parts: Vec<&str> = day.split(['-', '/', '.', '年', '月', '日']).filter(|p| !p.is_empty()).collect();
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 => format!("{year}-{month:0>2}-{day:0>2}").parse().ok(),
        _ => None,
    }
}

/// `Y`, `是`, `有`, `1` and their opposites.
pub fn yes_no(text: &str) -> Option<bool> {
    match text.to_ascii_uppercase().as_str() {
        "Y" | "YES" | "是" | "有" | "1" | "TRUE" => Some(true),
        "N" | "NO" | "否" | "无" | "没有" | "0" | "FALSE" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
