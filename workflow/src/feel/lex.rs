//! Text to tokens.
use super::{Decimal, parse::ParseError};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Lexeme {
    Number(Decimal),
    Text(String),
    /// A word: a keyword or a part of a name.
    Word(String),
    Sign(&'static str),
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: [&str; 20] = ["**", "..", "<=", ">=", "!=", "<", ">", "=", "+", "-", "*", "/", "(", ")", "[", "]", ",", ".", "{", "}"];

pub(super) fn lex(text: &str) -> Result<Vec<(usize, Lexeme)>, ParseError> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let start = at;
        if c.is_whitespace() {
            at += c.len_utf8();
        } else if c == '"' {
            let (value, length) = string(rest).ok_or_else(|| ParseError::at(start, "a text without its closing quote"))?;
            out.push((start, Lexeme::Text(value)));
            at += length;
        } else if c.is_ascii_digit() || (c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) {
            let length = number(rest);
            let value = rest[..length].parse().map_err(|()| ParseError::at(start, "a number of more than 34 digits"))?;
            out.push((start, Lexeme::Number(value)));
            at += length;
        } else if c.is_alphabetic() || c == '_' || c == '$' {
            let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
            out.push((start, Lexeme::Word(rest[..length].to_owned())));
            at += length;
        } else if let Some(sign) = SIGNS.into_iter().find(|s| rest.starts_with(s)) {
            out.push((start, Lexeme::Sign(sign)));
            at += sign.len();
        } else {
            return Err(ParseError::at(start, format!("“{c}” is not part of an expression")));
        }
    }
    Ok(out)
}

/// Digits, and a point only when a digit follows: `1..5` is a range.
fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |mut i: usize| {
        while bytes.get(i).is_some_and(u8::is_ascii_digit) {
            i += 1;
        }
        i
    };
    let whole = digits(0);
    match (bytes.get(whole), bytes.get(whole + 1)) {
        (Some(b'.'), Some(d)) if d.is_ascii_digit() => digits(whole + 1),
        _ => whole,
    }
}

fn string(text: &str) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return Some((value, i + 1)),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}
