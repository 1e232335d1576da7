use serde_json::json;

use super::*;

fn run(text: &str) -> Value {
    run_with(text, &json!({}))
}
fn run_with(text: &str, vars: &serde_json::Value) -> Value {
    Expression::parse(text).unwrap_or_else(|e| panic!("{text}: {e}")).evaluate(vars).expect("within the budget").value
}
fn number(text: &str) -> Value {
    Value::Number(text.parse().expect("a number"))
}
const TRUE: Value = Value::Bool(true);
const FALSE: Value = Value::Bool(false);

#[test]
fn arithmetic_is_exact_in_decimals() {
    assert_eq!(run("0.1 + 0.2"), number("0.3"));
    assert_eq!(run("1 / 3"), number("0.3333333333333333333333333333333333"));
    assert_eq!(run("2 / 3"), number("0.6666666666666666666666666666666667"));
    assert_eq!(run("1 / 0.001"), number("1000"));
    assert_eq!(run("2 ** 10 - 4 * (3 + 1)"), number("1008"));
    assert_eq!(run("-5 + 2.50"), number("-2.5"));
    assert_eq!(run("1 / 0"), Value::Null);
    assert_eq!(run("9999999999999999999999999999999999 + 1"), Value::Null);
    assert_eq!(run("12345678901234567.89 * 98765432109876543.21"), number("1219326311370217952237463801111264"));
}
#[test]
fn rounding_to_34_digits_is_half_to_even() {
    assert_eq!(run("1000000000000000000000000000000000 + 0.5"), number("1000000000000000000000000000000000"));
    assert_eq!(run("1000000000000000000000000000000001 + 0.5"), number("1000000000000000000000000000000002"));
    assert_eq!(run("1000000000000000000000000000000000 + 0.51"), number("1000000000000000000000000000000001"));
}
#[test]
fn comparison_needs_equal_types_and_else_is_null() {
    assert_eq!(run("3 > 2 and \"a\" < \"b\""), TRUE);
    assert_eq!(run("1.0 = 1"), TRUE);
    assert_eq!(run("\"10\" > 9"), Value::Null);
    assert_eq!(run("\"10\" = 10"), Value::Null);
    assert_eq!(run("null = null"), TRUE);
    assert_eq!(run("1 = null"), FALSE);
    assert_eq!(run("x < 3"), Value::Null);
}
#[test]
fn logic_has_three_values() {
    for (text, want) in [
        ("true and null", Value::Null),
        ("false and null", FALSE),
        ("null and false", FALSE),
        ("true or null", TRUE),
        ("null or true", TRUE),
        ("false or null", Value::Null),
        ("null or null", Value::Null),
        ("not(true)", FALSE),
        ("not(null)", Value::Null),
        ("not(\"x\")", Value::Null),
        ("true and \"x\"", Value::Null),
    ] {
        assert_eq!(run(text), want, "{text}");
    }
}
#[test]
fn membership_knows_lists_ranges_and_comparisons() {
    for (text, want) in [
        ("3 in [1..5]", TRUE),
        ("5 in [1..5)", FALSE),
        ("1 in (1..5]", FALSE),
        ("1 in ]1..5]", FALSE),
        ("3 in (1, 2, 3)", TRUE),
        ("3 in (1, [3..4])", TRUE),
        ("3 in (< 2, > 2)", TRUE),
        ("3 in [1, 2]", FALSE),
        ("\"lift\" in (\"roof\", \"lift\")", TRUE),
        ("4 between 1 and 5 and true", TRUE),
        ("null in (1, 2)", Value::Null),
        ("2 in (1)", FALSE),
    ] {
        assert_eq!(run(text), want, "{text}");
    }
}
#[test]
fn names_are_dotted_and_may_be_chinese() {
    let vars = json!({ "use": { "budget": "120000.00", "kind": "ordinary" }, "楼层": 6, "部位": ["电梯"] });
    assert_eq!(run_with("number(use.budget) > 100000 and use.kind = \"ordinary\"", &vars), TRUE);
    assert_eq!(run_with("楼层 >= 6 and \"电梯\" in 部位", &vars), TRUE);
    assert_eq!(run_with("if 楼层 > 6 then \"高\" else \"低\"", &vars), Value::Text("低".into()));
    assert_eq!(run_with("use.budget > 100000", &vars), Value::Null, "money is text until number() reads it");
}
#[test]
fn the_missing_variable_is_named() {
    let found = Expression::parse("1 < 2 and use.amount > 5").expect("parses").evaluate(&json!({ "use": {} })).expect("runs");
    assert_eq!((found.value.clone(), found.culprit()), (Value::Null, Some("use.amount")));
}
#[test]
fn what_is_not_in_this_part_is_a_parse_error() {
    for text in ["", "1 +", "sum(1, 2)", "for x in y return x", "a.b.", "\"open", "1 2", "{a: 1}", "a ? b : c", "${a}", "a && b", "a == 1"]
    {
        assert!(Expression::parse(text).is_err(), "{text}");
    }
}
#[test]
fn depth_length_and_steps_are_bounded() {
    assert!(Expression::parse(&format!("{}1{}", "(".repeat(70), ")".repeat(70))).is_err());
    assert!(Expression::parse(&"1".repeat(9_000)).is_err());
    assert!(Expression::parse(&"-".repeat(5_000)).is_err());
    let many: Vec<i64> = (0..60_000).collect();
    let twice = Expression::parse("-1 in xs or -2 in xs").expect("parses").evaluate(&json!({ "xs": many }));
    assert_eq!(twice, Err(EvalError::Steps));
}
#[test]
fn an_expression_survives_json() {
    let e = Expression::parse("= a.b in (1, [2..3.5], < 7) and not(c) or number(d) = -1.50").expect("parses");
    let json = serde_json::to_string(&e).expect("serialises");
    assert_eq!(serde_json::from_str::<Expression>(&json).expect("reads"), e);
}
proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]
    #[test]
    fn sums_and_products_agree_with_integers(a in -1_000_000_000_000i64..1_000_000_000_000, b in -1_000_000_000_000i64..1_000_000_000_000) {
        let (x, y) = (Decimal::from(a), Decimal::from(b));
        proptest::prop_assert_eq!(x.plus(y).expect("fits").to_string(), (a + b).to_string());
        proptest::prop_assert_eq!(x.times(y).expect("fits").to_string(), (i128::from(a) * i128::from(b)).to_string());
        proptest::prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        if b != 0 {
            let q = x.over(y).expect("fits");
            let back = q.times(y).expect("fits").minus(x).expect("fits");
            let off = if back < Decimal::ZERO { back.negate() } else { back };
            proptest::prop_assert!(off < "0.000000000001".parse().expect("a number"));
        }
    }
    #[test]
    fn no_text_makes_the_reader_fail_otherwise_than_by_an_error(text in ".{0,200}") {
        if let Ok(e) = Expression::parse(&text) {
            let _ = e.evaluate(&json!({ "a": 1 }));
        }
    }
}
