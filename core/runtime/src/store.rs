//! 对象库: bytes named by their SHA-256, one room for each tenant: a folder, or an S3 bucket. The database row is the truth.
mod folder;
mod s3;

pub use folder::FolderStore;
pub use s3::{S3Settings, S3Store};

use async_trait::async_trait;
use linli_kernel::Problem;
use uuid::Uuid;

/// Where documents' bytes lie. All calls name the tenant: no digest is looked up across tenants.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// Keeps the bytes under their digest; the same digest again changes nothing. When it answers, they survive a crash.
    async fn put(&self, tenant: Uuid, digest: &str, bytes: Vec<u8>) -> Result<(), Problem>;
    /// The bytes; `None` when there are none. Whoever uses them compares their digest.
    async fn get(&self, tenant: Uuid, digest: &str) -> Result<Option<Vec<u8>>, Problem>;
    async fn exists(&self, tenant: Uuid, digest: &str) -> Result<bool, Problem>;
    /// For retention only; a digest that is not there is no fault.
    async fn delete(&self, tenant: Uuid, digest: &str) -> Result<(), Problem>;
    /// All digests of the tenant, for the check that rows and bytes agree.
    async fn list(&self, tenant: Uuid) -> Result<Vec<String>, Problem>;
}

/// A digest is 64 small hexadecimal digits; anything else never becomes a path.
fn checked(digest: &str) -> Result<&str, Problem> {
    let fine = digest.len() == 64 && digest.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if fine { Ok(digest) } else { Err(Problem::internal(format!("no digest: {digest}"))) }
}

#[cfg(test)]
mod tests;
