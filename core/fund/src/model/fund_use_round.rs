//! 旧轮次: what a round looked like when the next one began.
use linli_kernel::{Timestamp, UseId};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "fund_use_round")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub use_id: UseId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub round: i64,
    pub reason: String,
    pub snapshot: String,
    pub at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
