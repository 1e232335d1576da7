use super::Money;
use proptest::prelude::*;

#[test]
fn only_exactly_two_decimals_are_money() {
    for good in ["0.00", "1234.50", "-0.05", "92233720368547758.07"] {
        assert_eq!(good.parse::<Money>().expect(good).to_string(), good);
    }
    for bad in ["", "1", "1.5", "1.005", "1,000.00", "01.00", "+1.00", " 1.00", "1.0a", ".00", "92233720368547758.08", "１.00"] {
        assert!(bad.parse::<Money>().is_err(), "{bad}");
    }
}

#[test]
fn half_up_rounds_half_away_from_zero() {
    // maintenance-fund E1: area × 86.50 per m²
    for (area, due) in [(8956, "7746.94"), (12033, "10408.55"), (7508, "6494.42")] {
        assert_eq!(Money(8650).half_up(area, 100).expect("in range").to_string(), due);
    }
    assert_eq!(Money(-1).half_up(1, 2), Ok(Money(-1)));
    assert!(Money(i64::MAX).half_up(2, 1).is_err());
}

proptest! {
    #[test]
    fn text_form_round_trips(fen in any::<i64>().prop_filter("min has no positive twin", |f| *f != i64::MIN)) {
        prop_assert_eq!(Money(fen).to_string().parse::<Money>(), Ok(Money(fen)));
    }
}
