use serde_json::json;

use super::KNOWN;

#[test]
fn every_shipped_default_keeps_its_own_bounds() {
    for (key, definition) in KNOWN.iter() {
        assert!(definition.fits(&definition.default), "{key}");
    }
}

#[test]
fn a_value_outside_the_bounds_does_not_fit() {
    let days = &KNOWN["fund.publicity_days"];
    assert!(days.fits(&json!(5)) && days.fits(&json!(15)));
    assert!(!days.fits(&json!(4)) && !days.fits(&json!(16)) && !days.fits(&json!("7")));
    let shortfall = &KNOWN["fund.shortfall"];
    assert!(shortfall.fits(&json!("refuse")));
    assert!(!shortfall.fits(&json!("steal")));
}
