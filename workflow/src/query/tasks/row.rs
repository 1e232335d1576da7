//! One task as people see it.
use linli_kernel::{AccountId, InstanceId, Problem, TaskId, Timestamp};
use linli_runtime::ScopeIds;
use linli_tenants::{Actions, AllowedAction, Ctx};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    core::{Reason, WorkflowError},
    perm, store,
};

/// 任务: one seat of a flow.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TaskView {
    pub id: TaskId,
    pub instance_id: InstanceId,
    #[schema(example = "fund.use")]
    pub subject_kind: String,
    pub subject_id: Uuid,
    #[schema(example = "37990020260924000017V")]
    pub subject_no: String,
    #[schema(example = "1号楼电梯大修")]
    pub title: String,
    #[schema(example = "second_review")]
    pub node: String,
    #[schema(example = "复核")]
    pub name: String,
    #[schema(example = 1)]
    pub round: i64,
    /// `approve`, `applicant` (mend and submit again) or `copy`.
    #[schema(example = "approve")]
    pub kind: String,
    /// `waiting`, `open`, `decided` or `cancelled`.
    #[schema(example = "open")]
    pub state: String,
    pub assignee: Option<AccountId>,
    /// Role whose holders may claim it.
    #[schema(example = "fund_reviewer")]
    pub pool_role: Option<String>,
    /// `approve`, `reject`, `return` or `resubmit`.
    #[schema(example = "approve")]
    pub action: Option<String>,
    #[schema(example = "同意")]
    pub opinion: Option<String>,
    pub opened_at: Timestamp,
    pub decided_at: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
    pub allowed_actions: Vec<AllowedAction>,
}

#[derive(FromQueryResult)]
pub(super) struct Row {
    id: TaskId,
    instance_id: InstanceId,
    definition_id: Uuid,
    subject_kind: String,
    subject_id: Uuid,
    subject_no: String,
    title: String,
    applicant: Uuid,
    instance_state: String,
    node: String,
    name: String,
    round: i64,
    kind: String,
    state: String,
    assignee: Option<AccountId>,
    pool_role: Option<String>,
    pool_org: Option<String>,
    action: Option<String>,
    opinion: Option<String>,
    opened_at: Timestamp,
    decided_at: Option<Timestamp>,
    due_at: Option<Timestamp>,
    area_path: Option<String>,
    company_id: Option<Uuid>,
    project_id: Option<Uuid>,
}

pub(super) const SELECT: &str =
    "select t.id, t.instance_id, i.definition_id, i.subject_kind, i.subject_id, i.subject_no, i.title, i.applicant, i.state as instance_state,
       t.node, t.name, t.round, t.kind, t.state, t.assignee, t.pool_role, t.pool_org, t.action, t.opinion, t.opened_at, t.decided_at,
       t.due_at, t.area_path, t.company_id, t.project_id
     from wf_task t join wf_instance i on i.id = t.instance_id";

impl Row {
    pub(super) async fn view(self, ctx: &Ctx, conn: &impl ConnectionTrait) -> Result<TaskView, Problem> {
        let allowed_actions = self.actions(ctx, conn).await?;
        Ok(TaskView {
            id: self.id,
            instance_id: self.instance_id,
            subject_kind: self.subject_kind,
            subject_id: self.subject_id,
            subject_no: self.subject_no,
            title: self.title,
            node: self.node,
            name: self.name,
            round: self.round,
            kind: self.kind,
            state: self.state,
            assignee: self.assignee,
            pool_role: self.pool_role,
            action: self.action,
            opinion: self.opinion,
            opened_at: self.opened_at,
            decided_at: self.decided_at,
            due_at: self.due_at,
            allowed_actions,
        })
    }

    /// The checks of the verbs, on the row: the same answers as `core::allowed_actions` gives on the marking.
    async fn actions(&self, ctx: &Ctx, conn: &impl ConnectionTrait) -> Result<Vec<AllowedAction>, Problem> {
        if self.kind != "approve" || self.state != "open" {
            return Ok(Vec::new());
        }
        let definition = store::definition(conn, self.definition_id).await?;
        let returnable = definition.user_task(&self.node).is_none_or(|t| t.returnable);
        let me = ctx.actor.account_id;
        let may = || -> Result<(), WorkflowError> {
            let row = ScopeIds {
                area_path: self.area_path.clone(),
                company_id: self.company_id.map(Into::into),
                project_id: self.project_id.map(Into::into),
                ..ScopeIds::default()
            };
            match self.instance_state.as_str() {
                "running" => {}
                "suspended" => return Err(WorkflowError::Suspended),
                _ => return Err(WorkflowError::Ended),
            }
            if me.map(Uuid::from) == Some(self.applicant) {
                return Err(Reason::IsApplicant.into());
            }
            if !store::holds(ctx, self.pool_role.as_deref(), self.pool_org.as_deref(), &row) {
                return Err(Reason::NotInPool.into());
            }
            Ok(())
        };
        let claim = || may().map_err(Problem::from);
        let decide = || {
            may()?;
            match self.assignee {
                None => Err(WorkflowError::from(Reason::NotClaimed).into()),
                Some(_) if self.assignee != me => Err(WorkflowError::from(Reason::NotAssignee).into()),
                Some(_) => Ok(()),
            }
        };
        let back = || if returnable { decide() } else { Err(WorkflowError::from(Reason::NotReturnable).into()) };
        let mut actions = Actions::of(ctx);
        if self.assignee.is_none() {
            actions = actions.add(perm::TASK_CLAIM, "claim", claim);
        } else {
            actions = actions.add(perm::TASK_RELEASE, "release", decide);
        }
        let actions = actions.add(perm::TASK_APPROVE, "approve", decide).add(perm::TASK_RETURN, "return", back);
        Ok(actions.add(perm::TASK_REJECT, "reject", decide).add(perm::TASK_TRANSFER, "transfer", decide).done())
    }
}
