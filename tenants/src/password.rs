//! 口令: rules, and argon2id on two threads with a bounded queue.
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use linli_kernel::{Invalid, Problem};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Words that are no password, also with digits and signs at their ends.
const COMMON: &str = include_str!("../policy/common_passwords.txt");
const MAX_BYTES: usize = 1024;
const MAX_WAITING: usize = 100;

/// Refuses a password that the policy (`djbh3`: ≥ 10 with 3 classes; `asvs`: ≥ 12) does not allow.
pub(crate) fn check(policy: &str, password: &str, login_name: &str) -> Result<(), Problem> {
    let mut invalid = Invalid::new();
    let length = password.chars().count();
    let classes = [
        password.chars().any(|c| c.is_lowercase()),
        password.chars().any(|c| c.is_uppercase()),
        password.chars().any(|c| c.is_numeric()),
        password.chars().any(|c| !c.is_alphanumeric()),
    ];
    let (least, kinds) = if policy == "asvs" { (12, 0) } else { (10, 3) };
    if length < least || password.len() > MAX_BYTES {
        let zh = format!("口令须至少{least}个字符");
        invalid.add("/password", "password.length", zh, format!("At least {least} characters"));
    } else if classes.iter().filter(|c| **c).count() < kinds {
        let zh = "口令须含大写字母、小写字母、数字、符号中的三类";
        invalid.add("/password", "password.classes", zh, "Three of: capitals, small letters, digits, signs");
    } else if is_common(password, login_name) {
        invalid.add("/password", "password.common", "这个口令过于常见，请换一个", "This password is too common; choose another");
    }
    invalid.done()
}

fn is_common(password: &str, login_name: &str) -> bool {
    let whole = password.to_lowercase();
    let core = whole.trim_matches(|c: char| !c.is_alphabetic());
    whole == login_name.to_lowercase() || COMMON.lines().map(str::trim).any(|word| !word.is_empty() && (word == whole || word == core))
}

/// Hashes on two threads; more callers wait, and past a bound they are turned away.
pub(crate) struct Hasher {
    threads: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// Verified for unknown accounts, so that they take as long as known ones.
    nobody: std::sync::OnceLock<String>,
}

impl Default for Hasher {
    fn default() -> Hasher {
        Hasher { threads: Arc::new(Semaphore::new(2)), waiting: AtomicUsize::new(0), nobody: std::sync::OnceLock::new() }
    }
}

/// The right to one hash; whoever holds it reads the counter of failures, hashes and writes it, so that parallel guesses
/// cannot slip past the lock.
pub(crate) struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl Hasher {
    pub(crate) async fn turn(&self) -> Result<Turn, Problem> {
        if self.waiting.fetch_add(1, Ordering::AcqRel) >= MAX_WAITING {
            self.waiting.fetch_sub(1, Ordering::AcqRel);
            return Err(Problem::new(429, "identity.busy", "登录人数过多，请稍后再试", "Too many sign-ins at once; try again shortly")
                .retry_after(2));
        }
        let permit = self.threads.clone().acquire_owned().await;
        self.waiting.fetch_sub(1, Ordering::AcqRel);
        permit.map(|permit| Turn { _permit: permit }).map_err(Problem::internal)
    }
    pub(crate) async fn hash(&self, _: &Turn, password: &str) -> Result<String, Problem> {
        let password = password.to_owned();
        let hash = tokio::task::spawn_blocking(move || hash_now(&password)).await;
        hash.map_err(Problem::internal)?
    }
    /// Whether `password` is the one behind `hash`; without a hash it takes the same time and is false.
    pub(crate) async fn verify(&self, turn: &Turn, password: &str, hash: Option<&str>) -> Result<bool, Problem> {
        let known = hash.is_some();
        let hash = match (hash, self.nobody.get()) {
            (Some(hash), _) => hash.to_owned(),
            (None, Some(nobody)) => nobody.clone(),
            (None, None) => {
                let made = self.hash(turn, "nobody's password").await?;
                self.nobody.get_or_init(|| made).clone()
            }
        };
        if password.len() > MAX_BYTES {
            return Ok(false);
        }
        let password = password.to_owned();
        let verified = tokio::task::spawn_blocking(move || {
            let hash = PasswordHash::new(&hash).map_err(Problem::internal)?;
            Ok::<bool, Problem>(Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
        });
        Ok(verified.await.map_err(Problem::internal)?? && known)
    }
}

fn hash_now(password: &str) -> Result<String, Problem> {
    // argon2id, 19 MiB, two passes, a salt of its own
    Ok(Argon2::default().hash_password(password.as_bytes()).map_err(Problem::internal)?.to_string())
}

#[cfg(test)]
mod tests;
