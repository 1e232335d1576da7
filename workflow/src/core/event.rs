//! The facts of which a state is made. Nothing changes an instance but [`Instance::apply`].
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::state::{
    Action, Activation, ActivationState, CancelReason, Clock, Copied, Firing, Incident, Instance, InstanceState, Place, Seat, SeatState,
    Timer, Token,
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Event {
    Started {
        id: Uuid,
        definition: String,
        applicant: Uuid,
        area_path: String,
        at: i64,
    },
    RoundBegan {
        round: u32,
    },
    VarsSet {
        vars: Value,
    },
    /// A new token, or an old one in a new place.
    TokenPlaced {
        token: Token,
    },
    TokenTaken {
        token: u64,
    },
    JoinFired {
        firing: Firing,
    },
    /// A fork used a number for itself.
    Forked {
        fork: u64,
    },
    ActivationOpened {
        activation: Activation,
    },
    SeatsAdded {
        activation: u64,
        seats: Vec<Seat>,
    },
    /// Restored by a `straight` return, earlier votes included.
    ActivationReopened {
        activation: u64,
        seats: Vec<Uuid>,
        due_at: Option<i64>,
    },
    ActivationClosed {
        activation: u64,
        state: ActivationState,
        at: i64,
    },
    DueMoved {
        activation: u64,
        due_at: Option<i64>,
    },
    SeatClaimed {
        seat: Uuid,
        by: Uuid,
    },
    SeatReleased {
        seat: Uuid,
    },
    SeatTransferred {
        seat: Uuid,
        from: Option<Uuid>,
        to: Uuid,
        reason: String,
    },
    SeatDecided {
        seat: Uuid,
        by: Option<Uuid>,
        on_behalf: Option<Uuid>,
        action: Action,
        opinion: Option<String>,
        reason: Option<String>,
        at: i64,
    },
    SeatCancelled {
        seat: Uuid,
        reason: CancelReason,
    },
    SeatUrged {
        seat: Uuid,
        at: i64,
    },
    CopySent {
        copy: Copied,
    },
    Returned {
        from: String,
        to: String,
    },
    /// Nodes that a `straight` return passed over.
    Skipped {
        nodes: Vec<String>,
    },
    TimerArmed {
        timer: Timer,
    },
    TimerDropped {
        timer: u64,
    },
    TimerFired {
        timer: u64,
        node: String,
    },
    IncidentOpened {
        incident: Incident,
    },
    IncidentResolved {
        incident: u64,
    },
    TopicRan {
        node: String,
        topic: String,
    },
    RuleAsked {
        node: String,
        point: String,
    },
    ClockSet {
        clock: Clock,
    },
    StateSet {
        state: InstanceState,
        reason: Option<String>,
        at: i64,
    },
}

/// Folds the events of all transitions, oldest first, to the state.
pub fn replay<'a>(id: Uuid, transitions: impl IntoIterator<Item = &'a [Event]>) -> Instance {
    let mut instance = Instance::new(id);
    for events in transitions {
        for event in events {
            instance.apply(event);
        }
        instance.rev += 1;
    }
    instance
}

impl Instance {
    fn used(&mut self, number: u64) {
        self.next = self.next.max(number + 1);
    }
    fn activation_mut(&mut self, id: u64) -> Option<&mut Activation> {
        self.activations.iter_mut().find(|a| a.id == id)
    }
    fn seat_mut(&mut self, id: Uuid) -> Option<&mut Seat> {
        self.activations.iter_mut().flat_map(|a| &mut a.seats).find(|s| s.id == id)
    }

