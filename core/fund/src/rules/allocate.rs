//! 分摊 of a use over its items and houses, and the true-up at settlement (maintenance-fund §2.6.4, §2.6.5).
use std::collections::BTreeMap;

use linli_kernel::{AllocateError, Portion, largest_remainder};
use serde::{Deserialize, Serialize};

/// One item of the budget with the weight that the city's rule gave each house of its scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemWeights {
    pub item_no: i64,
    /// The item's amount in the budget, fen; sums over a whole use are split between items by it.
    pub amount: i64,
    /// One group where the rule weighs houses; several where it splits in two steps (已售公房, mixed buildings).
    pub groups: Vec<Group>,
}

/// Houses that share one part of an item by their weights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Against the other groups of the item.
    pub weight: i64,
    /// House code and weight (≥ 0).
    pub members: Vec<(String, i64)>,
}

impl ItemWeights {
    /// An item whose houses weigh against each other directly.
    pub fn plain(item_no: i64, amount: i64, members: Vec<(String, i64)>) -> ItemWeights {
        ItemWeights { item_no, amount, groups: vec![Group { weight: 1, members }] }
    }
    pub fn codes(&self) -> impl Iterator<Item = &String> {
        self.groups.iter().flat_map(|g| g.members.iter().map(|(code, _)| code))
    }
}

/// What one house bears of one item, with every number that leads to it (as `formula` of an entry shows).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub item_no: i64,
    /// Place and weight of the group among those of the item.
    pub group: i64,
    pub group_weight: i64,
    /// What is split, fen.
    pub cost: i64,
    pub weight: i64,
    pub weight_total: i64,
    pub floor: i64,
    pub remainder: i64,
    pub fen_added: i64,
    pub share: i64,
}

/// Parts by house code; a house in several items has several parts.
pub type Parts = BTreeMap<String, Vec<Part>>;

/// Splits `total` fen first between the items in proportion to their amounts, then each item's sum over its houses, and adds.
/// Σ of all parts = `total`, always; the order of items and houses has no effect on a share.
pub fn allocate(total: i64, items: &[ItemWeights]) -> Result<Parts, AllocateError> {
    let amounts: Vec<(i64, i64)> = items.iter().map(|i| (i.item_no, i.amount)).collect();
    let sums = largest_remainder(total, &amounts)?;
    let mut parts = Parts::new();
    for (item, sum) in items.iter().zip(sums) {
        // A group is named by its smallest code, so that ties between groups do not hang on their order.
        let name = |g: &Group| g.members.iter().map(|(code, _)| code.clone()).min().unwrap_or_default();
        let groups: Vec<(String, i64)> = item.groups.iter().map(|g| (name(g), g.weight)).collect();
        for (n, (group, whole)) in item.groups.iter().zip(largest_remainder(sum.share, &groups)?).enumerate() {
            let portions = if whole.share == 0 && group.members.iter().all(|(_, w)| *w == 0) {
                vec![Portion { floor: 0, remainder: 0, fen_added: 0, share: 0 }; group.members.len()]
            } else {
                largest_remainder(whole.share, &group.members)?
            };
            let weight_total: i64 = group.members.iter().map(|(_, w)| w).sum(); // fits: checked by largest_remainder
            for ((code, weight), portion) in group.members.iter().zip(portions) {
                parts.entry(code.clone()).or_default().push(Part {
                    item_no: item.item_no,
                    group: n as i64,
                    group_weight: group.weight,
                    cost: whole.share,
                    weight: *weight,
                    weight_total,
                    floor: portion.floor,
                    remainder: portion.remainder,
                    fen_added: portion.fen_added,
                    share: portion.share,
                });
            }
        }
    }
    Ok(parts)
}

/// The items again from the parts that were kept of an allocation; `amounts` are the items' amounts by number.
pub fn weights_of(parts: &Parts, amounts: &BTreeMap<i64, i64>) -> Vec<ItemWeights> {
    let mut items: BTreeMap<i64, BTreeMap<i64, Group>> = BTreeMap::new();
    for (code, parts) in parts {
        for part in parts {
            let group = items.entry(part.item_no).or_default().entry(part.group);
            let group = group.or_insert_with(|| Group { weight: part.group_weight, members: Vec::new() });
            group.members.push((code.clone(), part.weight));
        }
    }
    let item = |(item_no, groups): (i64, BTreeMap<i64, Group>)| ItemWeights {
        item_no,
        amount: amounts.get(&item_no).copied().unwrap_or(0),
        groups: groups.into_values().collect(),
    };
    items.into_iter().map(item).collect()
}

/// One part that stands for all of a house: itself, or the sums of several (items with scopes of their own).
pub fn summed(parts: &[Part]) -> Part {
    let sum = |of: fn(&Part) -> i64| parts.iter().map(of).fold(0_i64, i64::saturating_add);
    Part {
        item_no: parts.first().map_or(0, |p| p.item_no),
        group: 0,
        group_weight: 1,
        cost: sum(|p| p.cost),
        weight: sum(|p| p.weight),
        weight_total: sum(|p| p.weight_total),
        floor: sum(|p| p.floor),
        remainder: sum(|p| p.remainder),
        fen_added: sum(|p| p.fen_added),
        share: sum(|p| p.share),
    }
}

/// The share of a house: the sum of its parts.
pub fn share_of(parts: &[Part]) -> i64 {
    parts.iter().map(|p| p.share).sum()
}

/// The last payment of each house, `final − Σ earlier debits`; negative is a credit. Both maps are by house code.
pub fn last_payments(finals: &Parts, paid_before: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    let mut last: BTreeMap<String, i64> = finals.iter().map(|(code, parts)| (code.clone(), share_of(parts))).collect();
    for (code, paid) in paid_before {
        *last.entry(code.clone()).or_default() -= paid;
    }
    last
}

/// Lowers the total until no house bears more than it has (shortfall policy `cap`): the poorest house's price for one weight
/// becomes everybody's, and the budget shrinks. `None`: nothing can be paid at all.
pub fn capped_total(total: i64, items: &[ItemWeights], available: &BTreeMap<String, i64>) -> Result<Option<i64>, AllocateError> {
    let mut total = total;
    // Each round fixes the tightest house; rounding between items may ask for a few more rounds, never for many.
    for _ in 0..200 {
        let parts = allocate(total, items)?;
        let mut lower = total;
        for (code, parts) in &parts {
            let (share, has) = (share_of(parts), available.get(code).copied().unwrap_or(0).max(0));
            if share > has {
                let fits = i128::from(total) * i128::from(has) / i128::from(share);
                lower = lower.min(i64::try_from(fits).unwrap_or(0)).min(total - 1);
            }
        }
        if lower == total {
            return Ok(Some(total));
        }
        if lower <= 0 {
            return Ok(None);
        }
        total = lower;
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
