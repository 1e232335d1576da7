//! What people read of the engine.
mod diagram;
mod incidents;
mod instance;
mod tasks;
mod timeline;
mod verify;

pub use diagram::{DiagramView, diagram};
pub use incidents::{IncidentView, incidents};
pub use instance::{InstanceBrief, instance};
pub(crate) use tasks::task_in;
pub use tasks::{Counts, ExplanationView, TaskQuery, TaskView, counts, explanation, task, tasks};
pub use timeline::{TimelineRow, timeline};
pub use verify::verify;
