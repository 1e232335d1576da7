use serde_json::json;

use super::*;
use crate::{
    AllocationInput,
    testing::{AREA, BAD_ALLOCATION, BAD_THRESHOLD, HOST, Parts, SHIPPED, VOTE, bytes, context, day, folder, host, house, work},
};

fn refused(package: &PackageBytes) -> Vec<&'static str> {
    match HOST.verify(package, &[crate::Signer::demo()], day()) {
        Ok(_) => Vec::new(),
        Err(refusal) => refusal.0.iter().map(PluginError::code).collect(),
    }
}

fn component(wat: &str) -> PackageBytes {
    Parts::of(AREA).with("component.wasm", wat::parse_str(wat).unwrap()).pack()
}

#[test]
fn the_shipped_packages_pass_every_stage_with_little_fuel() {
    for name in SHIPPED.into_iter().chain([BAD_ALLOCATION, BAD_THRESHOLD]) {
        let verified = HOST.verify(&bytes(name), &[crate::Signer::demo()], day()).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(verified.report.passed, verified.loaded.package.tests.len());
        assert!(verified.report.worst_fuel < 2_000_000, "{name}: {:?}", verified.report);
    }
}

#[test]
fn a_component_that_imports_or_lacks_something_is_refused_by_name() {
    let imports = r#"(component (import "wasi:cli/environment@0.2.0" (instance (export "get-arguments" (func (result (list string)))))))"#;
    assert_eq!(refused(&component(imports)), ["plugin.import_refused"]);
    assert_eq!(refused(&component(r#"(component (import "evil" (func)))"#)), ["plugin.import_refused"]);
    let types = r#"(component (import "linli:rules/types@1.0.0" (instance (export "now" (func (result u64))))))"#;
    assert_eq!(refused(&component(types)), ["plugin.import_refused"], "even under the name of the types");
    assert_eq!(refused(&component("(component)")), ["plugin.world_missing"]);
    let shape = r#"(component (instance $i) (export "linli:rules/allocating@1.0.0" (instance $i)))"#;
    assert_eq!(refused(&component(shape)), ["plugin.world_shape"]);
    // The vote rule under the name of an allocation.
    let vote = crate::Package::read(&bytes(VOTE).0).unwrap().component;
    assert_eq!(refused(&Parts::of(AREA).with("component.wasm", vote).pack()), ["plugin.world_missing"]);
    assert_eq!(
        refused(&Parts::of(AREA).with("component.wasm", b"\0asm\x0d\0\x01\0\xff\xff\xff".as_slice()).pack()),
        ["plugin.wasm_invalid"]
    );
}

#[test]
fn a_golden_test_that_fails_is_told_with_both_answers() {
    let mut test: Value = serde_json::from_slice(&Parts::of(AREA).files["tests/e2b-equal-houses.json"]).unwrap();
    test["output"]["plan"]["weights"][0] = json!(8001);
    let package = Parts::of(AREA).with("tests/e2b-equal-houses.json", test.to_string()).pack();
    let Err(refusal) = HOST.verify(&package, &[crate::Signer::demo()], day()) else { panic!("a failed test was accepted") };
    assert_eq!(refusal.0.len(), 1);
    assert!(refusal.0[0].zh().contains("8001") && refusal.0[0].zh().contains("8000"), "{refusal}");
}

fn works(host: &Host) -> bool {
    let rule = host.load(&bytes(AREA)).unwrap();
    let input = AllocationInput { work: work(100, "roof"), kinds: vec![], houses: vec![house(5, 1)] };
    rule.allocate(&context(&rule, json!({})), &input).is_ok()
}

#[test]
fn an_altered_artefact_is_thrown_away_and_compiled_again() {
    let dir = folder("tampered");
    assert!(works(&host(&dir)));
    let name = crate::Package::read(&bytes(AREA).0).unwrap().component_digest;
    let (code, seal) = (dir.join(format!("{name}.cwasm")), dir.join(format!("{name}.seal")));
    let (good_code, good_seal) = (std::fs::read(&code).unwrap(), std::fs::read(&seal).unwrap());
    for (path, good) in [(&code, &good_code), (&seal, &good_seal)] {
        let mut altered = good.clone();
        let middle = altered.len() - 40;
        altered[middle] ^= 1;
        std::fs::remove_file(path).unwrap();
        std::fs::write(path, altered).unwrap();
        assert!(works(&host(&dir)));
        assert_eq!(std::fs::read(&code).unwrap(), good_code, "compiled again");
        assert_eq!(std::fs::read(&seal).unwrap(), good_seal);
    }
    // Another key cannot have sealed it.
    let stranger = Host::with_compiler([8; 32], &dir, Compiler::InProcess).unwrap();
    assert!(works(&stranger));
    assert_ne!(std::fs::read(&seal).unwrap(), good_seal);
    std::fs::remove_dir_all(dir).unwrap();
}

#[test]
fn the_cache_is_used_and_a_stale_seal_is_renewed_quietly() {
    let dir = folder("cached");
    assert!(works(&host(&dir)));
    // Without a compiler the second host can only have taken it from the cache.
    let none = Host::with_compiler([7; 32], &dir, Compiler::Child("/nonexistent".into())).unwrap();
    assert!(works(&none));
    assert_eq!(none.load(&bytes(VOTE)).map(drop).unwrap_err().0[0].code(), "plugin.compile_failed");
    std::fs::remove_dir_all(dir).unwrap();
}
