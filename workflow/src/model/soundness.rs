//! Soundness: every resting marking of the definition is looked at, and from each of them an end must be reachable.
//!
//! The engine runs until it rests, so a marking here holds tokens at user tasks and before joins only. A non-interrupting
//! timer fires at most once an activation.
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use super::{Definition, Diagnostic, NodeKind};

const MAX_MARKINGS: usize = 20_000;
const MAX_TOKENS: u8 = 8;

/// Tokens by place: a flow (before its target), or a user task with the timers that fired in this activation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Marking(BTreeMap<Place, u8>);

#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Place {
    Flow(String),
    Task(String, BTreeSet<String>),
}

impl Marking {
    fn add(&mut self, place: Place) {
        let n = self.0.entry(place).or_insert(0);
        *n = n.saturating_add(1);
    }
    fn take(&mut self, place: &Place) {
        if let Some(n) = self.0.get_mut(place) {
            *n -= 1;
            if *n == 0 {
                self.0.remove(place);
            }
        }
    }
    fn has(&self, flow: &str) -> bool {
        self.0.contains_key(&Place::Flow(flow.to_owned()))
    }
}

struct Explorer<'a> {
    definition: &'a Definition,
    seen: HashMap<Marking, usize>,
    /// Where each marking came from, and by which element.
    from: Vec<Option<(usize, String)>>,
    next: Vec<Vec<usize>>,
    markings: Vec<Marking>,
    visited: HashSet<String>,
    endless: BTreeSet<String>,
    full: bool,
}

/// All findings on how tokens can move: joins that never fire, surplus tokens, cases that can never end.
pub fn explore(definition: &Definition) -> Vec<Diagnostic> {
    let mut explorer = Explorer {
        definition,
        seen: HashMap::new(),
        from: Vec::new(),
        next: Vec::new(),
        markings: Vec::new(),
        visited: HashSet::new(),
        endless: BTreeSet::new(),
        full: false,
    };
    explorer.run();
    explorer.findings()
}

