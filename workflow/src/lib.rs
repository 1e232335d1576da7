//! 流程引擎: approval flows drawn in BPMN, run by a pure core.
//!
//! `model` reads and checks definitions, `feel` evaluates conditions, `core` is the engine; none of them does I/O.
pub mod core;
pub mod feel;
pub mod model;

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, b| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{b:02x}");
        text
    })
}
