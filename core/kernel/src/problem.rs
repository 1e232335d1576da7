//! 问题: what an answer other than success says (RFC 9457, api.md "Answers").
use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};

/// The language of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    #[default]
    Zh,
    En,
}

impl Locale {
    /// From an `Accept-Language` header: English only where it stands before Chinese.
    pub fn of_header(header: Option<&str>) -> Locale {
        let first = header.unwrap_or("").split(',').next().unwrap_or("").trim().to_ascii_lowercase();
        if first.starts_with("en") { Locale::En } else { Locale::Zh }
    }
}

/// A code and the status that it is answered with; every code is listed in the API document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProblemCode {
    pub status: u16,
    pub code: &'static str,
}

/// One wrong field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer into the body, or `?name` for a query parameter.
    pub pointer: String,
    pub code: String,
    pub zh: String,
    pub en: String,
}

/// An error of any system on its way to a person: status, stable code, a sentence in both languages, and every wrong field.
#[derive(Clone, Debug)]
pub struct Problem(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    status: u16,
    code: String,
    zh: String,
    en: String,
    errors: Vec<FieldError>,
    extra: Map<String, Value>,
    retry_after_seconds: Option<u32>,
    /// For our log only, never for the person.
    cause: Option<String>,
}

impl Problem {
    pub fn new(status: u16, code: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Problem {
        Problem(Box::new(Inner {
            status,
            code: code.into(),
            zh: zh.into(),
            en: en.into(),
            errors: Vec::new(),
            extra: Map::new(),
            retry_after_seconds: None,
            cause: None,
        }))
    }
    /// 404 with the same body for what does not exist and for what this caller may not see.
    pub fn not_found() -> Problem {
        Problem::new(404, "not_found", "没有找到，或者您无权查看", "Not found, or not visible to you")
    }
    /// 403: the role may not do this at all.
    pub fn forbidden() -> Problem {
        Problem::new(403, "forbidden", "您当前的岗位没有这个权限", "Your present post has no permission for this")
    }
    /// 403: who made a record may not take its second step.
    pub fn same_person() -> Problem {
        Problem::new(
            403,
            "duty.same_person",
            "经办与复核不能是同一人，请由他人办理",
            "Who made the record may not take this step; another person must",
        )
    }
    /// 401: no valid token for this tenant.
    pub fn unauthenticated() -> Problem {
        Problem::new(401, "unauthenticated", "请先登录", "Sign in first")
    }
    /// 500: a defect of ours; `cause` goes to the log only.
    pub fn internal(cause: impl fmt::Display) -> Problem {
        let mut problem =
            Problem::new(500, "internal", "系统出错，请把请求编号告诉技术支持", "A defect of ours; please tell support the request id");
        problem.0.cause = Some(cause.to_string());
        problem
    }
    /// 503: a part that we need is away.
    pub fn unavailable(part: &str, cause: impl fmt::Display) -> Problem {
        let mut problem = Problem::new(
            503,
            "unavailable",
            format!("{part}暂时不可用，请稍后再试"),
            format!("{part} is away for the moment; try again later"),
        );
        problem.0.retry_after_seconds = Some(2);
        problem.0.cause = Some(cause.to_string());
        problem
    }
    pub fn with(mut self, key: &str, value: impl Serialize) -> Problem {
        self.0.extra.insert(key.to_owned(), serde_json::to_value(value).unwrap_or(Value::Null));
        self
    }
    pub fn retry_after(mut self, seconds: u32) -> Problem {
        self.0.retry_after_seconds = Some(seconds);
        self
    }
    pub fn status(&self) -> u16 {
        self.0.status
    }
    pub fn code(&self) -> &str {
        &self.0.code
    }
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }
    pub fn retry_after_seconds(&self) -> Option<u32> {
        self.0.retry_after_seconds
    }
    pub fn message(&self, locale: Locale) -> &str {
        match locale {
            Locale::Zh => &self.0.zh,
            Locale::En => &self.0.en,
        }
    }
    /// The RFC 9457 document. `instance` is the request id.
    pub fn to_json(&self, locale: Locale, instance: &str) -> Value {
        let mut doc = Map::new();
        let text = self.message(locale);
        doc.insert("type".into(), format!("https://linli.cn/problems/{}", self.0.code).into());
        doc.insert("title".into(), text.into());
        doc.insert("status".into(), self.0.status.into());
        doc.insert("detail".into(), text.into());
        doc.insert("instance".into(), instance.into());
        doc.insert("code".into(), self.0.code.clone().into());
        if !self.0.errors.is_empty() {
            let rows = self.0.errors.iter().map(|e| {
                let message = match locale {
                    Locale::Zh => &e.zh,
                    Locale::En => &e.en,
                };
                serde_json::json!({ "pointer": e.pointer, "code": e.code, "message": message })
            });
            doc.insert("errors".into(), rows.collect());
        }
        for (key, value) in &self.0.extra {
            doc.insert(key.clone(), value.clone());
        }
        Value::Object(doc)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.0.status, self.0.code, self.0.en)?;
        match &self.0.cause {
            Some(cause) => write!(f, " ({cause})"),
            None => Ok(()),
        }
    }
}
impl std::error::Error for Problem {}

