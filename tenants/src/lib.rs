//! 租户 and their people: who asks, in which city, with which rights, on which rows.
//!
//! [`Ctx`] is the first argument of every use case. It is made by its HTTP extractor (or [`Ctx::system`] for jobs) and is the
//! only way to a tenant's database: no tenant's handle, no query.
extern crate self as linli_tenants;

pub mod app;
mod ctx;
pub mod http;
mod ports;
mod scope;
mod tenant;

pub use app::App;
pub use ctx::{Actor, ActorKind, Ctx};
pub use ports::{JobHandler, JobRun, Ports, PostTarget, PostTargets, Report, Subject, SubjectState};
pub use scope::{Scope, ScopeColumns, Scoped};
pub use tenant::{Policy, Tenant};
