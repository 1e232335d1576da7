//! CSV in UTF-8 (with or without mark) or GB18030, with the separator that the clerk's program chose.
use encoding_rs::GB18030;

use super::{Cell, CellKind, Table, TableError, TableKind, header::Builder, limits};

pub fn parse(bytes: &[u8], kind: &TableKind) -> Result<Table, TableError> {
    let text = decode(bytes)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator(&text)).from_reader(text.as_bytes());
    let mut builder = Builder::new(kind);
    // Rows are counted here: the reader skips empty lines, and a field may hold line breaks, which a spreadsheet does not count.
    let (mut at, mut lines, mut inner) = (0, 0, 0);
    let mut met = 0u64;
    for record in reader.records() {
        let record = record.map_err(|e| TableError::Damaged { why: e.to_string() })?;
        let begins = record.position().map_or(at, |p| p.byte() as usize);
        let begins = begins + text.as_bytes()[begins..].iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
        lines += text.as_bytes()[at..begins].iter().filter(|b| **b == b'\n').count();
        at = begins;
        let row = 1 + lines - inner;
        inner += record.iter().map(|field| field.matches('\n').count()).sum::<usize>();
        met += record.len() as u64;
        if met > limits::CELLS {
            return Err(TableError::TooLarge { what: "单元格".into(), limit: limits::CELLS });
        }
        let fields = record.iter().take(limits::COLUMNS).enumerate();
        let cells = fields.map(|(column, field)| Cell::new(unquoted(field), CellKind::Text, row, column)).collect();
        builder.row(row, cells)?;
        if !builder.wants_more() {
            break;
        }
    }
    builder.finish()
}

/// `="0101"`: how programs write a text that Excel shall not turn into a number.
fn unquoted(field: &str) -> String {
    let inner = field.strip_prefix("=\"").and_then(|f| f.strip_suffix('"'));
    inner.filter(|f| !f.contains('"')).unwrap_or(field).to_owned()
}

fn decode(bytes: &[u8]) -> Result<String, TableError> {
    let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bare.is_empty() || bare.contains(&0) {
        return Err(TableError::NotATable {}); // no text has a zero byte: a picture, an archive, UTF-16
    }
    if let Ok(text) = std::str::from_utf8(bare) {
        return Ok(text.to_owned());
    }
    let (text, broken) = GB18030.decode_without_bom_handling(bare);
    if broken { Err(TableError::NotATable {}) } else { Ok(text.into_owned()) }
}

/// The sign that stands most often in the first line that holds one.
fn separator(text: &str) -> u8 {
    let line = text.lines().find(|l| l.contains([',', '\t', ';'])).unwrap_or("");
    let count = |sign: u8| line.bytes().filter(|b| *b == sign).count();
    *[b',', b'\t', b';'].iter().rev().max_by_key(|s| count(**s)).unwrap_or(&b',')
}
