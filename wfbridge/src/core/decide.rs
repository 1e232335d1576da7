//! 表决: seats → pending, pass or reject. Pure and total; asked again after every change of a seat.
use super::{Outcome, Seat, SeatState};
use crate::model::Policy;

/// `None` while it is open.
pub fn decide(policy: Policy, seats: &[Seat]) -> Option<Outcome> {
    let said = |word: &str| seats.iter().filter(|s| s.state == SeatState::Decided && s.action.as_deref() == Some(word)).count();
    let open = seats.iter().any(|s| s.state == SeatState::Open);
    match policy {
        Policy::Single | Policy::Any if said("approve") > 0 => Some(Outcome::Pass),
        Policy::Single | Policy::Any | Policy::All if said("reject") > 0 => Some(Outcome::Reject),
        Policy::All if !open && said("approve") > 0 => Some(Outcome::Pass),
        Policy::Single | Policy::Any | Policy::All => None,
    }
}
