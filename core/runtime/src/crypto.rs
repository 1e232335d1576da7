//! 密码: the master key and what is derived from it; sealed fields with a blind index; digests (architecture §5.12).
use std::{fmt, fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Generate},
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use linli_kernel::Problem;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The one secret of an installation. Everything else is derived from it, so that losing it loses every sealed field.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl MasterKey {
    /// Reads the key's file (64 hexadecimal digits), or draws a key and writes it with mode 0600.
    pub fn load_or_create(path: &Path) -> Result<MasterKey, Problem> {
        let wrong = |why: String| Problem::internal(format!("master key {}: {why}", path.display()));
        match fs::read_to_string(path) {
            Ok(text) => {
                let key = unhex(text.trim()).and_then(|bytes| bytes.try_into().ok());
                return key.map(MasterKey).ok_or_else(|| wrong("it must hold 64 hexadecimal digits".into()));
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(wrong(e.to_string())),
        }
        let key = MasterKey(random());
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(|e| wrong(e.to_string()))?;
        file.write_all(hex(&key.0).as_bytes()).and_then(|()| file.sync_all()).map_err(|e| wrong(e.to_string()))?;
        Ok(key)
    }
    /// A given key, for tests and for keys that a vault hands over.
    pub fn from_bytes(key: [u8; 32]) -> MasterKey {
        MasterKey(key)
    }
    /// A key of its own for one purpose (HKDF-SHA256).
    pub fn derive(&self, label: &str) -> [u8; 32] {
        let mut key = [0; 32];
        // 32 bytes is below HKDF's limit of 255 blocks, so it cannot fail
        Hkdf::<Sha256>::new(Some(b"linli"), &self.0).expand(label.as_bytes(), &mut key).expect("32 bytes are within HKDF's limit");
        key
    }
}

/// Seals and opens the personal fields of one tenant (id numbers, phones, bank cards), and finds them again.
#[derive(Clone)]
pub struct FieldCipher {
    cipher: Aes256Gcm,
    index: [u8; 32],
}

impl fmt::Debug for FieldCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FieldCipher(…)")
    }
}

const FORM: &str = "1.";

impl FieldCipher {
    pub fn new(master: &MasterKey, tenant_id: Uuid) -> FieldCipher {
        let key = master.derive(&format!("field:{tenant_id}"));
        FieldCipher { cipher: Aes256Gcm::new(&key.into()), index: master.derive(&format!("blind:{tenant_id}")) }
    }
    /// `1.` and base64 of nonce and ciphertext. The same text is sealed to another value each time.
    pub fn seal(&self, text: &str) -> String {
        let nonce: [u8; 12] = random();
        // Sealing fails only above 64 GiB, which no field is.
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), text.as_bytes()).expect("a field is far below AES-GCM's limit");
        format!("{FORM}{}", BASE64_STANDARD_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }
    /// The text again; a defect (500) when it was altered or sealed under another key.
    pub fn open(&self, sealed: &str) -> Result<String, Problem> {
        let wrong = || Problem::internal("a sealed field does not open: altered, or another master key");
        let bytes = sealed.strip_prefix(FORM).and_then(|t| BASE64_STANDARD_NO_PAD.decode(t).ok()).ok_or_else(wrong)?;
        let (nonce, body) = bytes.split_at_checked(12).ok_or_else(wrong)?;
        let nonce: [u8; 12] = nonce.try_into().map_err(|_| wrong())?;
        let text = self.cipher.decrypt(&Nonce::from(nonce), body).map_err(|_| wrong())?;
        String::from_utf8(text).map_err(|_| wrong())
    }
    /// 盲索引: by which equal values of one kind (`id_number`, `mobile`) are found without opening them.
    pub fn blind_index(&self, kind: &str, text: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.index).expect("HMAC takes a key of any length");
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(text.as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

/// SHA-256 as 64 hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
/// SM3 as 64 hexadecimal digits.
pub fn sm3_hex(bytes: &[u8]) -> String {
    hex(&sm3::Sm3::digest(bytes))
}
/// 256 random bits as 43 characters that stand in a header or an address.
pub fn random_token() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(random::<32>())
}
/// Random bytes of the operating system.
pub fn random<const N: usize>() -> [u8; N] {
    Generate::generate()
}
/// Whether two secrets are equal, in a time that does not tell where they differ.
pub fn ct_eq(a: &str, b: &str) -> bool {
    let differ = a.bytes().zip(b.bytes()).fold(0, |all, (x, y)| all | (x ^ y));
    a.len() == b.len() && std::hint::black_box(differ) == 0
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a String never fails
        text
    })
}
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests;
