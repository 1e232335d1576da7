//! Whether the parts answer, for the operator's page; probes of orchestration are elsewhere.
use std::time::Instant;

use linli_kernel::{Problem, Timestamp};
use linli_runtime::{Sql, values};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::PlatformCtx;

/// Health of the estate.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HealthView {
    /// All parts answer.
    pub ok: bool,
    #[schema(example = "0.1.0")]
    pub version: String,
    pub now: Timestamp,
    pub simulated_clock: bool,
    #[schema(example = 2)]
    pub tenants: i64,
    pub parts: Vec<HealthPart>,
}

/// One part.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HealthPart {
    /// `platform`, or the slug of a tenant for its database.
    #[schema(example = "platform")]
    pub name: String,
    pub ok: bool,
    /// How long it took to answer.
    #[schema(example = 1)]
    pub answer_ms: i64,
}

const COUNT: &str = "select count(*) as v from tenant where state in ('active', 'read_only')";
const ALIVE: &str = "select 1 as v";

pub async fn get(ctx: &PlatformCtx) -> Result<HealthView, Problem> {
    let app = &ctx.app;
    let tenants: Option<i64> = app.platform.reader().scalar(COUNT, values![]).await?;
    let mut parts = vec![part("platform", &app.platform).await];
    for tenant in app.tenants().await? {
        parts.push(part(&tenant.slug, &tenant.db).await);
    }
    Ok(HealthView {
        ok: parts.iter().all(|p| p.ok),
        version: env!("CARGO_PKG_VERSION").into(),
        now: app.clock.now(),
        simulated_clock: app.clock.is_simulated(),
        tenants: tenants.unwrap_or(0),
        parts,
    })
}

async fn part(name: &str, db: &linli_runtime::Db) -> HealthPart {
    let asked = Instant::now();
    let alive: Result<Option<i64>, Problem> = db.reader().scalar(ALIVE, values![]).await;
    let ok = alive.inspect_err(|problem| tracing::warn!(part = name, %problem, "A part does not answer")).is_ok();
    HealthPart { name: name.to_owned(), ok, answer_ms: i64::try_from(asked.elapsed().as_millis()).unwrap_or(i64::MAX) }
}
