//! 资金账户: the balance row of a household or of another holder of the fund.
use linli_kernel::{BuildingId, Date, FundAccountId, HouseId, Money, ProjectId, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whose money an account holds (maintenance-fund §1.3): 分户账, 售房单位按幢账, 小区公共账, 幢公共账, 单位预交, 待清分, 应急备用金, 待分配收益.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum AccountKind {
    Household,
    Seller,
    PublicProject,
    PublicBuilding,
    Prepaid,
    Suspense,
    Reserve,
    PoolIncome,
}

impl AccountKind {
    /// Whether the general ledger carries it as undistributed income (3101) and not as fund (3001).
    pub const fn is_income(self) -> bool {
        match self {
            AccountKind::Household | AccountKind::Seller | AccountKind::Prepaid | AccountKind::Suspense | AccountKind::Reserve => false,
            AccountKind::PublicProject | AccountKind::PublicBuilding | AccountKind::PoolIncome => true,
        }
    }
    pub const fn text(self) -> &'static str {
        match self {
            AccountKind::Household => "household",
            AccountKind::Seller => "seller",
            AccountKind::PublicProject => "public_project",
            AccountKind::PublicBuilding => "public_building",
            AccountKind::Prepaid => "prepaid",
            AccountKind::Suspense => "suspense",
            AccountKind::Reserve => "reserve",
            AccountKind::PoolIncome => "pool_income",
        }
    }
}

/// `frozen` takes no debit, `closing` no credit, `closed` nothing for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum AccountState {
    Open,
    Frozen,
    Closing,
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "fund_account")]
#[scoped(area_path, project_id, house_id)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FundAccountId,
    pub account_no: String,
    pub pool_code: String,
    pub kind: AccountKind,
    pub state: AccountState,
    pub house_id: Option<HouseId>,
    pub building_id: Option<BuildingId>,
    pub project_id: Option<ProjectId>,
    pub area_path: String,
    pub principal: Money,
    pub income: Money,
    pub held: Money,
    /// Number of the account's last entry.
    pub seq: i64,
    pub opened_on: Date,
    pub created_at: Timestamp,
}

impl Model {
    pub fn balance(&self) -> Money {
        Money(self.principal.0.saturating_add(self.income.0))
    }
    /// 可用余额 = balance − active holds.
    pub fn available(&self) -> Money {
        Money(self.balance().0.saturating_sub(self.held.0))
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
