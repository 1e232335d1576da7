use super::*;
use sea_orm::{ActiveEnum, Iterable};

#[test]
fn the_ordinary_way_leads_from_proposal_to_archive() {
    use UseStep::*;
    let steps = [
        Survey,
        SetScheme,
        Allocate,
        OpenVote,
        Pass,
        Publicise,
        Object,
        Answer,
        Submit,
        Return,
        Submit,
        File,
        Contract,
        PayAdvance,
        Start,
        PayProgress,
        Complete,
        Accept,
        CostAudit,
        PubliciseSettlement,
        Settle,
        PayRetention,
        Archive,
    ];
    let mut state = UseState::Proposed;
    for step in steps {
        state = state.step(step).unwrap_or_else(|| panic!("{step:?} from {state:?}"));
    }
    assert_eq!(state, UseState::Archived);
}

#[test]
fn nothing_follows_an_end() {
    for state in UseState::iter() {
        let ended = matches!(state, UseState::Rejected | UseState::Archived | UseState::Terminated);
        assert_eq!(state.next().is_empty(), ended, "{state:?}");
    }
}

#[test]
fn a_step_has_one_target_and_every_state_can_be_reached() {
    let mut reached: Vec<UseState> = vec![UseState::Proposed];
    for state in UseState::iter() {
        let steps: std::collections::HashSet<_> = state.next().iter().map(|(s, _)| *s).collect();
        assert_eq!(steps.len(), state.next().len(), "{state:?} has a step twice");
        reached.extend(state.next().iter().map(|(_, to)| *to));
    }
    assert!(UseState::iter().all(|s| reached.contains(&s)));
}

#[test]
fn a_state_reads_the_same_in_sql_json_and_events() {
    for state in UseState::iter() {
        assert_eq!(state.to_value(), state.as_str());
        assert_eq!(serde_json::to_value(state).expect("a text"), state.as_str());
    }
}
