//! How much a table may hold, and what the child process may take.

/// Data rows of a table.
pub const ROWS: usize = 200_000;
/// Cells of a sheet, declared or met.
pub const CELLS: u64 = 1_000_000;
/// Columns that are kept; whatever stands further right is not looked at.
pub const COLUMNS: usize = 256;
/// Characters of a cell, the most that Excel holds.
pub const CELL_CHARS: usize = 32_767;
/// Rows in which the header is looked for.
pub const HEADER_ROWS: usize = 30;
/// Sheets that are looked at.
pub const SHEETS: usize = 20;

/// Entries of the zip.
pub const ZIP_ENTRIES: usize = 2_000;
/// Bytes of all entries, unpacked.
pub const ZIP_TOTAL: u64 = 200 << 20;
/// Unpacked for each packed byte, in an entry above [`ZIP_SMALL`].
pub const ZIP_RATIO: u64 = 100;
pub const ZIP_SMALL: u64 = 64 << 10;

/// Address space of the child.
pub const CHILD_MEMORY: u64 = 1 << 30;
pub const CHILD_CPU_SECONDS: u64 = 60;
pub const CHILD_FILES: u64 = 16;
pub const CHILD_WALL_SECONDS: u64 = 90;
/// Bytes that a child may answer.
pub const CHILD_ANSWER: u64 = 512 << 20;
