use serde_json::json;

use super::case::{Case, FORK};
use crate::core::{Actor, IncidentKind, InstanceState, Verb, WorkflowError};

const CHOICE: &str = "start s\nexclusive x default=\"low\"\nuser a\nuser b\nend e\nflow f1 s x\nflow high x a number(amount) > 1000\nflow low x b\nflow f2 a e\nflow f3 b e";

#[test]
fn the_first_true_condition_is_taken_else_the_default() {
    assert_eq!(Case::started_with(CHOICE, json!({ "amount": "1000.01" })).open(), ["a"]);
    assert_eq!(Case::started_with(CHOICE, json!({ "amount": "1000.00" })).open(), ["b"]);
}
#[test]
fn s11_a_condition_that_is_null_is_an_incident_that_names_the_variable_and_a_retry_goes_on() {
    let mut case = Case::started(CHOICE);
    let incident = case.state.incidents.first().expect("an incident").clone();
    assert_eq!((incident.kind, incident.about.as_str(), incident.node.as_str()), (IncidentKind::Condition, "amount", "x"));
    assert!(case.open().is_empty());
    case.run(Actor::SYSTEM, Verb::Retry { incident: incident.id, vars: json!({ "amount": "5000.00" }) }).expect("retries");
    assert_eq!((case.open(), case.state.incidents.len()), (vec!["a"], 0));
}
#[test]
fn s11_a_value_of_the_wrong_type_is_an_incident_too() {
    let case = Case::started_with(CHOICE, json!({ "amount": "plenty" }));
    assert_eq!(case.state.incidents.first().map(|i| i.about.as_str()), Some("amount"));
}
#[test]
fn topics_run_in_order_and_a_failed_one_is_an_incident() {
    let lines = "start s\nservice accept\nuser a\nservice hold\nend e\nflow f1 s accept\nflow f2 accept a\nflow f3 a hold\nflow f4 hold e";
    let mut case = Case::started(lines);
    assert_eq!(case.ran, ["fund.use.accept"]);
    case.failing.push("fund.use.hold".into());
    case.approve("a");
    let incident = case.state.incidents.first().expect("an incident").clone();
    assert_eq!((incident.kind, incident.node.as_str()), (IncidentKind::Topic, "hold"));
    case.is(InstanceState::Running);
    case.failing.clear();
    case.run(Actor::SYSTEM, Verb::Retry { incident: incident.id, vars: json!({}) }).expect("retries");
    case.is(InstanceState::Completed);
    assert_eq!(case.ran, ["fund.use.accept", "fund.use.hold"]);
}
#[test]
fn a_rule_answers_into_a_variable_that_a_gateway_reads() {
    let lines = "start s\nrule cap\nexclusive x default=\"no\"\nuser a\nuser b\nend e\nflow f0 s cap\nflow f1 cap x\nflow yes x a cap.strict = true\nflow no x b\nflow f2 a e\nflow f3 b e";
    let mut case = Case::new(lines);
    case.rule = json!({ "strict": true });
    let verb = Verb::Start { applicant: super::case::person(99), area_path: "37/3799/".into(), vars: json!({}) };
    case.run(Actor::SYSTEM, verb).expect("starts");
    assert_eq!(case.open(), ["a"]);
}
#[test]
fn a_terminate_end_cancels_the_other_branches() {
    let lines = "start s\nparallel fork\nuser a\nuser b\nend e\nterminate t\nflow f1 s fork\nflow f2 fork a\nflow f3 fork b\nflow f4 a t\nflow f5 b e";
    let mut case = Case::started(lines);
    case.approve("a");
    case.is(InstanceState::Completed);
}
#[test]
fn an_implicit_split_takes_every_flow_and_an_implicit_merge_does_not_wait() {
    let lines =
        "start s\nuser a\nuser b\nuser c\nuser d\nend e\nflow f1 s a\nflow f2 a b\nflow f3 a c\nflow f4 b d\nflow f5 c d\nflow f6 d e";
    let mut case = Case::started(lines);
    case.approve("a");
    assert_eq!(case.open(), ["b", "c"]);
    case.approve("b");
    case.approve("c");
    assert_eq!((case.open(), case.rounds("d")), (vec!["d", "d"], vec![1, 2]));
}
#[test]
fn nested_forks_join_from_the_inside() {
    let lines = "start s\nparallel f\nparallel g\nuser a\nuser b\nuser c\nparallel j\nparallel k\nuser d\nend e
        flow f1 s f\nflow f2 f g\nflow f3 f c\nflow f4 g a\nflow f5 g b\nflow f6 a j\nflow f7 b j\nflow f8 j k\nflow f9 c k\nflow f10 k d\nflow f11 d e";
    let mut case = Case::started(lines);
    case.approve("c");
    case.approve("a");
    assert_eq!(case.open(), ["b"]);
    case.approve("b");
    assert_eq!(case.open(), ["d"]);
    // Back into the inner branch: the inner and the outer arrivals stand again.
    case.back("d", "a", crate::core::ResubmitMode::Along).expect("returns");
    case.approve("a");
    assert_eq!((case.open(), case.rounds("b"), case.rounds("c")), (vec!["d"], vec![1], vec![1]));
    assert!(case.state.tokens.iter().all(|t| t.branches.is_empty()));
}
#[test]
fn a_loop_without_a_rest_is_over_the_budget_and_changes_nothing() {
    let lines = "start s\nexclusive x default=\"out\"\nservice again\nuser a\nend e\nflow f1 s x\nflow loop x again n = 1\nflow f2 again x\nflow out x a\nflow f3 a e";
    let mut case = Case::new(lines);
    let verb = Verb::Start { applicant: super::case::person(99), area_path: String::new(), vars: json!({ "n": 1 }) };
    let (definition, state) = (case.definition.clone(), case.state.clone());
    let command = crate::core::Command { id: uuid::Uuid::nil(), actor: Actor::SYSTEM, at: 0, verb: verb.clone() };
    // Every topic is answered at once, as a caller would who never gives up.
    let mut resolved = crate::core::Resolved::member();
    resolved.answers.insert("due:0:20".into(), crate::core::Answer::Instant(1));
    for n in 1..=10_001 {
        resolved.answers.insert(format!("topic:{n}:again"), crate::core::Answer::Done(json!(null)));
    }
    assert_eq!(crate::core::step(&definition, &state, &command, &resolved), Err(WorkflowError::Budget));
    case.definition = definition;
    assert!(case.log.is_empty());
}
#[test]
fn an_unknown_seat_is_not_found() {
    let mut case = Case::started(FORK);
    assert_eq!(case.by(1, Verb::Claim { seat: uuid::Uuid::nil() }), Err(WorkflowError::NotFound));
}
