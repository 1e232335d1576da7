//! `make test`: starts what the tests need, runs every suite, stops what it started, and says what ran where.
//!
//! A suite that cannot run is counted aloud; under `CI=true` it is a failure.
mod postgres;
mod suites;

use std::process::ExitCode;

fn main() -> ExitCode {
    let strict = env("CI").is_some_and(|v| v == "true");
    let mut report = suites::Report::default();
    let server = match postgres::Server::start() {
        Ok(server) => {
            report.store("PostgreSQL", &server.version);
            Some(server)
        }
        Err(why) => {
            report.skipped("PostgreSQL", &why);
            None
        }
    };
    report.store("SQLite", "embedded");
    let url = server.as_ref().map(postgres::Server::url);
    suites::cargo(&mut report, url.as_deref());
    suites::acceptance(&mut report, env("ACCEPTANCE").as_deref(), url.as_deref());
    suites::browser(&mut report);
    drop(server);
    report.print(strict)
}

/// The runner's own settings; the product reads its environment in one place of its own.
#[allow(clippy::disallowed_methods)]
fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|v| !v.is_empty())
}
