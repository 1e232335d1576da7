//! The child process: `linli child table`. It gets an empty environment and the file on its input, limits itself, answers rows
//! as JSON lines; whatever the file does to it, the parent only waits and reads.
use std::{
    io::{BufRead, BufWriter, Write},
    path::PathBuf,
    process::{ExitCode, Stdio},
    time::Duration,
};

use linli_kernel::Problem;
use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Table, TableError, TableKind, TableRow, limits, parse};

/// Reads tables: in a child of the given program, or in this process where no such program exists (tests).
#[derive(Clone, Debug, Default)]
pub struct TableReader {
    /// The `linli` binary.
    pub exe: Option<PathBuf>,
}

/// One line of the child's answer.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Header {
        row: usize,
        names: Vec<String>,
    },
    Row(TableRow),
    /// The last line: without it the child died.
    End,
    Refused(TableError),
}

/// Reads a clerk's file by this program's own child; where this program is not `linli` (a test), in process.
pub async fn read(bytes: Vec<u8>, kind: TableKind) -> Result<Table, Problem> {
    let exe = std::env::current_exe().ok().filter(|exe| exe.file_stem().is_some_and(|name| name == "linli"));
    TableReader { exe }.read(bytes, kind).await
}

impl TableReader {
    pub async fn read(&self, bytes: Vec<u8>, kind: TableKind) -> Result<Table, Problem> {
        match &self.exe {
            None => tokio::task::spawn_blocking(move || parse(&bytes, &kind)).await.map_err(Problem::internal)?.map_err(Problem::from),
            Some(exe) => {
                let work = in_child(exe.clone(), bytes, kind);
                // Dropping the work kills the child.
                match tokio::time::timeout(Duration::from_secs(limits::CHILD_WALL_SECONDS), work).await {
                    Ok(answer) => answer,
                    Err(_) => Err(TableError::TooSlow {}.into()),
                }
            }
        }
    }
}

async fn in_child(exe: PathBuf, bytes: Vec<u8>, kind: TableKind) -> Result<Table, Problem> {
    let mut child = tokio::process::Command::new(exe)
        .args(["child", "table"])
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|e| Problem::unavailable("表格读取", e))?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(Problem::internal("the child has no pipes"));
    };
    let mut head = serde_json::to_vec(&kind).map_err(Problem::internal)?;
    head.push(b'\n');
    let give = async move {
        // A child that refuses early closes its end: its answer counts, not this.
        let _ = input.write_all(&head).await;
        let _ = input.write_all(&bytes).await;
        let _ = input.shutdown().await;
    };
    let mut answer = Vec::new();
    let take = async {
        let mut output = output.take(limits::CHILD_ANSWER);
        output.read_to_end(&mut answer).await
    };
    let ((), taken) = tokio::join!(give, take);
    taken.map_err(Problem::internal)?;
    let status = child.wait().await.map_err(Problem::internal)?;
    let table = tokio::task::spawn_blocking(move || collect(&answer)).await.map_err(Problem::internal)?;
    if table.is_none() {
        tracing::warn!(%status, "The table reader died on a file");
    }
    // Killed by its limits (or fallen over its own feet): either way the file was too much.
    table.unwrap_or(Err(TableError::TooSlow {})).map_err(Problem::from)
}

/// The table of the child's lines; `None` when the last line is missing.
fn collect(answer: &[u8]) -> Option<Result<Table, TableError>> {
    let mut table = Table::default();
    for line in answer.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        match serde_json::from_slice(line).ok()? {
            Line::Header { row, names } => (table.header_row, table.header) = (row, names),
            Line::Row(row) => table.rows.push(row),
            Line::End => return Some(Ok(table)),
            Line::Refused(error) => return Some(Err(error)),
        }
    }
    None
}

/// `linli child table`: limits itself, reads the kind and the file from standard input, writes the table to standard output.
pub fn child() -> ExitCode {
    match limit_myself().and_then(|()| serve(&mut std::io::stdin().lock(), &mut std::io::stdout().lock())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// No file is written, no core left, memory, time and handles are bounded.
fn limit_myself() -> std::io::Result<()> {
    let hard = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::As, hard(limits::CHILD_MEMORY))?;
    setrlimit(Resource::Cpu, hard(limits::CHILD_CPU_SECONDS))?;
    setrlimit(Resource::Nofile, hard(limits::CHILD_FILES))?;
    setrlimit(Resource::Fsize, hard(0))?;
    setrlimit(Resource::Core, hard(0))?;
    Ok(())
}

fn serve(input: &mut impl BufRead, output: &mut impl Write) -> std::io::Result<()> {
    let mut head = String::new();
    input.read_line(&mut head)?;
    let kind: TableKind = serde_json::from_str(&head)?;
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes)?;
    let mut output = BufWriter::new(output);
    let mut line = |line: &Line| -> std::io::Result<()> {
        serde_json::to_writer(&mut output, line)?;
        output.write_all(b"\n")
    };
    match parse(&bytes, &kind) {
        Ok(table) => {
            line(&Line::Header { row: table.header_row, names: table.header })?;
            for row in table.rows {
                line(&Line::Row(row))?;
            }
            line(&Line::End)?;
        }
        Err(error) => line(&Line::Refused(error))?,
    }
    output.flush()
}

#[cfg(test)]
mod tests;
