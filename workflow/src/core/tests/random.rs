//! Random commands on random models: nothing gets stuck (W1), nothing is left over (W2), events replay (W5).
use proptest::prelude::*;
use serde_json::json;

use super::case::{APPLICANT, Case, FORK, LINE, person};
use crate::core::{Actor, InstanceState, ResubmitMode, SeatKind, Verb, return_targets};

const MODELS: [&str; 5] = [
    LINE,
    FORK,
    "start s\nuser z\nparallel fork\nuser a1\nuser a2 linli:policy=\"all\"\nuser b linli:policy=\"any\"\nparallel join\nuser c\nend e\nflow f0 s z\nflow f1 z fork\nflow f2 fork a1\nflow f3 a1 a2\nflow f4 fork b\nflow f5 a2 join\nflow f6 b join\nflow f7 join c\nflow f8 c e",
    "start s\nparallel f\nparallel g\nuser a\ntimer t a beside 2\nend te\nuser b\nuser c\nparallel j\nparallel k\nuser d\nend e\nflow ft t te\nflow f1 s f\nflow f2 f g\nflow f3 f c\nflow f4 g a\nflow f5 g b\nflow f6 a j\nflow f7 b j\nflow f8 j k\nflow f9 c k\nflow f10 k d\nflow f11 d e",
    "start s\nuser a\nrule cap\nexclusive x default=\"out\"\nuser b\ntimer t b interrupting 3\nuser late\nend e\nflow f1 s a\nflow f2 a cap\nflow f6 cap x\nflow again x a cap = false\nflow out x b\nflow f3 b e\nflow f4 t late\nflow f5 late e",
];

/// One random act; what is refused changes nothing and is ignored.
fn act(case: &mut Case, choice: u8, pick: usize) {
    let seats: Vec<(uuid::Uuid, SeatKind, Option<uuid::Uuid>)> = case.state.open_seats().map(|(_, s)| (s.id, s.kind, s.assignee)).collect();
    let before = case.state.clone();
    case.rule = json!(pick.is_multiple_of(3));
    let officers: Vec<_> = seats.iter().filter(|(_, kind, _)| *kind == SeatKind::Approve).collect();
    let chosen = officers.get(pick % officers.len().max(1)).copied().copied();
    let mode = if pick.is_multiple_of(2) { ResubmitMode::Along } else { ResubmitMode::Straight };
    let result = match (choice % 9, chosen) {
        (0..=3, Some((seat, _, who))) => {
            let who = who.unwrap_or_else(|| {
                let _ = case.by(1, Verb::Claim { seat });
                person(1)
            });
            if choice % 9 == 3 {
                let targets = return_targets(&case.definition, &case.state, seat);
                let to = targets[pick % targets.len()].to.clone();
                let done = case.run(Actor::person(who), Verb::Return { seat, to: to.clone(), mode, opinion: None });
                assert!(done.is_ok(), "an offered target is a legal one: {to} {done:?}");
                done
            } else {
                case.run(Actor::person(who), Verb::Approve { seat, opinion: None, form: None })
            }
        }
        (4, Some((seat, _, Some(who)))) => case.run(Actor::person(who), Verb::Transfer { seat, to: person(7), reason: "x".into() }),
        (5, _) => case.by(APPLICANT, Verb::Withdraw),
        (6, _) => case.by(APPLICANT, Verb::Urge),
        (7, _) if !case.state.timers.is_empty() => case.fire(),
        _ => case.by(APPLICANT, Verb::Resubmit { vars: json!({}) }),
    };
    if result.is_err() && case.state.rev == before.rev {
        assert_eq!(case.state, before);
    }
}

/// From wherever it is, ordinary work brings it to an end.
fn finish(case: &mut Case) {
    case.rule = json!(true);
    for _ in 0..200 {
        if matches!(case.state.state, InstanceState::Withdrawn) || case.state.is_returned() {
            case.by(APPLICANT, Verb::Resubmit { vars: json!({}) }).expect("resubmits");
            continue;
        }
        if case.state.state.is_ended() {
            return;
        }
        let (seat, who) = case.state.open_seats().map(|(_, s)| (s.id, s.assignee)).next().expect("a running instance has an open seat");
        let who = who.unwrap_or_else(|| {
            case.by(1, Verb::Claim { seat }).expect("claims");
            person(1)
        });
        case.run(Actor::person(who), Verb::Approve { seat, opinion: None, form: None }).expect("approves");
    }
    panic!("it never ends: {:?}", case.open());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn random_work_never_gets_stuck(model in 0usize..MODELS.len(), acts in prop::collection::vec((any::<u8>(), 0usize..7), 0..40)) {
        let mut case = Case::started(MODELS[model]);
        for (choice, pick) in acts {
            act(&mut case, choice, pick);
        }
        finish(&mut case);
        prop_assert_eq!(case.state.state, InstanceState::Completed);
        prop_assert!(case.state.incidents.is_empty());
    }
}
