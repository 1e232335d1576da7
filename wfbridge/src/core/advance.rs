//! Moving tokens until everything waits for a person, a timer or another branch.
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Activation, Answer, Answers, By, FiredJoin, Happened, Incident, Instance, InstanceState, Need, NeedKind, Outcome, Place, Seat, SeatState, StepError, Timer, Token};
use crate::{
    feel,
    model::{Definition, NodeKind, Policy, UserTask},
};

/// Moves that one step may make.
const MOVES_MAX: u32 = 10_000;

/// The working copy of one step.
pub(super) struct Play<'a> {
    pub d: &'a Definition,
    pub i: Instance,
    pub by: By,
    pub at: i64,
    pub seed: Uuid,
    pub answers: &'a Answers,
    pub needs: Vec<Need>,
    pub happened: Vec<Happened>,
    pub made: u64,
}

impl Play<'_> {
    pub fn note(&mut self, kind: &str, node: Option<usize>, task: Option<Uuid>, action: Option<&str>, text: Option<&str>) {
        let own = |t: Option<&str>| t.map(str::to_owned);
        self.happened.push(Happened { kind: kind.to_owned(), node, task, action: own(action), text: own(text) });
    }
    fn number(&mut self) -> u64 {
        self.i.next += 1;
        self.i.next
    }
    /// Ids follow from the command's, so that a replay makes the same.
    fn id(&mut self) -> Uuid {
        self.made += 1;
        let hash = Sha256::new().chain_update(self.seed.as_bytes()).chain_update(self.made.to_be_bytes()).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }
    /// The answer to a need, or `None` after noting that it is needed.
    fn ask(&mut self, key: String, kind: NeedKind) -> Option<Answer> {
        let found = self.answers.get(&key).cloned();
        if found.is_none() {
            self.needs.push(Need { key, kind });
        }
        found
    }

    /// Puts a token on each way out of `node`.
    pub fn leave(&mut self, node: usize, passed: Vec<u64>, joined: Vec<u64>, outgoing: &[usize]) {
        let _ = node;
        for flow in outgoing {
            let id = self.number();
            self.i.tokens.push(Token { id, at: Place::Flow(*flow), passed: passed.clone(), joined: joined.clone() });
        }
    }

    /// Moves every token that can move. Stops early when a need is open or an incident stands.
    pub fn run(&mut self) -> Result<(), StepError> {
        for _ in 0..MOVES_MAX {
            if !self.needs.is_empty() || self.i.incident.is_some() || self.i.state != InstanceState::Running {
                return Ok(());
            }
            let movable = self.i.tokens.iter().position(|t| matches!(t.at, Place::Flow(f) if self.can_enter(f)));
            match movable {
                Some(index) => self.enter(index),
                None => {
                    if self.i.tokens.is_empty() && !self.i.awaiting {
                        self.i.state = InstanceState::Completed;
                        self.note("completed", None, None, None, None);
                    }
                    return Ok(());
                }
            }
        }
        Err(StepError::Budget)
    }

    fn can_enter(&self, flow: usize) -> bool {
        let node = &self.d.nodes[self.d.flows[flow].target];
        let here = |f: &usize| self.i.tokens.iter().any(|t| t.at == Place::Flow(*f));
        !matches!(node.kind, NodeKind::Parallel) || node.incoming.iter().all(here)
    }

    fn enter(&mut self, index: usize) {
        let token = self.i.tokens.remove(index);
        let Place::Flow(flow) = token.at else { return };
        let target = self.d.flows[flow].target;
        let d = self.d;
        let node = &d.nodes[target];
        match &node.kind {
            NodeKind::End { terminate } => {
                if *terminate {
                    self.cancel_all("流程终止");
                }
            }
            NodeKind::User(task) => self.open(target, task, token),
            NodeKind::Service { topic } => match self.ask(format!("service:{}:{}", node.id, token.id), NodeKind::service(topic)) {
                Some(Answer::Failed(cause)) => self.stop(target, cause, token),
                Some(_) => {
                    self.note("service_done", Some(target), None, None, Some(topic));
                    self.leave(target, token.passed, token.joined, &node.outgoing);
                }
                None => self.i.tokens.push(token),
            },
            NodeKind::Rule { point } => match self.ask(format!("rule:{}:{}", node.id, token.id), NeedKind::Rule { point: point.clone() }) {
                Some(Answer::Value(value)) => {
                    if let Value::Object(facts) = &mut self.i.facts {
                        facts.insert(point.clone(), value);
                    }
                    self.leave(target, token.passed, token.joined, &node.outgoing);
                }
                Some(Answer::Failed(cause)) => self.stop(target, cause, token),
                Some(_) => self.stop(target, "the rule gave no value".into(), token),
                None => self.i.tokens.push(token),
            },
            NodeKind::Exclusive { default } => match self.choose(&node.outgoing, *default) {
                Ok(flow) => self.leave(target, token.passed, token.joined, &[flow]),
                Err(cause) => self.stop(target, cause, token),
            },
            NodeKind::Parallel => self.join(target, token),
            NodeKind::Start { .. } | NodeKind::Boundary { .. } => self.leave(target, token.passed, token.joined, &node.outgoing),
        }
    }

    /// First true condition in document order, else the default, else an incident: null is not "no".
    fn choose(&self, outgoing: &[usize], default: Option<usize>) -> Result<usize, String> {
        for &flow in outgoing {
            let Some(text) = &self.d.flows[flow].condition else {
                if outgoing.len() == 1 {
                    return Ok(flow);
                }
                continue;
            };
            let expression = feel::parse(text).map_err(|e| e.to_string())?;
            match feel::evaluate(&expression, &self.i.facts).map_err(|e| e.to_string())? {
                feel::Value::Bool(true) => return Ok(flow),
                feel::Value::Bool(false) => {}
                other => return Err(format!("condition `{text}` is neither true nor false: {other:?}")),
            }
        }
        default.ok_or_else(|| "no condition holds and there is no default".to_owned())
    }

    fn join(&mut self, target: usize, token: Token) {
        let node = &self.d.nodes[target];
        let mut arrivals = vec![token];
        for flow in &node.incoming {
            if arrivals.iter().any(|t| t.at == Place::Flow(*flow)) {
                continue;
            }
            if let Some(index) = self.i.tokens.iter().position(|t| t.at == Place::Flow(*flow)) {
                arrivals.push(self.i.tokens.remove(index));
            }
        }
        let union = |pick: fn(&Token) -> &Vec<u64>| {
            let mut all: Vec<u64> = arrivals.iter().flat_map(|t| pick(t).iter().copied()).collect();
            all.sort_unstable();
            all.dedup();
            all
        };
        let (passed, mut joined) = (union(|t| &t.passed), union(|t| &t.joined));
        if arrivals.len() > 1 {
            let id = self.number();
            joined.push(id);
            self.i.fired.push(FiredJoin { id, arrivals });
        }
        let outgoing = node.outgoing.clone();
        self.leave(target, passed, joined, &outgoing);
    }

    fn open(&mut self, target: usize, task: &UserTask, token: Token) {
        let node = &self.d.nodes[target];
        let due_at = match task.due_days {
            None => None,
            Some(days) => match self.ask(format!("due:{}:{}", node.id, token.id), NeedKind::WorkingDays { from: self.at, days }) {
                Some(Answer::Instant(at)) => Some(at),
                Some(Answer::Failed(cause)) => return self.stop(target, cause, token),
                Some(_) => return self.stop(target, "the calendar gave no day".into(), token),
                None => return self.i.tokens.push(token),
            },
        };
        let people = match task.policy {
            Policy::Single => vec![None],
            Policy::All | Policy::Any => {
                let need = NeedKind::People { role: task.pool_role.clone(), org: task.pool_org };
                match self.ask(format!("people:{}:{}", node.id, token.id), need) {
                    Some(Answer::People(people)) => {
                        let people: Vec<Option<Uuid>> = people.into_iter().filter(|p| *p != self.i.applicant).map(Some).collect();
                        if people.is_empty() {
                            return self.stop(target, format!("nobody holds the role {}", task.pool_role), token);
                        }
                        people
                    }
                    Some(Answer::Failed(cause)) => return self.stop(target, cause, token),
                    Some(_) => return self.stop(target, "the directory gave no people".into(), token),
                    None => return self.i.tokens.push(token),
                }
            }
        };
        let mut timers = Vec::new();
        for (boundary, days, interrupting) in self.d.boundaries(target).collect::<Vec<_>>() {
            match self.ask(format!("timer:{}:{}", self.d.nodes[boundary].id, token.id), NeedKind::WorkingDays { from: self.at, days }) {
                Some(Answer::Instant(due_at)) => timers.push((boundary, due_at, interrupting)),
                Some(Answer::Failed(cause)) => return self.stop(target, cause, token),
                Some(_) => return self.stop(target, "the calendar gave no day".into(), token),
                None => return self.i.tokens.push(token),
            }
        }
        let activation = self.number();
        for (boundary, due_at, interrupting) in timers {
            let id = self.id();
            self.i.timers.push(Timer { id, boundary, activation, due_at, interrupting });
        }
        let mut seats = Vec::new();
        for assignee in people {
            let id = self.id();
            seats.push(Seat {
                task: id,
                state: SeatState::Open,
                assignee,
                personal: assignee.is_some(),
                actor: None,
                action: None,
                opinion: None,
                reason: None,
                opened_at: self.at,
                decided_at: None,
                due_at,
            });
            self.note("task_opened", Some(target), Some(id), None, None);
        }
        let round = self.i.round;
        self.i.activations.push(Activation { id: activation, node: target, round, seats, outcome: None, entered: token.clone() });
        self.i.tokens.push(Token { at: Place::Task(activation), ..token });
    }

    fn stop(&mut self, target: usize, cause: String, token: Token) {
        let element = self.d.nodes[target].id.clone();
        self.note("incident", Some(target), None, None, Some(&cause));
        self.i.incident = Some(Incident { element, cause, token });
    }

    /// Closes an activation: open seats are cancelled with the reason, its timers go.
    pub fn close(&mut self, activation: u64, outcome: Outcome, why: &str) {
        let at = self.at;
        let mut cancelled = Vec::new();
        if let Some(a) = self.i.activations.iter_mut().find(|a| a.id == activation) {
            a.outcome = Some(outcome);
            for seat in a.seats.iter_mut().filter(|s| s.state == SeatState::Open) {
                seat.state = SeatState::Cancelled;
                seat.reason = Some(why.to_owned());
                seat.decided_at = Some(at);
                cancelled.push((a.node, seat.task));
            }
        }
        self.i.timers.retain(|t| t.activation != activation);
        for (node, task) in cancelled {
            self.note("task_cancelled", Some(node), Some(task), None, Some(why));
        }
    }
    /// Takes every token away; open tasks are cancelled.
    pub fn cancel_all(&mut self, why: &str) {
        let all: Vec<Token> = std::mem::take(&mut self.i.tokens);
        for token in all {
            if let Place::Task(activation) = token.at {
                self.close(activation, Outcome::Cancelled, why);
            }
        }
        self.i.incident = None;
    }
}

impl NodeKind {
    fn service(topic: &str) -> NeedKind {
        NeedKind::Service { topic: topic.to_owned() }
    }
}