    /// The one place where a state changes. An event about what is not there changes nothing.
    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::Started { id, definition, applicant, area_path, at } => {
                self.id = *id;
                self.definition.clone_from(definition);
                self.applicant = *applicant;
                self.area_path.clone_from(area_path);
                self.started_at = *at;
                self.state = InstanceState::Running;
            }
            Event::RoundBegan { round } => self.round = *round,
            Event::VarsSet { vars } => merge(&mut self.vars, vars),
            Event::TokenPlaced { token } => {
                self.used(token.id);
                match self.tokens.iter_mut().find(|t| t.id == token.id) {
                    Some(old) => *old = token.clone(),
                    None => self.tokens.push(token.clone()),
                }
            }
            Event::TokenTaken { token } => self.tokens.retain(|t| t.id != *token),
            Event::JoinFired { firing } => {
                self.used(firing.id);
                self.firings.push(firing.clone());
            }
            Event::Forked { fork } => self.used(*fork),
            Event::ActivationOpened { activation } => {
                self.used(activation.id);
                self.activations.push(activation.clone());
            }
            Event::StateSet { state, at, .. } => {
                self.state = *state;
                self.ended_at = state.is_ended().then_some(*at);
                self.suspended_at = (*state == InstanceState::Suspended).then_some(*at);
            }
            Event::TimerArmed { timer } => {
                self.used(timer.id);
                self.timers.retain(|t| t.id != timer.id);
                self.timers.push(timer.clone());
            }
            Event::TimerDropped { timer } | Event::TimerFired { timer, .. } => self.timers.retain(|t| t.id != *timer),
            Event::IncidentOpened { incident } => {
                self.used(incident.id);
                self.incidents.push(incident.clone());
            }
            Event::IncidentResolved { incident } => self.incidents.retain(|i| i.id != *incident),
            Event::CopySent { copy } => self.copies.push(copy.clone()),
            Event::ClockSet { clock } => self.clock = Some(clock.clone()),
            Event::Returned { .. } | Event::Skipped { .. } | Event::TopicRan { .. } | Event::RuleAsked { .. } => {}
            Event::SeatsAdded { .. }
            | Event::ActivationReopened { .. }
            | Event::ActivationClosed { .. }
            | Event::DueMoved { .. }
            | Event::SeatClaimed { .. }
            | Event::SeatReleased { .. }
            | Event::SeatTransferred { .. }
            | Event::SeatDecided { .. }
            | Event::SeatCancelled { .. }
            | Event::SeatUrged { .. } => self.apply_to_activation(event),
        }
    }

    fn apply_to_activation(&mut self, event: &Event) {
        match event {
            Event::SeatsAdded { activation, seats } => {
                if let Some(a) = self.activation_mut(*activation) {
                    a.seats.extend(seats.iter().cloned());
                }
            }
            Event::ActivationReopened { activation, seats, due_at } => {
                if let Some(a) = self.activation_mut(*activation) {
                    a.state = ActivationState::Open;
                    a.closed_at = None;
                    a.due_at = *due_at;
                    for seat in a.seats.iter_mut().filter(|s| seats.contains(&s.id)) {
                        seat.state = SeatState::Open;
                        seat.cancelled = None;
                    }
                }
            }
            Event::ActivationClosed { activation, state, at } => {
                if let Some(a) = self.activation_mut(*activation) {
                    a.state = *state;
                    a.closed_at = Some(*at);
                }
            }
            Event::DueMoved { activation, due_at } => {
                if let Some(a) = self.activation_mut(*activation) {
                    a.due_at = *due_at;
                }
            }
            Event::SeatClaimed { seat, by } => {
                if let Some(s) = self.seat_mut(*seat) {
                    s.assignee = Some(*by);
                    s.owner = s.owner.or(Some(*by));
                }
            }
            Event::SeatReleased { seat } => {
                if let Some(s) = self.seat_mut(*seat) {
                    s.assignee = None;
                }
            }
            Event::SeatTransferred { seat, to, .. } => {
                if let Some(s) = self.seat_mut(*seat) {
                    s.assignee = Some(*to);
                    s.transfers += 1;
                }
            }
            Event::SeatDecided { seat, by, on_behalf, action, opinion, reason, at } => {
                if let Some(s) = self.seat_mut(*seat) {
                    s.state = SeatState::Decided;
                    (s.actor, s.on_behalf, s.action, s.decided_at) = (*by, *on_behalf, Some(*action), Some(*at));
                    s.opinion.clone_from(opinion);
                    s.reason.clone_from(reason);
                }
            }
            Event::SeatCancelled { seat, reason } => {
                if let Some(s) = self.seat_mut(*seat) {
                    s.state = SeatState::Cancelled;
                    s.cancelled = Some(reason.clone());
                }
            }
            Event::SeatUrged { seat, at } => {
                if let Some(s) = self.seat_mut(*seat) {
                    s.urged_at = Some(*at);
                }
            }
            // `apply` sends only the events above here.
            _ => {}
        }
    }
}

fn merge(into: &mut Value, from: &Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        for (key, value) in from {
            into.insert(key.clone(), value.clone());
        }
    }
}

/// Where a token is, for the drawing of the flow.
pub(super) fn is_waiting_at(token: &Token, flow: &str) -> bool {
    matches!(&token.at, Place::Flow(f) if f == flow)
}
