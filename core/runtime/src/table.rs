//! Tables that clerks send (xlsx, csv), read as the person saw them, in a child process that holds no key and no database.
//!
//! Enter at [`TableReader::read`]. [`parse`] is the same reader in process, for tests and inside the child.
mod cell;
mod child;
mod csv_file;
mod error;
mod header;
mod limits;
mod xlsx;
mod zip_scan;

pub use cell::{Cell, CellKind};
pub use child::{TableReader, child, read};
pub use error::TableError;

use serde::{Deserialize, Serialize};

/// What table is expected: its column names, as the header row writes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableKind {
    /// Known columns, in any order; a file may have others too.
    pub columns: Vec<String>,
    /// Columns without which it is not this table; the error names those that are missing.
    pub required: Vec<String>,
}

impl TableKind {
    pub fn new(columns: &[&str]) -> TableKind {
        TableKind { columns: columns.iter().map(|c| (*c).to_owned()).collect(), required: Vec::new() }
    }
    pub fn required(mut self, columns: &[&str]) -> TableKind {
        self.required = columns.iter().map(|c| (*c).to_owned()).collect();
        self
    }
    /// A file without a header row (a bank's statement): all rows are data, `header` is empty.
    pub fn without_header() -> TableKind {
        TableKind { columns: Vec::new(), required: Vec::new() }
    }
}

/// What was read. Rows in which every cell is empty are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Row of the header as the spreadsheet counts, from 1; 0 without one.
    pub header_row: usize,
    /// Names of the columns; a known one is written as in [`TableKind`], whatever marks the clerk put to it.
    pub header: Vec<String>,
    pub rows: Vec<TableRow>,
}

/// One row with a cell for each column of the header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRow {
    /// As the spreadsheet counts, from 1.
    pub row: usize,
    pub cells: Vec<Cell>,
}

impl Table {
    /// Place of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|h| h == name)
    }
    pub fn cell<'a>(&self, row: &'a TableRow, name: &str) -> Option<&'a Cell> {
        row.cells.get(self.column(name)?)
    }
    /// Text of a column in a row; empty when the column is not there.
    pub fn text<'a>(&self, row: &'a TableRow, name: &str) -> &'a str {
        self.cell(row, name).map_or("", |cell| cell.text.as_str())
    }
}

/// Reads a file in this process.
pub fn parse(bytes: &[u8], kind: &TableKind) -> Result<Table, TableError> {
    if bytes.starts_with(b"PK\x03\x04") {
        zip_scan::check(bytes)?;
        return xlsx::parse(bytes, kind);
    }
    // The container of Office before 2007, and of every password-protected file since.
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(TableError::OldOrEncrypted {});
    }
    csv_file::parse(bytes, kind)
}

#[cfg(test)]
mod tests;
