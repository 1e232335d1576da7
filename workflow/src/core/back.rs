//! 退回 and what follows it (workflow.md §2.3): targets, cancelled tokens, restored arrivals, resubmission.
use serde_json::Value;
use uuid::Uuid;

use super::{
    command::ResubmitMode,
    error::{Reason, WorkflowError},
    event::Event,
    machine::{Machine, Run},
    state::{
        APPLICANT, Action, Activation, ActivationState, CancelReason, Firing, Instance, InstanceState, Jump, Place, SeatKind, SeatState,
        Token,
    },
    verbs::alive,
};
use crate::model::Definition;

/// The last activation of `node` from which `source` descends.
pub(super) fn target<'i>(instance: &'i Instance, source: &Activation, node: &str) -> Option<&'i Activation> {
    instance.activations.iter().rev().find(|a| a.node == node && source.path.contains(&a.id))
}

/// The nearest step before the fork that parts `source` from `other`.
fn nearest(definition: &Definition, instance: &Instance, source: &Activation, other: &Activation) -> String {
    let shared =
        instance.activations.iter().rev().find(|a| a.node != APPLICANT && source.path.contains(&a.id) && other.path.contains(&a.id));
    shared.map_or_else(|| "申请人".to_owned(), |a| definition.name_of(&a.node).to_owned())
}

/// Rule (c), and steps that were never visited.
pub(super) fn refusal(definition: &Definition, instance: &Instance, source: &Activation, node: &str) -> Reason {
    match instance.activations.iter().rev().find(|a| a.node == node && a.id != source.id) {
        Some(other) if !other.branches.is_empty() && definition.user_task(node).is_some() => {
            Reason::SiblingBranch { suggest: nearest(definition, instance, source, other) }
        }
        _ => Reason::NoSuchTarget,
    }
}

