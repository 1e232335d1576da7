//! Where the instance stands, for the page.
use serde::{Deserialize, Serialize};

use super::{Instance, Outcome, SeatState};
use crate::model::{Definition, NodeKind};

/// One user task in the order of the drawing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Step {
    #[schema(example = "second_review")]
    pub node: String,
    #[schema(example = "复核")]
    pub name: String,
    pub state: StepState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not reached in this round.
    Waiting,
    Open,
    Done,
}

/// The user tasks with their state in the present round.
pub fn steps(d: &Definition, instance: &Instance) -> Vec<Step> {
    let state_of = |node: usize| {
        let mut found = StepState::Waiting;
        for activation in instance.activations.iter().filter(|a| a.node == node && a.round == instance.round) {
            if activation.seats.iter().any(|s| s.state == SeatState::Open) {
                return StepState::Open;
            }
            found = match activation.outcome {
                Some(Outcome::Pass | Outcome::Reject) => StepState::Done,
                Some(Outcome::Cancelled) | None => StepState::Waiting,
            };
        }
        found
    };
    let tasks = d.nodes.iter().enumerate().filter(|(_, n)| matches!(n.kind, NodeKind::User(_)));
    tasks.map(|(i, n)| Step { node: n.id.clone(), name: n.name.clone(), state: state_of(i) }).collect()
}
