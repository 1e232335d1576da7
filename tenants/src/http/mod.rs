//! What handlers are made of: extractors that refuse with a problem document, and answers.
mod answer;
mod auth;
mod json;
mod keys;

pub use answer::{Answer, Problems, accepted, created, no_content, ok, problem_response, with_locale};
pub use auth::{PlatformCtx, Session, Source, Visitor, cookie};
pub(crate) use auth::{env as platform_env, platform_cookie, platform_token};
pub use json::{Json, Path, Query};
pub use keys::{BodyDigest, IdempotencyKey, IfMatch, MoneyKey, RequestId, TenantSlug};
