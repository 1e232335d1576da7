//! 办理经过: the instance's own history in the words of people.
use linli_kernel::{AccountId, InstanceId, Page, Problem, Timestamp, mask};
use linli_runtime::{Sql, values};
use linli_tenants::Ctx;
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    core::{APPLICANT, Action, CancelReason, Event, Instance, InstanceState},
    model::Definition,
    perm,
    store::{self, name_of},
};

/// One line of 办理经过.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TimelineRow {
    #[schema(example = 3)]
    pub seq: i64,
    pub at: Timestamp,
    /// `started`, `resubmitted`, `task_opened`, `task_claimed`, `task_released`, `task_transferred`, `task_decided`, `task_cancelled`,
    /// `returned`, `skipped`, `urged`, `copied`, `timer_fired`, `service_done`, `rule_asked`, `incident`, `incident_resolved`,
    /// `clock_paused`, `clock_resumed`, or the state that the instance reached.
    #[schema(example = "task_decided")]
    pub kind: String,
    #[schema(example = "复核")]
    pub name: Option<String>,
    #[schema(example = "second_review")]
    pub node: Option<String>,
    /// Round of the step.
    #[schema(example = 1)]
    pub round: Option<u32>,
    /// Who did it; empty for what the engine did by itself.
    pub actor: Option<AccountId>,
    /// Name of the official; a natural person is shown masked.
    #[schema(example = "王芳")]
    pub actor_name: Option<String>,
    #[schema(example = "approve")]
    pub action: Option<String>,
    /// The opinion, or the reason.
    #[schema(example = "同意")]
    pub opinion: Option<String>,
}

#[derive(FromQueryResult)]
struct Row {
    at: Timestamp,
    actor: Option<AccountId>,
    name: Option<String>,
    kind: Option<String>,
    data: String,
}
const ROWS: &str = "select e.at, e.actor, a.name, a.kind, e.data from wf_event e left join account a on a.id = e.actor
                    where e.instance_id = $1 order by e.seq limit 5000";

pub async fn timeline(ctx: &Ctx, id: InstanceId) -> Result<Page<TimelineRow>, Problem> {
    ctx.require(perm::INSTANCE_READ)?;
    let row = store::visible(ctx, ctx.conn(), id.into()).await?;
    let definition = store::definition(ctx.conn(), row.definition_id).await?;
    let instance = row.instance()?;
    let mut all: Vec<TimelineRow> = Vec::new();
    for row in ctx.conn().rows::<Row>(ROWS, values![id]).await? {
        let events: Vec<Event> = serde_json::from_str(&row.data).map_err(Problem::internal)?;
        let shown = row.name.as_ref().map(|n| if row.kind.as_deref() == Some("person") { mask::name(n) } else { n.clone() });
        for line in events.iter().filter_map(|e| line(&definition, &instance, e)) {
            let by_person = line.by_person;
            all.push(TimelineRow {
                seq: all.len() as i64 + 1,
                at: row.at,
                kind: line.kind.to_owned(),
                name: line.node.as_deref().map(|n| if n == APPLICANT { "申请人".to_owned() } else { name_of(&definition, n) }),
                node: line.node,
                round: line.round,
                actor: row.actor.filter(|_| by_person),
                actor_name: shown.clone().filter(|_| by_person),
                action: line.action.map(|a| a.as_str().to_owned()),
                opinion: line.text,
            });
        }
    }
    let total = all.len() as i64;
    Ok(Page::new(all, total))
}

#[derive(Default)]
struct Line {
    kind: &'static str,
    node: Option<String>,
    round: Option<u32>,
    action: Option<Action>,
    text: Option<String>,
    /// Somebody did it; else it followed by itself.
    by_person: bool,
}

