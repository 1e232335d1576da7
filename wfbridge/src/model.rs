//! BPMN 2.0 → [`Definition`], or every reason why not, each with the element's id. Nothing is ever silently ignored.
mod check;
mod explore;
mod read;

use serde::{Deserialize, Serialize};

pub use read::{XML_MAX, compile};

/// The namespace of our extension attributes.
pub const LINLI: &str = "https://linli.cn/bpmn";

/// A compiled process, immutable. Nodes and flows refer to each other by index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    pub key: String,
    pub name: String,
    pub nodes: Vec<Node>,
    pub flows: Vec<Flow>,
    /// The only start event.
    pub start: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    pub id: String,
    pub name: String,
    pub kind: NodeKind,
    pub incoming: Vec<usize>,
    pub outgoing: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    /// None start; a timer start is started by its timer, the token begins alike.
    Start { timer_days: Option<u32> },
    End { terminate: bool },
    User(UserTask),
    /// 系统动作: a topic that a system handles in the same transaction.
    Service { topic: String },
    /// 规则: a rule point; its answer joins the facts under the point's name.
    Rule { point: String },
    Exclusive { default: Option<usize> },
    Parallel,
    /// A timer at the border of a user task, in working days.
    Boundary { host: usize, days: u32, interrupting: bool },
}

/// 审批 or 办理: who decides, how many, by when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserTask {
    /// Role whose holders may decide.
    pub pool_role: String,
    /// Whose: the holders must cover the subject's area of this level.
    pub pool_org: Org,
    pub policy: Policy,
    /// Working days after the opening.
    pub due_days: Option<u32>,
    /// May send back.
    pub returnable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Org {
    City,
    District,
    Street,
    Community,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// 单人: whoever of the pool claims it.
    Single,
    /// 会签: everybody of the pool, and one rejection rejects.
    All,
    /// 或签: the first decision of anybody counts.
    Any,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    pub id: String,
    pub source: usize,
    pub target: usize,
    /// FEEL over the instance's facts; only behind an exclusive gateway.
    pub condition: Option<String>,
}

impl Definition {
    pub fn node(&self, id: &str) -> Option<usize> {
        self.nodes.iter().position(|n| n.id == id)
    }
    /// The boundary timers of a user task.
    pub fn boundaries(&self, host: usize) -> impl Iterator<Item = (usize, u32, bool)> + '_ {
        self.nodes.iter().enumerate().filter_map(move |(i, n)| match n.kind {
            NodeKind::Boundary { host: h, days, interrupting } if h == host => Some((i, days, interrupting)),
            _ => None,
        })
    }
}

/// Why a file is not deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Diagnostic {
    /// Stable: `bpmn.unsupported`.
    #[schema(example = "bpmn.unsupported")]
    pub rule_id: String,
    /// Id of the element; empty for the file as a whole.
    #[schema(example = "Gateway_1")]
    pub element: String,
    /// `error` stops the deployment, `warning` does not.
    #[schema(example = "error")]
    pub severity: String,
    pub zh: String,
    pub en: String,
}

impl Diagnostic {
    pub fn error(rule_id: &str, element: &str, zh: impl Into<String>, en: impl Into<String>) -> Diagnostic {
        Diagnostic { rule_id: rule_id.into(), element: element.into(), severity: "error".into(), zh: zh.into(), en: en.into() }
    }
}

#[cfg(test)]
mod tests;
