//! 租户 and their people: who asks, in which city, with which rights, on which rows.
//!
//! [`Ctx`] is the first argument of every use case. It is made by its HTTP extractor (or [`Ctx::system`] for jobs) and is the
//! only way to a tenant's database: no tenant's handle, no query.
extern crate self as linli_tenants;

pub mod accounts;
mod actions;
pub mod app;
pub mod areas;
pub mod background;
pub mod calendar;
mod cell_postgres;
mod ctx;
pub mod dicts;
pub mod feed;
pub mod http;
pub mod invitations;
pub mod jobs;
pub mod notices;
pub mod pack;
mod password;
pub mod perm;
pub mod platform;
pub mod policy;
mod ports;
pub mod posts;
mod provision;
mod registry;
pub mod routes;
mod scope;
pub mod sessions;
pub mod settings;
mod tenant;

pub use actions::{Actions, AllowedAction};
pub use app::{App, AppConfig};
pub use ctx::{Actor, ActorKind, Ctx};
pub use http::{PlatformCtx, Visitor};
pub use pack::Pack;
pub use ports::{
    JobHandler, JobRun, People, PersonInput, Ports, PostTarget, PostTargets, ProvisionStep, Report, Subject, SubjectState, Tick,
};
pub use routes::{platform_routes, routes};
pub use scope::{Scope, ScopeColumns, Scoped};
pub use tenant::{Policy, Tenant};

#[cfg(test)]
mod testing;
