use super::{AllocateError, largest_remainder};
use crate::Money;
use proptest::prelude::*;

fn shares(total: &str, rows: &str) {
    let total: Money = total.parse().expect("money");
    let rows: Vec<Vec<&str>> = rows.split_whitespace().collect::<Vec<_>>().chunks(3).map(<[&str]>::to_vec).collect();
    let weights: Vec<(&str, i64)> = rows.iter().map(|r| (r[0], r[1].parse::<crate::Area>().expect("area").0)).collect();
    let got = largest_remainder(total.0, &weights).expect("weights are good");
    for (row, portion) in rows.iter().zip(&got) {
        assert_eq!(Money(portion.share).to_string(), row[2], "{}", row[0]);
    }
    assert_eq!(got.iter().map(|p| p.share).sum::<i64>(), total.0);
}

#[test]
fn e2_seven_houses_share_123456_78_to_the_fen() {
    shares(
        "123456.78",
        "H1 89.56 15722.64  H2 120.33 21124.44  H3 75.08 13180.61  H4 143.21 25141.13
         H5 98.40 17274.54  H6 110.00 19310.97  H7 66.66 11702.45",
    );
}

#[test]
fn e2_advance_and_final_shares() {
    shares(
        "61728.39",
        "H1 89.56 7861.32  H2 120.33 10562.22  H3 75.08 6590.31  H4 143.21 12570.56  H5 98.40 8637.27  H6 110.00 9655.49  H7 66.66 5851.22",
    );
    shares(
        "118000.00",
        "H1 89.56 15027.70  H2 120.33 20190.75  H3 75.08 12598.03  H4 143.21 24029.89  H5 98.40 16511.01  H6 110.00 18457.42  H7 66.66 11185.20",
    );
}

#[test]
fn e2b_equal_houses_tie_by_code() {
    shares("100.00", "A 50.00 33.34  B 50.00 33.33  C 50.00 33.33");
    shares("100.00", "G 9.00 14.28  A 9.00 14.29  B 9.00 14.29  C 9.00 14.29  D 9.00 14.29  E 9.00 14.28  F 9.00 14.28");
    shares("0.05", "A 1.00 0.01  B 1.00 0.01  C 1.00 0.01  D 1.00 0.01  E 1.00 0.01  F 1.00 0.00");
    shares("0.01", "A 0.00 0.00  B 7.00 0.01");
}

#[test]
fn nothing_to_weigh_is_refused() {
    assert_eq!(largest_remainder::<&str>(1, &[]), Err(AllocateError::Empty));
    assert_eq!(largest_remainder(1, &[("A", 0), ("B", 0)]), Err(AllocateError::Weights));
    assert_eq!(largest_remainder(1, &[("A", 2), ("B", -1)]), Err(AllocateError::Weights));
    assert_eq!(largest_remainder(1, &[("A", i64::MAX), ("B", 1)]), Err(AllocateError::Overflow));
}

proptest! {
    #[test]
    fn shares_sum_and_permuting_changes_no_share(total in 0i64..10_000_000_000, mut weights in prop::collection::vec(0i64..10_000_000, 1..300), seed in any::<u64>()) {
        weights[0] += 1;
        let rows: Vec<(usize, i64)> = weights.into_iter().enumerate().collect();
        let got = largest_remainder(total, &rows).expect("some weight is positive");
        prop_assert_eq!(got.iter().map(|p| p.share).sum::<i64>(), total);
        let mut shuffled: Vec<(usize, i64)> = rows.clone();
        let n = shuffled.len();
        for i in 0..n { shuffled.swap(i, (seed.rotate_left(i as u32) as usize).wrapping_mul(2_654_435_761) % n); }
        let again = largest_remainder(total, &shuffled).expect("the same weights");
        for (row, portion) in shuffled.iter().zip(again) { prop_assert_eq!(portion, got[row.0]); }
    }
}
