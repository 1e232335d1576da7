use super::{duty_of, same_scope};

#[test]
fn the_three_administrators_have_a_duty_of_their_own() {
    assert_eq!(duty_of("sys_admin"), "sys_admin");
    assert_eq!(duty_of("audit_admin"), "audit_admin");
    assert_eq!(duty_of("fund_clerk"), "business");
}

#[test]
fn only_city_and_part_of_the_city_stand_for_each_other() {
    assert!(same_scope("area", "area") && same_scope("area", "tenant") && same_scope("tenant", "area"));
    assert!(!same_scope("none", "tenant") && !same_scope("committee", "project") && !same_scope("assigned", "area"));
}
