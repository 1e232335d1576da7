//! 清单: `manifest.json` of a package, and what it must say to be accepted.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{PluginError, points};

/// Ceilings that a package may ask for.
pub const MAX_FUEL: u64 = 200_000_000;
pub const MAX_MEMORY_MIB: u64 = 64;
/// The released interface that this host speaks.
pub const RULES_VERSION: &str = "1.0.0";

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: u32,
    pub id: String,
    pub version: String,
    pub kind: String,
    pub world: String,
    pub points: Vec<String>,
    pub title: Title,
    pub author: String,
    pub licence: String,
    pub limits: Limits,
    pub endpoints: Vec<serde_json::Value>,
    pub lowers_law: bool,
    pub build: Build,
    pub files: BTreeMap<String, Listed>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    pub zh: String,
    pub en: String,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub fuel: u64,
    pub memory_mib: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    pub language: String,
    pub toolchain: String,
    pub source_sha256: String,
    pub reproducible: bool,
}

/// A file of the package and its digests.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    pub sha256: String,
    pub sm3: String,
    pub size: usize,
}

/// 接口: the worlds that this host can call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum World {
    Allocation,
    Threshold,
}

impl World {
    pub fn name(self) -> &'static str {
        match self {
            World::Allocation => "allocation",
            World::Threshold => "threshold",
        }
    }
    /// The interface that a component of this world exports.
    pub fn export(self) -> &'static str {
        match self {
            World::Allocation => "linli:rules/allocating@1.0.0",
            World::Threshold => "linli:rules/testing@1.0.0",
        }
    }
}

impl Manifest {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Manifest, PluginError> {
        serde_json::from_slice(bytes).map_err(|e| PluginError::ManifestBad { pointer: "/".into(), reason: e.to_string() })
    }

    /// The world, when this host speaks it.
    pub fn world(&self) -> Result<World, PluginError> {
        let missing = || PluginError::WorldMissing { world: shown(&self.world) };
        let (name, version) = self.world.strip_prefix("linli:rules/").and_then(|rest| rest.split_once('@')).ok_or_else(missing)?;
        if version != RULES_VERSION {
            return Err(PluginError::WorldNewer { version: shown(&self.world), max: format!("linli:rules@{RULES_VERSION}") });
        }
        match name {
            "allocation" => Ok(World::Allocation),
            "threshold" => Ok(World::Threshold),
            _ => Err(missing()),
        }
    }

    /// Everything that is wrong with it, at once.
    pub(crate) fn errors(&self) -> Vec<PluginError> {
        let mut errors = Vec::new();
        let mut bad = |ok: bool, pointer: &str, reason: &str| {
            if !ok {
                errors.push(PluginError::ManifestBad { pointer: pointer.into(), reason: reason.into() });
            }
        };
        bad(self.format == 1, "/format", "应为 1 / must be 1");
        bad(is_id(&self.id), "/id", "应为点分小写标识，如 cn.gov.city.fund.rule / a dotted lower-case id");
        bad(is_version(&self.version), "/version", "应为 1.2.0 的形式 / three numbers");
        bad(self.kind == "rule", "/kind", "本平台目前只接受规则插件 rule / only rules are accepted");
        bad(self.endpoints.is_empty(), "/endpoints", "规则插件不得声明外部地址 / a rule has no endpoints");
        bad(!self.points.is_empty(), "/points", "请至少声明一个规则点 / at least one point");
        bad(!self.title.zh.is_empty() && !self.title.en.is_empty(), "/title", "请填写中英文名称 / both names");
        bad(self.limits.fuel > 0, "/limits/fuel", "应大于 0 / must be positive");
        bad(self.limits.memory_mib > 0, "/limits/memory_mib", "应大于 0 / must be positive");
        for (limit, asked, cap) in [("fuel", self.limits.fuel, MAX_FUEL), ("memory_mib", self.limits.memory_mib, MAX_MEMORY_MIB)] {
            if asked > cap {
                errors.push(PluginError::LimitsTooHigh { limit: limit.into(), cap });
            }
        }
        match self.world() {
            Err(error) => errors.push(error),
            Ok(world) => {
                for point in &self.points {
                    match points::find(point) {
                        Err(error) => errors.push(error),
                        Ok(known) if known.world != world.name() => {
                            errors.push(PluginError::PointWorld { point: known.name.clone(), world: known.world.clone() });
                        }
                        Ok(_) => {}
                    }
                }
            }
        }
        errors
    }
}

/// A text of the uploader in a sentence of ours: short, no control characters.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}

fn is_id(id: &str) -> bool {
    let part = |p: &str| {
        p.starts_with(|c: char| c.is_ascii_lowercase()) && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    id.len() <= 100 && id.split('.').count() >= 2 && id.split('.').all(part)
}

fn is_version(version: &str) -> bool {
    let part = |p: &str| !p.is_empty() && p.len() <= 6 && p.bytes().all(|b| b.is_ascii_digit()) && (p == "0" || !p.starts_with('0'));
    version.split('.').count() == 3 && version.split('.').all(part)
}
