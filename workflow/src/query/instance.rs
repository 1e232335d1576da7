//! One instance in short.
use linli_kernel::{InstanceId, Problem, Timestamp};
use linli_tenants::{Actions, AllowedAction, Ctx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::diagram::{Step, steps};
use crate::{
    core::{InstanceState, allowed_instance_actions},
    perm,
    store::{self, Head},
};

/// 流程实例 with where it stands.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct InstanceBrief {
    pub id: InstanceId,
    #[schema(example = "fund.use")]
    pub subject_kind: String,
    pub subject_id: Uuid,
    #[schema(example = "37990020260924000017V")]
    pub subject_no: String,
    #[schema(example = "1号楼电梯大修")]
    pub title: String,
    /// `running`, `suspended`, `completed`, `rejected`, `withdrawn` or `terminated`.
    #[schema(value_type = String, example = "running")]
    pub state: InstanceState,
    /// Counts submissions.
    #[schema(example = 1)]
    pub round: u32,
    /// Sent back: it lies with its applicant.
    pub awaiting_applicant: bool,
    /// Why it stands still, if it does.
    pub incident: Option<String>,
    #[schema(example = "fund-use")]
    pub definition_key: String,
    #[schema(example = 1)]
    pub definition_version: i64,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// 办理期限 of the whole instance; none while its clock stands still.
    pub due_at: Option<Timestamp>,
    /// The clock stands still while the applicant mends.
    pub clock_paused: bool,
    pub steps: Vec<Step>,
    pub allowed_actions: Vec<AllowedAction>,
}

pub async fn instance(ctx: &Ctx, id: InstanceId) -> Result<InstanceBrief, Problem> {
    ctx.require(perm::INSTANCE_READ)?;
    let row = store::visible(ctx, ctx.conn(), id.into()).await?;
    let (now, definition) = (row.instance()?, store::definition(ctx.conn(), row.definition_id).await?);
    let head = Head::of(ctx.conn(), row.definition_id).await?;
    let mut actions = Actions::of(ctx);
    for allowed in allowed_instance_actions(&now, ctx.actor.account_id.map_or_else(Uuid::nil, Uuid::from)) {
        let permission = if allowed.action == "withdraw" { perm::INSTANCE_WITHDRAW } else { perm::INSTANCE_URGE };
        actions = actions.add(permission, allowed.action, || allowed.refusal.map_or(Ok(()), |r| Err(r.into())));
    }
    let incident = now.incidents.first().map(|i| if ctx.locale == linli_kernel::Locale::Zh { i.zh.clone() } else { i.en.clone() });
    let clock_paused = now.clock.as_ref().is_some_and(|c| c.paused_at.is_some());
    Ok(InstanceBrief {
        id,
        state: now.state,
        round: now.round,
        awaiting_applicant: now.is_returned(),
        incident,
        definition_key: head.key,
        definition_version: head.version,
        started_at: row.started_at,
        ended_at: now.ended_at.map(Timestamp),
        due_at: now.clock.as_ref().filter(|_| !clock_paused).and_then(|c| c.due_at).map(Timestamp),
        clock_paused,
        steps: steps(&definition, &now),
        allowed_actions: actions.done(),
        subject_kind: row.subject_kind,
        subject_id: row.subject_id,
        subject_no: row.subject_no,
        title: row.title,
    })
}
