//! 预算项: one item of the budget with its scope.
use linli_kernel::{Money, UseId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fund_use_item")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub use_id: UseId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub round: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_no: i64,
    pub name: String,
    pub amount: Money,
    /// Code of the dictionary `shared_part`.
    pub purpose: String,
    pub scope_kind: String,
    /// JSON list of ids.
    pub scope_ids: String,
    /// JSON of the rule that weighed it.
    pub rule: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
