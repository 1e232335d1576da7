//! Business dates and instants.
use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::{Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339, macros::format_description};

const DAY: &[time::format_description::BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// A civil date in the tenant's time zone. JSON, SQL and text form: `2026-12-01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
#[cfg_attr(feature = "sea-orm", derive(sea_orm::DeriveValueType))]
#[cfg_attr(feature = "sea-orm", sea_orm(value_type = "String"))]
#[schema(value_type = String, format = "date", example = "2026-12-01")]
pub struct Date(pub time::Date);

impl Date {
    /// `days` later (negative: earlier); `None` outside the years −9999 … 9999.
    pub fn plus_days(self, days: i64) -> Option<Date> {
        self.0.checked_add(Duration::days(days)).map(Date)
    }
    /// Natural days from `self` to `later`.
    pub fn days_until(self, later: Date) -> i64 {
        (later.0 - self.0).whole_days()
    }
    pub fn year(self) -> i32 {
        self.0.year()
    }
    /// `20261201`, as numbers of papers carry it.
    pub fn compact(self) -> String {
        format!("{:04}{:02}{:02}", self.0.year(), u8::from(self.0.month()), self.0.day())
    }
    /// `2026-12`, the accounting period (会计期间).
    pub fn month(self) -> String {
        format!("{:04}-{:02}", self.0.year(), u8::from(self.0.month()))
    }
    /// Days since 1970-01-01, as rules get them.
    pub fn day_number(self) -> i32 {
        self.0.to_julian_day() - 2_440_588
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), u8::from(self.0.month()), self.0.day())
    }
}

impl FromStr for Date {
    type Err = crate::Malformed;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 10 {
            return Err(crate::Malformed("a date is written 2026-12-01"));
        }
        time::Date::parse(text, DAY).map(Date).map_err(|_| crate::Malformed("a date is written 2026-12-01 and must exist"))
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// An instant as microseconds since 1970 UTC (so that both databases sort it). JSON form: RFC 3339 in UTC, `2026-11-23T08:00:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
#[cfg_attr(feature = "sea-orm", derive(sea_orm::DeriveValueType))]
#[schema(value_type = String, format = "date-time", example = "2026-11-23T08:00:00Z")]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub const fn micros(self) -> i64 {
        self.0
    }
    /// `seconds` later (negative: earlier), saturating.
    pub const fn plus_seconds(self, seconds: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }
    /// The civil date at this instant in the zone `offset_hours` east of UTC (China: 8).
    pub fn date_at(self, offset_hours: i8) -> Date {
        let offset = UtcOffset::from_hms(offset_hours, 0, 0).unwrap_or(UtcOffset::UTC);
        Date(self.utc().to_offset(offset).date())
    }
    /// The first instant of `date` in the zone `offset_hours` east of UTC.
    pub fn start_of(date: Date, offset_hours: i8) -> Timestamp {
        let offset = UtcOffset::from_hms(offset_hours, 0, 0).unwrap_or(UtcOffset::UTC);
        Timestamp::from_utc(date.0.midnight().assume_offset(offset))
    }
    pub fn from_utc(at: OffsetDateTime) -> Timestamp {
        Timestamp((at.unix_timestamp_nanos() / 1_000) as i64)
    }
    fn utc(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.utc().format(&Rfc3339).unwrap_or_default())
    }
}

impl FromStr for Timestamp {
    type Err = crate::Malformed;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        OffsetDateTime::parse(text, &Rfc3339)
            .map(Timestamp::from_utc)
            .map_err(|_| crate::Malformed("an instant is written 2026-11-23T08:00:00Z"))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
