//! 物业基础: the register of companies, projects, houses, people and owners, and what owners decide and object to.
//!
//! Enter at the file that bears the thing's name: `register` writes house tables, `bindings` decides whether a house is a
//! person's, `votes` and `publicities` carry what a system above (the fund) opens for its own subject. Pure and tested
//! without a database: `codes`, `electorate`, the rules in `bindings`, `votes` and `publicities`.
//!
//! Invariants: a name, an id number or a telephone leaves this crate masked only; no event holds one. A house's money is not
//! here: the 楼盘表 asks for it by [`ports::HouseFigures`]. Whether a vote passed is its subject's rule, not ours.

mod area;
pub mod bindings;
pub mod buildings;
pub mod codes;
pub mod committees;
pub mod companies;
pub mod electorate;
pub mod facts;
pub mod houses;
mod http;
mod list;
pub mod model;
pub mod objections;
pub mod owners;
pub mod perm;
pub mod persons;
pub mod ports;
pub mod projects;
pub mod public;
pub mod publicities;
pub mod register;
pub mod votes;

pub(crate) use area::area_in_scope;
pub use electorate::Electorate;
pub use houses::{HouseBrief, ScopeKind, ScopeOf, houses_in_scope};
pub use http::routes;
pub use list::{insert_all, placeholders};
pub use owners::{accounts_of_houses, electorate, owners_of};
