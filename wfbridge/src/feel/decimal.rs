//! Exact decimals: a 128-bit integer and a scale. A result that does not fit is `None`, which the evaluator makes `null`.
use std::{cmp::Ordering, fmt};

/// `units × 10^-scale`, without trailing zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    units: i128,
    scale: u32,
}

/// Digits of a quotient (the standard's 34), rounded half-even.
const DIGITS: u32 = 34;
const SCALE_MAX: u32 = 34;

impl Decimal {
    pub fn new(units: i128, scale: u32) -> Decimal {
        let (mut units, mut scale) = (units, scale);
        while scale > 0 && units % 10 == 0 {
            units /= 10;
            scale -= 1;
        }
        Decimal { units, scale }
    }
    /// `-12.50`; at most 34 digits, no exponent.
    pub fn parse(text: &str) -> Option<Decimal> {
        let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let ends_in_point = digits.ends_with('.');
        if whole.is_empty() || ends_in_point || !plain(whole) || !plain(part) || whole.len() + part.len() > DIGITS as usize {
            return None;
        }
        let units: i128 = format!("{whole}{part}").parse().ok()?;
        Some(Decimal::new(if negative { -units } else { units }, part.len() as u32))
    }
    fn aligned(self, other: Decimal) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let up = |d: Decimal| d.units.checked_mul(10_i128.checked_pow(scale - d.scale)?);
        Some((up(self)?, up(other)?, scale))
    }
    pub fn add(self, other: Decimal) -> Option<Decimal> {
        let (a, b, scale) = self.aligned(other)?;
        Some(Decimal::new(a.checked_add(b)?, scale))
    }
    pub fn sub(self, other: Decimal) -> Option<Decimal> {
        let (a, b, scale) = self.aligned(other)?;
        Some(Decimal::new(a.checked_sub(b)?, scale))
    }
    pub fn mul(self, other: Decimal) -> Option<Decimal> {
        Some(Decimal::new(self.units.checked_mul(other.units)?, self.scale + other.scale)).filter(|d| d.scale <= SCALE_MAX)
    }
    /// Rounded half-even to 34 digits; `None` for a division by zero.
    pub fn div(self, other: Decimal) -> Option<Decimal> {
        let (a, b, _) = self.aligned(other)?;
        if b == 0 {
            return None;
        }
        let negative = (a < 0) != (b < 0);
        let (a, b) = (a.unsigned_abs(), b.unsigned_abs());
        let (mut quotient, mut rest, mut scale) = (a / b, a % b, 0);
        while rest != 0 && scale < SCALE_MAX && quotient < 10_u128.pow(DIGITS - 1) {
            let next = rest.checked_mul(10)?;
            quotient = quotient * 10 + next / b;
            rest = next % b;
            scale += 1;
        }
        let twice = rest.checked_mul(2)?;
        if twice > b || (twice == b && quotient % 2 == 1) {
            quotient += 1;
        }
        let units = i128::try_from(quotient).ok()?;
        Some(Decimal::new(if negative { -units } else { units }, scale))
    }
    pub fn neg(self) -> Decimal {
        Decimal { units: -self.units, scale: self.scale }
    }
    pub fn compare(self, other: Decimal) -> Option<Ordering> {
        self.aligned(other).map(|(a, b, _)| a.cmp(&b))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:0>width$}", self.units.unsigned_abs(), width = self.scale as usize + 1);
        let (whole, part) = digits.split_at(digits.len() - self.scale as usize);
        let sign = if self.units < 0 { "-" } else { "" };
        if part.is_empty() { write!(f, "{sign}{whole}") } else { write!(f, "{sign}{whole}.{part}") }
    }
}
