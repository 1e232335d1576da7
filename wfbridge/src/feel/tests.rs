use serde_json::json;

use super::{Value, evaluate, parse};

fn value(text: &str) -> Value {
    let facts = json!({ "use": { "budget": "123456.78", "kind": "ordinary", "houses": 7, "urgent": false }, "money": "9007199254740993.01" });
    evaluate(&parse(text).unwrap_or_else(|e| panic!("{text}: {e}")), &facts).expect("within the budget")
}
fn holds(text: &str) {
    assert_eq!(value(text), Value::Bool(true), "{text}");
}

#[test]
fn decimals_are_exact() {
    holds("0.1 + 0.2 = 0.3");
    holds("money = 9007199254740993.01");
    holds("1 / 3 * 3 < 1");
    holds("2 * 3 + 4 = 10");
    holds("-2 - 3 = -5");
    assert_eq!(value("1 / 0"), Value::Null);
}

#[test]
fn conditions_of_flows() {
    holds("use.budget >= 100000");
    holds("use.budget < 123456.79 and use.kind = \"ordinary\"");
    holds("use.houses in [1..7]");
    holds("not(use.houses in (7..9])");
    holds("use.kind in (\"emergency\", \"ordinary\")");
    holds("use.houses in (< 3, > 6)");
    holds("if use.urgent then false else true");
    holds("use.missing = null");
}

#[test]
fn logic_has_three_values() {
    assert_eq!(value("use.missing > 3"), Value::Null);
    assert_eq!(value("use.missing > 3 or true"), Value::Bool(true));
    assert_eq!(value("use.missing > 3 and false"), Value::Bool(false));
    assert_eq!(value("use.missing > 3 and true"), Value::Null);
    assert_eq!(value("use.kind > 3"), Value::Null);
}

#[test]
fn faults_say_where() {
    for text in ["", "1 +", "(1", "a b", "now()", "\"x", "#", "if true then 1", "in 3"] {
        assert!(parse(text).is_err(), "{text}");
    }
    assert_eq!(parse("a and ").map_err(|e| e.at), Err(6));
    assert!(parse(&format!("{}1{}", "(".repeat(100), ")".repeat(100))).is_err());
}
