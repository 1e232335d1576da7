//! `linli-plugin-pack RULE_FOLDER CORE.wasm DIST KEY.hex TOOLCHAIN`: one signed `.linli-plugin` file, and its line in `LOCK`.
//!
//! The same inputs give the same bytes: entries sorted and stored, time 1980-01-01, Ed25519 is deterministic.
use std::{
    collections::BTreeMap,
    fs,
    io::{Cursor, Write},
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sm3::Sm3;
use wit_component::ComponentEncoder;
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [rule, module, dist, key, toolchain] = args.as_slice() else {
        bail!("usage: linli-plugin-pack RULE_FOLDER CORE.wasm DIST KEY.hex TOOLCHAIN");
    };
    let (rule, dist) = (Path::new(rule), Path::new(dist));
    let module = fs::read(module).context("the core module")?;
    let component = ComponentEncoder::default().validate(true).module(&module)?.encode()?;
    let source = source_digest(rule)?;

    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    files.insert("component.wasm".into(), component);
    for name in ["params.schema.json", "messages.json", "README.md"] {
        files.insert(name.into(), fs::read(rule.join(name)).with_context(|| format!("{name} of {}", rule.display()))?);
    }
    files.insert("LICENSE".into(), APACHE.into());
    for entry in fs::read_dir(rule.join("tests")).context("tests/")? {
        let entry = entry?;
        files.insert(format!("tests/{}", entry.file_name().to_string_lossy()), fs::read(entry.path())?);
    }

    let mut manifest: Value = serde_json::from_slice(&fs::read(rule.join("plugin.json"))?)?;
    manifest["format"] = json!(1);
    manifest["build"] = json!({ "language": "rust", "toolchain": toolchain, "source_sha256": source, "reproducible": true });
    let listed = files.iter().map(|(name, bytes)| {
        (name.clone(), json!({ "sha256": hex(&Sha256::digest(bytes)), "sm3": hex(&Sm3::digest(bytes)), "size": bytes.len() }))
    });
    manifest["files"] = Value::Object(listed.collect());
    // serde_json sorts keys here (no `preserve_order`), so this is the canonical form that digests are made of.
    let canonical = serde_json::to_vec(&manifest)?;
    let digest = Sha256::digest(&canonical);

    let mut message = b"linli-plugin-1\n".to_vec();
    message.extend_from_slice(&digest);
    message.push(b'\n');
    message.extend_from_slice(&Sm3::digest(&canonical));
    let secret = unhex(fs::read_to_string(key)?.lines().find(|line| !line.starts_with('#')).unwrap_or_default())?;
    let signing = SigningKey::from_bytes(&secret.try_into().ok().context("a key of 32 bytes in hex")?);
    let public = signing.verifying_key().to_bytes();
    let key_id = hex(&Sha256::digest(public)[..8]);
    let signature = json!({ "algorithm": "ed25519", "key_id": key_id, "public_key": hex(&public),
        "signature": hex(&signing.sign(&message).to_bytes()) });
    files.insert("manifest.json".into(), canonical);
    files.insert(format!("signatures/{key_id}.json"), serde_json::to_vec(&signature)?);

    let (id, version) = (text(&manifest, "id")?, text(&manifest, "version")?);
    let name = format!("{id}-{version}.linli-plugin");
    fs::create_dir_all(dist)?;
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored).last_modified_time(DateTime::default());
    for (path, bytes) in &files {
        zip.start_file(path.as_str(), options)?;
        zip.write_all(bytes)?;
    }
    fs::write(dist.join(&name), zip.finish()?.into_inner())?;
    lock(dist, &name, &source, &hex(&digest), toolchain)?;
    println!("{name} sha256:{}", hex(&digest));
    Ok(())
}

/// SHA-256 over path and content of all that decides the package: the rule's folder, the SDK, the WIT, the lock of versions.
fn source_digest(rule: &Path) -> Result<String> {
    let cities = rule.parent().and_then(Path::parent).filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let plugins = cities.join("..");
    let mut files = BTreeMap::new();
    for (label, folder) in [("rule", rule.to_path_buf()), ("sdk", plugins.join("sdk/rust")), ("wit", plugins.join("wit/linli-rules@1.0.0"))]
    {
        collect(&folder, &folder, label, &mut files)?;
    }
    for name in ["Cargo.toml", "Cargo.lock"] {
        files.insert(format!("cities/{name}"), fs::read(cities.join(name))?);
    }
    let mut hash = Sha256::new();
    for (name, bytes) in files {
        hash.update(format!("{name}\n{}\n", bytes.len()));
        hash.update(bytes);
    }
    Ok(hex(&hash.finalize()))
}

fn collect(root: &Path, folder: &Path, label: &str, into: &mut BTreeMap<String, Vec<u8>>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, label, into)?;
        } else {
            into.insert(format!("{label}/{}", path.strip_prefix(root)?.display()), fs::read(&path)?);
        }
    }
    Ok(())
}

/// `LOCK`: package file, source digest, package digest, toolchain; sorted, one line a package.
fn lock(dist: &Path, name: &str, source: &str, digest: &str, toolchain: &str) -> Result<()> {
    let path = dist.join("LOCK");
    let before = fs::read_to_string(&path).unwrap_or_default();
    let mut lines: BTreeMap<String, String> =
        before.lines().filter_map(|line| line.split_once('\t').map(|(name, _)| (name.to_owned(), line.to_owned()))).collect();
    lines.insert(name.to_owned(), format!("{name}\tsource:{source}\tpackage:{digest}\t{toolchain}"));
    fs::write(path, lines.into_values().map(|line| line + "\n").collect::<String>())?;
    Ok(())
}

fn text<'a>(manifest: &'a Value, key: &str) -> Result<&'a str> {
    manifest[key].as_str().with_context(|| format!("plugin.json: {key}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Result<Vec<u8>> {
    let text = text.trim();
    ensure!(text.len() % 2 == 0, "an odd number of hex digits");
    (0..text.len()).step_by(2).map(|at| Ok(u8::from_str_radix(&text[at..at + 2], 16)?)).collect()
}

const APACHE: &str = "Licensed under the Apache License, Version 2.0: https://www.apache.org/licenses/LICENSE-2.0\n";
