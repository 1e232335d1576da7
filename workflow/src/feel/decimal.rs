//! Exact decimals of 34 significant digits; what does not fit is rounded half to even. No binary fraction anywhere.
use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

const DIGITS: u32 = 34;
const MAX_SCALE: u32 = 40;
const LIMIT: u128 = 10u128.pow(DIGITS);

/// `mantissa / 10^scale`, normalised: no trailing zero in the fraction, and |mantissa| < 10^34.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    mantissa: i128,
    scale: u32,
}

/// A number of 256 bits, wide enough for every product and every alignment of two decimals (< 10^75).
#[derive(Clone, Copy, PartialEq, Eq)]
struct Wide([u64; 4]);

impl Wide {
    fn of(n: u128) -> Wide {
        Wide([n as u64, (n >> 64) as u64, 0, 0])
    }
    fn mul_small(self, by: u64) -> Wide {
        let (mut out, mut carry) = ([0u64; 4], 0u128);
        for (to, limb) in out.iter_mut().zip(self.0) {
            let product = u128::from(limb) * u128::from(by) + carry;
            *to = product as u64;
            carry = product >> 64;
        }
        debug_assert_eq!(carry, 0);
        Wide(out)
    }
    fn times_ten_to(mut self, exponent: u32) -> Wide {
        for _ in 0..exponent {
            self = self.mul_small(10);
        }
        self
    }
    fn mul(a: u128, b: u128) -> Wide {
        let (low, high) = (Wide::of(a).mul_small(b as u64), Wide::of(a).mul_small((b >> 64) as u64));
        low.add(Wide([0, high.0[0], high.0[1], high.0[2]]))
    }
    fn add(self, other: Wide) -> Wide {
        let (mut out, mut carry) = ([0u64; 4], 0u128);
        for (i, to) in out.iter_mut().enumerate() {
            let sum = u128::from(self.0[i]) + u128::from(other.0[i]) + carry;
            *to = sum as u64;
            carry = sum >> 64;
        }
        Wide(out)
    }
    /// `self - other`, where `self >= other`.
    fn sub(self, other: Wide) -> Wide {
        let (mut out, mut borrow) = ([0u64; 4], 0i128);
        for (i, to) in out.iter_mut().enumerate() {
            let difference = i128::from(self.0[i]) - i128::from(other.0[i]) - borrow;
            borrow = i128::from(difference < 0);
            *to = difference as u64;
        }
        Wide(out)
    }
    fn div_ten(self) -> (Wide, u64) {
        let (mut out, mut rest) = ([0u64; 4], 0u128);
        for i in (0..4).rev() {
            let part = (rest << 64) | u128::from(self.0[i]);
            out[i] = (part / 10) as u64;
            rest = part % 10;
        }
        (Wide(out), rest as u64)
    }
    fn small(self) -> Option<u128> {
        (self.0[2] == 0 && self.0[3] == 0).then(|| u128::from(self.0[0]) | (u128::from(self.0[1]) << 64))
    }
    fn cmp(self, other: Wide) -> Ordering {
        self.0.iter().rev().cmp(other.0.iter().rev())
    }
}

impl Decimal {
    pub const ZERO: Decimal = Decimal { mantissa: 0, scale: 0 };

