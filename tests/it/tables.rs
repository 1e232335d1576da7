//! Large tables as clerks bring them: houses of 100 m², fifty buildings of 25 storeys for 10,000 rows; nothing is wrong in them.

/// Building, unit, floor, room of the nth house: fifty buildings of 25 storeys.
fn place(n: usize) -> (usize, usize, usize, String) {
    let (building, of_building) = (n / 200 + 2, n % 200);
    let (unit, of_unit) = (of_building / 100 + 1, of_building % 100);
    let floor = of_unit / 4 + 1;
    (building, unit, floor, format!("{floor:02}{:02}", of_unit % 4 + 1))
}

/// A number whose check character is right.
fn id_number(n: usize) -> String {
    let body = format!("379901{}0101{:03}", 1960 + n / 1_000, n % 1_000);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(weights).map(|(c, w)| c.to_digit(10).unwrap_or(0) * w).sum();
    format!("{body}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][(sum % 11) as usize])
}

/// A house table (T1) of a project; every owner is somebody else.
pub fn houses(project_code: &str, rows: usize) -> String {
    let mut csv = String::from(
        "小区编码,楼栋号,单元,楼层,房号,建筑面积,套内面积,公摊面积,房屋用途,房屋性质,有无电梯,销售价格,合同编号,不动产单元号,业主姓名,证件类型,证件号码,手机,交存标准代码,备注\n",
    );
    for n in 0..rows {
        let (building, unit, floor, room) = place(n);
        csv.push_str(&format!(
            "{project_code},{building},{unit},{floor},{room},100.00,,,住宅,商品房,有,,,,业主{n},居民身份证,{},139{n:08},A-LIFT,\n",
            id_number(n)
        ));
    }
    csv
}

/// The deposit table (T2) of the same houses, each by its place and with what it owes.
pub fn deposits(rows: usize) -> String {
    let mut csv = String::from("房屋编码,楼栋号,单元,楼层,房号,交存金额,到账日期,银行流水号,交款人,票据号,备注\n");
    for n in 0..rows {
        let (building, unit, floor, room) = place(n);
        csv.push_str(&format!(",{building},{unit},{floor},{room},30000.00,2026-11-12,T2-{n:06},业主{n},,\n"));
    }
    csv
}
