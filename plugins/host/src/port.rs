//! The host as the program holds it: one engine for all tenants, and a gate for each, so that no city takes all of it.
use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use linli_kernel::Problem;
use linli_tenants::Ctx;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::{Compiler, Host, HostError, PluginError};

/// Calls of one tenant at a time.
const AT_ONCE: usize = 4;
/// Calls of one tenant that may wait.
const QUEUE: usize = 64;
const PATIENCE: Duration = Duration::from_secs(1);

/// The port that wiring adds: `ports.add(Rules::start(key, folder)?)`.
pub struct Rules {
    pub host: Arc<Host>,
    gates: Mutex<HashMap<Uuid, Gate>>,
}

#[derive(Clone)]
struct Gate {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Rules {
    /// `key` seals compiled code in `folder`; compilation runs in a child of this program (`linli child compile`).
    pub fn start(key: [u8; 32], folder: &Path) -> Result<Rules, HostError> {
        Ok(Rules::of(Host::new(key, folder)?))
    }
    /// For a program that has no compiling child, such as a test.
    pub fn with_compiler(key: [u8; 32], folder: &Path, compiler: Compiler) -> Result<Rules, HostError> {
        Ok(Rules::of(Host::with_compiler(key, folder, compiler)?))
    }
    fn of(host: Host) -> Rules {
        Rules { host: Arc::new(host), gates: Mutex::default() }
    }

    pub(crate) fn find(ctx: &Ctx) -> Result<Arc<Rules>, Problem> {
        ctx.app.ports.get::<Rules>().ok_or_else(|| Problem::internal("no plugin host was wired"))
    }

    /// A place among the tenant's running calls, or `plugin.busy`.
    pub(crate) async fn enter(&self, tenant: Uuid) -> Result<OwnedSemaphorePermit, PluginError> {
        let gate = {
            let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Gate { running: Arc::new(Semaphore::new(AT_ONCE)), waiting: Arc::new(Semaphore::new(QUEUE)) };
            gates.entry(tenant).or_insert_with(new).clone()
        };
        let _place = gate.waiting.try_acquire().map_err(|_| PluginError::Busy)?;
        match tokio::time::timeout(PATIENCE, gate.running.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) | Err(_) => Err(PluginError::Busy),
        }
    }
}
