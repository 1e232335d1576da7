//! Making an order, inside the transaction of the payment that it is for.
use linli_kernel::{BankAccountId, Invalid, Money, PaymentOrderId, Problem, check, mask};
use linli_runtime::{Change, ScopeIds, Tx, number};
use linli_tenants::Ctx;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::PaymentOrderView;
use crate::{
    LedgerError,
    bank_accounts::matter,
    model::{OrderState, bank_account, bank_account::BankState, payment_order},
};

/// Who is paid.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Payee {
    #[schema(example = "华东电梯工程有限公司")]
    pub name: String,
    /// 统一社会信用代码; none for a natural person.
    #[serde(default)]
    #[schema(example = "91310000MA1K35HT1J")]
    pub uscc: Option<String>,
    /// Short code or name of the bank.
    #[schema(example = "CCB")]
    pub bank: String,
    /// Account number at the bank.
    #[schema(example = "31001588880050001234")]
    pub account_number: String,
}

/// An order to be made; `scope` is that of its subject.
#[derive(Clone, Debug)]
pub struct NewOrder {
    pub payee: Payee,
    pub bank_account_id: BankAccountId,
    pub amount: Money,
    pub subject_kind: &'static str,
    pub subject_id: Uuid,
    pub scope: ScopeIds,
    pub purpose: String,
}

impl Payee {
    /// Notes every wrong field under `pointer`.
    pub fn check(&self, invalid: &mut Invalid, pointer: &str) {
        invalid.text(&format!("{pointer}/name"), &self.name, 100);
        invalid.text(&format!("{pointer}/bank"), &self.bank, 60);
        let digits = (6..=34).contains(&self.account_number.len()) && self.account_number.bytes().all(|b| b.is_ascii_digit());
        let at = format!("{pointer}/account_number");
        invalid.check(digits, &at, "account_number", "账号须为 6 至 34 位数字", "An account number is 6 to 34 digits");
        let uscc = self.uscc.as_deref().is_none_or(|code| check::uscc(code).is_ok());
        let at = format!("{pointer}/uscc");
        invalid.check(uscc, &at, "uscc", "统一社会信用代码有误", "The unified social credit code is wrong");
    }
}

/// Makes the order (`created`); its maker is the actor. The subject's handler hears of the bank's answer.
pub async fn create(ctx: &Ctx, tx: &Tx, new: NewOrder) -> Result<PaymentOrderView, Problem> {
    let mut invalid = Invalid::new();
    new.payee.check(&mut invalid, "/payee");
    invalid.check(new.amount.is_positive(), "/amount", "not_positive", "金额须大于零", "The amount must be positive");
    invalid.done()?;
    // The payment is in scope; the city's bank account that pays it need not be (a committee pays from it too).
    let bank = ctx.unscoped::<bank_account::Entity>("a payment's bank account belongs to the city, not to the applicant");
    let bank = sea_orm::QueryFilter::filter(bank, sea_orm::ColumnTrait::eq(&bank_account::Column::Id, new.bank_account_id));
    let bank = bank.one(tx.conn()).await?.filter(|b| b.state != BankState::Closed).ok_or(LedgerError::BankAccount)?;
    let day = tx.today().compact();
    let serial = number::next(tx, &format!("payment_order:{day}")).await?;
    let id = PaymentOrderId::new();
    let row = payment_order::Model {
        id,
        order_no: number::checked("P", &format!("{day}{serial:06}")),
        state: OrderState::Created,
        payee_name: new.payee.name,
        payee_uscc: new.payee.uscc,
        payee_bank: new.payee.bank,
        payee_number_sealed: ctx.tenant.cipher().seal(&new.payee.account_number),
        payee_number_masked: mask::bank_account(&new.payee.account_number),
        bank_account_id: bank.id,
        amount: new.amount,
        purpose: new.purpose,
        subject_kind: new.subject_kind.to_owned(),
        subject_id: new.subject_id,
        maker: ctx.actor.account_id,
        checker: None,
        signer: None,
        sender: None,
        opinions: "[]".into(),
        bank_serial: None,
        bank_date: None,
        posting_no: None,
        reason: None,
        version: 1,
        created_at: tx.now(),
        area_path: new.scope.area_path.clone().unwrap_or_else(|| ctx.tenant.area_path.clone()),
        project_id: new.scope.project_id,
        matter: matter(bank.id),
    };
    payment_order::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx.conn()).await?;
    let change = Change::new("ledger.payment_order.created", "ledger.payment_order", id).scope(new.scope);
    let change = change.data("no", &row.order_no).data("order_no", &row.order_no).data("total", row.amount);
    tx.event(change.data("state", OrderState::Created).data("from_state", serde_json::Value::Null)).await?;
    PaymentOrderView::of(ctx, row, false)
}
