//! Due dates, boundary timers, the clock of the instance, suspension. Working days are asked, never computed.
use super::{
    answers::{Answer, Need},
    error::{Reason, WorkflowError},
    event::Event,
    machine::{Machine, Run},
    state::{ActivationState, CancelReason, Clock, IncidentKind, InstanceState, Pause, Place, Timer, Token},
    verbs::alive,
};
use crate::model::NodeKind;

/// An instant, or the year whose calendar is missing.
type Due = Result<Option<i64>, i32>;

impl Machine<'_> {
    pub(super) fn due(&self, days: Option<u32>) -> Run<Due> {
        match days {
            None => Ok(Ok(None)),
            Some(days) => self.after(self.at(), days),
        }
    }
    fn after(&self, from: i64, days: u32) -> Run<Due> {
        match self.need(Need::DueAfter { from, days })? {
            Answer::Instant(at) => Ok(Ok(Some(*at))),
            Answer::YearMissing(year) => Ok(Err(*year)),
            _ => Err(WorkflowError::Conflict.into()),
        }
    }
    pub(super) fn year_missing(&mut self, token: u64, node: &str, year: i32) {
        let zh = format!("{year}年的工作日历尚未录入，“{}”的期限无法计算", self.definition.name_of(node));
        let en = format!("The working calendar of {year} is missing: the due date of {node} is unknown");
        self.incident(token, node, IncidentKind::Calendar, year.to_string(), zh, en);
    }
    /// Arms every boundary timer of an activation that just opened.
    pub(super) fn arm(&mut self, activation: u64, token: u64, node: &str) -> Run {
        let boundaries: Vec<(String, u32)> = self.definition.boundaries(node).map(|(id, b)| (id.to_owned(), b.working_days)).collect();
        for (boundary, days) in boundaries {
            match self.after(self.at(), days)? {
                Ok(Some(due_at)) => {
                    let timer = Timer { id: self.state.next, activation, node: boundary, due_at };
                    self.emit(Event::TimerArmed { timer });
                }
                Ok(None) => {}
                Err(year) => {
                    self.year_missing(token, node, year);
                    return Ok(());
                }
            }
        }
        Ok(())
    }
    /// The calendar was entered: due date and timers are computed from the day on which the step opened.
    pub(super) fn arm_again(&mut self, token: u64, node: &str) -> Run {
        if let Some(mut clock) = self.state.clock.clone().filter(|c| c.due_at.is_none()) {
            match self.after(self.state.started_at, clock.days)? {
                Ok(due_at) => clock.due_at = due_at,
                Err(year) => self.year_missing(token, node, year),
            }
            self.emit(Event::ClockSet { clock });
        }
        let Some(activation) = self.state.activation_of(token).cloned() else { return Ok(()) };
        let days = self.definition.user_task(node).and_then(|t| t.due_days);
        let due_at = match days {
            None => None,
            Some(days) => match self.after(activation.opened_at, days)? {
                Ok(due_at) => due_at,
                Err(year) => {
                    self.year_missing(token, node, year);
                    return Ok(());
                }
            },
        };
        self.emit(Event::DueMoved { activation: activation.id, due_at });
        let armed: Vec<String> = self.state.timers.iter().filter(|t| t.activation == activation.id).map(|t| t.node.clone()).collect();
        let missing: Vec<(String, u32)> = self
            .definition
            .boundaries(node)
            .filter(|(id, _)| !armed.iter().any(|a| a == id))
            .map(|(id, b)| (id.to_owned(), b.working_days))
            .collect();
        for (boundary, days) in missing {
            match self.after(activation.opened_at, days)? {
                Ok(Some(due_at)) => {
                    let timer = Timer { id: self.state.next, activation: activation.id, node: boundary, due_at };
                    self.emit(Event::TimerArmed { timer });
                }
                Ok(None) => {}
                Err(year) => {
                    self.year_missing(token, node, year);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// A boundary timer: interrupting, it takes the token with it; else a sibling token goes beside the open step.
    pub(super) fn fire(&mut self, timer: u64) -> Run {
        alive(&self.state)?;
        let found = self.state.timers.iter().find(|t| t.id == timer).cloned().ok_or(WorkflowError::NotFound)?;
        if found.due_at > self.at() {
            return Err(WorkflowError::Conflict.into());
        }
        let Some(NodeKind::Boundary(boundary)) = self.definition.nodes.get(&found.node).map(|n| n.kind.clone()) else {
            return Err(WorkflowError::NotFound.into());
        };
        let activation = self.state.activation(found.activation).cloned().ok_or(WorkflowError::NotFound)?;
        let host = self.state.token(activation.token).cloned().ok_or(WorkflowError::NotFound)?;
        self.emit(Event::TimerFired { timer, node: found.node.clone() });
        let mut path = host.path.clone();
        path.push(activation.id);
        path.sort_unstable();
        let at = Place::Node(found.node.clone());
        let token = if boundary.interrupting {
            self.close(activation.id, ActivationState::Cancelled, &CancelReason::TimedOut);
            Token { at, path, jump: None, ..host }
        } else {
            Token { id: self.state.next, at, path, branches: host.branches, jump: None }
        };
        self.emit(Event::TokenPlaced { token: token.clone() });
        self.leave(&token, &found.node)?;
        self.run()
    }

    pub(super) fn begin_clock(&mut self) -> Run {
        let Some(days) = self.definition.limit_days else { return Ok(()) };
        let basis = self.definition.limit_basis.clone();
        let due = self.after(self.at(), days)?;
        let clock = Clock { days, basis, due_at: due.ok().flatten(), paused_at: None, pauses: Vec::new() };
        self.emit(Event::ClockSet { clock });
        if let Err(year) = due {
            let start = self.definition.start.clone();
            self.year_missing(0, &start, year);
        }
        Ok(())
    }
    /// 时限中止: the clock stands still while the applicant mends.
    pub(super) fn pause_clock(&mut self, basis: &str) {
        let at = self.at();
        if let Some(mut clock) = self.state.clock.clone().filter(|c| c.paused_at.is_none()) {
            clock.paused_at = Some(at);
            // The end of the pause completes its line in the ledger.
            clock.pauses.push(Pause { from: at, to: at, working_days: 0, basis: basis.to_owned() });
            self.emit(Event::ClockSet { clock });
        }
    }
    pub(super) fn resume_clock(&mut self) -> Run {
        let Some(mut clock) = self.state.clock.clone() else { return Ok(()) };
        let Some(from) = clock.paused_at.take() else { return Ok(()) };
        let to = self.at();
        let days = self.between(from, to)?;
        if let Some(pause) = clock.pauses.last_mut() {
            (pause.to, pause.working_days) = (to, days);
        }
        if let Some(due) = clock.due_at {
            clock.due_at = self.shifted(due, days)?;
        }
        self.emit(Event::ClockSet { clock });
        Ok(())
    }
    fn between(&self, from: i64, to: i64) -> Run<u32> {
        match self.need(Need::DaysBetween { from, to })? {
            Answer::Days(days) => Ok(*days),
            Answer::YearMissing(_) => Ok(0),
            _ => Err(WorkflowError::Conflict.into()),
        }
    }
    /// A due date that many working days later; unknown where the calendar is.
    fn shifted(&self, due: i64, days: u32) -> Run<Option<i64>> {
        if days == 0 { Ok(Some(due)) } else { Ok(self.after(due, days)?.unwrap_or(None)) }
    }

    pub(super) fn suspend(&mut self, reason: String) -> Run {
        alive(&self.state)?;
        self.pause_clock("流程挂起");
        let at = self.at();
        self.emit(Event::StateSet { state: InstanceState::Suspended, reason: Some(reason), at });
        Ok(())
    }
    /// All due dates move by the working days of the suspension.
    pub(super) fn resume(&mut self) -> Run {
        let Some(from) = self.state.suspended_at else { return Err(Reason::NotSuspended.into()) };
        let at = self.at();
        let days = self.between(from, at)?;
        for timer in self.state.timers.clone() {
            if let Some(due_at) = self.shifted(timer.due_at, days)? {
                self.emit(Event::TimerArmed { timer: Timer { due_at, ..timer } });
            }
        }
        let open: Vec<(u64, i64)> = self.state.open_activations().filter_map(|a| a.due_at.map(|d| (a.id, d))).collect();
        for (activation, due) in open {
            let due_at = self.shifted(due, days)?;
            self.emit(Event::DueMoved { activation, due_at });
        }
        // A case that lies with its applicant goes on standing still.
        if !self.state.is_returned() {
            self.resume_clock()?;
        }
        self.emit(Event::StateSet { state: InstanceState::Running, reason: None, at });
        Ok(())
    }
}
