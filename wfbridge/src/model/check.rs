//! What the drawing must have before it is played.
use super::{Definition, Diagnostic, NodeKind};

pub(super) fn structure(d: &Definition, faults: &mut Vec<Diagnostic>) {
    if !d.nodes.iter().any(|n| matches!(n.kind, NodeKind::End { .. })) {
        faults.push(Diagnostic::error("bpmn.no_end", &d.key, "流程没有结束事件", "The process has no end event"));
    }
    for node in &d.nodes {
        let mut fault = |rule: &str, zh: String, en: String| faults.push(Diagnostic::error(rule, &node.id, zh, en));
        let (name, id) = (&node.name, &node.id);
        let (needs_in, needs_out) = match node.kind {
            NodeKind::Start { .. } | NodeKind::Boundary { .. } => (false, true),
            NodeKind::End { .. } => (true, false),
            NodeKind::User(_) | NodeKind::Service { .. } | NodeKind::Rule { .. } | NodeKind::Exclusive { .. } | NodeKind::Parallel => (true, true),
        };
        if needs_in && node.incoming.is_empty() {
            fault("bpmn.unreachable", format!("“{name}”没有进入的连线，永远到不了"), format!("{id} has no incoming flow"));
        }
        if !needs_in && !node.incoming.is_empty() {
            fault("bpmn.into_start", format!("“{name}”不能有进入的连线"), format!("{id} may have no incoming flow"));
        }
        if needs_out && node.outgoing.is_empty() {
            fault("bpmn.dead_end", format!("“{name}”之后没有连线，办到这里就停住了"), format!("{id} has no outgoing flow"));
        }
        if !needs_out && !node.outgoing.is_empty() {
            fault("bpmn.after_end", format!("“{name}”之后不能再有连线"), format!("{id} may have no outgoing flow"));
        }
        let splits = matches!(node.kind, NodeKind::Exclusive { .. } | NodeKind::Parallel);
        if !splits && node.outgoing.len() > 1 {
            fault("bpmn.implicit_split", format!("“{name}”之后有多条连线，请用网关说明是并行还是二选一"), format!("{id}: use a gateway to split"));
        }
        if let NodeKind::Exclusive { default } = node.kind
            && node.outgoing.len() > 1
        {
            for &flow in &node.outgoing {
                if Some(flow) != default && d.flows[flow].condition.is_none() {
                    let flow = &d.flows[flow].id;
                    fault("bpmn.no_condition", format!("“{name}”之后的连线“{flow}”既无条件也不是缺省连线"), format!("{id}: {flow} has no condition and is not the default"));
                }
            }
        }
    }
}
