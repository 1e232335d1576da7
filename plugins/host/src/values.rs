//! Values that cross the boundary (值): between their JSON form in the API and the typed form of the WIT.
use linli_kernel::{Area, Date, Money};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::bindings::{Decimal, Entry, Line, Ratio, Value};

/// 类型: what a parameter or fact is; the word of `x-linli` in a schema and of `type` in `points.toml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Money,
    Area,
    Points,
    Number,
    Ratio,
    Date,
    Integer,
    Text,
    Flag,
}

impl Kind {
    pub fn of_word(word: &str) -> Option<Kind> {
        serde_json::from_value(Json::from(word)).ok()
    }

    /// The JSON type that carries it.
    pub fn json_type(self) -> &'static str {
        match self {
            Kind::Money | Kind::Area | Kind::Points | Kind::Number | Kind::Ratio | Kind::Date | Kind::Text => "string",
            Kind::Integer => "integer",
            Kind::Flag => "boolean",
        }
    }

    /// Reads the API's form: money `"12.50"`, area `"89.56"`, ratio `"2/3"`, date `"2026-03-01"`, whole numbers bare.
    pub fn read(self, value: &Json) -> Result<Value, String> {
        let text = || value.as_str().ok_or_else(|| "应为文本 / a text".to_owned());
        Ok(match self {
            Kind::Money => Value::Money(text()?.parse::<Money>().map_err(|e| e.0.to_owned())?.fen()),
            Kind::Area => Value::Area(text()?.parse::<Area>().map_err(|e| e.0.to_owned())?.hundredths()),
            // 分值 has the same two decimals as money; the guest gets hundredths.
            Kind::Points => Value::Integer(text()?.parse::<Money>().map_err(|_| "分值应有两位小数 / two decimals".to_owned())?.fen()),
            Kind::Number => Value::Number(decimal(text()?).ok_or("应为十进制数 / a decimal number")?),
            Kind::Ratio => Value::Ratio(ratio(text()?).ok_or("应为 2/3 形式的分数 / a ratio such as 2/3")?),
            Kind::Date => Value::Day(text()?.parse::<Date>().map_err(|e| e.0.to_owned())?.day_number()),
            Kind::Integer => Value::Integer(value.as_i64().ok_or("应为整数 / a whole number")?),
            Kind::Text => Value::Text(text()?.to_owned()),
            Kind::Flag => Value::Flag(value.as_bool().ok_or("应为 true 或 false / true or false")?),
        })
    }
}

fn decimal(text: &str) -> Option<Decimal> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{part}");
    let plain = digits.strip_prefix('-').unwrap_or(&digits);
    if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_digit()) || part.len() > 9 || whole.trim_start_matches('-').is_empty() {
        return None;
    }
    Some(Decimal { units: digits.parse().ok()?, scale: part.len() as u8 })
}

fn ratio(text: &str) -> Option<Ratio> {
    let (num, den) = text.split_once('/')?;
    let (num, den) = (num.parse().ok()?, den.parse().ok()?);
    (den > 0 && num >= 0).then_some(Ratio { num, den })
}

/// `1.25` of units 125, scale 2.
pub fn decimal_text(value: &Decimal) -> String {
    let abs = value.units.unsigned_abs().to_string();
    let sign = if value.units < 0 { "-" } else { "" };
    let scale = usize::from(value.scale);
    if scale == 0 {
        return format!("{sign}{abs}");
    }
    let padded = format!("{abs:0>width$}", width = scale + 1);
    let (whole, part) = padded.split_at(padded.len() - scale);
    format!("{sign}{whole}.{part}")
}

pub fn date_of(day: i32) -> Option<Date> {
    time::Date::from_julian_day(day.checked_add(2_440_588)?).ok().map(Date)
}

/// Tagged JSON of a typed value, as goldens and recorded results hold it: `{"money":"12.50"}`.
pub fn tagged(value: &Value) -> Json {
    match value {
        Value::Flag(v) => json!({ "flag": v }),
        Value::Integer(v) => json!({ "integer": v }),
        Value::Number(v) => json!({ "number": decimal_text(v) }),
        Value::Money(v) => json!({ "money": Money(*v).to_string() }),
        Value::Area(v) => json!({ "area": hundredths(*v) }),
        Value::Ratio(v) => json!({ "ratio": format!("{}/{}", v.num, v.den) }),
        Value::Day(v) => json!({ "date": date_of(*v).map_or_else(|| v.to_string(), |d| d.to_string()) }),
        Value::Text(v) => json!({ "text": v }),
        Value::Texts(v) => json!({ "texts": v }),
    }
}

/// An area that came from a guest may be negative, which [`Area`] refuses; it is shown as it is.
fn hundredths(value: i64) -> String {
    Money(value).to_string()
}

pub fn line_json(line: &Line) -> Json {
    let mut json = json!({ "code": line.code, "args": line.args.iter().map(tagged).collect::<Vec<_>>() });
    if let Some(item) = line.item {
        json["item"] = item.into();
    }
    json
}

/// Facts (事实) of a point from their flat JSON form, each typed as the point declares; `Err` is (key, reason).
pub fn entries(facts: &serde_json::Map<String, Json>, kind_of: impl Fn(&str) -> Option<Kind>) -> Result<Vec<Entry>, (String, String)> {
    facts
        .iter()
        .map(|(key, value)| {
            let kind = kind_of(key).ok_or_else(|| (key.clone(), "规则点没有声明这项数据 / not declared by the point".to_owned()))?;
            Ok(Entry { key: key.clone(), value: kind.read(value).map_err(|reason| (key.clone(), reason))? })
        })
        .collect()
}
