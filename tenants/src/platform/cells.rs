//! 分区集群: database clusters that tenants are placed on, at most thirty on each.
use std::sync::Arc;

use linli_kernel::{Invalid, Page, PageQuery, Problem, Timestamp};
use linli_macros::Problem as ProblemEnum;
use linli_runtime::{Author, Change, Key, Sql, Tx, transact, values};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{App, PlatformCtx, cell_postgres, http::platform_env};

pub(crate) const CAPACITY: i64 = 30;
/// SQLite files of one folder: bounded by open files, not by a server.
const EMBEDDED_CAPACITY: i64 = 1_000;
const EMBEDDED: &str = "embedded";
const CONFIGURED: &str = "configured";

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Database {
    Postgres,
    Sqlite,
}

impl Database {
    pub const fn as_str(self) -> &'static str {
        match self {
            Database::Postgres => "postgres",
            Database::Sqlite => "sqlite",
        }
    }
}

/// 分区集群 as operators see it; its address is never shown.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, sea_orm::FromQueryResult)]
pub struct CellView {
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    #[schema(example = "configured")]
    pub name: String,
    /// `postgres` or `sqlite`.
    #[schema(example = "postgres")]
    pub kind: String,
    #[schema(example = 30)]
    pub capacity: i64,
    #[schema(example = 2)]
    pub tenants: i64,
    /// `active`, `full`, `draining` or `closed`.
    #[schema(example = "active")]
    pub state: String,
    pub created_at: Timestamp,
}

/// A PostgreSQL cluster to place tenants on.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CellCreate {
    #[schema(example = "cell-2")]
    pub name: String,
    /// An administrator's address, `postgres://admin:…@host:5432/linli`; kept sealed.
    #[schema(example = "postgres://admin:secret@db.example:5432/linli")]
    pub address: String,
    /// At most 30.
    #[serde(default)]
    #[schema(example = 30)]
    pub capacity: Option<i64>,
}

#[derive(Debug, ProblemEnum)]
pub enum CellError {
    #[problem(
        409,
        "platform.cell.none_free",
        zh = "没有可用的{kind}分区，请先登记",
        en = "No cell of kind {kind} has room; register one first"
    )]
    NoneFree { kind: &'static str },
    #[problem(409, "platform.cell.name_taken", zh = "分区名称已被使用", en = "The cell's name is taken")]
    NameTaken,
    #[problem(
        422,
        "platform.cell.unreachable",
        zh = "连不上这个数据库，请核对地址和权限",
        en = "The database cannot be reached; check address and rights"
    )]
    Unreachable,
}

macro_rules! view {
    () => {
        "select c.id, c.name, c.kind, c.capacity, (select count(*) from tenant t where t.cell_id = c.id) as tenants, c.state, c.created_at from cell c "
    };
}
const LIST: &str = concat!(view!(), "order by c.created_at, c.id limit $1 offset $2");
const BY_ID: &str = concat!(view!(), "where c.id = $1");
const COUNT: &str = "select count(*) as v from cell";
const INSERT: &str = "insert into cell (id, name, kind, address, capacity, state, created_at) values ($1, $2, $3, $4, $5, 'active', $6)
                      on conflict (name) do nothing";
const READDRESS: &str = "update cell set address = $2 where name = $1";
const FREE: &str = "select c.id, c.name, c.address from cell c where c.kind = $1 and c.state = 'active'
                    and (select count(*) from tenant t where t.cell_id = c.id) < c.capacity order by c.created_at, c.id limit 1";

#[derive(sea_orm::FromQueryResult)]
pub(crate) struct Free {
    pub id: Uuid,
    pub name: String,
    pub address: String,
}

/// A cell with room for one more tenant.
pub(crate) async fn free(tx: &Tx, database: Database) -> Result<Free, Problem> {
    let found: Option<Free> = tx.conn().row(FREE, values![database.as_str()]).await?;
    found.ok_or_else(|| CellError::NoneFree { kind: database.as_str() }.into())
}

/// The embedded cell always is there; the start's PostgreSQL address is registered, and followed when it changes.
pub(crate) async fn ensure_configured(app: &Arc<App>) -> Result<(), Problem> {
    let env = platform_env(app, Author::system("start"));
    let admin = app.config.postgres_admin.as_deref();
    if let Some(admin) = admin {
        let version = cell_postgres::prepare_cell(admin).await?;
        tracing::info!(version, "Registered the PostgreSQL cell");
    }
    let known: Option<i64> = app.platform.reader().scalar(COUNT, values![]).await?;
    if known.unwrap_or(0) > 0 && admin.is_none() {
        return Ok(());
    }
    transact(&app.platform, &env, "platform.cell.configure", &Key::default(), async |tx| {
        insert(tx, EMBEDDED, Database::Sqlite, "", EMBEDDED_CAPACITY).await?;
        if let Some(admin) = admin {
            let sealed = app.platform_cipher.seal(admin);
            if !insert(tx, CONFIGURED, Database::Postgres, &sealed, CAPACITY).await? {
                tx.conn().exec(READDRESS, values![CONFIGURED, sealed]).await?;
            }
        }
        tx.event(Change::new("platform.cell.configured", "platform.cell", Uuid::nil()).data("postgres", admin.is_some())).await?;
        Ok(())
    })
    .await
}

async fn insert(tx: &Tx, name: &str, kind: Database, address: &str, capacity: i64) -> Result<bool, Problem> {
    let row = values![Uuid::now_v7(), name, kind.as_str(), address, capacity, tx.now()];
    Ok(tx.conn().exec(INSERT, row).await? == 1)
}

pub async fn list(ctx: &PlatformCtx, page: PageQuery) -> Result<Page<CellView>, Problem> {
    let reader = ctx.app.platform.reader();
    let items = reader.rows(LIST, values![page.limit() as i64, page.offset() as i64]).await?;
    let counted: Option<i64> = reader.scalar(COUNT, values![]).await?;
    Ok(Page::new(items, counted.unwrap_or(0)))
}

pub async fn create(ctx: &PlatformCtx, key: &Key, cmd: CellCreate) -> Result<CellView, Problem> {
    let mut invalid = Invalid::new();
    invalid.text("/name", &cmd.name, 50);
    let postgres = cmd.address.starts_with("postgres://") || cmd.address.starts_with("postgresql://");
    invalid.check(postgres, "/address", "address", "地址须以 postgres:// 开头", "The address begins with postgres://");
    let capacity = cmd.capacity.unwrap_or(CAPACITY);
    invalid.check((1..=CAPACITY).contains(&capacity), "/capacity", "capacity", "容量为1至30", "The capacity is 1 to 30");
    invalid.done()?;
    let prepared = cell_postgres::prepare_cell(&cmd.address).await;
    if let Err(problem) = prepared {
        tracing::warn!(%problem, "A cell could not be prepared");
        return Err(CellError::Unreachable.into());
    }
    ctx.tx("platform.cell.create", key, async |tx| {
        let id = Uuid::now_v7();
        let sealed = ctx.app.platform_cipher.seal(&cmd.address);
        if tx.conn().exec(INSERT, values![id, cmd.name.trim(), "postgres", sealed, capacity, tx.now()]).await? == 0 {
            return Err(CellError::NameTaken.into());
        }
        tx.event(Change::new("platform.cell.created", "platform.cell", id).data("state", "active")).await?;
        tx.conn().row(BY_ID, values![id]).await?.ok_or_else(|| Problem::internal("the cell just made is gone"))
    })
    .await
}
