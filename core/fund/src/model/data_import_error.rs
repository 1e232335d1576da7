//! 行错误: what is wrong with a row of an import.
use linli_kernel::ImportId;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "data_import_error")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_id: ImportId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub n: i64,
    pub row_no: i64,
    pub code: String,
    /// JSON list of header names.
    pub columns: String,
    pub zh: String,
    pub en: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
