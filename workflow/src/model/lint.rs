//! Rules on the shape of a diagram: each finding names its element.
use std::collections::HashSet;

use super::{Definition, Diagnostic, Node, NodeKind};

pub(super) fn lint(definition: &Definition, found: &mut Vec<Diagnostic>) {
    if !definition.nodes.values().any(|n| matches!(n.kind, NodeKind::End { .. })) {
        let key = &definition.key;
        found.push(Diagnostic::error("workflow.no_end", key, "流程没有结束节点", "The process has no end event"));
    }
    for node in definition.nodes.values() {
        ends(definition, node, found);
        flows(definition, node, found);
    }
    unreachable(definition, found);
}

fn ends(definition: &Definition, node: &Node, found: &mut Vec<Diagnostic>) {
    let (id, name) = (&node.id, definition.name_of(&node.id));
    let mut error = |rule: &str, zh: String, en: String| found.push(Diagnostic::error(rule, id, zh, en));
    match &node.kind {
        NodeKind::End { .. } if !node.outgoing.is_empty() => {
            error("workflow.end_continues", format!("结束节点“{name}”之后不能再有流向"), format!("A flow leaves the end event {id}"));
        }
        NodeKind::Start(_) | NodeKind::Boundary(_) if !node.incoming.is_empty() => {
            error("workflow.start_entered", format!("流向不能进入“{name}”"), format!("A flow enters {id}"));
        }
        _ => {}
    }
    if !matches!(node.kind, NodeKind::End { .. }) && node.outgoing.is_empty() {
        error("workflow.dead_end", format!("“{name}”没有通向下一步的流向"), format!("No flow leaves {id}"));
    }
    if let NodeKind::Boundary(boundary) = &node.kind
        && definition.user_task(&boundary.host).is_none()
    {
        error(
            "workflow.boundary_host",
            format!("边界定时“{name}”须附着在审批节点上"),
            format!("The boundary timer {id} is not attached to a user task"),
        );
    }
}

fn flows(definition: &Definition, node: &Node, found: &mut Vec<Diagnostic>) {
    let name = definition.name_of(&node.id);
    let outgoing = || node.outgoing.iter().filter_map(|f| definition.flows.get(f));
    let NodeKind::Exclusive { default } = &node.kind else {
        for flow in outgoing().filter(|f| f.condition.is_some()) {
            let zh = format!("流向“{}”从“{name}”出发，不能带条件，请用排他网关", flow.id);
            found.push(Diagnostic::error(
                "workflow.condition_place",
                &flow.id,
                zh,
                format!("{}: only flows of an exclusive gateway have conditions", flow.id),
            ));
        }
        let task = matches!(node.kind, NodeKind::User(_) | NodeKind::Service { .. } | NodeKind::Rule { .. } | NodeKind::Start(_));
        if task && node.outgoing.len() > 1 {
            let zh = format!("“{name}”有多条流向，将同时走每一条；建议改用并行网关");
            found.push(Diagnostic::warning(
                "workflow.implicit_split",
                &node.id,
                zh,
                format!("{} splits without a gateway: all flows are taken", node.id),
            ));
        }
        return;
    };
    if node.outgoing.len() < 2 {
        return;
    }
    for flow in outgoing() {
        let is_default = default.as_deref() == Some(&flow.id);
        if flow.condition.is_none() && !is_default {
            let zh = format!("网关“{name}”的流向“{}”既无条件也不是默认流向", flow.id);
            found.push(Diagnostic::error(
                "workflow.condition_missing",
                &flow.id,
                zh,
                format!("{}: neither a condition nor the default flow", flow.id),
            ));
        }
    }
    if default.is_none() {
        let zh = format!("排他网关“{name}”须有默认流向，否则条件都不成立时流程会停住");
        found.push(Diagnostic::error(
            "workflow.no_default",
            &node.id,
            zh,
            format!("The exclusive gateway {} needs a default flow", node.id),
        ));
    }
}

fn unreachable(definition: &Definition, found: &mut Vec<Diagnostic>) {
    let mut seen: HashSet<&str> = HashSet::new();
    let mut open = vec![definition.start.as_str()];
    while let Some(id) = open.pop() {
        let Some(node) = definition.nodes.get(id).filter(|n| seen.insert(&n.id)) else { continue };
        open.extend(node.outgoing.iter().filter_map(|f| definition.flows.get(f)).map(|f| f.to.as_str()));
        open.extend(definition.boundaries(&node.id).map(|(id, _)| id));
    }
    for node in definition.nodes.values().filter(|n| !seen.contains(n.id.as_str())) {
        let name = definition.name_of(&node.id);
        found.push(Diagnostic::error(
            "workflow.unreachable",
            &node.id,
            format!("从开始节点走不到“{name}”"),
            format!("{} cannot be reached from the start", node.id),
        ));
    }
}
