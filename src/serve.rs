//! `linli serve`, and what every start shares: logs, the listening socket, background work.
use std::{net::SocketAddr, sync::Arc};

use anyhow::{Context, bail};
use linli_kernel::Clock;
use linli_tenants::{App, AppConfig};
use tokio::net::TcpListener;

use crate::{
    cli::{Serve, TenantCreate},
    wiring,
};

/// JSON lines in production, plain ones for people at a terminal. Never personal data.
pub fn logs(json: bool) {
    use tracing_subscriber::{EnvFilter, fmt, prelude::*};
    let filter = EnvFilter::try_from_env("LINLI_LOG").unwrap_or_else(|_| EnvFilter::new("warn,linli=info"));
    let registry = tracing_subscriber::registry().with(filter);
    let done = if json {
        registry.with(fmt::layer().json().flatten_event(true).with_writer(std::io::stderr)).try_init()
    } else {
        registry.with(fmt::layer().compact().with_writer(std::io::stderr)).try_init()
    };
    if done.is_err() {
        eprintln!("logs were set up twice");
    }
}

/// The socket, or one clear line that names what is wrong with it.
pub async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            bail!("{address} is taken by another program; choose another with --listen (make run LISTEN=127.0.0.1:9090)")
        }
        Err(error) => Err(error).with_context(|| format!("{address} cannot be listened on")),
    }
}

pub fn background(app: &Arc<App>) {
    drop(linli_tenants::background::spawn(app.clone()));
}

pub async fn serve(listener: TcpListener, router: axum::Router) -> anyhow::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stopped()).await?;
    Ok(())
}

async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut term) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = term.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

pub async fn run(options: Serve) -> anyhow::Result<()> {
    logs(true);
    let listener = listen(options.listen).await?;
    let mut config = AppConfig::embedded(&options.data, format!("http://{}", listener.local_addr()?), Arc::new(Clock::system()));
    config.postgres_admin = options.postgres;
    let app = App::start(config, wiring::ports(&options.data)?).await?;
    background(&app);
    serve(listener, linli_openapi::service(app)).await
}

pub async fn create_tenant(options: TenantCreate) -> anyhow::Result<()> {
    let mut config = AppConfig::embedded(&options.data, "http://localhost", Arc::new(Clock::system()));
    config.postgres_admin = options.postgres;
    let app = App::start(config, wiring::ports(&options.data)?).await?;
    let administrator =
        |role: &str| serde_json::json!({ "login_name": role, "name": role, "mail": format!("{role}@{}", options.mail_domain) });
    let mut command = serde_json::json!({
        "slug": options.slug, "name": options.name, "area_code": options.area_code, "pack": options.pack,
        "administrators": { "sys_admin": administrator("sys_admin"), "sec_admin": administrator("sec_admin"), "audit_admin": administrator("audit_admin") },
    });
    if let Some(database) = options.database {
        command["database"] = database.into();
    }
    let made = linli_tenants::platform::tenants::create_at_start(&app, serde_json::from_value(command)?).await?;
    println!("{}", serde_json::to_string_pretty(&made)?);
    Ok(())
}
