//! The verbs. Systems call `start`, `resubmit`, `terminate` inside their own transaction; people's verbs are one each.
mod answer;
mod definitions;
mod engine;
mod instances;
mod tasks;
mod tell;
mod tick;

pub use definitions::{
    DefinitionCreate, DefinitionView, check, create, get_definition, has_definition, install_definition, list_definitions, publish,
};
pub use instances::{Copy, InstanceView, Start, copy, resubmit, retry, start, terminate, urge, withdraw};
pub use tasks::{Approve, Decided, Reject, Return, SubjectBrief, Transfer, approve, claim, reject, release, return_to, transfer};
pub use tick::tick;

pub use crate::query::{
    Counts, DiagramView, ExplanationView, IncidentView, InstanceBrief, TaskQuery, TaskView, TimelineRow, counts, diagram, explanation,
    incidents, instance, task, tasks, timeline, verify,
};

#[cfg(test)]
mod tests;
