//! A preview of 20,000 houses: the shipped rule in its sandbox against the same rule as a closure, both with the largest remainder.
use std::{
    path::Path,
    time::{Duration, Instant},
};

use linli_kernel::{Area, Money, largest_remainder};
use linli_plugins::{AllocationInput, Compiler, Context, Host, House, PackageBytes, Work};

use crate::report::{line, percentile};

const HOUSES: i64 = 20_000;
const ROUNDS: usize = 9;

fn input() -> AllocationInput {
    let house = |n: i64| House {
        area: Area(6_000 + n * 7 % 9_000),
        floor: (n % 33 + 1) as i16,
        building: (n / 200) as u32,
        entrance: (n / 100) as u32,
        kind: 0,
        deposited: Money(3_000_000),
        available: Money(3_000_000),
        sold: true,
        delivered: true,
    };
    let work = Work { cost: Money(1_234_567_891), kind: "roof".into(), part: String::new(), storeys: 33 };
    AllocationInput { work, kinds: vec!["residence".into()], houses: (0..HOUSES).map(house).collect() }
}

pub fn run() -> anyhow::Result<()> {
    let dir = std::env::temp_dir().join(format!("linli-bench-plugins-{}", std::process::id()));
    let host = Host::with_compiler([7; 32], &dir, Compiler::InProcess)?;
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins/dist");
    let file = std::fs::read_dir(dist)?.flatten().map(|e| e.path()).find(|p| p.to_string_lossy().contains("area-proportional"));
    let bytes = PackageBytes::open(&file.ok_or_else(|| anyhow::anyhow!("the shipped rule is away"))?)?;
    let rule = host.load(&bytes).map_err(|e| anyhow::anyhow!("{e:?}"))?;
    let day = "2026-11-16".parse().map_err(|e| anyhow::anyhow!("{e:?}"))?;
    let params = rule.params(&serde_json::json!({})).map_err(|e| anyhow::anyhow!("{e:?}"))?;
    let point = rule.package.manifest.points.first().cloned().unwrap_or_default();
    let context = Context { point, region: "379900000000".into(), as_of: day, known_on: day, params };
    let input = input();
    let codes: Vec<String> = (0..HOUSES).map(|n| format!("379901200012{n:08}")).collect();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();

    let (mut guest, mut native): (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
    let closure = |input: &AllocationInput| -> Vec<i64> { input.houses.iter().map(|h| h.area.hundredths()).collect() };
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let shares = rule.allocate(&context, &input)?.plan.divide(input.work.cost, &codes)?;
        guest.push(started.elapsed());
        let started = Instant::now();
        let weights: Vec<(&str, i64)> = codes.iter().copied().zip(closure(&input)).collect();
        let portions = largest_remainder(input.work.cost.fen(), &weights)?;
        native.push(started.elapsed());
        anyhow::ensure!(shares.iter().map(|s| s.portion).eq(portions), "guest and closure differ");
    }
    let (ours, base) = (percentile(&mut guest, 0.5), percentile(&mut native, 0.5));
    line("allocation preview, 20,000 houses, guest + largest remainder", ours, "ms", "native closure + largest remainder", base);
    drop(host);
    if let Err(error) = std::fs::remove_dir_all(&dir) {
        eprintln!("{}: {error}", dir.display());
    }
    Ok(())
}
