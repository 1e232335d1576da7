//! Evaluation: total, bounded, three-valued. A wrong type makes `null`, never an exception and never `false`.
use std::cmp::Ordering;

use serde_json::Value as Json;

use super::{
    Decimal, Value,
    ast::{Binary, Builtin, Expr, Test},
};

const STEPS: u32 = 100_000;
const DEPTH: u32 = 64 * 4;

/// The evaluation was given up; nothing else can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    #[error("more than 100,000 steps")]
    Steps,
    #[error("too many levels")]
    Depth,
}

/// A result, and what a person must know when it is not the expected one.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluated {
    pub value: Value,
    /// Names that were `null` or missing, in the order in which they were read.
    pub nulls: Vec<String>,
    /// All names that were read.
    pub names: Vec<String>,
}

impl Evaluated {
    /// What an incident names: the first missing variable, else the first one that was read.
    pub fn culprit(&self) -> Option<&str> {
        self.nulls.first().or(self.names.first()).map(String::as_str)
    }
}

pub fn evaluate(expr: &Expr, vars: &Json) -> Result<Evaluated, EvalError> {
    let mut run = Run { vars, steps: 0, depth: 0, nulls: Vec::new(), names: Vec::new() };
    let value = run.eval(expr)?;
    Ok(Evaluated { value, nulls: run.nulls, names: run.names })
}

struct Run<'a> {
    vars: &'a Json,
    steps: u32,
    depth: u32,
    nulls: Vec<String>,
    names: Vec<String>,
}

type Outcome = Result<Value, EvalError>;

impl Run<'_> {
    fn step(&mut self) -> Result<(), EvalError> {
        self.steps += 1;
        if self.steps > STEPS { Err(EvalError::Steps) } else { Ok(()) }
    }
    fn eval(&mut self, expr: &Expr) -> Outcome {
        self.step()?;
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(EvalError::Depth);
        }
        let value = match expr {
            Expr::Null => Value::Null,
            Expr::Bool(b) => Value::Bool(*b),
            Expr::Number(n) => Value::Number(*n),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Name(path) => self.name(path),
            Expr::Negate(inner) => match self.eval(inner)? {
                Value::Number(n) => Value::Number(n.negate()),
                _ => Value::Null,
            },
            Expr::Binary(Binary::And, a, b) => self.and(a, b, false)?,
            Expr::Binary(Binary::Or, a, b) => self.and(a, b, true)?,
            Expr::Binary(op, a, b) => {
                let (a, b) = (self.eval(a)?, self.eval(b)?);
                binary(*op, &a, &b)
            }
            Expr::Call(Builtin::Not, inner) => match self.eval(inner)? {
                Value::Bool(b) => Value::Bool(!b),
                _ => Value::Null,
            },
            Expr::Call(Builtin::Number, inner) => match self.eval(inner)? {
                Value::Text(text) => text.trim().parse().map_or(Value::Null, Value::Number),
                Value::Number(n) => Value::Number(n),
                _ => Value::Null,
            },
            // As in the standard: what is not true chooses the second branch.
            Expr::If(condition, yes, no) => match self.eval(condition)? {
                Value::Bool(true) => self.eval(yes)?,
                _ => self.eval(no)?,
            },
            Expr::Between(value, low, high) => {
                let (value, low, high) = (self.eval(value)?, self.eval(low)?, self.eval(high)?);
                both(binary(Binary::Ge, &value, &low), binary(Binary::Le, &value, &high))
            }
            Expr::In(value, tests) => {
                let value = self.eval(value)?;
                self.any(&value, tests)?
            }
            Expr::List(items) => Value::List(items.iter().map(|i| self.eval(i)).collect::<Result<_, _>>()?),
        };
        self.depth -= 1;
        Ok(value)
    }
    fn name(&mut self, path: &[String]) -> Value {
        let mut at = Some(self.vars);
        for part in path {
            at = at.and_then(|json| json.get(part));
        }
        let value = at.map_or(Value::Null, Value::of_json);
        let name = path.join(".");
        if value == Value::Null {
            self.nulls.push(name.clone());
        }
        self.names.push(name);
        value
    }
    /// `and`; `or` is the same with true and false exchanged.
    fn and(&mut self, a: &Expr, b: &Expr, exchanged: bool) -> Outcome {
        let decisive = Value::Bool(exchanged);
        let a = self.eval(a)?;
        if a == decisive {
            return Ok(decisive);
        }
        let b = self.eval(b)?;
        Ok(match (a, b) {
            (_, b) if b == decisive => decisive,
            (Value::Bool(_), Value::Bool(_)) => Value::Bool(!exchanged),
            _ => Value::Null,
        })
    }
    fn any(&mut self, value: &Value, tests: &[Test]) -> Outcome {
        let mut result = Value::Bool(false);
        for test in tests {
            let one = match test {
                Test::Compare(op, right) => {
                    let right = self.eval(right)?;
                    binary(*op, value, &right)
                }
                Test::Range { low, low_closed, high, high_closed } => {
                    let (low, high) = (self.eval(low)?, self.eval(high)?);
                    let (above, below) =
                        (if *low_closed { Binary::Ge } else { Binary::Gt }, if *high_closed { Binary::Le } else { Binary::Lt });
                    both(binary(above, value, &low), binary(below, value, &high))
                }
                Test::Of(right) => match self.eval(right)? {
                    Value::List(items) => {
                        let mut found = Value::Bool(false);
                        for item in &items {
                            self.step()?;
                            found = either(found, binary(Binary::Eq, value, item));
                        }
                        found
                    }
                    right => binary(Binary::Eq, value, &right),
                },
            };
            if one == Value::Bool(true) {
                return Ok(one);
            }
            result = either(result, one);
        }
        // `null in (1, 2)` is unknown, not false.
        Ok(if *value == Value::Null && result == Value::Bool(false) { Value::Null } else { result })
    }
}

