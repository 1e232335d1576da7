//! Reading the XML.
use roxmltree::{Document, Node as Xml, ParsingOptions};

use super::{Definition, Diagnostic, Flow, LINLI, Node, NodeKind, Org, Policy, UserTask, check, explore};
use crate::feel;

const BPMN: &str = "http://www.omg.org/spec/BPMN/20100524/MODEL";
/// 5 MiB (reliability.md 2(e)).
pub const XML_MAX: usize = 5 << 20;
const NODES_MAX: u32 = 20_000;
const DEPTH_MAX: usize = 64;
const WORKING_DAYS_MAX: u32 = 400;

/// Compiles the only executable process of a file; all faults at once.
pub fn compile(xml: &str) -> Result<Definition, Vec<Diagnostic>> {
    let whole = |rule: &str, zh: &str, en: &str| vec![Diagnostic::error(rule, "", zh, en)];
    if xml.len() > XML_MAX {
        return Err(whole("xml.too_large", "流程文件超过 5 MB", "The file is larger than 5 MB"));
    }
    if xml.as_bytes().windows(9).any(|w| w.eq_ignore_ascii_case(b"<!DOCTYPE")) {
        return Err(whole("xml.doctype", "流程文件不得含 DOCTYPE 声明", "A DOCTYPE is not allowed"));
    }
    if deepest(xml) > DEPTH_MAX {
        return Err(whole("xml.too_deep", "流程文件嵌套过深（最多 64 层）", "The file nests more than 64 levels"));
    }
    let options = ParsingOptions { nodes_limit: NODES_MAX, ..ParsingOptions::default() };
    let document = Document::parse_with_options(xml, options).map_err(|e| {
        vec![Diagnostic::error("xml.broken", "", format!("不是有效的 XML：{e}"), format!("Not valid XML: {e}"))]
    })?;
    let mut processes = document.root_element().children().filter(|n| is(n, "process"));
    let Some(process) = processes.next() else {
        return Err(whole("bpmn.no_process", "文件里没有流程（process）", "The file has no process"));
    };
    if processes.next().is_some() {
        return Err(whole("bpmn.many_processes", "一个文件只能有一个流程", "One file holds one process"));
    }
    let mut reader = Reader::default();
    reader.elements(process);
    reader.flows(process);
    let Reader { nodes, flows, mut faults, .. } = reader;
    let starts: Vec<usize> = (0..nodes.len()).filter(|i| matches!(nodes[*i].kind, NodeKind::Start { .. })).collect();
    let key = process.attribute("id").unwrap_or("process").to_owned();
    let name = process.attribute("name").unwrap_or(&key).to_owned();
    let definition = Definition { key, name, nodes, flows, start: starts.first().copied().unwrap_or(0) };
    if starts.len() != 1 {
        faults.push(Diagnostic::error("bpmn.one_start", &definition.key, "流程须有且只有一个开始事件", "A process has exactly one start event"));
    }
    check::structure(&definition, &mut faults);
    if faults.is_empty() {
        explore::soundness(&definition, &mut faults);
    }
    if faults.is_empty() { Ok(definition) } else { Err(faults) }
}

