//! The dependency picture of ARCHITECTURE.md: arrows point down only.
use std::{collections::BTreeMap, process::Command};

/// Crate → what it may use of ours.
const PICTURE: &[(&str, &[&str])] = &[
    ("linli-macros", &[]),
    ("linli-kernel", &["linli-macros"]),
    ("linli-runtime", &["linli-kernel", "linli-macros"]),
    ("linli-migrations", &["linli-kernel", "linli-runtime"]),
    ("linli-tenants", &["linli-kernel", "linli-macros", "linli-runtime", "linli-migrations"]),
    ("linli-ledger", FOUNDATION),
    ("linli-property", FOUNDATION),
    ("linli-materials", FOUNDATION),
    ("linli-workflow", FOUNDATION),
    ("linli-plugins", FOUNDATION),
    ("linli-fund", SYSTEM),
];
const FOUNDATION: &[&str] = &["linli-kernel", "linli-macros", "linli-runtime", "linli-tenants"];
const SYSTEM: &[&str] = &[
    "linli-kernel",
    "linli-macros",
    "linli-runtime",
    "linli-tenants",
    "linli-ledger",
    "linli-property",
    "linli-materials",
    "linli-workflow",
    "linli-plugins",
];

#[test]
fn arrows_between_crates_point_down_only() {
    let out =
        Command::new(env!("CARGO")).args(["metadata", "--format-version", "1", "--no-deps", "--offline"]).output().expect("cargo metadata");
    let metadata: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let mut uses: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let ours = package["dependencies"].as_array().expect("dependencies").iter();
        let ours = ours.filter(|d| d["kind"].is_null()).filter_map(|d| d["name"].as_str()).filter(|n| n.starts_with("linli-"));
        uses.insert(package["name"].as_str().expect("a name").to_owned(), ours.map(str::to_owned).collect());
    }
    for (name, allowed) in PICTURE {
        for used in &uses[*name] {
            assert!(allowed.contains(&used.as_str()), "{name} must not use {used}");
        }
    }
    for name in uses.keys() {
        let known = PICTURE.iter().any(|(n, _)| n == name) || ["linli", "linli-openapi", "linli-tests"].contains(&name.as_str());
        assert!(known, "{name} has no place in the picture");
    }
}

#[test]
fn a_citys_slug_stands_in_no_rust_file_but_tests_and_demo() {
    let top = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the checkout");
    let slugs: Vec<String> = std::fs::read_dir(top.join("tenants/packs"))
        .expect("packs")
        .flatten()
        .filter(|e| e.path().is_dir())
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    assert!(slugs.len() >= 2);
    let mut folders: Vec<std::path::PathBuf> =
        ["core", "tenants", "workflow", "plugins/host", "openapi", "migrations", "src"].map(|f| top.join(f)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            let text = path.to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if text.ends_with(".rs") && !text.contains("/tests") && !text.contains("/testing.rs") && !text.contains("/demo") {
                let content = std::fs::read_to_string(&path).expect("a text");
                let code = content.lines().filter(|l| !l.trim_start().starts_with("//"));
                for line in code {
                    assert!(!slugs.iter().any(|s| line.contains(s.as_str()) && !line.contains("example")), "{text}: {line}");
                }
            }
        }
    }
}
