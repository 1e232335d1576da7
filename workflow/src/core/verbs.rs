//! What people do with seats and instances.
use serde_json::Value;
use uuid::Uuid;

use super::{
    command::Verb,
    decide::{Verdict, decide},
    error::{Reason, WorkflowError},
    event::Event,
    machine::{Halt, Machine, Run},
    state::{
        Action, Activation, ActivationState, CancelReason, Copied, IncidentKind, Instance, InstanceState, Place, Seat, SeatKind, SeatState,
    },
};
use crate::model::{Definition, Policy};

const MAX_TRANSFERS: u32 = 5;
/// 催办 at most once in this time for one seat.
const URGE_MICROS: i64 = 4 * 3_600 * 1_000_000;

/// Whether this person may decide this seat now; also the reasons on the page.
pub(super) fn may_decide(
    instance: &Instance,
    activation: &Activation,
    seat: &Seat,
    user: Option<Uuid>,
    in_pool: bool,
) -> Result<(), WorkflowError> {
    alive(instance)?;
    if user == Some(instance.applicant) {
        return Err(Reason::IsApplicant.into());
    }
    match seat.state {
        SeatState::Open => {}
        SeatState::Decided => return Err(WorkflowError::AlreadyDecided { by: seat.actor, at: seat.decided_at.unwrap_or_default() }),
        SeatState::Cancelled | SeatState::Waiting => {
            return Err(match seat.cancelled {
                Some(CancelReason::Decided { by, at }) => WorkflowError::AlreadyDecided { by, at },
                _ => Reason::SeatCancelled.into(),
            });
        }
    }
    if seat.kind != SeatKind::Approve || activation.state != ActivationState::Open {
        return Err(Reason::SeatCancelled.into());
    }
    if seat.pool_role.is_some() && !in_pool {
        return Err(Reason::NotInPool.into());
    }
    match seat.assignee {
        None => Err(Reason::NotClaimed.into()),
        Some(_) if seat.assignee != user => Err(Reason::NotAssignee.into()),
        Some(_) => Ok(()),
    }
}

pub(super) fn may_claim(instance: &Instance, seat: &Seat, user: Option<Uuid>, in_pool: bool) -> Result<(), WorkflowError> {
    alive(instance)?;
    match (seat.state, seat.assignee) {
        (SeatState::Open, _) if user == Some(instance.applicant) => Err(Reason::IsApplicant.into()),
        (SeatState::Open, _) if !in_pool => Err(Reason::NotInPool.into()),
        (SeatState::Open, None) => Ok(()),
        (SeatState::Open, Some(by)) => Err(WorkflowError::AlreadyClaimed { by }),
        (SeatState::Decided, _) => Err(WorkflowError::AlreadyDecided { by: seat.actor, at: seat.decided_at.unwrap_or_default() }),
        (SeatState::Cancelled | SeatState::Waiting, _) => Err(Reason::SeatCancelled.into()),
    }
}

/// 撤回 is allowed until the first decision of this round.
pub(super) fn may_withdraw(instance: &Instance, user: Option<Uuid>) -> Result<(), WorkflowError> {
    alive(instance)?;
    if user != Some(instance.applicant) {
        return Err(Reason::NotApplicant.into());
    }
    if instance.is_returned() {
        return Ok(());
    }
    // The applicant's own resubmission begins a round; what was decided before it does not count.
    let begun = instance
        .activations
        .iter()
        .flat_map(|a| &a.seats)
        .filter(|s| s.action == Some(Action::Resubmit))
        .filter_map(|s| s.decided_at)
        .max()
        .unwrap_or(i64::MIN);
    let voted = |s: &Seat| s.kind == SeatKind::Approve && s.decided_at.is_some_and(|at| at >= begun);
    if instance.activations.iter().any(|a| a.opened_at >= begun && a.seats.iter().any(voted)) {
        return Err(Reason::AfterDecision.into());
    }
    Ok(())
}

pub(super) fn alive(instance: &Instance) -> Result<(), WorkflowError> {
    match instance.state {
        InstanceState::Running => Ok(()),
        InstanceState::Suspended => Err(WorkflowError::Suspended),
        InstanceState::New => Err(WorkflowError::NotFound),
        InstanceState::Completed | InstanceState::Rejected | InstanceState::Withdrawn | InstanceState::Terminated => {
            Err(WorkflowError::Ended)
        }
    }
}

pub(super) fn policy_of(definition: &Definition, node: &str) -> Policy {
    definition.user_task(node).map_or(Policy::Single, |t| t.policy)
}