/// How deep tags nest, by a scan that needs no tree, so that a hostile file costs no stack.
fn deepest(xml: &str) -> usize {
    let bytes = xml.as_bytes();
    let (mut depth, mut most) = (0_usize, 0);
    for (i, byte) in bytes.iter().enumerate() {
        match (byte, bytes.get(i + 1)) {
            (b'<', Some(b'/')) => depth = depth.saturating_sub(1),
            (b'<', Some(c)) if c.is_ascii_alphabetic() || *c == b'_' => {
                depth += 1;
                most = most.max(depth);
            }
            (b'/', Some(b'>')) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    most
}

fn is(node: &Xml<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name && node.tag_name().namespace() == Some(BPMN)
}

#[derive(Default)]
struct Reader {
    nodes: Vec<Node>,
    flows: Vec<Flow>,
    faults: Vec<Diagnostic>,
    /// Boundary event → id of its host, resolved when all nodes are known.
    hosts: Vec<(usize, String)>,
    defaults: Vec<(usize, String)>,
}

impl Reader {
    fn fault(&mut self, rule: &str, element: &str, zh: impl Into<String>, en: impl Into<String>) {
        self.faults.push(Diagnostic::error(rule, element, zh, en));
    }

    fn elements(&mut self, process: Xml<'_, '_>) {
        for element in process.children().filter(Xml::is_element) {
            let (id, tag) = (element.attribute("id").unwrap_or("").to_owned(), element.tag_name().name());
            if element.tag_name().namespace() != Some(BPMN) || matches!(tag, "documentation" | "extensionElements" | "laneSet" | "textAnnotation" | "association" | "group" | "dataObject" | "dataObjectReference" | "sequenceFlow") {
                continue;
            }
            if id.is_empty() {
                self.fault("bpmn.no_id", tag, format!("元素 {tag} 没有 id"), format!("A {tag} has no id"));
                continue;
            }
            if self.nodes.iter().any(|n| n.id == id) {
                self.fault("bpmn.id_twice", &id, format!("id {id} 重复"), format!("The id {id} stands twice"));
                continue;
            }
            if let Some(kind) = self.kind(element, tag, &id) {
                let name = element.attribute("name").unwrap_or(&id).to_owned();
                self.nodes.push(Node { id, name, kind, incoming: Vec::new(), outgoing: Vec::new() });
            }
        }
        for (boundary, host) in std::mem::take(&mut self.hosts) {
            let found = self.nodes.iter().position(|n| n.id == host && matches!(n.kind, NodeKind::User(_)));
            match (found, self.nodes.get_mut(boundary).map(|n| &mut n.kind)) {
                (Some(host), Some(NodeKind::Boundary { host: place, .. })) => *place = host,
                _ => self.fault("bpmn.boundary_host", &host, "边界定时器须附在一个用户任务上", "A boundary timer sits on a user task"),
            }
        }
    }

    fn kind(&mut self, element: Xml<'_, '_>, tag: &str, id: &str) -> Option<NodeKind> {
        let events: Vec<Xml<'_, '_>> = element.children().filter(|c| c.is_element() && c.tag_name().name().ends_with("EventDefinition")).collect();
        let one_timer = || events.len() == 1 && is(&events[0], "timerEventDefinition");
        if let Some(odd) = element.children().find(|c| is(c, "multiInstanceLoopCharacteristics") || is(c, "standardLoopCharacteristics")) {
            let what = odd.tag_name().name();
            self.fault("bpmn.unsupported", id, format!("“{id}”使用了尚不支持的 {what}，会签请用 linli:policy"), format!("{id}: {what} is not supported; use linli:policy"));
            return None;
        }
        match tag {
            "startEvent" if events.is_empty() => Some(NodeKind::Start { timer_days: None }),
            "startEvent" if one_timer() => Some(NodeKind::Start { timer_days: Some(self.days(events[0], id)?) }),
            "endEvent" if events.is_empty() => Some(NodeKind::End { terminate: false }),
            "endEvent" if events.len() == 1 && is(&events[0], "terminateEventDefinition") => Some(NodeKind::End { terminate: true }),
            "userTask" => self.user(element, id).map(NodeKind::User),
            "serviceTask" => self.attribute(element, id, "topic").map(|topic| NodeKind::Service { topic }),
            "businessRuleTask" => self.attribute(element, id, "point").map(|point| NodeKind::Rule { point }),
            "exclusiveGateway" => {
                if let Some(default) = element.attribute("default") {
                    self.defaults.push((self.nodes.len(), default.to_owned()));
                }
                Some(NodeKind::Exclusive { default: None })
            }
            "parallelGateway" => Some(NodeKind::Parallel),
            "boundaryEvent" if one_timer() => {
                let days = self.days(events[0], id)?;
                self.hosts.push((self.nodes.len(), element.attribute("attachedToRef").unwrap_or("").to_owned()));
                let interrupting = element.attribute("cancelActivity") != Some("false");
                Some(NodeKind::Boundary { host: 0, days, interrupting })
            }
            _ => {
                let what = events.first().map_or(tag, |e| e.tag_name().name());
                self.fault("bpmn.unsupported", id, format!("“{id}”使用了尚不支持的元素 {tag}（{what}）"), format!("{id}: {tag} ({what}) is not supported"));
                None
            }
        }
    }

    fn attribute(&mut self, element: Xml<'_, '_>, id: &str, name: &str) -> Option<String> {
        let found = element.attribute((LINLI, name)).filter(|v| !v.trim().is_empty()).map(str::to_owned);
        if found.is_none() {
            self.fault("linli.attribute", id, format!("“{id}”缺少 linli:{name}"), format!("{id} lacks linli:{name}"));
        }
        found
    }

    /// `P5D` in a timer is five working days of the tenant's calendar.
    fn days(&mut self, timer: Xml<'_, '_>, id: &str) -> Option<u32> {
        let text = timer.children().find(|c| is(c, "timeDuration")).and_then(|c| c.text()).unwrap_or("").trim();
        let days = text.strip_prefix('P').and_then(|t| t.strip_suffix('D')).and_then(|t| t.parse().ok());
        let days = days.filter(|d| (1..=WORKING_DAYS_MAX).contains(d));
        if days.is_none() {
            self.fault("bpmn.timer", id, format!("“{id}”的定时须写成工作日数，如 P5D"), format!("{id}: a timer is a number of working days, such as P5D"));
        }
        days
    }

    fn user(&mut self, element: Xml<'_, '_>, id: &str) -> Option<UserTask> {
        let pool_role = self.attribute(element, id, "poolRole")?;
        let pool_org = match element.attribute((LINLI, "poolOrg")).unwrap_or("city") {
            "city" => Org::City,
            "district" => Org::District,
            "street" => Org::Street,
            "community" => Org::Community,
            other => {
                self.fault("linli.pool_org", id, format!("“{id}”的 linli:poolOrg 不能是 {other}"), format!("{id}: linli:poolOrg is not {other}"));
                return None;
            }
        };
        let policy = match element.attribute((LINLI, "policy")).unwrap_or("single") {
            "single" => Policy::Single,
            "all" => Policy::All,
            "any" => Policy::Any,
            other => {
                self.fault("linli.policy", id, format!("“{id}”的 linli:policy 不能是 {other}"), format!("{id}: linli:policy is not {other}"));
                return None;
            }
        };
        let due_days = match element.attribute((LINLI, "dueDays")).map(str::parse::<u32>) {
            None => None,
            Some(Ok(days)) if (1..=WORKING_DAYS_MAX).contains(&days) => Some(days),
            Some(_) => {
                self.fault("linli.due_days", id, format!("“{id}”的 linli:dueDays 须为 1 至 400"), format!("{id}: linli:dueDays is 1 to 400"));
                return None;
            }
        };
        let returnable = element.attribute((LINLI, "returnable")) != Some("false");
        Some(UserTask { pool_role, pool_org, policy, due_days, returnable })
    }

    fn flows(&mut self, process: Xml<'_, '_>) {
        for element in process.children().filter(|c| is(c, "sequenceFlow")) {
            let id = element.attribute("id").unwrap_or("").to_owned();
            let end = |name: &str| element.attribute(name).and_then(|end| self.nodes.iter().position(|n| n.id == end));
            let (Some(source), Some(target)) = (end("sourceRef"), end("targetRef")) else {
                // an end that was refused above is not reported twice
                if self.faults.is_empty() {
                    self.fault("bpmn.flow", &id, format!("连线“{id}”的起点或终点不存在"), format!("{id}: an end of the flow does not exist"));
                }
                continue;
            };
            let condition = element.children().find(|c| is(c, "conditionExpression")).and_then(|c| c.text()).map(|t| t.trim().to_owned());
            if let Some(text) = &condition {
                if !matches!(self.nodes[source].kind, NodeKind::Exclusive { .. }) {
                    self.fault("bpmn.condition_place", &id, format!("条件只能写在排他网关后的连线上（“{id}”）"), format!("{id}: a condition stands behind an exclusive gateway only"));
                }
                if let Err(error) = feel::parse(text) {
                    self.fault("bpmn.condition", &id, format!("连线“{id}”的条件写法有误：{error}"), format!("{id}: {error}"));
                }
            }
            let index = self.flows.len();
            self.nodes[source].outgoing.push(index);
            self.nodes[target].incoming.push(index);
            self.flows.push(Flow { id, source, target, condition });
        }
        for (gateway, flow) in std::mem::take(&mut self.defaults) {
            let found = self.flows.iter().position(|f| f.id == flow && f.source == gateway);
            match self.nodes.get_mut(gateway).map(|n| &mut n.kind) {
                Some(NodeKind::Exclusive { default }) if found.is_some() => *default = found,
                _ => self.fault("bpmn.default", &flow, format!("缺省连线“{flow}”不存在"), format!("The default flow {flow} does not exist")),
            }
        }
    }
}
