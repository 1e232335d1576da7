use super::*;

fn by_area(area: &str, standard: &str) -> String {
    let (area, standard) = (area.parse().expect("an area"), standard.parse().expect("a standard"));
    due(Basis::Area, standard, area, None).expect("in range").expect("known").to_string()
}

#[test]
fn each_house_is_rounded_half_up_before_the_sum() {
    assert_eq!(by_area("89.56", "86.50"), "7746.94");
    assert_eq!(by_area("120.33", "86.50"), "10408.55");
    assert_eq!(by_area("75.08", "86.50"), "6494.42");
    assert_eq!(by_area("88.20", "86.50"), "7629.30");
}

#[test]
fn a_price_standard_is_a_percentage_and_needs_the_price() {
    let (value, area) = ("2.00".parse().expect("percent"), "89.56".parse().expect("area"));
    assert_eq!(due(Basis::Price, value, area, Some("1000000.25".parse().expect("price"))), Ok(Some("20000.01".parse().expect("sum"))));
    assert_eq!(due(Basis::Price, value, area, None), Ok(None));
}
