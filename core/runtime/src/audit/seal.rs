//! Checkpoints: the head of the tree, signed with the tenant's Ed25519 key, so that nobody can grow another tree unseen.
use base64::{Engine, prelude::BASE64_STANDARD};
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use linli_kernel::{Problem, Timestamp};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::{Db, Sql, crypto::MasterKey, crypto::sha256_hex, values};

/// The tenant's signing key, derived from the master key; its public half is given to whoever verifies.
#[derive(Clone)]
pub struct CheckpointKey {
    key: SigningKey,
    tenant_id: Uuid,
}

impl std::fmt::Debug for CheckpointKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CheckpointKey({})", self.key_id())
    }
}

/// A signed head as stored.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Checkpoint {
    pub seq: i64,
    pub head: String,
    pub at: Timestamp,
    pub key_id: String,
    /// Ed25519, base64.
    pub signature: String,
}

impl CheckpointKey {
    pub fn new(master: &MasterKey, tenant_id: Uuid) -> CheckpointKey {
        CheckpointKey { key: SigningKey::from_bytes(&master.derive(&format!("checkpoint:{tenant_id}"))), tenant_id }
    }
    /// The first 16 digits of the SHA-256 of the public key.
    pub fn key_id(&self) -> String {
        sha256_hex(self.public().as_bytes())[..16].to_owned()
    }
    pub fn public(&self) -> VerifyingKey {
        self.key.verifying_key()
    }
    /// What is signed, line by line.
    fn text(&self, seq: i64, head: &str, at: Timestamp) -> String {
        format!("linli-checkpoint-1\n{}\n{seq}\n{head}\n{at}\n", self.tenant_id)
    }
    fn sign(&self, seq: i64, head: &str, at: Timestamp) -> String {
        BASE64_STANDARD.encode(self.key.sign(self.text(seq, head, at).as_bytes()).to_bytes())
    }
    /// Whether the checkpoint was signed with this key and says what it said then.
    pub fn holds(&self, checkpoint: &Checkpoint) -> bool {
        let bytes = BASE64_STANDARD.decode(&checkpoint.signature).ok();
        let Some(signature) = bytes.and_then(|b| Signature::from_slice(&b).ok()) else { return false };
        let text = self.text(checkpoint.seq, &checkpoint.head, checkpoint.at);
        checkpoint.key_id == self.key_id() && self.public().verify(text.as_bytes(), &signature).is_ok()
    }
}

const NEW: &str = "select h.seq, h.head from audit_head h
                   where h.id = 1 and h.seq > coalesce((select max(seq) from audit_checkpoint), 0)";
const INSERT: &str =
    "insert into audit_checkpoint (seq, head, at, key_id, signature) values ($1, $2, $3, $4, $5) on conflict (seq) do nothing";
const LATEST: &str = "select seq, head, at, key_id, signature from audit_checkpoint order by seq desc limit 1";

#[derive(FromQueryResult)]
struct Grown {
    seq: i64,
    head: String,
}

/// Signs the present head, if the tree grew since the last checkpoint.
pub async fn checkpoint(db: &Db, key: &CheckpointKey, now: Timestamp) -> Result<Option<Checkpoint>, Problem> {
    let grown: Option<Grown> = db.reader().row(NEW, values![]).await?;
    let Some(Grown { seq, head }) = grown else { return Ok(None) };
    let made = Checkpoint { signature: key.sign(seq, &head, now), key_id: key.key_id(), seq, head, at: now };
    let tx = db.begin().await?;
    let row = values![made.seq, made.head.as_str(), made.at, made.key_id.as_str(), made.signature.as_str()];
    tx.exec(INSERT, row).await?;
    tx.commit().await?;
    Ok(Some(made))
}

/// The newest checkpoint.
pub async fn latest_checkpoint(conn: &impl Sql) -> Result<Option<Checkpoint>, Problem> {
    conn.row(LATEST, values![]).await
}
