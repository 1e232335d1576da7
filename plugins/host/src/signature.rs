//! 签名: who answers for a package. Ed25519 over `linli-plugin-1`, SHA-256 and SM3 of the canonical manifest.
use ed25519_dalek::{Signature as Ed25519, VerifyingKey};
use linli_kernel::Date;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use sm3::Sm3;

use crate::{
    PluginError,
    json::{hex, unhex},
};

/// A key that a tenant trusts.
#[derive(Clone, Debug)]
pub struct Signer {
    pub key_id: String,
    pub public_key: [u8; 32],
    pub owner: String,
    pub revoked_on: Option<Date>,
}

impl Signer {
    pub fn new(public_key: [u8; 32], owner: &str) -> Signer {
        Signer { key_id: key_id(&public_key), public_key, owner: owner.to_owned(), revoked_on: None }
    }

    /// The product's demo key, whose secret lies in the tree: for demo tenants and tests only.
    pub fn demo() -> Signer {
        Signer::new(DEMO_KEY, "linli demo")
    }
}

const DEMO_KEY: [u8; 32] = [
    0x84, 0xca, 0x7c, 0x17, 0xba, 0xdb, 0x0c, 0xf1, 0x9f, 0x75, 0x64, 0x27, 0xf1, 0x4d, 0xd3, 0xf6, 0xd2, 0x42, 0xfe, 0xc5, 0x20, 0xe9,
    0xae, 0x25, 0x06, 0x24, 0xb3, 0x7e, 0x60, 0xd8, 0x82, 0xe3,
];

/// First eight bytes (hex) of SHA-256 of the public key.
fn key_id(public_key: &[u8]) -> String {
    hex(&Sha256::digest(public_key)[..8])
}

/// `signatures/<key-id>.json`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    pub algorithm: String,
    pub key_id: String,
    pub public_key: String,
    pub signature: String,
}

/// At least one signature of a trusted, unrevoked signer must verify; returns that key's id. All errors when none does.
pub(crate) fn check(signatures: &[Signature], manifest: &str, signers: &[Signer], today: Date) -> Result<String, Vec<PluginError>> {
    if signatures.is_empty() {
        return Err(vec![PluginError::Unsigned]);
    }
    let mut message = b"linli-plugin-1\n".to_vec();
    message.extend_from_slice(&Sha256::digest(manifest.as_bytes()));
    message.push(b'\n');
    message.extend_from_slice(&Sm3::digest(manifest.as_bytes()));
    let mut errors = Vec::new();
    for signature in signatures {
        match check_one(signature, &message, signers, today) {
            Ok(()) => return Ok(signature.key_id.clone()),
            Err(error) => errors.push(error),
        }
    }
    Err(errors)
}

fn check_one(signature: &Signature, message: &[u8], signers: &[Signer], today: Date) -> Result<(), PluginError> {
    let key = signature.key_id.clone();
    let bad = || PluginError::SignatureBad { key: key.clone() };
    if signature.algorithm != "ed25519" {
        return Err(bad());
    }
    let public: [u8; 32] = unhex(&signature.public_key).and_then(|b| b.try_into().ok()).ok_or_else(bad)?;
    let bytes: [u8; 64] = unhex(&signature.signature).and_then(|b| b.try_into().ok()).ok_or_else(bad)?;
    if key_id(&public) != key {
        return Err(bad());
    }
    let verifying = VerifyingKey::from_bytes(&public).map_err(|_| bad())?;
    verifying.verify_strict(message, &Ed25519::from_bytes(&bytes)).map_err(|_| bad())?;
    let signer = signers.iter().find(|s| s.public_key == public).ok_or_else(|| PluginError::SignerUnknown { key: key.clone() })?;
    match signer.revoked_on {
        Some(date) if date <= today => Err(PluginError::SignerRevoked { key, date: date.to_string() }),
        Some(_) | None => Ok(()),
    }
}
