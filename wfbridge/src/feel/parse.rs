//! Text → expression, by recursive descent; a fault says where.
use super::{DEPTH_MAX, Decimal};

/// A parsed expression. Names are dotted paths into the instance's facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(String),
    Name(String),
    Not(Box<Expression>),
    Negate(Box<Expression>),
    Binary(Box<Expression>, Operator, Box<Expression>),
    /// `x in (test, test)`: any of them.
    In(Box<Expression>, Vec<Test>),
    If(Box<Expression>, Box<Expression>, Box<Expression>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// One test on the right of `in`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    Equals(Expression),
    Compares(Operator, Expression),
    /// `[a..b]`, round brackets leave the end out.
    Range { from: Expression, from_included: bool, to: Expression, to_included: bool },
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("character {at}: {message}")]
pub struct ParseError {
    /// From 1.
    pub at: usize,
    pub message: &'static str,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(Decimal),
    Text(String),
    Word(String),
    Sign(&'static str),
    End,
}

const SIGNS: [&str; 17] = ["!=", "<=", ">=", "..", "=", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ",", "。"];
const TEXT_MAX: usize = 10_000;

/// Parses a whole expression.
pub fn parse(text: &str) -> Result<Expression, ParseError> {
    let text = text.trim().trim_start_matches('=').trim();
    if text.len() > TEXT_MAX {
        return Err(ParseError { at: TEXT_MAX, message: "the expression is too long" });
    }
    let mut parser = Parser { tokens: scan(text)?, next: 0, depth: 0 };
    let expression = parser.expression()?;
    match parser.peek() {
        Token::End => Ok(expression),
        _ => Err(parser.fault("something is left over")),
    }
}

fn scan(text: &str) -> Result<Vec<(Token, usize)>, ParseError> {
    let chars: Vec<char> = text.chars().collect();
    let (mut tokens, mut i) = (Vec::new(), 0);
    while i < chars.len() {
        let (start, c) = (i, chars[i]);
        if c.is_whitespace() {
            i += 1;
            continue;
        }
        let token = if c.is_ascii_digit() {
            while i < chars.len() && (chars[i].is_ascii_digit() || (chars[i] == '.' && chars.get(i + 1).is_some_and(char::is_ascii_digit))) {
                i += 1;
            }
            let number: String = chars[start..i].iter().collect();
            Token::Number(Decimal::parse(&number).ok_or(ParseError { at: start + 1, message: "not a number of at most 34 digits" })?)
        } else if c == '"' || c == '\'' {
            i += 1;
            while i < chars.len() && chars[i] != c {
                i += 1;
            }
            if i == chars.len() {
                return Err(ParseError { at: start + 1, message: "the text is not closed" });
            }
            i += 1;
            Token::Text(chars[start + 1..i - 1].iter().collect())
        } else if c.is_alphabetic() || c == '_' {
            while i < chars.len() && (chars[i].is_alphanumeric() || chars[i] == '_' || (chars[i] == '.' && chars.get(i + 1).is_some_and(|n| n.is_alphabetic() || *n == '_'))) {
                i += 1;
            }
            Token::Word(chars[start..i].iter().collect())
        } else {
            let rest: String = chars[i..chars.len().min(i + 2)].iter().collect();
            let sign = SIGNS.iter().find(|s| rest.starts_with(**s)).ok_or(ParseError { at: start + 1, message: "an unknown sign" })?;
            i += sign.chars().count();
            Token::Sign(sign)
        };
        tokens.push((token, start + 1));
    }
    tokens.push((Token::End, chars.len() + 1));
    Ok(tokens)
}

struct Parser {
    tokens: Vec<(Token, usize)>,
    next: usize,
    depth: u32,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.next.min(self.tokens.len() - 1)].0
    }
    fn fault(&self, message: &'static str) -> ParseError {
        ParseError { at: self.tokens[self.next.min(self.tokens.len() - 1)].1, message }
    }
    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }
    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Token::Sign(s) if *s == sign);
        self.next += usize::from(found);
        found
    }
    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(w) if w == word);
        self.next += usize::from(found);
        found
    }
    fn expression(&mut self) -> Result<Expression, ParseError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.fault("the expression nests too deeply"));
        }
        let found = if self.word("if") { self.choice() } else { self.or() };
        self.depth -= 1;
        found
    }
    fn choice(&mut self) -> Result<Expression, ParseError> {
        let condition = self.expression()?;
        if !self.word("then") {
            return Err(self.fault("`then` is missing"));
        }
        let yes = self.expression()?;
        if !self.word("else") {
            return Err(self.fault("`else` is missing"));
        }
        Ok(Expression::If(condition.into(), yes.into(), self.expression()?.into()))
    }
    fn or(&mut self) -> Result<Expression, ParseError> {
        let mut left = self.and()?;
        while self.word("or") {
            left = Expression::Binary(left.into(), Operator::Or, self.and()?.into());
        }
        Ok(left)
    }
    fn and(&mut self) -> Result<Expression, ParseError> {
        let mut left = self.comparison()?;
        while self.word("and") {
            left = Expression::Binary(left.into(), Operator::And, self.comparison()?.into());
        }
        Ok(left)
    }
    fn comparison(&mut self) -> Result<Expression, ParseError> {
        let left = self.sum()?;
        if self.word("in") {
            return Ok(Expression::In(left.into(), self.tests()?));
        }
        match self.operator() {
            Some(operator) => Ok(Expression::Binary(left.into(), operator, self.sum()?.into())),
            None => Ok(left),
        }
    }
    fn operator(&mut self) -> Option<Operator> {
        let operator = match self.peek() {
            Token::Sign("=") => Operator::Equal,
            Token::Sign("!=") => Operator::NotEqual,
            Token::Sign("<") => Operator::Less,
            Token::Sign("<=") => Operator::LessEqual,
            Token::Sign(">") => Operator::Greater,
            Token::Sign(">=") => Operator::GreaterEqual,
            _ => return None,
        };
        self.next += 1;
        Some(operator)
    }
    /// `(a, b)`, or one test without brackets.
    fn tests(&mut self) -> Result<Vec<Test>, ParseError> {
        let before = self.next;
        if self.sign("(") {
            let first = self.test()?;
            if !matches!(self.peek(), Token::Sign("..")) {
                let mut tests = vec![first];
                while self.sign(",") {
                    tests.push(self.test()?);
                }
                return if self.sign(")") { Ok(tests) } else { Err(self.fault("`)` is missing")) };
            }
            self.next = before; // an open range `(a..b]`
        }
        Ok(vec![self.test()?])
    }
    fn test(&mut self) -> Result<Test, ParseError> {
        if let Some(operator) = self.operator() {
            return Ok(Test::Compares(operator, self.sum()?));
        }
        let from_included = matches!(self.peek(), Token::Sign("["));
        if from_included || matches!(self.peek(), Token::Sign("(")) {
            let before = self.next;
            self.next += 1;
            let from = self.sum()?;
            if self.sign("..") {
                let to = self.sum()?;
                let to_included = self.sign("]");
                if !to_included && !self.sign(")") {
                    return Err(self.fault("the range is not closed"));
                }
                return Ok(Test::Range { from, from_included, to, to_included });
            }
            self.next = before;
        }
        Ok(Test::Equals(self.sum()?))
    }
    fn sum(&mut self) -> Result<Expression, ParseError> {
        let mut left = self.product()?;
        loop {
            let operator = match self.peek() {
                Token::Sign("+") => Operator::Add,
                Token::Sign("-") => Operator::Subtract,
                _ => return Ok(left),
            };
            self.next += 1;
            left = Expression::Binary(left.into(), operator, self.product()?.into());
        }
    }
    fn product(&mut self) -> Result<Expression, ParseError> {
        let mut left = self.factor()?;
        loop {
            let operator = match self.peek() {
                Token::Sign("*") => Operator::Multiply,
                Token::Sign("/") => Operator::Divide,
                _ => return Ok(left),
            };
            self.next += 1;
            left = Expression::Binary(left.into(), operator, self.factor()?.into());
        }
    }
    fn factor(&mut self) -> Result<Expression, ParseError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.fault("the expression nests too deeply"));
        }
        let found = match self.take() {
            Token::Number(number) => Expression::Number(number),
            Token::Text(text) => Expression::Text(text),
            Token::Sign("-") => Expression::Negate(self.factor()?.into()),
            Token::Sign("(") => {
                let inner = self.expression()?;
                if !self.sign(")") {
                    return Err(self.fault("`)` is missing"));
                }
                inner
            }
            Token::Word(word) => match word.as_str() {
                "true" => Expression::Bool(true),
                "false" => Expression::Bool(false),
                "null" => Expression::Null,
                "not" => {
                    if !self.sign("(") {
                        return Err(self.fault("`not` takes brackets: not(x)"));
                    }
                    let inner = self.expression()?;
                    if !self.sign(")") {
                        return Err(self.fault("`)` is missing"));
                    }
                    Expression::Not(inner.into())
                }
                "and" | "or" | "in" | "if" | "then" | "else" => return Err(self.fault("a value is missing")),
                _ if matches!(self.peek(), Token::Sign("(")) => return Err(self.fault("functions are not supported")),
                _ => Expression::Name(word),
            },
            Token::Sign(_) | Token::End => {
                self.next -= 1;
                return Err(self.fault("a value is missing"));
            }
        };
        self.depth -= 1;
        Ok(found)
    }
}
