//! 维修资金: what houses owe and deposit, the tables that clerks bring, and the use of the fund from proposal to archive.
//!
//! Enter at [`service`]: one file is one thing that a person can do. [`rules`] knows no clock, no database, no tenant; the life
//! of a use stands in [`use_state`].
//!
//! * Invariant: nothing here writes a balance; money moves only through `linli_ledger::post` and its holds.
//! * Invariant: a share list always sums to its total to the fen (I6).
//! * Invariant: who made a record never takes its second step (`duty.same_person`), whatever his posts.
//! * Absent on purpose: no SQL on the register's tables (asked of `linli_property`), no rule of a city (asked of
//!   `linli_plugins`), no step of its review (the city's BPMN flow, whose topics are in [`process`]).
extern crate self as linli_fund;

mod allocation;
mod change;
pub mod error;
pub mod figures;
mod flow;
mod guard;
mod http;
mod ids;
mod list;
pub mod me;
pub mod model;
mod paying;
pub mod perm;
pub mod process;
pub mod public;
mod rounds;
pub mod rules;
pub mod service;
pub mod shares;
pub mod subject;
mod tell;
pub mod use_state;
pub mod use_view;
pub mod uses;

use std::sync::Arc;

use linli_property::ports::FiguresPort;
use linli_tenants::Ports;

pub use http::routes;
pub use ids::CorrectionId;

/// Puts the fund's subjects, jobs and figures into the program's ports. Its topics go into the engine's registry: [`process::topics`].
pub fn plug_in(ports: &mut Ports) {
    ports.add_subject(Arc::new(subject::UseSubject));
    ports.add_subject(Arc::new(subject::PaymentSubject));
    ports.add_subject(Arc::new(subject::ImportSubject));
    ports.add_subject(Arc::new(subject::DepositSubject));
    ports.add_subject(Arc::new(subject::CorrectionSubject));
    ports.add_job(Arc::new(service::import_check::CheckJob));
    ports.add_job(Arc::new(service::import_commit::CommitJob));
    ports.add(FiguresPort(Arc::new(figures::FundFigures)));
}
