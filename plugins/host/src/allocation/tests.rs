use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::testing::{AREA, BAD_ALLOCATION, LIFT, context, house, loaded, work};

fn input(cost: i64, kind: &str, houses: &[(i64, i16)]) -> AllocationInput {
    AllocationInput { work: work(cost, kind), kinds: vec!["residence".into()], houses: houses.iter().map(|(a, f)| house(*a, *f)).collect() }
}

const E2: [i64; 7] = [8_956, 12_033, 7_508, 14_321, 9_840, 11_000, 6_666];
const CODES: [&str; 7] = ["H1", "H2", "H3", "H4", "H5", "H6", "H7"];

#[test]
fn e2_by_the_area_rule_gives_the_shares_of_the_specification() {
    let rule = loaded(AREA);
    let input = input(12_345_678, "roof", &E2.map(|area| (area, 0)));
    let allocated = rule.allocate(&context(&rule, json!({})), &input).unwrap();
    let shares = allocated.plan.divide(input.work.cost, &CODES).unwrap();
    let got: Vec<(i64, i64, i64)> = shares.iter().map(|s| (s.portion.floor, s.portion.remainder, s.portion.share)).collect();
    assert_eq!(
        got,
        [
            (1_572_263, 68_956, 1_572_264),
            (2_112_444, 31_518, 2_112_444),
            (1_318_061, 28_660, 1_318_061),
            (2_514_112, 42_350, 2_514_113),
            (1_727_453, 66_748, 1_727_454),
            (1_931_096, 62_896, 1_931_097),
            (1_170_244, 50_492, 1_170_245),
        ]
    );
    assert!(shares.iter().all(|s| s.weight_total == 70_324));
    assert_eq!(allocated.lines[0].zh, "费用 123,456.78 元，按 7 户建筑面积合计 703.24 平方米 的比例分摊");
    assert_eq!(allocated.lines[0].basis[0].article, "第二十条");
}

#[test]
fn the_lift_rule_frees_the_ground_floor_and_raises_by_floor() {
    let rule = loaded(LIFT);
    let input = input(800_000, "lift", &[(10_000, 1), (10_000, 2), (8_000, 11)]);
    let allocated = rule.allocate(&context(&rule, json!({ "step_percent": 10, "ground_floor_free": true })), &input).unwrap();
    assert_eq!(allocated.plan, Plan::Weights(vec![0, 1_100_000, 1_600_000]));
    let shares: Vec<i64> = allocated.plan.divide(input.work.cost, &["a", "b", "c"]).unwrap().iter().map(|s| s.portion.share).collect();
    assert_eq!(shares, [0, 325_926, 474_074]);
    let unknown = self::input(800_000, "lift", &[(10_000, 2), (10_000, 0)]);
    let error = rule.allocate(&context(&rule, json!({})), &unknown).unwrap_err();
    assert_eq!(error, PluginError::MissingFact { key: "houses.1.floor".into() });
}

#[test]
fn a_rule_that_misbehaves_gets_its_code_and_moves_no_fen() {
    let rule = loaded(BAD_ALLOCATION);
    let input = input(1_000, "roof", &[(8_000, 1), (2_000, 2), (500, 3)]);
    for (mode, code) in [
        ("loop", "plugin.fuel"),
        ("memory", "plugin.memory"),
        ("recursion", "plugin.stack"),
        ("panic", "plugin.trap"),
        ("clock", "plugin.trap"),
        ("huge_line", "plugin.output_size"),
        ("many_lines", "plugin.output_size"),
        ("unknown_line", "plugin.result_text"),
        ("bidi", "plugin.result_text"),
        ("negative", "plugin.result_domain"),
        ("zero", "plugin.result_domain"),
        ("overflow", "plugin.result_domain"),
        ("short", "plugin.result_domain"),
        ("negative_share", "plugin.result_domain"),
        ("twice", "plugin.result_domain"),
        ("wrong_sum", "plugin.result_sum"),
    ] {
        let error = rule.allocate(&context(&rule, json!({ "mode": mode })), &input).unwrap_err();
        assert_eq!(error.code(), code, "{mode}: {error}");
        assert!(!error.zh().is_empty() && error.stops_case(), "{mode}");
    }
    // The instance is thrown away with the call: the next one is as good as the first.
    assert!(rule.allocate(&context(&rule, json!({})), &input).is_ok());
}

