//! The suites, and the lines that say what ran.
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::postgres::{run, top};

/// What ran, on what, and what did not.
#[derive(Default)]
pub struct Report {
    stores: Vec<String>,
    lines: Vec<(String, u64, u64, f32)>,
    skipped: Vec<String>,
}

impl Report {
    pub fn store(&mut self, name: &str, version: &str) {
        self.stores.push(format!("{name}: {version}"));
    }
    pub fn ran(&mut self, suite: &str, passed: u64, failed: u64, took: Duration) {
        self.lines.push((suite.to_owned(), passed, failed, took.as_secs_f32()));
    }
    pub fn skipped(&mut self, suite: &str, why: &str) {
        self.skipped.push(format!("{suite}: {why}"));
    }
    pub fn print(&self, strict: bool) -> ExitCode {
        println!("\n---- what ran ----");
        for store in &self.stores {
            println!("store    {store}");
        }
        let (mut passed, mut failed) = (0, 0);
        for (suite, p, f, seconds) in &self.lines {
            println!("suite    {suite}: {p} passed, {f} failed in {seconds:.0} s");
            (passed, failed) = (passed + p, failed + f);
        }
        for line in &self.skipped {
            println!("SKIPPED  {line}");
        }
        println!("{passed} passed, {failed} failed, {} skipped", self.skipped.len());
        if failed > 0 || (strict && !self.skipped.is_empty()) || passed == 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

/// Unit tests of every crate and the over-HTTP tests, one build of everything (a smaller selection would build dependencies anew).
pub fn cargo(report: &mut Report, postgres: Option<&str>) {
    let began = Instant::now();
    let mut command = Command::new("cargo");
    command.current_dir(top()).args(["test", "--workspace", "--locked", "--no-fail-fast"]).stdout(Stdio::piped());
    if let Some(url) = postgres {
        command.env("LINLI_TEST_POSTGRES", url);
    }
    let (mut passed, mut failed) = (0, 0);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return report.skipped("cargo test", &error.to_string()),
    };
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            println!("{line}");
            if let Some(result) = line.strip_prefix("test result: ") {
                let number = |word: &str| result.split(['.', ';']).find_map(|p| p.trim().strip_suffix(word)?.trim().parse::<u64>().ok());
                passed += number("passed").unwrap_or(0);
                failed += number("failed").unwrap_or(0);
            }
        }
    }
    let ok = child.wait().is_ok_and(|s| s.success());
    report.ran("cargo test", passed, if ok { failed } else { failed.max(1) }, began.elapsed());
}

/// The program that walks the product from outside, where its file is there: both cities side by side, on each store.
pub fn acceptance(report: &mut Report, folder: Option<&str>, postgres: Option<&str>) {
    let Some(walk) = folder.map(|f| top().join(f).join("walk.py")).filter(|w| w.exists()) else {
        println!("acceptance: no folder with walk.py (Makefile variable ACCEPTANCE); nothing to walk");
        return;
    };
    let stores = [("SQLite", None), ("PostgreSQL", postgres)];
    for (store, url) in stores {
        let name = format!("acceptance walk on {store}");
        if store == "PostgreSQL" && url.is_none() {
            report.skipped(&name, "no PostgreSQL");
            continue;
        }
        let began = Instant::now();
        match walk_on(&walk, url) {
            Ok(()) => report.ran(&name, 1, 0, began.elapsed()),
            Err(why) => {
                println!("{name}: {why}");
                report.ran(&name, 0, 1, began.elapsed());
            }
        }
    }
}

fn walk_on(walk: &Path, postgres: Option<&str>) -> Result<(), String> {
    let server = Demo::start("2026-11-16T01:00:00Z", postgres)?;
    let mut command = Command::new("python3");
    command.arg(walk).args(["--base", &server.base, "--city", "binhai", "shanhe"]).arg("--accounts").arg(server.data.join("accounts.json"));
    command.arg("--data").arg(top().join("tests/data/yuehai"));
    if postgres.is_some() {
        command.args(["--database", "postgres"]);
    }
    let done = command.status().map_err(|e| e.to_string())?;
    if done.success() { Ok(()) } else { Err(format!("the walk failed; the server's log is {}", server.keep().display())) }
}

/// The pages in a real browser.
pub fn browser(report: &mut Report) {
    let web = top().join("web");
    if !web.join("test/run.ts").exists() {
        return report.skipped("browser", "web/test/run.ts is missing");
    }
    if !Path::new("/usr/bin/chromium").exists() {
        let installed = run(Command::new("apt-get").args(["update", "-qq"])).and_then(|()| {
            run(Command::new("apt-get").args(["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-cjk"]))
        });
        if let Err(why) = installed {
            return report.skipped("browser", &format!("chromium is missing and was not installed: {why}"));
        }
    }
    let began = Instant::now();
    let done = Command::new("npm").current_dir(&web).args(["run", "--silent", "browser"]).env("LINLI_BIN", binary()).output();
    match done {
        Ok(out) => {
            let text = String::from_utf8_lossy(&out.stdout);
            println!("{text}{}", String::from_utf8_lossy(&out.stderr));
            let number = |word: &str| {
                let line = text.lines().rev().find(|l| l.contains(" passed"))?;
                line.split([',', ':']).find_map(|p| p.trim().strip_suffix(word)?.trim().parse::<u64>().ok())
            };
            let failed = number("failed").unwrap_or(0);
            report.ran(
                "browser",
                number("passed").unwrap_or(0),
                if out.status.success() { failed } else { failed.max(1) },
                began.elapsed(),
            );
        }
        Err(error) => report.skipped("browser", &error.to_string()),
    }
}

/// The built program: beside this one in the target folder.
pub fn binary() -> PathBuf {
    let me = std::env::current_exe().unwrap_or_default();
    me.parent().unwrap_or(Path::new(".")).join("linli")
}

/// A demo province of its own on a free port.
struct Demo {
    child: Child,
    base: String,
    data: PathBuf,
    keep: std::cell::Cell<bool>,
}

impl Demo {
    fn start(clock: &str, postgres: Option<&str>) -> Result<Demo, String> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(|e| e.to_string())?.port();
        let data = std::env::temp_dir().join(format!("linli-walk-{}-{port}", std::process::id()));
        fs::create_dir_all(&data).map_err(|e| e.to_string())?;
        let log = fs::File::create(data.join("server.log")).map_err(|e| e.to_string())?;
        let mut command = Command::new(binary());
        command.args(["demo", "--clock", clock, "--listen", &format!("127.0.0.1:{port}"), "--data"]).arg(&data);
        if let Some(url) = postgres {
            command.args(["--postgres", url]);
        }
        let child = command.stdout(log.try_clone().map_err(|e| e.to_string())?).stderr(log).spawn().map_err(|e| e.to_string())?;
        let demo = Demo { child, base: format!("http://127.0.0.1:{port}"), data, keep: false.into() };
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until {
            if demo.data.join("accounts.json").exists() && std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(demo);
            }
            sleep(Duration::from_millis(50)); // a program that comes up has no other sign from outside
        }
        Err(format!("the demo did not come up in 60 s; see {}", demo.keep().display()))
    }
    fn keep(&self) -> PathBuf {
        self.keep.set(true);
        self.data.join("server.log")
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
        if !self.keep.get() {
            let _gone = fs::remove_dir_all(&self.data);
        }
    }
}
