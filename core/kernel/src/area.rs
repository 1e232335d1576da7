//! 建筑面积 in 0.01 m².
use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// 面积 in 0.01 m². JSON and text form: a string with exactly two decimals, `"89.56"`. More decimals are refused, not rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
#[cfg_attr(feature = "sea-orm", derive(sea_orm::DeriveValueType))]
#[schema(value_type = String, example = "89.56", pattern = r"^\d{1,15}\.\d{2}$")]
pub struct Area(pub i64);

impl Area {
    pub const ZERO: Area = Area(0);
    /// Hundredths of a square metre.
    pub const fn hundredths(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::money::two_decimals(self.0))
    }
}

impl FromStr for Area {
    type Err = crate::Malformed;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        crate::money::parse_two_decimals(text)
            .filter(|v| *v >= 0)
            .map(Area)
            .ok_or(crate::Malformed("an area is a decimal text with exactly two decimals, such as 89.56"))
    }
}

impl Serialize for Area {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Area {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
