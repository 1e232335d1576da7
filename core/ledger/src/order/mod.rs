//! 拨付指令: made by a system for an approved payment, checked, signed and sent by three more people, confirmed by the bank.
//! Nothing is booked before the bank says paid.
mod confirm;
mod create;
mod simulate;
mod step;
mod view;

pub use confirm::{BankConfirmation, ConfirmationStatus, ConfirmationView, confirm};
pub use create::{NewOrder, Payee, create};
pub use simulate::BankSimulator;
pub use step::{StepCommand, step};
pub use view::{Opinion, OrderQuery, PayeeView, PaymentOrderView, get, list};
