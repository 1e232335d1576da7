use super::*;
use linli_kernel::{Date, Timestamp};

fn account(principal: i64, income: i64) -> FundAccount {
    FundAccount {
        id: FundAccountId::new(),
        account_no: String::new(),
        pool_code: "01".into(),
        kind: AccountKind::Household,
        state: AccountState::Open,
        house_id: None,
        building_id: None,
        project_id: None,
        area_path: "37/3799/".into(),
        principal: Money(principal),
        income: Money(income),
        held: Money(0),
        seq: 0,
        opened_on: "2026-11-16".parse::<Date>().unwrap(),
        created_at: Timestamp(0),
    }
}

#[test]
fn an_account_number_has_city_pool_serial_and_check_digit() {
    assert_eq!(account_no("37/3799/379901/", "01", 1).unwrap(), "W37990100000000011"); // vocabulary §5
    assert!(account_no("37/", "01", 1).is_err());
}

#[test]
fn a_debit_takes_the_first_bucket_before_the_second() {
    let a = account(500, 30);
    assert_eq!(debit_split(&a, Money(100), DebitOrder::IncomeFirst), [(Bucket::Income, Money(30)), (Bucket::Principal, Money(70))]);
    assert_eq!(debit_split(&a, Money(20), DebitOrder::IncomeFirst), [(Bucket::Income, Money(20))]);
    assert_eq!(debit_split(&a, Money(510), DebitOrder::PrincipalFirst), [(Bucket::Principal, Money(500)), (Bucket::Income, Money(10))]);
    // What is not there falls on the last bucket, where posting refuses it.
    assert_eq!(debit_split(&a, Money(531), DebitOrder::IncomeFirst), [(Bucket::Income, Money(30)), (Bucket::Principal, Money(501))]);
    assert_eq!(debit_split(&account(0, 0), Money(5), DebitOrder::IncomeFirst), [(Bucket::Principal, Money(5))]);
}
