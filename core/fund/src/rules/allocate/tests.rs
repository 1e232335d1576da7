use super::*;
use linli_kernel::Money;

/// The houses of E2: code, area, budget share, advance share, final share, last payment.
const E2: &str = "
    H1  89.56 15722.64  7861.32 15027.70 7166.38
    H2 120.33 21124.44 10562.22 20190.75 9628.53
    H3  75.08 13180.61  6590.31 12598.03 6007.72
    H4 143.21 25141.13 12570.56 24029.89 11459.33
    H5  98.40 17274.54  8637.27 16511.01 7873.74
    H6 110.00 19310.97  9655.49 18457.42 8801.93
    H7  66.66 11702.45  5851.22 11185.20 5333.98";

fn fen(text: &str) -> i64 {
    text.parse::<Money>().expect("a sum of the table").fen()
}

fn column(n: usize) -> BTreeMap<String, i64> {
    let rows = E2.lines().filter(|l| !l.trim().is_empty());
    rows.map(|l| l.split_whitespace().collect::<Vec<_>>()).map(|c| (c[0].to_owned(), fen(c[n]))).collect()
}

fn by_area(amount: i64) -> Vec<ItemWeights> {
    vec![ItemWeights::plain(1, amount, column(1).into_iter().collect())]
}

fn shares(total: i64, items: &[ItemWeights]) -> BTreeMap<String, i64> {
    allocate(total, items).expect("weights are positive").into_iter().map(|(code, parts)| (code, share_of(&parts))).collect()
}

#[test]
fn seven_houses_share_123456_78_to_the_fen() {
    assert_eq!(shares(12_345_678, &by_area(12_345_678)), column(2));
}

#[test]
fn an_advance_of_half_and_the_audited_total_follow_the_same_weights() {
    assert_eq!(shares(6_172_839, &by_area(12_345_678)), column(3));
    assert_eq!(shares(11_800_000, &by_area(12_345_678)), column(4));
}

#[test]
fn the_last_payment_is_final_less_advance_and_sums_to_the_final_invoice() {
    let finals = allocate(11_800_000, &by_area(12_345_678)).expect("weights are positive");
    let last = last_payments(&finals, &column(3));
    assert_eq!(last, column(5));
    assert_eq!(last.values().sum::<i64>(), fen("56271.61"));
}

#[test]
fn a_last_payment_may_be_a_credit() {
    let finals = allocate(6_000_000, &by_area(12_345_678)).expect("weights are positive");
    let last = last_payments(&finals, &column(3));
    assert_eq!(last.values().sum::<i64>(), 6_000_000 - 6_172_839);
    assert!(last.values().all(|l| *l < 0));
}

#[test]
fn items_with_other_scopes_are_split_alone_and_added() {
    let roof = ItemWeights::plain(1, 10_000, vec![("A".into(), 1), ("B".into(), 1), ("C".into(), 1)]);
    let lift = ItemWeights::plain(2, 5, vec![("A".into(), 0), ("C".into(), 100)]);
    let got = shares(10_005, &[roof, lift]);
    assert_eq!(got, [("A".to_owned(), 3334), ("B".to_owned(), 3333), ("C".to_owned(), 3338)].into());
}

#[test]
fn a_payment_over_two_items_loses_no_fen() {
    let items = [
        ItemWeights::plain(1, 333, vec![("A".into(), 7), ("B".into(), 11)]),
        ItemWeights::plain(2, 667, vec![("B".into(), 3), ("C".into(), 5)]),
    ];
    for total in [1, 2, 99, 500, 999, 1000] {
        assert_eq!(shares(total, &items).values().sum::<i64>(), total);
    }
}

#[test]
fn five_fen_over_seven_houses_give_five_times_one() {
    let got = shares(5, &by_area(5));
    assert_eq!(got.values().sum::<i64>(), 5);
    assert!(got.values().all(|s| (0..=1).contains(s)));
}

#[test]
fn no_weight_at_all_is_refused() {
    let items = [ItemWeights::plain(1, 10, vec![("A".into(), 0)])];
    assert_eq!(allocate(10, &items), Err(AllocateError::Weights));
}

#[test]
fn a_cap_lowers_every_share_to_what_the_poorest_house_can_pay() {
    let mut has = column(2);
    has.insert("H3".into(), 851_107);
    let total = capped_total(12_345_678, &by_area(12_345_678), &has).expect("weights").expect("something can be paid");
    let got = shares(total, &by_area(12_345_678));
    assert!(got.iter().all(|(code, share)| share <= &has[code]));
    assert!(851_107 - got["H3"] <= 1, "the poorest pays all it has but a rounding: {}", got["H3"]);
}

#[test]
fn a_house_without_money_caps_the_budget_to_nothing() {
    let mut has = column(2);
    has.insert("H3".into(), 0);
    assert_eq!(capped_total(12_345_678, &by_area(12_345_678), &has), Ok(None));
}

#[test]
fn what_was_kept_of_an_allocation_weighs_the_next_payment_alike() {
    let items = [
        ItemWeights::plain(1, 333, vec![("A".into(), 7), ("B".into(), 11)]),
        ItemWeights {
            item_no: 2,
            amount: 667,
            groups: vec![
                Group { weight: 3, members: vec![("B".into(), 3), ("C".into(), 5)] },
                Group { weight: 1, members: vec![("D".into(), 1)] },
            ],
        },
    ];
    let kept = allocate(1000, &items).expect("weights are positive");
    let again = weights_of(&kept, &[(1, 333), (2, 667)].into());
    for total in [1, 500, 999] {
        assert_eq!(allocate(total, &again), allocate(total, &items));
    }
}
