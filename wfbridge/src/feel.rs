//! FEEL (决策表达式), the first part: literals, names, comparison, arithmetic in exact decimals, `and` `or` `not`, `in`, `if`.
//!
//! No clock, no function of a user's, no loop: an expression ends within its step budget. Logic is three-valued as in the
//! standard; a condition that is neither true nor false is an incident of the instance, never a silent "no".
mod decimal;
mod eval;
mod parse;

pub use decimal::Decimal;
pub use eval::{Value, evaluate};
pub use parse::{Expression, ParseError, parse};

/// Steps that one evaluation may take.
pub const STEPS_MAX: u32 = 100_000;
/// How deep an expression may nest.
pub const DEPTH_MAX: u32 = 64;

#[cfg(test)]
mod tests;
