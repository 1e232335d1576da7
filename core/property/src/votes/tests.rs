use super::*;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn tally(heads: i64, area: &str) -> Tally {
    Tally { heads, area: area.parse().unwrap() }
}

fn codes(f: impl FnOnce(&mut Invalid)) -> Vec<String> {
    let mut invalid = Invalid::new();
    f(&mut invalid);
    invalid.done().err().map(|p| p.errors().iter().map(|e| e.pointer.clone()).collect()).unwrap_or_default()
}

#[test]
fn a_vote_is_open_for_seven_to_thirty_days() {
    let window = |closes: &str| codes(|i| check_window(i, day("2026-11-16"), day(closes), day("2026-11-16"), (7, 30)));
    assert_eq!(window("2026-11-22"), ["/closes_on"]);
    assert!(window("2026-11-23").is_empty());
    assert!(window("2026-12-16").is_empty());
    assert_eq!(window("2026-12-17"), ["/closes_on"]);
}

#[test]
fn a_vote_does_not_open_in_the_past() {
    assert_eq!(codes(|i| check_window(i, day("2026-11-15"), day("2026-11-25"), day("2026-11-16"), (7, 30))), ["/opens_on"]);
}

#[test]
fn a_vote_is_open_until_the_end_of_its_last_day() {
    let on = |today: &str| state_on(VoteState::Open, day("2026-11-16"), day("2026-11-23"), day(today));
    assert_eq!(on("2026-11-15"), VoteState::Announced);
    assert_eq!(on("2026-11-16"), VoteState::Open);
    assert_eq!(on("2026-11-23"), VoteState::Open);
    assert_eq!(on("2026-11-24"), VoteState::Counting);
    assert_eq!(state_on(VoteState::Recorded, day("2026-11-16"), day("2026-11-23"), day("2026-11-24")), VoteState::Recorded);
}

#[test]
fn the_cases_of_the_specification_are_counts_that_can_be() {
    // maintenance-fund E4: participants, for; the rest against
    let totals = tally(9, "900.00");
    for (p, a, against) in [
        (tally(6, "600.00"), tally(4, "300.01"), tally(2, "299.99")),
        (tally(6, "599.99"), tally(6, "599.99"), tally(0, "0.00")),
        (tally(9, "900.00"), tally(5, "450.01"), tally(4, "449.99")),
    ] {
        let result = PaperResult { participated: p, agreed: a, against, abstained: Tally::default(), document_ids: vec![] };
        assert!(codes(|i| check_result(i, totals, &result)).is_empty());
    }
}

#[test]
fn more_agreeing_than_taking_part_is_refused_at_its_field() {
    let result = PaperResult {
        participated: tally(6, "600.00"),
        agreed: tally(7, "600.00"),
        against: Tally::default(),
        abstained: Tally::default(),
        document_ids: vec![],
    };
    assert_eq!(codes(|i| check_result(i, tally(9, "900.00"), &result)), ["/participated/heads"]);
}

#[test]
fn every_figure_above_the_electorate_is_named() {
    let result = PaperResult {
        participated: tally(10, "900.01"),
        agreed: tally(10, "900.01"),
        against: tally(0, "0.00"),
        abstained: tally(0, "0.00"),
        document_ids: vec![],
    };
    let found = codes(|i| check_result(i, tally(9, "900.00"), &result));
    assert_eq!(found, ["/participated/heads", "/participated/area", "/agreed/heads", "/agreed/area"]);
    let negative = PaperResult { agreed: tally(7, "600.00"), against: tally(-1, "0.00"), participated: tally(6, "600.00"), ..result };
    assert_eq!(codes(|i| check_result(i, tally(9, "900.00"), &negative)), ["/against/heads"]);
}