impl From<crate::Overflow> for Problem {
    fn from(_: crate::Overflow) -> Problem {
        Problem::new(422, "money.overflow", "金额超出范围", "The amount is out of range")
    }
}

#[cfg(feature = "sea-orm")]
impl From<sea_orm::DbErr> for Problem {
    fn from(error: sea_orm::DbErr) -> Problem {
        use sea_orm::{DbErr, RuntimeErr};
        match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(RuntimeErr::SqlxError(_)) => Problem::unavailable("数据库", error),
            _ => Problem::internal(error),
        }
    }
}

/// Collects every wrong field of a command, so that the person sees all of them at once.
#[derive(Debug, Default)]
pub struct Invalid(Vec<FieldError>);

impl Invalid {
    pub fn new() -> Invalid {
        Invalid::default()
    }
    /// Notes one wrong field. `pointer` is a JSON pointer such as `/items/0/amount`.
    pub fn add(&mut self, pointer: impl Into<String>, code: &str, zh: impl Into<String>, en: impl Into<String>) {
        self.0.push(FieldError { pointer: pointer.into(), code: code.to_owned(), zh: zh.into(), en: en.into() });
    }
    /// Notes the field unless `ok`.
    pub fn check(&mut self, ok: bool, pointer: &str, code: &str, zh: &str, en: &str) {
        if !ok {
            self.add(pointer, code, zh, en);
        }
    }
    /// A text that must hold something and at most `max` characters, none of them a control character.
    pub fn text(&mut self, pointer: &str, value: &str, max: usize) {
        if value.trim().is_empty() {
            self.add(pointer, "required", "请填写", "This is required");
        } else if value.chars().count() > max {
            self.add(pointer, "too_long", format!("最多{max}个字"), format!("At most {max} characters"));
        } else if value.chars().any(|c| c.is_control() && c != '\n' && c != '\t' && c != '\r') {
            self.add(pointer, "control_character", "含有不可见的控制字符", "It holds a control character");
        }
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// `Ok` if nothing was noted, else one 422 with all fields; its code is that of the only error, or `invalid`.
    pub fn done(self) -> Result<(), Problem> {
        if self.0.is_empty() {
            return Ok(());
        }
        let n = self.0.len();
        let code = match self.0.as_slice() {
            [only] if only.code.contains('.') => only.code.clone(),
            _ => "invalid".to_owned(),
        };
        let (zh, en) = match self.0.as_slice() {
            [only] => (only.zh.clone(), only.en.clone()),
            _ => (format!("有{n}处需要修改"), format!("{n} fields need a change")),
        };
        let mut problem = Problem::new(422, code, zh, en);
        problem.0.errors = self.0;
        Err(problem)
    }
}
