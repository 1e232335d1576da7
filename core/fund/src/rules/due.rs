//! 应交金额: what a house owes as its first deposit (maintenance-fund §2.2).
use linli_kernel::{Area, Money, Overflow};
use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 计算依据 of a deposit standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Basis {
    /// Yuan for each m².
    Area,
    /// Percent of the sale price, two decimals.
    Price,
}

/// `half_up(area × standard)` or `half_up(price × percent)`; `None` when the price is needed and not known.
///
/// `value` is yuan for each m² (`120.00`) or percent (`2.50`): hundredths of either, so both divide by what they must.
pub fn due(basis: Basis, value: Money, area: Area, price: Option<Money>) -> Result<Option<Money>, Overflow> {
    match basis {
        Basis::Area => Money(area.0).half_up(value.0, 100).map(Some),
        Basis::Price => price.map(|p| p.half_up(value.0, 10_000)).transpose(),
    }
}

#[cfg(test)]
mod tests;
