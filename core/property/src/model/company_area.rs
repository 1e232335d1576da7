//! Where a company is registered or serves a project: the divisions that see it (vocabulary §4).
use linli_kernel::CompanyId;
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "company_area")]
#[scoped(area_path, company_id)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub company_id: CompanyId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub area_path: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
