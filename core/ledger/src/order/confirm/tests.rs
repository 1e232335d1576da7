use super::*;
use linli_kernel::{BankAccountId, Timestamp};
use uuid::Uuid;

fn order(state: OrderState, serial: Option<&str>) -> payment_order::Model {
    payment_order::Model {
        id: PaymentOrderId::new(),
        order_no: "P202612030000010".into(),
        state,
        payee_name: "华东电梯工程有限公司".into(),
        payee_uscc: None,
        payee_bank: "CCB".into(),
        payee_number_sealed: String::new(),
        payee_number_masked: String::new(),
        bank_account_id: BankAccountId::new(),
        amount: Money(6_172_839),
        purpose: String::new(),
        subject_kind: "fund.payment".into(),
        subject_id: Uuid::nil(),
        maker: None,
        checker: None,
        signer: None,
        sender: None,
        opinions: "[]".into(),
        bank_serial: serial.map(str::to_owned),
        bank_date: None,
        posting_no: serial.map(|_| "20261203010000017".to_owned()),
        reason: None,
        version: 1,
        created_at: Timestamp(0),
        area_path: "37/3799/".into(),
        project_id: None,
        matter: String::new(),
    }
}

fn says(status: ConfirmationStatus, fen: i64, serial: &str) -> BankConfirmation {
    let bank_date = "2026-12-03".parse().unwrap();
    BankConfirmation {
        order_no: "P202612030000010".into(),
        status,
        amount: Money(fen),
        bank_serial: serial.into(),
        bank_date,
        reason: None,
    }
}

fn code(row: &payment_order::Model, cmd: &BankConfirmation) -> String {
    match settled(row, cmd) {
        Ok(None) => "waits".into(),
        Ok(Some(answer)) => format!("replayed {}", answer.posting_no.unwrap_or_default()).trim().to_owned(),
        Err(p) => p.code().to_owned(),
    }
}

#[test]
fn each_answer_of_the_bank_meets_each_state_as_the_vocabulary_says() {
    use ConfirmationStatus::{Failed, Paid, Returned};
    let paid = order(OrderState::Paid, Some("S1"));
    let failed = order(OrderState::Failed, Some("S1"));
    for (row, cmd, expected) in [
        (order(OrderState::Created, None), says(Paid, 6_172_839, "S1"), "ledger.payment_order.not_sent"),
        (order(OrderState::Signed, None), says(Paid, 6_172_839, "S1"), "ledger.payment_order.not_sent"),
        (order(OrderState::Cancelled, None), says(Failed, 6_172_839, "S1"), "ledger.payment_order.not_sent"),
        (order(OrderState::Sent, None), says(Paid, 6_172_839, "S1"), "waits"),
        (paid.clone(), says(Paid, 6_172_839, "S1"), "replayed 20261203010000017"),
        (paid.clone(), says(Paid, 6_172_839, "S1x"), "ledger.payment_order.already_paid"),
        (paid.clone(), says(Paid, 6_172_840, "S1"), "ledger.payment_order.amount_differs"),
        (paid, says(Failed, 6_172_839, "S1"), "ledger.payment_order.already_paid"),
        (failed.clone(), says(Failed, 6_172_839, "S1"), "replayed 20261203010000017"),
        (failed.clone(), says(Paid, 6_172_839, "S2"), "ledger.payment_order.not_sent"),
        (failed, says(Returned, 6_172_839, "S1"), "ledger.payment_order.not_sent"),
    ] {
        assert_eq!(code(&row, &cmd), expected, "{:?} meets {:?}", row.state, cmd.status);
    }
}

#[test]
fn an_order_is_sent_only_after_check_and_signature() {
    use crate::model::payment_order::OrderStep::{Cancel, Check, Send, Sign};
    for state in [OrderState::Created, OrderState::Checked] {
        assert_eq!(state.step(Send), None, "{state:?}");
    }
    assert_eq!(OrderState::Created.step(Check), Some(OrderState::Checked));
    assert_eq!(OrderState::Checked.step(Sign), Some(OrderState::Signed));
    assert_eq!(OrderState::Signed.step(Send), Some(OrderState::Sent));
    assert_eq!(OrderState::Sent.step(Cancel), None);
}
