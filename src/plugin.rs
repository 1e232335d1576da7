//! `linli plugin …`: looks into packages and runs one call, without a server.
use std::path::PathBuf;

use anyhow::Context;
use linli_kernel::Clock;
use linli_plugins::{Host, inspect, run as call};

#[derive(clap::Subcommand)]
pub enum Plugin {
    /// What a package is: imports, world, sizes, digests, signer, limits, tests.
    Inspect {
        file: PathBuf,
        /// JSON instead of a text for people.
        #[arg(long)]
        json: bool,
    },
    /// One call with the input of a JSON file, explained.
    Run {
        file: PathBuf,
        /// `{point, as_of, params, input}` as in the package's golden tests.
        input: PathBuf,
    },
}

pub fn run(command: Plugin) -> anyhow::Result<String> {
    // A cache of this call's own: its key dies with the process.
    let cache = std::env::temp_dir().join(format!("linli-plugin-{}", uuid::Uuid::now_v7()));
    let key = linli_runtime::crypto::MasterKey::from_bytes(linli_runtime::crypto::random()).derive("plugin-artefact");
    let done = with_host(&Host::new(key, &cache).context("the plugin host")?, command);
    std::fs::remove_dir_all(&cache).ok();
    done
}

fn with_host(host: &Host, command: Plugin) -> anyhow::Result<String> {
    let today = Clock::system().today(8);
    match command {
        Plugin::Inspect { file, json } => {
            let found = serde_json::to_value(inspect(host, &file, today)?)?;
            Ok(if json { serde_json::to_string_pretty(&found)? } else { for_people(&found) })
        }
        Plugin::Run { file, input } => {
            let text = std::fs::read_to_string(&input).with_context(|| format!("{} cannot be read", input.display()))?;
            let input = serde_json::from_str(&text).with_context(|| format!("{} is not JSON", input.display()))?;
            Ok(serde_json::to_string_pretty(&call(host, &file, &input, today)?)?)
        }
    }
}

/// One line a fact; what is nested stays JSON.
fn for_people(found: &serde_json::Value) -> String {
    let lines = found.as_object().into_iter().flatten().map(|(key, value)| match value {
        serde_json::Value::String(text) => format!("{key:<18} {text}"),
        serde_json::Value::Array(none) if none.is_empty() => format!("{key:<18} none"),
        other => format!("{key:<18} {other}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}
