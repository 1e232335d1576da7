//! `linli demo`: a province of two cities on loopback, everything embedded, made at the first start.
mod caller;
mod seed;

use std::{net::SocketAddr, path::Path, sync::Arc};

use anyhow::{Context, bail};
use linli_kernel::Clock;
use linli_tenants::{App, AppConfig};

use crate::{cli::Demo, serve, wiring};

pub async fn run(options: Demo) -> anyhow::Result<()> {
    serve::logs(false);
    if !options.listen.ip().is_loopback() {
        bail!("the demo has known accounts and listens on loopback only, not on {}", options.listen);
    }
    let listener = serve::listen(options.listen).await?;
    let address = listener.local_addr()?;
    let data = prepare(&options.data)?;
    // On kept data the clock goes on from where it stood.
    let clock = linli_tenants::background::kept_clock(&data).or(options.clock);
    let clock = Arc::new(clock.map_or_else(Clock::system, Clock::simulated));
    let mut config = AppConfig::embedded(&data, format!("http://{address}"), clock.clone());
    config.demo = true;
    config.postgres_admin = options.postgres;
    let app = App::start(config, wiring::ports(&data)?).await?;
    let router = linli_openapi::service(app.clone());
    serve::background(&app);
    let accounts = data.join("accounts.json");
    let first = !accounts.exists();
    let serving = tokio::spawn(serve::serve(listener, router.clone()));
    if first {
        println!("Making the demo province …");
        seed::province(&app, router, &accounts).await?;
    }
    greet(address, &accounts)?;
    serving.await??;
    Ok(())
}

/// The data folder, made with its owner's eyes only, as an absolute path.
fn prepare(data: &Path) -> anyhow::Result<std::path::PathBuf> {
    std::fs::create_dir_all(data).with_context(|| format!("the data folder {} cannot be made", data.display()))?;
    data.canonicalize().with_context(|| format!("{}", data.display()))
}

fn greet(address: SocketAddr, accounts: &Path) -> anyhow::Result<()> {
    let all: Vec<seed::Account> = serde_json::from_str(&std::fs::read_to_string(accounts)?)?;
    println!("\nLinli is ready: http://{address}/");
    println!("  platform console   http://{address}/platform/console/");
    let mut tenants: Vec<&str> = all.iter().filter_map(|a| a.tenant.as_deref()).collect();
    tenants.dedup();
    for tenant in tenants {
        println!("  {tenant:<18} http://{address}/t/{tenant}/  (work/ for officials, companies and committees; hall/ for owners)");
    }
    println!("\n  {:<10} {:<18} {:<18} password", "city", "role", "sign-in name");
    for account in &all {
        let tenant = account.tenant.as_deref().unwrap_or("platform");
        println!("  {tenant:<10} {:<18} {:<18} {}", account.role, account.login_name, account.password);
    }
    println!("\nAlso in {}. Stop with Ctrl-C; the data stays.", accounts.display());
    Ok(())
}
