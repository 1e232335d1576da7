//! 导出: lists that people take away, as CSV with a byte-order mark or XLSX in constant memory. A text that a spreadsheet would
//! take for a formula gets a leading `'` (reliability 2(e) "Output").
use std::borrow::Cow;

use linli_kernel::Problem;
use rust_xlsxwriter::{Format, Workbook, Worksheet};

/// Which of the two forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetFormat {
    Csv,
    Xlsx,
}

impl SheetFormat {
    /// From an `Accept` header; `None` when it asks for neither.
    pub fn of_accept(accept: &str) -> Option<SheetFormat> {
        accept.split(',').find_map(|part| match part.split(';').next().unwrap_or("").trim() {
            "text/csv" => Some(SheetFormat::Csv),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Some(SheetFormat::Xlsx),
            _ => None,
        })
    }
    pub fn media_type(self) -> &'static str {
        match self {
            SheetFormat::Csv => "text/csv; charset=utf-8",
            SheetFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
    pub fn extension(self) -> &'static str {
        match self {
            SheetFormat::Csv => "csv",
            SheetFormat::Xlsx => "xlsx",
        }
    }
}

/// The text as it may stand in a cell: with a leading `'` where it begins with `= + - @ TAB CR`, unless it is a plain number.
pub fn guard(text: &str) -> Cow<'_, str> {
    let dangerous = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if dangerous && !plain_number(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// `-14202.00`: an amount of ours, which no spreadsheet computes.
fn plain_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let mut parts = digits.splitn(2, '.');
    let whole = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    parts.next().is_some_and(whole) && parts.next().is_none_or(whole)
}

/// Rows of XLSX, the most that the format holds.
const XLSX_ROWS: u32 = 1_048_576;

/// Writes rows one after the other; the header stands first.
pub enum Sheet {
    Csv(Box<csv::Writer<Vec<u8>>>),
    Xlsx { book: Box<Workbook>, next: u32 },
}

impl Sheet {
    /// `name` is the worksheet's (at most 31 characters; what the format forbids in it is replaced).
    pub fn new(format: SheetFormat, name: &str, header: &[&str]) -> Result<Sheet, Problem> {
        let mut sheet = match format {
            // Without the mark Excel reads UTF-8 as the machine's own code page.
            SheetFormat::Csv => {
                Sheet::Csv(Box::new(csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer("\u{feff}".into())))
            }
            SheetFormat::Xlsx => {
                let mut book = Box::new(Workbook::new());
                let name: String = name.chars().map(|c| if "[]:*?/\\'".contains(c) { '_' } else { c }).take(31).collect();
                let page = book.add_worksheet_with_low_memory().map_err(Problem::internal)?;
                page.set_name(if name.is_empty() { "数据" } else { &name }).map_err(Problem::internal)?;
                page.set_freeze_panes(1, 0).map_err(Problem::internal)?;
                Sheet::Xlsx { book, next: 0 }
            }
        };
        sheet.row(header)?;
        Ok(sheet)
    }
    /// One row; each text is guarded.
    pub fn row<T: AsRef<str>>(&mut self, cells: &[T]) -> Result<(), Problem> {
        match self {
            Sheet::Csv(writer) => {
                let guarded = cells.iter().map(|c| guard(c.as_ref()));
                writer.write_record(guarded.map(|c| c.into_owned().into_bytes())).map_err(Problem::internal)
            }
            Sheet::Xlsx { book, next } => {
                if *next >= XLSX_ROWS {
                    return Err(Problem::new(
                        422,
                        "export.too_large",
                        "超过一百万行，请缩小范围或导出 CSV",
                        "More than a million rows: narrow the filter or take CSV",
                    ));
                }
                let page: &mut Worksheet = book.worksheet_from_index(0).map_err(Problem::internal)?;
                let bold = (*next == 0).then(|| Format::new().set_bold());
                for (column, cell) in (0..).zip(cells) {
                    let text = guard(cell.as_ref());
                    // Excel refuses a cell above 32,767 characters.
                    let text: Cow<'_, str> = if text.len() > 32_767 { text.chars().take(32_767).collect() } else { text };
                    match &bold {
                        Some(bold) => page.write_string_with_format(*next, column, text, bold),
                        None => page.write_string(*next, column, text),
                    }
                    .map_err(Problem::internal)?;
                }
                *next += 1;
                Ok(())
            }
        }
    }
    /// The file.
    pub fn finish(self) -> Result<Vec<u8>, Problem> {
        match self {
            Sheet::Csv(writer) => writer.into_inner().map_err(|e| Problem::internal(e.error())),
            Sheet::Xlsx { mut book, .. } => book.save_to_buffer().map_err(Problem::internal),
        }
    }
}

#[cfg(test)]
mod tests;
