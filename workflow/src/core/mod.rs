//! The pure engine: [`step`] takes a definition, a state and a command and returns a new state, or what it needs to know.
//!
//! Invariants: no I/O, no clock, no random number; every change of the state is an [`Event`], so that folding the events
//! gives the state again; an instance that has ended holds no token and no open seat.
mod answers;
mod back;
mod command;
mod decide;
mod effect;
mod error;
mod event;
mod machine;
mod open;
mod query;
mod state;
mod timers;
mod verbs;

pub use answers::{Answer, Need, Resolved};
pub use command::{Actor, Command, ResubmitMode, Verb};
pub use decide::{Verdict, decide};
pub use effect::Effect;
pub use error::{Reason, WorkflowError};
pub use event::{Event, replay};
pub use query::{Allowed, Explanation, ReturnTarget, Sentence, allowed_actions, allowed_instance_actions, explain, return_targets};
pub use state::{
    APPLICANT, Action, Activation, ActivationState, Branch, CancelReason, Clock, Copied, Firing, Incident, IncidentKind, Instance,
    InstanceState, Jump, Pause, Place, Seat, SeatKind, SeatState, Timer, Token,
};

use crate::model::Definition;

/// What one command changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// The new state; its `rev` is one more than before.
    pub instance: Instance,
    /// The facts, in order; together they are this change of the state.
    pub events: Vec<Event>,
    /// What the outside must do about it.
    pub effects: Vec<Effect>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum StepOutcome {
    Done(Box<Transition>),
    /// Answer these and call again with the same state and command.
    Needs(Vec<Need>),
}

/// One command on one instance. The given state is not changed.
pub fn step(definition: &Definition, instance: &Instance, command: &Command, resolved: &Resolved) -> Result<StepOutcome, WorkflowError> {
    let mut machine = machine::Machine::new(definition, instance.clone(), command, resolved);
    match machine.execute() {
        Ok(()) => {
            let (mut after, events) = machine.finish();
            after.rev = instance.rev + 1;
            let effects = effect::effects(instance, &after, &events);
            Ok(StepOutcome::Done(Box::new(Transition { instance: after, events, effects })))
        }
        Err(machine::Halt::Need(need)) => Ok(StepOutcome::Needs(vec![*need])),
        Err(machine::Halt::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests;
