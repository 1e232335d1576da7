use super::*;

const HEADER: [&str; 20] = [
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
const GOOD: [&str; 20] = [
    "379901200012",
    "1",
    "1",
    "1",
    "0101",
    "127.85",
    "99.72",
    "28.13",
    "成套住宅",
    "商品房",
    "Y",
    "1968762.15",
    "BH1",
    "379901200012GB00007F00010001",
    "何国丽",
    "居民身份证",
    "379901199012054881",
    "18682404159",
    "A-LIFT",
    "",
];

fn facts() -> Facts {
    let pairs = |list: &[(&str, &str)]| list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect::<HashMap<_, _>>();
    let day = |text: &str| text.parse::<Date>().expect("a date");
    let standard = |code: &str, with_lift: bool, value: &str, to: Option<&str>| StandardFact {
        code: code.into(),
        area_path: "37/3799/".into(),
        nature: "commodity".into(),
        with_lift,
        basis: Basis::Area,
        value: value.parse().expect("a standard"),
        from: day("2009-01-01"),
        to: to.map(day),
    };
    Facts {
        projects: pairs(&[("379901200012", "37/3799/379901/379901001/379901001001/")]),
        uses: pairs(&[("成套住宅", "residential"), ("residential", "residential"), ("物业用房", "property_office")]),
        natures: pairs(&[("商品房", "commodity")]),
        id_types: pairs(&[("居民身份证", "resident_id"), ("统一社会信用代码", "uscc")]),
        excluded: ["property_office".to_owned()].into(),
        standards: vec![
            standard("A-LIFT", true, "120.00", None),
            standard("A-STAIR", false, "80.00", None),
            standard("A-2009", true, "60.00", Some("2019-12-31")),
        ],
        ..Facts::default()
    }
}

/// The clean row with some columns changed, as row `row` of a table with a title above its header.
fn table(rows: &[&[(&str, &str)]]) -> Sheet {
    let rows = rows.iter().enumerate().map(|(i, changes)| {
        let mut cells: Vec<String> = GOOD.iter().map(|c| (*c).to_owned()).collect();
        cells[4] = format!("01{:02}", i + 1);
        cells[13] = format!("379901200012GB00007F{:04}0001", i + 1);
        for (column, value) in *changes {
            let at = HEADER.iter().position(|h| h == column).expect("a column");
            cells[at] = (*value).to_owned();
        }
        (i as i64 + 3, cells)
    });
    Sheet { header: HEADER.iter().map(|h| (*h).to_owned()).collect(), header_row: 2, rows: rows.collect() }
}

fn check_rows(rows: &[&[(&str, &str)]]) -> Checked<HouseLine> {
    check_houses(&table(rows), &facts(), "2026-11-16".parse().expect("a date"))
}

fn codes(checked: &Checked<HouseLine>) -> Vec<(i64, &str, Vec<&str>)> {
    checked.faults.iter().map(|f| (f.row, f.code, f.columns.iter().map(String::as_str).collect())).collect()
}

#[test]
fn a_good_row_knows_its_standard_and_its_due() {
    let checked = check_rows(&[&[]]);
    assert!(checked.faults.is_empty(), "{:?}", checked.faults);
    let line = &checked.good[0];
    assert_eq!((line.due.to_string().as_str(), line.standard_code.as_deref()), ("15342.00", Some("A-LIFT")));
    assert_eq!(line.place, ("1".to_owned(), "1".to_owned(), 1, "0101".to_owned()));
}

#[test]
fn every_fault_of_a_table_is_told_at_once_with_its_row_and_column() {
    let checked = check_rows(&[
        &[],
        &[("房号", "0101")],
        &[("建筑面积", "0")],
        &[("建筑面积", "118.365")],
        &[("建筑面积", "一百一十八")],
        &[("房屋用途", "仓储房")],
        &[("证件号码", "379901199807075031")],
        &[("小区编码", "379901299999")],
        &[("交存标准代码", "A-2009")],
        &[("交存标准代码", "A-1999")],
        &[("房号", "")],
        &[("销售价格", "1.234")],
    ]);
    let promised = vec![
        (4, "E03", vec!["房号", "楼层"]),
        (5, "E04", vec!["建筑面积"]),
        (6, "E04", vec!["建筑面积"]),
        (7, "E04", vec!["建筑面积"]),
        (8, "E05", vec!["房屋用途"]),
        (9, "E06", vec!["证件号码"]),
        (10, "E01", vec!["小区编码"]),
        (11, "E18", vec!["交存标准代码"]),
        (12, "E18", vec!["交存标准代码"]),
        (13, "import.required", vec!["房号"]),
        (14, "E07", vec!["销售价格"]),
    ];
    assert_eq!(codes(&checked), promised);
    assert_eq!((checked.rows, checked.error_rows(), checked.good.len()), (12, 11, 1));
}

#[test]
fn typed_full_width_and_with_spaces_a_row_reads_like_the_others() {
    let checked = check_rows(&[&[("楼栋号", " １ "), ("房号", "０１０１"), ("业主姓名", "  何国丽\u{3000}")]]);
    assert!(checked.faults.is_empty());
    assert_eq!(checked.good[0].place, ("1".to_owned(), "1".to_owned(), 1, "0101".to_owned()));
    assert_eq!(checked.good[0].owner.as_ref().map(|o| o.name.as_str()), Some("何国丽"));
}

#[test]
fn without_a_code_the_standard_follows_from_nature_and_lift() {
    let checked = check_rows(&[&[("交存标准代码", ""), ("有无电梯", "无")]]);
    assert_eq!(checked.good[0].standard_code.as_deref(), Some("A-STAIR"));
    assert_eq!(checked.good[0].due.to_string(), "10228.00");
}

#[test]
fn an_excluded_use_needs_no_standard_and_owes_nothing() {
    let checked = check_rows(&[&[("房屋用途", "物业用房"), ("交存标准代码", "")]]);
    assert!(checked.faults.is_empty());
    assert!(!checked.good[0].countable && checked.good[0].due == Money::ZERO && checked.good[0].standard_code.is_none());
}

#[test]
fn a_house_that_is_registered_already_is_refused() {
    let mut known = facts();
    known.taken.insert("379901200012".into(), [("1".to_owned(), "1".to_owned(), 1, "0101".to_owned())].into());
    let checked = check_houses(&table(&[&[]]), &known, "2026-11-16".parse().expect("a date"));
    assert_eq!(codes(&checked), vec![(3, "E03", vec!["房号", "楼层"])]);
}

#[test]
fn an_id_number_without_a_name_is_a_warning_and_makes_no_owner() {
    let checked = check_rows(&[&[("业主姓名", "")]]);
    assert_eq!(codes(&checked), vec![(3, "W02", vec!["业主姓名"])]);
    assert_eq!((checked.error_rows(), checked.warning_rows()), (0, 1));
    assert!(checked.good[0].owner.is_none());
}

#[test]
fn a_header_without_a_required_column_says_which() {
    let mut sheet = table(&[&[]]);
    sheet.header[5] = "面积".into();
    let checked = check_houses(&sheet, &facts(), "2026-11-16".parse().expect("a date"));
    assert_eq!(codes(&checked), vec![(2, "import.required", vec!["建筑面积"])]);
}
