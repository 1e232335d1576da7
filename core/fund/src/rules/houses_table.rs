//! T1 房屋上报: every row of a house table checked, all faults at once (maintenance-fund §6.4).
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use linli_kernel::{Area, Date, Money, check};

use super::{
    cells::{self, Columns, RowFault, Sheet},
    due::{Basis, due},
};

pub const REQUIRED: [&str; 9] = ["小区编码", "楼栋号", "单元", "楼层", "房号", "建筑面积", "房屋用途", "房屋性质", "有无电梯"];

/// Uses that neither deposit nor bear (§1.2 `fund_scope` excluded).
pub type Excluded = BTreeSet<String>;

/// A standard as the table's checks need it; only active ones.
#[derive(Clone, Debug)]
pub struct StandardFact {
    pub code: String,
    pub area_path: String,
    pub nature: String,
    pub with_lift: bool,
    pub basis: Basis,
    pub value: Money,
    pub from: Date,
    pub to: Option<Date>,
}

impl StandardFact {
    fn holds(&self, day: Date, project_path: &str) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to) && project_path.starts_with(self.area_path.as_str())
    }
}

/// Building, unit, floor, room.
pub type Place = (String, String, i64, String);

/// What the register and the city already know.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Projects with a fund in the clerk's scope: code to area path.
    pub projects: HashMap<String, String>,
    /// Dictionary code or label to code.
    pub uses: HashMap<String, String>,
    pub natures: HashMap<String, String>,
    pub id_types: HashMap<String, String>,
    pub excluded: Excluded,
    pub standards: Vec<StandardFact>,
    /// Houses that are there already, by project code.
    pub taken: HashMap<String, HashSet<Place>>,
    pub taken_registry: HashSet<String>,
}

/// The owner as the table names him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerLine {
    pub name: String,
    pub id_type: String,
    pub id_number: String,
    pub mobile: Option<String>,
}

/// A row that can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HouseLine {
    pub row: i64,
    pub project_code: String,
    pub place: Place,
    pub area: Area,
    pub inner: Option<Area>,
    pub shared: Option<Area>,
    pub use_code: String,
    pub nature: String,
    pub has_lift: bool,
    pub sale_price: Option<Money>,
    pub contract_no: Option<String>,
    pub registry_no: Option<String>,
    pub owner: Option<OwnerLine>,
    pub standard_code: Option<String>,
    pub remarks: Option<String>,
    /// Deposits and bears costs.
    pub countable: bool,
    pub due: Money,
}

/// What a check found: the rows that are good, and everything that is not.
#[derive(Clone, Debug)]
pub struct Checked<L> {
    pub rows: i64,
    pub good: Vec<L>,
    pub faults: Vec<RowFault>,
}

impl<L> Checked<L> {
    /// Nothing found yet in a table of this many rows.
    pub fn of_rows(rows: usize) -> Checked<L> {
        Checked { rows: rows as i64, good: Vec::new(), faults: Vec::new() }
    }
    pub fn error_rows(&self) -> i64 {
        self.count(false)
    }
    pub fn warning_rows(&self) -> i64 {
        self.count(true)
    }
    fn count(&self, warnings: bool) -> i64 {
        let rows: BTreeSet<i64> = self.faults.iter().filter(|f| f.is_warning() == warnings).map(|f| f.row).collect();
        rows.len() as i64
    }
}

/// Checks a whole house table on `day` (the import's business date).
pub fn check_houses(sheet: &Sheet, facts: &Facts, day: Date) -> Checked<HouseLine> {
    let columns = Columns::of(&sheet.header);
    let mut checked = Checked::of_rows(sheet.rows.len());
    checked.faults = columns.missing(sheet.header_row, &REQUIRED);
    if !checked.faults.is_empty() {
        return checked;
    }
    let mut table = Table { facts, day, columns: &columns, seen: HashMap::new(), registry: HashMap::new(), owners: HashMap::new() };
    for (row, cells) in &sheet.rows {
        let (line, faults) = table.check(*row, cells);
        let stands = !faults.iter().any(|f| !f.is_warning());
        checked.faults.extend(faults);
        checked.good.extend(line.filter(|_| stands));
    }
    checked
}

struct Table<'a> {
    facts: &'a Facts,
    day: Date,
    columns: &'a Columns,
    seen: HashMap<(String, Place), i64>,
    registry: HashMap<String, i64>,
    /// Id number to name, to see one number under two names.
    owners: HashMap<String, String>,
}

