//! Linli's plugin host (插件平台): city rules as WASM components that import nothing (design: plugins.md).
//!
//! A rule weighs, tests and explains; the core computes the money, recomputes every check and renders every sentence.
//! [`Host::verify`] takes a package in, [`Loaded::allocate`] and [`Loaded::test`] ask it.

mod allocation;
mod archive;
mod artefact;
mod bindings;
pub mod bound;
mod call;
mod compile;
mod context;
mod engine;
mod error;
mod host;
mod http;
pub mod incidents;
mod inspect;
pub mod install;
pub mod json;
mod manifest;
mod messages;
mod package;
pub mod perm;
pub mod points;
mod port;
pub mod registry;
pub mod rules;
mod schema;
mod signature;
#[cfg(test)]
mod testing;
mod threshold;
mod values;
mod verify;

pub use allocation::{Allocated, AllocationInput, House, Plan, Share, Work};
pub use call::Spent;
pub use compile::{Compiler, child_compile};
pub use context::Context;
pub use error::{PluginError, Refusal};
pub use host::{Host, HostError, Loaded, PackageBytes};
pub use http::routes;
pub use inspect::{InspectError, Inspection, inspect, run};
pub use install::InstallRules;
pub use manifest::{Manifest, World};
pub use messages::{Basis, Explained};
pub use package::Package;
pub use port::Rules;
pub use rules::{Case, PluginRef, Ruled};
pub use schema::{Params, Schema};
pub use signature::Signer;
pub use threshold::{Check, Facts, LawFloor, Verdict};
pub use verify::{TestReport, TestRow, Verified};
