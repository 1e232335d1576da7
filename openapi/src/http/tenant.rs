//! Which tenant: taken from the path before routing, so that handlers and the document know no prefix (dependencies.md §4.3).
use axum::{extract::Request, http::uri::PathAndQuery};
use linli_tenants::http::TenantSlug;

/// Where the tenant's API is mounted inside. No outside path reaches it: `take` moves such a path away.
pub(super) const API: &str = "/~api";
/// Where the tenant's pages are mounted inside.
pub(crate) const SITE: &str = "/~site";

/// `/t/haitian/api/v1/x` → `/~api/x`, `/t/haitian/work/y` → `/~site/work/y`, both with the slug in the request's extensions.
pub(super) fn take(mut request: Request) -> Request {
    let path = request.uri().path().to_owned();
    let inner = match path.strip_prefix("/t/").map(|rest| rest.split_once('/').unwrap_or((rest, ""))) {
        Some((slug, rest)) => {
            request.extensions_mut().insert(TenantSlug(slug.to_owned()));
            match rest.strip_prefix("api/v1") {
                Some(api) if api.is_empty() || api.starts_with('/') => format!("{API}{api}"),
                _ => format!("{SITE}/{rest}"),
            }
        }
        // an outside path that imitates the inside form must not pass
        None if path.starts_with("/~") => "/not-found".to_owned(),
        None => return request,
    };
    let query = request.uri().query().map(|q| format!("?{q}")).unwrap_or_default();
    let mut parts = request.uri().clone().into_parts();
    if let Ok(rewritten) = PathAndQuery::try_from(format!("{inner}{query}")) {
        parts.path_and_query = Some(rewritten);
        if let Ok(uri) = axum::http::Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(path: &str) -> (String, Option<String>) {
        let request = Request::builder().uri(path).body(axum::body::Body::empty()).expect("a request");
        let request = take(request);
        (request.uri().to_string(), request.extensions().get::<TenantSlug>().map(|s| s.0.clone()))
    }

    #[test]
    fn a_tenants_path_loses_its_prefix_and_keeps_its_query() {
        assert_eq!(taken("/t/haitian/api/v1/fund/uses?page=2"), ("/~api/fund/uses?page=2".into(), Some("haitian".into())));
        assert_eq!(taken("/t/haitian/work/todo"), ("/~site/work/todo".into(), Some("haitian".into())));
        assert_eq!(taken("/t/haitian"), ("/~site/".into(), Some("haitian".into())));
        assert_eq!(taken("/t/haitian/api/v12/x").0, "/~site/api/v12/x");
    }

    #[test]
    fn the_inside_form_is_no_way_in() {
        assert_eq!(taken("/~api/fund/uses"), ("/not-found".into(), None));
        assert_eq!(taken("/livez"), ("/livez".into(), None));
    }
}
