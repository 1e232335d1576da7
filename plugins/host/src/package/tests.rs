use serde_json::json;

use super::*;
use crate::testing::{AREA, Parts, SHIPPED, VOTE, bytes, day, plugins, zip};

fn codes(bytes: &[u8]) -> Vec<&'static str> {
    match Package::read(bytes) {
        Ok(_) => Vec::new(),
        Err(refusal) => refusal.0.iter().map(PluginError::code).collect(),
    }
}

fn packed(parts: Parts) -> Vec<&'static str> {
    codes(&parts.pack().0)
}

#[test]
fn the_shipped_packages_are_whole_and_signed_by_the_demo_key() {
    for name in SHIPPED {
        let package = Package::read(&bytes(name).0).unwrap();
        assert!(package.trust(&[Signer::demo()], day()).is_ok(), "{name}");
        assert_eq!(format!("{}-{}", package.manifest.id, package.manifest.version), name);
    }
}

/// `LOCK` names the source of every package; a change without `plugins/build.sh` is found here, without any toolchain.
#[test]
fn the_shipped_packages_are_those_of_the_source() {
    for (folder, rules) in [
        ("dist", vec![("shared", "area-proportional"), ("shared", "vote-threshold"), ("shanhe", "lift-floors")]),
        ("hostile", vec![("hostile", "bad-allocation"), ("hostile", "bad-threshold")]),
    ] {
        let lock = std::fs::read_to_string(plugins().join(folder).join("LOCK")).unwrap();
        assert_eq!(lock.lines().count(), rules.len());
        for (city, rule) in rules {
            let source = source_digest(&plugins().join("cities").join(city).join(rule));
            let line = lock.lines().find(|line| line.contains(&format!("{rule}-"))).unwrap();
            assert!(line.contains(&format!("source:{source}")), "{rule} was changed: run plugins/build.sh");
            let name = line.split('\t').next().unwrap().trim_end_matches(".linli-plugin");
            assert!(
                line.contains(&format!("package:{}", Package::read(&bytes(name).0).unwrap().digest)),
                "{name} is not the locked package"
            );
        }
    }
}

/// The same digest as the packer's.
fn source_digest(rule: &std::path::Path) -> String {
    fn collect(root: &std::path::Path, folder: &std::path::Path, label: &str, into: &mut std::collections::BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(root, &path, label, into);
            } else {
                into.insert(format!("{label}/{}", path.strip_prefix(root).unwrap().display()), std::fs::read(&path).unwrap());
            }
        }
    }
    let mut files = std::collections::BTreeMap::new();
    for (label, folder) in
        [("rule", rule.to_path_buf()), ("sdk", plugins().join("sdk/rust")), ("wit", plugins().join("wit/linli-rules@1.0.0"))]
    {
        collect(&folder, &folder, label, &mut files);
    }
    for name in ["Cargo.toml", "Cargo.lock"] {
        files.insert(format!("cities/{name}"), std::fs::read(plugins().join("cities").join(name)).unwrap());
    }
    let mut hash = Sha256::new();
    for (name, bytes) in files {
        hash.update(format!("{name}\n{}\n", bytes.len()));
        hash.update(bytes);
    }
    hex(&hash.finalize())
}

#[test]
fn a_wrong_manifest_is_refused_with_every_error_at_once() {
    let wrong = Parts::of(AREA)
        .say("/version", json!("1.0"))
        .say("/points", json!(["allocation.weights", "no.such", "vote.threshold"]))
        .say("/limits/fuel", json!(200_000_001))
        .say("/endpoints", json!([{ "name": "bank" }]));
    let want = ["plugin.manifest_bad", "plugin.manifest_bad", "plugin.limits_too_high", "plugin.point_unknown", "plugin.point_world"];
    assert_eq!(packed(wrong), want);
    assert_eq!(packed(Parts::of(AREA).say("/world", json!("linli:rules/allocation@1.1.0"))), ["plugin.world_newer"]);
    assert_eq!(packed(Parts::of(AREA).say("/world", json!("linli:rules/rank@1.0.0"))), ["plugin.world_missing"]);
    let mut extra = Parts::of(AREA);
    extra.manifest["surprise"] = json!(1);
    assert_eq!(packed(extra), ["plugin.manifest_bad"]);
}

