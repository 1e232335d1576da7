//! Handlers of papers.
use std::sync::Arc;

use axum::{
    extract::{DefaultBodyLimit, Multipart, multipart::MultipartRejection},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use linli_kernel::{DocumentId, Page, PageQuery, Problem};
use linli_tenants::{
    App, Ctx,
    http::{Answer, IdempotencyKey, Path, Problems, Query, created, ok, problem_response},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    DocumentError, DocumentView,
    documents::{self, Content, MAX_BYTES, NewFile},
    perm,
};

/// Room for the other fields and the multipart frame.
const BODY: usize = MAX_BYTES + (1 << 20);

pub fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(document_create, document_list))
        .layer(DefaultBodyLimit::max(BODY))
        .routes(routes!(document_get))
        .routes(routes!(document_content_get))
}

/// Fields of an upload, as `multipart/form-data`.
#[derive(ToSchema)]
#[allow(dead_code)] // describes the form; it is read field by field
struct DocumentUpload {
    /// At most 8 MiB; PDF, PNG, JPG, XLSX, CSV, TXT, XML or ZIP.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// Entry of the dictionary `document_kind`.
    #[schema(example = "contract")]
    kind: String,
    /// The file's name when it is missing.
    #[schema(example = "电梯大修施工合同")]
    title: Option<String>,
}

/// Store a document; it can be used at once.
#[utoipa::path(post, path = "/documents", operation_id = "document_create", tag = "materials",
    extensions(("x-permission" = json!(perm::DOCUMENT_CREATE))),
    request_body(content = DocumentUpload, content_type = "multipart/form-data"),
    responses((status = 201, body = DocumentView, description = "stored"), Problems))]
async fn document_create(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    form: Result<Multipart, MultipartRejection>,
) -> Answer<DocumentView> {
    let stored = async {
        ctx.require(perm::DOCUMENT_CREATE)?;
        let file = read_form(form.map_err(|e| Problem::new(415, "document.multipart", "须以表单方式上传文件", e.body_text()))?).await?;
        documents::create(&ctx, &key, file).await
    };
    created(stored.await, |v| format!("/documents/{}", v.id))
}

async fn read_form(mut form: Multipart) -> Result<NewFile, Problem> {
    let torn = |e: axum::extract::multipart::MultipartError| -> Problem {
        match e.status().as_u16() {
            413 => DocumentError::TooLarge {}.into(),
            _ => DocumentError::Multipart { why: e.body_text() }.into(),
        }
    };
    let mut file = NewFile::default();
    while let Some(field) = form.next_field().await.map_err(torn)? {
        match field.name().unwrap_or("") {
            "file" => {
                file.file_name = field.file_name().unwrap_or("").to_owned();
                file.media_type = field.content_type().map(str::to_owned);
                file.bytes = field.bytes().await.map_err(torn)?.to_vec();
            }
            "kind" => file.kind = field.text().await.map_err(torn)?,
            "title" => file.title = field.text().await.map_err(torn)?,
            other => {
                let why = format!("{} ?", other.chars().take(40).collect::<String>());
                return Err(DocumentError::Multipart { why }.into());
            }
        }
    }
    Ok(file)
}

/// Of which thing.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfSubject {
    /// Kind of the thing.
    #[param(example = "fund.use")]
    subject_kind: String,
    /// Id of the thing.
    #[param(value_type = String, format = "uuid", example = "01936f5e-7c1a-7a3e-9f00-0123456789ab")]
    subject_id: Uuid,
    /// Page number, from 1.
    #[param(minimum = 1, example = 1)]
    page: Option<u64>,
    /// Rows a page, at most 200.
    #[param(minimum = 1, maximum = 200, example = 20)]
    page_size: Option<u64>,
}

/// The documents attached to a thing.
#[utoipa::path(get, path = "/documents", operation_id = "document_list", tag = "materials",
    extensions(("x-permission" = json!(perm::DOCUMENT_READ))), params(OfSubject),
    responses((status = 200, body = Page<DocumentView>, description = "documents of the thing"), Problems))]
async fn document_list(ctx: Ctx, Query(of): Query<OfSubject>) -> Answer<Page<DocumentView>> {
    let page = PageQuery { page: of.page, page_size: of.page_size };
    ok(documents::list(&ctx, &of.subject_kind, of.subject_id, page).await)
}

/// A document without its bytes.
#[utoipa::path(get, path = "/documents/{document_id}", operation_id = "document_get", tag = "materials",
    extensions(("x-permission" = json!(perm::DOCUMENT_READ))),
    params(("document_id" = DocumentId, Path, description = "The document")),
    responses((status = 200, body = DocumentView, description = "the document"), Problems))]
async fn document_get(ctx: Ctx, Path(id): Path<DocumentId>) -> Answer<DocumentView> {
    ok(documents::get(&ctx, id).await)
}

/// A document's bytes, as an attachment.
#[utoipa::path(get, path = "/documents/{document_id}/content", operation_id = "document_content_get", tag = "materials",
    extensions(("x-permission" = json!(perm::DOCUMENT_READ))),
    params(("document_id" = DocumentId, Path, description = "The document")),
    responses((status = 200, content_type = "application/octet-stream", body = String, description = "the bytes"), Problems))]
async fn document_content_get(ctx: Ctx, Path(id): Path<DocumentId>) -> Response {
    match documents::content(&ctx, id).await {
        Ok(content) => attachment(content),
        Err(problem) => problem_response(&problem),
    }
}

/// Never shown inside our pages: an attachment, of the type that its bytes were checked for, in a sandbox of its own.
fn attachment(content: Content) -> Response {
    let Content { view, bytes } = content;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let text = |value: &str| HeaderValue::from_str(value).unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, text(&view.media_type));
    headers.insert(header::CONTENT_DISPOSITION, disposition(&view.file_name));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::ETAG, text(&format!("\"{}\"", view.sha256)));
    response
}

/// `attachment` with the name in UTF-8 (RFC 6266, RFC 8187).
fn disposition(name: &str) -> HeaderValue {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
    let encoded: String = name.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect();
    HeaderValue::from_str(&format!("attachment; filename=\"document\"; filename*=UTF-8''{encoded}"))
        .unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests;
