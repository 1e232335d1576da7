use super::*;

fn part(code: &str, area: i64, holders: &[&str]) -> Part {
    Part {
        house_code: code.into(),
        area: Area(area),
        holders: holders.iter().map(|h| (*h).to_owned()).collect(),
        developer: "company:d".into(),
    }
}

#[test]
fn several_houses_of_one_buyer_are_one_head_and_all_their_area() {
    let e = of(&[part("1", 10_000, &["person:a"]), part("2", 8_956, &["person:a"]), part("3", 9_000, &["person:b"])]);
    assert_eq!((e.heads, e.area), (2, Area(27_956)));
}

#[test]
fn co_owners_are_one_head_and_the_order_of_the_holders_has_no_effect() {
    let e = of(&[part("1", 100, &["person:a", "person:b"]), part("2", 100, &["person:b", "person:a"]), part("3", 100, &["person:a"])]);
    assert_eq!(e.heads, 2);
}

#[test]
fn all_unsold_houses_of_the_developer_are_one_head_with_those_in_his_own_name() {
    let e = of(&[part("1", 100, &[]), part("2", 100, &[]), part("3", 100, &["company:d"]), part("4", 100, &["person:a"])]);
    assert_eq!((e.heads, e.area), (2, Area(400)));
}

#[test]
fn the_hash_stands_for_owners_and_areas_and_not_for_the_order() {
    let a = [part("1", 100, &["person:a"]), part("2", 200, &["person:b"])];
    let b = [a[1].clone(), a[0].clone()];
    assert_eq!(of(&a).hash, of(&b).hash);
    assert_ne!(of(&a).hash, of(&[part("1", 100, &["person:c"]), a[1].clone()]).hash);
    assert_ne!(of(&a).hash, of(&[part("1", 101, &["person:a"]), a[1].clone()]).hash);
}

#[test]
fn two_thirds_are_rounded_up() {
    // E4: 9 heads, 900.00 m² need 6 and 600.00; E4b: 7 heads, 703.24 m² need 5 and 468.83
    assert_eq!((two_thirds(9), two_thirds(90_000)), (6, 60_000));
    assert_eq!((two_thirds(7), two_thirds(70_324)), (5, 46_883));
    assert_eq!(two_thirds(0), 0);
}
