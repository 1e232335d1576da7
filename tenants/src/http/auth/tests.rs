use axum::http::{HeaderMap, HeaderValue, Request};

use super::{bearer, check_csrf, cookie_token};

const BASE: &str = "https://house.example";

fn refused(method: &str, headers: &[(&str, &str)]) -> bool {
    let mut request = Request::builder().method(method).uri("/accounts");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).expect("a request").into_parts();
    check_csrf(&parts, "right", BASE).is_err()
}

#[test]
fn a_write_with_the_cookie_needs_the_token_and_our_origin() {
    assert!(!refused("GET", &[]));
    assert!(refused("POST", &[]));
    assert!(refused("POST", &[("x-csrf-token", "wrong")]));
    assert!(!refused("POST", &[("x-csrf-token", "right")]));
    assert!(!refused("PUT", &[("x-csrf-token", "right"), ("origin", BASE), ("sec-fetch-site", "same-origin")]));
    assert!(refused("POST", &[("x-csrf-token", "right"), ("origin", "https://evil.example"), ("host", "house.example")]));
    assert!(refused("DELETE", &[("x-csrf-token", "right"), ("sec-fetch-site", "cross-site")]));
    assert!(refused("DELETE", &[("x-csrf-token", "right"), ("sec-fetch-site", "same-site")]));
}

#[test]
fn tokens_are_found_where_they_belong() {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("bearer abc"));
    headers.insert("cookie", HeaderValue::from_static("other=1; linli_s=def; x=linli_s"));
    assert_eq!(bearer(&headers), Some("abc"));
    assert_eq!(cookie_token(&headers), Some("def"));
    assert_eq!(bearer(&HeaderMap::new()), None);
}
