use super::{Calendar, CalendarError};
use crate::Date;

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

#[test]
fn one_working_day_over_a_holiday_ends_on_the_make_up_sunday() {
    // workflow §7 no. 15: Friday, Monday a holiday, Sunday a make-up workday
    let mut calendar = Calendar::default();
    calendar.set(day("2026-11-16"), false);
    calendar.set(day("2026-11-15"), true);
    assert_eq!(calendar.plus_working_days(day("2026-11-13"), 1), Ok(day("2026-11-15")));
    assert_eq!(calendar.plus_working_days(day("2026-11-13"), 2), Ok(day("2026-11-17")));
}

#[test]
fn natural_days_end_on_a_working_day() {
    let mut calendar = Calendar::default();
    calendar.add_year(2026);
    assert_eq!(calendar.plus_natural_days(day("2026-11-16"), 7), Ok(day("2026-11-23")));
    assert_eq!(calendar.plus_natural_days(day("2026-11-14"), 7), Ok(day("2026-11-23")));
}

#[test]
fn an_unknown_year_is_an_error() {
    let mut calendar = Calendar::default();
    calendar.add_year(2026);
    assert_eq!(calendar.plus_working_days(day("2026-12-30"), 5), Err(CalendarError::YearMissing(2027)));
}
