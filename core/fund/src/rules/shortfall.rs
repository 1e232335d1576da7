//! What a house's account covers of its share, and what happens with the rest (余额不足处理; maintenance-fund §2.6.4).
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 余额不足处理: the city's setting `fund.shortfall`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Shortfall {
    /// 自筹: the house raises the rest, deposited as an earmarked supplement before it is paid.
    SelfRaise,
    /// 降低预算: every share is lowered until the poorest house can pay.
    Cap,
    /// 其他来源: public income or reserve pays the rest after a vote, spread to the house first.
    OtherSource,
    /// 记欠: a receivable outside the ledger; the works are paid as money comes in.
    Owe,
    /// 不予办理: one short house stops the filing.
    Refuse,
}

impl Shortfall {
    pub fn of(text: &str) -> Option<Shortfall> {
        match text {
            "self_raise" => Some(Shortfall::SelfRaise),
            "cap" => Some(Shortfall::Cap),
            "other_source" => Some(Shortfall::OtherSource),
            "owe" => Some(Shortfall::Owe),
            "refuse" => Some(Shortfall::Refuse),
            _ => None,
        }
    }
}

/// Which bucket pays first (setting `fund.debit_order`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaysFirst {
    Income,
    Principal,
}

/// What an account holds, fen; `available` = principal + income − holds of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purse {
    pub principal: i64,
    pub income: i64,
    pub available: i64,
}

/// How a share is covered: `from_income + from_principal + self_raised = share`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cover {
    pub from_income: i64,
    pub from_principal: i64,
    pub self_raised: i64,
}

impl Cover {
    pub const fn from_fund(&self) -> i64 {
        self.from_income + self.from_principal
    }
}

/// Covers `share` (≥ 0) from the purse, never below zero; the rest is raised by the house itself.
pub fn cover(share: i64, purse: Purse, first: PaysFirst) -> Cover {
    let from_fund = share.min(purse.available).max(0);
    let (from_income, from_principal) = match first {
        PaysFirst::Income => {
            let income = from_fund.min(purse.income);
            (income, from_fund - income)
        }
        PaysFirst::Principal => {
            let principal = from_fund.min(purse.principal);
            (from_fund - principal, principal)
        }
    };
    Cover { from_income, from_principal, self_raised: share - from_fund }
}

/// What is left of a hold once the final share is known: released, unless the share outgrew it.
pub fn hold_released(hold: i64, final_share: i64) -> i64 {
    (hold - final_share).max(0)
}

#[cfg(test)]
mod tests;
