//! Verbs on a whole instance.
use linli_kernel::{AccountId, InstanceId, Invalid, Problem};
use linli_runtime::{Key, ScopeIds, Tx};
use linli_tenants::Ctx;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::engine::{Order, run};
use crate::{
    core::{Actor, Instance, InstanceState, Resolved, Verb},
    perm,
    store::{self, InstanceRow},
};

/// A case that enters its flow.
#[derive(Clone, Debug)]
pub struct Start {
    pub definition_key: &'static str,
    pub subject_kind: &'static str,
    pub subject_id: Uuid,
    /// 受理编号 of the subject, as lists show it.
    pub subject_no: Option<String>,
    pub title: String,
    pub applicant: AccountId,
    pub scope: ScopeIds,
    /// A JSON object that conditions and rules read.
    pub facts: Value,
}

/// 流程实例 in short.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InstanceView {
    pub id: InstanceId,
    /// `running`, `suspended`, `completed`, `rejected`, `withdrawn` or `terminated`.
    #[schema(value_type = String, example = "running")]
    pub state: InstanceState,
}

impl InstanceView {
    pub(super) fn of(instance: &Instance) -> InstanceView {
        InstanceView { id: instance.id.into(), state: instance.state }
    }
}

/// Starts the flow in force in the caller's transaction.
pub async fn start(ctx: &Ctx, tx: &Tx, new: Start) -> Result<InstanceView, Problem> {
    let (definition_id, _) = store::in_force(tx.conn(), new.definition_key).await?;
    let row = InstanceRow {
        id: InstanceId::new().into(),
        definition_id,
        subject_kind: new.subject_kind.to_owned(),
        subject_id: new.subject_id,
        subject_no: new.subject_no.unwrap_or_default(),
        title: new.title,
        rev: 0,
        marking: String::new(),
        head: String::new(),
        area_path: new.scope.area_path.clone(),
        company_id: new.scope.company_id.map(Into::into),
        project_id: new.scope.project_id.map(Into::into),
        started_at: tx.now(),
    };
    let area_path = new.scope.area_path.unwrap_or_else(|| ctx.tenant.area_path.clone());
    let verb = Verb::Start { applicant: new.applicant.into(), area_path, vars: new.facts };
    Ok(InstanceView::of(&run(ctx, tx, &row, Order::new(ctx, verb)).await?))
}

/// The applicant submits again after a return; the round rises. `straight` goes along where a material field changed.
pub async fn resubmit(ctx: &Ctx, tx: &Tx, id: InstanceId, facts: Value) -> Result<InstanceView, Problem> {
    let row = store::locked(tx, id.into()).await?;
    let before = row.instance()?;
    // The system checked that its actor may submit this subject; another member of the committee acts for its applicant.
    let actor = Actor { user: Some(before.applicant), on_behalf: None };
    let material_changed = changed(&before.vars, &facts);
    let order = Order { actor, ..Order::new(ctx, Verb::Resubmit { vars: facts }) };
    let resolved = Resolved { material_changed, ..Resolved::default() };
    Ok(InstanceView::of(&run(ctx, tx, &row, order.resolved(resolved)).await?))
}

/// Facts are what conditions may decide on, so every one of them but the number of the round is material.
fn changed(before: &Value, facts: &Value) -> bool {
    facts.as_object().is_some_and(|facts| facts.iter().any(|(key, value)| key != "round" && before.get(key) != Some(value)))
}

/// 终止 in the caller's transaction; an instance that has ended already stays as it is.
pub async fn terminate(ctx: &Ctx, tx: &Tx, id: InstanceId, reason: &str) -> Result<(), Problem> {
    let row = store::locked(tx, id.into()).await?;
    if row.instance()?.state.is_ended() {
        return Ok(());
    }
    run(ctx, tx, &row, Order::new(ctx, Verb::Terminate { reason: reason.to_owned() })).await.map(drop)
}

/// 撤回 by the applicant, until the first decision.
pub async fn withdraw(ctx: &Ctx, key: &Key, id: InstanceId) -> Result<InstanceView, Problem> {
    ctx.require(perm::INSTANCE_WITHDRAW)?;
    on_instance(ctx, key, "workflow.instance.withdraw", id, Verb::Withdraw).await
}

/// 催办: tells the holders of the open tasks, at most once in four hours.
pub async fn urge(ctx: &Ctx, key: &Key, id: InstanceId) -> Result<InstanceView, Problem> {
    ctx.require(perm::INSTANCE_URGE)?;
    on_instance(ctx, key, "workflow.instance.urge", id, Verb::Urge).await
}

/// Who gets a copy.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Copy {
    pub account_ids: Vec<AccountId>,
}

/// 抄送: these accounts may read the case from now on.
pub async fn copy(ctx: &Ctx, key: &Key, id: InstanceId, cmd: Copy) -> Result<InstanceView, Problem> {
    ctx.require(perm::INSTANCE_COPY)?;
    let mut invalid = Invalid::new();
    let count = cmd.account_ids.len();
    invalid.check((1..=50).contains(&count), "/account_ids", "count", "请选择1至50人", "1 to 50 accounts");
    invalid.done()?;
    for account in &cmd.account_ids {
        // 404 for an account that is not there.
        linli_tenants::accounts::name_of(ctx.conn(), *account).await?;
    }
    let to = cmd.account_ids.into_iter().map(Uuid::from).collect();
    on_instance(ctx, key, "workflow.instance.copy", id, Verb::Copy { to }).await
}

async fn on_instance(ctx: &Ctx, key: &Key, name: &'static str, id: InstanceId, verb: Verb) -> Result<InstanceView, Problem> {
    ctx.tx(name, key, async |tx| {
        store::visible(ctx, tx.conn(), id.into()).await?;
        let row = store::locked(tx, id.into()).await?;
        Ok(InstanceView::of(&run(ctx, tx, &row, Order::new(ctx, verb.clone())).await?))
    })
    .await
}

/// Tries every element that stands still again.
pub async fn retry(ctx: &Ctx, key: &Key, id: InstanceId) -> Result<InstanceView, Problem> {
    ctx.require(perm::INCIDENT_RETRY)?;
    ctx.tx("workflow.incident.retry", key, async |tx| {
        // A flow designer sees no business row, but must mend his flow.
        if !ctx.may(perm::DEFINITION_CREATE) {
            store::visible(ctx, tx.conn(), id.into()).await?;
        }
        let mut row = store::locked(tx, id.into()).await?;
        let open: Vec<u64> = row.instance()?.incidents.iter().map(|i| i.id).collect();
        if open.is_empty() {
            return Err(Problem::new(409, "workflow.incident.none", "流程没有异常", "Nothing stands still in this instance"));
        }
        for incident in open {
            if row.instance()?.incidents.iter().any(|i| i.id == incident) {
                run(ctx, tx, &row, Order::new(ctx, Verb::Retry { incident, vars: Value::Null })).await?;
                row = store::locked(tx, id.into()).await?;
            }
        }
        Ok(InstanceView::of(&row.instance()?))
    })
    .await
}
