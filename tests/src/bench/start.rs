//! How long the program takes to come up on kept data, and what it holds when idle.
use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    report::{line, ms},
    server::{Server, binary},
};

/// Memory of a program that has nothing to do.
pub struct Idle {
    mb: f64,
}

impl Idle {
    pub async fn of(server: &Server) -> anyhow::Result<Idle> {
        tokio::time::sleep(Duration::from_secs(3)).await; // the work of the start is over then
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid()))?;
        let kb = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).and_then(|l| l.trim().split(' ').next()?.parse::<f64>().ok());
        Ok(Idle { mb: kb.ok_or_else(|| anyhow::anyhow!("no VmRSS in {status}"))? / 1_024.0 })
    }
}

pub async fn run(server: &mut Server, empty: Idle) -> anyhow::Result<()> {
    let started = Instant::now();
    Command::new(binary()).arg("--help").stdout(Stdio::null()).status()?;
    let bare = started.elapsed();
    server.kill();
    let started = Instant::now();
    server.restart().await;
    let up = started.elapsed();
    line("start on kept data until /readyz answers 200", ms(up), "ms", "linli --help", ms(bare));
    let kept = Idle::of(server).await?;
    line("idle RSS after a start on kept data", kept.mb, "MB", "after the first start of an empty province", empty.mb);
    Ok(())
}