impl Explorer<'_> {
    fn run(&mut self) {
        let mut queue = VecDeque::new();
        let mut first = Marking::default();
        self.emit(&mut first, &self.definition.start.clone());
        for resting in self.settle(first) {
            self.note(resting, None, &mut queue);
        }
        while let Some(index) = queue.pop_front() {
            for (label, moved) in self.moves(&self.markings[index].clone()) {
                for resting in self.settle(moved) {
                    if self.markings.len() >= MAX_MARKINGS {
                        self.full = true;
                        return;
                    }
                    self.note(resting, Some((index, label.clone())), &mut queue);
                }
            }
        }
    }
    fn note(&mut self, marking: Marking, from: Option<(usize, String)>, queue: &mut VecDeque<usize>) {
        let origin = from.as_ref().map(|(i, _)| *i);
        let index = match self.seen.get(&marking) {
            Some(index) => *index,
            None => {
                let index = self.markings.len();
                // A place that fills without bound is reported by its marking; there is no sense in going on from it.
                if marking.0.values().all(|n| *n < MAX_TOKENS) {
                    queue.push_back(index);
                }
                self.seen.insert(marking.clone(), index);
                self.markings.push(marking);
                self.from.push(from);
                self.next.push(Vec::new());
                index
            }
        };
        if let Some(origin) = origin {
            self.next[origin].push(index);
        }
    }
    fn emit(&mut self, marking: &mut Marking, node: &str) {
        self.visited.insert(node.to_owned());
        if let Some(node) = self.definition.nodes.get(node) {
            for flow in &node.outgoing {
                marking.add(Place::Flow(flow.clone()));
            }
        }
    }
    /// What people and clocks can do in a resting marking.
    fn moves(&mut self, marking: &Marking) -> Vec<(String, Marking)> {
        let mut all = Vec::new();
        for place in marking.0.keys() {
            let Place::Task(task, fired) = place else { continue };
            let mut passed = marking.clone();
            passed.take(place);
            let left = passed.clone();
            self.emit(&mut passed, task);
            all.push((task.clone(), passed));
            for (id, boundary) in self.definition.boundaries(task) {
                if fired.contains(id) {
                    continue;
                }
                let mut after = left.clone();
                if !boundary.interrupting {
                    let mut fired = fired.clone();
                    fired.insert(id.to_owned());
                    after.add(Place::Task(task.clone(), fired));
                }
                self.visited.insert(id.to_owned());
                for flow in self.definition.nodes.get(id).iter().flat_map(|n| &n.outgoing) {
                    after.add(Place::Flow(flow.clone()));
                }
                all.push((id.to_owned(), after));
            }
        }
        all
    }
    /// Runs the automatic nodes; an exclusive gateway makes one result for each of its flows.
    fn settle(&mut self, marking: Marking) -> Vec<Marking> {
        let (mut open, mut seen, mut resting) = (vec![marking], HashSet::new(), Vec::new());
        while let Some(mut marking) = open.pop() {
            if !seen.insert(marking.clone()) || seen.len() > MAX_MARKINGS {
                continue;
            }
            let Some((flow, target)) = self.ready(&marking) else {
                resting.push(marking);
                continue;
            };
            if marking.0.values().any(|n| *n >= MAX_TOKENS) {
                self.endless.insert(target.clone());
                continue;
            }
            let definition = self.definition;
            let Some(node) = definition.nodes.get(&target) else { continue };
            let place = Place::Flow(flow);
            match &node.kind {
                NodeKind::Parallel => {
                    for flow in &node.incoming {
                        marking.take(&Place::Flow(flow.clone()));
                    }
                    self.emit(&mut marking, &target);
                }
                NodeKind::Exclusive { .. } => {
                    self.visited.insert(target);
                    marking.take(&place);
                    for flow in &node.outgoing {
                        let mut chosen = marking.clone();
                        chosen.add(Place::Flow(flow.clone()));
                        open.push(chosen);
                    }
                    continue;
                }
                NodeKind::User(_) => {
                    marking.take(&place);
                    self.visited.insert(target.clone());
                    marking.add(Place::Task(target, BTreeSet::new()));
                }
                NodeKind::End { terminate } => {
                    self.visited.insert(target);
                    if *terminate {
                        marking = Marking::default();
                    } else {
                        marking.take(&place);
                    }
                }
                NodeKind::Service { .. } | NodeKind::Rule { .. } | NodeKind::Start(_) | NodeKind::Boundary(_) => {
                    marking.take(&place);
                    self.emit(&mut marking, &target);
                }
            }
            open.push(marking);
        }
        resting
    }
    /// A flow whose token can move on: not one that waits before a join.
    fn ready(&self, marking: &Marking) -> Option<(String, String)> {
        marking.0.keys().find_map(|place| {
            let Place::Flow(flow) = place else { return None };
            let target = self.definition.nodes.get(&self.definition.flows.get(flow)?.to)?;
            let waits = matches!(target.kind, NodeKind::Parallel) && !target.incoming.iter().all(|f| marking.has(f));
            (!waits).then(|| (flow.clone(), target.id.clone()))
        })
    }
    fn path(&self, mut index: usize) -> Vec<String> {
        let mut path = Vec::new();
        while let Some((before, label)) = &self.from[index] {
            path.push(label.clone());
            index = *before;
        }
        path.reverse();
        path
    }

    fn findings(self) -> Vec<Diagnostic> {
        let d = self.definition;
        let mut found = Vec::new();
        let mut told = HashSet::new();
        for (index, marking) in self.markings.iter().enumerate() {
            let waiting = marking.0.iter().filter_map(|(place, n)| match place {
                Place::Flow(flow) => d.flows.get(flow).map(|f| (f, *n)),
                Place::Task(..) => None,
            });
            for (flow, n) in waiting {
                if n > 1 && told.insert(("surplus", flow.to.clone())) {
                    let (name, from) = (d.name_of(&flow.to), d.name_of(&flow.from));
                    let zh = format!("并行汇聚“{name}”会从“{from}”收到两次，却等不到其他分支");
                    let en = format!("The join {} can get two tokens on the flow {}", flow.to, flow.id);
                    found.push(Diagnostic::error("workflow.join_surplus", &flow.to, zh, en).along(self.path(index)));
                }
            }
            let stuck = !marking.0.is_empty() && marking.0.keys().all(|p| matches!(p, Place::Flow(_)));
            if stuck {
                self.stuck(index, marking, &mut told, &mut found);
            }
            if let Some((Place::Task(task, _), _)) = marking.0.iter().find(|(_, n)| **n >= MAX_TOKENS)
                && told.insert(("unbounded", task.clone()))
            {
                let zh = format!("“{}”会不断被重复触发", d.name_of(task));
                found.push(
                    Diagnostic::error("workflow.unbounded", task, zh, format!("{task} can be entered again and again at once"))
                        .along(self.path(index)),
                );
            }
        }
        for node in &self.endless {
            let zh = format!("“{}”所在的环没有人工节点，会无限循环", d.name_of(node));
            found.push(Diagnostic::error(
                "workflow.endless_loop",
                node,
                zh,
                format!("{node} lies on a loop that makes tokens without end"),
            ));
        }
        if self.full {
            let en = "The process has more than 20,000 markings and was not checked whole";
            found.push(Diagnostic::warning("workflow.too_many_markings", &d.key, "流程状态过多，未能全部检查", en));
            return found;
        }
        if found.is_empty() {
            self.never_ends(&mut found);
        }
        if found.is_empty() {
            for node in d.nodes.keys().filter(|id| **id != d.start && !self.visited.contains(*id)) {
                let zh = format!("“{}”永远不会执行", d.name_of(node));
                found.push(Diagnostic::error("workflow.never_runs", node, zh, format!("{node} can never run")));
            }
        }
        found
    }
    fn stuck(&self, index: usize, marking: &Marking, told: &mut HashSet<(&'static str, String)>, found: &mut Vec<Diagnostic>) {
        let d = self.definition;
        for place in marking.0.keys() {
            let Place::Flow(flow) = place else { continue };
            let Some(join) = d.flows.get(flow).and_then(|f| d.nodes.get(&f.to)) else { continue };
            if !told.insert(("stuck", join.id.clone())) {
                continue;
            }
            let missing: Vec<&str> =
                join.incoming.iter().filter(|f| !marking.has(f)).filter_map(|f| d.flows.get(f)).map(|f| d.name_of(&f.from)).collect();
            let (name, missing) = (d.name_of(&join.id), missing.join("、"));
            let zh = format!("并行汇聚“{name}”永远等不到“{missing}”");
            let en = format!("The join {} can wait for ever for {missing}", join.id);
            found.push(Diagnostic::error("workflow.join_never_fires", &join.id, zh, en).along(self.path(index)));
        }
    }
    /// Markings from which no end can be reached although none of them is stuck: a loop without a way out.
    fn never_ends(&self, found: &mut Vec<Diagnostic>) {
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); self.markings.len()];
        for (from, all) in self.next.iter().enumerate() {
            for to in all {
                back[*to].push(from);
            }
        }
        let mut ends: Vec<bool> = self.markings.iter().map(|m| m.0.is_empty()).collect();
        let mut open: Vec<usize> = (0..ends.len()).filter(|i| ends[*i]).collect();
        while let Some(index) = open.pop() {
            for before in &back[index] {
                if !ends[*before] {
                    ends[*before] = true;
                    open.push(*before);
                }
            }
        }
        let trapped = (0..ends.len()).find(|i| !ends[*i]);
        let d = self.definition;
        let (element, path) = match trapped {
            Some(index) => {
                let task = self.markings[index].0.keys().find_map(|p| match p {
                    Place::Task(task, _) => Some(task.clone()),
                    Place::Flow(_) => None,
                });
                (task.unwrap_or_else(|| d.start.clone()), self.path(index))
            }
            // Nothing ever rests: the automatic nodes go round.
            None if self.markings.is_empty() => (d.start.clone(), Vec::new()),
            None => return,
        };
        let zh = format!("从“{}”起流程永远不能结束", d.name_of(&element));
        found.push(Diagnostic::error("workflow.never_ends", &element, zh, format!("From {element} on no end can be reached")).along(path));
    }
}
