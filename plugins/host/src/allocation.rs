//! World `allocation` (分摊): the rule weighs, the core divides by the largest remainder, so that Σ = cost to the fen.
use linli_kernel::{Area, Money, Portion, largest_remainder};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    Context, Explained, PluginError, Spent,
    bindings::{RuleError, WitGroup, WitHouse, WitOutcome, WitPlan, WitWork},
    call::{MAX_ROWS, domain, explain, refusal},
    host::{Loaded, Pre},
    json,
    values::line_json,
};

/// 工程: what is to be paid for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    pub cost: Money,
    /// Purpose of the item: `lift`, `roof` …
    pub kind: String,
    pub part: String,
    /// Storeys of the building, 0 where there are several.
    pub storeys: i16,
}

/// One house (房屋) as a rule sees it: no name, no number, only what weighs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct House {
    pub area: Area,
    /// 0 = unknown.
    pub floor: i16,
    /// Index of the building, of the entrance (单元), and into `kinds`.
    pub building: u32,
    pub entrance: u32,
    pub kind: u32,
    pub deposited: Money,
    pub available: Money,
    pub sold: bool,
    pub delivered: bool,
}

/// The facts of one question at a point of this world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllocationInput {
    pub work: Work,
    pub kinds: Vec<String>,
    pub houses: Vec<House>,
}

/// 方案: how the cost is split; checked, so that every plan divides.
#[derive(Clone, Debug, PartialEq)]
pub enum Plan {
    /// One weight a house.
    Weights(Vec<i64>),
    /// Two steps: the cost over groups, each group's share over its members (house, weight).
    Groups(Vec<(i64, Vec<(usize, i64)>)>),
    /// Shares in fen, made by the rule, Σ = cost.
    Shares(Vec<Money>),
}

/// What one house got, with the numbers of its formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    pub weight: i64,
    /// Σ of the weights that this one was weighed among.
    pub weight_total: i64,
    pub portion: Portion,
}

/// A checked answer.
#[derive(Clone, Debug)]
pub struct Allocated {
    pub plan: Plan,
    pub lines: Vec<Explained>,
    pub spent: Spent,
    /// The answer as recorded and compared: `{"plan": …, "lines": …}`.
    pub output: Value,
}

impl AllocationInput {
    fn wit(&self) -> (WitWork, Vec<WitHouse>) {
        let Work { cost, kind, part, storeys } = &self.work;
        let work = WitWork { cost: cost.fen(), kind: kind.clone(), part: part.clone(), storeys: *storeys };
        let houses = self.houses.iter().map(|h| WitHouse {
            area: h.area.hundredths(),
            floor: h.floor,
            building: h.building,
            entrance: h.entrance,
            kind: h.kind,
            deposited: h.deposited.fen(),
            available: h.available.fen(),
            sold: h.sold,
            delivered: h.delivered,
        });
        (work, houses.collect())
    }
}

impl Loaded {
    /// Asks the rule and checks its answer. Blocks for at most half a second; call it off the async threads when in doubt.
    pub fn allocate(&self, ctx: &Context, input: &AllocationInput) -> Result<Allocated, PluginError> {
        let (answer, spent) = self.allocate_raw(ctx, input)?;
        let messages = &self.package.messages;
        let outcome = answer.map_err(|error| refusal(error, messages))?;
        let lines = explain(&outcome.lines, input.houses.len(), messages)?;
        let output = outcome_json(&outcome);
        Ok(Allocated { plan: checked(outcome.plan, input)?, lines, spent, output })
    }

    pub(crate) fn allocate_raw(
        &self,
        ctx: &Context,
        input: &AllocationInput,
    ) -> Result<(Result<WitOutcome, RuleError>, Spent), PluginError> {
        let Pre::Allocation(pre) = &self.pre else {
            return Err(PluginError::PointWorld { point: ctx.point.clone(), world: "allocation".into() });
        };
        if input.houses.len() > MAX_ROWS {
            return Err(PluginError::InputSize { rows: input.houses.len(), cap: MAX_ROWS });
        }
        let (ctx, (work, houses)) = (ctx.wit(), input.wit());
        self.enter(|store| {
            let rule = pre.instantiate(&mut *store)?;
            rule.linli_rules_allocating().call_allocate(store, &ctx, &work, &input.kinds, &houses)
        })
    }
}

/// The core's own check (复核): nothing that a guest says reaches the ledger unseen.
fn checked(plan: WitPlan, input: &AllocationInput) -> Result<Plan, PluginError> {
    let rows = input.houses.len();
    match plan {
        WitPlan::Weights(weights) => {
            length("plan.weights", weights.len(), rows)?;
            weigh("plan.weights", weights.iter().copied())?;
            Ok(Plan::Weights(weights))
        }
        WitPlan::Groups(groups) => {
            weigh("plan.groups", groups.iter().map(|group| group.weight))?;
            let mut seen = vec![false; rows];
            let mut checked = Vec::with_capacity(groups.len());
            for WitGroup { weight, members } in groups {
                // A group without weight gets nothing, so its members may weigh nothing too.
                if weight > 0 || members.iter().any(|m| m.weight < 0) {
                    weigh("plan.groups.members", members.iter().map(|m| m.weight))?;
                }
                let mut list = Vec::with_capacity(members.len());
                for member in members {
                    let house = member.house as usize;
                    match seen.get_mut(house) {
                        Some(seen) if !*seen => *seen = true,
                        Some(_) | None => {
                            return Err(domain("plan.groups.house", member.house, "每户须且只须在一组中 / each house in one group"));
                        }
                    }
                    list.push((house, member.weight));
                }
                checked.push((weight, list));
            }
            if let Some(house) = seen.iter().position(|seen| !seen) {
                return Err(domain("plan.groups.house", house, "每户须且只须在一组中 / each house in one group"));
            }
            Ok(Plan::Groups(checked))
        }
        WitPlan::Shares(shares) => {
            length("plan.shares", shares.len(), rows)?;
            if let Some(negative) = shares.iter().find(|share| **share < 0) {
                return Err(domain("plan.shares", Money(*negative), "不得为负 / must not be negative"));
            }
            let sum: i128 = shares.iter().map(|share| i128::from(*share)).sum();
            if sum != i128::from(input.work.cost.fen()) {
                let shown = i64::try_from(sum).map_or_else(|_| sum.to_string(), |fen| Money(fen).to_string());
                return Err(PluginError::ResultSum { sum: shown, cost: input.work.cost.to_string() });
            }
            Ok(Plan::Shares(shares.into_iter().map(Money).collect()))
        }
    }
}

