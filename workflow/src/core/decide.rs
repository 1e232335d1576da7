//! 决定: pure and total, asked again after every vote.
use super::state::{Action, Seat, SeatKind, SeatState};
use crate::model::Policy;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pending,
    Pass,
    Reject,
}

/// What the votes so far say under a policy. Cancelled seats and the applicant's never count.
pub fn decide(policy: Policy, seats: &[Seat]) -> Verdict {
    let voters = || seats.iter().filter(|s| s.kind == SeatKind::Approve && s.state != SeatState::Cancelled);
    let passed = |seat: &&Seat| seat.state == SeatState::Decided && seat.action == Some(Action::Approve);
    let rejected = |seat: &&Seat| seat.state == SeatState::Decided && seat.action == Some(Action::Reject);
    match policy {
        Policy::Single | Policy::Any => match voters().filter(|s| s.state == SeatState::Decided).min_by_key(|s| s.decided_at) {
            Some(first) if passed(&first) => Verdict::Pass,
            Some(first) if rejected(&first) => Verdict::Reject,
            _ => Verdict::Pending,
        },
        Policy::All => {
            let (all, yes) = (voters().count(), voters().filter(passed).count());
            if voters().any(|s| rejected(&s)) {
                Verdict::Reject
            } else if all > 0 && yes == all {
                Verdict::Pass
            } else {
                Verdict::Pending
            }
        }
    }
}
