//! Plays the drawing through every marking (bounded) and finds where it would stand still for ever (workflow.md §5.1).
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Definition, Diagnostic, NodeKind};

/// Tokens by the flow that they stand on, and open user tasks by node.
type Marking = BTreeMap<Place, u32>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Flow(usize),
    Open(usize),
}

const MARKINGS_MAX: usize = 20_000;

pub(super) fn soundness(d: &Definition, faults: &mut Vec<Diagnostic>) {
    let first: Marking = d.nodes[d.start].outgoing.iter().map(|f| (Place::Flow(*f), 1)).collect();
    let mut seen = BTreeSet::from([first.clone()]);
    let mut open = VecDeque::from([first]);
    let (mut reached, mut told) = (BTreeSet::from([d.start]), BTreeSet::new());
    while let Some(marking) = open.pop_front() {
        let next = steps(d, &marking, &mut reached);
        if next.is_empty() && !marking.is_empty() {
            // nothing can move: every token waits in a join whose other way never brings one
            for place in marking.keys() {
                if let Place::Flow(flow) = place
                    && told.insert(d.flows[*flow].target)
                {
                    let join = &d.nodes[d.flows[*flow].target];
                    let empty = join.incoming.iter().find(|f| !marking.contains_key(&Place::Flow(**f))).map(|f| &d.nodes[d.flows[*f].source].name);
                    let from = empty.map_or("", String::as_str);
                    faults.push(Diagnostic::error(
                        "bpmn.stuck_join",
                        &join.id,
                        format!("并行汇聚“{}”永远等不到从“{from}”来的线", join.name),
                        format!("The join {} waits for ever for the flow from {from}", join.id),
                    ));
                }
            }
        }
        for marking in next {
            if let Some((Place::Flow(flow), _)) = marking.iter().find(|(_, n)| **n > 1) {
                let node = &d.nodes[d.flows[*flow].target];
                if told.insert(d.flows[*flow].target) {
                    faults.push(Diagnostic::error(
                        "bpmn.two_tokens",
                        &node.id,
                        format!("同一条线会两次到达“{}”，并行的分支须先汇聚", node.name),
                        format!("{} is reached twice over one flow: join the branches first", node.id),
                    ));
                }
                continue;
            }
            if seen.len() >= MARKINGS_MAX {
                faults.push(Diagnostic::error("bpmn.too_complex", &d.key, "流程分支过多，无法验证", "The process has too many branches to be verified"));
                return;
            }
            if seen.insert(marking.clone()) {
                open.push_back(marking);
            }
        }
    }
    for (i, node) in d.nodes.iter().enumerate() {
        let boundary_of_reached = matches!(node.kind, NodeKind::Boundary { host, .. } if reached.contains(&host));
        if !reached.contains(&i) && !boundary_of_reached && told.is_empty() {
            faults.push(Diagnostic::error("bpmn.unreachable", &node.id, format!("“{}”永远到不了", node.name), format!("{} is never reached", node.id)));
        }
    }
}

fn steps(d: &Definition, marking: &Marking, reached: &mut BTreeSet<usize>) -> Vec<Marking> {
    let mut next = Vec::new();
    let minus = |m: &mut Marking, place: Place| {
        if let Some(n) = m.get_mut(&place) {
            *n -= 1;
            if *n == 0 {
                m.remove(&place);
            }
        }
    };
    let plus = |m: &mut Marking, flows: &[usize]| flows.iter().for_each(|f| *m.entry(Place::Flow(*f)).or_default() += 1);
    for place in marking.keys() {
        let mut after = marking.clone();
        match *place {
            Place::Open(task) => {
                minus(&mut after, *place);
                plus(&mut after, &d.nodes[task].outgoing);
                next.push(after);
                for (boundary, _, interrupting) in d.boundaries(task) {
                    reached.insert(boundary);
                    let mut fired = marking.clone();
                    if interrupting {
                        minus(&mut fired, *place);
                        plus(&mut fired, &d.nodes[boundary].outgoing);
                        next.push(fired);
                    } else {
                        // its own path must end by itself; played apart so that markings stay few
                        next.push(d.nodes[boundary].outgoing.iter().map(|f| (Place::Flow(*f), 1)).collect());
                    }
                }
            }
            Place::Flow(flow) => {
                let target = d.flows[flow].target;
                let node = &d.nodes[target];
                if matches!(node.kind, NodeKind::Parallel) && !node.incoming.iter().all(|f| marking.contains_key(&Place::Flow(*f))) {
                    continue;
                }
                reached.insert(target);
                match &node.kind {
                    NodeKind::Parallel => {
                        node.incoming.iter().for_each(|f| minus(&mut after, Place::Flow(*f)));
                        plus(&mut after, &node.outgoing);
                        next.push(after);
                    }
                    NodeKind::End { terminate: true } => next.push(Marking::new()),
                    NodeKind::Exclusive { .. } => {
                        minus(&mut after, *place);
                        for out in &node.outgoing {
                            let mut one = after.clone();
                            plus(&mut one, &[*out]);
                            next.push(one);
                        }
                    }
                    NodeKind::User(_) => {
                        minus(&mut after, *place);
                        *after.entry(Place::Open(target)).or_default() += 1;
                        next.push(after);
                    }
                    NodeKind::End { .. } | NodeKind::Service { .. } | NodeKind::Rule { .. } | NodeKind::Start { .. } | NodeKind::Boundary { .. } => {
                        minus(&mut after, *place);
                        plus(&mut after, &node.outgoing);
                        next.push(after);
                    }
                }
            }
        }
    }
    next
}
