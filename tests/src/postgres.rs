//! A real PostgreSQL of the tests' own: free port, own folder under the system's temporary one, own user (it refuses root).
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

pub struct Server {
    pub version: String,
    port: u16,
    folder: PathBuf,
    bin: PathBuf,
}

impl Server {
    /// Installs PostgreSQL where it is missing (as root on Debian), makes a cluster and starts it.
    pub fn start() -> Result<Server, String> {
        let bin = find().or_else(|| install().ok().and_then(|()| find())).ok_or("PostgreSQL is missing: apt-get install postgresql")?;
        let version = said(Command::new(bin.join("postgres")).arg("--version"))?;
        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(|e| e.to_string())?.port();
        let folder = std::env::temp_dir().join(format!("linli-test-pg-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&folder))?;
        }
        let server = Server { version: version.trim().to_owned(), port, folder, bin };
        let data = server.folder.join("data");
        run(server.as_user("initdb").args(["-A", "trust", "-U", "linli_admin", "-E", "UTF8", "--locale", "C.UTF-8", "-D"]).arg(&data))?;
        let options = format!("-p {port} -k {} -c listen_addresses=127.0.0.1 -c max_connections=300", server.folder.display());
        run(server.as_user("pg_ctl").arg("-D").arg(&data).arg("-l").arg(server.folder.join("log")).args(["-w", "-o", &options, "start"]))?;
        server.wait()?;
        Ok(server)
    }

    pub fn url(&self) -> String {
        format!("postgres://linli_admin@127.0.0.1:{}/postgres", self.port)
    }

    fn wait(&self) -> Result<(), String> {
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return Ok(());
            }
            sleep(Duration::from_millis(50)); // a server that comes up has no other sign from outside
        }
        Err("PostgreSQL did not come up in 20 s".into())
    }

    fn as_user(&self, program: &str) -> Command {
        let program = self.bin.join(program);
        let mut command = if is_root() {
            let mut c = Command::new("setpriv");
            c.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
            c
        } else {
            Command::new(program)
        };
        command.current_dir(std::env::temp_dir()).stdout(Stdio::null()).stdin(Stdio::null());
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let stopped = run(self.as_user("pg_ctl").arg("-D").arg(self.folder.join("data")).args(["-m", "immediate", "stop"]));
        if let Err(why) = stopped {
            eprintln!("PostgreSQL was not stopped: {why}");
        }
        let _gone = fs::remove_dir_all(&self.folder);
    }
}

fn find() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|e| e.path().join("bin")).collect();
    versions.sort();
    versions.into_iter().rev().find(|bin| bin.join("initdb").exists() && bin.join("postgres").exists())
}

fn install() -> Result<(), String> {
    eprintln!("Installing PostgreSQL …");
    run(Command::new("apt-get").args(["update", "-qq"]))?;
    run(Command::new("apt-get").args(["install", "-y", "-qq", "--no-install-recommends", "postgresql"]))
}

fn is_root() -> bool {
    said(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Runs a program to its end; an error carries what it printed.
pub fn run(command: &mut Command) -> Result<(), String> {
    let done = command.stderr(Stdio::piped()).output().map_err(|e| format!("{command:?}: {e}"))?;
    if done.status.success() { Ok(()) } else { Err(format!("{command:?}: {}", String::from_utf8_lossy(&done.stderr).trim())) }
}

/// What a program prints.
pub fn said(command: &mut Command) -> Result<String, String> {
    let done = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// The checkout's top folder.
pub fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}
