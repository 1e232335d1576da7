//! One step on one instance: ask, answer, write, tell; all in the caller's transaction.
use linli_kernel::Problem;
use linli_runtime::Tx;
use linli_tenants::Ctx;
use uuid::Uuid;

use super::{answer, tell};
use crate::{
    core::{Actor, Answer, Command, Instance, Need, Resolved, StepOutcome, Transition, Verb, WorkflowError, step},
    store::{self, InstanceRow},
};

/// How often a step may ask back before it is given up.
const QUESTIONS: usize = 20_000;

/// A step that did not happen because an answer could not be given: which one, and why.
pub(super) struct Unanswered {
    pub problem: Problem,
    /// The topic's question, so that a later attempt can record its failure as an incident.
    pub need: Option<Need>,
}
impl From<Problem> for Unanswered {
    fn from(problem: Problem) -> Self {
        Unanswered { problem, need: None }
    }
}
impl From<WorkflowError> for Unanswered {
    fn from(error: WorkflowError) -> Self {
        Problem::from(error).into()
    }
}

/// What a step is made of besides the instance.
pub(super) struct Order {
    pub id: Uuid,
    pub actor: Actor,
    pub verb: Verb,
    pub resolved: Resolved,
}

impl Order {
    /// By the actor of the context.
    pub fn new(ctx: &Ctx, verb: Verb) -> Order {
        let actor = Actor { user: ctx.actor.account_id.map(Uuid::from), on_behalf: None };
        Order { id: Uuid::now_v7(), actor, verb, resolved: Resolved::default() }
    }
    pub fn resolved(mut self, resolved: Resolved) -> Order {
        self.resolved = resolved;
        self
    }
}

/// Runs a verb on a locked instance.
pub(super) async fn run(ctx: &Ctx, tx: &Tx, row: &InstanceRow, order: Order) -> Result<Instance, Problem> {
    attempt(ctx, tx, row, order).await.map_err(|e| e.problem)
}

pub(super) async fn attempt(ctx: &Ctx, tx: &Tx, row: &InstanceRow, order: Order) -> Result<Instance, Unanswered> {
    let definition = store::definition(tx.conn(), row.definition_id).await?;
    let is_new = row.rev == 0;
    let before = if is_new { Instance::new(row.id) } else { row.instance()? };
    let command = Command { id: order.id, actor: order.actor, at: tx.now().micros(), verb: order.verb };
    let mut resolved = order.resolved;
    let done = 'asked: {
        for _ in 0..QUESTIONS {
            match step(&definition, &before, &command, &resolved)? {
                StepOutcome::Done(done) => break 'asked *done,
                StepOutcome::Needs(needs) => answer_all(ctx, tx, row, &needs, &mut resolved).await?,
            }
        }
        return Err(WorkflowError::Budget.into());
    };
    let Transition { instance: after, events, effects } = done;
    let link = store::Link::new(row, after.rev, &command, &events)?;
    if is_new {
        store::create(tx, row, &after, &link.hash).await?;
    } else {
        store::save(tx, row, &after, &link.hash).await?;
    }
    store::append(tx, row, &after, &command, link).await?;
    store::project(tx, row, &definition, &before, &after).await?;
    let told = tell::Told { row, definition: &definition, before: &before, after: &after, events: &events, effects: &effects };
    tell::tell(ctx, tx, &told).await?;
    Ok(after)
}

async fn answer_all(ctx: &Ctx, tx: &Tx, row: &InstanceRow, needs: &[Need], resolved: &mut Resolved) -> Result<(), Unanswered> {
    for need in needs {
        let answer: Answer = match answer::answer(ctx, tx, row, need).await {
            Ok(answer) => answer,
            Err(problem) => {
                let need = matches!(need, Need::Topic { .. }).then(|| need.clone());
                return Err(Unanswered { problem, need });
            }
        };
        resolved.answer(need, answer);
    }
    Ok(())
}
