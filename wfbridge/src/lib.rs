//! 审批流程: what may happen next to a case, who may do it, and what happened.
//!
//! `model` reads BPMN, `feel` evaluates conditions, `core` is the pure step; `store` keeps an instance as one row, `service`
//! are the verbs. The engine knows no system: a service task names a topic, a case is a `subject_kind` and `subject_id`.
//! Invariant: a live instance has an open task, a timer, an incident, or waits for its applicant.

pub mod core;
pub mod error;
pub mod feel;
pub mod model;
pub mod perm;
mod ports;
mod routes;
pub mod service;
mod store;

pub use ports::{Papers, RuleHost, TopicHandler, Topics};
pub use routes::routes;
