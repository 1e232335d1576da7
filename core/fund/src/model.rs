//! Rows and typed states of the fund. Rows never leave the crate as JSON: views do.
pub mod data_import;
pub mod data_import_error;
pub mod fund_correction;
pub mod fund_deposit;
pub mod fund_house;
pub mod fund_payment;
pub mod fund_payment_share;
pub mod fund_project;
pub mod fund_share;
pub mod fund_standard;
pub mod fund_use;
pub mod fund_use_item;
pub mod fund_use_round;

pub use data_import::{ImportState, RowPolicy, Template};
pub use fund_correction::CorrectionState;
pub use fund_deposit::{DepositKind, DepositState};
pub use fund_payment::{PaymentKind, PaymentState};
pub use fund_project::{FundState, Management};
pub use fund_standard::{BuildingClass, StandardState};
pub use fund_use::UseKind;
