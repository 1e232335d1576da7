//! Who hears of a step: the event log, the subject, the people.
use linli_kernel::{AccountId, Problem, Timestamp};
use linli_runtime::{
    Change, Tx,
    notice::{self, NewNotice},
};
use linli_tenants::{Ctx, Report};
use uuid::Uuid;

use crate::{
    core::{Action, Effect, Event, Instance, InstanceState, SeatKind, SeatState},
    model::Definition,
    store::{self, InstanceRow, name_of},
};

/// Members of a pool that are told of a new task, at most.
const TOLD: usize = 50;

pub(super) struct Told<'a> {
    pub row: &'a InstanceRow,
    pub definition: &'a Definition,
    pub before: &'a Instance,
    pub after: &'a Instance,
    pub events: &'a [Event],
    pub effects: &'a [Effect],
}

pub(super) async fn tell(ctx: &Ctx, tx: &Tx, told: &Told<'_>) -> Result<(), Problem> {
    log(tx, told).await?;
    subject(ctx, tx, told).await?;
    let notices = notices(tx, told).await?;
    if notices.is_empty() { Ok(()) } else { notice::send_all(tx, notices).await }
}

/// The rows of the event log. Every step has at least one.
async fn log(tx: &Tx, told: &Told<'_>) -> Result<(), Problem> {
    let mut any = false;
    for event in told.events {
        if let Some(change) = change(told, event) {
            tx.event(change).await?;
            any = true;
        }
    }
    if !any {
        tx.event(base(told, "workflow.instance.moved")).await?;
    }
    Ok(())
}

fn base(told: &Told<'_>, kind: &'static str) -> Change {
    let (row, after) = (told.row, told.after);
    let from = if told.before.state == InstanceState::New { None } else { Some(told.before.state) };
    Change::new(kind, "workflow.instance", row.id)
        .scope(row.scope())
        .data("instance", row.id)
        .data("no", row.subject_no.as_str())
        .data("matter", format!("{}:{}", row.subject_kind, row.subject_id))
        .state(from.map(InstanceState::as_str), after.state.as_str())
        .data("round", after.round)
}

fn seat_change(told: &Told<'_>, kind: &'static str, seat: Uuid) -> Change {
    let change = base(told, kind).data("task", seat);
    match told.after.seat(seat) {
        Some((activation, _)) => change.data("node", &activation.node).data("due_at", activation.due_at.map(Timestamp)),
        None => change,
    }
}

fn change(told: &Told<'_>, event: &Event) -> Option<Change> {
    let changed = match event {
        Event::Started { .. } => base(told, "workflow.instance.started"),
        Event::ActivationOpened { activation } => {
            base(told, "workflow.task.opened").data("node", &activation.node).data("due_at", activation.due_at.map(Timestamp))
        }
        Event::SeatsAdded { .. } | Event::ActivationReopened { .. } => base(told, "workflow.task.opened"),
        Event::SeatClaimed { seat, .. } => seat_change(told, "workflow.task.claimed", *seat),
        Event::SeatReleased { seat } => seat_change(told, "workflow.task.released", *seat),
        Event::SeatTransferred { seat, .. } => seat_change(told, "workflow.task.transferred", *seat),
        Event::SeatDecided { seat, action, .. } => seat_change(told, "workflow.task.decided", *seat).data("action", action.as_str()),
        Event::Returned { from, to } => base(told, "workflow.task.returned").data("node", from).data("to", to),
        Event::SeatUrged { seat, .. } => seat_change(told, "workflow.task.urged", *seat),
        Event::CopySent { copy } => base(told, "workflow.instance.copied").data("to", copy.to),
        Event::TimerFired { node, .. } => base(told, "workflow.timer.fired").data("node", node),
        Event::IncidentOpened { incident } => {
            base(told, "workflow.incident.opened").data("node", &incident.node).data("cause", incident.kind.as_str())
        }
        Event::IncidentResolved { .. } => base(told, "workflow.incident.resolved"),
        Event::ClockSet { clock } => match (&told.before.clock, clock.paused_at) {
            (Some(before), Some(_)) if before.paused_at.is_none() => base(told, "workflow.clock.paused"),
            (Some(before), None) if before.paused_at.is_some() => {
                base(told, "workflow.clock.resumed").data("due_at", clock.due_at.map(Timestamp))
            }
            _ => return None,
        },
        Event::StateSet { state, .. } => base(told, ended(*state)?),
        Event::RoundBegan { .. }
        | Event::VarsSet { .. }
        | Event::TokenPlaced { .. }
        | Event::TokenTaken { .. }
        | Event::JoinFired { .. }
        | Event::Forked { .. }
        | Event::ActivationClosed { .. }
        | Event::DueMoved { .. }
        | Event::SeatCancelled { .. }
        | Event::Skipped { .. }
        | Event::TimerArmed { .. }
        | Event::TimerDropped { .. }
        | Event::TopicRan { .. }
        | Event::RuleAsked { .. } => return None,
    };
    Some(changed)
}

