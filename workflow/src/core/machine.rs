//! The token machine: moves tokens until every one of them waits for a person, a clock or a join.
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    answers::{Answer, Need, Resolved},
    command::{Command, Verb},
    error::{Reason, WorkflowError},
    event::{Event, is_waiting_at},
    state::{Branch, CancelReason, Firing, Incident, IncidentKind, Instance, InstanceState, Place, Token},
};
use crate::{
    feel,
    model::{Definition, NodeKind},
};

/// A model that moves more often than this without a rest goes round.
const MAX_MOVES: u32 = 10_000;

/// Why the machine stopped before its end.
pub(super) enum Halt {
    Need(Box<Need>),
    Error(WorkflowError),
}
impl From<WorkflowError> for Halt {
    fn from(error: WorkflowError) -> Self {
        Halt::Error(error)
    }
}
impl From<Reason> for Halt {
    fn from(reason: Reason) -> Self {
        Halt::Error(reason.into())
    }
}
pub(super) type Run<T = ()> = Result<T, Halt>;

pub(super) struct Machine<'a> {
    pub definition: &'a Definition,
    pub state: Instance,
    pub command: &'a Command,
    pub resolved: &'a Resolved,
    events: Vec<Event>,
    /// Topics and rules run by this command.
    calls: u32,
    seats: u64,
    moves: u32,
}

