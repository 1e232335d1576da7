use serde_json::json;
use time::macros::date;

use super::case::{APPLICANT, Case, DAY, LINE, MONDAY, calendar, person};
use crate::core::{Actor, Effect, IncidentKind, InstanceState, Reason, ResubmitMode, Verb, WorkflowError};

const BESIDE: &str =
    "start s\nuser a linli:dueDays=\"5\"\ntimer t a beside 2\nend e\nend reminded\nflow f1 s a\nflow f2 a e\nflow f3 t reminded";
const INTERRUPT: &str =
    "start s\nuser a\ntimer t a interrupting 2\nuser late\nend e\nflow f1 s a\nflow f2 a e\nflow f3 t late\nflow f4 late e";

#[test]
fn s13_a_timer_beside_reminds_and_leaves_the_task_open() {
    let mut case = Case::started(BESIDE);
    assert_eq!(case.state.timers.len(), 1);
    case.fire().expect("fires");
    let seat = case.seat("a");
    assert!(case.effects.contains(&Effect::DueSoon { seat, node: "a".into(), assignee: None }));
    assert_eq!((case.open(), case.state.tokens.len()), (vec!["a"], 1));
    case.approve("a");
    case.is(InstanceState::Completed);
}
#[test]
fn s13_completing_the_task_removes_the_timer() {
    let mut case = Case::started(BESIDE);
    let timer = case.state.timers[0].id;
    let done = case.approve("a");
    assert!(done.effects.contains(&Effect::Disarm { timer }));
    assert_eq!(case.run(Actor::SYSTEM, Verb::Fire { timer }), Err(WorkflowError::Ended));
}
#[test]
fn s14_an_interrupting_timer_and_a_decision_exclude_each_other() {
    let mut case = Case::started(INTERRUPT);
    let seat = case.claimed("a", 1);
    let timer = case.state.timers[0].id;
    case.fire().expect("fires");
    assert_eq!(case.open(), ["late"]);
    assert_eq!(case.by(1, Verb::Approve { seat, opinion: None, form: None }), Err(Reason::SeatCancelled.into()));
    let mut other = Case::started(
        "start s\nuser a\ntimer t a interrupting 2\nuser late\nuser b\nend e\nflow f1 s a\nflow f2 a b\nflow f3 t late\nflow f4 late e\nflow f5 b e",
    );
    other.approve("a");
    other.now += 30 * DAY;
    assert_eq!(other.run(Actor::SYSTEM, Verb::Fire { timer }), Err(WorkflowError::NotFound));
}
#[test]
fn a_timer_does_not_fire_before_it_is_due() {
    let mut case = Case::started(BESIDE);
    let timer = case.state.timers[0].id;
    assert_eq!(case.run(Actor::SYSTEM, Verb::Fire { timer }), Err(WorkflowError::Conflict));
}
#[test]
fn s15_one_working_day_after_friday_with_a_holiday_monday_is_the_make_up_sunday() {
    let mut case = Case::new("start s\nuser a linli:dueDays=\"1\"\nend e\nflow f1 s a\nflow f2 a e");
    // Friday 2026-11-13 16:00; Sunday 15 is worked, Monday 16 is off.
    case.now = MONDAY + 11 * DAY + 6 * 3_600_000_000;
    case.by(APPLICANT, Verb::Start { applicant: person(APPLICANT), area_path: "37/".into(), vars: json!({}) }).expect("starts");
    assert_eq!(case.activation("a").due_at, Some(calendar::close_of(date!(2026 - 11 - 15))));
}
#[test]
fn s16_a_pause_of_six_working_days_moves_the_limit_by_six_and_stands_in_the_ledger() {
    let mut case = Case::started(LINE);
    let due = |case: &Case| case.state.clock.as_ref().and_then(|c| c.due_at);
    assert_eq!(due(&case), Some(calendar::close_of(date!(2026 - 11 - 30))), "twenty working days");
    case.back("a", "applicant", ResubmitMode::Along).expect("returns");
    // Monday 2 to Tuesday 10 November: six working days.
    case.now = MONDAY + 8 * DAY;
    case.resubmit();
    assert_eq!(due(&case), Some(calendar::close_of(date!(2026 - 12 - 08))));
    let pauses = case.state.clock.as_ref().map(|c| c.pauses.clone()).unwrap_or_default();
    assert_eq!((pauses.len(), pauses[0].working_days, pauses[0].basis.as_str()), (1, 6, "退回申请人补正"));
}
#[test]
fn s18_a_missing_year_is_an_incident_and_no_guess_and_a_retry_arms_the_timer() {
    let mut case = Case::new(BESIDE);
    case.now = 1_798_600_000_000_000; // 2026-12-30 in Beijing: five working days end in 2027
    case.by(APPLICANT, Verb::Start { applicant: person(APPLICANT), area_path: "37/".into(), vars: json!({}) }).expect("starts");
    let found: Vec<_> = case.state.incidents.iter().map(|i| (i.kind, i.about.as_str())).collect();
    assert!(!found.is_empty() && found.iter().all(|f| *f == (IncidentKind::Calendar, "2027")), "{found:?}");
    assert_eq!((case.open(), case.activation("a").due_at, case.state.timers.len()), (vec!["a"], None, 0));
    case.last_year = 2027;
    while let Some(incident) = case.state.incidents.first().map(|i| i.id) {
        case.run(Actor::SYSTEM, Verb::Retry { incident, vars: json!({}) }).expect("retries");
    }
    assert!(case.activation("a").due_at.is_some() && case.state.timers.len() == 1);
    assert!(case.state.clock.as_ref().is_some_and(|c| c.due_at.is_some()));
}
#[test]
fn s46_a_suspension_refuses_verbs_and_moves_the_dates() {
    let mut case = Case::started(BESIDE);
    assert_eq!(case.activation("a").due_at, Some(calendar::close_of(date!(2026 - 11 - 09))));
    case.run(Actor::SYSTEM, Verb::Suspend { reason: "诉讼".into() }).expect("suspends");
    let seat = case.seat("a");
    assert_eq!(case.by(1, Verb::Claim { seat }), Err(WorkflowError::Suspended));
    assert_eq!(case.fire(), Err(WorkflowError::Suspended));
    case.now = MONDAY + 7 * DAY;
    case.run(Actor::SYSTEM, Verb::Resume).expect("resumes");
    assert_eq!(case.activation("a").due_at, Some(calendar::close_of(date!(2026 - 11 - 15))), "five working days later");
    assert_eq!(case.state.timers.len(), 1);
    case.approve("a");
    case.is(InstanceState::Completed);
}
