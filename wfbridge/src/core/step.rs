//! Command → next instance.
use super::{
    Command, Instance, InstanceState, Outcome, Outcoming, Place, Recorded, Refused, Seat, SeatState, StepError, Token,
    advance::Play, decide::decide,
};
use crate::model::{Definition, NodeKind, UserTask};

/// Plays one command. `before` is `None` for `Start` only.
pub fn step(d: &Definition, before: Option<&Instance>, recorded: &Recorded) -> Result<Outcoming, StepError> {
    let Recorded { command, by, at, id, answers } = recorded;
    let instance = match (before, command) {
        (None, Command::Start { facts }) => Instance {
            state: InstanceState::Running,
            applicant: by.account.unwrap_or_default(),
            round: 1,
            tokens: Vec::new(),
            activations: Vec::new(),
            timers: Vec::new(),
            fired: Vec::new(),
            incident: None,
            awaiting: false,
            facts: facts.clone(),
            next: 0,
        },
        (Some(instance), _) => instance.clone(),
        (None, _) => return Err(StepError::NotFound),
    };
    if !instance.state.is_live() {
        return Err(StepError::Ended);
    }
    if instance.state == InstanceState::Suspended && !matches!(command, Command::Terminate { .. }) {
        return Err(StepError::Suspended);
    }
    let mut play = Play { d, i: instance, by: *by, at: *at, seed: *id, answers, needs: Vec::new(), happened: Vec::new(), made: 0 };
    play.command(command)?;
    play.run()?;
    if !play.needs.is_empty() {
        return Ok(Outcoming::Needs(play.needs));
    }
    Ok(Outcoming::Done { instance: Box::new(play.i), happened: play.happened })
}

/// Folds recorded commands to the state they lead to.
pub fn replay<'a>(d: &Definition, history: impl IntoIterator<Item = &'a Recorded>) -> Result<Option<Instance>, StepError> {
    let mut now = None;
    for recorded in history {
        match step(d, now.as_ref(), recorded)? {
            Outcoming::Done { instance, .. } => now = Some(*instance),
            Outcoming::Needs(_) => return Err(StepError::Conflict),
        }
    }
    Ok(now)
}

