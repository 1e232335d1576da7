use super::case::{APPLICANT, Case, FORK, LINE, person};
use crate::core::{
    Actor, CancelReason, Effect, InstanceState, Reason, Resolved, ResubmitMode, SeatState, Verb, Verdict, WorkflowError, allowed_actions,
    decide, explain,
};
use crate::model::Policy;

const ALL: &str = "start s\nuser a linli:policy=\"all\"\nuser b\nend e\nflow f1 s a\nflow f2 a b\nflow f3 b e";
const ANY: &str = "start s\nuser a linli:policy=\"any\"\nend e\nflow f1 s a\nflow f2 a e";

#[test]
fn s01_a_line_of_three_approvals_ends_approved() {
    let mut case = Case::started(LINE);
    for node in ["a", "b", "c"] {
        assert_eq!(case.open(), [node]);
        case.approve(node);
    }
    case.is(InstanceState::Completed);
    let decided = case.state.activations.iter().flat_map(|a| &a.seats).filter(|s| s.state == SeatState::Decided).count();
    assert_eq!((decided, case.state.open_seats().count()), (3, 0));
}
#[test]
fn s02_the_same_command_gives_the_same_outcome() {
    let mut case = Case::started(LINE);
    let before = case.state.clone();
    let seat = case.claimed("a", 1);
    let first = case.by(1, Verb::Approve { seat, opinion: None, form: None }).expect("approves");
    // The same commands on the same state, ids and all.
    let mut again =
        Case { state: before, log: case.log[..1].to_vec(), commands: 1, now: super::case::MONDAY + 1_000_000, ..Case::new(LINE) };
    let seat = again.claimed("a", 1);
    let second = again.by(1, Verb::Approve { seat, opinion: None, form: None }).expect("approves");
    assert_eq!(first, second);
}
#[test]
fn s03_the_second_decision_of_an_any_vote_is_told_who_was_first() {
    let mut case = Case::started(ANY);
    let seats = case.seats("a");
    assert_eq!(seats.len(), 3);
    case.by(2, Verb::Approve { seat: seats[1].id, opinion: None, form: None }).expect("first");
    case.is(InstanceState::Completed);
    let at = case.now;
    let late = case.by(1, Verb::Approve { seat: seats[0].id, opinion: None, form: None });
    assert_eq!(late, Err(WorkflowError::AlreadyDecided { by: Some(person(2)), at }));
    let (_, loser) = case.state.seat(seats[0].id).expect("is there");
    assert_eq!(loser.cancelled, Some(CancelReason::Decided { by: Some(person(2)), at }));
}
#[test]
fn s04_two_hundred_votes_of_an_all_vote_count_and_the_node_passes_once() {
    let mut case = Case::new(ALL);
    case.people = (1..=200).map(person).collect();
    let verb = Verb::Start { applicant: person(9_999), area_path: "37/3799/379901/".into(), vars: serde_json::json!({}) };
    case.run(Actor::person(person(9_999)), verb).expect("starts");
    let seats = case.seats("a");
    for seat in &seats {
        assert_eq!(case.open(), ["a"]);
        let who = seat.assignee.expect("a person");
        case.run(Actor::person(who), Verb::Approve { seat: seat.id, opinion: None, form: None }).expect("votes");
    }
    assert_eq!((case.open(), case.rounds("b")), (vec!["b"], vec![1]));
}
#[test]
fn s06_a_join_opens_its_follower_once() {
    let mut case = Case::started(FORK);
    assert_eq!(case.open(), ["a", "b"]);
    case.approve("a");
    assert_eq!(case.open(), ["b"]);
    case.approve("b");
    assert_eq!((case.open(), case.rounds("c")), (vec!["c"], vec![1]));
    case.approve("c");
    case.is(InstanceState::Completed);
}
#[test]
fn s22_one_reject_of_an_all_vote_rejects_and_is_recorded() {
    let mut case = Case::started(ALL);
    let seats = case.seats("a");
    case.by(1, Verb::Approve { seat: seats[0].id, opinion: None, form: None }).expect("votes");
    case.by(2, Verb::Reject { seat: seats[1].id, opinion: Some("超预算".into()), reason: None }).expect("rejects");
    case.is(InstanceState::Rejected);
    let states: Vec<SeatState> = seats.iter().filter_map(|s| case.state.seat(s.id)).map(|(_, s)| s.state).collect();
    assert_eq!(states, [SeatState::Decided, SeatState::Decided, SeatState::Cancelled]);
    assert_eq!(case.state.seat(seats[1].id).and_then(|(_, s)| s.opinion.clone()).as_deref(), Some("超预算"));
}
#[test]
fn s30_after_a_transfer_only_the_new_person_may_decide() {
    let mut case = Case::started(LINE);
    let seat = case.claimed("a", 1);
    case.by(1, Verb::Transfer { seat, to: person(2), reason: "休假".into() }).expect("transfers");
    assert!(case.effects.contains(&Effect::Transferred { seat, node: "a".into(), to: person(2) }));
    assert_eq!(case.by(1, Verb::Approve { seat, opinion: None, form: None }), Err(Reason::NotAssignee.into()));
    let (_, found) = case.state.seat(seat).expect("is there");
    assert_eq!((found.owner, found.assignee), (Some(person(1)), Some(person(2))));
    case.by(2, Verb::Approve { seat, opinion: None, form: None }).expect("decides");
}
#[test]
fn a_transfer_goes_to_members_of_the_pool_without_a_seat_here_and_not_for_ever() {
    let mut case = Case::started(ALL);
    let seats = case.seats("a");
    let to = |n, seat| Verb::Transfer { seat, to: person(n), reason: "x".into() };
    assert_eq!(case.by(1, to(2, seats[0].id)), Err(Reason::TargetHoldsSeat.into()));
    assert_eq!(case.by(1, to(APPLICANT, seats[0].id)), Err(Reason::TargetIsApplicant.into()));
    case.resolved.target_in_pool = false;
    assert_eq!(case.by(1, to(7, seats[0].id)), Err(Reason::TargetNotInPool.into()));
    case.resolved.target_in_pool = true;
    for n in 10..15 {
        let from = if n == 10 { 1 } else { n - 1 };
        case.by(from, to(n, seats[0].id)).expect("transfers");
    }
    assert_eq!(case.by(14, to(20, seats[0].id)), Err(Reason::TooManyTransfers.into()));
}
#[test]
fn s45_withdrawal_is_possible_until_the_first_decision() {
    let mut case = Case::started(LINE);
    assert_eq!(case.by(1, Verb::Withdraw), Err(Reason::NotApplicant.into()));
    case.withdraw().expect("withdraws");
    case.is(InstanceState::Withdrawn);
    case.resubmit();
    assert_eq!((case.state.round, case.open(), case.rounds("a")), (2, vec!["a"], vec![1, 2]));
    case.approve("a");
    assert_eq!(case.withdraw(), Err(Reason::AfterDecision.into()));
}
#[test]
fn after_a_return_and_a_new_submission_it_can_be_withdrawn_again() {
    let mut case = Case::started(LINE);
    case.back("a", "applicant", ResubmitMode::Along).expect("returns");
    case.resubmit();
    case.withdraw().expect("withdraws: nobody decided in this round");
}
#[test]
fn s50_nobody_to_vote_is_an_incident_that_a_retry_mends() {
    let mut case = Case::new(ALL);
    case.people = vec![person(APPLICANT)];
    let verb = Verb::Start { applicant: person(APPLICANT), area_path: "37/3799/".into(), vars: serde_json::json!({}) };
    case.by(APPLICANT, verb).expect("starts");
    let incident = case.state.incidents.first().expect("an incident").clone();
    case.people = vec![person(5)];
    case.run(Actor::SYSTEM, Verb::Retry { incident: incident.id, vars: serde_json::json!({}) }).expect("retries");
    assert_eq!((case.seats("a").len(), case.state.incidents.len()), (1, 0));
}
#[test]
fn s51_the_applicant_never_decides() {
    let mut case = Case::started(LINE);
    let seat = case.seat("a");
    assert_eq!(case.by(APPLICANT, Verb::Claim { seat }), Err(Reason::IsApplicant.into()));
    assert_eq!(case.by(APPLICANT, Verb::Approve { seat, opinion: None, form: None }), Err(Reason::IsApplicant.into()));
}
#[test]
fn s52_a_pool_task_has_one_claimer_until_it_is_given_back() {
    let mut case = Case::started(LINE);
    let seat = case.seat("a");
    assert_eq!(case.by(1, Verb::Approve { seat, opinion: None, form: None }), Err(Reason::NotClaimed.into()));
    case.by(1, Verb::Claim { seat }).expect("claims");
    for n in 2..50 {
        assert_eq!(case.by(n, Verb::Claim { seat }), Err(WorkflowError::AlreadyClaimed { by: person(1) }));
    }
    case.by(1, Verb::Release { seat }).expect("gives back");
    case.by(2, Verb::Claim { seat }).expect("is free again");
}
#[test]
fn s53_a_person_who_left_the_pool_can_do_nothing_with_a_claimed_task() {
    let mut case = Case::started(LINE);
    let seat = case.claimed("a", 1);
    case.resolved = Resolved::default();
    assert_eq!(case.by(1, Verb::Approve { seat, opinion: None, form: None }), Err(Reason::NotInPool.into()));
    assert_eq!(case.by(2, Verb::Claim { seat }), Err(Reason::NotInPool.into()));
}
#[test]
fn s56_urging_twice_within_four_hours_is_refused_and_changes_nothing() {
    let mut case = Case::started(LINE);
    case.by(APPLICANT, Verb::Urge).expect("urges");
    assert!(case.effects.iter().any(|e| matches!(e, Effect::Urged { .. })));
    let before = case.state.clone();
    assert!(matches!(case.by(APPLICANT, Verb::Urge), Err(WorkflowError::NotAllowed(Reason::UrgedRecently { .. }))));
    assert_eq!(case.state, before);
    case.now += 4 * 3_600_000_000;
    case.by(APPLICANT, Verb::Urge).expect("urges later");
}
#[test]
fn s55_a_person_gets_one_copy_which_survives_the_end_and_lets_nobody_act() {
    let mut case = Case::started(LINE);
    case.by(1, Verb::Copy { to: vec![person(8), person(9), person(8)] }).expect("copies");
    case.by(1, Verb::Copy { to: vec![person(8)] }).expect("copies nothing new");
    assert_eq!(case.state.copies.iter().map(|c| c.to).collect::<Vec<_>>(), [person(8), person(9)]);
    case.resolved = Resolved::default();
    let seat = case.seat("a");
    assert_eq!(case.by(8, Verb::Claim { seat }), Err(Reason::NotInPool.into()));
    case.run(Actor::SYSTEM, Verb::Terminate { reason: "x".into() }).expect("ends");
    assert_eq!(case.state.copies.len(), 2);
}
#[test]
fn a_form_is_read_by_later_conditions() {
    let lines = "start s\nuser a\nexclusive x default=\"no\"\nuser b\nuser c\nend e\nflow f1 s a\nflow f2 a x\nflow yes x b form.a.urgent = true\nflow no x c\nflow f3 b e\nflow f4 c e";
    let mut case = Case::started(lines);
    let seat = case.claimed("a", 1);
    case.by(1, Verb::Approve { seat, opinion: None, form: Some(serde_json::json!({ "urgent": true })) }).expect("approves");
    assert_eq!(case.open(), ["b"]);
}
#[test]
fn an_ended_instance_refuses_every_verb() {
    let mut case = Case::started(LINE);
    let seat = case.claimed("a", 1);
    case.by(1, Verb::Reject { seat, opinion: Some("不符合".into()), reason: None }).expect("rejects");
    case.is(InstanceState::Rejected);
    assert!(matches!(case.by(1, Verb::Approve { seat, opinion: None, form: None }), Err(WorkflowError::AlreadyDecided { .. })));
    assert_eq!(case.by(APPLICANT, Verb::Urge), Err(WorkflowError::Ended));
    assert_eq!(case.run(Actor::SYSTEM, Verb::Terminate { reason: "x".into() }), Err(WorkflowError::Ended));
}
#[test]
fn s47_termination_cancels_every_seat_with_its_reason() {
    let mut case = Case::started(FORK);
    case.approve("a");
    case.run(Actor::SYSTEM, Verb::Terminate { reason: "项目注销".into() }).expect("terminates");
    case.is(InstanceState::Terminated);
    assert!(case.state.activations.iter().flat_map(|a| &a.seats).any(|s| s.cancelled == Some(CancelReason::Terminated)));
}
#[test]
fn pages_know_what_is_allowed_and_why_not() {
    let mut case = Case::started(LINE);
    let seat = case.seat("a");
    let allowed = |case: &Case, n: u128, in_pool: bool| -> Vec<&'static str> {
        allowed_actions(&case.definition, &case.state, seat, person(n), in_pool)
            .into_iter()
            .filter(|a| a.refusal.is_none())
            .map(|a| a.action)
            .collect()
    };
    assert_eq!(allowed(&case, 1, true), ["claim"]);
    assert!(allowed(&case, 1, false).is_empty());
    assert!(allowed(&case, APPLICANT, true).is_empty());
    case.claimed("a", 1);
    assert_eq!(allowed(&case, 1, true), ["release", "approve", "return", "reject", "transfer"]);
    assert!(allowed(&case, 2, true).is_empty());
}
#[test]
fn a_task_explains_how_it_came_here() {
    let mut case = Case::started(LINE);
    case.approve("a");
    let seat = case.seat("b");
    let told = explain(&case.definition, &case.state, seat).expect("explains");
    assert_eq!(told.reasons[0].zh, "“a”已同意，流程到达“b”（第1轮）");
    assert_eq!(told.pool_org.as_deref(), Some("37/3799/"));
}
#[test]
fn no_votes_decide_nothing_under_any_policy() {
    for policy in [Policy::Single, Policy::All, Policy::Any] {
        assert_eq!(decide(policy, &[]), Verdict::Pending);
    }
}
