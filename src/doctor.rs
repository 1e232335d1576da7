//! `linli doctor`: the invariants of architecture §6, for every tenant; names the first bad row and changes nothing.
use std::{path::PathBuf, sync::Arc};

use anyhow::bail;
use linli_kernel::Clock;
use linli_runtime::{
    Sql,
    audit::{self, CheckpointKey},
    values,
};
use linli_tenants::{App, AppConfig, Ctx};

use crate::{serve, wiring};

pub async fn run(data: PathBuf, deep: bool, postgres: Option<String>) -> anyhow::Result<()> {
    serve::logs(false);
    if !data.join("platform.db").exists() {
        bail!("{} holds no platform.db: give the data folder of `linli serve` or `linli demo`", data.display());
    }
    let clock = linli_tenants::background::kept_clock(&data).map_or_else(Clock::system, Clock::simulated);
    let mut config = AppConfig::embedded(&data, "http://localhost", Arc::new(clock));
    config.postgres_admin = postgres;
    let app = App::start(config, wiring::ports(&data)?).await?;
    let mut bad = 0;
    for tenant in app.tenants().await? {
        let ctx = Ctx::system(&app, &tenant, "doctor");
        let mut tell = |check: &str, fault: Option<String>| {
            bad += usize::from(fault.is_some());
            println!("{:<20} {check:<4} {}", tenant.slug, fault.unwrap_or_else(|| "ok".into()));
        };
        for pool in pools(&ctx).await? {
            for check in linli_ledger::proof::check(ctx.conn(), &pool).await? {
                tell(&check.code, (!check.ok).then(|| check.detail.clone()));
            }
        }
        let key = CheckpointKey::new(&app.master, tenant.id);
        let verified = audit::verify(ctx.conn(), &key, None, None).await?;
        tell("A1", (!verified.ok).then(|| format!("{:?}", verified.problem)));
        if deep {
            tell("W", linli_workflow::service::verify(&ctx).await?);
            tell("D1", linli_materials::documents::verify(&ctx).await?);
        }
    }
    if bad > 0 { bail!("{bad} checks failed") } else { Ok(()) }
}

async fn pools(ctx: &Ctx) -> anyhow::Result<Vec<String>> {
    #[derive(sea_orm::FromQueryResult)]
    struct Pool {
        code: String,
    }
    let pools: Vec<Pool> = ctx.conn().rows("select code from pool order by code limit 100", values![]).await?;
    Ok(pools.into_iter().map(|p| p.code).collect())
}
