//! 人民币 as integer fen. Never a float, in no layer.
use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// 人民币 in fen (分), −9.2×10¹⁶ … 9.2×10¹⁶ CNY. JSON and text form: a string with exactly two decimals, `"1234.50"`.
///
/// There is no `From<f64>`, no `Mul<f64>` and no division: divide with [`crate::largest_remainder`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
#[cfg_attr(feature = "sea-orm", derive(sea_orm::DeriveValueType))]
#[schema(value_type = String, example = "1234.50", pattern = r"^-?\d{1,15}\.\d{2}$")]
pub struct Money(pub i64);

/// A sum left the range of 64-bit fen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amount is out of range")]
pub struct Overflow;

impl Money {
    pub const ZERO: Money = Money(0);

    pub const fn fen(self) -> i64 {
        self.0
    }
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
    pub fn try_add(self, other: Money) -> Result<Money, Overflow> {
        self.0.checked_add(other.0).map(Money).ok_or(Overflow)
    }
    pub fn try_sub(self, other: Money) -> Result<Money, Overflow> {
        self.0.checked_sub(other.0).map(Money).ok_or(Overflow)
    }
    pub fn try_neg(self) -> Result<Money, Overflow> {
        self.0.checked_neg().map(Money).ok_or(Overflow)
    }
    /// Sum of many amounts, exact or [`Overflow`].
    pub fn sum(amounts: impl IntoIterator<Item = Money>) -> Result<Money, Overflow> {
        amounts.into_iter().try_fold(Money::ZERO, Money::try_add)
    }
    /// `half_up(self × numerator ÷ denominator)`, half away from zero to the fen; for the few places where the
    /// specification names half-up (maintenance-fund §1.1). `denominator` > 0.
    pub fn half_up(self, numerator: i64, denominator: i64) -> Result<Money, Overflow> {
        let product = i128::from(self.0) * i128::from(numerator);
        let (den, sign) = (i128::from(denominator), product.signum());
        let rounded = (product.abs() * 2 + den) / (den * 2) * sign;
        i64::try_from(rounded).map(Money).map_err(|_| Overflow)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&two_decimals(self.0))
    }
}

/// Writes hundredths as a decimal text: `-5` → `-0.05`. Shared with areas.
pub(crate) fn two_decimals(hundredths: i64) -> String {
    let abs = hundredths.unsigned_abs();
    format!("{}{}.{:02}", if hundredths < 0 { "-" } else { "" }, abs / 100, abs % 100)
}

/// Reads exactly `digits.dd`, an optional leading minus, nothing else. `None` on any other text or on overflow.
pub(crate) fn parse_two_decimals(text: &str) -> Option<i64> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, part) = digits.split_once('.')?;
    let plain = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(part) || part.len() != 2 || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    let value = whole.parse::<i64>().ok()?.checked_mul(100)?.checked_add(part.parse().ok()?)?;
    Some(if negative { -value } else { value })
}

impl FromStr for Money {
    type Err = crate::Malformed;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_two_decimals(text).map(Money).ok_or(crate::Malformed("money is a decimal text with exactly two decimals, such as 1234.50"))
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
