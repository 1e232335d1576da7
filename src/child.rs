//! Limited child processes: they get a file on standard input, no key, no database, no environment.
use std::process::ExitCode;

#[derive(clap::Subcommand)]
pub enum Child {
    /// Reads a clerk's spreadsheet and writes its rows as JSON lines.
    Table,
    /// Compiles a rule's component.
    Compile,
}

pub fn run(child: Child) -> ExitCode {
    match child {
        Child::Table => linli_runtime::table::child(),
        Child::Compile => linli_plugins::child_compile(),
    }
}