fn both(a: Value, b: Value) -> Value {
    match (a, b) {
        (Value::Bool(false), _) | (_, Value::Bool(false)) => Value::Bool(false),
        (Value::Bool(true), Value::Bool(true)) => Value::Bool(true),
        _ => Value::Null,
    }
}
fn either(a: Value, b: Value) -> Value {
    match (a, b) {
        (Value::Bool(true), _) | (_, Value::Bool(true)) => Value::Bool(true),
        (Value::Bool(false), Value::Bool(false)) => Value::Bool(false),
        _ => Value::Null,
    }
}

fn equal(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Null, Value::Null) => Some(true),
        (Value::Null, _) | (_, Value::Null) => Some(false),
        (Value::Bool(a), Value::Bool(b)) => Some(a == b),
        (Value::Number(a), Value::Number(b)) => Some(a == b),
        (Value::Text(a), Value::Text(b)) => Some(a == b),
        (Value::List(a), Value::List(b)) => Some(a == b),
        _ => None,
    }
}

fn binary(op: Binary, a: &Value, b: &Value) -> Value {
    let truth = |found: Option<bool>| found.map_or(Value::Null, Value::Bool);
    let ordered = |wanted: fn(Ordering) -> bool| match (a, b) {
        (Value::Number(a), Value::Number(b)) => Value::Bool(wanted(Ord::cmp(a, b))),
        (Value::Text(a), Value::Text(b)) => Value::Bool(wanted(a.cmp(b))),
        _ => Value::Null,
    };
    let computed = |f: fn(Decimal, Decimal) -> Option<Decimal>| match (a, b) {
        (Value::Number(a), Value::Number(b)) => f(*a, *b).map_or(Value::Null, Value::Number),
        _ => Value::Null,
    };
    match op {
        // Both are answered where the operands are evaluated; here only for the whole list of operators.
        Binary::And => both(a.clone(), b.clone()),
        Binary::Or => either(a.clone(), b.clone()),
        Binary::Eq => truth(equal(a, b)),
        Binary::Ne => truth(equal(a, b).map(|e| !e)),
        Binary::Lt => ordered(Ordering::is_lt),
        Binary::Le => ordered(Ordering::is_le),
        Binary::Gt => ordered(Ordering::is_gt),
        Binary::Ge => ordered(Ordering::is_ge),
        Binary::Add => match (a, b) {
            (Value::Text(a), Value::Text(b)) if a.len() + b.len() <= 100_000 => Value::Text([a.as_str(), b].concat()),
            _ => computed(Decimal::plus),
        },
        Binary::Sub => computed(Decimal::minus),
        Binary::Mul => computed(Decimal::times),
        Binary::Div => computed(Decimal::over),
        Binary::Pow => computed(Decimal::pow),
    }
}
