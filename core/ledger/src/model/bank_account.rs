//! 专户: where the bank keeps a pool's money.
use linli_kernel::{AccountId, BankAccountId, Date, Timestamp};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 活期, 定期, 国债.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum BankKind {
    Demand,
    Time,
    Bond,
}

/// How the bank answers: it calls us, a simulator does, or files are exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Connector {
    Callback,
    Simulator,
    File,
}

/// `restricted`: pays out, takes nothing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum BankState {
    Open,
    Restricted,
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "bank_account")]
#[scoped(area_path, matter)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: BankAccountId,
    pub pool_code: String,
    pub bank: String,
    pub number: String,
    pub holder_name: String,
    pub kind: BankKind,
    pub connector: Connector,
    pub opened_on: Date,
    pub state: BankState,
    pub version: i64,
    pub maker: Option<AccountId>,
    pub created_at: Timestamp,
    pub area_path: String,
    pub matter: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
