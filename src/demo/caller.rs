//! Calls of the program's own API in process, as any client would make them: what the demo shows was made by the product.
use anyhow::{Context, bail};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, header},
};
use serde_json::Value;
use tower::ServiceExt;

/// One signed-in (or not) caller of one API.
#[derive(Clone)]
pub struct Caller {
    pub router: Router,
    pub base: String,
    pub token: Option<String>,
}

const ANSWER_MAX: usize = 64 << 20;

impl Caller {
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.send(Method::GET, path, None, Vec::new()).await
    }
    pub async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.send(Method::POST, path, Some("application/json".into()), body.to_string().into_bytes()).await
    }
    /// Uploads a document; answers its id.
    pub async fn upload(&self, kind: &str, name: &str, media_type: &str, bytes: &[u8]) -> anyhow::Result<String> {
        let boundary = format!("linli{}", uuid::Uuid::now_v7().simple());
        let mut body = Vec::with_capacity(bytes.len() + 600);
        for (field, value) in [("kind", kind), ("title", name)] {
            body.extend_from_slice(
                format!("--{boundary}\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").as_bytes(),
            );
        }
        let head = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\ncontent-type: {media_type}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let made = self.send(Method::POST, "/documents", Some(format!("multipart/form-data; boundary={boundary}")), body).await?;
        text(&made, "id")
    }
    pub async fn sign_in(&self, login_name: &str, password: &str) -> anyhow::Result<Caller> {
        let session = self.post("/sessions", serde_json::json!({ "login_name": login_name, "password": password })).await?;
        Ok(Caller { token: Some(text(&session, "token")?), ..self.clone() })
    }
    /// Waits until a job is done.
    pub async fn job(&self, id: &str) -> anyhow::Result<()> {
        for _ in 0..600 {
            let job = self.get(&format!("/jobs/{id}")).await?;
            match job["state"].as_str() {
                Some("done") => return Ok(()),
                Some("failed" | "cancelled") => bail!("a job of the demo ended badly: {job}"),
                // a job has no end that a caller could await
                _ => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            }
        }
        bail!("a job of the demo did not end")
    }

    async fn send(&self, method: Method, path: &str, media_type: Option<String>, body: Vec<u8>) -> anyhow::Result<Value> {
        let what = format!("{method} {}{path}", self.base);
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        request = request.header("idempotency-key", uuid::Uuid::now_v7().to_string());
        if let Some(media_type) = media_type {
            request = request.header(header::CONTENT_TYPE, media_type);
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body))?).await?;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), ANSWER_MAX).await?;
        if !status.is_success() {
            bail!("{what}: {status} {}", String::from_utf8_lossy(&bytes));
        }
        serde_json::from_slice(&bytes).with_context(|| what)
    }
}

pub fn text(value: &Value, pointer: &str) -> anyhow::Result<String> {
    let found = value.pointer(&format!("/{pointer}")).and_then(Value::as_str);
    found.map(str::to_owned).with_context(|| format!("no {pointer} in {value}"))
}
