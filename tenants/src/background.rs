//! What runs beside the requests, for every tenant: the sequencer and its checkpoints, the jobs, and what follows the clock.
mod worker;

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use linli_kernel::{Problem, Timestamp};
use linli_runtime::{
    Sql,
    audit::{self, CheckpointKey},
    values,
};
use uuid::Uuid;

use crate::{App, Ctx, Tenant};

/// How often new tenants are looked for, besides those that this process made itself.
const TENANTS_EVERY: Duration = Duration::from_secs(1);
/// A round without a wake-up.
const ROUND: Duration = Duration::from_millis(500);
/// Between two rounds under load: commits are gathered, not sealed one by one.
const PAUSE: Duration = Duration::from_millis(100);
/// A checkpoint each minute, and one soon after the writing stops.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(60);
const QUIET: Duration = Duration::from_secs(2);
const TICK_EVERY: Duration = Duration::from_secs(1);
const TIDY_EVERY: Duration = Duration::from_secs(3600);
const KEYS_KEPT_SECONDS: i64 = 7 * 86_400;

/// Starts the loops; they end with the runtime. A tenant that is made later is found within a second.
pub fn spawn(app: Arc<App>) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        let mut known: HashSet<Uuid> = HashSet::new();
        let workers = Arc::new(tokio::sync::Semaphore::new(4));
        let mut clock_kept = Instant::now();
        loop {
            match app.tenants().await {
                Ok(tenants) => {
                    for tenant in tenants.into_iter().filter(|t| t.writable) {
                        if known.insert(tenant.id) {
                            tokio::spawn(seal_and_tick(app.clone(), tenant.clone()));
                            tokio::spawn(worker::run(app.clone(), tenant, workers.clone()));
                        }
                    }
                }
                Err(problem) => tracing::error!(%problem, "Could not list the tenants"),
            }
            if app.clock.is_simulated() && clock_kept.elapsed() > Duration::from_secs(5) {
                keep_clock(&app);
                clock_kept = Instant::now();
            }
            tokio::time::sleep(TENANTS_EVERY).await;
        }
    })
}

/// Notes where the simulated time stands, so that the next start on the same data can go on from there.
pub(crate) fn keep_clock(app: &App) {
    let file = clock_file(&app.config.data_dir);
    if let Err(error) = std::fs::write(&file, app.clock.now().to_string()) {
        tracing::warn!(%error, file = %file.display(), "Could not note the simulated time");
    }
}

fn clock_file(data: &std::path::Path) -> std::path::PathBuf {
    data.join("clock")
}

/// Where the simulated time stood when the program on this data last ran.
pub fn kept_clock(data: &std::path::Path) -> Option<Timestamp> {
    std::fs::read_to_string(clock_file(data)).ok()?.trim().parse().ok()
}

async fn seal_and_tick(app: Arc<App>, tenant: Arc<Tenant>) {
    let key = CheckpointKey::new(&app.master, tenant.id);
    let mut seal = Seal { dirty: true, grown_at: Instant::now(), sealed_at: Instant::now() };
    let mut ticked_at = Instant::now();
    let mut tidied_at: Option<Instant> = None;
    loop {
        let committed = tenant.committed.notified();
        tokio::pin!(committed);
        committed.as_mut().enable();
        if let Err(problem) = seal.round(&app, &tenant, &key).await {
            tracing::error!(tenant = tenant.slug, %problem, "Could not seal events");
        }
        if ticked_at.elapsed() >= TICK_EVERY {
            ticked_at = Instant::now();
            tick(&app, &tenant).await;
        }
        if tidied_at.is_none_or(|at| at.elapsed() >= TIDY_EVERY) {
            tidied_at = Some(Instant::now());
            if let Err(problem) = tidy(&app, &tenant).await {
                tracing::warn!(tenant = tenant.slug, %problem, "Could not remove old idempotency keys");
            }
        }
        tokio::time::sleep(PAUSE).await;
        tokio::select! {
            () = committed => {}
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

/// Where the sealing of one tenant stands.
struct Seal {
    /// Events were numbered since the last checkpoint.
    dirty: bool,
    grown_at: Instant,
    sealed_at: Instant,
}

impl Seal {
    async fn round(&mut self, app: &App, tenant: &Tenant, key: &CheckpointKey) -> Result<(), Problem> {
        if audit::sequence(&tenant.db).await? > 0 {
            self.dirty = true;
            self.grown_at = Instant::now();
        }
        if self.dirty && (self.grown_at.elapsed() >= QUIET || self.sealed_at.elapsed() >= CHECKPOINT_EVERY) {
            audit::checkpoint(&tenant.db, key, app.clock.now()).await?;
            self.dirty = false;
            self.sealed_at = Instant::now();
        }
        Ok(())
    }
}

async fn tick(app: &Arc<App>, tenant: &Arc<Tenant>) {
    let ctx = Ctx::system(app, tenant, "tick");
    for port in &app.ports.ticks {
        if let Err(problem) = port.tick(&ctx).await {
            tracing::error!(tenant = tenant.slug, %problem, "Work that follows the clock failed; it is tried again");
        }
    }
}

const OLD_KEYS: &str = "delete from idempotency where not forever and at < $1";

/// Keys are promised for seven days; those of money and votes for ever.
async fn tidy(app: &App, tenant: &Tenant) -> Result<(), Problem> {
    let tx = tenant.db.begin().await?;
    tx.exec(OLD_KEYS, values![app.clock.now().plus_seconds(-KEYS_KEPT_SECONDS)]).await?;
    Ok(tx.commit().await?)
}
