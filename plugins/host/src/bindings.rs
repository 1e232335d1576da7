//! Bindings of the released WIT folder, one module a world; both worlds share the types of `linli:rules/types`.

pub mod allocation {
    wasmtime::component::bindgen!({
        path: "../wit/linli-rules@1.0.0",
        world: "allocation",
        additional_derives: [PartialEq],
    });
}

pub mod threshold {
    wasmtime::component::bindgen!({
        path: "../wit/linli-rules@1.0.0",
        world: "threshold",
        with: { "linli:rules/types@1.0.0": super::allocation::linli::rules::types },
        additional_derives: [PartialEq],
    });
}

pub use allocation::{
    AllocationPre,
    exports::linli::rules::allocating::{Group as WitGroup, House as WitHouse, Outcome as WitOutcome, Plan as WitPlan, Work as WitWork},
    linli::rules::types::{Context as WitContext, Decimal, Entry, KeyError, Line, Ratio, RuleError, Value},
};
pub use threshold::{
    ThresholdPre,
    exports::linli::rules::testing::{Check as WitCheck, Verdict as WitVerdict},
};

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    #[test]
    fn a_released_wit_folder_never_changes() {
        let wit = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
        let frozen = std::fs::read_to_string(wit.join("frozen.sha256")).unwrap();
        assert_eq!(frozen.lines().count(), std::fs::read_dir(wit.join("linli-rules@1.0.0")).unwrap().count());
        for line in frozen.lines() {
            let (digest, name) = line.split_once("  ").unwrap();
            let now = crate::json::hex(&Sha256::digest(std::fs::read(wit.join(name)).unwrap()));
            assert_eq!(digest, now, "{name} is released: grow by a new folder instead");
        }
    }
}
