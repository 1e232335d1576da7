//! The compiled form: immutable, serialisable, cached by its hash.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::feel::Expression;

/// 流程定义: nodes by id, flows by id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// Id of the BPMN process, `fund-use`.
    pub key: String,
    pub name: String,
    /// SHA-256 (hex) of the file.
    pub hash: String,
    pub start: String,
    pub nodes: BTreeMap<String, Node>,
    pub flows: BTreeMap<String, Flow>,
    /// 法定办理期限 in working days for the whole instance; it stands still while the applicant mends.
    pub limit_days: Option<u32>,
    /// Why that limit: the article that sets it.
    pub limit_basis: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub id: String,
    pub name: String,
    pub kind: NodeKind,
    /// Flow ids in document order.
    pub incoming: Vec<String>,
    pub outgoing: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeKind {
    Start(StartKind),
    End {
        terminate: bool,
    },
    User(UserTask),
    Exclusive {
        default: Option<String>,
    },
    Parallel,
    /// A topic of a system, `fund.use.hold`, run in the transaction of the step.
    Service {
        topic: String,
    },
    /// A call of a rule point; its answer becomes the variable `result`.
    Rule {
        point: String,
        result: String,
    },
    Boundary(Boundary),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartKind {
    None,
    /// Every `days` natural days, or once when `days` is zero, from `from` (a date) on.
    Timer {
        days: u32,
        from: Option<String>,
    },
}

/// 审批节点.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserTask {
    /// Role whose holders may take it.
    pub pool_role: String,
    /// Which area of the subject they must cover.
    pub pool_org: OrgLevel,
    pub policy: Policy,
    pub due_days: Option<u32>,
    /// 必须亲自办理: never passed automatically.
    pub mandatory: bool,
    /// Whether this node may return the case.
    pub returnable: bool,
}

/// 会签方式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// One person of the pool.
    Single,
    /// 会签: everybody; one reject rejects.
    All,
    /// 或签: the first decision decides.
    Any,
}

/// The level of the division tree that a pool belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrgLevel {
    City,
    District,
    Street,
    Community,
}

impl OrgLevel {
    /// Segments of an area path down to this level (`37/3799/` is a city).
    const fn segments(self) -> usize {
        match self {
            OrgLevel::City => 2,
            OrgLevel::District => 3,
            OrgLevel::Street => 4,
            OrgLevel::Community => 5,
        }
    }
    /// The ancestor of `path` at this level; `path` itself where it does not reach so deep.
    pub fn of_path(self, path: &str) -> String {
        path.split_inclusive('/').take(self.segments()).collect()
    }
    pub const fn zh(self) -> &'static str {
        match self {
            OrgLevel::City => "市级",
            OrgLevel::District => "区县",
            OrgLevel::Street => "街道",
            OrgLevel::Community => "社区",
        }
    }
    pub const fn en(self) -> &'static str {
        match self {
            OrgLevel::City => "city",
            OrgLevel::District => "district",
            OrgLevel::Street => "street",
            OrgLevel::Community => "community",
        }
    }
}

/// 边界定时: on a user task, in working days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boundary {
    pub host: String,
    pub interrupting: bool,
    pub working_days: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    pub id: String,
    pub name: String,
    pub from: String,
    pub to: String,
    pub condition: Option<Expression>,
}

impl Definition {
    /// Boundary timers of a user task, by id.
    pub fn boundaries<'a>(&'a self, host: &'a str) -> impl Iterator<Item = (&'a str, &'a Boundary)> {
        self.nodes.values().filter_map(move |node| match &node.kind {
            NodeKind::Boundary(b) if b.host == host => Some((node.id.as_str(), b)),
            _ => None,
        })
    }
    /// What people call a node: its name, or its id.
    pub fn name_of<'a>(&'a self, id: &'a str) -> &'a str {
        match self.nodes.get(id) {
            Some(node) if !node.name.is_empty() => &node.name,
            _ => id,
        }
    }
    pub fn user_task(&self, id: &str) -> Option<&UserTask> {
        match &self.nodes.get(id)?.kind {
            NodeKind::User(task) => Some(task),
            _ => None,
        }
    }
    /// All topics that it calls: each must be known where it is published.
    pub fn topics(&self) -> impl Iterator<Item = (&str, &str)> {
        self.nodes.values().filter_map(|n| match &n.kind {
            NodeKind::Service { topic } => Some((n.id.as_str(), topic.as_str())),
            _ => None,
        })
    }
    /// All rule points that it calls.
    pub fn points(&self) -> impl Iterator<Item = (&str, &str)> {
        self.nodes.values().filter_map(|n| match &n.kind {
            NodeKind::Rule { point, .. } => Some((n.id.as_str(), point.as_str())),
            _ => None,
        })
    }
}
