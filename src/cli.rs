//! The command line.
use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use linli_kernel::Timestamp;

/// Linli 邻里: property-management supervision and public service for city housing bureaus.
#[derive(Parser)]
#[command(name = "linli", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves a demo province on loopback with everything embedded; makes it at the first start.
    Demo(Demo),
    /// Serves the tenants of a data folder; no account of it has a known password.
    Serve(Serve),
    /// Tenants: create one from a city pack.
    #[command(subcommand)]
    Tenant(Tenant),
    /// City rules: look into a package, or run one call.
    #[command(subcommand)]
    Plugin(crate::plugin::Plugin),
    /// Checks the invariants of every tenant; `--deep` reads every row.
    Doctor {
        #[arg(long)]
        data: PathBuf,
        #[arg(long)]
        deep: bool,
        #[arg(long)]
        postgres: Option<String>,
    },
    /// Prints the OpenAPI document.
    Openapi,
    /// A limited child process of ours; not for people.
    #[command(subcommand, hide = true)]
    Child(crate::child::Child),
}

#[derive(clap::Args)]
pub struct Demo {
    /// Simulated time at the first start, such as 2026-11-16T01:00:00Z; it runs on from there, also over restarts.
    #[arg(long)]
    pub clock: Option<Timestamp>,
    #[arg(long, default_value = "linli-demo")]
    pub data: PathBuf,
    /// A loopback address.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Address of a PostgreSQL administrator: registers a cell for tenants made with `database: postgres`.
    #[arg(long)]
    pub postgres: Option<String>,
}

#[derive(clap::Args)]
pub struct Serve {
    #[arg(long)]
    pub data: PathBuf,
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Address of a PostgreSQL administrator, kept out of the process list: give it in LINLI_POSTGRES.
    #[arg(long, env = "LINLI_POSTGRES", hide_env_values = true)]
    pub postgres: Option<String>,
}

#[derive(Subcommand)]
pub enum Tenant {
    /// Makes a tenant and prints the invitations of its three administrators.
    Create(TenantCreate),
}

#[derive(clap::Args)]
pub struct TenantCreate {
    #[arg(long)]
    pub data: PathBuf,
    pub slug: String,
    #[arg(long)]
    pub name: String,
    #[arg(long)]
    pub area_code: String,
    /// Name of a city pack: a built-in one, or a folder under `<data>/packs`.
    #[arg(long)]
    pub pack: String,
    /// Domain of the administrators' mail addresses.
    #[arg(long, default_value = "localhost")]
    pub mail_domain: String,
    /// `sqlite` or `postgres`.
    #[arg(long)]
    pub database: Option<String>,
    #[arg(long, env = "LINLI_POSTGRES", hide_env_values = true)]
    pub postgres: Option<String>,
}

pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    match cli.command {
        Command::Child(child) => crate::child::run(child),
        Command::Openapi => print(linli_openapi::document().to_pretty_json().map_err(Into::into)),
        Command::Plugin(command) => print(crate::plugin::run(command)),
        Command::Demo(options) => block(crate::demo::run(options)),
        Command::Serve(options) => block(crate::serve::run(options)),
        Command::Tenant(Tenant::Create(options)) => block(crate::serve::create_tenant(options)),
        Command::Doctor { data, deep, postgres } => block(crate::doctor::run(data, deep, postgres)),
    }
}

fn print(text: anyhow::Result<String>) -> ExitCode {
    match text {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => failed(&error),
    }
}

fn block(work: impl Future<Output = anyhow::Result<()>>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(work) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("linli: {error:#}");
    ExitCode::FAILURE
}