fn length(field: &str, have: usize, want: usize) -> Result<(), PluginError> {
    if have == want { Ok(()) } else { Err(domain(field, have, "行数与输入不符 / not as many rows as houses")) }
}

/// Weights ≥ 0, not all 0, Σ within 64 bits.
fn weigh(field: &str, weights: impl Iterator<Item = i64>) -> Result<(), PluginError> {
    let mut sum = 0_i64;
    for weight in weights {
        if weight < 0 {
            return Err(domain(field, weight, "不得为负 / must not be negative"));
        }
        sum = sum.checked_add(weight).ok_or_else(|| domain(field, weight, "权重合计过大 / the weights sum too high"))?;
    }
    if sum == 0 { Err(domain(field, 0, "权重不得全为零 / not all may be zero")) } else { Ok(()) }
}

impl Plan {
    /// The money: shares of `cost` in the order of the houses; `codes` are the house codes, by which ties are broken.
    pub fn divide(&self, cost: Money, codes: &[&str]) -> Result<Vec<Share>, PluginError> {
        let split = |total: i64, weights: &[(&str, i64)]| {
            largest_remainder(total, weights).map_err(|_| domain("plan", total, "无法按此权重分摊 / cannot be divided by these weights"))
        };
        let sum = |weights: &[(&str, i64)]| weights.iter().map(|(_, weight)| *weight).sum::<i64>(); // bounded by the check
        match self {
            Plan::Weights(weights) => {
                length("codes", codes.len(), weights.len())?;
                let keyed: Vec<(&str, i64)> = codes.iter().copied().zip(weights.iter().copied()).collect();
                let weight_total = sum(&keyed);
                Ok(split(cost.fen(), &keyed)?
                    .into_iter()
                    .zip(weights)
                    .map(|(portion, weight)| Share { weight: *weight, weight_total, portion })
                    .collect())
            }
            Plan::Groups(groups) => {
                let nothing = Portion { floor: 0, remainder: 0, fen_added: 0, share: 0 };
                let mut shares = vec![Share { weight: 0, weight_total: 0, portion: nothing }; codes.len()];
                let code = |house: &usize| codes.get(*house).copied().ok_or_else(|| domain("codes", house, "没有这一户 / no such house"));
                // A group is named by the smallest code in it, so that ties between groups do not hang on their order.
                let mut keyed = Vec::with_capacity(groups.len());
                for (weight, members) in groups {
                    let first =
                        members.iter().map(|(house, _)| code(house)).collect::<Result<Vec<_>, _>>()?.into_iter().min().unwrap_or("");
                    keyed.push((first, *weight));
                }
                for ((_, members), whole) in groups.iter().zip(split(cost.fen(), &keyed)?) {
                    if whole.share == 0 {
                        continue;
                    }
                    let weights: Vec<(&str, i64)> =
                        members.iter().map(|(house, weight)| Ok((code(house)?, *weight))).collect::<Result<_, PluginError>>()?;
                    let weight_total = sum(&weights);
                    for ((house, weight), portion) in members.iter().zip(split(whole.share, &weights)?) {
                        shares[*house] = Share { weight: *weight, weight_total, portion };
                    }
                }
                Ok(shares)
            }
            Plan::Shares(given) => {
                length("codes", codes.len(), given.len())?;
                if Money::sum(given.iter().copied()) != Ok(cost) {
                    let sum = Money::sum(given.iter().copied()).unwrap_or(Money::ZERO);
                    return Err(PluginError::ResultSum { sum: sum.to_string(), cost: cost.to_string() });
                }
                let whole = |share: &Money| Portion { floor: share.fen(), remainder: 0, fen_added: 0, share: share.fen() };
                Ok(given.iter().map(|s| Share { weight: s.fen(), weight_total: cost.fen(), portion: whole(s) }).collect())
            }
        }
    }
}

pub(crate) fn outcome_json(outcome: &WitOutcome) -> Value {
    let plan = match &outcome.plan {
        WitPlan::Weights(weights) => json!({ "weights": weights }),
        WitPlan::Groups(groups) => {
            let group = |g: &WitGroup| {
                let members: Vec<Value> = g.members.iter().map(|m| json!({ "house": m.house, "weight": m.weight })).collect();
                json!({ "weight": g.weight, "members": members })
            };
            json!({ "groups": groups.iter().map(group).collect::<Vec<_>>() })
        }
        WitPlan::Shares(shares) => json!({ "shares": shares.iter().map(|s| Money(*s)).collect::<Vec<_>>() }),
    };
    json!({ "plan": plan, "lines": outcome.lines.iter().map(line_json).collect::<Vec<_>>() })
}

impl Allocated {
    pub fn digest(&self) -> String {
        json::digest(&self.output)
    }
}

#[cfg(test)]
mod tests;
