use super::*;
use linli_kernel::Money;

fn fen(text: &str) -> i64 {
    text.parse::<Money>().expect("a sum of the table").fen()
}

/// E2: house, principal, income, available, share, of which income, principal, self-raised.
const E2: &str = "
    H1 18000.00 512.34 18512.34 15722.64 512.34 15210.30 0.00
    H2 24500.00 803.10 25303.10 21124.44 803.10 20321.34 0.00
    H3 9500.00 211.07 8511.07 13180.61 211.07 8300.00 4669.54
    H4 29000.00 901.55 29901.55 25141.13 901.55 24239.58 0.00
    H5 17264.00 20.00 17284.00 17274.54 20.00 17254.54 0.00
    H6 22000.00 0.00 22000.00 19310.97 0.00 19310.97 0.00
    H7 13332.00 377.77 13709.77 11702.45 377.77 11324.68 0.00";

#[test]
fn income_pays_first_and_what_is_held_for_others_is_not_touched() {
    let mut sums = Cover::default();
    for row in E2.lines().filter(|l| !l.trim().is_empty()) {
        let c: Vec<&str> = row.split_whitespace().collect();
        let n: Vec<i64> = c[1..].iter().map(|t| fen(t)).collect();
        let got = cover(n[3], Purse { principal: n[0], income: n[1], available: n[2] }, PaysFirst::Income);
        assert_eq!(got, Cover { from_income: n[4], from_principal: n[5], self_raised: n[6] }, "{}", c[0]);
        sums.from_income += got.from_income;
        sums.from_principal += got.from_principal;
        sums.self_raised += got.self_raised;
    }
    let promised = Cover { from_income: fen("2825.83"), from_principal: fen("115961.41"), self_raised: fen("4669.54") };
    assert_eq!(sums, promised);
    assert_eq!(sums.from_fund(), fen("118787.24"));
}

#[test]
fn principal_first_leaves_income_only_where_principal_ends() {
    let purse = Purse { principal: fen("17264.00"), income: fen("20.00"), available: fen("17284.00") };
    let got = cover(fen("17274.54"), purse, PaysFirst::Principal);
    assert_eq!(got, Cover { from_income: fen("10.54"), from_principal: fen("17264.00"), self_raised: 0 });
}

#[test]
fn the_third_house_raises_less_at_the_final_payment() {
    // Its hold was capped at 8,511.07; after the advance 1,920.76 are left of it and 6,007.72 are needed.
    let left = fen("8511.07") - fen("6590.31");
    let got = cover(fen("6007.72"), Purse { principal: left, income: 0, available: left }, PaysFirst::Income);
    assert_eq!((left, got.self_raised), (fen("1920.76"), fen("4086.96")));
}

#[test]
fn an_empty_account_raises_its_whole_share_and_none_goes_below_zero() {
    let got = cover(100, Purse { principal: 0, income: 0, available: -50 }, PaysFirst::Income);
    assert_eq!(got, Cover { from_income: 0, from_principal: 0, self_raised: 100 });
}

#[test]
fn the_unused_hold_is_released_and_a_capped_hold_releases_nothing_it_never_had() {
    assert_eq!(hold_released(fen("15722.64"), fen("15027.70")), fen("694.94"));
    assert_eq!(hold_released(fen("8511.07"), fen("12598.03")), 0);
}
