use std::io::{Cursor, Write};

use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

const T1: [&str; 20] = [
    "小区编码",
    "楼栋号",
    "单元",
    "楼层",
    "房号",
    "建筑面积",
    "套内面积",
    "公摊面积",
    "房屋用途",
    "房屋性质",
    "有无电梯",
    "销售价格",
    "合同编号",
    "不动产单元号",
    "业主姓名",
    "证件类型",
    "证件号码",
    "手机",
    "交存标准代码",
    "备注",
];
const T2: [&str; 10] = ["楼栋号", "单元", "楼层", "房号", "交存金额", "到账日期", "银行流水号", "交款人", "票据号", "备注"];

fn data(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../tests/data/yuehai/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// A workbook of one sheet with the given `<sheetData>` content.
fn book(dimension: &str, rows: &str) -> Vec<u8> {
    let sheet = format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><dimension ref=\"{dimension}\"/><sheetData>{rows}</sheetData></worksheet>"
    );
    zipped(&[
        ("[Content_Types].xml", "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"),
        (
            "_rels/.rels",
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r0\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        (
            "xl/styles.xml",
            "<styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>",
        ),
        ("xl/worksheets/sheet1.xml", &sheet),
    ])
}

fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn the_house_table_is_read_whole() {
    let table = parse(&data("houses.xlsx"), &TableKind::new(&T1)).unwrap();
    assert_eq!((table.header_row, table.rows.len()), (1, 210));
    assert_eq!(table.header, T1);
    // 90.98999999999999 in the file, 90.99 on the screen
    let row = &table.rows[1];
    assert_eq!((row.row, table.text(row, "建筑面积"), table.text(row, "楼层")), (3, "90.99", "1"));
    assert_eq!(table.text(row, "证件号码"), "379901200112020430");
    let hundredths: i64 = table.rows.iter().map(|r| table.text(r, "建筑面积").parse::<rust_decimal_like::Hundredths>().unwrap().0).sum();
    assert_eq!(hundredths, 2_499_850);
}

/// Areas with up to two decimals, without a float.
mod rust_decimal_like {
    pub struct Hundredths(pub i64);
    impl std::str::FromStr for Hundredths {
        type Err = std::num::ParseIntError;
        fn from_str(text: &str) -> Result<Self, Self::Err> {
            let (whole, part) = text.split_once('.').unwrap_or((text, ""));
            Ok(Hundredths(whole.parse::<i64>()? * 100 + format!("{part:0<2}").parse::<i64>()?))
        }
    }
}

#[test]
fn the_dirty_house_table_is_read_as_the_clerk_saw_it() {
    let table = parse(&data("houses-dirty.xlsx"), &TableKind::new(&T1)).unwrap();
    assert_eq!((table.header_row, table.rows.len()), (2, 60));
    let row = |n: usize| table.rows.iter().find(|r| r.row == n).unwrap();
    let text = |n: usize, column: &str| table.text(row(n), column);
    assert_eq!((text(10, "建筑面积"), text(12, "建筑面积"), text(30, "建筑面积")), ("0", "118.365", "一百一十八"));
    assert_eq!((text(39, "楼栋号"), text(39, "房号")), ("1", "0101"));
    assert_eq!(table.cell(row(39), "房号").unwrap().raw(), "０101");
    assert_eq!(text(42, "业主姓名"), "唐军伟");
    assert_eq!(text(36, "业主姓名"), "=HYPERLINK(\"http://x\")&\"黄建丽\"");
    assert_eq!(text(27, "房号"), "");
    // An id number that a spreadsheet took for a number has lost its last digits for good.
    let id = table.cell(row(33), "证件号码").unwrap();
    assert_eq!((id.kind, id.text.as_str(), id.at.as_str()), (CellKind::LostDigits, "379901198001011000", "Q33"));
}

#[test]
fn deposits_in_gb18030_and_in_both_utf_8_forms_are_the_same_table() {
    let bytes = data("deposits.csv");
    let table = parse(&bytes, &TableKind::new(&T2)).unwrap();
    assert_eq!((table.header_row, table.rows.len()), (1, 109));
    assert_eq!(table.text(&table.rows[0], "交款人"), "何国丽");
    assert_eq!(table.text(&table.rows[0], "交存金额"), "15342.00");
    assert_eq!(table.text(&table.rows[0], "房号"), "0101");
    let (utf8, _, _) = encoding_rs::GB18030.decode(&bytes);
    assert_eq!(parse(utf8.as_bytes(), &TableKind::new(&T2)).unwrap(), table);
    assert_eq!(parse(format!("\u{feff}{utf8}").as_bytes(), &TableKind::new(&T2)).unwrap(), table);
}

#[test]
fn a_statement_without_a_header_keeps_every_line() {
    let table = parse(&data("STMT_BOC_0123_2026-11-03_1.csv"), &TableKind::without_header()).unwrap();
    assert_eq!(table.rows[0].cells[0].text, "H");
    assert_eq!(table.rows.iter().filter(|r| r.cells[0].text == "D").count(), 18);
}

#[test]
#[allow(clippy::excessive_precision)] // written as the files hold them
fn numbers_are_shown_with_fifteen_digits_and_no_exponent() {
    for (value, text) in [
        (1.0, "1"),
        (0.1 + 0.2, "0.3"),
        (90.989_999_999_999_99, "90.99"),
        (69.849_999_999_999_99, "69.85"),
        (1_045_227.6, "1045227.6"),
        (-14_202.0, "-14202"),
        (0.0, "0"),
        (-0.0, "0"),
        (1e-7, "0.0000001"),
        (379_901_200_012.0, "379901200012"),
        (1e21, "1000000000000000000000"),
        (0.005, "0.005"),
        (118.365, "118.365"),
    ] {
        assert_eq!(cell::number(value).0, text, "{value:e}");
    }
    assert_eq!(cell::number(999_999_999_999_999.0).1, CellKind::Number);
    assert_eq!(cell::number(3.799_011_980_010_112e17).1, CellKind::LostDigits);
    assert_eq!(cell::number(f64::NAN).1, CellKind::Error);
}

#[test]
fn dates_booleans_errors_and_computed_cells_are_text() {
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>到账日期</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>金额</t></is></c></row>\
        <row r=\"3\"><c r=\"A3\" s=\"1\"><v>46329</v></c><c r=\"B3\"><f>1+1</f><v>2</v></c></row>\
        <row r=\"4\"><c r=\"A4\" t=\"b\"><v>1</v></c><c r=\"B4\" t=\"e\"><v>#N/A</v></c></row>\
        <row r=\"5\"><c r=\"A5\" s=\"1\"><v>46329.5</v></c></row>";
    let table = parse(&book("A1:B5", rows), &TableKind::new(&["到账日期", "金额"])).unwrap();
    let texts: Vec<(usize, Vec<&str>)> = table.rows.iter().map(|r| (r.row, r.cells.iter().map(|c| c.text.as_str()).collect())).collect();
    assert_eq!(texts, [(3, vec!["2026-11-03", "2"]), (4, vec!["TRUE", "#N/A"]), (5, vec!["2026-11-03 12:00:00", ""])]);
    assert_eq!(table.rows[1].cells[1].kind, CellKind::Error);
}

#[test]
fn full_width_signs_are_half_width_and_the_typed_text_is_kept() {
    assert_eq!(cell::normal("　１２３．４５ "), "123.45");
    assert_eq!(cell::normal("Ａ座－２"), "A座-2");
    assert_eq!(cell::normal("\u{200b}张三\u{a0}"), "张三");
    assert_eq!(cell::normal("（北区）"), "（北区）");
    assert_eq!(
        (cell::letters(0), cell::letters(25), cell::letters(26), cell::letters(701), cell::letters(702)),
        ("A".into(), "Z".into(), "AA".into(), "ZZ".into(), "AAA".into())
    );
}

#[test]
fn the_header_is_found_after_title_rows_with_marks_units_and_other_columns() {
    let text = "悦海花园房屋上报表,,,\n填报单位：,,日期,\n*房 号,建筑面积（㎡）,经办,房屋用途*\n0101,90.98,李,住宅\n,,,\n,,王,\n";
    let table = parse(text.as_bytes(), &TableKind::new(&["房号", "建筑面积", "房屋用途"])).unwrap();
    assert_eq!((table.header_row, table.header), (3, vec!["房号".into(), "建筑面积".into(), "经办".into(), "房屋用途".into()]));
    assert_eq!(table.rows.iter().map(|r| r.row).collect::<Vec<_>>(), [4, 6]);
}

#[test]
fn a_row_is_counted_as_the_spreadsheet_counts_it() {
    let text = "房号,备注\n\n0101,\"两\n行\"\n0102,x\n";
    let table = parse(text.as_bytes(), &TableKind::new(&["房号", "备注"])).unwrap();
    assert_eq!(table.rows.iter().map(|r| r.row).collect::<Vec<_>>(), [3, 4]);
    let text = "\r\n房号,备注\r\n0101,x\r\n\r\n0102,\"两\r\n行\"\r\n0103,y";
    let table = parse(text.as_bytes(), &TableKind::new(&["房号", "备注"])).unwrap();
    assert_eq!((table.header_row, table.rows.iter().map(|r| r.row).collect::<Vec<_>>()), (2, vec![3, 5, 6]));
}

#[test]
fn a_missing_or_doubled_column_is_named() {
    let kind = TableKind::new(&["房号", "建筑面积", "房屋用途", "楼层"]).required(&["房号", "楼层"]);
    assert_eq!(parse("房号,建筑面积,房屋用途\n".as_bytes(), &kind), Err(TableError::ColumnsMissing { columns: "楼层".into() }));
    assert_eq!(parse("房号,楼层,房屋用途,房号\n".as_bytes(), &kind), Err(TableError::ColumnTwice { column: "房号".into() }));
    assert!(matches!(parse(b"1,2,3\n4,5,6\n", &kind), Err(TableError::HeaderMissing { .. })));
}

#[test]
fn what_is_no_table_is_refused() {
    let kind = TableKind::new(&T2);
    assert_eq!(parse(b"", &kind), Err(TableError::NotATable {}));
    assert_eq!(parse(b"%PDF-1.4\n\0\xff\xfe", &kind), Err(TableError::NotATable {}));
    assert_eq!(parse(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", &kind), Err(TableError::OldOrEncrypted {}));
    assert!(matches!(parse(b"PK\x03\x04 torn", &kind), Err(TableError::Damaged { .. })));
    assert!(matches!(parse(&zipped(&[("a.txt", "x")]), &kind), Err(TableError::Damaged { .. })));
}

#[test]
fn hostile_archives_are_refused_before_anything_opens_them() {
    let why = |bytes: &[u8]| match parse(bytes, &TableKind::new(&T2)) {
        Err(TableError::Unsafe { why }) => why,
        other => panic!("{other:?}"),
    };
    let bomb = "0".repeat(20 << 20);
    assert_eq!(why(&zipped(&[("xl/worksheets/sheet1.xml", &bomb)])), "zip bomb");
    assert_eq!(why(&zipped(&[("../../etc/passwd", "x")])), "zip path");
    assert_eq!(why(&zipped(&[("xl/vbaProject.bin", "x")])), "macro");
    let many: Vec<String> = (0..2_001).map(|n| format!("f{n}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|n| (n.as_str(), "")).collect();
    assert_eq!(why(&zipped(&many)), "zip entries > 2,000");
}

#[test]
fn a_directory_that_lies_about_its_sizes_hides_no_bomb() {
    let mut bytes = zipped(&[("xl/worksheets/sheet1.xml", &"0".repeat(20 << 20))]);
    // The unpacked size stands at 22 of the local header and at 24 of the directory's entry.
    let directory = bytes.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    for at in [22, directory + 24] {
        bytes[at..at + 4].copy_from_slice(&100u32.to_le_bytes());
    }
    assert!(matches!(parse(&bytes, &TableKind::new(&T2)), Err(TableError::Unsafe { .. } | TableError::Damaged { .. })));
}

#[test]
fn a_sheet_that_claims_or_holds_too_much_takes_no_memory() {
    let kind = TableKind::new(&["房号", "备注"]);
    assert_eq!(parse(&book("A1:XFD1048576", ""), &kind), Err(TableError::TooLarge { what: "单元格".into(), limit: 1_000_000 }));
    // A cell in the last column of the last row makes no rows and no columns.
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>房号</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>备注</t></is></c></row>\
        <row r=\"1048576\"><c r=\"A1048576\"><v>101</v></c><c r=\"XFD1048576\"><v>1</v></c></row>";
    let table = parse(&book("A1:B2", rows), &kind).unwrap();
    assert_eq!((table.rows.len(), table.rows[0].row, table.rows[0].cells.len()), (1, 1_048_576, 2));
}

#[test]
fn a_torn_file_of_any_length_is_an_answer_never_a_panic() {
    let whole = data("houses.xlsx");
    for end in (0..whole.len()).step_by(997) {
        let _ = parse(&whole[..end], &TableKind::new(&T1));
    }
    let mut turned = whole.clone();
    for at in (0..turned.len()).step_by(101) {
        turned[at] ^= 0x5a;
        let _ = parse(&turned, &TableKind::new(&T1));
        turned[at] ^= 0x5a;
    }
}
