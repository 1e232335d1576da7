use super::*;
use linli_kernel::Area;

#[derive(Clone, Copy)]
struct Count {
    heads: i64,
    area: i64,
}

/// The default rule written natively: the double of the shipped plugin, for these tables only.
fn tests_of(raise: bool, totals: Count, part: Count, agreed: Count) -> Vec<VoteTest> {
    let test = |name: &str, have: i64, of: i64, num: i64, den: i64, strict: bool| {
        let (left, right) = (have * den, of * num);
        let ok = of > 0 && if strict { left > right } else { left >= right };
        VoteTest { name: name.into(), left, op: if strict { ">" } else { ">=" }.into(), right, ok }
    };
    let (num, den, strict) = if raise { (3, 4, false) } else { (1, 2, true) };
    vec![
        test("participation_heads", part.heads, totals.heads, 2, 3, false),
        test("participation_area", part.area, totals.area, 2, 3, false),
        test("approval_heads", agreed.heads, part.heads, num, den, strict),
        test("approval_area", agreed.area, part.area, num, den, strict),
    ]
}

fn count(text: &str) -> Count {
    let (heads, area) = text.split_once('/').expect("heads/area");
    Count { heads: heads.parse().expect("a number"), area: area.parse::<Area>().expect("an area").0 }
}

#[test]
fn votes_at_the_edges_of_two_thirds_half_and_three_quarters() {
    use VoteResult::{Invalid, NotPassed, Passed};
    let table = [
        ("V1", false, "6/600.00", "4/300.01", Passed),
        ("V2", false, "6/600.00", "3/400.00", NotPassed),
        ("V3", false, "6/600.00", "4/300.00", NotPassed),
        ("V4", false, "6/599.99", "6/599.99", Invalid),
        ("V5", false, "5/700.00", "5/700.00", Invalid),
        ("V6", false, "9/900.00", "5/450.01", Passed),
        ("V7", true, "8/800.00", "6/600.00", Passed),
        ("V8", true, "8/800.00", "6/599.99", NotPassed),
        ("V9", true, "7/700.00", "5/650.00", NotPassed),
    ];
    for (case, raise, part, agreed, promised) in table {
        let tests = tests_of(raise, count("9/900.00"), count(part), count(agreed));
        assert_eq!(result_of(&tests), promised, "{case}");
    }
}

#[test]
fn the_houses_of_e2_vote_as_e4b_says() {
    use VoteResult::{Invalid, NotPassed, Passed};
    let table = [
        ("5/561.50", "3/297.96", Passed),
        ("5/561.50", "2/263.54", NotPassed),
        ("4/471.94", "4/471.94", Invalid),
        ("5/439.70", "5/439.70", Invalid),
    ];
    for (part, agreed, promised) in table {
        assert_eq!(result_of(&tests_of(false, count("7/703.24"), count(part), count(agreed))), promised, "{part} {agreed}");
    }
}

#[test]
fn a_vote_without_a_test_is_not_passed() {
    assert_eq!(result_of(&[]), VoteResult::NotPassed);
}
