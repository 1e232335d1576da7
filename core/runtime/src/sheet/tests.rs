use super::*;
use crate::table::{self, TableKind};

const CANARIES: [&str; 6] = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1"];

#[test]
fn what_a_spreadsheet_would_compute_gets_a_quote_and_amounts_do_not() {
    for canary in CANARIES {
        assert_eq!(guard(canary), format!("'{canary}"));
    }
    for plain in ["-14202.00", "0.00", "住宅", "", "379901200012", "-5"] {
        assert_eq!(guard(plain), plain);
    }
    assert_eq!(guard("-"), "'-");
    assert_eq!(guard("--1"), "'--1");
}

#[test]
fn both_forms_carry_the_canaries_as_text() {
    for format in [SheetFormat::Csv, SheetFormat::Xlsx] {
        let mut sheet = Sheet::new(format, "分摊[表]", &["房号", "业主姓名"]).unwrap();
        for canary in CANARIES {
            sheet.row(&["0101", canary]).unwrap();
        }
        let bytes = sheet.finish().unwrap();
        let read = table::parse(&bytes, &TableKind::new(&["房号", "业主姓名"])).unwrap();
        assert_eq!(read.rows.len(), 6);
        for (row, canary) in read.rows.iter().zip(CANARIES) {
            assert_eq!(row.cells[0].text, "0101");
            assert!(row.cells[1].raw().starts_with('\''), "{canary:?} in {format:?}: {:?}", row.cells[1]);
        }
    }
}

#[test]
fn a_csv_begins_with_the_byte_order_mark() {
    let sheet = Sheet::new(SheetFormat::Csv, "", &["金额"]).unwrap();
    assert_eq!(sheet.finish().unwrap(), "\u{feff}金额\r\n".as_bytes());
}

#[test]
fn the_form_follows_the_accept_header() {
    assert_eq!(SheetFormat::of_accept("text/csv, */*;q=0.1"), Some(SheetFormat::Csv));
    assert_eq!(SheetFormat::of_accept("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Some(SheetFormat::Xlsx));
    assert_eq!(SheetFormat::of_accept("application/json"), None);
}
