//! The compiling child with its real limits. Started as `… child compile` this test program is that child.
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use linli_plugins::{Compiler, Host, PackageBytes, child_compile};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.starts_with(&["child".into(), "compile".into()]) {
        return child_compile();
    }
    if args.iter().any(|arg| arg == "--list") {
        println!("a_package_is_compiled_in_a_child: test");
        return ExitCode::SUCCESS;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let dir = std::env::temp_dir().join(format!("linli-plugins-child-{}", std::process::id()));
    let host = Host::with_compiler([1; 32], &dir, Compiler::this_program().expect("this program has a path")).expect("a host");
    for entry in std::fs::read_dir(root.join("dist")).expect("dist") {
        let path: PathBuf = entry.expect("an entry").path();
        if path.extension().is_some_and(|end| end == "linli-plugin") {
            let start = Instant::now();
            let loaded = host.load(&PackageBytes::open(&path).expect("a file")).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            loaded.golden().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            println!("{} compiled in a child and tested in {:?}", loaded.package.manifest.id, start.elapsed());
        }
    }
    std::fs::remove_dir_all(&dir).expect("our own folder");
    ExitCode::SUCCESS
}
