//! What is wrong with a definition, for the person who drew it.
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Cannot be published.
    Error,
    /// Can be published, but look at it.
    Warning,
}

/// 诊断: one finding at one element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Diagnostic {
    /// Stable name of the rule.
    #[schema(example = "workflow.join_never_fires")]
    pub rule_id: String,
    /// Id of the BPMN element.
    #[schema(example = "joint_review")]
    pub element: String,
    pub severity: Severity,
    #[schema(example = "并行汇聚“联合会审”永远等不到“区局意见”")]
    pub zh: String,
    #[schema(example = "The join “Joint review” waits for ever for “District opinion”")]
    pub en: String,
    /// Element ids of the shortest way into the trouble, where there is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
}

impl Diagnostic {
    pub fn error(rule_id: &str, element: &str, zh: impl Into<String>, en: impl Into<String>) -> Diagnostic {
        Diagnostic {
            rule_id: rule_id.to_owned(),
            element: element.to_owned(),
            severity: Severity::Error,
            zh: zh.into(),
            en: en.into(),
            path: Vec::new(),
        }
    }
    pub fn warning(rule_id: &str, element: &str, zh: impl Into<String>, en: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(rule_id, element, zh, en) }
    }
    pub fn along(mut self, path: Vec<String>) -> Diagnostic {
        self.path = path;
        self
    }
}