impl Machine<'_> {
    pub(super) fn verb(&mut self) -> Run {
        let verb = self.command.verb.clone();
        match verb {
            // Answered before: an instance is started once.
            Verb::Start { .. } => Err(Reason::AlreadyStarted.into()),
            Verb::Claim { seat } => self.claim(seat),
            Verb::Release { seat } => self.release(seat),
            Verb::Approve { seat, opinion, form } => self.vote(seat, Action::Approve, opinion, None, form),
            Verb::Reject { seat, opinion, reason } => self.vote(seat, Action::Reject, opinion, reason, None),
            Verb::Return { seat, to, mode, opinion } => self.return_to(seat, &to, mode, opinion),
            Verb::Resubmit { vars } => self.resubmit(&vars),
            Verb::Withdraw => self.withdraw(),
            Verb::Transfer { seat, to, reason } => self.transfer(seat, to, reason),
            Verb::Urge => self.urge(),
            Verb::Copy { to } => self.copy(&to),
            Verb::Fire { timer } => self.fire(timer),
            Verb::Retry { incident, vars } => self.retry(incident, &vars),
            Verb::Suspend { reason } => self.suspend(reason),
            Verb::Resume => self.resume(),
            Verb::Terminate { reason } => self.terminate(reason),
        }
    }

    /// The seat with its activation; on an instance that has ended the fate of the seat is told first.
    fn find(&self, seat: Uuid) -> Result<(Activation, Seat), WorkflowError> {
        let (activation, seat) = self.state.seat(seat).ok_or(WorkflowError::NotFound)?;
        if seat.state == SeatState::Decided {
            return Err(WorkflowError::AlreadyDecided { by: seat.actor, at: seat.decided_at.unwrap_or_default() });
        }
        if let Some(CancelReason::Decided { by, at }) = seat.cancelled {
            return Err(WorkflowError::AlreadyDecided { by, at });
        }
        Ok((activation.clone(), seat.clone()))
    }
    /// The seat that this actor may decide.
    pub(super) fn deciding(&self, seat: Uuid) -> Result<(Activation, Seat), WorkflowError> {
        let (activation, seat) = self.find(seat)?;
        may_decide(&self.state, &activation, &seat, self.command.actor.user, self.resolved.in_pool)?;
        Ok((activation, seat))
    }

    fn claim(&mut self, seat: Uuid) -> Run {
        let (_, found) = self.find(seat)?;
        let user = self.command.actor.user;
        may_claim(&self.state, &found, user, self.resolved.in_pool)?;
        let by = user.ok_or(Reason::NotInPool)?;
        self.emit(Event::SeatClaimed { seat, by });
        Ok(())
    }
    fn release(&mut self, seat: Uuid) -> Run {
        self.deciding(seat)?;
        self.emit(Event::SeatReleased { seat });
        Ok(())
    }
    pub(super) fn decided(&mut self, seat: Uuid, action: Action, opinion: Option<String>, reason: Option<String>) {
        let (actor, at) = (self.command.actor, self.at());
        self.emit(Event::SeatDecided { seat, by: actor.user, on_behalf: actor.on_behalf, action, opinion, reason, at });
    }

    fn vote(&mut self, seat: Uuid, action: Action, opinion: Option<String>, reason: Option<String>, form: Option<Value>) -> Run {
        let (activation, _) = self.deciding(seat)?;
        self.decided(seat, action, opinion, reason);
        if let Some(form) = form {
            let mut all = self.state.vars.get("form").cloned().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
            if let Value::Object(all) = &mut all {
                all.insert(activation.node.clone(), form);
            }
            self.emit(Event::VarsSet { vars: serde_json::json!({ "form": all }) });
        }
        let seats = self.state.activation(activation.id).map(|a| a.seats.clone()).unwrap_or_default();
        let reason = CancelReason::Decided { by: self.command.actor.user, at: self.at() };
        match decide(policy_of(self.definition, &activation.node), &seats) {
            Verdict::Pending => Ok(()),
            Verdict::Pass => {
                self.close(activation.id, ActivationState::Passed, &reason);
                self.pass(&activation)
            }
            Verdict::Reject => {
                self.close(activation.id, ActivationState::Rejected, &reason);
                self.end(InstanceState::Rejected, None, &CancelReason::Rejected);
                Ok(())
            }
        }
    }
    /// The token goes on: along the flow, or straight back to who returned the case.
    fn pass(&mut self, activation: &Activation) -> Run {
        let Some(mut token) = self.state.token(activation.token).cloned() else { return Err(WorkflowError::Conflict.into()) };
        token.path.push(activation.id);
        token.path.sort_unstable();
        match token.jump.take() {
            Some(jump) if !self.resolved.material_changed => self.jump(token.id, *jump)?,
            _ => self.leave(&token, &activation.node)?,
        }
        self.run()
    }
    pub(super) fn end(&mut self, state: InstanceState, reason: Option<String>, cancel: &CancelReason) {
        self.cancel_all(cancel);
        let at = self.at();
        self.emit(Event::StateSet { state, reason, at });
    }

    fn withdraw(&mut self) -> Run {
        may_withdraw(&self.state, self.command.actor.user)?;
        self.pause_clock("申请人撤回");
        self.end(InstanceState::Withdrawn, None, &CancelReason::Withdrawn);
        Ok(())
    }

    fn transfer(&mut self, seat: Uuid, to: Uuid, reason: String) -> Run {
        let (activation, found) = self.deciding(seat)?;
        if to == self.state.applicant {
            return Err(Reason::TargetIsApplicant.into());
        }
        if !self.resolved.target_in_pool {
            return Err(Reason::TargetNotInPool.into());
        }
        let holds = |s: &Seat| s.state == SeatState::Open && s.assignee == Some(to);
        if activation.seats.iter().any(holds) {
            return Err(Reason::TargetHoldsSeat.into());
        }
        if found.transfers >= MAX_TRANSFERS {
            return Err(Reason::TooManyTransfers.into());
        }
        self.emit(Event::SeatTransferred { seat, from: found.assignee, to, reason });
        Ok(())
    }

    fn urge(&mut self) -> Run {
        alive(&self.state)?;
        let open: Vec<(Uuid, Option<i64>)> =
            self.state.open_seats().filter(|(_, s)| s.kind == SeatKind::Approve).map(|(_, s)| (s.id, s.urged_at)).collect();
        if open.is_empty() {
            return Err(Reason::NothingToUrge.into());
        }
        let at = self.at();
        let free: Vec<Uuid> = open.iter().filter(|(_, last)| last.is_none_or(|last| at - last >= URGE_MICROS)).map(|(id, _)| *id).collect();
        if free.is_empty() {
            let next = open.iter().filter_map(|(_, last)| *last).min().unwrap_or(at) + URGE_MICROS;
            return Err(Reason::UrgedRecently { next }.into());
        }
        for seat in free {
            self.emit(Event::SeatUrged { seat, at });
        }
        Ok(())
    }

    /// Whoever has a copy already gets no second one; an ended case can be copied too.
    fn copy(&mut self, to: &[Uuid]) -> Run {
        if self.state.state == InstanceState::New {
            return Err(WorkflowError::NotFound.into());
        }
        for to in to {
            if self.state.copies.iter().all(|c| c.to != *to) {
                let copy = Copied { id: self.seat_id(), to: *to, by: self.command.actor.user, at: self.at() };
                self.emit(Event::CopySent { copy });
            }
        }
        Ok(())
    }

    fn retry(&mut self, incident: u64, vars: &Value) -> Run {
        alive(&self.state)?;
        let found = self.state.incidents.iter().find(|i| i.id == incident).cloned().ok_or(WorkflowError::NotFound)?;
        if vars.as_object().is_some_and(|o| !o.is_empty()) {
            self.emit(Event::VarsSet { vars: vars.clone() });
        }
        self.emit(Event::IncidentResolved { incident });
        match found.kind {
            IncidentKind::Condition | IncidentKind::Topic | IncidentKind::Rule => self.enter_again(found.token, &found.node),
            IncidentKind::Calendar => self.arm_again(found.token, &found.node),
            IncidentKind::NoCandidate => {
                let task = self.definition.user_task(&found.node).ok_or(WorkflowError::NotFound)?.clone();
                let activation = self.state.activation_of(found.token).map(|a| a.id).ok_or(WorkflowError::NotFound)?;
                let seats = self.new_seats(&task)?;
                if seats.is_empty() {
                    self.nobody(found.token, &found.node, &task);
                } else {
                    self.emit(Event::SeatsAdded { activation, seats });
                }
                Ok(())
            }
        }
    }

    fn terminate(&mut self, reason: String) -> Run {
        if self.state.state.is_ended() {
            return Err(Halt::Error(WorkflowError::Ended));
        }
        self.end(InstanceState::Terminated, Some(reason), &CancelReason::Terminated);
        Ok(())
    }

    /// Puts a token with the applicant, whose duty is a seat of its own.
    pub(super) fn hand_to_applicant(&mut self, jump: Option<super::state::Jump>) {
        let token = super::state::Token {
            id: self.state.next,
            at: Place::Applicant,
            path: Vec::new(),
            branches: Vec::new(),
            jump: jump.map(Box::new),
        };
        let (token_id, applicant) = (token.id, self.state.applicant);
        self.emit(Event::TokenPlaced { token });
        let seat = self.seat(SeatKind::Applicant, Some(applicant), None);
        let round = self.state.activations.iter().filter(|a| a.node == super::state::APPLICANT).count();
        let activation = Activation {
            id: self.state.next,
            node: super::state::APPLICANT.to_owned(),
            token: token_id,
            round: u32::try_from(round).unwrap_or(u32::MAX).saturating_add(1),
            path: Vec::new(),
            branches: Vec::new(),
            opened_at: self.at(),
            due_at: None,
            state: ActivationState::Open,
            closed_at: None,
            seats: vec![seat],
        };
        self.emit(Event::ActivationOpened { activation });
    }
}
