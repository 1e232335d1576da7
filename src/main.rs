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
    give_memory_back();
    // One TLS stack, chosen before anything can open a connection.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        eprintln!("another crypto provider was installed before main");
        return ExitCode::FAILURE;
    }
    cli::run()
}

const THRESHOLD: &str = "MALLOC_MMAP_THRESHOLD_";

/// glibc raises its threshold when the first password's 19 MiB buffer is freed, and from then on keeps such buffers: a first start
/// stayed at 713 MB, with a fixed threshold at 112. It is read before `main`, so a server starts itself once more with it set.
fn give_memory_back() {
    use std::os::unix::process::CommandExt;
    let mut arguments = std::env::args_os().skip(1);
    let serves = arguments.next().is_some_and(|first| first == "demo" || first == "serve");
    if serves
        && std::env::var_os(THRESHOLD).is_none()
        && let Ok(me) = std::env::current_exe()
    {
        // comes back only when it failed; then the program runs on as it is
        let failed = std::process::Command::new(me).args(std::env::args_os().skip(1)).env(THRESHOLD, "1048576").exec();
        eprintln!("linli: could not fix the allocator's threshold: {failed}");
    }
}
