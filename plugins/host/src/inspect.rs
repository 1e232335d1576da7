//! `linli plugin inspect FILE` and `linli plugin run FILE INPUT.json`: what a package is, and one call with its explanation.
use std::path::Path;

use linli_kernel::{Date, Money};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    AllocationInput, Context, Facts, Host, PackageBytes, PluginError, Refusal, Signer,
    manifest::{Build, Limits, Title, World},
    package::Package,
};

/// What an official may want to know of a file before it is uploaded.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    pub id: String,
    pub version: String,
    pub title: Title,
    pub author: String,
    pub world: String,
    pub points: Vec<String>,
    pub digest: String,
    pub component_sha256: String,
    pub size: usize,
    pub component_size: usize,
    pub limits: Limits,
    pub build: Build,
    /// A rule imports nothing; anything else would have been refused.
    pub imports: Vec<String>,
    pub exports: Vec<String>,
    pub signer: Option<String>,
    /// Whether it is signed by the product's demo key.
    pub demo_signed: bool,
    pub params: Value,
    pub tests: Value,
}

/// Reads, compiles and tests the file.
pub fn inspect(host: &Host, path: &Path, today: Date) -> Result<Inspection, InspectError> {
    let bytes = PackageBytes::open(path)?;
    let package = Package::read(&bytes.0)?;
    let demo_signed = package.trust(&[Signer::demo()], today).is_ok();
    let signer = package.claimed_signer().map(str::to_owned);
    let loaded = host.load(&bytes)?;
    let report = loaded.golden()?;
    let Package { manifest, world, digest, component_digest, schema, component, size, .. } = &loaded.package;
    Ok(Inspection {
        id: manifest.id.clone(),
        version: manifest.version.clone(),
        title: manifest.title.clone(),
        author: manifest.author.clone(),
        world: manifest.world.clone(),
        points: manifest.points.clone(),
        digest: digest.clone(),
        component_sha256: component_digest.clone(),
        size: *size,
        component_size: component.len(),
        limits: manifest.limits,
        build: manifest.build.clone(),
        imports: Vec::new(),
        exports: vec![world.export().into()],
        signer,
        demo_signed,
        params: schema.source.clone(),
        tests: serde_json::to_value(report).map_err(std::io::Error::other)?,
    })
}

/// `INPUT.json`: `{point?, as_of?, region?, params?, input}`. A golden test can be given as it is: what it wants is not looked at.
#[derive(Deserialize)]
struct RunInput {
    point: Option<String>,
    as_of: Option<Date>,
    region: Option<String>,
    #[serde(default)]
    params: Value,
    input: Value,
}

/// One call; the answer holds the result, the sentences, fuel and time, and for an allocation the shares in money.
pub fn run(host: &Host, path: &Path, input: &Value, today: Date) -> Result<Value, InspectError> {
    let loaded = host.load(&PackageBytes::open(path)?)?;
    let RunInput { point, as_of, region, params, input } = serde_json::from_value(input.clone())?;
    let params = loaded.params(&if params.is_null() { json!({}) } else { params })?;
    let point = point.or_else(|| loaded.package.manifest.points.first().cloned()).unwrap_or_default();
    let as_of = as_of.unwrap_or(today);
    let ctx = Context { point, region: region.unwrap_or_else(|| "370000000000".into()), as_of, known_on: as_of, params };
    match loaded.package.world {
        World::Allocation => {
            let input: AllocationInput = serde_json::from_value(input)?;
            let allocated = loaded.allocate(&ctx, &input)?;
            let codes: Vec<String> = (0..input.houses.len()).map(|i| format!("{i:05}")).collect();
            let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
            let shares: Vec<Money> = allocated.plan.divide(input.work.cost, &codes)?.iter().map(|s| Money(s.portion.share)).collect();
            Ok(json!({ "output": allocated.output, "shares": shares, "lines": allocated.lines, "params": ctx.params.json,
                "fuel": allocated.spent.fuel, "micros": allocated.spent.micros }))
        }
        World::Threshold => {
            let facts = input.get("facts").and_then(Value::as_object).cloned().unwrap_or_default();
            let verdict = loaded.test(&ctx, &Facts::new(&ctx.point, facts)?)?;
            Ok(json!({ "output": verdict.output, "checks": verdict.checks, "lines": verdict.lines, "params": ctx.params.json,
                "fuel": verdict.spent.fuel, "micros": verdict.spent.micros }))
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    #[error("{0}")]
    File(#[from] std::io::Error),
    #[error("the input: {0}")]
    Input(#[from] serde_json::Error),
    #[error("{0}")]
    Refused(#[from] Refusal),
    #[error("{0}")]
    Call(#[from] PluginError),
}
