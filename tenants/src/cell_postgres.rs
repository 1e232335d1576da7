//! A tenant on PostgreSQL: one schema, an owner without login, one login role without DDL, and its grants (architecture §4).
use linli_kernel::Problem;
use linli_migrations::{Kind, append_only_tables, migrate};
use linli_runtime::{Backend, Db, PostgresPool, Sql, crypto::MasterKey, values};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// The login role's password, derived: nothing to store, and rotation is the next version.
pub(crate) fn password(master: &MasterKey, tenant: Uuid, version: i64) -> String {
    master.derive(&format!("tenant-role:{tenant}:{version}")).iter().map(|b| format!("{b:02x}")).collect()
}

/// The administrator's address with another user: `postgres://t_1f…:password@host:5432/linli`.
pub(crate) fn address_for(admin: &str, role: &str, password: &str) -> Result<String, Problem> {
    let (scheme, rest) = admin.split_once("://").ok_or_else(|| Problem::internal("the cell's address has no scheme"))?;
    let (authority, tail) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Ok(format!("{scheme}://{role}:{password}@{host}{tail}"))
}

/// Only names that we made ourselves stand in a statement.
fn checked(schema: &str) -> Result<&str, Problem> {
    let ours = schema.starts_with("t_") && schema.len() == 34 && schema[2..].bytes().all(|b| b.is_ascii_hexdigit());
    if ours { Ok(schema) } else { Err(Problem::internal("not a schema name of ours")) }
}

#[allow(clippy::disallowed_methods)] // one of the two crates that open a `Db`
async fn admin_connection(admin: &str) -> Result<Db, Problem> {
    Db::open_postgres(PostgresPool { url: admin.to_owned(), name: "linli:admin".into(), max: 1 }).await
}

/// Takes from everybody what PostgreSQL gives to everybody in a database of ours; answers its version.
pub(crate) async fn prepare_cell(admin: &str) -> Result<String, Problem> {
    let db = admin_connection(admin).await?;
    let version: Option<String> = db.reader().scalar("select current_setting('server_version') as v", values![]).await?;
    let tx = db.begin().await?;
    tx.execute_unprepared("select pg_advisory_xact_lock(7205759403792795)").await?;
    let name: Option<String> = tx.scalar("select current_database()::text as v", values![]).await?;
    let name = name.unwrap_or_default().replace('"', "\"\"");
    tx.execute_unprepared(&format!("revoke all on database \"{name}\" from public; revoke all on schema public from public")).await?;
    tx.commit().await?;
    db.close().await?;
    Ok(version.unwrap_or_default())
}

/// Makes roles and schema of a new tenant.
pub(crate) async fn create_schema(admin: &str, schema: &str, password: &str) -> Result<(), Problem> {
    let s = checked(schema)?;
    if !password.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Problem::internal("a derived password is hexadecimal"));
    }
    let db = admin_connection(admin).await?;
    let tx = db.begin().await?;
    let name: Option<String> = tx.scalar("select current_database()::text as v", values![]).await?;
    let database = name.unwrap_or_default().replace('"', "\"\"");
    tx.execute_unprepared(&format!(
        "create role {s}_owner nologin;
         create role {s} login password '{password}' nosuperuser nocreatedb nocreaterole noinherit connection limit 40;
         grant {s}_owner to current_user;
         create schema {s} authorization {s}_owner;
         revoke all on schema {s} from public;
         grant usage on schema {s} to {s};
         grant connect on database \"{database}\" to {s};
         alter role {s} set search_path = {s};
         alter role {s}_owner set search_path = {s}"
    ))
    .await?;
    tx.commit().await?;
    db.close().await?;
    Ok(())
}

/// Runs the migrations as the owner, then gives the login role what it may do: no DDL, and on append-only tables only
/// INSERT and SELECT.
pub(crate) async fn migrate_schema(admin: &str, schema: &str) -> Result<(), Problem> {
    let s = checked(schema)?;
    let db = admin_connection(admin).await?;
    let tx = db.begin().await?;
    tx.execute_unprepared(&format!("set local role {s}_owner; set local search_path = {s}")).await?;
    migrate(&tx, Backend::Postgres, Kind::Tenant).await?;
    let closed = append_only_tables().into_iter().map(|t| format!("{s}.{t}")).collect::<Vec<_>>().join(", ");
    let mut grants = format!(
        "grant select, insert, update, delete on all tables in schema {s} to {s};
         grant usage, select on all sequences in schema {s} to {s};
         revoke insert, update, delete on {s}.schema_version from {s};"
    );
    if !closed.is_empty() {
        grants.push_str(&format!("revoke update, delete, truncate on {closed} from {s};"));
    }
    tx.execute_unprepared(&grants).await?;
    tx.commit().await?;
    db.close().await?;
    Ok(())
}

/// Undoes a provisioning that failed half-way.
pub(crate) async fn drop_schema(admin: &str, schema: &str) -> Result<(), Problem> {
    let s = checked(schema)?;
    let db = admin_connection(admin).await?;
    for statement in [
        format!("drop schema if exists {s} cascade"),
        format!("drop owned by {s}"),
        format!("drop role if exists {s}"),
        format!("drop role if exists {s}_owner"),
    ] {
        if let Err(error) = db.reader().execute_unprepared(&statement).await {
            tracing::warn!(schema = s, %error, "Could not clean up after a failed provisioning");
        }
    }
    db.close().await
}

#[cfg(test)]
mod tests;
