//! What a page asks of a state: what is allowed and why not, where a case can go back to, why a task is mine.
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    back::target,
    error::{Reason, WorkflowError},
    state::{APPLICANT, Activation, Instance, Seat, SeatKind},
    verbs::{alive, may_claim, may_decide, may_withdraw},
};
use crate::model::{Definition, Policy};

/// One verb, and why not where it is not allowed.
#[derive(Clone, Debug, PartialEq)]
pub struct Allowed {
    pub action: &'static str,
    pub refusal: Option<WorkflowError>,
}

impl Allowed {
    fn of(action: &'static str, result: Result<(), WorkflowError>) -> Allowed {
        Allowed { action, refusal: result.err() }
    }
}

/// The verbs of one seat for one person, in the order of the page.
pub fn allowed_actions(definition: &Definition, instance: &Instance, seat: Uuid, user: Uuid, in_pool: bool) -> Vec<Allowed> {
    let Some((activation, seat)) = instance.seat(seat) else { return Vec::new() };
    if seat.kind == SeatKind::Applicant {
        return Vec::new();
    }
    let user = Some(user);
    let decide = || may_decide(instance, activation, seat, user, in_pool);
    let returnable = || match definition.user_task(&activation.node) {
        Some(task) if !task.returnable => Err(Reason::NotReturnable.into()),
        _ => decide(),
    };
    vec![
        Allowed::of("claim", may_claim(instance, seat, user, in_pool)),
        Allowed::of("release", decide()),
        Allowed::of("approve", decide()),
        Allowed::of("return", returnable()),
        Allowed::of("reject", decide()),
        Allowed::of("transfer", decide()),
    ]
}

/// The verbs of the instance itself.
pub fn allowed_instance_actions(instance: &Instance, user: Uuid) -> Vec<Allowed> {
    let urge = || {
        alive(instance)?;
        let open = instance.open_seats().any(|(_, s)| s.kind == SeatKind::Approve);
        if open { Ok(()) } else { Err(Reason::NothingToUrge.into()) }
    };
    vec![Allowed::of("withdraw", may_withdraw(instance, Some(user))), Allowed::of("urge", urge())]
}

/// 可退回的环节.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ReturnTarget {
    /// `applicant`, or a node id.
    #[schema(example = "first_review")]
    pub to: String,
    #[schema(example = "初审")]
    pub name: String,
    /// Whoever decided there last.
    pub decided_by: Option<Uuid>,
}

/// Where the case can go back to from this seat: the applicant, and every step on its way here, oldest first.
pub fn return_targets(definition: &Definition, instance: &Instance, seat: Uuid) -> Vec<ReturnTarget> {
    let Some((source, _)) = instance.seat(seat) else { return Vec::new() };
    let mut all = vec![ReturnTarget { to: APPLICANT.to_owned(), name: "申请人".to_owned(), decided_by: Some(instance.applicant) }];
    for activation in instance.activations.iter().filter(|a| source.path.contains(&a.id) && a.node != APPLICANT) {
        // Of a node that was visited more than once only the last visit counts.
        if target(instance, source, &activation.node).is_some_and(|t| t.id == activation.id) {
            all.push(ReturnTarget {
                to: activation.node.clone(),
                name: definition.name_of(&activation.node).to_owned(),
                decided_by: activation.seats.iter().find_map(|s| s.actor),
            });
        }
    }
    all
}

/// 为什么到我这里.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Explanation {
    #[schema(example = "second_review")]
    pub node: String,
    #[schema(example = "复核")]
    pub name: String,
    pub round: u32,
    pub pool_role: Option<String>,
    pub pool_org: Option<String>,
    /// One sentence each, in order: how it came here, who may decide, by when.
    pub reasons: Vec<Sentence>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Sentence {
    #[schema(example = "“初审”已同意，流程到达“复核”")]
    pub zh: String,
    #[schema(example = "“初审” passed, so the case reached “复核”")]
    pub en: String,
}

pub fn explain(definition: &Definition, instance: &Instance, seat: Uuid) -> Option<Explanation> {
    let (activation, seat) = instance.seat(seat)?;
    let mut reasons = vec![arrival(definition, instance, activation)];
    reasons.extend(conditions(definition, activation));
    reasons.push(assignment(definition, activation, seat));
    if let Some(task) = definition.user_task(&activation.node)
        && let Some(days) = task.due_days
    {
        reasons.push(Sentence { zh: format!("须在{days}个工作日内办结"), en: format!("It is due within {days} working days") });
    }
    Some(Explanation {
        node: activation.node.clone(),
        name: definition.name_of(&activation.node).to_owned(),
        round: activation.round,
        pool_role: seat.pool_role.clone(),
        pool_org: seat.pool_org.clone(),
        reasons,
    })
}

fn arrival(definition: &Definition, instance: &Instance, activation: &Activation) -> Sentence {
    let name = definition.name_of(&activation.node);
    let before = instance.activations.iter().filter(|a| activation.path.contains(&a.id) && a.node != APPLICANT);
    let before: Vec<&str> = before.map(|a| definition.name_of(&a.node)).collect();
    let round = activation.round;
    match (activation.node == APPLICANT, before.is_empty()) {
        (true, _) => Sentence {
            zh: "申请已退回，请补正后重新提交".into(), en: "The case was returned; mend it and submit again".into()
        },
        (false, true) => Sentence {
            zh: format!("申请提交后到达“{name}”（第{round}轮）"),
            en: format!("The submission reached “{name}” (round {round})"),
        },
        (false, false) => Sentence {
            zh: format!("“{}”已同意，流程到达“{name}”（第{round}轮）", before.join("、")),
            en: format!("“{}” passed, so the case reached “{name}” (round {round})", before.join(", ")),
        },
    }
}

/// Conditions on the flows that lead straight into this node.
fn conditions(definition: &Definition, activation: &Activation) -> Vec<Sentence> {
    let incoming = definition.nodes.get(&activation.node).map_or(&[][..], |n| &n.incoming);
    let found = incoming.iter().filter_map(|f| definition.flows.get(f)?.condition.as_ref());
    found.map(|c| Sentence { zh: format!("条件成立：{}", c.source), en: format!("The condition holds: {}", c.source) }).collect()
}

fn assignment(definition: &Definition, activation: &Activation, seat: &Seat) -> Sentence {
    if seat.transfers > 0 {
        return Sentence { zh: "由同事转办给您".into(), en: "A colleague handed it on to you".into() };
    }
    let Some(task) = definition.user_task(&activation.node) else {
        return Sentence { zh: "您是申请人".into(), en: "You are the applicant".into() };
    };
    let (role, zh, en) = (&task.pool_role, task.pool_org.zh(), task.pool_org.en());
    let (all_zh, all_en) = match task.policy {
        Policy::Single => ("由一人认领办理", "one of them claims and decides it"),
        Policy::All => ("须每人同意", "each of them must agree"),
        Policy::Any => ("任一人决定即可", "the first decision decides"),
    };
    Sentence {
        zh: format!("本环节由本项目所在{zh}的 {role} 岗位办理，{all_zh}"),
        en: format!("The holders of {role} for the {en} of this project may decide it; {all_en}"),
    }
}
