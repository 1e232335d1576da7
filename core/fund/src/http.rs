//! Thin handlers: bind, call, answer.
mod imports;
mod money;
mod uses;

use std::sync::Arc;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use linli_kernel::Problem;
use linli_runtime::sheet::SheetFormat;
use linli_tenants::{App, http::problem_response};
use utoipa_axum::router::OpenApiRouter;

/// All routes of the fund, without the prefix of the tenant's API.
pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().merge(money::routes()).merge(imports::routes()).merge(uses::routes())
}

/// A spreadsheet to take away.
fn xlsx(result: Result<Vec<u8>, Problem>, name: &'static str) -> Response {
    match result {
        Ok(bytes) => {
            let mut response = bytes.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(SheetFormat::Xlsx.media_type()));
            if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
                headers.insert(header::CONTENT_DISPOSITION, value);
            }
            response
        }
        Err(problem) => problem_response(&problem),
    }
}
