//! SDK for Linli's city rules: typed records from the frozen WIT folder, `rule!`, and a heap for one call.
//!
//! Take the feature of your world (`allocation` or `threshold`), implement its `Rule`, name it in `rule!`.
//! Off wasm `rule!` is empty, so `cargo test` runs your rule as ordinary Rust.

#[cfg(target_arch = "wasm32")]
mod heap;
#[cfg(target_arch = "wasm32")]
pub use heap::Bump;

#[cfg(all(target_arch = "wasm32", feature = "allocation", feature = "threshold"))]
compile_error!("one plugin has one world: build it alone, with exactly one feature of linli-plugin-sdk");

/// What every world shares: how a rule reads its parameters and says why.
#[allow(unused_macros)] // a build without any feature has no world
macro_rules! shared {
    () => {
        pub use linli::rules::types::*;

        impl Context {
            /// A parameter (参数) of the binding by its dotted key.
            pub fn find(&self, key: &str) -> Option<&Value> {
                find(&self.params, key)
            }
            /// A whole number, or the refusal that names the parameter.
            pub fn integer(&self, key: &str) -> Result<i64, RuleError> {
                match self.find(key) {
                    Some(Value::Integer(value)) => Ok(*value),
                    _ => Err(bad_parameter(key)),
                }
            }
            pub fn flag(&self, key: &str) -> Result<bool, RuleError> {
                match self.find(key) {
                    Some(Value::Flag(value)) => Ok(*value),
                    _ => Err(bad_parameter(key)),
                }
            }
            /// A ratio with a positive denominator.
            pub fn ratio(&self, key: &str) -> Result<Ratio, RuleError> {
                match self.find(key) {
                    Some(Value::Ratio(value)) if value.den > 0 => Ok(*value),
                    _ => Err(bad_parameter(key)),
                }
            }
        }

        /// An entry by its key: facts and parameters are short lists, so a walk is the fastest index.
        pub fn find<'a>(entries: &'a [Entry], key: &str) -> Option<&'a Value> {
            entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
        }
        /// 说明: a sentence of messages.json with its arguments.
        pub fn line(code: &str, args: &[Value]) -> Line {
            Line { code: code.into(), args: args.to_vec(), item: None }
        }
        /// The parameter is absent or of another type; every package has the sentence `bad_parameter`.
        pub fn bad_parameter(key: &str) -> RuleError {
            RuleError::BadParameter(KeyError { key: key.into(), line: line("bad_parameter", &[Value::Text(key.into())]) })
        }
        /// The fact contradicts itself or the others.
        pub fn bad_fact(key: &str, line: Line) -> RuleError {
            RuleError::BadFact(KeyError { key: key.into(), line })
        }
    };
}

/// World `allocation` (分摊): one weight a house; the core makes fen of them.
#[cfg(feature = "allocation")]
pub mod allocation {
    wit_bindgen::generate!({
        path: "../../wit/linli-rules@1.0.0",
        world: "allocation",
        pub_export_macro: true,
        default_bindings_module: "linli_plugin_sdk::allocation",
    });
    pub use exports::linli::rules::allocating::{Group, Guest as Rule, House, Member, Outcome, Plan, Work};
    shared!();
}

/// World `threshold` (门槛): checks with their numbers; the core recomputes each.
#[cfg(feature = "threshold")]
pub mod threshold {
    wit_bindgen::generate!({
        path: "../../wit/linli-rules@1.0.0",
        world: "threshold",
        pub_export_macro: true,
        default_bindings_module: "linli_plugin_sdk::threshold",
    });
    pub use exports::linli::rules::testing::{Check, Guest as Rule, Verdict};
    shared!();
}

/// Exports the rule and sets the heap; nothing at all off wasm. `use linli_plugin_sdk::<world>::*` must be in scope.
#[macro_export]
macro_rules! rule {
    ($rule:ident) => {
        #[cfg(target_arch = "wasm32")]
        #[global_allocator]
        static HEAP: $crate::Bump = $crate::Bump::new();
        #[cfg(target_arch = "wasm32")]
        export!($rule);
    };
}
