//! What the tests of this crate share: one host, the shipped packages, and a packer for altered ones.
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use ed25519_dalek::{Signer as _, SigningKey};
use linli_kernel::{Area, Date, Money};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sm3::Sm3;

use crate::{
    Compiler, Context, Host, House, Loaded, PackageBytes, Work,
    json::{canonical, hex, sha256, unhex},
};

pub const AREA: &str = "cn.linli.fund.area-proportional-1.0.0";
pub const LIFT: &str = "cn.gov.shanhe.fund.lift-floors-1.2.0";
pub const VOTE: &str = "cn.linli.property.vote-threshold-1.0.0";
pub const SHIPPED: [&str; 3] = [AREA, LIFT, VOTE];
pub const BAD_ALLOCATION: &str = "cn.linli.test.bad-allocation-1.0.0";
pub const BAD_THRESHOLD: &str = "cn.linli.test.bad-threshold-1.0.0";

pub static HOST: LazyLock<Host> = LazyLock::new(|| host(&folder("shared")));

/// An empty folder of this test process.
pub fn folder(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("linli-plugins-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    dir
}

pub fn host(dir: &Path) -> Host {
    Host::with_compiler([7; 32], dir, Compiler::InProcess).unwrap()
}

pub fn plugins() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Bytes of a built package, shipped or hostile.
pub fn bytes(name: &str) -> PackageBytes {
    let folder = if name.contains(".test.") { "hostile" } else { "dist" };
    PackageBytes::open(&plugins().join(folder).join(format!("{name}.linli-plugin"))).unwrap()
}

pub fn loaded(name: &str) -> Arc<Loaded> {
    HOST.load(&bytes(name)).unwrap()
}

pub fn day() -> Date {
    "2026-11-16".parse().unwrap()
}

pub fn context(loaded: &Loaded, params: Value) -> Context {
    let point = loaded.package.manifest.points[0].clone();
    Context { point, region: "370000000000".into(), as_of: day(), known_on: day(), params: loaded.params(&params).unwrap() }
}

pub fn house(area: i64, floor: i16) -> House {
    House {
        area: Area(area),
        floor,
        building: 0,
        entrance: 0,
        kind: 0,
        deposited: Money::ZERO,
        available: Money::ZERO,
        sold: true,
        delivered: true,
    }
}

pub fn work(cost: i64, kind: &str) -> Work {
    Work { cost: Money(cost), kind: kind.into(), part: String::new(), storeys: 11 }
}

/// A package taken apart, to be altered and packed again with true digests and a true signature of the demo key.
pub struct Parts {
    pub manifest: Value,
    pub files: BTreeMap<String, Vec<u8>>,
    pub sign: bool,
}

impl Parts {
    pub fn of(name: &str) -> Parts {
        let bytes = bytes(name);
        let mut files: BTreeMap<String, Vec<u8>> =
            crate::archive::read(&bytes.0).unwrap().into_iter().map(|(name, content)| (name.to_owned(), content.to_vec())).collect();
        let manifest = serde_json::from_slice(&files.remove("manifest.json").unwrap()).unwrap();
        files.retain(|name, _| !name.starts_with("signatures/"));
        Parts { manifest, files, sign: true }
    }

    pub fn with(mut self, name: &str, content: impl Into<Vec<u8>>) -> Parts {
        self.files.insert(name.into(), content.into());
        self
    }

    pub fn say(mut self, pointer: &str, value: Value) -> Parts {
        *self.manifest.pointer_mut(pointer).unwrap() = value;
        self
    }

    pub fn pack(mut self) -> PackageBytes {
        let listed = self
            .files
            .iter()
            .map(|(name, bytes)| (name.clone(), json!({ "sha256": sha256(bytes), "sm3": hex(&Sm3::digest(bytes)), "size": bytes.len() })));
        self.manifest["files"] = Value::Object(listed.collect());
        self.pack_as_listed()
    }

    /// Keeps the manifest's list as it is.
    pub fn pack_as_listed(self) -> PackageBytes {
        let manifest = canonical(&self.manifest);
        let mut files = self.files;
        if self.sign {
            let text = std::fs::read_to_string(plugins().join("tools/pack/demo-signing-key.hex")).unwrap();
            let secret = unhex(text.lines().find(|line| !line.starts_with('#')).unwrap()).unwrap();
            let key = SigningKey::from_bytes(&secret.try_into().unwrap());
            let public = key.verifying_key().to_bytes();
            let id = hex(&Sha256::digest(public)[..8]);
            let message =
                [b"linli-plugin-1\n".as_slice(), &Sha256::digest(manifest.as_bytes()), b"\n", &Sm3::digest(manifest.as_bytes())].concat();
            let signature = hex(&key.sign(&message).to_bytes());
            let signed = json!({ "algorithm": "ed25519", "key_id": id, "public_key": hex(&public), "signature": signature });
            files.insert(format!("signatures/{id}.json"), signed.to_string().into_bytes());
        }
        files.insert("manifest.json".into(), manifest.into_bytes());
        let list: Vec<(&str, &[u8])> = files.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
        PackageBytes(zip(&list).into())
    }
}

/// A stored ZIP of exactly these entries, in this order.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let mut common = vec![0, 0, 0, 0, 0, 0, 0x21, 0]; // flags, stored, time, 1980-01-01
        common.extend_from_slice(&crc32(content).to_le_bytes());
        common.extend_from_slice(&(content.len() as u32).to_le_bytes());
        common.extend_from_slice(&(content.len() as u32).to_le_bytes());
        directory.extend_from_slice(&[0x50, 0x4b, 1, 2, 10, 0, 10, 0]);
        directory.extend_from_slice(&common);
        directory.extend_from_slice(&(name.len() as u16).to_le_bytes());
        directory.extend_from_slice(&[0; 12]);
        directory.extend_from_slice(&(out.len() as u32).to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
        out.extend_from_slice(&[0x50, 0x4b, 3, 4, 10, 0]);
        out.extend_from_slice(&common);
        out.extend_from_slice(&(name.len() as u16).to_le_bytes());
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(content);
    }
    let (start, count) = (out.len() as u32, (files.len() as u16).to_le_bytes());
    out.extend_from_slice(&directory);
    out.extend_from_slice(&[0x50, 0x4b, 5, 6, 0, 0, 0, 0]);
    out.extend_from_slice(&[count, count].concat());
    out.extend_from_slice(&(directory.len() as u32).to_le_bytes());
    out.extend_from_slice(&start.to_le_bytes());
    out.extend_from_slice(&[0, 0]);
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0_u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())))
}
