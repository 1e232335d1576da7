//! One call: a fresh instance with fuel, clock, memory and output limits; every way to fail becomes a code.
use std::time::Instant;

use wasmtime::{PoolConcurrencyLimitError, ResourceLimiter, Store, StoreLimits, StoreLimitsBuilder, Trap};

use crate::{
    PluginError,
    bindings::{KeyError, Line, RuleError},
    engine::{TABLE_ELEMENTS, TICK, TICKS},
    host::Loaded,
    manifest::{Limits, shown},
    messages::{Messages, decent},
};

/// Bytes that a guest may make the host copy: the output limit.
const OUTPUT: usize = 4 << 20;
pub const MAX_ROWS: usize = 20_000;
pub const MAX_LINES: usize = 500;

/// What a call cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    pub fuel: u64,
    pub micros: u64,
}

/// The store's own data: limits, and whether one was reached.
pub struct Guest {
    limits: StoreLimits,
    memory_refused: bool,
}

impl ResourceLimiter for Guest {
    fn memory_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = self.limits.memory_growing(current, desired, maximum)?;
        self.memory_refused |= !allowed;
        Ok(allowed)
    }
    fn table_growing(&mut self, current: usize, desired: usize, maximum: Option<usize>) -> wasmtime::Result<bool> {
        self.limits.table_growing(current, desired, maximum)
    }
    fn instances(&self) -> usize {
        self.limits.instances()
    }
    fn tables(&self) -> usize {
        self.limits.tables()
    }
    fn memories(&self) -> usize {
        self.limits.memories()
    }
}

impl Loaded {
    /// Runs `call` in a store of its own. A missed deadline is tried once more: the machine was busy, the rule did nothing wrong.
    pub(crate) fn enter<T>(&self, call: impl Fn(&mut Store<Guest>) -> wasmtime::Result<T>) -> Result<(T, Spent), PluginError> {
        match self.enter_once(&call) {
            Err(PluginError::Deadline { .. }) => self.enter_once(&call),
            done => done,
        }
    }

    fn enter_once<T>(&self, call: &impl Fn(&mut Store<Guest>) -> wasmtime::Result<T>) -> Result<(T, Spent), PluginError> {
        let Limits { fuel, memory_mib } = self.package.manifest.limits;
        let start = Instant::now();
        let limits = StoreLimitsBuilder::new()
            .memory_size((memory_mib as usize) << 20)
            .table_elements(TABLE_ELEMENTS)
            .instances(64)
            .memories(4)
            .tables(20)
            .build();
        let mut store = Store::new(self.engine(), Guest { limits, memory_refused: false });
        store.limiter(|guest| guest);
        store.set_fuel(fuel).map_err(|e| trap(&e.to_string()))?;
        store.set_epoch_deadline(TICKS);
        store.set_hostcall_fuel(OUTPUT);
        let answer = call(&mut store).map_err(|error| self.fault(&error, &store))?;
        let left = store.get_fuel().map_err(|e| trap(&e.to_string()))?;
        let spent = Spent { fuel: fuel - left, micros: u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX) };
        Ok((answer, spent))
    }

    fn fault(&self, error: &wasmtime::Error, store: &Store<Guest>) -> PluginError {
        let Limits { fuel, memory_mib } = self.package.manifest.limits;
        let rust = self.package.manifest.build.language == "rust";
        match error.downcast_ref::<Trap>() {
            Some(Trap::OutOfFuel) => PluginError::Fuel { cap: fuel },
            Some(Trap::Interrupt) => PluginError::Deadline { ms: u64::try_from(TICK.as_millis()).unwrap_or(0) * TICKS },
            Some(Trap::StackOverflow) => PluginError::Stack,
            _ if store.data().memory_refused => PluginError::Memory { cap_mib: memory_mib },
            // Rust's linker puts the stack first in memory: below address 0 is a recursion without end.
            Some(Trap::MemoryOutOfBounds) if rust => PluginError::Stack,
            Some(other) => trap(&other.to_string()),
            None if error.is::<PoolConcurrencyLimitError>() => PluginError::Busy,
            None if output_is_spent(error) => PluginError::OutputSize,
            None => PluginError::ResultDomain {
                field: "result".into(),
                value: shown(&format!("{error:#}")),
                reason: "不是有效的返回值 / not a valid value",
            },
        }
    }
}

/// Whether the error is that of copying too much; wasmtime has no type of its own for it, a test holds the wording.
fn output_is_spent(error: &wasmtime::Error) -> bool {
    format!("{error:#}").contains("fuel allocated for hostcalls has been exhausted")
}

fn trap(reason: &str) -> PluginError {
    PluginError::Trap { reason: shown(reason) }
}

/// The rule's own refusal, with its line as a sentence.
pub(crate) fn refusal(error: RuleError, messages: &Messages) -> PluginError {
    let clean = |key: &str| if decent(key) { shown(key) } else { "?".into() };
    let said = |line: &Line| messages.render(line);
    match error {
        RuleError::MissingFact(key) => PluginError::MissingFact { key: clean(&key) },
        RuleError::BadFact(KeyError { line, .. }) => match said(&line) {
            Ok(line) => PluginError::BadFact { line: Box::new(line) },
            Err(error) => error,
        },
        RuleError::BadParameter(KeyError { key, line }) => match said(&line) {
            Ok(line) => PluginError::ParamsInvalid {
                pointer: format!("/{}", clean(&key).replace('.', "/")),
                reason: format!("{} / {}", line.zh, line.en),
            },
            Err(error) => error,
        },
        RuleError::NeedsPerson(line) => match said(&line) {
            Ok(line) => PluginError::NeedsPerson { line: Box::new(line) },
            Err(error) => error,
        },
    }
}

/// Every line as a sentence; too many, or one that nobody reviewed, refuses the whole answer.
pub(crate) fn explain(lines: &[Line], rows: usize, messages: &Messages) -> Result<Vec<crate::Explained>, PluginError> {
    if lines.len() > MAX_LINES {
        return Err(PluginError::OutputSize);
    }
    if let Some(item) = lines.iter().filter_map(|line| line.item).find(|item| *item as usize >= rows) {
        return Err(domain("lines.item", item, "没有这一行 / no such row"));
    }
    lines.iter().map(|line| messages.render(line)).collect()
}

pub(crate) fn domain(field: impl Into<String>, value: impl std::fmt::Display, reason: &'static str) -> PluginError {
    PluginError::ResultDomain { field: field.into(), value: shown(&value.to_string()), reason }
}
