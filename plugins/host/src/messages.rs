//! 说明: `messages.json` of a package and the sentences made of a rule's lines. The guest names a code; the words were reviewed.
use std::collections::BTreeMap;

use linli_kernel::{Area, Money};
use serde::{Deserialize, Serialize};

use crate::{
    PluginError,
    bindings::{Line, Value},
    values::{date_of, decimal_text},
};

const MAX_ARGS: usize = 10;
const MAX_TEXT: usize = 4 << 10;

/// 依据: law and article.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    pub law: String,
    pub article: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    zh: String,
    en: String,
    basis: Vec<Basis>,
}

/// A line of an answer as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Explained {
    pub code: String,
    pub zh: String,
    pub en: String,
    pub basis: Vec<Basis>,
    /// The input row that it speaks of, from 0.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub item: Option<u32>,
}

/// All sentences of a package by code.
#[derive(Clone, Debug, Default)]
pub struct Messages(BTreeMap<String, Message>);

impl Messages {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Messages, Vec<PluginError>> {
        let raw: BTreeMap<String, serde_json::Value> =
            serde_json::from_slice(bytes).map_err(|_| vec![PluginError::MessagesBad { code: "messages.json".into() }])?;
        let (mut messages, mut errors) = (BTreeMap::new(), Vec::new());
        for (code, value) in raw {
            match serde_json::from_value::<Message>(value) {
                // Both languages must take the same arguments, or one of them would hide a figure.
                Ok(message) if !message.zh.is_empty() && !message.en.is_empty() && places(&message.zh) == places(&message.en) => {
                    messages.insert(code, message);
                }
                Ok(_) | Err(_) => errors.push(PluginError::MessagesBad { code }),
            }
        }
        if errors.is_empty() { Ok(Messages(messages)) } else { Err(errors) }
    }

    /// The sentence of a line, or `plugin.result_text` for an unknown code, wrong arguments, or a text nobody should see.
    pub fn render(&self, line: &Line) -> Result<Explained, PluginError> {
        let bad = || PluginError::ResultText { code: line.code.chars().filter(|c| !c.is_control()).take(80).collect() };
        let message = self.0.get(&line.code).ok_or_else(bad)?;
        if line.args.len() != places(&message.zh) || line.args.len() > MAX_ARGS || !line.args.iter().all(decent_value) {
            return Err(bad());
        }
        let fill = |pattern: &str, word: &dyn Fn(&Value) -> String| {
            let mut text = String::with_capacity(pattern.len() + 32);
            let mut rest = pattern;
            // One pass, so that an argument that itself holds `{1}` stays as it is.
            while let Some((before, number, after)) = next_place(rest) {
                text.push_str(before);
                text.push_str(&line.args.get(number).map(word).unwrap_or_default()); // the count was checked above
                rest = after;
            }
            text + rest
        };
        Ok(Explained {
            code: line.code.clone(),
            zh: fill(&message.zh, &zh),
            en: fill(&message.en, &en),
            basis: message.basis.clone(),
            item: line.item,
        })
    }
}

/// How many arguments a pattern takes: one more than its highest `{n}`.
fn places(pattern: &str) -> usize {
    let (mut count, mut rest) = (0, pattern);
    while let Some((_, number, after)) = next_place(rest) {
        count = count.max(number + 1);
        rest = after;
    }
    count
}

/// The first `{n}` of a pattern: what stands before it, n, what follows.
fn next_place(pattern: &str) -> Option<(&str, usize, &str)> {
    let open = pattern.find('{')?;
    let close = open + pattern[open..].find('}')?;
    let number = pattern[open + 1..close].parse().ok()?;
    Some((&pattern[..open], number, &pattern[close + 1..]))
}

fn decent_value(value: &Value) -> bool {
    match value {
        Value::Text(text) => decent(text),
        Value::Texts(texts) => texts.len() <= 100 && texts.iter().all(|text| decent(text)),
        Value::Number(number) => number.scale <= 9,
        Value::Ratio(ratio) => ratio.den > 0,
        Value::Day(day) => date_of(*day).is_some(),
        Value::Flag(_) | Value::Integer(_) | Value::Money(_) | Value::Area(_) => true,
    }
}

/// A text from a guest that may be shown: short, no control and no direction characters.
pub fn decent(text: &str) -> bool {
    let direction = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.len() <= MAX_TEXT && !text.chars().any(|c| c.is_control() || direction(c))
}

fn zh(value: &Value) -> String {
    match value {
        Value::Flag(v) => if *v { "是" } else { "否" }.into(),
        Value::Money(v) => format!("{} 元", grouped(&Money(*v).to_string())),
        Value::Area(v) => format!("{} 平方米", grouped(&Area(*v).to_string())),
        Value::Day(v) => date_of(*v).map_or_else(String::new, |d| format!("{}年{}月{}日", d.0.year(), u8::from(d.0.month()), d.0.day())),
        Value::Texts(v) => v.join("、"),
        Value::Integer(_) | Value::Number(_) | Value::Ratio(_) | Value::Text(_) => plain(value),
    }
}

fn en(value: &Value) -> String {
    match value {
        Value::Flag(v) => if *v { "yes" } else { "no" }.into(),
        Value::Money(v) => format!("CNY {}", grouped(&Money(*v).to_string())),
        Value::Area(v) => format!("{} m²", grouped(&Area(*v).to_string())),
        Value::Day(v) => date_of(*v).map_or_else(String::new, |d| d.to_string()),
        Value::Texts(v) => v.join(", "),
        Value::Integer(_) | Value::Number(_) | Value::Ratio(_) | Value::Text(_) => plain(value),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Integer(v) => v.to_string(),
        Value::Number(v) => decimal_text(v),
        Value::Ratio(v) => format!("{}/{}", v.num, v.den),
        Value::Text(v) => v.clone(),
        Value::Flag(_) | Value::Money(_) | Value::Area(_) | Value::Day(_) | Value::Texts(_) => String::new(), // have words of their own
    }
}

/// `1234567.50` → `1,234,567.50`.
fn grouped(number: &str) -> String {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut text = String::from(sign);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text}.{part}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_as_a_sentence_in_both_languages() {
        let messages = Messages::parse(r#"{"basis":{"zh":"费用 {0}，{1}起","en":"{0} from {1}","basis":[]}}"#.as_bytes()).unwrap();
        let line = Line { code: "basis".into(), args: vec![Value::Money(123_450), Value::Day(20_513)], item: None };
        let explained = messages.render(&line).unwrap();
        assert_eq!((explained.zh.as_str(), explained.en.as_str()), ("费用 1,234.50 元，2026年3月1日起", "CNY 1,234.50 from 2026-03-01"));
    }

    #[test]
    fn a_line_that_nobody_reviewed_is_refused() {
        let messages = Messages::parse(r#"{"a":{"zh":"{0}","en":"{0}","basis":[]}}"#.as_bytes()).unwrap();
        let line = |code: &str, args: &[Value]| Line { code: code.into(), args: args.to_vec(), item: None };
        for bad in [line("b", &[]), line("a", &[]), line("a", &[Value::Text("\u{202e}Z".into())]), line("a", &[Value::Text("a\0".into())])]
        {
            assert_eq!(messages.render(&bad).unwrap_err().code(), "plugin.result_text");
        }
    }
}
