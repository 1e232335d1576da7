//! 审批流程: what may happen next to a case, who may do it, and what happened.
//!
//! `model` reads and checks BPMN, `feel` evaluates conditions, `core` is the engine; none of the three does I/O. `store` keeps an
//! instance as one row beside its projections, `service` are the verbs, `query` what people read.
//! The engine knows no system: a service task names a topic, a case is a `subject_kind` and a `subject_id`.
//! Invariant: a running instance has an open task or an incident, and its history, folded, is its state.
pub mod core;
mod error;
pub mod feel;
pub mod model;
pub mod perm;
mod ports;
mod query;
mod routes;
pub mod service;
mod store;

pub use ports::{Papers, RuleHost, TopicHandler, Topics};
pub use routes::routes;

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, b| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{b:02x}");
        text
    })
}
