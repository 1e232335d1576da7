//! The lines that are printed: figure, baseline of the same run, ratio.
use std::time::Duration;

pub fn head() {
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    println!("linli-bench, profile {profile}, {cores} cores; ratio = figure / baseline");
}

pub fn line(what: &str, figure: f64, unit: &str, baseline: &str, base: f64) {
    println!("{what}: {} {unit} | {baseline}: {} {unit} | ratio {:.2}", short(figure), short(base), figure / base);
}

/// Three figures that count, whatever the size.
fn short(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// The value below which `part` (0.5, 0.99) of the times lie, in ms.
pub fn percentile(times: &mut [Duration], part: f64) -> f64 {
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    times.get((last as f64 * part).round() as usize).map_or(0.0, |t| ms(*t))
}
