//! T2 批量交存: every row of a deposit table checked, all faults at once (maintenance-fund §6.4).
use std::collections::{HashMap, HashSet};

use linli_kernel::{Date, HouseId, Money};

use super::{
    cells::{self, Columns, RowFault, Sheet},
    houses_table::{Checked, Place},
};

pub const REQUIRED: [&str; 3] = ["交存金额", "到账日期", "银行流水号"];
const PLACE: [&str; 4] = ["楼栋号", "单元", "楼层", "房号"];

/// A house that may deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseFact {
    pub house_id: HouseId,
    /// First deposit that is still due, fen.
    pub outstanding: i64,
    /// False when its account is closed or frozen.
    pub open: bool,
}

/// What is already known of the project, its bank account and its periods.
#[derive(Clone, Debug)]
pub struct Facts {
    pub by_code: HashMap<String, HouseFact>,
    pub by_place: HashMap<Place, String>,
    pub buildings: HashSet<String>,
    /// Serials that were deposited, with the number of their posting (empty while it waits).
    pub serials: HashMap<String, String>,
    pub today: Date,
    pub opened_on: Date,
    /// Months (`2026-10`) that are closed.
    pub closed: HashSet<String>,
}

/// A row that can be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepositLine {
    pub row: i64,
    pub house_id: HouseId,
    pub amount: Money,
    pub due: Money,
    pub bank_date: Date,
    pub bank_serial: String,
    pub payer: Option<String>,
    pub receipt_no: Option<String>,
    pub remarks: Option<String>,
}

/// Checks a whole deposit table.
pub fn check_deposits(sheet: &Sheet, facts: &Facts) -> Checked<DepositLine> {
    let columns = Columns::of(&sheet.header);
    let mut checked = Checked::of_rows(sheet.rows.len());
    checked.faults = columns.missing(sheet.header_row, &REQUIRED);
    if !columns.has("房屋编码") {
        checked.faults.extend(columns.missing(sheet.header_row, &PLACE));
    }
    if !checked.faults.is_empty() {
        return checked;
    }
    // what earlier rows of the file already pay
    let mut paid: HashMap<HouseId, i64> = HashMap::new();
    let mut serials: HashMap<String, i64> = HashMap::new();
    for (row, cells) in &sheet.rows {
        let (line, faults) = check_row(*row, cells, &columns, facts, &paid, &mut serials);
        if let Some(line) = line.filter(|_| faults.is_empty()) {
            *paid.entry(line.house_id).or_default() += line.amount.fen();
            checked.good.push(line);
        }
        checked.faults.extend(faults);
    }
    checked
}

fn check_row(
    row: i64,
    cells: &[String],
    columns: &Columns,
    facts: &Facts,
    paid: &HashMap<HouseId, i64>,
    serials: &mut HashMap<String, i64>,
) -> (Option<DepositLine>, Vec<RowFault>) {
    let mut faults = Vec::new();
    let cell = |column: &str| columns.cell(cells, column);
    let given = |column: &str| Some(cell(column)).filter(|t| !t.is_empty());
    for column in REQUIRED {
        if cell(column).is_empty() {
            faults.push(RowFault::required(row, column));
        }
    }
    let house = house(row, &cell, facts, &mut faults);
    let amount = given("交存金额").and_then(|text| {
        let amount = cells::money(&text).filter(|m| m.is_positive());
        if amount.is_none() {
            let zh = format!("金额格式错误或超过两位小数：{text}");
            faults.push(RowFault::new(row, "E07", &["交存金额"], zh, "The amount is malformed or has more than two decimals"));
        }
        amount
    });
    let bank_date = given("到账日期").and_then(|text| {
        let Some(day) = cells::date(&text) else {
            faults.push(RowFault::format(row, "到账日期", "2026-11-02 这样的日期"));
            return None;
        };
        if day > facts.today || day < facts.opened_on {
            let zh = format!("到账日期{day}晚于今天或早于账户开户日{}", facts.opened_on);
            faults.push(RowFault::new(row, "E11", &["到账日期"], zh, "The bank date is after today or before the account was opened"));
        } else if facts.closed.contains(&day.month()) {
            let zh = format!("会计期间{}已结账", day.month());
            faults.push(RowFault::new(row, "E12", &["到账日期"], zh, format!("The period {} is closed", day.month())));
        }
        Some(day)
    });
    let mut repeated = false;
    if let Some(serial) = given("银行流水号") {
        let told = match (facts.serials.get(&serial), serials.get(&serial)) {
            (Some(no), _) if no.is_empty() => Some("银行流水号已登记，待确认".to_owned()),
            (Some(no), _) => Some(format!("银行流水号已入账（业务号{no}）")),
            (None, Some(first)) => Some(format!("银行流水号重复（第{first}行）")),
            (None, None) => None,
        };
        repeated = told.is_some();
        if let Some(zh) = told {
            faults.push(RowFault::new(row, "E10", &["银行流水号"], zh, "This bank serial was posted already"));
        } else {
            serials.insert(serial, row);
        }
    }
    // A repeated serial explains why nothing is due any more: one reason is enough.
    if let (Some(house), Some(amount), false) = (house, amount, repeated) {
        let left = house.outstanding - paid.get(&house.house_id).copied().unwrap_or(0);
        if left != amount.fen() {
            let zh = format!("应交金额{}与导入金额{amount}不一致", Money(left));
            faults.push(RowFault::new(row, "E09", &["交存金额"], zh, format!("{} is due, not {amount}", Money(left))));
        }
    }
    let line = || {
        let (house, amount) = (house?, amount?);
        Some(DepositLine {
            row,
            house_id: house.house_id,
            amount,
            due: Money(house.outstanding),
            bank_date: bank_date?,
            bank_serial: given("银行流水号")?,
            payer: given("交款人"),
            receipt_no: given("票据号"),
            remarks: given("备注"),
        })
    };
    (line(), faults)
}

fn house<'a>(row: i64, cell: &impl Fn(&str) -> String, facts: &'a Facts, faults: &mut Vec<RowFault>) -> Option<&'a HouseFact> {
    let not_open = |columns: &[&str]| RowFault::new(row, "E08", columns, "房屋未开户或账户已注销", "The house has no open fund account");
    let code = cell("房屋编码");
    if !code.is_empty() {
        let found = facts.by_code.get(&code).filter(|h| h.open);
        if found.is_none() {
            faults.push(not_open(&["房屋编码"]));
        }
        return found;
    }
    let missing: Vec<&str> = PLACE.into_iter().filter(|c| cell(c).is_empty()).collect();
    if !missing.is_empty() {
        faults.extend(missing.iter().map(|c| RowFault::required(row, c)));
        return None;
    }
    let building = cell("楼栋号");
    if !facts.buildings.contains(&building) {
        let zh = format!("楼栋不存在或不属于该小区：{building}");
        faults.push(RowFault::new(row, "E02", &["楼栋号"], zh, format!("There is no building {building} in this project")));
        return None;
    }
    let Some(floor) = cells::whole(&cell("楼层")) else {
        faults.push(RowFault::format(row, "楼层", "整数，地下为负"));
        return None;
    };
    let code = facts.by_place.get(&(building, cell("单元"), floor, cell("房号")));
    let found = code.and_then(|code| facts.by_code.get(code)).filter(|h| h.open);
    if found.is_none() {
        faults.push(not_open(&["房号"]));
    }
    found
}

#[cfg(test)]
mod tests;
