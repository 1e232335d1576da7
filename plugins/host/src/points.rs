//! 规则点: `points.toml` as typed data. A point is a named question; its world is the shape of the answer.
use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use crate::{PluginError, bindings::Ratio, values::Kind};

pub const ALLOCATION_WEIGHTS: &str = "allocation.weights";
pub const VOTE_THRESHOLD: &str = "vote.threshold";

/// What the asker does when the rule fails; never a silent default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    Stop,
    Batch,
    Show,
    Queue,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    pub name: String,
    pub world: String,
    pub failure: FailureClass,
    pub caller: String,
    /// Whether code asks it today; the others wait for their world.
    #[serde(default)]
    pub called: bool,
    /// Fields that a backtest compares.
    #[serde(default)]
    pub compared: Vec<String>,
    #[serde(default)]
    pub facts: BTreeMap<String, Kind>,
    #[serde(default)]
    pub checks: BTreeMap<String, CheckBound>,
    pub law: Option<Law>,
}

/// What the core knows of one check (核验项): which of our facts it weighs, and the statutory minimum by decision.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckBound {
    pub have: String,
    pub of: String,
    #[serde(default)]
    pub least: BTreeMap<String, Least>,
}

/// `2/3` (at least) or `>1/2` (more than).
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Least {
    pub ratio: Ratio,
    pub strict: bool,
}

impl TryFrom<String> for Least {
    type Error = String;
    fn try_from(text: String) -> Result<Least, String> {
        let (strict, rest) = text.strip_prefix('>').map_or((false, text.as_str()), |rest| (true, rest));
        match Kind::Ratio.read(&serde_json::Value::from(rest))? {
            crate::bindings::Value::Ratio(ratio) => Ok(Least { ratio, strict }),
            _ => Err("a ratio such as 2/3 or >1/2".into()),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Law {
    pub law: String,
    pub article: String,
}

#[derive(Deserialize)]
struct File {
    point: Vec<Point>,
}

static POINTS: LazyLock<BTreeMap<String, Point>> = LazyLock::new(|| {
    // The file is part of the program; a test reads it, so a mistake in it never leaves the build.
    let file: File = toml::from_str(include_str!("../../points.toml")).expect("points.toml is well-formed");
    file.point.into_iter().map(|point| (point.name.clone(), point)).collect()
});

/// All points by name.
pub fn all() -> impl Iterator<Item = &'static Point> {
    POINTS.values()
}

pub fn find(name: &str) -> Result<&'static Point, PluginError> {
    POINTS.get(name).ok_or_else(|| PluginError::PointUnknown { point: name.chars().filter(|c| !c.is_control()).take(80).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_stands_once_with_a_world_and_the_called_ones_have_a_host() {
        let source = include_str!("../../points.toml");
        assert_eq!(all().count(), source.matches("[[point]]").count());
        let called: Vec<&str> = all().filter(|p| p.called).map(|p| p.name.as_str()).collect();
        assert_eq!(called, [ALLOCATION_WEIGHTS, VOTE_THRESHOLD]);
        let vote = find(VOTE_THRESHOLD).unwrap();
        assert!(vote.checks.values().all(|c| vote.facts.contains_key(&c.have) && vote.facts.contains_key(&c.of)));
        assert!(vote.checks["approval_area"].least["use"].strict);
        assert_eq!(find("no.such").unwrap_err().code(), "plugin.point_unknown");
    }
}
