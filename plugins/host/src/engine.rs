//! The WASM engine: one configuration for the server and for the compiling child, so that artefacts fit.
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// One tick of the epoch; a call may take [`TICKS`] of them.
pub const TICK: Duration = Duration::from_millis(10);
pub const TICKS: u64 = 25;
/// Memory that any package may ask for (MiB), the size of the pool's slots.
const SLOT_MEMORY: usize = (crate::manifest::MAX_MEMORY_MIB as usize) << 20;
pub const TABLE_ELEMENTS: usize = 20_000;

/// Where the engine runs: only the server calls guests, so only it reserves a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Server,
    Compiler,
}

pub fn engine(place: Place) -> wasmtime::Result<Engine> {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(512 << 10)
        .wasm_relaxed_simd(false)
        .wasm_memory64(false)
        .cranelift_nan_canonicalization(true);
    match place {
        Place::Compiler => {}
        Place::Server => {
            let mut pool = PoolingAllocationConfig::new();
            pool.total_component_instances(64)
                .total_core_instances(256)
                .total_memories(128)
                .total_tables(256)
                .max_core_instances_per_component(48)
                .max_memories_per_component(4)
                .max_tables_per_component(20)
                .max_memory_size(SLOT_MEMORY)
                .table_elements(TABLE_ELEMENTS)
                .linear_memory_keep_resident(2 << 20)
                .pagemap_scan(Enabled::Auto)
                .max_unused_warm_slots(16);
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        }
    }
    Engine::new(&config)
}

/// What an artefact must have been made with: version and configuration of the engine.
pub fn fingerprint(engine: &Engine) -> String {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!("wasmtime-48/{}/{:016x}", std::env::consts::ARCH, hasher.finish())
}

/// Advances the epoch every [`TICK`] as long as the engine lives.
pub fn start_clock(engine: &Engine) -> std::io::Result<()> {
    let weak = engine.weak();
    std::thread::Builder::new().name("plugin-clock".into()).spawn(move || {
        while let Some(engine) = weak.upgrade() {
            engine.increment_epoch();
            drop(engine); // else a sleeping thread would keep the engine alive
            std::thread::sleep(TICK);
        }
    })?;
    Ok(())
}
