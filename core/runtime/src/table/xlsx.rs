//! XLSX by calamine's stream: cell by cell, nothing is held but the table that comes out.
use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx, XlsxError};

use super::{Cell, CellKind, Table, TableError, TableKind, cell, header::Builder, limits};

fn damaged(error: XlsxError) -> TableError {
    match error {
        XlsxError::Password => TableError::OldOrEncrypted {},
        other => TableError::Damaged { why: other.to_string() },
    }
}

/// The first sheet that has the header row; clerks put instructions before it and lists behind it.
pub fn parse(bytes: &[u8], kind: &TableKind) -> Result<Table, TableError> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let names = book.sheet_names();
    let mut first = None;
    for name in names.iter().take(limits::SHEETS) {
        match sheet(&mut book, name, kind) {
            Ok(table) => return Ok(table),
            Err(TableError::HeaderMissing { columns }) => first = first.or(Some(TableError::HeaderMissing { columns })),
            Err(other) => return Err(other),
        }
    }
    Err(first.unwrap_or(TableError::NotATable {}))
}

fn sheet(book: &mut Xlsx<Cursor<&[u8]>>, name: &str, kind: &TableKind) -> Result<Table, TableError> {
    let mut builder = Builder::new(kind);
    let mut cells = match book.worksheet_cells_reader(name) {
        Ok(cells) => cells,
        Err(XlsxError::NotAWorksheet(_)) => return builder.finish(), // a sheet of a chart
        Err(e) => return Err(damaged(e)),
    };
    let (start, end) = (cells.dimensions().start, cells.dimensions().end);
    let span = |a: u32, b: u32| u64::from(b.saturating_sub(a)) + 1;
    let declared = span(start.0, end.0).saturating_mul(span(start.1, end.1));
    if declared > limits::CELLS {
        return Err(TableError::TooLarge { what: "单元格".into(), limit: limits::CELLS });
    }
    let mut met = 0;
    let mut row: (u32, Vec<Cell>) = (0, Vec::new());
    while let Some(next) = cells.next_cell_with_formula().map_err(damaged)? {
        met += 1;
        if met > limits::CELLS {
            return Err(TableError::TooLarge { what: "单元格".into(), limit: limits::CELLS });
        }
        let (at_row, at_column) = (next.pos.0, next.pos.1 as usize);
        if at_row < row.0 {
            return Err(TableError::Damaged { why: "rows out of order".into() });
        }
        if at_row > row.0 {
            builder.row(row.0 as usize + 1, std::mem::take(&mut row.1))?;
            if !builder.wants_more() {
                return builder.finish();
            }
            row.0 = at_row;
        }
        if at_column >= limits::COLUMNS {
            continue;
        }
        let number = at_row as usize + 1;
        while row.1.len() <= at_column {
            row.1.push(Cell::new(String::new(), CellKind::Empty, number, row.1.len()));
        }
        let (text, kind) = shown(&next.value, next.formula.as_deref());
        row.1[at_column] = Cell::new(text, kind, number, at_column);
    }
    builder.row(row.0 as usize + 1, row.1)?;
    builder.finish()
}

/// What the person saw in the cell. A formula shows its last value; one that was never computed is kept as the text of itself.
fn shown(value: &DataRef<'_>, formula: Option<&str>) -> (String, CellKind) {
    match value {
        DataRef::Int(value) => (value.to_string(), CellKind::Number),
        DataRef::Float(value) => cell::number(*value),
        DataRef::String(text) => computed(text, formula),
        DataRef::SharedString(text) => computed(text, formula),
        DataRef::Bool(value) => (if *value { "TRUE" } else { "FALSE" }.into(), CellKind::Boolean),
        DataRef::DateTime(at) if at.is_duration() => cell::number(at.as_f64()),
        DataRef::DateTime(at) => {
            let (y, mo, d, h, mi, s, _) = at.to_ymd_hms_milli();
            let day = format!("{y:04}-{mo:02}-{d:02}");
            match (h, mi, s) {
                (0, 0, 0) => (day, CellKind::Date),
                _ => (format!("{day} {h:02}:{mi:02}:{s:02}"), CellKind::Date),
            }
        }
        DataRef::DateTimeIso(text) => (text.strip_suffix("T00:00:00").unwrap_or(text).to_owned(), CellKind::Date),
        DataRef::DurationIso(text) => (text.clone(), CellKind::Text),
        DataRef::Error(error) => (error.to_string(), CellKind::Error),
        DataRef::Empty => computed("", formula),
    }
}

fn computed(text: &str, formula: Option<&str>) -> (String, CellKind) {
    match formula {
        Some(formula) if text.is_empty() && !formula.is_empty() => (format!("={formula}"), CellKind::Text),
        _ => (text.to_owned(), CellKind::Text),
    }
}
