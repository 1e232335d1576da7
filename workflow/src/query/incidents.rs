//! 异常: what stands still until somebody mends its cause.
use linli_kernel::{IncidentId, InstanceId, Page, PageQuery, Problem, Timestamp};
use linli_runtime::{Sql, values};
use linli_tenants::Ctx;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{perm, store::COLUMNS};

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, FromQueryResult)]
pub struct IncidentView {
    pub id: IncidentId,
    pub instance_id: InstanceId,
    /// Id of the BPMN element.
    #[schema(example = "decide_amount")]
    pub element: String,
    /// `condition`, `topic`, `rule`, `calendar` or `no_candidate`.
    #[schema(example = "condition")]
    pub kind: String,
    /// The variable, topic, rule point, year or role concerned.
    #[schema(example = "amount")]
    pub about: String,
    #[schema(example = "“金额”的条件得不出真假：请检查变量“amount”")]
    pub cause: String,
    /// `open` or `resolved`.
    #[schema(example = "open")]
    pub state: String,
    pub opened_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
}

pub async fn incidents(ctx: &Ctx, page: PageQuery) -> Result<Page<IncidentView>, Problem> {
    ctx.require(perm::INCIDENT_READ)?;
    // A flow designer sees no business row, but must see where his flow stands still: no business data is shown.
    let all = ctx.may(perm::DEFINITION_CREATE);
    let condition = if all { "1 = 1".to_owned() } else { ctx.scope.predicate(&COLUMNS, "", ctx.tenant.db().backend()) };
    let cause = if ctx.locale == linli_kernel::Locale::Zh { "cause" } else { "cause_en as cause" };
    let sql = format!(
        "select id, instance_id, element, kind, about, {cause}, state, opened_at, resolved_at from wf_incident where {condition}
         order by case when state = 'open' then 0 else 1 end, opened_at desc, id limit $1 offset $2"
    );
    let rows = ctx.conn().rows(&sql, values![page.limit() as i64, page.offset() as i64]).await?;
    let counted = format!("select count(*) as v from (select 1 as one from wf_incident where {condition} limit 10001) c");
    let counted: Option<i64> = ctx.conn().scalar(&counted, values![]).await?;
    Ok(Page::new(rows, counted.unwrap_or(0)))
}
