//! The form for several replicas. Every fault of Redis is noted and then served in process.
use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use linli_kernel::Problem;
use redis::{
    Client, ProtocolVersion, PushInfo, PushKind, Script, TlsCertificates,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::sync::broadcast;

use super::{Bus, InProcessBus, Message, RateLimit};

/// Where Redis is.
#[derive(Clone, Debug)]
pub struct RedisSettings {
    /// `redis://…` or `rediss://…`.
    pub url: String,
    /// PEM of a city's own certificate authority.
    pub ca_pem: Option<Vec<u8>>,
    /// Before every key and channel: several installations may share a server.
    pub prefix: String,
}

/// A token bucket in one script, by the server's own clock. Answers the milliseconds to wait, 0 when a token was taken.
const TAKE: &str = "
local burst, per = tonumber(ARGV[1]), tonumber(ARGV[2])
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local b = redis.call('HMGET', KEYS[1], 'milli', 'at')
local milli, at = tonumber(b[1]) or burst * 1000, tonumber(b[2]) or now
milli = math.min(burst * 1000, milli + math.floor(math.max(0, now - at) * burst / per))
local wait = 0
if milli >= 1000 then milli = milli - 1000 else wait = math.ceil((1000 - milli) * per / burst) end
redis.call('HSET', KEYS[1], 'milli', milli, 'at', now)
redis.call('PEXPIRE', KEYS[1], per * 1000 + 1000)
return wait";

pub struct RedisBus {
    manager: ConnectionManager,
    take: Script,
    prefix: String,
    /// Delivers here, and limits while Redis is away.
    here: Arc<InProcessBus>,
}

impl RedisBus {
    /// Connects and listens. Fails only when Redis cannot be reached at the start: a wrong address should be seen then.
    pub async fn connect(settings: RedisSettings) -> Result<RedisBus, Problem> {
        let away = |e: redis::RedisError| Problem::unavailable("Redis", e);
        let url = match settings.url.contains("protocol=") {
            true => settings.url.clone(),
            false => format!("{}{}protocol=resp3", settings.url, if settings.url.contains('?') { '&' } else { '?' }),
        };
        let client = match settings.ca_pem {
            Some(pem) => Client::build_with_tls(url, TlsCertificates { client_tls: None, root_cert: Some(pem) }).map_err(away)?,
            None => Client::open(url).map_err(away)?,
        };
        debug_assert_eq!(client.get_connection_info().redis_settings().protocol(), ProtocolVersion::RESP3);
        let here = Arc::new(InProcessBus::default());
        let (deliver, prefix) = (here.clone(), format!("{}:", settings.prefix));
        let strip = prefix.clone();
        let pushed = move |push: PushInfo| -> Result<(), ()> {
            if let Some(message) = message(&push, &strip) {
                deliver.deliver(message);
            }
            Ok(())
        };
        let config = ConnectionManagerConfig::new()
            .set_push_sender(pushed)
            .set_automatic_resubscription()
            .set_connection_timeout(Some(Duration::from_millis(500)))
            .set_response_timeout(Some(Duration::from_millis(500)))
            .set_number_of_retries(3)
            .set_max_delay(Duration::from_millis(500));
        let mut manager = client.get_connection_manager_with_config(config).await.map_err(away)?;
        manager.psubscribe(format!("{prefix}*")).await.map_err(away)?;
        Ok(RedisBus { manager, take: Script::new(TAKE), prefix, here })
    }
}

/// The message in a push of kind `pmessage`: pattern, channel, payload.
fn message(push: &PushInfo, prefix: &str) -> Option<Message> {
    if push.kind != PushKind::PMessage {
        return None;
    }
    let text = |i: usize| push.data.get(i).and_then(|v| redis::from_redis_value_ref::<String>(v).ok());
    let topic = text(1)?.strip_prefix(prefix)?.to_owned();
    Some(Message { topic, text: text(2)? })
}

#[async_trait]
impl Bus for RedisBus {
    async fn publish(&self, topic: &str, text: &str) {
        let mut connection = self.manager.clone();
        let sent: redis::RedisResult<i64> =
            redis::cmd("PUBLISH").arg(format!("{}{topic}", self.prefix)).arg(text).query_async(&mut connection).await;
        if let Err(error) = sent {
            tracing::warn!(topic, %error, "Redis is away: told this replica only");
            self.here.publish(topic, text).await;
        }
    }
    fn subscribe(&self) -> broadcast::Receiver<Message> {
        self.here.subscribe()
    }
    async fn take(&self, key: &str, limit: RateLimit) -> Result<(), u32> {
        let mut connection = self.manager.clone();
        let mut call = self.take.key(format!("{}rate:{key}", self.prefix));
        let wait: redis::RedisResult<u64> = call.arg(limit.burst).arg(limit.per_seconds.max(1)).invoke_async(&mut connection).await;
        match wait {
            Ok(0) => Ok(()),
            Ok(ms) => Err(u32::try_from(ms.div_ceil(1_000)).unwrap_or(u32::MAX)),
            Err(error) => {
                tracing::warn!(%error, "Redis is away: limiting in process");
                self.here.take(key, limit).await
            }
        }
    }
}