const fn ended(state: InstanceState) -> Option<&'static str> {
    match state {
        InstanceState::Completed => Some("workflow.instance.completed"),
        InstanceState::Rejected => Some("workflow.instance.rejected"),
        InstanceState::Withdrawn => Some("workflow.instance.withdrawn"),
        InstanceState::Terminated => Some("workflow.instance.terminated"),
        InstanceState::Suspended => Some("workflow.instance.suspended"),
        InstanceState::Running => Some("workflow.instance.resumed"),
        InstanceState::New => None,
    }
}

/// The last decision of this step: its opinion and the code of its reason.
fn decision(told: &Told<'_>) -> (String, Option<String>) {
    let last = told.events.iter().rev().find_map(|e| match e {
        Event::SeatDecided { opinion, reason, action: Action::Reject | Action::Return, .. } => Some((opinion.clone(), reason.clone())),
        _ => None,
    });
    let (opinion, reason) = last.unwrap_or_default();
    (opinion.unwrap_or_default(), reason)
}

/// The thing itself reacts in the same transaction.
async fn subject(ctx: &Ctx, tx: &Tx, told: &Told<'_>) -> Result<(), Problem> {
    let became = |state| told.after.state == state && told.before.state != state;
    let report = if told.after.is_returned() && !told.before.is_returned() {
        Report::Returned { opinion: decision(told).0 }
    } else if became(InstanceState::Rejected) {
        let (opinion, reason) = decision(told);
        Report::Rejected { opinion, reason }
    } else if became(InstanceState::Withdrawn) {
        Report::Withdrawn
    } else {
        return Ok(());
    };
    ctx.app.ports.subject(&told.row.subject_kind)?.report(ctx, tx, told.row.subject_id, &report).await.map(drop)
}

async fn notices(tx: &Tx, told: &Told<'_>) -> Result<Vec<NewNotice>, Problem> {
    let mut all = Vec::new();
    let applicant = AccountId(told.after.applicant);
    for effect in told.effects {
        match effect {
            Effect::Assigned { seat, node, .. } => {
                if told.after.seat(*seat).is_some_and(|(_, s)| s.kind == SeatKind::Approve) {
                    let title = format!("有新任务待办：{}", name_of(told.definition, node));
                    to_holders(tx, told, &mut all, *seat, "task.assigned", title).await?;
                }
            }
            Effect::Transferred { seat, node, to } => {
                let title = format!("有一项任务转给您办理：{}", name_of(told.definition, node));
                all.push(notice(tx, told, "task.transferred", AccountId(*to), title, *seat));
            }
            Effect::Urged { seat, node, .. } => {
                let title = format!("请尽快办理：{}", name_of(told.definition, node));
                to_holders(tx, told, &mut all, *seat, "task.urged", title).await?;
            }
            Effect::DueSoon { seat, node, .. } => {
                let title = format!("任务即将到期：{}", name_of(told.definition, node));
                to_holders(tx, told, &mut all, *seat, "case.due_soon", title).await?;
            }
            Effect::Copied { to } => all.push(notice(tx, told, "task.assigned", AccountId(*to), "有一件事项抄送给您".into(), *to)),
            Effect::ReturnedToApplicant => {
                all.push(notice(tx, told, "task.returned", applicant, "您的申请已退回，请补正后重新提交".into(), told.row.id));
            }
            Effect::Became(InstanceState::Completed) => {
                all.push(notice(tx, told, "case.decided", applicant, "您的申请已审批通过".into(), told.row.id));
            }
            Effect::Became(InstanceState::Rejected) => {
                all.push(notice(tx, told, "case.decided", applicant, "您的申请未获通过".into(), told.row.id));
            }
            Effect::Arm { .. } | Effect::Disarm { .. } | Effect::Became(_) => {}
        }
    }
    Ok(all)
}

fn notice(tx: &Tx, told: &Told<'_>, template: &'static str, to: AccountId, title: String, about: Uuid) -> NewNotice {
    NewNotice {
        template,
        account_id: Some(to),
        person_id: None,
        title,
        body: format!("{} {}", told.row.subject_no, told.row.title),
        subject_kind: "workflow.instance",
        subject_id: told.row.id,
        dedupe_key: format!("{template}:{about}:{}", tx.now().micros()),
    }
}

/// Whoever may decide the seat: its assignee, or the pool without the applicant.
async fn to_holders(
    tx: &Tx,
    told: &Told<'_>,
    all: &mut Vec<NewNotice>,
    seat: Uuid,
    template: &'static str,
    title: String,
) -> Result<(), Problem> {
    let Some((_, found)) = told.after.seat(seat).filter(|(_, s)| s.state == SeatState::Open) else { return Ok(()) };
    let people = match (&found.assignee, &found.pool_role, &found.pool_org) {
        (Some(one), _, _) => vec![*one],
        (None, Some(role), Some(org)) => store::members(tx, role, org).await?,
        (None, _, _) => Vec::new(),
    };
    for person in people.into_iter().filter(|p| *p != told.after.applicant).take(TOLD) {
        all.push(notice(tx, told, template, AccountId(person), title.clone(), seat));
    }
    Ok(())
}
