//! 插件包: one signed file, read with limits and checked without running any of it (stages 1–7 of plugins.md §6).
use std::collections::BTreeSet;

use linli_kernel::Date;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sm3::Sm3;

use crate::{
    PluginError, Refusal, archive,
    json::{canonical, hex, sha256},
    manifest::{Manifest, World, shown},
    messages::Messages,
    schema::Schema,
    signature::{self, Signature, Signer},
};

pub const MAX_COMPONENT: usize = 20 << 20;
/// A package shows by at least one case what it does.
const LEAST_TESTS: usize = 1;
const MAX_TESTS: usize = 200;

/// A package whose bytes are what its manifest says; whom to trust is asked by [`Package::trust`].
#[derive(Clone, Debug)]
pub struct Package {
    pub manifest: Manifest,
    pub world: World,
    /// SHA-256 (hex) of the canonical manifest: **the** digest of the package.
    pub digest: String,
    pub component: Vec<u8>,
    pub component_digest: String,
    pub schema: Schema,
    pub messages: Messages,
    pub tests: Vec<GoldenTest>,
    pub size: usize,
    signatures: Vec<Signature>,
    canonical: String,
}

/// `tests/*.json`: a case and its answer in the API's form.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoldenTest {
    pub name: String,
    pub point: String,
    pub as_of: Date,
    pub params: Value,
    pub input: Value,
    pub output: Option<Value>,
    pub error: Option<Value>,
}

impl Package {
    pub fn read(bytes: &[u8]) -> Result<Package, Refusal> {
        let files = archive::read(bytes)?;
        let file = |name: &str| files.iter().find(|(n, _)| *n == name).map(|(_, content)| *content);
        let absent = |name: &str| Refusal::one(PluginError::FileMissing { name: name.into() });
        let raw = file("manifest.json").ok_or_else(|| absent("manifest.json"))?;
        let manifest = Manifest::parse(raw)?;
        Refusal::unless_empty(manifest.errors())?;
        let world = manifest.world()?;
        Refusal::unless_empty(digests(&manifest, &files))?;

        let component = file("component.wasm").ok_or_else(|| absent("component.wasm"))?;
        header(component)?;
        let schema = file("params.schema.json").ok_or_else(|| absent("params.schema.json"))?;
        let messages = file("messages.json").ok_or_else(|| absent("messages.json"))?;
        let (schema, messages) = match (Schema::parse(schema), Messages::parse(messages)) {
            (Ok(schema), Ok(messages)) => (schema, messages),
            (schema, messages) => {
                return Err(Refusal([schema.err(), messages.err()].into_iter().flatten().flatten().collect()));
            }
        };
        let tests = tests(&manifest, &files)?;
        let signatures = files
            .iter()
            .filter(|(name, _)| name.starts_with("signatures/"))
            .map(|(name, content)| serde_json::from_slice(content).map_err(|_| PluginError::SignatureBad { key: shown(name) }))
            .collect::<Result<_, _>>()?;

        // The manifest was parsed strictly above, so this cannot fail; its canonical form is what is signed.
        let value: Value =
            serde_json::from_slice(raw).map_err(|e| PluginError::ManifestBad { pointer: "/".into(), reason: e.to_string() })?;
        let canonical = canonical(&value);
        Ok(Package {
            digest: sha256(canonical.as_bytes()),
            component: component.to_vec(),
            component_digest: sha256(component),
            size: bytes.len(),
            manifest,
            world,
            schema,
            messages,
            tests,
            signatures,
            canonical,
        })
    }

    /// Key id of a trusted signer whose signature verifies.
    pub fn trust(&self, signers: &[Signer], today: Date) -> Result<String, Refusal> {
        signature::check(&self.signatures, &self.canonical, signers, today).map_err(Refusal)
    }

    /// The key that the file claims, whether trusted or not; for display only.
    pub fn claimed_signer(&self) -> Option<&str> {
        self.signatures.first().map(|s| s.key_id.as_str())
    }
}

fn digests(manifest: &Manifest, files: &[(&str, &[u8])]) -> Vec<PluginError> {
    let mut errors = Vec::new();
    let present: BTreeSet<&str> = files.iter().map(|(name, _)| *name).collect();
    for name in manifest.files.keys().filter(|name| !present.contains(name.as_str())) {
        errors.push(PluginError::FileMissing { name: shown(name) });
    }
    for (name, content) in files {
        if *name == "manifest.json" || name.starts_with("signatures/") {
            continue;
        }
        let Some(listed) = manifest.files.get(*name) else {
            errors.push(PluginError::FileExtra { name: (*name).into() });
            continue;
        };
        let same =
            listed.size == content.len() && listed.sha256 == hex(&Sha256::digest(content)) && listed.sm3 == hex(&Sm3::digest(content));
        if !same {
            errors.push(PluginError::DigestMismatch { name: (*name).into() });
        }
    }
    errors
}

/// Magic, version and layer: a core module says version 1, layer 0; a component version 13, layer 1.
fn header(component: &[u8]) -> Result<(), PluginError> {
    if component.len() > MAX_COMPONENT {
        return Err(PluginError::TooLarge { cap_mib: MAX_COMPONENT >> 20 });
    }
    match component.get(..8) {
        Some([0, b'a', b's', b'm', _, _, 1, 0]) => Ok(()),
        _ => Err(PluginError::NotAComponent),
    }
}

fn tests(manifest: &Manifest, files: &[(&str, &[u8])]) -> Result<Vec<GoldenTest>, Refusal> {
    let (mut tests, mut errors) = (Vec::new(), Vec::new());
    for (name, content) in files.iter().filter(|(name, _)| name.starts_with("tests/")) {
        match serde_json::from_slice::<GoldenTest>(content) {
            Ok(test) if test.output.is_some() != test.error.is_some() && manifest.points.contains(&test.point) => tests.push(test),
            Ok(_) => errors.push(PluginError::TestFailed {
                name: (*name).into(),
                want: "output 或 error，且规则点属于本插件 / output or error, and a point of this package".into(),
                got: "其他 / other".into(),
            }),
            Err(e) => errors.push(PluginError::TestFailed { name: (*name).into(), want: "JSON".into(), got: shown(&e.to_string()) }),
        }
    }
    if errors.is_empty() && !(LEAST_TESTS..=MAX_TESTS).contains(&tests.len()) {
        errors.push(PluginError::TestsMissing { least: LEAST_TESTS });
    }
    if errors.is_empty() { Ok(tests) } else { Err(Refusal(errors)) }
}

#[cfg(test)]
mod tests;
