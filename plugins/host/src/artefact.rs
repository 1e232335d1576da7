//! Compiled code on disk. wasmtime trusts what it loads, so nothing is loaded whose MAC does not hold (plugins.md §7).
//!
//! Beside `<component>.cwasm`, which wasmtime maps as it is, lies `<component>.seal`: header and HMAC over both. The folder is
//! the server's own (0700), so a file cannot change between the check and the mapping unless by the server itself.
use std::{
    fs::{self, OpenOptions, Permissions},
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wasmtime::{Engine, component::Component};

use crate::{engine::fingerprint, json::hex};

/// The cache folder and the key of its seals.
pub struct Artefacts {
    dir: PathBuf,
    key: [u8; 32],
    engine: String,
}

/// What lies in the cache for a component.
pub enum Cached {
    Absent,
    /// Sealed by another engine or version: an honest update, compiled anew.
    Stale,
    /// A seal that does not hold: thrown away, and a security event (`plugin.artefact_bad`).
    Tampered,
    Ready(Component),
}

impl Artefacts {
    pub fn open(dir: &Path, key: [u8; 32], engine: &Engine) -> std::io::Result<Artefacts> {
        fs::create_dir_all(dir)?;
        fs::set_permissions(dir, Permissions::from_mode(0o700))?;
        Ok(Artefacts { dir: dir.to_owned(), key, engine: fingerprint(engine) })
    }

    fn path(&self, component_digest: &str, end: &str) -> PathBuf {
        self.dir.join(format!("{component_digest}.{end}"))
    }

    fn header(&self, component_digest: &str, length: usize) -> String {
        format!("linli-artefact-1\n{}\n{component_digest}\n{length}\n", self.engine)
    }

    fn mac(&self, header: &str, code: &[u8]) -> Hmac<Sha256> {
        // HMAC takes a key of any length; 32 bytes cannot fail.
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.key).expect("a key of 32 bytes");
        mac.update(header.as_bytes());
        mac.update(code);
        mac
    }

    pub fn load(&self, engine: &Engine, component_digest: &str) -> Cached {
        let (code_path, seal_path) = (self.path(component_digest, "cwasm"), self.path(component_digest, "seal"));
        let (Ok(code), Ok(seal)) = (fs::read(&code_path), fs::read(&seal_path)) else { return Cached::Absent };
        let header = self.header(component_digest, code.len());
        let Some((given, tag)) = seal.len().checked_sub(32).map(|at| seal.split_at(at)) else { return Cached::Tampered };
        let engine_of = |header: &[u8]| header.split(|b| *b == b'\n').nth(1).map(<[u8]>::to_vec);
        if engine_of(given) != engine_of(header.as_bytes()) && self.mac_of_other_engine(given, &code, tag) {
            return Cached::Stale;
        }
        if given != header.as_bytes() || self.mac(&header, &code).verify_slice(tag).is_err() {
            return Cached::Tampered;
        }
        match map(engine, &code_path) {
            Ok(component) => Cached::Ready(component),
            Err(_) => Cached::Stale,
        }
    }

    /// A true seal of another engine is no attack.
    fn mac_of_other_engine(&self, header: &[u8], code: &[u8], tag: &[u8]) -> bool {
        std::str::from_utf8(header).is_ok_and(|header| self.mac(header, code).verify_slice(tag).is_ok())
    }

    /// Writes code and seal (temporary name, then rename) and maps them.
    pub fn store(&self, engine: &Engine, component_digest: &str, code: &[u8]) -> wasmtime::Result<Component> {
        let header = self.header(component_digest, code.len());
        let mut seal = header.clone().into_bytes();
        seal.extend_from_slice(&self.mac(&header, code).finalize().into_bytes());
        self.write(component_digest, "cwasm", code)?;
        self.write(component_digest, "seal", &seal)?;
        map(engine, &self.path(component_digest, "cwasm"))
    }

    fn write(&self, component_digest: &str, end: &str, bytes: &[u8]) -> std::io::Result<()> {
        let unique = hex(&uuid::Uuid::now_v7().into_bytes());
        let temporary = self.path(component_digest, &unique);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o400).open(&temporary)?;
        let written =
            file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&temporary, self.path(component_digest, end)));
        if written.is_err() {
            let _ = fs::remove_file(&temporary); // the first error is the one to tell
        }
        written
    }

    pub fn remove(&self, component_digest: &str) {
        for end in ["seal", "cwasm"] {
            let _ = fs::remove_file(self.path(component_digest, end)); // absent is as good
        }
    }
}

/// Maps machine code into the process: pages are shared and evictable, from a buffer they would be private memory.
#[allow(unsafe_code)]
fn map(engine: &Engine, path: &Path) -> wasmtime::Result<Component> {
    // SAFETY: the bytes at `path` were made by our compiler child and carried a valid MAC under the server's key a moment
    // ago, in a folder that only this server can write; wasmtime itself checks version and configuration.
    unsafe { Component::deserialize_file(engine, path) }
}
