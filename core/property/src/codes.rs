//! 小区、楼栋、单元、房屋编码 (vocabulary §5).
use linli_kernel::check;

/// `379901200012` + `001`; `None` past 999 buildings.
pub fn building(project_code: &str, serial: i64) -> Option<String> {
    (1..=999).contains(&serial).then(|| format!("{project_code}{serial:03}"))
}

/// Building code + `01`; `None` past 99 units.
pub fn unit(building_code: &str, serial: i64) -> Option<String> {
    (1..=99).contains(&serial).then(|| format!("{building_code}{serial:02}"))
}

/// Building code + `00001` + MOD 11,10 check digit, 21 digits: `379901200012001000013`; `None` past 99,999 houses.
pub fn house(building_code: &str, serial: i64) -> Option<String> {
    if !(1..=99_999).contains(&serial) {
        return None;
    }
    let body = format!("{building_code}{serial:05}");
    check::mod_11_10(&body).map(|sign| format!("{body}{sign}"))
}

/// Whether a typed house code can be one at all: 21 digits with the right check digit.
pub fn is_house(code: &str) -> bool {
    code.len() == 21 && code.is_ascii() && check::mod_11_10(&code[..20]) == code.chars().last()
}

/// A given project code is only checked for its 12 digits; its uniqueness is the register's.
pub fn is_project(code: &str) -> bool {
    code.len() == 12 && code.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests;
