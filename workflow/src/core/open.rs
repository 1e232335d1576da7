//! Activations and their seats: how a step opens, and how it is closed with all that hangs on it.
use uuid::Uuid;

use super::{
    answers::{Answer, Need},
    error::WorkflowError,
    event::Event,
    machine::{Machine, Run},
    state::{Activation, ActivationState, CancelReason, IncidentKind, Seat, SeatKind, SeatState, Token},
};
use crate::model::{Policy, UserTask};

impl Machine<'_> {
    /// Opens an activation with its seats, its due date and its timers.
    pub fn open(&mut self, token: &Token, node: &str, task: &UserTask) -> Run {
        let seats = self.new_seats(task)?;
        let nobody = seats.is_empty();
        let due = self.due(task.due_days)?;
        let id = self.state.next;
        let round = self.state.activations.iter().filter(|a| a.node == node).map(|a| a.round).max().unwrap_or(0) + 1;
        let activation = Activation {
            id,
            node: node.to_owned(),
            token: token.id,
            round,
            path: token.path.clone(),
            branches: token.branches.clone(),
            opened_at: self.at(),
            due_at: due.ok().flatten(),
            state: ActivationState::Open,
            closed_at: None,
            seats,
        };
        self.emit(Event::ActivationOpened { activation });
        if nobody {
            self.nobody(token.id, node, task);
        }
        if let Err(year) = due {
            self.year_missing(token.id, node, year);
            return Ok(());
        }
        self.arm(id, token.id, node)
    }
    pub fn nobody(&mut self, token: u64, node: &str, task: &UserTask) {
        let area = task.pool_org.of_path(&self.state.area_path);
        let zh = format!("“{}”没有可办理的人（角色 {}，范围 {area}）", self.definition.name_of(node), task.pool_role);
        let en = format!("Nobody can decide {node} (role {}, area {area})", task.pool_role);
        self.incident(token, node, IncidentKind::NoCandidate, task.pool_role.clone(), zh, en);
    }
    /// One pool seat, or a seat for each candidate; the applicant is never one of them.
    pub fn new_seats(&mut self, task: &UserTask) -> Run<Vec<Seat>> {
        let area_path = task.pool_org.of_path(&self.state.area_path);
        let applicant = self.state.applicant;
        let people: Vec<Option<Uuid>> = match task.policy {
            Policy::Single => vec![None],
            Policy::All | Policy::Any => {
                match self.need(Need::Candidates { role: task.pool_role.clone(), area_path: area_path.clone() })? {
                    Answer::People(people) => people.iter().filter(|p| **p != applicant).map(|p| Some(*p)).collect(),
                    _ => return Err(WorkflowError::Conflict.into()),
                }
            }
        };
        let mut seats = Vec::with_capacity(people.len());
        for assignee in people {
            seats.push(self.seat(SeatKind::Approve, assignee, Some((task.pool_role.clone(), area_path.clone()))));
        }
        Ok(seats)
    }
    pub fn seat(&mut self, kind: SeatKind, assignee: Option<Uuid>, pool: Option<(String, String)>) -> Seat {
        let (pool_role, pool_org) = pool.unzip();
        Seat {
            id: self.seat_id(),
            kind,
            state: SeatState::Open,
            pool_role,
            pool_org,
            assignee,
            owner: assignee,
            actor: None,
            on_behalf: None,
            action: None,
            opinion: None,
            reason: None,
            decided_at: None,
            cancelled: None,
            urged_at: None,
            transfers: 0,
        }
    }

    /// Closes an activation: its open seats are cancelled with the reason, its timers and incidents go.
    pub fn close(&mut self, activation: u64, state: ActivationState, reason: &CancelReason) {
        let Some(found) = self.state.activation(activation) else { return };
        let open: Vec<Uuid> =
            found.seats.iter().filter(|s| matches!(s.state, SeatState::Open | SeatState::Waiting)).map(|s| s.id).collect();
        let token = found.token;
        for seat in open {
            self.emit(Event::SeatCancelled { seat, reason: reason.clone() });
        }
        let timers: Vec<u64> = self.state.timers.iter().filter(|t| t.activation == activation).map(|t| t.id).collect();
        for timer in timers {
            self.emit(Event::TimerDropped { timer });
        }
        self.drop_incidents(token);
        let at = self.at();
        self.emit(Event::ActivationClosed { activation, state, at });
    }
    pub fn drop_incidents(&mut self, token: u64) {
        let incidents: Vec<u64> = self.state.incidents.iter().filter(|i| i.token == token).map(|i| i.id).collect();
        for incident in incidents {
            self.emit(Event::IncidentResolved { incident });
        }
    }
    /// Takes a token away, wherever it is, with what hangs on it.
    pub fn cancel_token(&mut self, token: u64, state: ActivationState, reason: &CancelReason) {
        if let Some(activation) = self.state.activation_of(token).map(|a| a.id) {
            self.close(activation, state, reason);
        }
        self.drop_incidents(token);
        self.emit(Event::TokenTaken { token });
    }
    pub fn cancel_all(&mut self, reason: &CancelReason) {
        let tokens: Vec<u64> = self.state.tokens.iter().map(|t| t.id).collect();
        for token in tokens {
            self.cancel_token(token, ActivationState::Cancelled, reason);
        }
    }
}