fn line(definition: &Definition, instance: &Instance, event: &Event) -> Option<Line> {
    let at_seat = |kind: &'static str, seat: Uuid| {
        let activation = instance.seat(seat).map(|(a, _)| a);
        Line { kind, node: activation.map(|a| a.node.clone()), round: activation.map(|a| a.round), by_person: true, ..Line::default() }
    };
    let at_node = |kind: &'static str, node: &str| Line { kind, node: Some(node.to_owned()), ..Line::default() };
    let found = match event {
        Event::Started { .. } => Line { kind: "started", by_person: true, ..Line::default() },
        Event::RoundBegan { round } if *round > 1 => Line { kind: "resubmitted", round: Some(*round), by_person: true, ..Line::default() },
        Event::ActivationOpened { activation } => Line { round: Some(activation.round), ..at_node("task_opened", &activation.node) },
        Event::ActivationReopened { activation, .. } => {
            let activation = instance.activation(*activation)?;
            Line { round: Some(activation.round), ..at_node("task_opened", &activation.node) }
        }
        Event::SeatClaimed { seat, .. } => at_seat("task_claimed", *seat),
        Event::SeatReleased { seat } => at_seat("task_released", *seat),
        Event::SeatTransferred { seat, reason, .. } => Line { text: Some(reason.clone()), ..at_seat("task_transferred", *seat) },
        // The applicant's own submission is told as a new round.
        Event::SeatDecided { action: Action::Resubmit, .. } => return None,
        Event::SeatDecided { seat, action, opinion, .. } => {
            Line { action: Some(*action), text: opinion.clone(), ..at_seat("task_decided", *seat) }
        }
        Event::SeatCancelled { seat, reason: CancelReason::Returned } => Line { by_person: false, ..at_seat("task_cancelled", *seat) },
        Event::Returned { to, .. } => Line { by_person: true, ..at_node("returned", to) },
        Event::Skipped { nodes } => {
            let names: Vec<&str> = nodes.iter().map(|n| definition.name_of(n)).collect();
            Line { kind: "skipped", text: Some(names.join("、")), ..Line::default() }
        }
        Event::SeatUrged { seat, .. } => at_seat("urged", *seat),
        Event::CopySent { .. } => Line { kind: "copied", by_person: true, ..Line::default() },
        Event::TimerFired { node, .. } => at_node("timer_fired", node),
        Event::TopicRan { node, .. } => at_node("service_done", node),
        Event::RuleAsked { node, .. } => at_node("rule_asked", node),
        Event::IncidentOpened { incident } => Line { text: Some(incident.zh.clone()), ..at_node("incident", &incident.node) },
        Event::IncidentResolved { .. } => Line { kind: "incident_resolved", ..Line::default() },
        Event::ClockSet { clock } => match (clock.paused_at, clock.pauses.last()) {
            (Some(_), Some(pause)) => Line { kind: "clock_paused", text: Some(pause.basis.clone()), ..Line::default() },
            (None, Some(pause)) => {
                let text = format!("{}：{}个工作日", pause.basis, pause.working_days);
                Line { kind: "clock_resumed", text: Some(text), ..Line::default() }
            }
            _ => return None,
        },
        Event::StateSet { state, reason, .. } => Line { kind: reached(*state)?, text: reason.clone(), ..Line::default() },
        Event::RoundBegan { .. }
        | Event::VarsSet { .. }
        | Event::TokenPlaced { .. }
        | Event::TokenTaken { .. }
        | Event::JoinFired { .. }
        | Event::Forked { .. }
        | Event::SeatsAdded { .. }
        | Event::ActivationClosed { .. }
        | Event::DueMoved { .. }
        | Event::SeatCancelled { .. }
        | Event::TimerArmed { .. }
        | Event::TimerDropped { .. } => return None,
    };
    Some(found)
}

const fn reached(state: InstanceState) -> Option<&'static str> {
    match state {
        InstanceState::New | InstanceState::Running => None,
        InstanceState::Suspended => Some("suspended"),
        InstanceState::Completed => Some("completed"),
        InstanceState::Rejected => Some("rejected"),
        InstanceState::Withdrawn => Some("withdrawn"),
        InstanceState::Terminated => Some("terminated"),
    }
}
