use std::time::{Duration, Instant};

use super::*;

#[tokio::test]
async fn a_message_reaches_whoever_listens() {
    let bus = InProcessBus::default();
    bus.publish("policy:binhai", "1").await;
    let mut listener = bus.subscribe();
    bus.publish("policy:binhai", "2").await;
    assert_eq!(listener.recv().await.unwrap(), Message { topic: "policy:binhai".into(), text: "2".into() });
}

#[test]
fn a_bucket_gives_its_burst_then_says_when_to_come_back() {
    let bus = InProcessBus::default();
    let (limit, start) = (RateLimit { burst: 5, per_seconds: 10 }, Instant::now());
    let take = |key: &str, millis: u64| bus.take_at(key, limit, start + Duration::from_millis(millis));
    for _ in 0..5 {
        assert_eq!(take("a", 0), Ok(()));
    }
    assert_eq!(take("a", 0), Err(2));
    assert_eq!(take("b", 0), Ok(()));
    assert_eq!(take("a", 2_000), Ok(()));
    assert_eq!(take("a", 2_000), Err(2));
    for _ in 0..5 {
        assert_eq!(take("a", 3_600_000), Ok(()));
    }
    assert!(take("a", 3_600_000).is_err());
}

#[test]
fn too_many_is_a_429_with_retry_after() {
    let problem = too_many(7);
    assert_eq!((problem.status(), problem.code(), problem.retry_after_seconds()), (429, "rate.limited", Some(7)));
}
