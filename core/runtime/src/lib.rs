//! What touches the world: databases and transactions, the event log, jobs, documents' bytes, mail, tables of clerks, keys.
//!
//! Every part has two forms behind one port (PostgreSQL or SQLite, S3 or a folder, Redis or in-process, SMTP or a folder);
//! both are the same code path and are driven by the same tests. Nothing here knows a tenant's rules or a person's rights:
//! `linli-tenants` gives a [`Db`] its tenant and a [`Tx`] its author.

mod db;
mod event;
mod sql;
mod tx;

pub use db::{Backend, Db, PostgresPool};
pub use event::{Author, Change, EventRow, ScopeIds};
pub use sql::{Sql, is_unique_violation};
pub use tx::{Key, Tx, TxEnv, transact};
