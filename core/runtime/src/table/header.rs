//! Finds the header row after title rows, and turns raw rows into a [`Table`].
use super::{Cell, Table, TableError, TableKind, TableRow, cell::normal, limits};

/// Takes the rows of one sheet in order.
pub(super) struct Builder<'a> {
    kind: &'a TableKind,
    table: Table,
    /// Rows before the header is known, at most [`limits::HEADER_ROWS`].
    before: usize,
    found: bool,
}

impl<'a> Builder<'a> {
    pub fn new(kind: &'a TableKind) -> Builder<'a> {
        Builder { kind, table: Table::default(), before: 0, found: kind.columns.is_empty() }
    }
    /// False: the header was not among the first rows, no more are needed.
    pub fn wants_more(&self) -> bool {
        self.found || self.before < limits::HEADER_ROWS
    }
    /// One row of the sheet, `row` from 1; cells from the first column on, without holes.
    pub fn row(&mut self, row: usize, cells: Vec<Cell>) -> Result<(), TableError> {
        if cells.iter().all(Cell::is_empty) {
            return Ok(());
        }
        if !self.found {
            self.before += 1;
            return self.try_header(row, &cells);
        }
        if self.table.rows.len() >= limits::ROWS {
            return Err(TableError::TooLarge { what: "行".into(), limit: limits::ROWS as u64 });
        }
        let mut cells = cells;
        if !self.kind.columns.is_empty() {
            let width = self.table.header.len();
            let had = cells.len();
            cells.truncate(width);
            cells.extend((had..width).map(|column| Cell::new(String::new(), Default::default(), row, column)));
            if cells.iter().all(Cell::is_empty) {
                return Ok(());
            }
        }
        self.table.rows.push(TableRow { row, cells });
        Ok(())
    }
    fn try_header(&mut self, row: usize, cells: &[Cell]) -> Result<(), TableError> {
        let mut names: Vec<String> = cells.iter().map(|cell| self.known(&cell.text).unwrap_or_else(|| cell.text.clone())).collect();
        let hits = self.kind.columns.iter().filter(|c| names.contains(c)).count();
        // A title row may hold one or two of the words; a header holds several.
        if hits < self.kind.columns.len().clamp(1, 3) {
            return Ok(());
        }
        while names.last().is_some_and(String::is_empty) {
            names.pop();
        }
        if let Some(column) = self.kind.columns.iter().find(|c| names.iter().filter(|n| n == c).count() > 1) {
            return Err(TableError::ColumnTwice { column: column.clone() });
        }
        let missing: Vec<&str> = self.kind.required.iter().filter(|c| !names.contains(c)).map(String::as_str).collect();
        if !missing.is_empty() {
            return Err(TableError::ColumnsMissing { columns: missing.join("、") });
        }
        self.table.header_row = row;
        self.table.header = names;
        self.found = true;
        Ok(())
    }
    /// `* 建筑面积（㎡）` is 建筑面积.
    fn known(&self, text: &str) -> Option<String> {
        let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !"*＊:：".contains(*c)).collect::<String>();
        let text = bare(text);
        let without_unit = text.split(['(', '（', '/', '[', '【']).next().unwrap_or("");
        let same = |column: &&String| {
            let column = normal(column);
            column == text || (column == without_unit && !without_unit.is_empty())
        };
        self.kind.columns.iter().find(same).cloned()
    }
    pub fn finish(self) -> Result<Table, TableError> {
        if self.found {
            return Ok(self.table);
        }
        Err(TableError::HeaderMissing { columns: self.kind.columns.join("、") })
    }
}
