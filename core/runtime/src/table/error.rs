//! Why a file is no table that we read. All are faults of the file, told to the person who sent it.
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, linli_macros::Problem)]
pub enum TableError {
    #[problem(422, "import.not_a_table", zh = "文件不是 xlsx 或 csv 表格", en = "The file is no xlsx or csv table")]
    NotATable {},
    #[problem(
        422,
        "import.old_or_encrypted",
        zh = "文件带密码，或是旧版 xls 格式；请去掉密码，另存为 xlsx 后再上传",
        en = "The file has a password or is an old xls; save it as xlsx without a password"
    )]
    OldOrEncrypted {},
    #[problem(422, "import.unsafe_file", zh = "文件结构异常，已拒绝：{why}", en = "The file's structure is refused: {why}")]
    Unsafe { why: String },
    #[problem(422, "import.damaged", zh = "文件已损坏，无法读取（{why}）", en = "The file is damaged ({why})")]
    Damaged { why: String },
    #[problem(
        422,
        "import.header_missing",
        zh = "没有找到表头行，应有列：{columns}",
        en = "No header row; these columns are expected: {columns}"
    )]
    HeaderMissing { columns: String },
    #[problem(422, "import.columns_missing", zh = "缺少列：{columns}", en = "These columns are missing: {columns}")]
    ColumnsMissing { columns: String },
    #[problem(422, "import.column_twice", zh = "列名重复：{column}", en = "This column stands twice: {column}")]
    ColumnTwice { column: String },
    #[problem(422, "import.too_large", zh = "表格过大：{what}最多{limit}", en = "The table is too large: at most {limit} {what}")]
    TooLarge { what: String, limit: u64 },
    #[problem(
        422,
        "import.too_slow",
        zh = "文件过于复杂，未能在规定时间和内存内读完",
        en = "The file could not be read within the limits of time and memory"
    )]
    TooSlow {},
}
