//! 会议表决: the frozen electorate, its window and, so far, the result on paper.
use linli_kernel::{AccountId, Area, Date, ProjectId, Timestamp, VoteId};
use linli_macros::Scoped;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// 事项类别 (Civil Code 278).
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum VoteClass {
    /// 一般事项: more than half of participating heads and area
    Ordinary,
    /// 重大事项: three quarters of both
    Special,
}

/// 表决方式.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum VoteChannel {
    /// 纸质
    Paper,
    /// 电子
    Electronic,
    /// 纸质与电子
    Mixed,
}

/// 表决结果.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum VoteResult {
    /// 通过
    Passed,
    /// 未通过
    NotPassed,
    /// 参与不足，表决无效
    Invalid,
}

/// 表决状态.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum VoteState {
    /// 草稿
    Draft,
    /// 名册已公示
    RosterPosted,
    /// 已公告
    Announced,
    /// 表决中
    Open,
    /// 计票中
    Counting,
    /// 已计票
    Counted,
    /// 已公布
    Published,
    /// 已生效
    Effective,
    /// 有争议
    Disputed,
    /// 已录入纸质结果
    Recorded,
}

#[derive(Clone, Debug, DeriveEntityModel, Scoped)]
#[sea_orm(table_name = "vote")]
#[scoped(area_path, project_id, owners_read)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: VoteId,
    pub no: String,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub title: String,
    pub project_id: ProjectId,
    pub area_path: String,
    pub class: VoteClass,
    pub channel: VoteChannel,
    pub total_heads: i64,
    pub total_area: Area,
    pub electorate_hash: String,
    pub opens_on: Date,
    pub closes_on: Date,
    pub participated_heads: Option<i64>,
    pub participated_area: Option<Area>,
    pub agreed_heads: Option<i64>,
    pub agreed_area: Option<Area>,
    pub against_heads: Option<i64>,
    pub against_area: Option<Area>,
    pub abstained_heads: Option<i64>,
    pub abstained_area: Option<Area>,
    pub result: Option<VoteResult>,
    /// JSON list of the tests that decided it.
    pub tests: String,
    pub document_ids: String,
    pub state: VoteState,
    pub version: i64,
    pub created_at: Timestamp,
    pub created_by: Option<AccountId>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
