use super::case::{APPLICANT, Case, FORK, LINE, person};
use crate::core::{
    ActivationState, CancelReason, Effect, Event, InstanceState, Reason,
    ResubmitMode::{Along, Straight},
    SeatKind, SeatState, Verb, WorkflowError, return_targets,
};

/// fork(A1→A2, B)→join→C.
const TWO_AND_ONE: &str = "start s\nparallel fork\nuser a1\nuser a2\nuser b\nparallel join\nuser c\nend e\nflow f1 s fork\nflow f2 fork a1\nflow f3 a1 a2\nflow f4 fork b\nflow f5 a2 join\nflow f6 b join\nflow f7 join c\nflow f8 c e";

#[test]
fn s32_along_lets_everybody_decide_again() {
    let mut case = Case::started(LINE);
    case.approve("a");
    case.approve("b");
    case.back("c", "a", Along).expect("returns");
    for node in ["a", "b", "c"] {
        assert_eq!(case.open(), [node]);
        assert_eq!(case.activation(node).round, 2);
        case.approve(node);
    }
    case.is(InstanceState::Completed);
}
#[test]
fn s33_straight_goes_back_to_who_returned_it_and_marks_what_it_skips() {
    let mut case = Case::started(LINE);
    case.approve("a");
    case.approve("b");
    case.back("c", "a", Straight).expect("returns");
    let done = case.approve("a");
    assert!(done.events.contains(&Event::Skipped { nodes: vec!["b".into()] }));
    assert_eq!((case.open(), case.rounds("b"), case.rounds("c")), (vec!["c"], vec![1], vec![1, 2]));
    case.approve("c");
    case.is(InstanceState::Completed);
}
#[test]
fn s33_a_material_change_makes_straight_the_whole_way() {
    let mut case = Case::started(LINE);
    case.approve("a");
    case.approve("b");
    case.back("c", "a", Straight).expect("returns");
    case.resolved.material_changed = true;
    case.approve("a");
    assert_eq!(case.open(), ["b"]);
}
#[test]
fn s34_a_return_to_the_applicant_cancels_all_branches_and_resubmission_opens_all_afresh() {
    let mut case = Case::started(FORK);
    let a = case.seat("a");
    case.back("b", "applicant", Along).expect("returns");
    let (_, cancelled) = case.state.seat(a).expect("is there");
    assert_eq!((cancelled.state, cancelled.cancelled.clone()), (SeatState::Cancelled, Some(CancelReason::Returned)));
    let open: Vec<_> = case.state.open_seats().map(|(a, s)| (a.node.clone(), s.kind, s.assignee)).collect();
    assert_eq!(open, [("applicant".to_owned(), SeatKind::Applicant, Some(person(APPLICANT)))]);
    assert!(case.effects.contains(&Effect::ReturnedToApplicant));
    assert_eq!(case.by(1, Verb::Resubmit { vars: serde_json::json!({}) }), Err(Reason::NotApplicant.into()));
    case.resubmit();
    assert_eq!((case.open(), case.state.round), (vec!["a", "b"], 2));
    assert_eq!((case.rounds("a"), case.rounds("b")), (vec![1, 2], vec![1, 2]));
}
#[test]
fn a_straight_return_to_the_applicant_keeps_the_other_branches_votes() {
    let mut case = Case::started(FORK);
    case.approve("a");
    case.back("b", "applicant", Straight).expect("returns");
    case.resubmit();
    assert_eq!((case.open(), case.rounds("a"), case.rounds("b")), (vec!["b"], vec![1], vec![1, 2]));
    case.approve("b");
    assert_eq!(case.open(), ["c"], "the vote of a stands");
}
#[test]
fn a_straight_return_restores_an_open_sibling_with_its_seat() {
    let mut case = Case::started(FORK);
    let a = case.claimed("a", 3);
    case.back("b", "applicant", Straight).expect("returns");
    case.resubmit();
    assert_eq!((case.seat("a"), case.open().len()), (a, 2));
    case.by(3, Verb::Approve { seat: a, opinion: None, form: None }).expect("the same seat decides");
}
#[test]
fn s35_a_return_within_a_branch_leaves_the_sibling_alone() {
    let mut case = Case::started(TWO_AND_ONE);
    let b = case.seat("b");
    case.approve("a1");
    case.back("a2", "a1", Along).expect("returns");
    assert_eq!((case.open(), case.seat("b")), (vec!["b", "a1"], b));
    case.approve("b");
    case.approve("a1");
    assert_eq!(case.open(), ["a2"]);
    case.approve("a2");
    assert_eq!((case.open(), case.rounds("c")), (vec!["c"], vec![1]));
}
#[test]
fn s36_a_return_behind_the_join_redoes_one_branch_only() {
    let mut case = Case::started(FORK);
    case.approve("a");
    case.approve("b");
    case.back("c", "a", Along).expect("returns");
    assert_eq!(case.open(), ["a"]);
    case.approve("a");
    assert_eq!((case.open(), case.rounds("b"), case.rounds("c")), (vec!["c"], vec![1], vec![1, 2]));
    // And once more, now the other branch.
    case.back("c", "b", Along).expect("returns");
    case.approve("b");
    assert_eq!((case.open(), case.rounds("a")), (vec!["c"], vec![1, 2]));
    case.approve("c");
    case.is(InstanceState::Completed);
}
#[test]
fn s36_straight_behind_the_join_opens_the_returner_at_once() {
    let mut case = Case::started(TWO_AND_ONE);
    for node in ["a1", "a2", "b"] {
        case.approve(node);
    }
    case.back("c", "a1", Straight).expect("returns");
    assert_eq!(case.open(), ["a1"]);
    case.approve("a1");
    assert_eq!((case.open(), case.rounds("a2"), case.state.tokens.len()), (vec!["c"], vec![1], 1));
    case.approve("c");
    case.is(InstanceState::Completed);
}
#[test]
fn s37_a_return_into_the_sibling_branch_is_refused_with_the_nearest_target() {
    let mut case = Case::started(FORK);
    case.approve("b");
    let refused = case.back("a", "b", Along);
    assert_eq!(refused, Err(Reason::SiblingBranch { suggest: "申请人".into() }.into()));
    let before = "start s\nuser z\nparallel fork\nuser a\nuser b\nparallel join\nend e\nflow f0 s z\nflow f1 z fork\nflow f2 fork a\nflow f3 fork b\nflow f4 a join\nflow f5 b join\nflow f6 join e";
    let mut case = Case::started(before);
    case.approve("z");
    assert_eq!(case.back("a", "b", Along), Err(Reason::SiblingBranch { suggest: "z".into() }.into()));
    case.back("a", "z", Along).expect("the nearest target is legal");
    assert_eq!(case.open(), ["z"]);
}
#[test]
fn a_step_that_was_not_visited_is_no_target() {
    let mut case = Case::started(LINE);
    assert_eq!(case.back("a", "c", Along), Err(Reason::NoSuchTarget.into()));
    assert_eq!(case.back("a", "s", Along), Err(Reason::NoSuchTarget.into()));
    assert_eq!(case.back("a", "a", Along), Err(Reason::NoSuchTarget.into()));
}
#[test]
fn the_targets_offered_are_the_applicant_and_the_steps_behind() {
    let mut case = Case::started(TWO_AND_ONE);
    case.approve("a1");
    case.approve("b");
    let of = |case: &Case, node: &str| -> Vec<String> {
        return_targets(&case.definition, &case.state, case.seat(node)).into_iter().map(|t| t.to).collect()
    };
    assert_eq!(of(&case, "a2"), ["applicant", "a1"]);
    case.approve("a2");
    assert_eq!(of(&case, "c"), ["applicant", "a1", "b", "a2"]);
}
#[test]
fn s38_a_return_to_a_vote_of_three_gives_three_fresh_seats_and_timers() {
    let lines = "start s\nuser a linli:policy=\"all\"\ntimer t a beside 5\nuser b\nend e\nend e2\nflow f1 s a\nflow f2 a b\nflow f3 b e\nflow f4 t e2";
    let mut case = Case::started(lines);
    let first = case.seats("a");
    for seat in &first {
        let who = seat.assignee.expect("a person");
        case.run(crate::core::Actor::person(who), Verb::Approve { seat: seat.id, opinion: None, form: None }).expect("votes");
    }
    assert!(case.state.timers.is_empty());
    case.back("b", "a", Along).expect("returns");
    let fresh = case.seats("a");
    assert_eq!((fresh.len(), case.state.timers.len()), (3, 1));
    assert!(fresh.iter().all(|s| first.iter().all(|f| f.id != s.id)));
    case.by(1, Verb::Approve { seat: fresh[0].id, opinion: None, form: None }).expect("votes");
    assert_eq!(case.open(), ["a"], "old votes do not count");
}
#[test]
fn s39_a_return_by_one_voter_ends_the_whole_vote() {
    let lines = "start s\nuser z\nuser a linli:policy=\"all\"\nend e\nflow f0 s z\nflow f1 z a\nflow f2 a e";
    let mut case = Case::started(lines);
    case.approve("z");
    let seats = case.seats("a");
    case.back("a", "z", Along).expect("returns");
    let others: Vec<_> = seats[1..].iter().filter_map(|s| case.state.seat(s.id)).map(|(_, s)| s.cancelled.clone()).collect();
    assert_eq!(others, [Some(CancelReason::Returned), Some(CancelReason::Returned)]);
    assert_eq!((case.open(), case.state.tokens.len()), (vec!["z"], 1));
    assert_eq!(case.state.activations.iter().find(|a| a.node == "a").map(|a| a.state), Some(ActivationState::Returned));
}
#[test]
fn s41_returned_twice_then_approved_makes_no_duplicate() {
    let mut case = Case::started(LINE);
    case.approve("a");
    case.back("b", "a", Along).expect("returns");
    case.approve("a");
    case.back("b", "applicant", Along).expect("returns");
    case.resubmit();
    for node in ["a", "b", "c"] {
        assert_eq!(case.open(), [node]);
        case.approve(node);
    }
    assert_eq!((case.rounds("a"), case.rounds("b"), case.rounds("c")), (vec![1, 2, 3], vec![1, 2, 3], vec![1]));
    case.is(InstanceState::Completed);
}
#[test]
fn a_return_within_a_straight_return_comes_back_to_both() {
    let mut case = Case::started(LINE);
    case.approve("a");
    case.approve("b");
    case.back("c", "b", Straight).expect("returns");
    case.back("b", "a", Straight).expect("returns further");
    case.approve("a");
    assert_eq!(case.open(), ["b"]);
    case.approve("b");
    assert_eq!(case.open(), ["c"]);
}
#[test]
fn a_loop_is_returned_to_its_last_visit() {
    let lines = "start s\nuser a\nexclusive x default=\"out\"\nuser b\nend e\nflow f1 s a\nflow f2 a x\nflow again x a n &lt; 2\nflow out x b\nflow f3 b e".replace("&lt;", "<");
    let mut case = Case::started_with(&lines, serde_json::json!({ "n": 1 }));
    case.approve("a");
    assert_eq!((case.open(), case.rounds("a")), (vec!["a"], vec![1, 2]));
    let seat = case.claimed("a", 1);
    case.back("a", "a", Along).expect("the earlier visit is behind this one");
    assert!(case.state.seat(seat).is_some_and(|(a, _)| a.state == ActivationState::Returned));
    assert_eq!(case.rounds("a"), [1, 2, 3]);
}
#[test]
fn a_node_that_may_not_return_refuses() {
    let mut case = Case::started("start s\nuser a linli:returnable=\"false\"\nend e\nflow f1 s a\nflow f2 a e");
    assert_eq!(case.back("a", "applicant", Along), Err(Reason::NotReturnable.into()));
}
#[test]
fn resubmission_without_a_return_is_refused() {
    let mut case = Case::started(LINE);
    assert_eq!(case.by(APPLICANT, Verb::Resubmit { vars: serde_json::json!({}) }), Err(WorkflowError::NotAllowed(Reason::NotReturned)));
}
