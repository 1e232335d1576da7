//! The flow drawn, with the live position.
use linli_kernel::{InstanceId, Problem};
use linli_runtime::{Sql, values};
use linli_tenants::Ctx;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    core::{ActivationState, Instance, Place},
    model::{Definition, NodeKind},
    perm, store,
};

/// One user task in the order of the way through the flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    #[schema(example = "second_review")]
    pub node: String,
    #[schema(example = "复核")]
    pub name: String,
    pub state: StepState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not reached, or to be done again.
    Waiting,
    Open,
    Done,
}

/// 流程图.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DiagramView {
    /// BPMN 2.0 with its drawing.
    pub xml: String,
    /// Ids of nodes where the case stands.
    pub active: Vec<String>,
    /// Ids of user tasks that count as passed.
    pub done: Vec<String>,
    pub steps: Vec<Step>,
}

/// User tasks in the order in which the flow reaches them.
fn in_order(definition: &Definition) -> Vec<&str> {
    let (mut order, mut at) = (vec![definition.start.as_str()], 0);
    while at < order.len() {
        let outgoing = definition.nodes.get(order[at]).map_or(&[][..], |n| &n.outgoing);
        for to in outgoing.iter().filter_map(|f| definition.flows.get(f)).map(|f| f.to.as_str()) {
            if !order.contains(&to) {
                order.push(to);
            }
        }
        let boundaries: Vec<&str> = definition.boundaries(order[at]).map(|(id, _)| id).collect();
        order.extend(boundaries.into_iter().filter(|b| !order.contains(b)).collect::<Vec<_>>());
        at += 1;
    }
    order.into_iter().filter(|id| definition.user_task(id).is_some()).collect()
}

/// A passed activation counts as long as a live token descends from it, or the case has come to its end.
pub(super) fn steps(definition: &Definition, instance: &Instance) -> Vec<Step> {
    let counts = |activation: u64| instance.state.is_ended() || instance.tokens.iter().any(|t| t.path.contains(&activation));
    let state_of = |node: &str| {
        let visits = || instance.activations.iter().filter(|a| a.node == node);
        if visits().any(|a| a.state == ActivationState::Open) {
            return StepState::Open;
        }
        match visits().next_back() {
            Some(last) if last.state == ActivationState::Passed && counts(last.id) => StepState::Done,
            Some(last) if last.state == ActivationState::Rejected => StepState::Done,
            _ => StepState::Waiting,
        }
    };
    let step = |node: &str| Step { node: node.to_owned(), name: definition.name_of(node).to_owned(), state: state_of(node) };
    in_order(definition).into_iter().map(step).collect()
}

/// Where tokens stand: open steps, elements with an incident, joins that wait.
fn active(definition: &Definition, instance: &Instance) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for token in &instance.tokens {
        let node = match &token.at {
            Place::Node(node) => Some(node.clone()),
            Place::Flow(flow) => definition.flows.get(flow).map(|f| f.to.clone()),
            // The applicant's desk is drawn as the start.
            Place::Applicant => Some(definition.start.clone()),
        };
        all.extend(node.filter(|n| definition.nodes.get(n).is_some_and(|n| !matches!(n.kind, NodeKind::End { .. }))));
    }
    all.sort();
    all.dedup();
    all
}

pub async fn diagram(ctx: &Ctx, id: InstanceId) -> Result<DiagramView, Problem> {
    ctx.require(perm::INSTANCE_READ)?;
    let row = store::visible(ctx, ctx.conn(), id.into()).await?;
    let (instance, definition) = (row.instance()?, store::definition(ctx.conn(), row.definition_id).await?);
    let xml: Option<String> = ctx.conn().scalar("select xml as v from wf_definition where id = $1", values![row.definition_id]).await?;
    let steps = steps(&definition, &instance);
    let done = steps.iter().filter(|s| s.state == StepState::Done).map(|s| s.node.clone()).collect();
    Ok(DiagramView { xml: xml.unwrap_or_default(), active: active(&definition, &instance), done, steps })
}
