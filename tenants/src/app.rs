//! The program's parts, put together once at the start.
use std::{path::PathBuf, sync::Arc};

use linli_kernel::{Clock, Problem};
use linli_migrations::{Kind, migrate};
use linli_runtime::{
    Backend, Db,
    bus::{Bus, InProcessBus},
    crypto::{FieldCipher, MasterKey},
    mail::{FolderMailer, Mailer},
    store::{FolderStore, ObjectStore},
};
use uuid::Uuid;

use crate::{Ports, Tenant, pack::PackSource, password::Hasher, platform, registry::Registry};

/// What a start decides. Whoever gives no store, mailer or bus gets the embedded form: folders and one process.
#[derive(Clone)]
pub struct AppConfig {
    /// `linli demo`: known accounts may exist and the clock may be simulated.
    pub demo: bool,
    pub data_dir: PathBuf,
    /// `http://127.0.0.1:8080`, without a slash at the end; cookies are `Secure` where it is https.
    pub base_url: String,
    pub clock: Arc<Clock>,
    /// An administrator's address of a PostgreSQL server, registered as a cell.
    pub postgres_admin: Option<String>,
    /// City packs besides the shipped ones and those in `<data>/packs`.
    pub packs_dir: Option<PathBuf>,
    pub store: Option<Arc<dyn ObjectStore>>,
    pub mail: Option<Arc<dyn Mailer>>,
    pub bus: Option<Arc<dyn Bus>>,
}

impl AppConfig {
    /// All parts embedded, under one data folder.
    pub fn embedded(data_dir: impl Into<PathBuf>, base_url: impl Into<String>, clock: Arc<Clock>) -> AppConfig {
        AppConfig {
            demo: false,
            data_dir: data_dir.into(),
            base_url: base_url.into(),
            clock,
            postgres_admin: None,
            packs_dir: None,
            store: None,
            mail: None,
            bus: None,
        }
    }
}

/// Everything that outlives a request. The state of every router is `Arc<App>`.
pub struct App {
    pub clock: Arc<Clock>,
    pub platform: Db,
    pub ports: Ports,
    pub master: MasterKey,
    pub store: Arc<dyn ObjectStore>,
    pub mail: Arc<dyn Mailer>,
    pub bus: Arc<dyn Bus>,
    pub config: AppConfig,
    pub packs: PackSource,
    pub(crate) registry: Registry,
    pub(crate) hasher: Hasher,
    /// Seals what the platform itself must keep secret (addresses of cells).
    pub(crate) platform_cipher: FieldCipher,
}

impl App {
    /// Opens (and migrates) the platform's database; tenants are opened when they are first asked for.
    #[allow(clippy::disallowed_methods)] // one of the two crates that open a `Db`
    pub async fn start(config: AppConfig, ports: Ports) -> Result<Arc<App>, Problem> {
        let data = &config.data_dir;
        std::fs::create_dir_all(data.join("tenants")).map_err(|e| Problem::internal(format!("{}: {e}", data.display())))?;
        let platform = Db::open_sqlite(&data.join("platform.db")).await?;
        let tx = platform.begin().await?;
        migrate(&tx, Backend::Sqlite, Kind::Platform).await?;
        tx.commit().await?;
        let master = MasterKey::load_or_create(&data.join("master.key"))?;
        let mail: Arc<dyn Mailer> = match &config.mail {
            Some(mail) => mail.clone(),
            None => Arc::new(FolderMailer::new(data.join("mail"), "linli@localhost.localdomain")?),
        };
        let app = Arc::new(App {
            clock: config.clock.clone(),
            platform,
            ports,
            store: config.store.clone().unwrap_or_else(|| Arc::new(FolderStore::new(data.join("blobs")))),
            mail,
            bus: config.bus.clone().unwrap_or_else(|| Arc::new(InProcessBus::default())),
            packs: PackSource::new(config.packs_dir.iter().cloned().chain([data.join("packs")])),
            registry: Registry::default(),
            hasher: Hasher::default(),
            platform_cipher: FieldCipher::new(&master, Uuid::nil()),
            master,
            config,
        });
        platform::cells::ensure_configured(&app).await?;
        Ok(app)
    }

    /// The tenant's handle, opened at the first use; 404 for a slug that nobody has.
    pub async fn tenant(self: &Arc<Self>, slug: &str) -> Result<Arc<Tenant>, Problem> {
        self.registry.tenant(self, slug).await
    }
    /// All tenants that are in service, opened: for background work.
    pub async fn tenants(self: &Arc<Self>) -> Result<Vec<Arc<Tenant>>, Problem> {
        self.registry.all(self).await
    }
}
