//! What handlers are made of: extractors that refuse with a problem document, and answers.
mod answer;
mod json;
mod keys;

pub use answer::{Answer, Problems, accepted, created, no_content, ok, problem_response, with_locale};
pub use json::{Json, Path, Query};
pub use keys::{BodyDigest, IdempotencyKey, IfMatch, MoneyKey, RequestId, TenantSlug};
