//! `linli`: one program for the demo, the service, its tools and its limited child processes.
mod child;
mod cli;
mod demo;
mod doctor;
mod plugin;
mod serve;
mod wiring;

use std::process::ExitCode;

fn main() -> ExitCode {
    // One TLS stack, chosen before anything can open a connection.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("another crypto provider was installed before main");
        return ExitCode::FAILURE;
    }
    cli::run()
}
