//! A case under test: a definition, a state, and everything that the outside would answer.
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    core::{
        Activation, Actor, Answer, Command, Effect, Event, Instance, InstanceState, Need, Resolved, ResubmitMode, Seat, SeatState,
        StepOutcome, Transition, Verb, WorkflowError, replay, step,
    },
    model::{Definition, compile},
};

pub const DAY: i64 = 86_400_000_000;
/// Monday 2026-11-02 10:00 in Beijing.
pub const MONDAY: i64 = 1_793_584_800_000_000;

pub fn person(n: u128) -> Uuid {
    Uuid::from_u128(n)
}
pub const APPLICANT: u128 = 99;

/// A model from lines such as `user a pool`, `flow f1 start a`, with a condition after the ends of a flow.
pub fn model(lines: &str) -> String {
    let mut body = String::new();
    for line in lines.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let mut words = line.split_whitespace();
        let (kind, id) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let rest: Vec<&str> = words.collect();
        body += &match kind {
            "start" => format!(r#"<startEvent id="{id}"/>"#),
            "end" => format!(r#"<endEvent id="{id}"/>"#),
            "terminate" => format!(r#"<endEvent id="{id}"><terminateEventDefinition/></endEvent>"#),
            "user" => format!(r#"<userTask id="{id}" name="{id}" linli:poolRole="fund_clerk" {}/>"#, rest.join(" ")),
            "parallel" => format!(r#"<parallelGateway id="{id}" name="{id}"/>"#),
            "exclusive" => format!(r#"<exclusiveGateway id="{id}" name="{id}" {}/>"#, rest.join(" ")),
            "service" => format!(r#"<serviceTask id="{id}" linli:topic="fund.use.{id}"/>"#),
            "rule" => format!(r#"<businessRuleTask id="{id}" linli:point="use.advance"/>"#),
            "timer" => format!(
                r#"<boundaryEvent id="{id}" attachedToRef="{}" cancelActivity="{}"><timerEventDefinition linli:unit="working_day"><timeDuration>P{}D</timeDuration></timerEventDefinition></boundaryEvent>"#,
                rest[0],
                rest[1] == "interrupting",
                rest[2]
            ),
            "flow" => {
                let condition = rest[2..].join(" ").replace('<', "&lt;");
                let condition =
                    if condition.is_empty() { String::new() } else { format!("<conditionExpression>{condition}</conditionExpression>") };
                format!(r#"<sequenceFlow id="{id}" sourceRef="{}" targetRef="{}">{condition}</sequenceFlow>"#, rest[0], rest[1])
            }
            other => panic!("{other}"),
        };
    }
    format!(
        r#"<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:linli="https://linli.cn/bpmn" xmlns:flowable="http://flowable.org/bpmn"><process id="p" name="p" linli:limitDays="20">{body}</process></definitions>"#
    )
}

/// L = linear A→B→C.
pub const LINE: &str = "start s\nuser a\nuser b\nuser c\nend e\nflow f1 s a\nflow f2 a b\nflow f3 b c\nflow f4 c e";
/// P = fork(A,B)→join→C.
pub const FORK: &str = "start s\nparallel fork\nuser a\nuser b\nparallel join\nuser c\nend e\nflow f1 s fork\nflow f2 fork a\nflow f3 fork b\nflow f4 a join\nflow f5 b join\nflow f6 join c\nflow f7 c e";

pub struct Case {
    pub definition: Definition,
    pub state: Instance,
    pub log: Vec<Vec<Event>>,
    pub now: i64,
    pub resolved: Resolved,
    /// Who holds the role when all are asked.
    pub people: Vec<Uuid>,
    /// Topics that fail.
    pub failing: Vec<String>,
    pub ran: Vec<String>,
    pub rule: Value,
    pub effects: Vec<Effect>,
    /// The last year whose calendar is known.
    pub last_year: i32,
    pub commands: u128,
}

impl Case {
    pub fn new(lines: &str) -> Case {
        Case {
            definition: compile(model(lines).as_bytes()).unwrap_or_else(|e| panic!("{e:?}")),
            state: Instance::new(Uuid::from_u128(1)),
            log: Vec::new(),
            now: MONDAY,
            resolved: Resolved { target_in_pool: true, ..Resolved::member() },
            people: (1..=3).map(person).collect(),
            failing: Vec::new(),
            ran: Vec::new(),
            rule: json!(null),
            effects: Vec::new(),
            last_year: 2026,
            commands: 0,
        }
    }
    pub fn started(lines: &str) -> Case {
        Case::started_with(lines, json!({}))
    }
    pub fn started_with(lines: &str, vars: Value) -> Case {
        let mut case = Case::new(lines);
        let verb = Verb::Start { applicant: person(APPLICANT), area_path: "37/3799/379901/379901001/379901001001/".into(), vars };
        case.run(Actor::person(person(APPLICANT)), verb).expect("starts");
        case
    }
    fn answer(&mut self, need: &Need) -> Answer {
        match need {
            Need::DueAfter { from, days } => calendar::due(*from, *days, self.last_year),
            Need::DaysBetween { from, to } => calendar::between(*from, *to),
            Need::Candidates { .. } => Answer::People(self.people.clone()),
            Need::Topic { topic, .. } if self.failing.contains(topic) => {
                Answer::Failed { code: "x.y".into(), zh: "失败".into(), en: "failed".into() }
            }
            Need::Topic { topic, .. } => {
                self.ran.push(topic.clone());
                Answer::Done(Value::Null)
            }
            Need::Rule { .. } => Answer::Done(self.rule.clone()),
        }
    }
    /// Steps until it is done; checks the invariants W2 and W5.
    pub fn run(&mut self, actor: Actor, verb: Verb) -> Result<Transition, WorkflowError> {
        self.commands += 1;
        self.now += 1_000_000;
        let command = Command { id: Uuid::from_u128(self.commands), actor, at: self.now, verb };
        let mut resolved = self.resolved.clone();
        let done = loop {
            match step(&self.definition, &self.state, &command, &resolved)? {
                StepOutcome::Done(done) => break *done,
                StepOutcome::Needs(needs) => {
                    for need in needs {
                        let answer = self.answer(&need);
                        resolved.answer(&need, answer);
                    }
                }
            }
        };
        self.state = done.instance.clone();
        self.log.push(done.events.clone());
        self.effects = done.effects.clone();
        let again = replay(self.state.id, self.log.iter().map(Vec::as_slice));
        assert_eq!(again, self.state, "the events replay to the state");
        let json = serde_json::to_string(&self.state).expect("serialises");
        assert_eq!(serde_json::from_str::<Instance>(&json).expect("reads"), self.state, "the marking survives JSON");
        if self.state.state.is_ended() {
            assert_eq!(
                (self.state.open_seats().count(), self.state.tokens.len(), self.state.timers.len()),
                (0, 0, 0),
                "nothing is left in an ended instance"
            );
        }
        Ok(done)
    }
    pub fn open(&self) -> Vec<&str> {
        self.state.open_activations().map(|a| a.node.as_str()).collect()
    }
    pub fn activation(&self, node: &str) -> &Activation {
        self.state.open_activations().find(|a| a.node == node).unwrap_or_else(|| panic!("{node} is not open: {:?}", self.open()))
    }
    pub fn seats(&self, node: &str) -> Vec<Seat> {
        self.activation(node).seats.iter().filter(|s| s.state == SeatState::Open).cloned().collect()
    }
    pub fn seat(&self, node: &str) -> Uuid {
        self.seats(node).first().unwrap_or_else(|| panic!("{node} has no open seat")).id
    }
    pub fn by(&mut self, n: u128, verb: Verb) -> Result<Transition, WorkflowError> {
        self.run(Actor::person(person(n)), verb)
    }
    /// The open seat of a node, claimed by a person if it is a pool's.
    pub fn claimed(&mut self, node: &str, n: u128) -> Uuid {
        let seat = self.seat(node);
        if self.state.seat(seat).is_some_and(|(_, s)| s.assignee.is_none()) {
            self.by(n, Verb::Claim { seat }).expect("claims");
        }
        seat
    }
    pub fn approve(&mut self, node: &str) -> Transition {
        let seat = self.claimed(node, 1);
        self.by(1, Verb::Approve { seat, opinion: Some("同意".into()), form: None }).expect("approves")
    }
    pub fn back(&mut self, node: &str, to: &str, mode: ResubmitMode) -> Result<Transition, WorkflowError> {
        let seat = self.claimed(node, 1);
        self.by(1, Verb::Return { seat, to: to.into(), mode, opinion: Some("请补正".into()) })
    }
    pub fn resubmit(&mut self) -> Transition {
        self.by(APPLICANT, Verb::Resubmit { vars: json!({}) }).expect("resubmits")
    }
    pub fn withdraw(&mut self) -> Result<Transition, WorkflowError> {
        self.by(APPLICANT, Verb::Withdraw)
    }
    pub fn is(&self, state: InstanceState) {
        assert_eq!(self.state.state, state);
    }
    /// How often a node was entered, in order of its rounds.
    pub fn rounds(&self, node: &str) -> Vec<u32> {
        self.state.activations.iter().filter(|a| a.node == node).map(|a| a.round).collect()
    }
    pub fn fire(&mut self) -> Result<Transition, WorkflowError> {
        let timer = self.state.timers.first().expect("a timer").clone();
        self.now = self.now.max(timer.due_at);
        self.run(Actor::SYSTEM, Verb::Fire { timer: timer.id })
    }
}

/// Monday to Friday, with one holiday and one make-up day; days end at 18:00 in Beijing.
pub mod calendar {
    use super::*;
    use time::{Date, Duration, OffsetDateTime, UtcOffset, Weekday, macros::date};

    const ZONE: i64 = 8 * 3_600_000_000;
    fn day(at: i64) -> Date {
        let zone = UtcOffset::from_hms(8, 0, 0).expect("a zone");
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000).expect("in range").to_offset(zone).date()
    }
    fn works(day: Date) -> bool {
        match day {
            d if d == date!(2026 - 11 - 16) => false,
            d if d == date!(2026 - 11 - 15) => true,
            d => !matches!(d.weekday(), Weekday::Saturday | Weekday::Sunday),
        }
    }
    pub fn close_of(day: Date) -> i64 {
        day.midnight().assume_utc().unix_timestamp() * 1_000_000 - ZONE + 18 * 3_600_000_000
    }
    pub fn due(from: i64, days: u32, last_year: i32) -> Answer {
        let (mut at, mut left) = (day(from), days);
        while left > 0 {
            at += Duration::DAY;
            if at.year() > last_year {
                return Answer::YearMissing(at.year());
            }
            left -= u32::from(works(at));
        }
        Answer::Instant(close_of(at))
    }
    pub fn between(from: i64, to: i64) -> Answer {
        let (mut at, mut n) = (day(from), 0);
        while at < day(to) {
            at += Duration::DAY;
            n += u32::from(works(at));
        }
        Answer::Days(n)
    }
}
