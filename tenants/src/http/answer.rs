//! Answers and refusals in the language of the caller.
use std::collections::BTreeMap;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use linli_kernel::{Locale, Problem};
use serde::Serialize;
use utoipa::openapi::{Content, Ref, RefOr, ResponseBuilder, response::Response as ApiResponse};

tokio::task_local! {
    static CALLER: (Locale, String);
}

/// Runs a request with its language and id known to every refusal inside it. Called by the outermost layer.
pub async fn with_locale<F: Future>(locale: Locale, request_id: String, f: F) -> F::Output {
    CALLER.scope((locale, request_id), f).await
}

/// What a handler returns: the view with its status, or a problem document.
pub struct Answer<T>(Result<(StatusCode, Option<String>, Option<T>), Problem>);

/// 200 with the view.
pub fn ok<T>(result: Result<T, Problem>) -> Answer<T> {
    Answer(result.map(|view| (StatusCode::OK, None, Some(view))))
}
/// 201 with the view and where it lies: `created(result, |v| format!("/fund/uses/{}", v.id))`, the path below the API's base.
pub fn created<T>(result: Result<T, Problem>, location: impl FnOnce(&T) -> String) -> Answer<T> {
    Answer(result.map(|view| (StatusCode::CREATED, Some(location(&view)), Some(view))))
}
/// 202 with the view of the work under way.
pub fn accepted<T>(result: Result<T, Problem>) -> Answer<T> {
    Answer(result.map(|view| (StatusCode::ACCEPTED, None, Some(view))))
}
/// 204.
pub fn no_content(result: Result<(), Problem>) -> Answer<()> {
    Answer(result.map(|()| (StatusCode::NO_CONTENT, None, None)))
}

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        match self.0 {
            Ok((status, location, view)) => {
                let mut response = match view {
                    Some(view) => (status, axum::Json(view)).into_response(),
                    None => status.into_response(),
                };
                if let Some(Ok(value)) = location.map(|l| HeaderValue::from_str(&l)) {
                    response.headers_mut().insert(header::LOCATION, value);
                }
                response
            }
            Err(problem) => problem_response(&problem),
        }
    }
}

/// The problem document; what only we may know goes to the log, once, here.
pub fn problem_response(problem: &Problem) -> Response {
    let (locale, request_id) = CALLER.try_with(Clone::clone).unwrap_or_default();
    if problem.status() >= 500 {
        tracing::error!(request_id, code = problem.code(), cause = problem.cause().unwrap_or(""), "Answered `{}`", problem.status());
    }
    let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, axum::Json(problem.to_json(locale, &request_id))).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = problem.retry_after_seconds() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The error answers of every operation, in its document as references.
pub struct Problems;

impl Problems {
    const ALL: [(&'static str, &'static str, &'static str); 13] = [
        ("400", "BadRequest", "Not parseable as HTTP or JSON"),
        ("401", "Unauthenticated", "No valid token for this tenant"),
        ("403", "Forbidden", "The role may not do this at all"),
        ("404", "NotFound", "No such thing that this caller may see"),
        ("409", "Conflict", "Not in a state that allows it"),
        ("412", "Stale", "If-Match is stale"),
        ("413", "TooLarge", "The body is too large"),
        ("415", "MediaType", "Wrong media type"),
        ("422", "Invalid", "The content is wrong; every wrong field is listed"),
        ("428", "KeyMissing", "A required Idempotency-Key or If-Match is missing"),
        ("429", "TooMany", "Over the rate or the tenant's quota"),
        ("500", "Internal", "A defect of ours, with the request id"),
        ("503", "Unavailable", "A part that we need is away"),
    ];
    /// The referred components, to be put into the document once.
    pub fn components() -> impl Iterator<Item = (String, RefOr<ApiResponse>)> {
        Self::ALL.iter().map(|(_, name, text)| {
            let content = Content::new(Some(Ref::from_schema_name("Problem")));
            let response = ResponseBuilder::new().description(*text).content("application/problem+json", content).build();
            ((*name).to_owned(), RefOr::T(response))
        })
    }
}

impl utoipa::IntoResponses for Problems {
    fn responses() -> BTreeMap<String, RefOr<ApiResponse>> {
        Self::ALL.iter().map(|(code, name, _)| ((*code).to_owned(), RefOr::Ref(Ref::from_response_name(*name)))).collect()
    }
}
