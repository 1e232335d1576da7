use linli_kernel::{Calendar, Date};

use crate::pack::PackSource;

/// Every shipped pack's calendar as clocks see it.
fn calendars() -> Vec<Calendar> {
    let source = PackSource::new([]);
    let mut all = Vec::new();
    for head in source.list() {
        let pack = source.find(&head.code).expect("a shipped pack");
        let mut calendar = Calendar::default();
        for (year, _, days) in super::years(&pack).expect("its calendar") {
            calendar.add_year(year);
            days.into_iter().for_each(|d| calendar.set(d.date, d.is_working));
        }
        all.push(calendar);
    }
    assert!(!all.is_empty());
    all
}

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

#[test]
fn shipped_calendars_follow_the_state_councils_notices() {
    let working = [
        "2024-02-04",
        "2024-02-18",
        "2024-05-11",
        "2024-10-12",
        "2025-01-26",
        "2025-02-08",
        "2025-10-11",
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-10-10",
    ];
    let off = [
        "2024-01-01",
        "2024-02-10",
        "2024-06-10",
        "2024-10-07",
        "2025-01-28",
        "2025-02-04",
        "2025-10-08",
        "2026-01-02",
        "2026-02-23",
        "2026-06-19",
        "2026-09-25",
        "2026-10-07",
    ];
    for calendar in calendars() {
        for date in working {
            assert_eq!(calendar.is_working(day(date)), Ok(true), "{date}");
        }
        for date in off {
            assert_eq!(calendar.is_working(day(date)), Ok(false), "{date}");
        }
    }
}

#[test]
fn each_year_has_the_working_days_that_were_ordered() {
    // 366 or 365 days less weekends and holidays, plus make-up days
    for calendar in calendars() {
        for (year, expected) in [(2024, 251), (2025, 248), (2026, 248)] {
            let first = day(&format!("{year}-01-01"));
            let days = first.days_until(day(&format!("{year}-12-31")));
            let count = (0..=days).filter(|n| calendar.is_working(first.plus_days(*n).expect("in range")) == Ok(true)).count();
            assert_eq!(count, expected, "{year}");
        }
        assert!(calendar.is_working(day("2027-01-04")).is_err());
    }
}
