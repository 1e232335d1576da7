use super::*;

const HEADER: [&str; 10] = ["楼栋号", "单元", "楼层", "房号", "交存金额", "到账日期", "银行流水号", "交款人", "票据号", "备注"];

fn facts() -> Facts {
    let house = |n: u128, outstanding| HouseFact { house_id: HouseId(uuid::Uuid::from_u128(n)), outstanding, open: true };
    Facts {
        by_code: [("A".to_owned(), house(1, 1_534_200)), ("B".to_owned(), house(2, 1_091_880))].into(),
        by_place: [
            (("1".to_owned(), "1".to_owned(), 1, "0101".to_owned()), "A".to_owned()),
            (("1".to_owned(), "1".to_owned(), 1, "0102".to_owned()), "B".to_owned()),
        ]
        .into(),
        buildings: ["1".to_owned()].into(),
        serials: [("BK9".to_owned(), "202611160100000001".to_owned())].into(),
        today: "2026-11-16".parse().expect("a date"),
        opened_on: "2024-01-02".parse().expect("a date"),
        closed: ["2026-09".to_owned()].into(),
    }
}

fn codes(rows: &[[&str; 7]]) -> (Vec<(i64, &'static str)>, usize) {
    let rows = rows.iter().enumerate().map(|(i, r)| (i as i64 + 2, r.iter().map(|c| (*c).to_owned()).collect()));
    let sheet = Sheet { header: HEADER.iter().map(|h| (*h).to_owned()).collect(), header_row: 1, rows: rows.collect() };
    let checked = check_deposits(&sheet, &facts());
    (checked.faults.iter().map(|f| (f.row, f.code)).collect(), checked.good.len())
}

#[test]
fn a_row_that_pays_what_is_due_is_good() {
    assert_eq!(codes(&[["1", "1", "1", "0101", "15342.00", "2026-11-11", "BK1"]]), (vec![], 1));
}

#[test]
fn every_fault_of_a_deposit_table_has_its_code() {
    let got = codes(&[
        ["1", "1", "1", "0101", "15342.01", "2026-11-11", "BK1"],
        ["1", "1", "1", "0102", "10918.805", "2026-11-11", "BK2"],
        ["1", "1", "1", "0103", "10918.80", "2026-11-11", "BK3"],
        ["9", "1", "1", "0102", "10918.80", "2026-11-11", "BK4"],
        ["1", "1", "1", "0102", "10918.80", "2026-11-17", "BK5"],
        ["1", "1", "1", "0102", "10918.80", "2024-01-01", "BK6"],
        ["1", "1", "1", "0102", "10918.80", "2026-09-30", "BK7"],
        ["1", "1", "1", "0102", "10918.80", "2026-11-11", ""],
        ["1", "1", "1", "0102", "10918.80", "2026-11-11", "BK9"],
    ]);
    let promised = ["E09", "E07", "E08", "E02", "E11", "E11", "E12", "import.required", "E10"];
    assert_eq!(got, (promised.into_iter().enumerate().map(|(i, c)| (i as i64 + 2, c)).collect(), 0));
}

#[test]
fn the_same_serial_or_the_same_house_twice_in_one_file_is_refused() {
    let got = codes(&[
        ["1", "1", "1", "0101", "15342.00", "2026-11-11", "BK1"],
        ["1", "1", "1", "0102", "10918.80", "2026-11-11", "BK1"],
        ["1", "1", "1", "0101", "15342.00", "2026-11-11", "BK2"],
    ]);
    assert_eq!(got, (vec![(3, "E10"), (4, "E09")], 1));
}
