use super::*;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// National Day 2026: 1 to 7 October off, Saturday 10 October a make-up day.
fn calendar() -> Calendar {
    let mut calendar = Calendar::default();
    calendar.add_year(2026);
    for n in 1..=7 {
        calendar.set(day(&format!("2026-10-{n:02}")), false);
    }
    calendar.set(day("2026-10-10"), true);
    calendar
}

#[test]
fn the_start_day_is_not_counted() {
    // Tuesday 24 November + 7 = Tuesday 1 December
    assert_eq!(until(&calendar(), day("2026-11-24"), 7).unwrap(), day("2026-12-01"));
}

#[test]
fn an_end_inside_a_holiday_moves_to_the_next_working_day() {
    assert_eq!(until(&calendar(), day("2026-09-26"), 7).unwrap(), day("2026-10-08"));
    // Saturday 3 October + 7 is the make-up Saturday, which is a working day
    assert_eq!(until(&calendar(), day("2026-10-03"), 7).unwrap(), day("2026-10-10"));
    // an ordinary Sunday moves to Monday
    assert_eq!(until(&calendar(), day("2026-11-15"), 7).unwrap(), day("2026-11-23"));
}

#[test]
fn an_unknown_year_is_an_error_and_no_guess() {
    assert_eq!(until(&calendar(), day("2026-12-28"), 7), Err(CalendarError::YearMissing(2027)));
}

#[test]
fn the_whole_last_day_still_belongs_to_the_publicity() {
    let end = day("2026-12-01");
    assert!(!is_over(end, end));
    assert!(is_over(end, day("2026-12-02")));
    assert_eq!(state_on(PublicityState::Open, end, end), PublicityState::Open);
    assert_eq!(state_on(PublicityState::Open, end, day("2026-12-02")), PublicityState::Ended);
}

#[test]
fn an_unanswered_objection_outlasts_the_days() {
    assert_eq!(state_on(PublicityState::Objected, day("2026-12-01"), day("2026-12-05")), PublicityState::Objected);
    assert_eq!(state_on(PublicityState::Ended, day("2026-12-01"), day("2026-11-25")), PublicityState::Ended);
}
