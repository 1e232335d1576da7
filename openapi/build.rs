//! Takes the built pages in: the hashed files under `web/dist/assets` and the entry documents, which the server fills in.
use std::{env, fs, path::Path};

const ENTRIES: [&str; 3] = ["hall", "work", "console"];
const NOT_BUILT: &str =
    "<!doctype html><meta charset=\"utf-8\"><title>Linli</title><p>网页尚未构建，请运行 make web。 The pages are not built: run make web.";

#[allow(clippy::disallowed_methods)] // a build script has only its environment
fn main() {
    let dist = Path::new("../web/dist");
    // `make build` builds the pages first; a bare `cargo build` on a fresh clone must work too, and says what is missing.
    fs::create_dir_all(dist.join("assets")).expect("web/dist can be made");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    for entry in ENTRIES {
        let file = dist.join(format!("{entry}.html"));
        let text = fs::read_to_string(&file).unwrap_or_else(|_| NOT_BUILT.to_owned());
        fs::write(Path::new(&out).join(format!("{entry}.html")), text).expect("OUT_DIR can be written");
        println!("cargo::rerun-if-changed={}", file.display());
    }
    site(dist);
    println!("cargo::rerun-if-changed=../web/dist/assets");
    memory_serve::load_directory("../web/dist/assets");
}

/// The public site's stylesheet and script by their hashed names, from the manifest of the built pages.
fn site(dist: &Path) {
    let manifest = dist.join(".vite/manifest.json");
    println!("cargo::rerun-if-changed={}", manifest.display());
    let text = fs::read_to_string(&manifest).unwrap_or_default();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let entry = &json["site/site.ts"];
    let of = |value: &serde_json::Value| value.as_str().map(|f| format!("/{f}")).unwrap_or_else(|| "/assets/not-built".to_owned());
    println!("cargo::rustc-env=LINLI_SITE_SCRIPT={}", of(&entry["file"]));
    println!("cargo::rustc-env=LINLI_SITE_CSS={}", of(&entry["css"][0]));
}
