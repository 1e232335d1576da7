use super::*;

fn vote(decision: &str, took: (i64, i64), agreed: (i64, i64)) -> Result<Verdict, RuleError> {
    let entry = |key: &str, value| Entry { key: key.into(), value };
    let ratio = |num, den| Value::Ratio(Ratio { num, den });
    let params = vec![
        entry("participation", ratio(2, 3)),
        entry("use_approval", ratio(1, 2)),
        entry("use_approval_strict", Value::Flag(true)),
        entry("raise_approval", ratio(3, 4)),
        entry("raise_approval_strict", Value::Flag(false)),
    ];
    let facts = vec![
        entry("decision", Value::Text(decision.into())),
        entry("totals.heads", Value::Integer(9)),
        entry("totals.area", Value::Area(90_000)),
        entry("participated.heads", Value::Integer(took.0)),
        entry("participated.area", Value::Area(took.1)),
        entry("agreed.heads", Value::Integer(agreed.0)),
        entry("agreed.area", Value::Area(agreed.1)),
    ];
    let ctx = Context { point: "vote.threshold".into(), region: "370000000000".into(), as_of: 20_000, known_on: 20_000, params };
    VoteThreshold::test(ctx, facts)
}

#[test]
fn votes_at_the_edge_end_as_the_specification_says() {
    for (case, decision, took, agreed, met) in [
        ("V1", "use", (6, 60_000), (4, 30_001), true),
        ("V2", "use", (6, 60_000), (3, 40_000), false),
        ("V3", "use", (6, 60_000), (4, 30_000), false),
        ("V4", "use", (6, 59_999), (6, 59_999), false),
        ("V5", "use", (5, 70_000), (5, 70_000), false),
        ("V6", "use", (9, 90_000), (5, 45_001), true),
        ("V7", "raise", (8, 80_000), (6, 60_000), true),
        ("V8", "raise", (8, 80_000), (6, 59_999), false),
        ("V9", "raise", (7, 70_000), (5, 65_000), false),
    ] {
        assert_eq!(vote(decision, took, agreed).unwrap().met, met, "{case}");
    }
}

#[test]
fn numbers_that_contradict_each_other_are_refused() {
    assert!(matches!(vote("use", (10, 60_000), (1, 1)), Err(RuleError::BadFact(_))));
    assert!(matches!(vote("use", (6, 60_000), (7, 1)), Err(RuleError::BadFact(_))));
    assert!(matches!(vote("recall", (6, 60_000), (5, 1)), Err(RuleError::NeedsPerson(_))));
}

#[test]
fn an_empty_vote_passes_nothing() {
    assert!(!vote("use", (0, 0), (0, 0)).unwrap().met);
}
