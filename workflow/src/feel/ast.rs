//! What an expression is once it is read.
use serde::{Deserialize, Serialize};

use super::Decimal;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Binary {
    And,
    Or,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Add,
    Sub,
    Mul,
    Div,
    Pow,
}

/// The functions that this part of FEEL has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Builtin {
    Not,
    /// `number("1234.50")`: money travels as text.
    Number,
}

/// One alternative on the right of `in`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// Equal to the value, or a member of it when it is a list.
    Of(Expr),
    /// `< 5`, `>= limit`.
    Compare(Binary, Expr),
    /// `[1..5]`, `(0..10]`, `]0..10[`.
    Range { low: Expr, low_closed: bool, high: Expr, high_closed: bool },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expr {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(String),
    /// `subject.amount`, part by part.
    Name(Vec<String>),
    Negate(Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    Call(Builtin, Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    Between(Box<Expr>, Box<Expr>, Box<Expr>),
    In(Box<Expr>, Vec<Test>),
    List(Vec<Expr>),
}
