//! The scenarios of workflow.md §7 that this part supports, by their numbers. Every step of every one of them checks that
//! the events replay to the state and that no seat is open in an ended instance.
mod approvals;
mod case;
mod gateways;
mod random;
mod returns;
mod timers;
