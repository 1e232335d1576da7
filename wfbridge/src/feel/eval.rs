//! Expression + facts → value.
use std::cmp::Ordering;

use super::{
    Decimal, STEPS_MAX,
    parse::{Expression, Operator, Test},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(String),
}

/// The step budget is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the expression takes more than {STEPS_MAX} steps")]
pub struct OverBudget;

/// Evaluates over `facts`, a JSON object; a name that is not there is `null`. Money and areas are decimal texts there and
/// compare with numbers as what they are.
pub fn evaluate(expression: &Expression, facts: &serde_json::Value) -> Result<Value, OverBudget> {
    Run { facts, steps: 0 }.value(expression)
}

struct Run<'a> {
    facts: &'a serde_json::Value,
    steps: u32,
}

impl Run<'_> {
    fn value(&mut self, expression: &Expression) -> Result<Value, OverBudget> {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return Err(OverBudget);
        }
        Ok(match expression {
            Expression::Null => Value::Null,
            Expression::Bool(b) => Value::Bool(*b),
            Expression::Number(n) => Value::Number(*n),
            Expression::Text(t) => Value::Text(t.clone()),
            Expression::Name(name) => self.name(name),
            Expression::Not(inner) => match self.value(inner)? {
                Value::Bool(b) => Value::Bool(!b),
                Value::Null | Value::Number(_) | Value::Text(_) => Value::Null,
            },
            Expression::Negate(inner) => match number(&self.value(inner)?) {
                Some(n) => Value::Number(n.neg()),
                None => Value::Null,
            },
            Expression::If(condition, yes, no) => match self.value(condition)? {
                Value::Bool(true) => self.value(yes)?,
                Value::Bool(false) | Value::Null | Value::Number(_) | Value::Text(_) => self.value(no)?,
            },
            Expression::Binary(left, operator, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                binary(&left, *operator, &right)
            }
            Expression::In(left, tests) => {
                let left = self.value(left)?;
                let mut met = Value::Bool(false);
                for test in tests {
                    let one = self.test(&left, test)?;
                    met = binary(&met, Operator::Or, &one);
                }
                met
            }
        })
    }
    fn test(&mut self, left: &Value, test: &Test) -> Result<Value, OverBudget> {
        Ok(match test {
            Test::Equals(right) => binary(left, Operator::Equal, &self.value(right)?),
            Test::Compares(operator, right) => binary(left, *operator, &self.value(right)?),
            Test::Range { from, from_included, to, to_included } => {
                let low = if *from_included { Operator::GreaterEqual } else { Operator::Greater };
                let high = if *to_included { Operator::LessEqual } else { Operator::Less };
                let above = binary(left, low, &self.value(from)?);
                let below = binary(left, high, &self.value(to)?);
                binary(&above, Operator::And, &below)
            }
        })
    }
    fn name(&self, name: &str) -> Value {
        let mut at = self.facts;
        for part in name.split('.') {
            match at.get(part) {
                Some(next) => at = next,
                None => return Value::Null,
            }
        }
        match at {
            serde_json::Value::Bool(b) => Value::Bool(*b),
            serde_json::Value::Number(n) => Decimal::parse(&n.to_string()).map_or(Value::Null, Value::Number),
            serde_json::Value::String(s) => Value::Text(s.clone()),
            serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => Value::Null,
        }
    }
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(n) => Some(*n),
        Value::Text(text) => Decimal::parse(text),
        Value::Null | Value::Bool(_) => None,
    }
}

fn binary(left: &Value, operator: Operator, right: &Value) -> Value {
    let bool_of = |v: &Value| if let Value::Bool(b) = v { Some(*b) } else { None };
    let maybe = |b: Option<bool>| b.map_or(Value::Null, Value::Bool);
    let arithmetic = |f: fn(Decimal, Decimal) -> Option<Decimal>| {
        number(left).zip(number(right)).and_then(|(a, b)| f(a, b)).map_or(Value::Null, Value::Number)
    };
    match operator {
        Operator::And => match (bool_of(left), bool_of(right)) {
            (Some(false), _) | (_, Some(false)) => Value::Bool(false),
            (Some(true), Some(true)) => Value::Bool(true),
            _ => Value::Null,
        },
        Operator::Or => match (bool_of(left), bool_of(right)) {
            (Some(true), _) | (_, Some(true)) => Value::Bool(true),
            (Some(false), Some(false)) => Value::Bool(false),
            _ => Value::Null,
        },
        Operator::Equal => maybe(equal(left, right)),
        Operator::NotEqual => maybe(equal(left, right).map(|b| !b)),
        Operator::Less => maybe(order(left, right).map(Ordering::is_lt)),
        Operator::LessEqual => maybe(order(left, right).map(Ordering::is_le)),
        Operator::Greater => maybe(order(left, right).map(Ordering::is_gt)),
        Operator::GreaterEqual => maybe(order(left, right).map(Ordering::is_ge)),
        Operator::Add => match (left, right) {
            (Value::Text(a), Value::Text(b)) if Decimal::parse(a).is_none() || Decimal::parse(b).is_none() => Value::Text(format!("{a}{b}")),
            _ => arithmetic(Decimal::add),
        },
        Operator::Subtract => arithmetic(Decimal::sub),
        Operator::Multiply => arithmetic(Decimal::mul),
        Operator::Divide => arithmetic(Decimal::div),
    }
}

/// `x = null` is true for null only; different kinds are `null`.
fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Null, other) | (other, Value::Null) => Some(*other == Value::Null),
        (Value::Bool(a), Value::Bool(b)) => Some(a == b),
        (Value::Text(a), Value::Text(b)) => Some(a == b),
        _ => order(left, right).map(Ordering::is_eq),
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => match (Decimal::parse(a), Decimal::parse(b)) {
            (Some(a), Some(b)) => a.compare(b),
            _ => Some(a.cmp(b)),
        },
        _ => number(left).zip(number(right)).and_then(|(a, b)| a.compare(b)),
    }
}
