//! Placement: which tenant stands in which database, and the handles that are open.
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use linli_kernel::{Problem, Timestamp};
use linli_migrations::{Kind, migrate};
use linli_runtime::{Backend, Db, PostgresPool, Sql, crypto::FieldCipher, values};
use uuid::Uuid;

use crate::{App, Tenant, areas, calendar, cell_postgres as postgres, policy};

/// Open tenants by slug. A handle is made once a process and stays; a change of placement closes it.
#[derive(Default)]
pub(crate) struct Registry {
    open: RwLock<HashMap<String, Arc<Tenant>>>,
    /// One opening at a time: two first requests must not migrate the same schema side by side.
    opening: tokio::sync::Mutex<()>,
}

/// One row of the placement table with its cell.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub(crate) struct Placement {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
    pub area_code: String,
    pub pack: String,
    pub database: String,
    pub schema_name: String,
    pub role_version: i64,
    pub zone_hours: i64,
    pub epoch: i64,
    pub state: String,
    pub created_at: Timestamp,
    pub cell_name: String,
    pub address: String,
}

const BY_SLUG: &str = "select t.id, t.slug, t.name, t.area_code, t.pack, t.database, t.schema_name, t.role_version, t.zone_hours, t.epoch,
                        t.state, t.created_at, c.name as cell_name, c.address
                       from tenant t join cell c on c.id = t.cell_id where t.slug = $1";
const IN_SERVICE: &str = "select slug as v from tenant where state in ('active', 'read_only') order by slug limit 10000";

impl Registry {
    pub(crate) async fn tenant(&self, app: &Arc<App>, slug: &str) -> Result<Arc<Tenant>, Problem> {
        if let Some(open) = self.find(slug) {
            return Ok(open);
        }
        let _one = self.opening.lock().await;
        if let Some(open) = self.find(slug) {
            return Ok(open);
        }
        let placement = placement(app, slug).await?.ok_or_else(Problem::not_found)?;
        let writable = match placement.state.as_str() {
            "active" => true,
            "read_only" => false,
            "moving" | "suspended" => return Err(out_of_service()),
            _ => return Err(Problem::not_found()),
        };
        let db = open_database(app, &placement).await?;
        let tenant = Arc::new(handle(app, &placement, db, writable));
        load(app, &tenant).await?;
        self.put(tenant.clone());
        Ok(tenant)
    }
    pub(crate) async fn all(&self, app: &Arc<App>) -> Result<Vec<Arc<Tenant>>, Problem> {
        #[derive(sea_orm::FromQueryResult)]
        struct Slug {
            v: String,
        }
        let slugs: Vec<Slug> = app.platform.reader().rows(IN_SERVICE, values![]).await?;
        let mut all = Vec::with_capacity(slugs.len());
        for Slug { v } in slugs {
            match self.tenant(app, &v).await {
                Ok(tenant) => all.push(tenant),
                // one broken city must not stop the work of the others
                Err(problem) => tracing::error!(tenant = v, %problem, "Could not open the tenant's database"),
            }
        }
        Ok(all)
    }
    pub(crate) fn put(&self, tenant: Arc<Tenant>) {
        self.open.write().unwrap_or_else(PoisonError::into_inner).insert(tenant.slug.clone(), tenant);
    }
    fn find(&self, slug: &str) -> Option<Arc<Tenant>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner).get(slug).cloned()
    }
}

fn out_of_service() -> Problem {
    Problem::new(503, "tenant.out_of_service", "本市服务暂停，请稍后再试", "This city's service is paused; try again later").retry_after(30)
}

pub(crate) async fn placement(app: &App, slug: &str) -> Result<Option<Placement>, Problem> {
    app.platform.reader().row(BY_SLUG, values![slug]).await
}

/// Where the files of a tenant lie.
pub(crate) fn folder(app: &App, id: Uuid) -> PathBuf {
    app.config.data_dir.join("tenants").join(id.to_string())
}

/// Opens the tenant's database and brings its schema up to this program's.
#[allow(clippy::disallowed_methods)] // one of the two crates that open a `Db`
pub(crate) async fn open_database(app: &App, placement: &Placement) -> Result<Db, Problem> {
    if placement.database == "postgres" {
        let admin = app.platform_cipher.open(&placement.address)?;
        postgres::migrate_schema(&admin, &placement.schema_name).await?;
        let password = postgres::password(&app.master, placement.id, placement.role_version);
        let url = postgres::address_for(&admin, &placement.schema_name, &password)?;
        return Db::open_postgres(PostgresPool { url, name: format!("linli:{}", placement.slug), max: 8 }).await;
    }
    let folder = folder(app, placement.id);
    std::fs::create_dir_all(&folder).map_err(|e| Problem::unavailable("数据目录", e))?;
    let db = Db::open_sqlite(&folder.join("tenant.db")).await?;
    let tx = db.begin().await?;
    migrate(&tx, Backend::Sqlite, Kind::Tenant).await?;
    tx.commit().await?;
    Ok(db)
}

pub(crate) fn handle(app: &App, placement: &Placement, db: Db, writable: bool) -> Tenant {
    Tenant {
        id: placement.id,
        slug: placement.slug.clone(),
        name: placement.name.clone(),
        area_path: areas::path_of(&placement.area_code),
        area_code: placement.area_code.clone(),
        pack: placement.pack.clone(),
        zone_hours: i8::try_from(placement.zone_hours).unwrap_or(8),
        epoch: placement.epoch,
        writable,
        db,
        committed: Arc::default(),
        policy: RwLock::default(),
        calendar: RwLock::default(),
        cipher: FieldCipher::new(&app.master, placement.id),
    }
}

/// Fills the handle with what is looked up at every request: policy and calendar.
pub(crate) async fn load(app: &Arc<App>, tenant: &Arc<Tenant>) -> Result<(), Problem> {
    if tenant.writable {
        policy::follow_release(app, tenant).await?;
    }
    tenant.set_policy(policy::compile(&tenant.slug, policy::rows(tenant.db.reader(), &tenant.slug).await?).await?);
    tenant.set_calendar(calendar::load(tenant.db.reader()).await?);
    Ok(())
}