impl Play<'_> {
    fn command(&mut self, command: &Command) -> Result<(), StepError> {
        match command {
            Command::Start { .. } => {
                self.note("started", Some(self.d.start), None, None, None);
                self.begin();
            }
            Command::Claim { task } => {
                let by = self.by;
                let (activation, seat) = self.seat(*task)?;
                match seat.assignee {
                    Some(other) if Some(other) != by.account => return Err(StepError::AlreadyClaimed),
                    Some(_) => {}
                    None => seat.assignee = by.account,
                }
                self.note("task_claimed", self.node_of(activation), Some(*task), Some("claim"), None);
            }
            Command::Release { task } => {
                let by = self.by;
                let (activation, seat) = self.seat(*task)?;
                if seat.assignee != by.account || seat.personal {
                    return Err(StepError::NotAllowed(Refused::NotYours));
                }
                seat.assignee = None;
                self.note("task_released", self.node_of(activation), Some(*task), Some("release"), None);
            }
            Command::Approve { task, opinion } => {
                let activation = self.vote(*task, "approve", opinion.clone(), None)?;
                self.settle(activation);
            }
            Command::Reject { task, opinion, reason } => {
                let activation = self.vote(*task, "reject", Some(opinion.clone()), reason.clone())?;
                self.settle(activation);
            }
            Command::Return { task, to, opinion } => self.send_back(*task, to, opinion)?,
            Command::Resubmit { facts } => {
                if !self.i.awaiting {
                    return Err(StepError::Conflict);
                }
                self.only_applicant()?;
                self.i.awaiting = false;
                self.i.round += 1;
                self.i.facts = facts.clone();
                self.note("resubmitted", None, None, Some("submit"), None);
                self.begin();
            }
            Command::Withdraw => {
                self.only_applicant()?;
                let round = self.i.round;
                let decided = |s: &Seat| s.state == SeatState::Decided;
                if self.i.activations.iter().any(|a| a.round == round && a.seats.iter().any(decided)) {
                    return Err(StepError::NotAllowed(Refused::TooLate));
                }
                self.cancel_all("申请人撤回");
                self.i.awaiting = false;
                self.i.state = InstanceState::Withdrawn;
                self.note("withdrawn", None, None, Some("withdraw"), None);
            }
            Command::Transfer { task, account, reason } => {
                if Some(*account) == self.by.account {
                    return Err(StepError::NotAllowed(Refused::SamePerson));
                }
                if *account == self.i.applicant {
                    return Err(StepError::NotAllowed(Refused::Applicant));
                }
                let (activation, seat) = self.seat(*task)?;
                seat.assignee = Some(*account);
                seat.personal = true;
                self.note("task_transferred", self.node_of(activation), Some(*task), Some("transfer"), Some(reason));
            }
            Command::Fire { timer } => {
                let Some(timer) = self.i.timers.iter().position(|t| t.id == *timer).map(|i| self.i.timers.remove(i)) else {
                    return Err(StepError::NotFound);
                };
                self.note("timer_fired", Some(timer.boundary), None, None, None);
                let token = self.i.tokens.iter().position(|t| t.at == Place::Task(timer.activation));
                let entered = match token {
                    Some(index) if timer.interrupting => {
                        let token = self.i.tokens.remove(index);
                        self.close(timer.activation, Outcome::Cancelled, "超过办理时限");
                        token
                    }
                    Some(index) => self.i.tokens[index].clone(),
                    None => return Err(StepError::Conflict),
                };
                let outgoing = self.d.nodes[timer.boundary].outgoing.clone();
                self.leave(timer.boundary, entered.passed, entered.joined, &outgoing);
            }
            Command::Retry => {
                let Some(incident) = self.i.incident.take() else { return Err(StepError::Conflict) };
                self.i.tokens.push(incident.token);
                self.note("retried", None, None, Some("retry"), None);
            }
            Command::Terminate { reason } => {
                self.cancel_all(reason);
                self.i.awaiting = false;
                self.i.state = InstanceState::Terminated;
                self.note("terminated", None, None, Some("terminate"), Some(reason));
            }
        }
        Ok(())
    }

    fn begin(&mut self) {
        let outgoing = self.d.nodes[self.d.start].outgoing.clone();
        self.leave(self.d.start, Vec::new(), Vec::new(), &outgoing);
    }

    fn only_applicant(&self) -> Result<(), StepError> {
        if self.by.account == Some(self.i.applicant) { Ok(()) } else { Err(StepError::NotAllowed(Refused::NotYours)) }
    }

    fn node_of(&self, activation: u64) -> Option<usize> {
        self.i.activations.iter().find(|a| a.id == activation).map(|a| a.node)
    }

    fn user_task(&self, activation: u64) -> Option<&UserTask> {
        match &self.d.nodes[self.node_of(activation)?].kind {
            NodeKind::User(task) => Some(task),
            _ => None,
        }
    }

    /// The open seat of a task that the actor may act on: never the applicant's, his by assignment, or the pool's.
    fn seat(&mut self, task: uuid::Uuid) -> Result<(u64, &mut Seat), StepError> {
        let (by, applicant) = (self.by, self.i.applicant);
        let found = self.i.activations.iter_mut().find_map(|a| {
            let id = a.id;
            a.seats.iter_mut().find(|s| s.task == task).map(|s| (id, s))
        });
        let (activation, seat) = found.ok_or(StepError::NotFound)?;
        if by.account == Some(applicant) {
            return Err(StepError::NotAllowed(Refused::Applicant));
        }
        if seat.state != SeatState::Open {
            return Err(StepError::AlreadyDecided);
        }
        let his = seat.assignee.is_some() && seat.assignee == by.account;
        if his && (seat.personal || by.in_pool) || (!seat.personal && by.in_pool) {
            return Ok((activation, seat));
        }
        Err(StepError::NotAllowed(Refused::NotYours))
    }

    fn vote(&mut self, task: uuid::Uuid, action: &str, opinion: Option<String>, reason: Option<String>) -> Result<u64, StepError> {
        let (by, at) = (self.by, self.at);
        let (activation, seat) = self.seat(task)?;
        if seat.assignee.is_some() && seat.assignee != by.account {
            return Err(StepError::AlreadyClaimed);
        }
        seat.state = SeatState::Decided;
        seat.assignee = by.account;
        seat.actor = by.account;
        seat.action = Some(action.to_owned());
        seat.opinion.clone_from(&opinion);
        seat.reason = reason;
        seat.decided_at = Some(at);
        self.note("task_decided", self.node_of(activation), Some(task), Some(action), opinion.as_deref());
        Ok(activation)
    }

    /// Asks the policy whether the activation is decided, and moves on.
    fn settle(&mut self, activation: u64) {
        let Some(policy) = self.user_task(activation).map(|t| t.policy) else { return };
        let Some(outcome) = self.i.activations.iter().find(|a| a.id == activation).and_then(|a| decide(policy, &a.seats)) else { return };
        self.close(activation, outcome, "其他人已作出决定");
        match outcome {
            Outcome::Pass => {
                let Some(index) = self.i.tokens.iter().position(|t| t.at == Place::Task(activation)) else { return };
                let mut token = self.i.tokens.remove(index);
                token.passed.push(activation);
                let Some(node) = self.node_of(activation) else { return };
                let outgoing = self.d.nodes[node].outgoing.clone();
                self.leave(node, token.passed, token.joined, &outgoing);
            }
            Outcome::Reject => {
                self.cancel_all("已作出不予同意的决定");
                self.i.state = InstanceState::Rejected;
                self.note("rejected", None, None, None, None);
            }
            Outcome::Cancelled => {}
        }
    }

    /// 退回 (workflow.md §2.3): to the applicant, or to a visited step of the own lineage.
    fn send_back(&mut self, task: uuid::Uuid, to: &str, opinion: &str) -> Result<(), StepError> {
        let activation = self.vote(task, "return", Some(opinion.to_owned()), None)?;
        if !self.user_task(activation).is_some_and(|t| t.returnable) {
            return Err(StepError::NotAllowed(Refused::NotReturnable));
        }
        if to == "applicant" {
            self.cancel_all("退回申请人补正");
            self.close(activation, Outcome::Cancelled, "退回申请人补正");
            self.i.awaiting = true;
            self.note("returned", None, Some(task), Some("return"), Some(opinion));
            return Ok(());
        }
        let mine = self.i.tokens.iter().find(|t| t.at == Place::Task(activation)).cloned().ok_or(StepError::Conflict)?;
        let target = self.d.node(to).ok_or(StepError::NotAllowed(Refused::Target))?;
        let visited = self.i.activations.iter().rev().find(|a| a.node == target && mine.passed.contains(&a.id));
        let (target_id, entered) = visited.map(|a| (a.id, a.entered.clone())).ok_or(StepError::NotAllowed(Refused::Target))?;
        self.cancel_descendants(target_id, &entered);
        self.note("returned", Some(target), Some(task), Some("return"), Some(opinion));
        self.i.tokens.push(entered);
        Ok(())
    }

    /// Cancels every live token that descends from `target`; arrivals of other branches that a join consumed since come back.
    fn cancel_descendants(&mut self, target: u64, entered: &Token) {
        let (gone, kept): (Vec<Token>, Vec<Token>) = std::mem::take(&mut self.i.tokens).into_iter().partition(|t| t.passed.contains(&target));
        self.i.tokens = kept;
        for token in &gone {
            if let Place::Task(activation) = token.at {
                self.close(activation, Outcome::Cancelled, "退回上一环节");
            }
        }
        let undone: Vec<u64> = gone.iter().flat_map(|t| t.joined.iter().copied()).filter(|j| !entered.joined.contains(j)).collect();
        let (reopened, fired) = std::mem::take(&mut self.i.fired).into_iter().partition(|f| undone.contains(&f.id));
        self.i.fired = fired;
        let reopened: Vec<super::FiredJoin> = reopened;
        for arrival in reopened.into_iter().flat_map(|f| f.arrivals) {
            if !arrival.passed.contains(&target) && !self.i.tokens.iter().any(|t| t.id == arrival.id) {
                self.i.tokens.push(arrival);
            }
        }
    }
}