#[test]
fn the_sum_that_a_wrong_rule_made_is_named() {
    let rule = loaded(BAD_ALLOCATION);
    let error = rule.allocate(&context(&rule, json!({ "mode": "wrong_sum" })), &input(1_000, "roof", &[(1, 1), (1, 1)])).unwrap_err();
    assert_eq!(error.zh(), "分摊合计 9.99 元与费用 10.00 元不符。");
}

#[test]
fn own_shares_and_groups_divide_to_the_fen() {
    let rule = loaded(BAD_ALLOCATION);
    let input = input(1_001, "roof", &[(300, 1), (100, 2), (100, 3), (100, 4)]);
    let divide = |mode: &str| {
        let allocated = rule.allocate(&context(&rule, json!({ "mode": mode })), &input).unwrap();
        allocated.plan.divide(input.work.cost, &["a", "b", "c", "d"]).unwrap().iter().map(|s| s.portion.share).collect::<Vec<_>>()
    };
    assert_eq!(divide("shares"), [1_001, 0, 0, 0]);
    // 400 : 200 → 667 : 334, then by head: ties go by code
    assert_eq!(divide("groups"), [334, 333, 167, 167]);
}

#[test]
fn too_many_rows_never_reach_the_guest() {
    let rule = loaded(AREA);
    let input = input(1, "roof", &vec![(1, 0); MAX_ROWS + 1]);
    assert_eq!(rule.allocate(&context(&rule, json!({})), &input).unwrap_err().code(), "plugin.input_size");
    let most = self::input(1, "roof", &vec![(1, 0); MAX_ROWS]);
    assert!(rule.allocate(&context(&rule, json!({})), &most).is_ok());
}

/// The lift rule as the specification writes it, in plain Rust.
fn native(step: i64, free: bool, kind: &str, houses: &[(i64, i16)]) -> Vec<i64> {
    let factor = |floor: i16| if floor == 1 && free { 0 } else { (100 + step * (i64::from(floor) - 1)).max(0) };
    houses.iter().map(|(area, floor)| if kind == "lift" { area * factor(*floor) } else { *area }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn the_guest_is_the_native_rule_and_says_the_same_twice(
        step in 0_i64..=100, free: bool, lift: bool,
        houses in proptest::collection::vec((1_i64..1_000_000, prop_oneof![-3_i16..0, 1_i16..60]), 1..60), cost in 1_i64..1_000_000_000,
    ) {
        let rule = loaded(LIFT);
        let kind = if lift { "lift" } else { "roof" };
        let input = input(cost, kind, &houses);
        let ctx = context(&rule, json!({ "step_percent": step, "ground_floor_free": free }));
        let want = native(step, free, kind, &houses);
        match rule.allocate(&ctx, &input) {
            Ok(allocated) => {
                prop_assert_eq!(&allocated.plan, &Plan::Weights(want));
                let again = rule.allocate(&ctx, &input).unwrap();
                prop_assert_eq!((allocated.digest(), allocated.spent.fuel), (again.digest(), again.spent.fuel));
                let codes: Vec<String> = (0..houses.len()).map(|i| i.to_string()).collect();
                let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
                let sum: i64 = allocated.plan.divide(Money(cost), &codes).unwrap().iter().map(|s| s.portion.share).sum();
                prop_assert_eq!(sum, cost);
            }
            Err(error) => {
                prop_assert_eq!(error.code(), "plugin.needs_person");
                prop_assert!(want.iter().all(|weight| *weight == 0));
            }
        }
        let by_area = loaded(AREA);
        let allocated = by_area.allocate(&context(&by_area, json!({})), &input).unwrap();
        prop_assert_eq!(allocated.plan, Plan::Weights(houses.iter().map(|(area, _)| *area).collect()));
    }
}
