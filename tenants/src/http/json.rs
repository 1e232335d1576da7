//! Bodies, path ids and query parameters; what does not fit is a problem that names every wrong field at once.
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{header, request::Parts},
    response::Response,
};
use linli_kernel::{Invalid, Problem};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::answer::problem_response;

/// A JSON body as a command; unknown fields are refused by the command's `deny_unknown_fields`.
pub struct Json<T>(pub T);
/// Ids of the path; what is no id is a 404.
pub struct Path<T>(pub T);
/// Query parameters.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Response;
    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
        let (kind, empty_allowed) = (kind.split(';').next().unwrap_or("").trim().to_ascii_lowercase(), true);
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|_| problem_response(&Problem::new(413, "body.too_large", "请求内容过大", "The body is too large")))?;
        if kind != "application/json" && !(bytes.is_empty() && empty_allowed) {
            return Err(problem_response(&Problem::new(415, "body.media_type", "请求内容须为 JSON", "The body must be JSON")));
        }
        let bytes = if bytes.is_empty() { Bytes::from_static(b"{}") } else { bytes };
        parse(&bytes).map(Json).map_err(|p| problem_response(&p))
    }
}

/// Reads a command from JSON text, with every wrong field at once.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let value: Value = serde_json::from_slice(bytes).map_err(|e| {
        Problem::new(
            400,
            "body.not_json",
            format!("请求内容不是有效的 JSON（第{}行第{}列）", e.line(), e.column()),
            format!("The body is not JSON: {e}"),
        )
    })?;
    let mut invalid = Invalid::new();
    let mut trial = value;
    // serde stops at the first fault. So note it, put something harmless in its place and read again, until nothing is wrong.
    for _ in 0..40 {
        let fault = match read::<T>(&trial) {
            Ok(command) => {
                return match invalid.is_empty() {
                    true => Ok(command),
                    false => Err(invalid.done().err().unwrap_or_else(Problem::not_found)),
                };
            }
            Err(fault) => fault,
        };
        invalid.add(fault.pointer.clone(), fault.code, fault.zh.clone(), fault.en.clone());
        if !mend::<T>(&mut trial, &fault) {
            break;
        }
    }
    Err(invalid.done().err().unwrap_or_else(|| Problem::new(422, "invalid", "请求内容有误", "The content is wrong")))
}

struct Fault {
    pointer: String,
    code: &'static str,
    zh: String,
    en: String,
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Fault> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut pointer = String::new();
        for segment in error.path() {
            use serde_path_to_error::Segment;
            match segment {
                Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
                Segment::Map { key } => pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
                Segment::Enum { variant } => pointer.push_str(&format!("/{variant}")),
                Segment::Unknown => {}
            }
        }
        let en = error.inner().to_string();
        let quoted = |text: &str| text.split('`').nth(1).unwrap_or_default().to_owned();
        if en.starts_with("unknown field") {
            let field = quoted(&en);
            if !pointer.ends_with(&format!("/{field}")) {
                pointer.push_str(&format!("/{field}"));
            }
            return Fault { zh: format!("没有“{field}”这一项，请核对拼写"), pointer, code: "unknown_field", en };
        }
        if en.starts_with("missing field") {
            pointer.push_str(&format!("/{}", quoted(&en)));
            return Fault { pointer, code: "required", zh: "请填写".into(), en: "This is required".into() };
        }
        Fault { pointer, code: "format", zh: format!("格式不正确：{}", chinese(&en)), en }
    })
}

fn chinese(en: &str) -> &str {
    match en {
        e if e.contains("money is") => "金额须为两位小数的文本，如 1234.50",
        e if e.contains("an area is") => "面积须为两位小数的文本，如 89.56",
        e if e.contains("a date is") => "日期须为真实日期，如 2026-12-01",
        e if e.contains("an instant is") => "时间须如 2026-11-23T08:00:00Z",
        e if e.contains("unknown variant") => "不在可选值之内",
        e if e.contains("UUID") => "不是有效的编号",
        _ => "类型或写法不对",
    }
}

/// Replaces the faulty place by something that reads there, so that the next fault shows. False when nothing fits.
fn mend<T: DeserializeOwned>(value: &mut Value, fault: &Fault) -> bool {
    if fault.code == "unknown_field" {
        let Some((parent, key)) = fault.pointer.rsplit_once('/') else { return false };
        let key = key.replace("~1", "/").replace("~0", "~");
        return value.pointer_mut(parent).and_then(Value::as_object_mut).is_some_and(|o| o.remove(&key).is_some());
    }
    let candidates = [
        json!("0.01"),
        json!("00000000-0000-0000-0000-000000000000"),
        json!("2026-01-01"),
        json!("2026-01-01T00:00:00Z"),
        json!("x"),
        json!(1),
        json!(true),
        json!([]),
        json!({}),
        Value::Null,
    ];
    let before = value.clone();
    for candidate in candidates {
        *value = before.clone();
        if !set(value, &fault.pointer, candidate) {
            return false;
        }
        match read::<T>(value) {
            Ok(_) => return true,
            Err(next) if next.pointer != fault.pointer && !next.pointer.starts_with(&format!("{}/", fault.pointer)) => return true,
            Err(_) => {}
        }
    }
    false
}

fn set(value: &mut Value, pointer: &str, new: Value) -> bool {
    if let Some(place) = value.pointer_mut(pointer) {
        *place = new;
        return true;
    }
    let Some((parent, key)) = pointer.rsplit_once('/') else { return false };
    match value.pointer_mut(parent) {
        Some(Value::Object(object)) => object.insert(key.to_owned(), new).is_none(),
        _ => false,
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(value)| Path(value)).map_err(|_| problem_response(&Problem::not_found()))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        query.map(|axum::extract::Query(value)| Query(value)).map_err(|error| {
            let mut invalid = Invalid::new();
            let en = error.body_text();
            invalid.add("?", "format", format!("查询条件有误：{en}"), en);
            let problem = invalid.done().err().unwrap_or_else(Problem::not_found);
            problem_response(&problem)
        })
    }
}

#[cfg(test)]
mod tests;
