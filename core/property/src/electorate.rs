//! 表决权: heads and area of the houses concerned (maintenance-fund §2.6.3, property P10). Pure.
use std::collections::BTreeSet;

use linli_kernel::Area;
use linli_runtime::crypto;

/// One exclusive part that counts: its area and who holds it.
#[derive(Clone, Debug)]
pub struct Part {
    pub house_code: String,
    pub area: Area,
    /// `person:<id>`, `company:<id>` of every holder in force; empty: nobody bought it yet.
    pub holders: Vec<String>,
    /// Key of the developer, who holds what nobody bought.
    pub developer: String,
}

impl Part {
    /// 业主键 (owner key): the **set** of holders, so that several houses of the same couple are one head.
    pub fn owner_key(&self) -> String {
        if self.holders.is_empty() {
            return self.developer.clone();
        }
        let set: BTreeSet<&str> = self.holders.iter().map(String::as_str).collect();
        set.into_iter().collect::<Vec<_>>().join("+")
    }
}

/// The denominators of a vote, frozen by their hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Electorate {
    pub heads: i64,
    pub area: Area,
    /// SHA-256 over `house code, owner key, area` of every part, in the order of the codes.
    pub hash: String,
}

/// One head an owner key, all area. The sum saturates: a project's area never comes near 64 bits.
pub fn of(parts: &[Part]) -> Electorate {
    let keys: BTreeSet<String> = parts.iter().map(Part::owner_key).collect();
    let area = parts.iter().fold(0_i64, |sum, part| sum.saturating_add(part.area.0));
    let mut lines: Vec<String> = parts.iter().map(|p| format!("{},{},{}", p.house_code, p.owner_key(), p.area)).collect();
    lines.sort_unstable();
    Electorate { heads: keys.len() as i64, area: Area(area), hash: crypto::sha256_hex(lines.join("\n").as_bytes()) }
}

/// The least that takes part: `3·p ≥ 2·T`, so two thirds rounded up.
pub fn two_thirds(total: i64) -> i64 {
    i64::try_from((i128::from(total) * 2 + 2) / 3).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