    /// `mantissa / 10^scale`; `None` when it needs more than 34 digits before the point.
    pub fn new(mantissa: i128, scale: u32) -> Option<Decimal> {
        Decimal::fit(mantissa < 0, Wide::of(mantissa.unsigned_abs()), scale, false)
    }
    /// Rounds half to even until it fits; `sticky` says that something non-zero was cut off below.
    fn fit(negative: bool, mut wide: Wide, mut scale: u32, mut sticky: bool) -> Option<Decimal> {
        let mut last = 0;
        while scale > MAX_SCALE || wide.small().is_none_or(|n| n >= LIMIT) {
            if scale == 0 {
                return None;
            }
            sticky |= last != 0;
            (wide, last) = wide.div_ten();
            scale -= 1;
        }
        let mut n = wide.small()?;
        if last > 5 || (last == 5 && (sticky || n % 2 == 1)) {
            n += 1;
            if n == LIMIT {
                if scale == 0 {
                    return None;
                }
                n /= 10;
                scale -= 1;
            }
        }
        while scale > 0 && n.is_multiple_of(10) {
            n /= 10;
            scale -= 1;
        }
        let mantissa = i128::try_from(n).ok()?;
        Some(Decimal { mantissa: if negative { -mantissa } else { mantissa }, scale })
    }
    fn aligned(self, other: Decimal) -> (Wide, Wide, u32) {
        let scale = self.scale.max(other.scale);
        let wide = |d: Decimal| Wide::of(d.mantissa.unsigned_abs()).times_ten_to(scale - d.scale);
        (wide(self), wide(other), scale)
    }
    pub fn plus(self, other: Decimal) -> Option<Decimal> {
        let (a, b, scale) = self.aligned(other);
        let (n, m) = (self.mantissa < 0, other.mantissa < 0);
        if n == m {
            return Decimal::fit(n, a.add(b), scale, false);
        }
        match a.cmp(b) {
            Ordering::Less => Decimal::fit(m, b.sub(a), scale, false),
            Ordering::Equal => Some(Decimal::ZERO),
            Ordering::Greater => Decimal::fit(n, a.sub(b), scale, false),
        }
    }
    pub fn negate(self) -> Decimal {
        Decimal { mantissa: -self.mantissa, scale: self.scale }
    }
    pub fn minus(self, other: Decimal) -> Option<Decimal> {
        self.plus(other.negate())
    }
    pub fn times(self, other: Decimal) -> Option<Decimal> {
        let negative = (self.mantissa < 0) != (other.mantissa < 0);
        let wide = Wide::mul(self.mantissa.unsigned_abs(), other.mantissa.unsigned_abs());
        Decimal::fit(negative, wide, self.scale + other.scale, false)
    }
    /// To 34 digits, half to even; `None` for a division by zero.
    pub fn over(self, other: Decimal) -> Option<Decimal> {
        let (a, b) = (self.mantissa.unsigned_abs(), other.mantissa.unsigned_abs());
        if b == 0 {
            return None;
        }
        let (mut quotient, mut rest) = (a / b, a % b);
        // The scale of the quotient may be below zero at first (1 / 0.001); digits are drawn until it is not.
        let mut scale = i64::from(self.scale) - i64::from(other.scale);
        while (scale < 0 || rest != 0) && quotient < LIMIT {
            rest *= 10;
            quotient = quotient * 10 + rest / b;
            rest %= b;
            scale += 1;
        }
        let negative = (self.mantissa < 0) != (other.mantissa < 0);
        Decimal::fit(negative, Wide::of(quotient), u32::try_from(scale).ok()?, rest != 0)
    }
    /// Whole exponents from 0 to 999.
    pub fn pow(self, exponent: Decimal) -> Option<Decimal> {
        if exponent.scale != 0 || !(0..1000).contains(&exponent.mantissa) {
            return None;
        }
        let mut result = Decimal { mantissa: 1, scale: 0 };
        for _ in 0..exponent.mantissa {
            result = result.times(self)?;
        }
        Some(result)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.mantissa < 0, other.mantissa < 0) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (negative, _) => {
                let (a, b, _) = self.aligned(*other);
                if negative { b.cmp(a) } else { a.cmp(b) }
            }
        }
    }
}
impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(Ord::cmp(self, other))
    }
}

impl From<i64> for Decimal {
    fn from(n: i64) -> Self {
        Decimal { mantissa: i128::from(n), scale: 0 }
    }
}

impl FromStr for Decimal {
    type Err = ();
    /// `-12.50`, `.5`, `1e3`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let (body, exponent) = match text.split_once(['e', 'E']) {
            Some((body, exponent)) => (body, exponent.parse::<i32>().map_err(|_| ())?),
            None => (text, 0),
        };
        let (negative, body) = match body.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, body),
        };
        let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
        let digits = [whole, fraction].concat();
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(());
        }
        let digits = digits.trim_start_matches('0');
        if digits.len() > 70 || exponent.abs() > 60 {
            return Err(());
        }
        let mut wide = Wide::of(0);
        for b in digits.bytes() {
            wide = wide.mul_small(10).add(Wide::of(u128::from(b - b'0')));
        }
        let scale = i32::try_from(fraction.len()).map_err(|_| ())? - exponent;
        let (wide, scale) = match u32::try_from(scale) {
            Ok(scale) => (wide, scale),
            Err(_) if digits.len() + scale.unsigned_abs() as usize > 70 => return Err(()),
            Err(_) => (wide.times_ten_to(scale.unsigned_abs()), 0),
        };
        Decimal::fit(negative, wide, scale, false).ok_or(())
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let scale = self.scale as usize;
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|()| serde::de::Error::custom("a decimal"))
    }
}
