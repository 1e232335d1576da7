//! One tenant's (or the platform's) database: PostgreSQL with a pool of its own, or one SQLite file.
use std::{path::Path, time::Duration};

use linli_kernel::Problem;
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

/// Which of the two databases a [`Db`] speaks to, for the few statements whose text must differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Postgres,
    Sqlite,
}

/// How to reach one PostgreSQL role (architecture §4): a small pool that shrinks to nothing.
#[derive(Clone, Debug)]
pub struct PostgresPool {
    pub url: String,
    /// Shown by the server as the application's name: `linli:<tenant>`.
    pub name: String,
    pub max: u32,
}

/// Connections of one database. Cheap to clone. Without one there is no query: only `tenants` and `migrations` open it.
#[derive(Clone, Debug)]
pub struct Db {
    read: DatabaseConnection,
    /// SQLite has one writer; on PostgreSQL this is the same pool as `read`.
    write: DatabaseConnection,
    backend: Backend,
}

impl Db {
    /// Opens (and creates) a SQLite file in WAL mode: one writer, several readers.
    pub async fn open_sqlite(file: &Path) -> Result<Db, Problem> {
        let url = format!("sqlite://{}?mode=rwc", file.display());
        let open = |max: u32| {
            let mut options = ConnectOptions::new(url.clone());
            options
                .max_connections(max)
                .min_connections(1)
                .acquire_timeout(Duration::from_secs(15))
                .idle_timeout(Duration::from_secs(600))
                .test_before_acquire(false)
                .sqlx_logging(false)
                .map_sqlx_sqlite_opts(|o| {
                    o.journal_mode(SqliteJournalMode::Wal)
                        .synchronous(SqliteSynchronous::Normal)
                        .busy_timeout(Duration::from_secs(10))
                        .foreign_keys(true)
                        .statement_cache_capacity(300)
                });
            Database::connect(options)
        };
        let write = open(1).await?;
        let read = open(4).await?;
        Ok(Db { read, write, backend: Backend::Sqlite })
    }

    /// Opens the pool of one PostgreSQL role, lazily.
    pub async fn open_postgres(pool: PostgresPool) -> Result<Db, Problem> {
        let mut options = ConnectOptions::new(pool.url);
        options
            .max_connections(pool.max)
            .min_connections(0)
            .connect_lazy(true)
            .acquire_timeout(Duration::from_secs(5))
            .idle_timeout(Duration::from_secs(90))
            .test_before_acquire(false)
            .sqlx_logging(false)
            .set_application_name(pool.name)
            .statement_timeout(Duration::from_secs(30))
            .map_sqlx_postgres_opts(|o| {
                o.options([("lock_timeout", "5000"), ("idle_in_transaction_session_timeout", "15000")]).statement_cache_capacity(300)
            });
        let connection = Database::connect(options).await?;
        Ok(Db { read: connection.clone(), write: connection, backend: Backend::Postgres })
    }

    pub fn backend(&self) -> Backend {
        self.backend
    }
    pub fn is_postgres(&self) -> bool {
        self.backend == Backend::Postgres
    }
    /// For reads outside a transaction.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.read
    }
    /// A write transaction. On SQLite always `begin immediate`: a deferred one that reads first fails when it comes to write.
    pub async fn begin(&self) -> Result<DatabaseTransaction, Problem> {
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.backend == Backend::Sqlite).then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.write.begin_with_options(options).await?)
    }
    /// Closes all connections.
    pub async fn close(&self) -> Result<(), Problem> {
        self.read.clone().close().await?;
        Ok(self.write.clone().close().await?)
    }
}
