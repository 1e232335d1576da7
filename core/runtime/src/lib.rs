//! What touches the world: databases and transactions, the event log, jobs, documents' bytes, mail, tables of clerks, keys.
//!
//! Every part has two forms behind one port (PostgreSQL or SQLite, S3 or a folder, Redis or in-process, SMTP or a folder);
//! both are the same code path and are driven by the same tests. Nothing here knows a tenant's rules or a person's rights:
//! `linli-tenants` gives a [`Db`] its tenant and a [`Tx`] its author.

pub mod audit;
pub mod bus;
pub mod crypto;
mod db;
mod event;
pub mod jobs;
pub mod mail;
pub mod notice;
pub mod number;
pub mod sheet;
mod sql;
pub mod store;
pub mod table;
mod tx;

pub use db::{Backend, Db, PostgresPool};
pub use event::{Author, Change, EventRow, ScopeIds};
pub use sql::{Sql, is_unique_violation};
pub use tx::{Key, Tx, TxEnv, forget_keys, transact};

#[cfg(test)]
mod testing;
