//! 工作日历: working days of a tenant, make-up days included (vocabulary §7). An unknown year is an error, never a guess.
use std::collections::BTreeMap;

use crate::{Date, Problem};

/// Years that are known, each with the set of its days that differ from "Monday to Friday works".
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    years: BTreeMap<i32, BTreeMap<Date, bool>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error("the calendar of {0} is missing")]
    YearMissing(i32),
    #[error("the date is out of range")]
    OutOfRange,
}

impl From<CalendarError> for Problem {
    fn from(error: CalendarError) -> Problem {
        match error {
            CalendarError::YearMissing(year) => Problem::new(
                409,
                "calendar.year_missing",
                format!("{year}年的工作日历尚未录入，请系统管理员先录入"),
                format!("The working calendar of {year} is missing; the system administrator must enter it first"),
            ),
            CalendarError::OutOfRange => Problem::new(422, "calendar.out_of_range", "日期超出范围", "The date is out of range"),
        }
    }
}

impl Calendar {
    /// Declares `year` known; days not set follow the weekday.
    pub fn add_year(&mut self, year: i32) {
        self.years.entry(year).or_default();
    }
    /// Sets one day (a holiday, or a make-up working day); its year becomes known.
    pub fn set(&mut self, day: Date, is_working: bool) {
        self.years.entry(day.year()).or_default().insert(day, is_working);
    }
    pub fn is_working(&self, day: Date) -> Result<bool, CalendarError> {
        let year = self.years.get(&day.year()).ok_or(CalendarError::YearMissing(day.year()))?;
        Ok(year.get(&day).copied().unwrap_or(!matches!(day.0.weekday(), time::Weekday::Saturday | time::Weekday::Sunday)))
    }
    /// The Nth working day after the start day (`+N工作日`); `n` = 0 is the start day itself.
    pub fn plus_working_days(&self, start: Date, n: u32) -> Result<Date, CalendarError> {
        let (mut day, mut left) = (start, n);
        while left > 0 {
            day = day.plus_days(1).ok_or(CalendarError::OutOfRange)?;
            if self.is_working(day)? {
                left -= 1;
            }
        }
        Ok(day)
    }
    /// Natural days: the start day is not counted, and an end on a day off moves to the next working day.
    pub fn plus_natural_days(&self, start: Date, n: u32) -> Result<Date, CalendarError> {
        let mut day = start.plus_days(i64::from(n)).ok_or(CalendarError::OutOfRange)?;
        while !self.is_working(day)? {
            day = day.plus_days(1).ok_or(CalendarError::OutOfRange)?;
        }
        Ok(day)
    }
}

#[cfg(test)]
mod tests;