#[test]
fn files_and_digests_must_be_those_of_the_manifest() {
    let mut absent = Parts::of(AREA);
    absent.files.remove("README.md");
    assert_eq!(codes(&absent.pack_as_listed().0), ["plugin.file_missing"]);
    assert_eq!(codes(&Parts::of(AREA).with("evil.sh", "x").pack_as_listed().0), ["plugin.file_extra"]);
    assert_eq!(codes(&Parts::of(AREA).with("README.md", "x").pack_as_listed().0), ["plugin.digest_mismatch"]);
    let mut none = Parts::of(AREA);
    none.files.retain(|name, _| !name.starts_with("tests/"));
    assert_eq!(packed(none), ["plugin.tests_missing"]);
    assert_eq!(packed(Parts::of(AREA).with("tests/x.json", "{}")), ["plugin.test_failed"]);
    let both =
        Parts::of(AREA).with("messages.json", r#"{"a":{"zh":"甲","en":"","basis":[]}}"#).with("params.schema.json", r#"{"type":"string"}"#);
    assert_eq!(packed(both), ["plugin.schema_bad", "plugin.messages_bad"]);
    assert_eq!(packed(Parts::of(AREA).with("component.wasm", "\0asm\x01\0\0\0")), ["plugin.not_a_component"]);
    assert_eq!(packed(Parts::of(AREA).with("component.wasm", "MZ")), ["plugin.not_a_component"]);
}

#[test]
fn only_one_reading_of_an_archive_is_accepted() {
    assert_eq!(codes(b"PK"), ["plugin.archive_bad"]);
    assert_eq!(codes(&[0; 4096]), ["plugin.archive_bad"]);
    assert_eq!(codes(&zip(&[("component.wasm", b"a"), ("component.wasm", b"b")])), ["plugin.archive_bad"]);
    for name in ["../x", "/etc/passwd", "a//b", "a\\b", ".hidden", "a/../b", "甲"] {
        assert_eq!(codes(&zip(&[(name, b"a")])), ["plugin.archive_bad"], "{name}");
    }
    let mut behind = bytes(AREA).0.to_vec();
    behind.push(0);
    assert_eq!(codes(&behind), ["plugin.archive_bad"]);
    assert_eq!(codes(&vec![0; archive::MAX_PACKAGE + 1]), ["plugin.too_large"]);
    assert_eq!(codes(&zip(&[("README.md", b"a")])), ["plugin.file_missing"]);
}

#[test]
fn no_altered_byte_passes() {
    let whole = bytes(VOTE).0.to_vec();
    for at in (0..whole.len()).step_by(97) {
        let mut altered = whole.clone();
        altered[at] ^= 0x10;
        let accepted = Package::read(&altered).and_then(|package| package.trust(&[Signer::demo()], day()).map(|_| package.digest));
        // The signature file and ZIP fields without meaning may differ; what counts is that the package is the same one.
        if let Ok(digest) = accepted {
            assert_eq!(digest, Package::read(&whole).unwrap().digest, "byte {at}");
        }
    }
}

#[test]
fn who_signed_decides_and_a_revoked_key_does_not() {
    let mut unsigned = Parts::of(AREA);
    unsigned.sign = false;
    let trust = |package: &Package, signers: &[Signer]| package.trust(signers, day()).map_err(|r| r.0[0].code());
    assert_eq!(trust(&Package::read(&unsigned.pack().0).unwrap(), &[Signer::demo()]), Err("plugin.unsigned"));
    let package = Package::read(&bytes(AREA).0).unwrap();
    assert_eq!(trust(&package, &[]), Err("plugin.signer_unknown"));
    let mut revoked = Signer::demo();
    revoked.revoked_on = Some(day());
    assert_eq!(trust(&package, &[revoked.clone()]), Err("plugin.signer_revoked"));
    revoked.revoked_on = day().plus_days(1);
    assert!(trust(&package, &[revoked]).is_ok());
    // A true signature of another manifest.
    let mut other = Parts::of(AREA).say("/author", json!("someone else"));
    let borrowed = archive::read(&bytes(AREA).0)
        .unwrap()
        .into_iter()
        .find(|(n, _)| n.starts_with("signatures/"))
        .map(|(n, c)| (n.to_owned(), c.to_vec()));
    let (name, content) = borrowed.unwrap();
    other.sign = false;
    let listed = other.pack();
    let mut files: Vec<(&str, &[u8])> = archive::read(&listed.0).unwrap();
    files.push((&name, &content));
    files.sort();
    assert_eq!(trust(&Package::read(&zip(&files)).unwrap(), &[Signer::demo()]), Err("plugin.signature_bad"));
}
