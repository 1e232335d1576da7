//! One cell as the person saw it.
use serde::{Deserialize, Serialize};

use super::limits;

/// What stood in the cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellKind {
    #[default]
    Empty,
    Text,
    Number,
    /// A number of more than 15 digits: the spreadsheet itself had lost the rest, so it is no id number any more.
    LostDigits,
    Date,
    Boolean,
    /// `#N/A` and its like.
    Error,
}

/// A cell: text to work with, and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Full-width digits, letters, signs of numbers and spaces as half-width, without spaces at the ends.
    pub text: String,
    /// As the spreadsheet names it: `F12`.
    pub at: String,
    pub kind: CellKind,
    /// The text before that, where it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    raw: Option<String>,
}

impl Cell {
    /// `row` from 1, `column` from 0.
    pub(super) fn new(raw: String, kind: CellKind, row: usize, column: usize) -> Cell {
        let raw: String = if raw.len() > limits::CELL_CHARS { raw.chars().take(limits::CELL_CHARS).collect() } else { raw };
        let text = normal(&raw);
        let kind = if text.is_empty() { CellKind::Empty } else { kind };
        Cell { at: format!("{}{row}", letters(column)), kind, raw: (raw != text).then_some(raw), text }
    }
    /// The text as it was typed.
    pub fn raw(&self) -> &str {
        self.raw.as_deref().unwrap_or(&self.text)
    }
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

/// `A`, `Z`, `AA` for 0, 25, 26.
pub(super) fn letters(mut column: usize) -> String {
    let mut name = Vec::new();
    loop {
        name.push(b'A' + (column % 26) as u8);
        if column < 26 {
            break;
        }
        column = column / 26 - 1;
    }
    name.iter().rev().map(|b| char::from(*b)).collect()
}

/// Half-width form of what clerks type with a Chinese input method; other full-width signs keep their meaning in names.
pub(super) fn normal(raw: &str) -> String {
    let half = |c: char| match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '．' | '－' | '＋' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' => ' ',
        other => other,
    };
    let invisible = |c: &char| !matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{202a}'..='\u{202e}');
    raw.chars().filter(invisible).map(half).collect::<String>().trim().to_owned()
}

/// A number as the spreadsheet shows it in a wide column: 15 significant digits, no exponent, no `.0`.
///
/// Spreadsheets keep binary fractions (`90.98999999999999`) and show fifteen digits of them (`90.99`).
pub(super) fn number(value: f64) -> (String, CellKind) {
    if !value.is_finite() {
        return (value.to_string(), CellKind::Error);
    }
    let scientific = format!("{:.14e}", value.abs());
    // The form is always d.dddddddddddddde±x
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let point = exponent + 1;
    let text = if point <= 0 {
        format!("0.{}{digits}", "0".repeat(usize::try_from(-point).unwrap_or(0).min(400)))
    } else if point as usize >= digits.len() {
        format!("{digits}{}", "0".repeat(point as usize - digits.len()))
    } else {
        format!("{}.{}", &digits[..point as usize], &digits[point as usize..])
    };
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text };
    let text = if value < 0.0 && text != "0" { format!("-{text}") } else { text };
    (text, if point > 15 { CellKind::LostDigits } else { CellKind::Number })
}
