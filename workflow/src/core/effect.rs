//! What follows from a transition for the outside: people are told, timers are armed.
use uuid::Uuid;

use super::{
    event::Event,
    state::{Instance, InstanceState, SeatState},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A seat opened; `assignee` is `None` for a pool.
    Assigned {
        seat: Uuid,
        node: String,
        assignee: Option<Uuid>,
    },
    Transferred {
        seat: Uuid,
        node: String,
        to: Uuid,
    },
    Urged {
        seat: Uuid,
        node: String,
        assignee: Option<Uuid>,
    },
    Copied {
        to: Uuid,
    },
    /// A boundary timer fired beside a step that stays open.
    DueSoon {
        seat: Uuid,
        node: String,
        assignee: Option<Uuid>,
    },
    /// The case lies with the applicant.
    ReturnedToApplicant,
    Arm {
        timer: u64,
        due_at: i64,
    },
    Disarm {
        timer: u64,
    },
    /// The state of the whole instance changed.
    Became(InstanceState),
}

pub(super) fn effects(before: &Instance, after: &Instance, events: &[Event]) -> Vec<Effect> {
    let mut all = Vec::new();
    let was_open = |id: Uuid| before.seat(id).is_some_and(|(_, s)| s.state == SeatState::Open);
    for (activation, seat) in after.open_seats().filter(|(_, s)| !was_open(s.id)) {
        all.push(Effect::Assigned { seat: seat.id, node: activation.node.clone(), assignee: seat.assignee });
    }
    let node = |seat: Uuid| after.seat(seat).map(|(a, _)| a.node.clone()).unwrap_or_default();
    for event in events {
        match event {
            Event::SeatTransferred { seat, to, .. } => all.push(Effect::Transferred { seat: *seat, node: node(*seat), to: *to }),
            Event::SeatUrged { seat, .. } => {
                let assignee = after.seat(*seat).and_then(|(_, s)| s.assignee);
                all.push(Effect::Urged { seat: *seat, node: node(*seat), assignee });
            }
            Event::CopySent { copy } => all.push(Effect::Copied { to: copy.to }),
            Event::TimerFired { timer, .. } => {
                let host = before.timers.iter().find(|t| t.id == *timer).and_then(|t| after.activation(t.activation));
                for seat in host.iter().flat_map(|a| &a.seats).filter(|s| s.state == SeatState::Open) {
                    all.push(Effect::DueSoon { seat: seat.id, node: node(seat.id), assignee: seat.assignee });
                }
            }
            _ => {}
        }
    }
    for timer in after.timers.iter().filter(|t| !before.timers.contains(t)) {
        all.push(Effect::Arm { timer: timer.id, due_at: timer.due_at });
    }
    for timer in before.timers.iter().filter(|t| !after.timers.iter().any(|o| o.id == t.id)) {
        all.push(Effect::Disarm { timer: timer.id });
    }
    if after.is_returned() && !before.is_returned() {
        all.push(Effect::ReturnedToApplicant);
    }
    if before.state != after.state {
        all.push(Effect::Became(after.state));
    }
    all
}
