//! Headers that commands carry: `Idempotency-Key` and `If-Match`.
use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, request::Parts},
    response::Response,
};
use linli_kernel::Problem;
use linli_runtime::Key;

use super::answer::problem_response;

/// The slug that was taken from the path or the host before routing.
#[derive(Clone, Debug)]
pub struct TenantSlug(pub String);

/// The id of the request, given or made by the outermost layer.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// SHA-256 (hex) over method, path and body, put into the request by the outermost layer.
#[derive(Clone, Debug)]
pub struct BodyDigest(pub String);

/// `Idempotency-Key`, optional.
pub struct IdempotencyKey(pub Key);

/// `Idempotency-Key`, required because money moves: 428 without it, and the key is kept for ever.
pub struct MoneyKey(pub Key);

/// The version in `If-Match: "3"`, required: 428 without it.
#[derive(Clone, Copy, Debug)]
pub struct IfMatch(pub i64);

fn key(parts: &Parts, forever: bool) -> Result<Key, Problem> {
    let digest = parts.extensions.get::<BodyDigest>().map(|d| d.0.clone()).unwrap_or_default();
    let Some(value) = parts.headers.get("idempotency-key") else {
        return Ok(Key { text: None, digest, forever });
    };
    match value.to_str() {
        Ok(text) if !text.is_empty() && text.len() <= 255 => Ok(Key { text: Some(text.to_owned()), digest, forever }),
        _ => Err(Problem::new(
            422,
            "idempotency.key_invalid",
            "幂等键须为 1 至 255 个可见字符",
            "An Idempotency-Key is 1 to 255 visible characters",
        )),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        key(parts, false).map(IdempotencyKey).map_err(|p| problem_response(&p))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for MoneyKey {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let found = key(parts, true).and_then(|key| {
            let missing = || {
                Problem::new(
                    428,
                    "idempotency.key_missing",
                    "涉及资金的操作须带幂等键（Idempotency-Key）",
                    "Money moves: an Idempotency-Key is required",
                )
            };
            if key.text.is_some() { Ok(MoneyKey(key)) } else { Err(missing()) }
        });
        found.map_err(|p| problem_response(&p))
    }
}

fn version(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get("if-match") else { return Ok(None) };
    let number = value.to_str().ok().map(|v| v.trim().trim_matches('"')).and_then(|v| v.parse().ok());
    number
        .map(Some)
        .ok_or_else(|| Problem::new(422, "version.invalid", "If-Match 须为带引号的版本号", "If-Match is a quoted version number"))
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let missing = || Problem::new(428, "version.missing", "修改时须带版本号（If-Match）", "If-Match with the version is required");
        version(&parts.headers).and_then(|v| v.map(IfMatch).ok_or_else(missing)).map_err(|p| problem_response(&p))
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for IfMatch {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Response> {
        version(&parts.headers).map(|v| v.map(IfMatch)).map_err(|p| problem_response(&p))
    }
}

impl IfMatch {
    /// 412 unless the record still has this version.
    pub fn check(self, version: i64) -> Result<(), Problem> {
        if self.0 == version {
            return Ok(());
        }
        Err(Problem::new(412, "version.stale", "内容已被他人修改，请重新载入后再改", "It was changed by somebody else; load it again")
            .with("version", version))
    }
}
