//! A running `linli demo` with a folder of its own, on a free port, killed at the end.
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use crate::client::Client;

/// Which database its tenants get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    Sqlite,
    Postgres,
}

impl Store {
    /// Both, PostgreSQL only where one runs (`make test` starts one and counts its absence aloud).
    pub fn all() -> Vec<Store> {
        if postgres().is_some() { vec![Store::Sqlite, Store::Postgres] } else { vec![Store::Sqlite] }
    }
}

#[allow(clippy::disallowed_methods)] // the test's own setting
pub fn postgres() -> Option<String> {
    std::env::var("LINLI_TEST_POSTGRES").ok().filter(|v| !v.is_empty())
}

pub struct Server {
    child: Child,
    pub base: String,
    pub data: PathBuf,
    pub store: Store,
    arguments: Vec<String>,
}

impl Server {
    /// Starts a fresh province whose clock stands at 2026-11-16 09:00 in the city.
    pub async fn start(store: Store) -> Server {
        Server::start_with(store, |_| ()).await
    }

    /// The same, after `prepare` has put files into its folder.
    pub async fn start_with(store: Store, prepare: impl FnOnce(&Path)) -> Server {
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
        let data = std::env::temp_dir().join(format!("linli-it-{}-{port}", std::process::id()));
        fs::create_dir_all(&data).expect("a temporary folder");
        prepare(&data);
        let mut arguments: Vec<String> = ["demo", "--clock", "2026-11-16T01:00:00Z", "--listen"].map(str::to_owned).to_vec();
        arguments.extend([format!("127.0.0.1:{port}"), "--data".into(), data.display().to_string()]);
        if let (Store::Postgres, Some(url)) = (store, postgres()) {
            arguments.extend(["--postgres".into(), url]);
        }
        let child = spawn(&arguments, &data);
        let server = Server { child, base: format!("http://127.0.0.1:{port}"), data, store, arguments };
        server.ready().await;
        server
    }

    #[allow(dead_code)] // linli-bench asks, the tests do not
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// kill -9.
    pub fn kill(&mut self) {
        self.child.kill().expect("the process is ours");
        self.child.wait().expect("it was running");
    }

    /// Starts again on the same data.
    pub async fn restart(&mut self) {
        self.child = spawn(&self.arguments, &self.data);
        self.ready().await;
    }

    async fn ready(&self) {
        let client = Client::new(&self.base);
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until {
            if self.data.join("accounts.json").exists() && client.try_get("/readyz").await.is_some_and(|s| s == 200) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await; // a process that comes up has no other sign from outside
        }
        panic!("the server did not come up: {}", fs::read_to_string(self.data.join("server.log")).unwrap_or_default());
    }

    /// The operator's name and the password that was drawn at the first start.
    pub fn operator(&self) -> (String, String) {
        self.account("platform_operator", None)
    }

    /// A demo account by role (and tenant).
    pub fn account(&self, role: &str, tenant: Option<&str>) -> (String, String) {
        let text = fs::read_to_string(self.data.join("accounts.json")).expect("the demo writes its accounts");
        let all: Vec<serde_json::Value> = serde_json::from_str(&text).expect("as JSON");
        let of = |a: &&serde_json::Value| a["role"] == role && tenant.is_none_or(|t| a["tenant"] == t);
        let found = all.iter().find(of).unwrap_or_else(|| panic!("no demo account {role} {tenant:?}"));
        (found["login_name"].as_str().expect("a name").to_owned(), found["password"].as_str().expect("a password").to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
        if !std::thread::panicking() {
            let _gone = fs::remove_dir_all(&self.data);
        } else {
            eprintln!("the server's folder is kept: {}", self.data.display());
        }
    }
}

fn spawn(arguments: &[String], data: &Path) -> Child {
    let log = fs::OpenOptions::new().create(true).append(true).open(data.join("server.log")).expect("a log file");
    let again = log.try_clone().expect("the same file");
    Command::new(binary()).args(arguments).stdout(log).stderr(again).spawn().expect("linli is built beside the tests")
}

/// `target/debug/linli`: beside `target/debug/linli-bench`, or above `target/debug/deps/it`.
pub fn binary() -> PathBuf {
    let me = std::env::current_exe().expect("a path");
    let mut beside = me.ancestors().skip(1).take(2).map(|folder| folder.join("linli"));
    beside.find(|linli| linli.is_file()).expect("linli is built beside the tests")
}