impl Machine<'_> {
    pub(super) fn return_to(&mut self, seat: Uuid, to: &str, mode: ResubmitMode, opinion: Option<String>) -> Run {
        let (source, _) = self.deciding(seat)?;
        if self.definition.user_task(&source.node).is_some_and(|t| !t.returnable) {
            return Err(Reason::NotReturnable.into());
        }
        let target = match to {
            APPLICANT => None,
            node => match target(&self.state, &source, node) {
                Some(found) => Some(found.clone()),
                None => return Err(refusal(self.definition, &self.state, &source, node).into()),
            },
        };
        self.decided(seat, Action::Return, opinion, None);
        self.emit(Event::Returned { from: source.node.clone(), to: to.to_owned() });
        let cancelled = self.cancel_descendants(&source, target.as_ref());
        let arrivals = match &target {
            Some(target) => self.restore_arrivals(target.id, &cancelled),
            None => Vec::new(),
        };
        let jump = (mode == ResubmitMode::Straight).then_some(Jump { returner: source.id, tokens: cancelled, arrivals });
        match target {
            None => {
                self.pause_clock("退回申请人补正");
                self.hand_to_applicant(jump);
                Ok(())
            }
            Some(target) => {
                let token = Token {
                    id: self.state.next,
                    at: Place::Node(target.node.clone()),
                    path: target.path.clone(),
                    branches: target.branches.clone(),
                    jump: jump.map(Box::new),
                };
                self.emit(Event::TokenPlaced { token: token.clone() });
                let task = self.definition.user_task(&target.node).ok_or(WorkflowError::Conflict)?.clone();
                self.open(&token, &target.node, &task)?;
                self.run()
            }
        }
    }

    /// Rules (a), (b) and (f): everything alive that descends from the target, arrivals in joins included.
    fn cancel_descendants(&mut self, source: &Activation, target: Option<&Activation>) -> Vec<Token> {
        let descends = |t: &Token| target.is_none_or(|target| t.path.contains(&target.id));
        let cancelled: Vec<Token> = self.state.tokens.iter().filter(|t| descends(t)).cloned().collect();
        for token in &cancelled {
            let state = if token.id == source.token { ActivationState::Returned } else { ActivationState::Cancelled };
            self.cancel_token(token.id, state, &CancelReason::Returned);
        }
        cancelled
    }

    /// Rule (d): joins that fired between the target and the cancelled tokens get their other arrivals back.
    fn restore_arrivals(&mut self, target: u64, cancelled: &[Token]) -> Vec<u64> {
        let behind = |f: &&Firing| cancelled.iter().any(|t| t.path.contains(&f.id)) && f.consumed.iter().any(|t| t.path.contains(&target));
        let others: Vec<Token> = self
            .state
            .firings
            .iter()
            .filter(behind)
            .flat_map(|f| f.consumed.iter().filter(|t| !t.path.contains(&target)))
            .cloned()
            .collect();
        let mut restored = Vec::with_capacity(others.len());
        for token in others {
            let token = Token { id: self.state.next, ..token };
            restored.push(token.id);
            self.emit(Event::TokenPlaced { token });
        }
        restored
    }

    /// The end of a `straight` return: what it cancelled stands again, with its votes; the returner decides afresh.
    pub(super) fn jump(&mut self, from: u64, jump: Jump) -> Run {
        self.emit(Event::TokenTaken { token: from });
        for arrival in &jump.arrivals {
            self.emit(Event::TokenTaken { token: *arrival });
        }
        self.skipped(from, jump.returner);
        for token in &jump.tokens {
            self.emit(Event::TokenPlaced { token: token.clone() });
        }
        for token in &jump.tokens {
            let Place::Node(node) = &token.at else { continue };
            let old = self.state.activations.iter().rev().find(|a| a.token == token.id && a.node == *node).cloned();
            let (Some(old), Some(task)) = (old, self.definition.user_task(node).cloned()) else {
                // An incident held it at an automatic node: that is tried again.
                self.enter_again(token.id, node)?;
                continue;
            };
            if old.id == jump.returner {
                self.open(token, node, &task)?;
                continue;
            }
            if old.seats.is_empty() {
                self.nobody(token.id, node, &task);
            }
            let seats = old.seats.iter().filter(|s| s.state == SeatState::Cancelled && s.cancelled == Some(CancelReason::Returned));
            let seats: Vec<Uuid> = seats.map(|s| s.id).collect();
            let due = self.due(task.due_days)?;
            self.emit(Event::ActivationReopened { activation: old.id, seats, due_at: due.ok().flatten() });
            match due {
                Ok(_) => self.arm(old.id, token.id, node)?,
                Err(year) => self.year_missing(token.id, node, year),
            }
        }
        Ok(())
    }
    /// Steps between the target and the returner that stay as they were decided.
    fn skipped(&mut self, from: u64, returner: u64) {
        let target = self.state.activations.iter().rev().find(|a| a.token == from).map(|a| (a.node.clone(), a.path.clone()));
        let (node, before) = target.unwrap_or_default();
        let Some(source) = self.state.activation(returner) else { return };
        let between = self.state.activations.iter().filter(|a| source.path.contains(&a.id) && !before.contains(&a.id) && a.node != node);
        let nodes: Vec<String> = between.map(|a| a.node.clone()).collect();
        if !nodes.is_empty() {
            self.emit(Event::Skipped { nodes });
        }
    }

    /// The applicant submits again: along the way from the start, or straight to who returned it.
    pub(super) fn resubmit(&mut self, vars: &Value) -> Run {
        let user = self.command.actor.user;
        if self.state.state == InstanceState::Suspended {
            return Err(WorkflowError::Suspended.into());
        }
        if user.is_some() && user != Some(self.state.applicant) {
            return Err(Reason::NotApplicant.into());
        }
        let at = self.at();
        let jump = if self.state.state == InstanceState::Withdrawn {
            self.emit(Event::StateSet { state: InstanceState::Running, reason: None, at });
            None
        } else {
            alive(&self.state)?;
            let token = self.state.tokens.iter().find(|t| t.at == Place::Applicant).cloned().ok_or(Reason::NotReturned)?;
            let activation = self.state.activation_of(token.id).cloned().ok_or(WorkflowError::Conflict)?;
            for seat in activation.seats.iter().filter(|s| s.kind == SeatKind::Applicant && s.state == SeatState::Open) {
                self.decided(seat.id, Action::Resubmit, None, None);
            }
            self.emit(Event::ActivationClosed { activation: activation.id, state: ActivationState::Passed, at });
            self.emit(Event::TokenTaken { token: token.id });
            token.jump
        };
        if vars.as_object().is_some_and(|o| !o.is_empty()) {
            self.emit(Event::VarsSet { vars: vars.clone() });
        }
        let round = self.state.round + 1;
        self.emit(Event::RoundBegan { round });
        self.resume_clock()?;
        match jump {
            Some(jump) if !self.resolved.material_changed => {
                self.jump(u64::MAX, *jump)?;
                self.run()
            }
            _ => self.enter_start(),
        }
    }
}
