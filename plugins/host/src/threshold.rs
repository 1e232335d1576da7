//! World `threshold` (门槛): the rule tests and explains, the core recomputes each check from its own numbers.
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    Context, Explained, PluginError, Spent,
    bindings::{Entry, Ratio, RuleError, Value as WitValue, WitCheck, WitVerdict},
    call::{domain, explain, refusal},
    host::{Loaded, Pre},
    json,
    messages::decent,
    points::{self, CheckBound, Least},
    values::{self, line_json},
};

const MAX_CHECKS: usize = 100;

/// 事实: what a point of this world is asked about, keys and types as `points.toml` declares them.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    pub json: Map<String, Value>,
    entries: Vec<Entry>,
}

impl Facts {
    /// From the API's form; an undeclared key or a wrong type is `plugin.missing_fact` of that key, before any guest runs.
    pub fn new(point: &str, facts: Map<String, Value>) -> Result<Facts, PluginError> {
        let point = points::find(point)?;
        let entries = values::entries(&facts, |key| point.facts.get(key).copied())
            .map_err(|(key, reason)| domain(format!("facts.{key}"), reason, "与规则点声明的不符 / not as the point declares"))?;
        Ok(Facts { json: facts, entries })
    }

    fn number(&self, key: &str) -> Result<i64, PluginError> {
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .and_then(|entry| match entry.value {
                WitValue::Integer(v) | WitValue::Area(v) | WitValue::Money(v) => Some(v),
                _ => None,
            })
            .ok_or_else(|| PluginError::MissingFact { key: key.to_owned() })
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|entry| entry.key == key).and_then(|entry| match &entry.value {
            WitValue::Text(text) => Some(text.as_str()),
            _ => None,
        })
    }
}

/// One recomputed check (核验): `have` × den against `need` × `of`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Check {
    pub key: String,
    pub have: i64,
    pub of: i64,
    /// `2/3`, as `num` and `den` again.
    pub need: String,
    pub num: i64,
    pub den: i64,
    /// More than, not at least.
    pub strict: bool,
    pub met: bool,
}

impl Check {
    /// `have` × den, what stands left of ≥ (or >).
    pub fn left(&self) -> i128 {
        i128::from(self.have) * i128::from(self.den)
    }
    /// num × `of`, what stands right of it.
    pub fn right(&self) -> i128 {
        i128::from(self.num) * i128::from(self.of)
    }
    /// The smallest `have` that meets it.
    pub fn least(&self) -> i64 {
        let (right, den) = (self.right(), i128::from(self.den));
        let least = if self.strict { right / den + 1 } else { (right + den - 1) / den };
        i64::try_from(least).unwrap_or(i64::MAX) // only a share above one of a whole near the limit
    }
}

/// A checked answer.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub met: bool,
    pub checks: Vec<Check>,
    pub lines: Vec<Explained>,
    pub spent: Spent,
    /// The answer as recorded and compared.
    pub output: Value,
}

/// Whether the binding carries a signed local basis that allows less than the statute asks (`law_override_doc`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LawFloor {
    Binding,
    Overridden,
}

impl Loaded {
    /// Asks the rule and recomputes its checks.
    pub fn test(&self, ctx: &Context, facts: &Facts) -> Result<Verdict, PluginError> {
        self.test_under(ctx, facts, LawFloor::Binding)
    }

    pub fn test_under(&self, ctx: &Context, facts: &Facts, floor: LawFloor) -> Result<Verdict, PluginError> {
        let (answer, spent) = self.test_raw(ctx, facts)?;
        let messages = &self.package.messages;
        let verdict = answer.map_err(|error| refusal(error, messages))?;
        let output = verdict_json(&verdict);
        let checks = recomputed(&verdict, &ctx.point, facts, floor)?;
        let lines = explain(&verdict.lines, 0, messages)?;
        Ok(Verdict { met: verdict.met, checks, lines, spent, output })
    }

