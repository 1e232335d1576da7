//! Rows of the ledger that other code reads as entities, and their states. Append-only rows are read by SQL beside their user.
pub mod bank_account;
pub mod fund_account;
pub mod hold;
pub mod payment_order;
pub mod posting;
pub mod statement;

pub use bank_account::{BankKind, Connector};
pub use fund_account::{AccountKind, AccountState, Model as FundAccount};
pub use hold::{HoldKind, HoldState};
pub use payment_order::OrderState;
pub use statement::StatementState;

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The two parts of a fund account: `principal` 本金, `income` 收益.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Bucket {
    Principal,
    Income,
}

impl Bucket {
    pub const fn text(self) -> &'static str {
        match self {
            Bucket::Principal => "principal",
            Bucket::Income => "income",
        }
    }
}
