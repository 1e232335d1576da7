//! How long the program takes to come up on kept data, and what it holds when idle.
use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    report::{line, ms},
    server::{Server, binary},
};

/// `bare` is what the same program held after a start on the demo province alone.
pub async fn run(server: &mut Server, bare: f64) -> anyhow::Result<()> {
    let started = Instant::now();
    Command::new(binary()).arg("--help").stdout(Stdio::null()).status()?;
    let help = started.elapsed();
    server.kill();
    let started = Instant::now();
    server.restart().await;
    let up = started.elapsed();
    line("start on kept data until /readyz answers 200", ms(up), "ms", "linli --help", ms(help));
    line("idle RSS after a start on kept data", idle(server).await?, "MB", "after a start on the demo province alone", bare);
    Ok(())
}

/// MB after a start on what is there. The first start of all makes a province and compiles its rules, which is not idle.
pub async fn idle_after_start(server: &mut Server) -> anyhow::Result<f64> {
    server.kill();
    server.restart().await;
    idle(server).await
}

async fn idle(server: &Server) -> anyhow::Result<f64> {
    tokio::time::sleep(Duration::from_secs(3)).await; // the work of the start is over then
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid()))?;
    let kb = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).and_then(|l| l.trim().split(' ').next()?.parse::<f64>().ok());
    Ok(kb.ok_or_else(|| anyhow::anyhow!("no VmRSS in {status}"))? / 1_024.0)
}
