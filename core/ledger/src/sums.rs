//! Sums of a project: views over its accounts, never stored.
use linli_kernel::{Money, Problem, ProjectId};
use linli_runtime::{Sql, values};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a project has.
#[derive(Clone, Debug, Default, PartialEq, Eq, FromQueryResult, Serialize, Deserialize, ToSchema)]
pub struct ProjectSums {
    /// Living household accounts.
    pub houses: i64,
    /// All that was ever deposited (MF01 to MF04, less what was reversed).
    pub deposited: Money,
    /// Principal and income of all accounts of the project.
    pub balance: Money,
    /// Active holds.
    pub held: Money,
    /// `balance` − `held`.
    pub available: Money,
}

const SUMS: &str = "select
    (select count(*) from fund_account where project_id = $1 and kind = 'household' and state <> 'closed') as houses,
    (select cast(coalesce(sum(amount), 0) as bigint) from fund_entry where project_id = $1 and origin_code in ('MF01', 'MF02', 'MF03', 'MF04'))
      as deposited,
    (select cast(coalesce(sum(principal + income), 0) as bigint) from fund_account where project_id = $1) as balance,
    (select cast(coalesce(sum(held), 0) as bigint) from fund_account where project_id = $1) as held,
    (select cast(coalesce(sum(principal + income - held), 0) as bigint) from fund_account where project_id = $1) as available";

/// The sums of one project; without a scope: the caller has the project in scope.
pub async fn project(conn: &impl ConnectionTrait, project_id: ProjectId) -> Result<ProjectSums, Problem> {
    Ok(conn.row(SUMS, values![project_id]).await?.unwrap_or_default())
}
