use super::*;

fn house(area: i64, floor: i16) -> House {
    House { area, floor, building: 0, entrance: 0, kind: 0, deposited: 0, available: 0, sold: true, delivered: true }
}

fn ctx(step: i64, free: bool) -> Context {
    let entry = |key: &str, value| Entry { key: key.into(), value };
    Context {
        point: "allocation.weights".into(),
        region: "370000000000".into(),
        as_of: 20_000,
        known_on: 20_000,
        params: vec![entry("step_percent", Value::Integer(step)), entry("ground_floor_free", Value::Flag(free))],
    }
}

fn weights(kind: &str, free: bool, houses: &[House]) -> Result<Vec<i64>, RuleError> {
    let work = Work { cost: 100_000, kind: kind.into(), part: "lift".into(), storeys: 11 };
    match LiftFloors::allocate(ctx(10, free), work, vec![], houses.to_vec())?.plan {
        Plan::Weights(weights) => Ok(weights),
        Plan::Groups(_) | Plan::Shares(_) => panic!("this rule only weighs"),
    }
}

#[test]
fn a_lift_weighs_area_by_floor_and_the_ground_floor_is_free() {
    let houses = [house(10_000, 1), house(10_000, 2), house(8_000, 11)];
    assert_eq!(weights("lift", true, &houses).unwrap(), [0, 1_100_000, 1_600_000]);
    assert_eq!(weights("lift", false, &houses).unwrap(), [1_000_000, 1_100_000, 1_600_000]);
}

#[test]
fn another_work_weighs_area_alone_and_needs_no_floor() {
    assert_eq!(weights("roof", true, &[house(10_000, 0), house(8_000, 3)]).unwrap(), [10_000, 8_000]);
}

#[test]
fn an_unknown_floor_is_a_missing_fact_and_only_free_houses_need_a_person() {
    assert!(matches!(weights("lift", true, &[house(1, 2), house(1, 0)]), Err(RuleError::MissingFact(key)) if key == "houses.1.floor"));
    assert!(matches!(weights("lift", true, &[house(1, 1)]), Err(RuleError::NeedsPerson(_))));
    assert!(matches!(weights("lift", true, &[house(i64::MAX, 2)]), Err(RuleError::BadFact(_))));
}
