//! 总线: wake-ups, invalidation and rate limits between replicas. It never holds the only copy of anything: without Redis the
//! service is slower, not wrong (architecture §5.7).
mod in_process;
mod redis_bus;

pub use in_process::InProcessBus;
pub use redis_bus::{RedisBus, RedisSettings};

use async_trait::async_trait;
use linli_kernel::Problem;
use tokio::sync::broadcast;

/// A message on the bus: ids and versions only, never content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub topic: String,
    pub text: String,
}

/// A token bucket: `burst` at once, then `burst` in each `per_seconds`, evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    pub burst: u32,
    pub per_seconds: u32,
}

/// Wake-ups and rate limits; in process for one replica, by Redis for several.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Tells all replicas, this one too. A lost message only delays: whoever listens also polls.
    async fn publish(&self, topic: &str, text: &str);
    /// All messages from now on; the receiver filters by topic and treats `Lagged` as "anything may have changed".
    fn subscribe(&self) -> broadcast::Receiver<Message>;
    /// Takes one token of `key`'s bucket; `Err(seconds)` says after how many seconds to try again.
    async fn take(&self, key: &str, limit: RateLimit) -> Result<(), u32>;
}

/// 429 with `Retry-After`.
pub fn too_many(seconds: u32) -> Problem {
    Problem::new(429, "rate.limited", format!("操作过于频繁，请{seconds}秒后再试"), format!("Too many requests; try again in {seconds} s"))
        .retry_after(seconds)
}

#[cfg(test)]
mod tests;
