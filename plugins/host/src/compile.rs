//! 编译: a component becomes machine code in a child process with hard limits; a bomb kills the child, never the server.
use std::{
    io::{Read, Write},
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::{Child, Command, ExitCode, ExitStatus, Stdio},
    sync::{Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

use rustix::process::{Resource, Rlimit, nice, setrlimit};

use crate::{
    PluginError,
    engine::{Place, engine},
    manifest::shown,
};

const ADDRESS_SPACE: u64 = 768 << 20;
const ARTEFACT: u64 = 44 << 20;
const OPEN_FILES: u64 = 32;
/// Guards against a child that sleeps instead of computing.
const WALL: Duration = Duration::from_secs(60);
const AT_ONCE: usize = 2;

// Exit codes of the child, beside death by signal.
const INVALID: u8 = 2;
const FAILED: u8 = 3;
const TOO_LARGE: u8 = 4;
const NO_MEMORY: u8 = 5;

/// Who compiles.
#[derive(Clone, Debug)]
pub enum Compiler {
    /// This program, started as `<program> child compile`: the server and the command line.
    Child(PathBuf),
    /// No child and no limits: only for tests whose program has no such entry, with components that they trust.
    InProcess,
}

impl Compiler {
    pub fn this_program() -> std::io::Result<Compiler> {
        Ok(Compiler::Child(std::env::current_exe()?))
    }

    pub(crate) fn compile(&self, component: &[u8], language: &str) -> Result<Vec<u8>, PluginError> {
        match self {
            Compiler::Child(program) => in_child(program, component, if language == "python" { 30 } else { 5 }),
            Compiler::InProcess => {
                engine(Place::Compiler).and_then(|engine| engine.precompile_component(component)).map_err(|e| refused(&format!("{e:#}")))
            }
        }
    }
}

/// Wasm that is not valid is the author's fault, anything else the compiler's.
fn refused(reason: &str) -> PluginError {
    let reason = shown(reason);
    if is_invalid(&reason) { PluginError::WasmInvalid { reason } } else { PluginError::CompileFailed { reason } }
}

fn is_invalid(reason: &str) -> bool {
    ["at offset", "invalid", "failed to parse", "unexpected", "not supported", "must be enabled", "requires"]
        .iter()
        .any(|word| reason.contains(word))
}

fn in_child(program: &PathBuf, component: &[u8], cpu: u8) -> Result<Vec<u8>, PluginError> {
    let _turn = Turn::take();
    let failed = |e: std::io::Error| PluginError::CompileFailed { reason: shown(&e.to_string()) };
    let mut child = Command::new(program)
        .args(["child", "compile"])
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (output, complaint, status) = std::thread::scope(|scope| {
        scope.spawn(move || {
            if let Some(mut stdin) = stdin {
                // A child that died early closes the pipe; its status says why.
                let _ = stdin.write_all(&[cpu]).and_then(|()| stdin.write_all(component));
            }
        });
        let output = scope.spawn(move || read_all(stdout, ARTEFACT));
        let complaint = scope.spawn(move || read_all(stderr, 4 << 10));
        let status = wait(&mut child);
        (output.join().unwrap_or_default(), complaint.join().unwrap_or_default(), status)
    });
    let status = status.map_err(failed)?;
    let reason = || shown(&String::from_utf8_lossy(&complaint));
    match (status.code().and_then(|code| u8::try_from(code).ok()), status.signal()) {
        (Some(0), _) if !output.is_empty() => Ok(output),
        (Some(INVALID), _) => Err(PluginError::WasmInvalid { reason: reason() }),
        (Some(TOO_LARGE), _) => Err(PluginError::CompileSize),
        (Some(NO_MEMORY), _) => Err(PluginError::CompileMemory),
        // SIGXCPU, or SIGKILL at the hard limit and by our own wall clock
        (_, Some(24 | 9)) => Err(PluginError::CompileTime { cap_s: cpu }),
        // SIGABRT and friends: an allocation failed
        (_, Some(_)) => Err(PluginError::CompileMemory),
        (_, None) => Err(PluginError::CompileFailed { reason: reason() }),
    }
}

fn wait(child: &mut Child) -> std::io::Result<ExitStatus> {
    let start = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if start.elapsed() > WALL {
            child.kill()?;
            return child.wait();
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// Reads at most `cap` bytes and throws the rest away, so that the child never blocks on a full pipe.
fn read_all(from: Option<impl Read>, cap: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut from) = from {
        // What was read before an error stays; the exit status decides.
        let _ = (&mut from).take(cap).read_to_end(&mut bytes);
        let _ = std::io::copy(&mut from, &mut std::io::sink());
    }
    bytes
}

/// Two compilations at a time, whoever asks.
struct Turn;

static RUNNING: Mutex<usize> = Mutex::new(0);
static FREE: Condvar = Condvar::new();

impl Turn {
    fn take() -> Turn {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        while *running >= AT_ONCE {
            running = FREE.wait(running).unwrap_or_else(PoisonError::into_inner);
        }
        *running += 1;
        Turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        FREE.notify_one();
    }
}

/// Entry of the child (`linli child compile`): CPU seconds (one byte) and the component on stdin, machine code on stdout.
pub fn child_compile() -> ExitCode {
    let mut cpu = [5];
    let mut component = Vec::new();
    let mut stdin = std::io::stdin().lock();
    let read =
        stdin.read_exact(&mut cpu).and_then(|()| stdin.by_ref().take(crate::package::MAX_COMPONENT as u64 + 1).read_to_end(&mut component));
    let limited = limit(u64::from(cpu[0].clamp(1, 30)));
    if let Err(reason) = read.map(|_| ()).and(limited) {
        eprintln!("{reason}");
        return ExitCode::from(FAILED);
    }
    let code = match engine(Place::Compiler).and_then(|engine| engine.precompile_component(&component)) {
        Ok(code) => code,
        Err(error) => {
            let reason = format!("{error:#}");
            eprintln!("{reason}");
            let memory = reason.contains("allocate memory") || reason.contains("out of memory");
            return ExitCode::from(if memory {
                NO_MEMORY
            } else if is_invalid(&reason) {
                INVALID
            } else {
                FAILED
            });
        }
    };
    if code.len() as u64 > ARTEFACT {
        return ExitCode::from(TOO_LARGE);
    }
    match std::io::stdout().lock().write_all(&code) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(FAILED),
    }
}

fn limit(cpu: u64) -> std::io::Result<()> {
    let hard = |resource, soft: u64, hard: u64| setrlimit(resource, Rlimit { current: Some(soft), maximum: Some(hard) });
    hard(Resource::As, ADDRESS_SPACE, ADDRESS_SPACE)?;
    hard(Resource::Cpu, cpu, cpu + 1)?;
    hard(Resource::Fsize, ARTEFACT, ARTEFACT)?;
    hard(Resource::Nofile, OPEN_FILES, OPEN_FILES)?;
    hard(Resource::Core, 0, 0)?;
    nice(10)?;
    Ok(())
}