impl<'a> Machine<'a> {
    pub fn new(definition: &'a Definition, state: Instance, command: &'a Command, resolved: &'a Resolved) -> Self {
        Machine { definition, state, command, resolved, events: Vec::new(), calls: 0, seats: 0, moves: 0 }
    }
    pub fn finish(self) -> (Instance, Vec<Event>) {
        (self.state, self.events)
    }
    pub fn emit(&mut self, event: Event) {
        self.state.apply(&event);
        self.events.push(event);
    }
    pub fn at(&self) -> i64 {
        self.command.at
    }
    pub fn need(&self, need: Need) -> Run<&'a Answer> {
        match self.resolved.answers.get(&need.key()) {
            Some(answer) => Ok(answer),
            None => Err(Halt::Need(Box::new(need))),
        }
    }
    /// A UUIDv7 of the command's instant whose other bits come from the command's id: the same for the same command.
    pub fn seat_id(&mut self) -> Uuid {
        self.seats += 1;
        let mut hash = Sha256::new();
        hash.update(self.command.id.as_bytes());
        hash.update(self.state.id.as_bytes());
        hash.update(self.seats.to_be_bytes());
        let digest = hash.finalize();
        let mut random = [0u8; 10];
        random.copy_from_slice(&digest[..10]);
        let millis = u64::try_from(self.command.at / 1_000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    pub fn start(&mut self, applicant: Uuid, area_path: &str, vars: &Value) -> Run {
        if self.state.state != InstanceState::New {
            return Err(Reason::AlreadyStarted.into());
        }
        let (id, at) = (self.state.id, self.at());
        let definition = self.definition.hash.clone();
        self.emit(Event::Started { id, definition, applicant, area_path: area_path.to_owned(), at });
        self.emit(Event::VarsSet { vars: vars.clone() });
        self.emit(Event::RoundBegan { round: 1 });
        self.begin_clock()?;
        self.enter_start()
    }
    /// A fresh token leaves the start event.
    pub fn enter_start(&mut self) -> Run {
        let token = Token {
            id: self.state.next,
            at: Place::Node(self.definition.start.clone()),
            path: Vec::new(),
            branches: Vec::new(),
            jump: None,
        };
        self.emit(Event::TokenPlaced { token: token.clone() });
        self.leave(&token, &self.definition.start)?;
        self.run()
    }

    /// Moves until everything rests; ends the instance when no token is left.
    pub fn run(&mut self) -> Run {
        while let Some(token) = self.next_move() {
            self.moves += 1;
            if self.moves > MAX_MOVES {
                return Err(WorkflowError::Budget.into());
            }
            match token {
                Move::Enter(token, node) => self.enter(&token, &node)?,
                Move::Fire(node) => self.fire_join(&node),
            }
        }
        if self.state.tokens.is_empty() && self.state.state == InstanceState::Running {
            let at = self.at();
            self.emit(Event::StateSet { state: InstanceState::Completed, reason: None, at });
        }
        Ok(())
    }

    fn next_move(&self) -> Option<Move> {
        let mut on_flows: Vec<&Token> = self.state.tokens.iter().filter(|t| matches!(t.at, Place::Flow(_))).collect();
        on_flows.sort_by_key(|t| t.id);
        let definition = self.definition;
        for token in &on_flows {
            let Place::Flow(flow) = &token.at else { continue };
            let Some(node) = definition.flows.get(flow).and_then(|f| definition.nodes.get(&f.to)) else { continue };
            if !(matches!(node.kind, NodeKind::Parallel) && node.incoming.len() > 1) {
                return Some(Move::Enter((*token).clone(), node.id.clone()));
            }
            if node.incoming.iter().all(|f| on_flows.iter().any(|t| is_waiting_at(t, f))) {
                return Some(Move::Fire(node.id.clone()));
            }
        }
        None
    }

    fn enter(&mut self, token: &Token, node: &str) -> Run {
        let definition = self.definition;
        let Some(found) = definition.nodes.get(node) else { return Err(WorkflowError::NotFound.into()) };
        let mut token = token.clone();
        token.at = Place::Node(node.to_owned());
        self.emit(Event::TokenPlaced { token: token.clone() });
        match &found.kind {
            NodeKind::Exclusive { default } => self.choose(&token, node, default.as_deref()),
            NodeKind::Parallel => self.leave(&token, node),
            NodeKind::User(task) => self.open(&token, node, task),
            NodeKind::Service { topic } => self.topic(&token, node, topic),
            NodeKind::Rule { point, result } => self.rule(&token, node, point, result),
            NodeKind::End { terminate: false } => {
                self.emit(Event::TokenTaken { token: token.id });
                Ok(())
            }
            NodeKind::End { terminate: true } => {
                self.cancel_all(&CancelReason::Terminated);
                Ok(())
            }
            NodeKind::Start(_) | NodeKind::Boundary(_) => self.leave(&token, node),
        }
    }
    /// Goes on with a token that an incident held at a node.
    pub fn enter_again(&mut self, token: u64, node: &str) -> Run {
        let token = self.state.token(token).cloned().ok_or(WorkflowError::NotFound)?;
        self.enter(&token, node)?;
        self.run()
    }

    /// Leaves by every outgoing flow: one flow carries the token on, several are a fork.
    pub fn leave(&mut self, token: &Token, node: &str) -> Run {
        let definition = self.definition;
        let outgoing = definition.nodes.get(node).map_or(&[][..], |n| &n.outgoing);
        if let [flow] = outgoing {
            let token = Token { at: Place::Flow(flow.clone()), jump: None, ..token.clone() };
            self.emit(Event::TokenPlaced { token });
            return Ok(());
        }
        let fork = self.state.next;
        self.emit(Event::Forked { fork });
        self.emit(Event::TokenTaken { token: token.id });
        for flow in outgoing {
            let mut branches = token.branches.clone();
            branches.push(Branch { fork, flow: flow.clone() });
            let child = Token { id: self.state.next, at: Place::Flow(flow.clone()), path: token.path.clone(), branches, jump: None };
            self.emit(Event::TokenPlaced { token: child });
        }
        Ok(())
    }

    /// 并行汇聚: consumes one token of every incoming flow; surplus stays.
    fn fire_join(&mut self, node: &str) {
        let incoming = self.definition.nodes.get(node).map_or(&[][..], |n| &n.incoming);
        let first = |flow: &String| self.state.tokens.iter().filter(|t| is_waiting_at(t, flow)).min_by_key(|t| t.id).cloned();
        let consumed: Vec<Token> = incoming.iter().filter_map(first).collect();
        let id = self.state.next;
        let mut path: Vec<u64> = consumed.iter().flat_map(|t| t.path.iter().copied()).chain([id]).collect();
        path.sort_unstable();
        path.dedup();
        let branches = common(consumed.iter().map(|t| t.branches.as_slice()));
        for token in &consumed {
            self.emit(Event::TokenTaken { token: token.id });
        }
        self.emit(Event::JoinFired { firing: Firing { id, node: node.to_owned(), consumed } });
        let token = Token { id: self.state.next, at: Place::Node(node.to_owned()), path, branches, jump: None };
        self.emit(Event::TokenPlaced { token: token.clone() });
        // A join has flows to leave by, or the definition would not have compiled.
        let _ = self.leave(&token, node);
    }

    /// 排他网关: the first true condition in document order, else the default; what is neither true nor false is an incident.
    fn choose(&mut self, token: &Token, node: &str, default: Option<&str>) -> Run {
        let definition = self.definition;
        let outgoing = definition.nodes.get(node).map_or(&[][..], |n| &n.outgoing);
        if let [_] = outgoing {
            return self.leave(token, node);
        }
        for id in outgoing.iter().filter(|f| Some(f.as_str()) != default) {
            let Some(condition) = definition.flows.get(id).and_then(|f| f.condition.as_ref()) else { continue };
            let found = condition.evaluate(&self.state.vars).map_err(|_| WorkflowError::Budget)?;
            match &found.value {
                feel::Value::Bool(true) => return self.take(token, id),
                feel::Value::Bool(false) => {}
                other => {
                    let about = found.culprit().unwrap_or(&condition.source).to_owned();
                    let kind = other.kind();
                    let zh = format!("“{}”的条件 {} 得不出真假：请检查变量“{about}”", definition.name_of(node), condition.source);
                    let en = format!(
                        "The condition {} at {node} is {kind}, neither true nor false: look at the variable {about}",
                        condition.source
                    );
                    self.incident(token.id, node, IncidentKind::Condition, about, zh, en);
                    return Ok(());
                }
            }
        }
        match default {
            Some(flow) => self.take(token, flow),
            None => {
                let zh = format!("“{}”的条件都不成立，又没有默认流向", definition.name_of(node));
                self.incident(
                    token.id,
                    node,
                    IncidentKind::Condition,
                    node.to_owned(),
                    zh,
                    format!("No condition of {node} is true and it has no default"),
                );
                Ok(())
            }
        }
    }
    fn take(&mut self, token: &Token, flow: &str) -> Run {
        let token = Token { at: Place::Flow(flow.to_owned()), ..token.clone() };
        self.emit(Event::TokenPlaced { token });
        Ok(())
    }

    fn topic(&mut self, token: &Token, node: &str, topic: &str) -> Run {
        self.calls += 1;
        let (need, topic) = (Need::Topic { ordinal: self.calls, node: node.to_owned(), topic: topic.to_owned() }, topic.to_owned());
        match self.need(need)? {
            Answer::Failed { code, zh, en } => {
                let about = format!("{topic}: {code}");
                self.incident(token.id, node, IncidentKind::Topic, about, zh.clone(), en.clone());
                Ok(())
            }
            answer => {
                self.emit(Event::TopicRan { node: node.to_owned(), topic });
                if let Answer::Done(vars @ Value::Object(_)) = answer {
                    self.emit(Event::VarsSet { vars: vars.clone() });
                }
                self.leave(token, node)
            }
        }
    }

    fn rule(&mut self, token: &Token, node: &str, point: &str, result: &str) -> Run {
        self.calls += 1;
        let vars = self.state.vars.clone();
        match self.need(Need::Rule { ordinal: self.calls, node: node.to_owned(), point: point.to_owned(), vars })? {
            Answer::Done(value) => {
                self.emit(Event::RuleAsked { node: node.to_owned(), point: point.to_owned() });
                self.emit(Event::VarsSet { vars: serde_json::json!({ result: value }) });
                self.leave(token, node)
            }
            Answer::Failed { code, zh, en } => {
                let about = format!("{point}: {code}");
                self.incident(token.id, node, IncidentKind::Rule, about, zh.clone(), en.clone());
                Ok(())
            }
            _ => Err(WorkflowError::Conflict.into()),
        }
    }

    pub fn incident(&mut self, token: u64, node: &str, kind: IncidentKind, about: String, zh: String, en: String) {
        let incident = Incident { id: self.state.next, token, node: node.to_owned(), kind, about, zh, en, at: self.at() };
        self.emit(Event::IncidentOpened { incident });
    }

    pub fn execute(&mut self) -> Run {
        match &self.command.verb {
            Verb::Start { applicant, area_path, vars } => return self.start(*applicant, area_path, vars),
            Verb::Resume | Verb::Terminate { .. } | Verb::Resubmit { .. } => {}
            _ if self.state.state == InstanceState::Suspended => return Err(WorkflowError::Suspended.into()),
            _ => {}
        }
        if self.state.state == InstanceState::New {
            return Err(WorkflowError::NotFound.into());
        }
        self.verb()
    }
}

enum Move {
    Enter(Token, String),
    Fire(String),
}

/// The forks that all of them are in.
fn common<'b>(mut all: impl Iterator<Item = &'b [Branch]>) -> Vec<Branch> {
    let Some(first) = all.next() else { return Vec::new() };
    let shared = all.fold(first.len(), |n, other| first.iter().zip(other).take(n).take_while(|(a, b)| a == b).count());
    first[..shared].to_vec()
}
