//! The verbs, each one transaction.
mod definitions;
mod queries;
mod run;

pub use definitions::{DefinitionCreate, DefinitionView, check, create, get_definition, install_definition, list_definitions, publish};
pub use queries::{Counts, DiagramView, Explanation, IncidentView, InstanceBrief, TaskQuery, TaskView, TimelineRow, counts, diagram, explanation, incidents, instance, tasks, timeline, verify};
pub use run::{
    Approve, Decided, InstanceState as InstanceView, Reject, Return, Start, SubjectBrief, Transfer, approve, claim, has_definition, reject, release, resubmit, retry, return_to, start,
    terminate, tick, transfer, urge, withdraw,
};
