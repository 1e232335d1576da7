//! 验证: what an uploaded package must pass before anybody may propose it (stages 4, 8–10 of plugins.md §6).
use std::sync::Arc;

use linli_kernel::Date;
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    AllocationInput, Context, Facts, Host, Loaded, PackageBytes, PluginError, Refusal, Signer, Spent,
    allocation::outcome_json,
    bindings::{KeyError, RuleError},
    json::canonical,
    manifest::{World, shown},
    package::{GoldenTest, Package},
    threshold::verdict_json,
    values::line_json,
};

/// A package that passed, and what its tests cost.
pub struct Verified {
    pub loaded: Arc<Loaded>,
    pub signer: String,
    pub report: TestReport,
}

/// 测试报告 of the golden tests.
#[derive(Clone, Debug, Default, Serialize)]
pub struct TestReport {
    pub passed: usize,
    pub worst_fuel: u64,
    pub worst_micros: u64,
    pub tests: Vec<TestRow>,
}

#[derive(Clone, Debug, Serialize)]
pub struct TestRow {
    pub name: String,
    pub fuel: u64,
    pub micros: u64,
}

impl Host {
    /// All stages, the cheap ones first; `Err` holds every error of the first stage that had any.
    pub fn verify(&self, bytes: &PackageBytes, signers: &[Signer], today: Date) -> Result<Verified, Refusal> {
        let package = Package::read(&bytes.0)?;
        let signer = package.trust(signers, today)?;
        let loaded = self.load_package(package)?;
        let report = loaded.golden()?;
        Ok(Verified { loaded, signer, report })
    }
}

impl Loaded {
    /// Runs every golden test twice: the wanted answer, and the same bytes and fuel both times.
    pub fn golden(&self) -> Result<TestReport, Refusal> {
        let (mut report, mut errors) = (TestReport::default(), Vec::new());
        for test in &self.package.tests {
            match self.golden_test(test) {
                Ok(spent) => {
                    report.passed += 1;
                    report.worst_fuel = report.worst_fuel.max(spent.fuel);
                    report.worst_micros = report.worst_micros.max(spent.micros);
                    report.tests.push(TestRow { name: test.name.clone(), fuel: spent.fuel, micros: spent.micros });
                }
                Err(error) => errors.push(error),
            }
        }
        Refusal::unless_empty(errors)?;
        Ok(report)
    }

    fn golden_test(&self, test: &GoldenTest) -> Result<Spent, PluginError> {
        let name = shown(&test.name);
        let failed = |want: String, got: String| PluginError::TestFailed { name: name.clone(), want: brief(&want), got: brief(&got) };
        let (first, spent) = self.answer(test).map_err(|error| failed("可运行 / to run".into(), error.to_string()))?;
        let (second, again) = self.answer(test).map_err(|error| failed("可运行 / to run".into(), error.to_string()))?;
        if canonical(&first) != canonical(&second) || spent.fuel != again.fuel {
            return Err(PluginError::NotDeterministic { name });
        }
        let want = match (&test.output, &test.error) {
            (Some(output), _) => json!({ "output": output }),
            (None, error) => json!({ "error": error }),
        };
        if canonical(&first) == canonical(&want) { Ok(spent) } else { Err(failed(canonical(&want), canonical(&first))) }
    }

    /// The answer as a test writes it: `{"output": …}` or `{"error": {"code": …}}`; an answer that the core refuses is an error too.
    fn answer(&self, test: &GoldenTest) -> Result<(Value, Spent), PluginError> {
        let params = match self.params(&test.params) {
            Ok(params) => params,
            Err(refusal) => {
                return Ok((
                    json!({ "error": { "code": refusal.0.first().map_or("", |e| e.code().trim_start_matches("plugin.")) } }),
                    Spent::default(),
                ));
            }
        };
        let ctx = Context { point: test.point.clone(), region: "370000000000".into(), as_of: test.as_of, known_on: test.as_of, params };
        let bad_input = |reason: String| PluginError::TestFailed { name: shown(&test.name), want: "input".into(), got: shown(&reason) };
        match self.package.world {
            World::Allocation => {
                let input: AllocationInput = serde_json::from_value(test.input.clone()).map_err(|e| bad_input(e.to_string()))?;
                let (raw, spent) = self.allocate_raw(&ctx, &input)?;
                Ok((wrap(raw.map(|o| outcome_json(&o)), || self.allocate(&ctx, &input).map(drop))?, spent))
            }
            World::Threshold => {
                let facts = test.input.get("facts").and_then(Value::as_object).cloned().ok_or_else(|| bad_input("facts".into()))?;
                let facts = Facts::new(&test.point, facts)?;
                let (raw, spent) = self.test_raw(&ctx, &facts)?;
                Ok((wrap(raw.map(|v| verdict_json(&v)), || self.test(&ctx, &facts).map(drop))?, spent))
            }
        }
    }
}

/// The guest's answer, which must also stand before the core's own check.
fn wrap(raw: Result<Value, RuleError>, check: impl FnOnce() -> Result<(), PluginError>) -> Result<Value, PluginError> {
    match raw {
        Ok(output) => {
            check()?;
            Ok(json!({ "output": output }))
        }
        Err(error) => Ok(json!({ "error": rule_error_json(&error) })),
    }
}

pub(crate) fn rule_error_json(error: &RuleError) -> Value {
    let keyed = |code: &str, e: &KeyError| json!({ "code": code, "key": e.key, "line": line_json(&e.line) });
    match error {
        RuleError::MissingFact(key) => json!({ "code": "missing_fact", "key": key }),
        RuleError::BadFact(e) => keyed("bad_fact", e),
        RuleError::BadParameter(e) => keyed("bad_parameter", e),
        RuleError::NeedsPerson(line) => json!({ "code": "needs_person", "line": line_json(line) }),
    }
}

fn brief(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(300).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
