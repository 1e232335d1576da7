//! The form for one replica; also what remains when Redis is away.
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use async_trait::async_trait;
use tokio::sync::broadcast;

use super::{Bus, Message, RateLimit};

/// Buckets kept at once; above it the full ones are dropped, which nobody notices.
const BUCKETS: usize = 100_000;

pub struct InProcessBus {
    sender: broadcast::Sender<Message>,
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    /// Thousandths of a token.
    milli: u64,
    at: Instant,
    limit: RateLimit,
}

impl Bucket {
    fn refilled(self, now: Instant) -> u64 {
        let full = u64::from(self.limit.burst) * 1_000;
        let elapsed = u64::try_from(now.duration_since(self.at).as_millis()).unwrap_or(u64::MAX);
        let gained = elapsed.saturating_mul(u64::from(self.limit.burst)) / u64::from(self.limit.per_seconds.max(1));
        self.milli.saturating_add(gained).min(full)
    }
}

impl Default for InProcessBus {
    fn default() -> Self {
        InProcessBus { sender: broadcast::channel(1_024).0, buckets: Mutex::default() }
    }
}

impl InProcessBus {
    pub fn new() -> InProcessBus {
        InProcessBus::default()
    }
    pub(super) fn deliver(&self, message: Message) {
        let _ = self.sender.send(message); // fails only when nobody listens
    }
    /// At the given moment of the machine's clock.
    pub(super) fn take_at(&self, key: &str, limit: RateLimit, now: Instant) -> Result<(), u32> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS {
            buckets.retain(|_, b| b.refilled(now) < u64::from(b.limit.burst) * 1_000);
        }
        let full = u64::from(limit.burst) * 1_000;
        let bucket = buckets.entry(key.to_owned()).or_insert(Bucket { milli: full, at: now, limit });
        bucket.limit = limit;
        bucket.milli = bucket.refilled(now);
        bucket.at = now;
        if bucket.milli >= 1_000 {
            bucket.milli -= 1_000;
            return Ok(());
        }
        let wait_ms = (1_000 - bucket.milli) * u64::from(limit.per_seconds) / u64::from(limit.burst.max(1));
        Err(u32::try_from(wait_ms.div_ceil(1_000)).unwrap_or(u32::MAX).max(1))
    }
}

#[async_trait]
impl Bus for InProcessBus {
    async fn publish(&self, topic: &str, text: &str) {
        self.deliver(Message { topic: topic.to_owned(), text: text.to_owned() });
    }
    fn subscribe(&self) -> broadcast::Receiver<Message> {
        self.sender.subscribe()
    }
    async fn take(&self, key: &str, limit: RateLimit) -> Result<(), u32> {
        self.take_at(key, limit, Instant::now())
    }
}
