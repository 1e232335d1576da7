//! The OpenAPI document: committed, whole, and the same strings as the access policy.
use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

use crate::server::binary;

fn generated() -> String {
    let out = Command::new(binary()).arg("openapi").output().expect("linli is built beside the tests");
    String::from_utf8(out.stdout).expect("UTF-8")
}

fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in ["get", "post", "put", "patch", "delete"] {
            if item[method].is_object() {
                all.push((method.to_owned(), path.clone(), &item[method]));
            }
        }
    }
    all
}

#[test]
fn the_committed_document_is_what_the_code_says() {
    let committed = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../openapi/openapi.json")).expect("openapi.json");
    assert!(committed.trim() == generated().trim(), "openapi/openapi.json is stale: run `make openapi`");
}

#[test]
fn every_operation_has_a_permission_of_the_policy_and_described_answers() {
    let document: Value = serde_json::from_str(&generated()).expect("JSON");
    let policy = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../tenants/policy/permissions.toml")).expect("the policy");
    let known: BTreeSet<&str> = policy.lines().filter_map(|l| l.strip_prefix('"')?.split('"').next()).collect();
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no operation id"));
        assert!(names.insert(name.to_owned()), "{name} stands twice");
        let permission = operation["x-permission"].as_str().unwrap_or_else(|| panic!("{name} has no x-permission"));
        let platform = path.starts_with("/platform/");
        let special = ["public", "self"].contains(&permission);
        assert!(special || platform || known.contains(permission), "{name}: {permission} is not in the policy");
        for (status, answer) in operation["responses"].as_object().expect("responses") {
            assert!(answer["description"].is_string() || answer["$ref"].is_string(), "{name} {status} has no description");
        }
        if method == "post" && !special && !platform {
            assert!(operation["responses"]["422"].is_object(), "{name} does not list 422");
        }
    }
    // vocabulary §10
    for name in [
        "platform_tenant_create",
        "session_create",
        "fund_import_commit",
        "fund_use_file",
        "ledger_bank_confirmation_create",
        "audit_verify",
    ] {
        assert!(names.contains(name), "{name} is missing");
    }
}

#[test]
fn every_reference_of_the_document_resolves() {
    let document: Value = serde_json::from_str(&generated()).expect("JSON");
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(object) => {
                if let Some(target) = object.get("$ref").and_then(Value::as_str) {
                    let pointer = target.strip_prefix('#').expect("a reference inside the document");
                    assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
                }
                open.extend(object.values());
            }
            Value::Array(array) => open.extend(array),
            _ => {}
        }
    }
}
