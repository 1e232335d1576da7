//! Rows of the engine. An instance is one row with its whole marking; tasks, timers and incidents are written beside it.
mod definition;
mod instance;
mod pool;
mod projection;

pub(crate) use definition::{Head, definition, in_force};
pub(crate) use instance::{InstanceRow, Link, append, by_id, create, link, locked, save, visible};
pub(crate) use pool::{holds, in_pool, members};
pub(crate) use projection::{name_of, project};

use linli_tenants::ScopeColumns;

/// Instances, tasks and incidents are scoped by the place, company and project of their subject.
pub(crate) const COLUMNS: ScopeColumns =
    ScopeColumns { area_path: Some("area_path"), company_id: Some("company_id"), project_id: Some("project_id"), ..ScopeColumns::NONE };
