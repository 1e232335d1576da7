//! One numbered SQL file a change, the same for both databases (architecture §2). Forward only: a mistake is repaired by the next
//! number. `NNNN_name.sqlite.sql` stands beside a file only where SQLite's text must differ.
//!
//! `%SERIAL_PK%` is a growing number that the database gives. A line `-- append-only: a, b` takes UPDATE and DELETE away from
//! the tables: by triggers on SQLite, by grants (see `linli-tenants`) on PostgreSQL, where the tables belong to another role.
use include_dir::{Dir, File, include_dir};
use linli_kernel::Problem;
use linli_runtime::{Backend, Sql, values};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use sha2::{Digest, Sha256};

static PLATFORM: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/platform");
static TENANT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/tenant");

/// Which schema: the platform's registry, or one tenant's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Platform,
    Tenant,
}

/// One change.
#[derive(Clone, Debug)]
pub struct Migration {
    pub version: i64,
    pub name: String,
    pub sql: String,
    /// SHA-256 of the file: a migration that ran is never edited.
    pub digest: String,
}

const VERSIONS: &str = "create table if not exists schema_version (version bigint primary key, name text not null, digest text not null)";
const DONE: &str = "select version, digest from schema_version order by version";
const NOTE: &str = "insert into schema_version (version, name, digest) values ($1, $2, $3)";

/// The changes of a schema in order, with the text for `backend`.
pub fn all(kind: Kind, backend: Backend) -> Vec<Migration> {
    let dir = match kind {
        Kind::Platform => &PLATFORM,
        Kind::Tenant => &TENANT,
    };
    let mut found: Vec<Migration> = dir.files().filter_map(|file| migration(dir, file, backend)).collect();
    found.sort_by_key(|m| m.version);
    found
}

fn migration(dir: &'static Dir<'static>, file: &'static File<'static>, backend: Backend) -> Option<Migration> {
    let name = file.path().file_name()?.to_str()?;
    let stem = name.strip_suffix(".sql")?;
    if stem.ends_with(".sqlite") {
        return None;
    }
    let other = dir.get_file(format!("{stem}.sqlite.sql"));
    let file = if backend == Backend::Sqlite { other.unwrap_or(file) } else { file };
    let sql = file.contents_utf8()?.to_owned();
    let digest = Sha256::digest(sql.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    Some(Migration { version: stem.get(..4)?.parse().ok()?, name: stem.to_owned(), sql, digest })
}

/// Brings the schema that `conn` stands in up to date, inside `conn`'s transaction. On PostgreSQL two replicas wait for each
/// other. A schema that is newer than this program, or a migration whose text was changed, is refused.
pub async fn migrate(conn: &DatabaseTransaction, backend: Backend, kind: Kind) -> Result<(), Problem> {
    if backend == Backend::Postgres {
        conn.execute_unprepared("select pg_advisory_xact_lock(7205759403792794)").await?;
    }
    conn.execute_unprepared(VERSIONS).await?;
    let done: Vec<Done> = conn.rows(DONE, values![]).await?;
    let known = all(kind, backend);
    if let Some(newer) = done.iter().find(|d| !known.iter().any(|m| m.version == d.version)) {
        return Err(Problem::internal(format!(
            "the schema has migration {}, which this program does not know: use a newer release",
            newer.version
        )));
    }
    for migration in &known {
        match done.iter().find(|d| d.version == migration.version) {
            Some(d) if d.digest == migration.digest => continue,
            Some(_) => return Err(Problem::internal(format!("migration {} was changed after it ran", migration.name))),
            None => {}
        }
        run(conn, backend, migration).await?;
        conn.exec(NOTE, values![migration.version, migration.name.as_str(), migration.digest.as_str()]).await?;
    }
    Ok(())
}

#[derive(sea_orm::FromQueryResult)]
struct Done {
    version: i64,
    digest: String,
}

async fn run(conn: &DatabaseTransaction, backend: Backend, migration: &Migration) -> Result<(), Problem> {
    let serial = match backend {
        Backend::Postgres => "bigserial primary key",
        Backend::Sqlite => "integer primary key autoincrement",
    };
    conn.execute_unprepared(&migration.sql.replace("%SERIAL_PK%", serial))
        .await
        .map_err(|e| Problem::internal(format!("migration {}: {e}", migration.name)))?;
    if backend == Backend::Sqlite {
        for table in append_only(&migration.sql) {
            for verb in ["update", "delete"] {
                let trigger = format!(
                    "create trigger {table}_no_{verb} before {verb} on {table} begin select raise(abort, '{table} is append only'); end"
                );
                conn.execute_unprepared(&trigger).await?;
            }
        }
    }
    Ok(())
}

fn append_only(sql: &str) -> Vec<String> {
    let lists = sql.lines().filter_map(|line| line.trim().strip_prefix("-- append-only:"));
    lists.flat_map(|list| list.split(',')).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect()
}

/// Tables of a tenant's schema whose rows are never changed or deleted: entries, events, tallies, used receipts.
pub fn append_only_tables() -> Vec<String> {
    all(Kind::Tenant, Backend::Postgres).iter().flat_map(|m| append_only(&m.sql)).collect()
}

#[cfg(test)]
mod tests;
