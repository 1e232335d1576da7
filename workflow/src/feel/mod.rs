//! The first part of FEEL: literals, dotted names, comparison, exact arithmetic, `and/or/not`, `in`, `if`.
//!
//! Invariants: no float, no clock, no user-defined function; 100,000 steps and 64 levels at most; three-valued logic, so
//! that a missing name makes `null` and never `false`.
mod ast;
mod decimal;
mod eval;
mod lex;
mod parse;
mod value;

pub use ast::Expr;
pub use decimal::Decimal;
pub use eval::{EvalError, Evaluated, evaluate};
pub use parse::ParseError;
pub use value::Value;

use serde::{Deserialize, Serialize};

/// A parsed expression together with its text, as a definition keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expression {
    pub source: String,
    pub expr: Expr,
}

impl Expression {
    pub fn parse(source: &str) -> Result<Expression, ParseError> {
        // Modellers write a leading `=` as some editors do; it carries no meaning.
        let text = source.trim();
        let text = text.strip_prefix('=').unwrap_or(text);
        Ok(Expression { source: text.trim().to_owned(), expr: parse::parse(text)? })
    }
    /// Evaluates over the instance's variables.
    pub fn evaluate(&self, vars: &serde_json::Value) -> Result<Evaluated, EvalError> {
        evaluate(&self.expr, vars)
    }
}

#[cfg(test)]
mod tests;
