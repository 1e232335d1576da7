//! Size and rate, refused before anything is read or asked (architecture §7).
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{Method, header},
    middleware::Next,
    response::Response,
};
use linli_kernel::Problem;
use linli_tenants::http::{BodyDigest, TenantSlug, problem_response};
use sha2::{Digest, Sha256};

/// A JSON command, or one file of at most 8 MiB with its form around it.
const BODY_MAX: usize = 9 << 20;
/// A plugin package (plugins.md §7).
const PACKAGE_MAX: usize = 25 << 20;

/// Reads the body within its limit and notes its digest, so that a replayed key can be told from a reused one.
pub(super) async fn body(mut request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    let max = if request.uri().path().ends_with("/plugins/packages") { PACKAGE_MAX } else { BODY_MAX };
    let too_large = || {
        let (zh, en) = (format!("请求内容超过 {} MB，请拆分后再试", max >> 20), format!("The body is larger than {} MB", max >> 20));
        problem_response(&Problem::new(413, "body.too_large", zh, en))
    };
    let stated = request.headers().get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
    if stated.is_some_and(|n| n > max) {
        return too_large();
    }
    let bytes = match to_bytes(std::mem::replace(request.body_mut(), Body::empty()), max).await {
        Ok(bytes) => bytes,
        Err(error) if std::error::Error::source(&error).is_some_and(|s| s.to_string().contains("length limit")) => return too_large(),
        Err(_) => {
            return problem_response(&Problem::new(
                400,
                "body.broken",
                "请求没有传完，请再试一次",
                "The body did not arrive whole; try again",
            ));
        }
    };
    let mut hash = Sha256::new();
    hash.update(request.method().as_str());
    hash.update([0]);
    hash.update(request.uri().path());
    hash.update([0]);
    hash.update(request.headers().get(header::IF_MATCH).map_or(&b""[..], |v| v.as_bytes()));
    hash.update([0]);
    hash.update(digest_input(&request, &bytes));
    let digest = hash.finalize().iter().map(|b| format!("{b:02x}")).collect();
    request.extensions_mut().insert(BodyDigest(digest));
    *request.body_mut() = Body::from(bytes);
    next.run(request).await
}

/// A repeated multipart body has another boundary each time: what counts is what stands between.
fn digest_input(request: &Request, bytes: &[u8]) -> Vec<u8> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    let boundary = kind.strip_prefix("multipart/form-data").and_then(|rest| rest.split("boundary=").nth(1)).map(|b| b.trim_matches('"'));
    match boundary {
        Some(boundary) if !boundary.is_empty() => {
            let needle = boundary.as_bytes();
            let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
            while at < bytes.len() {
                if bytes[at..].starts_with(needle) {
                    at += needle.len();
                } else {
                    out.push(bytes[at]);
                    at += 1;
                }
            }
            out
        }
        _ => bytes.to_vec(),
    }
}

/// One bucket a caller (token or address) and tenant: refills at `PER_SECOND`, holds `BURST`.
#[derive(Default)]
pub(super) struct Rates(Mutex<HashMap<u64, (f32, Option<Instant>)>>);

const PER_SECOND: f32 = 300.0;
const BURST: f32 = 1_500.0;
const CALLERS_MAX: usize = 100_000;

pub(super) async fn rate(State(rates): State<Arc<Rates>>, request: Request, next: Next) -> Response {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut caller = DefaultHasher::new();
    request.extensions().get::<TenantSlug>().map(|s| s.0.as_str()).hash(&mut caller);
    match request.headers().get(header::AUTHORIZATION).or_else(|| request.headers().get(header::COOKIE)) {
        Some(token) => token.as_bytes().hash(&mut caller),
        None => request.extensions().get::<axum::extract::ConnectInfo<std::net::SocketAddr>>().map(|a| a.0.ip()).hash(&mut caller),
    }
    if rates.take(caller.finish()) {
        return next.run(request).await;
    }
    problem_response(
        &Problem::new(429, "too_many_requests", "请求过于频繁，请稍后再试", "Too many requests; try again shortly").retry_after(1),
    )
}

impl Rates {
    fn take(&self, caller: u64) -> bool {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() > CALLERS_MAX {
            buckets.clear(); // bounded memory matters more than one second of leniency
        }
        let now = Instant::now();
        let (left, last) = buckets.entry(caller).or_insert((BURST, None));
        if let Some(last) = last {
            *left = (*left + now.duration_since(*last).as_secs_f32() * PER_SECOND).min(BURST);
        }
        *last = Some(now);
        let allowed = *left >= 1.0;
        if allowed {
            *left -= 1.0;
        }
        allowed
    }
}