    pub(crate) fn test_raw(&self, ctx: &Context, facts: &Facts) -> Result<(Result<WitVerdict, RuleError>, Spent), PluginError> {
        let Pre::Threshold(pre) = &self.pre else {
            return Err(PluginError::PointWorld { point: ctx.point.clone(), world: "threshold".into() });
        };
        let ctx = ctx.wit();
        self.enter(|store| {
            let rule = pre.instantiate(&mut *store)?;
            rule.linli_rules_testing().call_test(store, &ctx, &facts.entries)
        })
    }
}

/// Every check must stand on our numbers, say what they say, and ask at least what the statute asks.
fn recomputed(verdict: &WitVerdict, point: &str, facts: &Facts, floor: LawFloor) -> Result<Vec<Check>, PluginError> {
    let point = points::find(point)?;
    if verdict.checks.len() > MAX_CHECKS {
        return Err(PluginError::OutputSize);
    }
    for (key, bound) in &point.checks {
        let mut same = verdict.checks.iter().filter(|check| check.key == *key);
        let (Some(check), None) = (same.next(), same.next()) else { return Err(PluginError::ResultCheck { key: key.clone() }) };
        if check.have != facts.number(&bound.have)? || check.of != facts.number(&bound.of)? {
            return Err(PluginError::ResultCheck { key: key.clone() });
        }
        if floor == LawFloor::Binding && laxer(check, bound, facts) {
            let (law, article) = point.law.as_ref().map_or_else(Default::default, |l| (l.law.clone(), l.article.clone()));
            return Err(PluginError::ResultLaw { law, article });
        }
    }
    let mut checks = Vec::with_capacity(verdict.checks.len());
    for check in &verdict.checks {
        if !decent(&check.key) || check.key.is_empty() {
            return Err(domain("checks.key", check.key.escape_debug(), "含有不可见字符 / not a plain text"));
        }
        if check.need.den <= 0 || check.need.num < 0 || check.have < 0 || check.of < 0 {
            return Err(domain(
                format!("checks.{}", check.key),
                check.need.den,
                "应为非负数，分母为正 / not negative, a positive denominator",
            ));
        }
        if met(check) != check.met {
            return Err(PluginError::ResultCheck { key: check.key.clone() });
        }
        let Ratio { num, den } = check.need;
        let need = format!("{num}/{den}");
        checks.push(Check { key: check.key.clone(), have: check.have, of: check.of, need, num, den, strict: check.strict, met: check.met });
    }
    // Where the point declares checks, passing means that all of them are met: none may be waved through.
    if !point.checks.is_empty() && verdict.met != checks.iter().all(|check| check.met) {
        return Err(PluginError::ResultCheck { key: "met".into() });
    }
    Ok(checks)
}

/// have × den ≥ need × of (or >), in 128 bits; of nothing, nothing is reached.
fn met(check: &WitCheck) -> bool {
    let left = i128::from(check.have) * i128::from(check.need.den);
    let right = i128::from(check.need.num) * i128::from(check.of);
    check.of > 0 && if check.strict { left > right } else { left >= right }
}

fn laxer(check: &WitCheck, bound: &CheckBound, facts: &Facts) -> bool {
    let Some(Least { ratio, strict }) = facts.text("decision").and_then(|decision| bound.least.get(decision)) else { return false };
    let asked = i128::from(check.need.num) * i128::from(ratio.den);
    let least = i128::from(ratio.num) * i128::from(check.need.den);
    asked < least || (asked == least && *strict && !check.strict)
}

pub(crate) fn verdict_json(verdict: &WitVerdict) -> Value {
    let check = |c: &WitCheck| json!({ "key": c.key, "have": c.have, "of": c.of, "need": format!("{}/{}", c.need.num, c.need.den), "strict": c.strict, "met": c.met });
    json!({
        "met": verdict.met,
        "checks": verdict.checks.iter().map(check).collect::<Vec<_>>(),
        "lines": verdict.lines.iter().map(line_json).collect::<Vec<_>>(),
    })
}

impl Verdict {
    pub fn check(&self, key: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.key == key)
    }
    pub fn digest(&self) -> String {
        json::digest(&self.output)
    }
}

#[cfg(test)]
mod tests;
