//! 使用: an application to pay works from the fund.
use linli_kernel::{AccountId, CompanyId, Date, InstanceId, Money, ProjectId, PublicityId, Timestamp, UseId, VoteId};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::use_state::UseState;

/// Kind of a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum UseKind {
    /// 一般维修
    Ordinary,
}

impl UseKind {
    /// As in JSON, SQL and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            UseKind::Ordinary => "ordinary",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "fund_use")]
#[scoped(area_path, company_id, project_id, owners_read)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UseId,
    pub no: String,
    pub project_id: ProjectId,
    pub kind: UseKind,
    pub title: String,
    pub part: String,
    pub cause: String,
    pub state: UseState,
    /// Where a suspended use goes back to.
    pub suspended_from: Option<UseState>,
    pub reason: Option<String>,
    pub round: i64,
    /// The round whose scheme and shares are in force.
    pub scheme_round: i64,
    pub budget: Money,
    pub contract_amount: Money,
    pub paid: Money,
    pub audited_amount: Money,
    pub retention: Money,
    pub houses: i64,
    pub surveyed_on: Option<Date>,
    pub survey_report: Option<String>,
    pub vote_id: Option<VoteId>,
    pub publicity_id: Option<PublicityId>,
    pub settlement_publicity_id: Option<PublicityId>,
    pub instance_id: Option<InstanceId>,
    pub filed_on: Option<Date>,
    pub review_due_on: Option<Date>,
    pub contractor_name: Option<String>,
    pub contractor_uscc: Option<String>,
    pub contractor_bank: Option<String>,
    pub contractor_account: Option<String>,
    pub signed_on: Option<Date>,
    pub started_on: Option<Date>,
    pub completed_on: Option<Date>,
    pub accepted_on: Option<Date>,
    /// JSON list.
    pub signers: Option<String>,
    pub auditor: Option<String>,
    pub settled_on: Option<Date>,
    /// JSON of the archive package.
    pub archive: Option<String>,
    pub area_path: String,
    pub company_id: Option<CompanyId>,
    pub created_by: Option<AccountId>,
    pub created_at: Timestamp,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}
impl ActiveModelBehavior for ActiveModel {}