impl<'a> Table<'a> {
    fn check(&mut self, row: i64, cells: &[String]) -> (Option<HouseLine>, Vec<RowFault>) {
        let mut faults = Vec::new();
        let (columns, facts) = (self.columns, self.facts);
        let cell = |column: &str| columns.cell(cells, column);
        for column in REQUIRED {
            if cell(column).is_empty() {
                faults.push(RowFault::required(row, column));
            }
        }
        let given = |column: &str| Some(cell(column)).filter(|t| !t.is_empty());
        let project_code = cell("小区编码");
        let path = facts.projects.get(&project_code);
        if path.is_none() && !project_code.is_empty() {
            faults.push(RowFault::new(
                row,
                "E01",
                &["小区编码"],
                format!("小区编码不存在：{project_code}"),
                format!("There is no project {project_code} with a fund"),
            ));
        }
        let floor = given("楼层").and_then(|text| {
            let floor = cells::whole(&text);
            if floor.is_none() {
                faults.push(RowFault::format(row, "楼层", "整数，地下为负"));
            }
            floor
        });
        let area = given("建筑面积").and_then(|text| {
            let area = cells::area(&text).filter(|a| a.0 > 0);
            if area.is_none() {
                let zh = format!("建筑面积须大于0且最多两位小数：{text}");
                faults.push(RowFault::new(row, "E04", &["建筑面积"], zh, "The area must be above 0 with at most two decimals"));
            }
            area
        });
        let optional_area = |column: &'static str, faults: &mut Vec<RowFault>| {
            given(column).and_then(|text| {
                let area = cells::area(&text);
                if area.is_none() {
                    faults.push(RowFault::format(row, column, "最多两位小数的面积"));
                }
                area
            })
        };
        let (inner, shared) = (optional_area("套内面积", &mut faults), optional_area("公摊面积", &mut faults));
        let of_dict = |column: &'static str, dict: &HashMap<String, String>, faults: &mut Vec<RowFault>| {
            given(column).and_then(|text| {
                let code = dict.get(&text).cloned();
                if code.is_none() {
                    let zh = format!("{column}代码无效：{text}");
                    faults.push(RowFault::new(row, "E05", &[column], zh, format!("{column} is not in the dictionary: {text}")));
                }
                code
            })
        };
        let use_code = of_dict("房屋用途", &facts.uses, &mut faults);
        let nature = of_dict("房屋性质", &facts.natures, &mut faults);
        let has_lift = given("有无电梯").and_then(|text| {
            let lift = cells::yes_no(&text);
            if lift.is_none() {
                faults.push(RowFault::format(row, "有无电梯", "Y 或 N"));
            }
            lift
        });
        let sale_price = given("销售价格").and_then(|text| {
            let price = cells::money(&text).filter(|m| !m.is_negative());
            if price.is_none() {
                let zh = format!("金额格式错误或超过两位小数：{text}");
                faults.push(RowFault::new(row, "E07", &["销售价格"], zh, "The amount is malformed or has more than two decimals"));
            }
            price
        });
        let registry_no = given("不动产单元号");
        if let Some(number) = &registry_no {
            if !is_registry_no(number) {
                faults.push(RowFault::format(row, "不动产单元号", "28位：12位数字、2位字母、5位数字、1位字母、8位数字"));
            } else if facts.taken_registry.contains(number) {
                faults.push(RowFault::new(
                    row,
                    "E03",
                    &["不动产单元号"],
                    "不动产单元号已登记",
                    "This real-estate unit number is registered",
                ));
            } else if let Some(first) = self.registry.insert(number.clone(), row) {
                let zh = format!("不动产单元号重复（第{first}行）");
                faults.push(RowFault::new(row, "E03", &["不动产单元号"], zh, format!("The same number stands in row {first}")));
            }
        }
        let owner = self.owner(row, cells, &mut faults);
        let standard = self.standard(row, &cell("交存标准代码"), path, use_code.as_deref(), nature.as_deref(), has_lift, &mut faults);

        let (building, unit, room) = (cell("楼栋号"), cell("单元"), cell("房号"));
        let place = match floor {
            Some(floor) if ![&building, &unit, &room].iter().any(|t| t.is_empty()) => Some((building, unit, floor, room)),
            _ => None,
        };
        if let Some(place) = place.as_ref().filter(|_| path.is_some()) {
            if facts.taken.get(&project_code).is_some_and(|t| t.contains(place)) {
                faults.push(RowFault::new(row, "E03", &["房号", "楼层"], "同一单元房号重复（已登记）", "This house is registered already"));
            } else if let Some(first) = self.seen.get(&(project_code.clone(), place.clone())) {
                let zh = format!("同一单元房号重复（第{first}行）");
                faults.push(RowFault::new(row, "E03", &["房号", "楼层"], zh, format!("The same room stands in row {first}")));
            } else {
                self.seen.insert((project_code.clone(), place.clone()), row);
            }
        }
        let line = || {
            let (use_code, area) = (use_code?, area?);
            let countable = !facts.excluded.contains(&use_code);
            let amount = match (&standard, countable) {
                (Some(s), true) => due(s.basis, s.value, area, sale_price).ok()?,
                _ => Some(Money::ZERO),
            };
            Some((
                HouseLine {
                    row,
                    project_code,
                    place: place?,
                    area,
                    inner,
                    shared,
                    use_code,
                    nature: nature?,
                    has_lift: has_lift?,
                    sale_price,
                    contract_no: given("合同编号"),
                    registry_no,
                    owner,
                    standard_code: standard.map(|s| s.code.clone()),
                    remarks: given("备注"),
                    countable,
                    due: amount.unwrap_or(Money::ZERO),
                },
                amount.is_none(),
            ))
        };
        let line = line();
        if line.as_ref().is_some_and(|(_, needs_price)| *needs_price) {
            faults.push(RowFault::required(row, "销售价格"));
        }
        (line.map(|(line, _)| line), faults)
    }

    fn owner(&mut self, row: i64, cells: &[String], faults: &mut Vec<RowFault>) -> Option<OwnerLine> {
        let columns = self.columns;
        let cell = |column: &str| columns.cell(cells, column);
        let (name, number, kind) = (cell("业主姓名"), cell("证件号码").to_ascii_uppercase(), cell("证件类型"));
        if number.is_empty() {
            return None;
        }
        let id_type = if kind.is_empty() { Some("resident_id".to_owned()) } else { self.facts.id_types.get(&kind).cloned() };
        let Some(id_type) = id_type else {
            let zh = format!("证件类型代码无效：{kind}");
            faults.push(RowFault::new(row, "E05", &["证件类型"], zh, "The id type is not in the dictionary"));
            return None;
        };
        let stands = match id_type.as_str() {
            "resident_id" | "residence_permit" => check::resident_id(&number).is_ok(),
            "uscc" => check::uscc(&number).is_ok(),
            _ => (4..=30).contains(&number.len()),
        };
        if !stands {
            faults.push(RowFault::new(row, "E06", &["证件号码"], "证件号码校验位错误", "The check character of the id number is wrong"));
            return None;
        }
        if name.is_empty() {
            let zh = "有证件号码而无业主姓名，该户暂不登记产权";
            faults.push(RowFault::new(row, "W02", &["业主姓名"], zh, "An id number without a name: no ownership is recorded"));
            return None;
        }
        let known = self.owners.entry(format!("{id_type}:{number}")).or_insert_with(|| name.clone());
        if *known != name {
            let zh = "疑似重复业主：同一证件号码有不同姓名";
            faults.push(RowFault::new(row, "W03", &["业主姓名", "证件号码"], zh, "One id number under two names"));
        }
        let mobile = Some(cell("手机")).filter(|m| !m.is_empty());
        if mobile.as_ref().is_some_and(|m| m.len() > 20 || !m.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b' '))) {
            faults.push(RowFault::format(row, "手机", "电话号码"));
        }
        Some(OwnerLine { name, id_type, id_number: number, mobile })
    }

    /// A code that is given and valid on the date wins; without one the standard follows from nature and lift.
    #[allow(clippy::too_many_arguments)] // one row's cells
    fn standard(
        &self,
        row: i64,
        code: &str,
        path: Option<&String>,
        use_code: Option<&str>,
        nature: Option<&str>,
        has_lift: Option<bool>,
        faults: &mut Vec<RowFault>,
    ) -> Option<&'a StandardFact> {
        let (path, facts) = (path?, self.facts);
        let mut valid = facts.standards.iter().filter(|s| s.holds(self.day, path));
        if !code.is_empty() {
            let found = valid.find(|s| s.code == code);
            if found.is_none() {
                let zh = format!("交存标准{code}在{}无效", self.day);
                faults.push(RowFault::new(row, "E18", &["交存标准代码"], zh, format!("The standard {code} is not valid on {}", self.day)));
            }
            return found;
        }
        if facts.excluded.contains(use_code?) {
            return None;
        }
        let (nature, has_lift) = (nature?, has_lift?);
        // the smaller division's own standard wins over the city's
        let found = valid.filter(|s| s.nature == nature && s.with_lift == has_lift).max_by_key(|s| s.area_path.len());
        if found.is_none() {
            let zh = format!("{}没有适用于该性质和电梯情况的交存标准", self.day);
            faults.push(RowFault::new(row, "E18", &["交存标准代码"], zh, "No standard is valid for this nature and lift on the date"));
        }
        found
    }
}

/// 不动产单元号: 12 digits, 2 letters, 5 digits, a letter, 8 digits.
fn is_registry_no(text: &str) -> bool {
    let b = text.as_bytes();
    let digits = |r: std::ops::Range<usize>| b[r].iter().all(u8::is_ascii_digit);
    let letters = |r: std::ops::Range<usize>| b[r].iter().all(u8::is_ascii_uppercase);
    b.len() == 28 && digits(0..12) && letters(12..14) && digits(14..19) && letters(19..20) && digits(20..28)
}

/// Sums of the good rows by project, for the answer of a dry run.
pub fn due_by_project(lines: &[HouseLine]) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for line in lines {
        *sums.entry(line.project_code.clone()).or_default() += line.due.fen();
    }
    sums
}

#[cfg(test)]
mod tests;
