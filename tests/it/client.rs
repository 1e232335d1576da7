//! A caller from outside: HTTP and JSON, nothing of the program's own types.
use std::sync::Once;

use reqwest::{Method, header};
use serde_json::Value;

static CRYPTO: Once = Once::new();

/// One caller, with or without a token.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// What came.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub text: String,
    what: String,
}

impl Client {
    pub fn new(base: &str) -> Client {
        CRYPTO.call_once(|| {
            rustls::crypto::ring::default_provider().install_default().expect("nobody installed one before");
        });
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Client { http, base: base.to_owned(), token: None }
    }
    pub fn with_token(&self, token: &str) -> Client {
        Client { token: Some(token.to_owned()), ..self.clone() }
    }
    pub fn at(&self, base: &str) -> Client {
        Client { base: base.to_owned(), ..self.clone() }
    }
    pub async fn try_get(&self, path: &str) -> Option<u16> {
        self.http.get(format!("{}{path}", self.base)).send().await.ok().map(|r| r.status().as_u16())
    }
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None, &[]).await
    }
    /// A POST with an idempotency key of its own.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body), &[("idempotency-key", &uuid::Uuid::now_v7().to_string())]).await
    }
    pub async fn post_with_key(&self, path: &str, key: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body), &[("idempotency-key", key)]).await
    }
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(body), &[]).await
    }
    pub async fn put_version(&self, path: &str, version: &Value, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(body), &[("if-match", &format!("\"{version}\""))]).await
    }
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>, headers: &[(&str, &str)]) -> Answer {
        self.try_call(method.clone(), path, body, headers).await.unwrap_or_else(|e| panic!("{method} {path}: {e}"))
    }
    /// The same for a server that may die meanwhile.
    pub async fn try_call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Result<Answer, reqwest::Error> {
        let what = format!("{method} {path} {}", body.as_ref().map(Value::to_string).unwrap_or_default());
        let mut request = self.http.request(method, format!("{}{path}", self.base)).header(header::ACCEPT, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        Answer::of(request.send().await?, what).await
    }
    /// Uploads a file; answers the document.
    pub async fn upload(&self, kind: &str, name: &str, media_type: &str, bytes: Vec<u8>) -> Answer {
        let part = reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned()).mime_str(media_type).expect("a media type");
        let form = reqwest::multipart::Form::new().text("kind", kind.to_owned()).text("title", kind.to_owned()).part("file", part);
        self.send_form("/documents", name, form).await
    }
    /// Uploads a file as the only field `file`.
    pub async fn upload_to(&self, path: &str, name: &str, bytes: Vec<u8>) -> Answer {
        let part = reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned());
        self.send_form(path, name, reqwest::multipart::Form::new().part("file", part)).await
    }
    async fn send_form(&self, path: &str, name: &str, form: reqwest::multipart::Form) -> Answer {
        let mut request = self.http.post(format!("{}{path}", self.base)).multipart(form);
        request = request.header("idempotency-key", uuid::Uuid::now_v7().to_string());
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.expect("an answer");
        Answer::of(response, format!("upload {name}")).await.expect("a body")
    }
}

impl Answer {
    async fn of(response: reqwest::Response, what: String) -> Result<Answer, reqwest::Error> {
        let status = response.status().as_u16();
        let text = response.text().await?;
        Ok(Answer { status, body: serde_json::from_str(&text).unwrap_or(Value::Null), text, what })
    }
    /// Asserts the status; shows call and answer when it differs.
    #[track_caller]
    pub fn is(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{}\n  came: {} {}", self.what, self.status, self.text);
        self
    }
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Answer {
        let answer = self.is(status);
        assert_eq!(answer.body["code"], code, "{}\n  came: {}", answer.what, answer.text);
        answer
    }
    #[track_caller]
    pub fn has(self, pointer: &str, want: impl Into<Value>) -> Answer {
        assert_eq!(self.body.pointer(pointer).unwrap_or(&Value::Null), &want.into(), "{} of {}\n  came: {}", pointer, self.what, self.text);
        self
    }
    #[track_caller]
    pub fn text_at(&self, pointer: &str) -> String {
        let found = self.body.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no text at {pointer} of {}: {}", self.what, self.text)).to_owned()
    }
    #[track_caller]
    pub fn id(&self) -> String {
        self.text_at("/id")
    }
    #[track_caller]
    pub fn items(&self) -> &Vec<Value> {
        self.body["items"].as_array().unwrap_or_else(|| panic!("no items in {}: {}", self.what, self.text))
    }
}
