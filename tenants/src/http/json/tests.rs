use linli_kernel::{Date, HouseId, Locale, Money};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Slip {
    house_id: HouseId,
    amount: Money,
    bank_date: Date,
    payer: String,
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let body = r#"{"house_id": "7", "amount": 1.5, "bank_date": "2027-02-30", "amuont": "1.00"}"#;
    let problem = super::parse::<Slip>(body.as_bytes()).expect_err("four faults");
    let mut pointers: Vec<&str> = problem.errors().iter().map(|e| e.pointer.as_str()).collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/amount", "/amuont", "/bank_date", "/house_id", "/payer"]);
    assert_eq!(problem.status(), 422);
    assert_eq!(problem.message(Locale::Zh), "有5处需要修改");
}

#[test]
fn broken_json_is_a_400() {
    assert_eq!(super::parse::<Slip>(b"{\"amount\": ").expect_err("not JSON").status(), 400);
}
