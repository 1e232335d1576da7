//! BPMN elements to nodes and flows. Whatever is not read here is reported, with the element's id.
use std::collections::{BTreeMap, HashSet};

use roxmltree::{Document, Node as Xml};
use sha2::{Digest, Sha256};

use super::{Boundary, Definition, Diagnostic, Flow, Node, NodeKind, OrgLevel, Policy, StartKind, UserTask};
use crate::feel::Expression;

const BPMN: &str = "http://www.omg.org/spec/BPMN/20100524/MODEL";
pub(super) const LINLI: &str = "https://linli.cn/bpmn";
/// Extensions of other engines carry meaning that would be lost in silence.
const VENDORS: [&str; 6] = [
    "http://flowable.org/bpmn",
    "http://activiti.org/bpmn",
    "http://camunda.org/schema/1.0/bpmn",
    "http://camunda.org/schema/zeebe/1.0",
    "http://camunda.org/schema/modeler/1.0",
    "http://warm-flow",
];
/// Beside the flow of control: read by people and viewers only.
const SILENT: [&str; 11] = [
    "documentation",
    "extensionElements",
    "laneSet",
    "dataObject",
    "dataObjectReference",
    "dataStoreReference",
    "textAnnotation",
    "association",
    "group",
    "incoming",
    "outgoing",
];

pub(super) fn read(document: &Document<'_>, bytes: &[u8]) -> (Option<Definition>, Vec<Diagnostic>) {
    let mut reader = Reader::default();
    let definition = reader.document(document.root_element(), bytes);
    (definition, reader.found)
}

#[derive(Default)]
struct Reader {
    found: Vec<Diagnostic>,
    nodes: BTreeMap<String, Node>,
    flows: BTreeMap<String, Flow>,
    /// Flows in document order, for incoming and outgoing lists.
    order: Vec<String>,
    defaults: Vec<(String, String)>,
    starts: Vec<String>,
    ids: HashSet<String>,
}

fn is(node: Xml<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().namespace() == Some(BPMN) && node.tag_name().name() == name
}
fn id_of(node: Xml<'_, '_>) -> String {
    node.attribute("id").map_or_else(|| format!("<{}>", node.tag_name().name()), str::to_owned)
}

impl Reader {
    fn error(&mut self, rule: &str, element: &str, zh: String, en: String) {
        self.found.push(Diagnostic::error(rule, element, zh, en));
    }

    fn document(&mut self, root: Xml<'_, '_>, bytes: &[u8]) -> Option<Definition> {
        if !is(root, "definitions") {
            let name = root.tag_name().name().to_owned();
            self.error("workflow.not_bpmn", &name, "文件不是 BPMN 2.0 流程".into(), "The file is no BPMN 2.0 model".into());
            return None;
        }
        let processes: Vec<_> = root.children().filter(|n| is(*n, "process")).collect();
        let [process] = processes.as_slice() else {
            let zh = format!("文件须恰好含一个流程，现有{}个", processes.len());
            self.error("workflow.one_process", "definitions", zh, format!("The file must hold one process, it holds {}", processes.len()));
            return None;
        };
        for collaboration in root.children().filter(|n| is(*n, "collaboration")) {
            for flow in collaboration.children().filter(|n| is(*n, "messageFlow")) {
                self.unsupported(flow);
            }
        }
        let key = id_of(*process);
        let name = process.attribute("name").unwrap_or(&key).to_owned();
        self.vendor(*process, &key);
        let limit_days = self.days(*process, "limitDays", &key);
        let limit_basis = process.attribute((LINLI, "limitBasis")).map(str::to_owned);
        for child in process.children().filter(Xml::is_element) {
            self.element(child);
        }
        self.connect();
        let start = match self.starts.as_slice() {
            [one] => one.clone(),
            [] => {
                self.error("workflow.no_start", &key, "流程没有开始节点".into(), "The process has no start event".into());
                return None;
            }
            [_, second, ..] => {
                let second = second.clone();
                self.error("workflow.several_starts", &second, "流程只能有一个开始节点".into(), "A process has one start event".into());
                return None;
            }
        };
        Some(Definition {
            key,
            name,
            hash: crate::hex(&Sha256::digest(bytes)),
            start,
            nodes: std::mem::take(&mut self.nodes),
            flows: std::mem::take(&mut self.flows),
            limit_days,
            limit_basis,
        })
    }

    fn unsupported(&mut self, node: Xml<'_, '_>) {
        let (id, tag) = (id_of(node), node.tag_name().name());
        let name = node.attribute("name").unwrap_or(&id);
        let zh = format!("“{name}”（{id}）的类型 {tag} 尚不支持");
        self.error("workflow.unsupported_element", &id, zh, format!("{id}: the element {tag} is not supported"));
    }

    /// Attributes and elements of other engines, which would otherwise be ignored in silence.
    fn vendor(&mut self, node: Xml<'_, '_>, id: &str) {
        let foreign = |ns: Option<&str>| ns.is_some_and(|ns| VENDORS.iter().any(|v| ns.starts_with(v)));
        let attributes: Vec<String> = node.attributes().filter(|a| foreign(a.namespace())).map(|a| a.name().to_owned()).collect();
        let extension = node.children().filter(|n| is(*n, "extensionElements")).flat_map(|e| e.children().filter(Xml::is_element));
        let elements: Vec<String> =
            extension.filter(|n| foreign(n.tag_name().namespace())).map(|n| n.tag_name().name().to_owned()).collect();
        for name in attributes.into_iter().chain(elements) {
            let zh = format!("“{id}”上的其他引擎属性 {name} 不会生效，请改用 linli: 扩展");
            self.error("workflow.vendor_extension", id, zh, format!("{id}: the extension {name} of another engine has no effect here"));
        }
    }

    fn element(&mut self, node: Xml<'_, '_>) {
        if node.tag_name().namespace() != Some(BPMN) {
            return;
        }
        let tag = node.tag_name().name();
        if SILENT.contains(&tag) {
            return;
        }
        let id = id_of(node);
        if node.attribute("id").is_none() {
            self.error("workflow.id_missing", &id, format!("{tag} 缺少 id"), format!("A {tag} has no id"));
            return;
        }
        if !self.ids.insert(id.clone()) {
            self.error("workflow.id_twice", &id, format!("id“{id}”重复"), format!("The id {id} stands twice"));
            return;
        }
        self.vendor(node, &id);
        let kind = match tag {
            "sequenceFlow" => {
                self.flow(node, id);
                return;
            }
            "startEvent" => self.start(node, &id),
            "endEvent" => self.end(node),
            "userTask" => self.user(node, &id),
            "serviceTask" => self.service(node, &id),
            "businessRuleTask" => self.rule(node, &id),
            "exclusiveGateway" => {
                if let Some(flow) = node.attribute("default") {
                    self.defaults.push((id.clone(), flow.to_owned()));
                }
                self.only(node, &[]);
                Some(NodeKind::Exclusive { default: None })
            }
            "parallelGateway" => {
                self.only(node, &[]);
                Some(NodeKind::Parallel)
            }
            "boundaryEvent" => self.boundary(node, &id),
            _ => {
                self.unsupported(node);
                None
            }
        };
        let Some(kind) = kind else { return };
        if matches!(kind, NodeKind::Start(_)) {
            self.starts.push(id.clone());
        }
        if !matches!(kind, NodeKind::Exclusive { .. }) && node.attribute("default").is_some() {
            self.error(
                "workflow.default_flow",
                &id,
                format!("“{id}”不是排他网关，不能有默认流向"),
                format!("{id} is no exclusive gateway and has a default flow"),
            );
        }
        let name = node.attribute("name").unwrap_or_default().trim().to_owned();
        self.nodes.insert(id.clone(), Node { id, name, kind, incoming: Vec::new(), outgoing: Vec::new() });
    }

    /// Reports children that are neither silent nor named here (event definitions, loops, assignments …).
    fn only(&mut self, node: Xml<'_, '_>, allowed: &[&str]) {
        let owner = id_of(node);
        for child in node.children().filter(Xml::is_element) {
            let tag = child.tag_name().name();
            if child.tag_name().namespace() != Some(BPMN) || SILENT.contains(&tag) || allowed.contains(&tag) {
                continue;
            }
            let zh = format!("“{owner}”中的 {tag} 尚不支持");
            self.error("workflow.unsupported_element", &owner, zh, format!("{owner}: {tag} is not supported"));
        }
    }

    fn start(&mut self, node: Xml<'_, '_>, id: &str) -> Option<NodeKind> {
        self.only(node, &["timerEventDefinition"]);
        let Some(timer) = node.children().find(|n| is(*n, "timerEventDefinition")) else { return Some(NodeKind::Start(StartKind::None)) };
        let text = |name: &str| timer.children().find(|n| is(*n, name)).and_then(|n| n.text()).map(str::trim).map(str::to_owned);
        let found = match (text("timeCycle"), text("timeDate")) {
            (Some(cycle), None) => cycle.strip_prefix("R/").and_then(period).map(|days| StartKind::Timer { days, from: None }),
            (None, Some(date)) if is_date(&date) => Some(StartKind::Timer { days: 0, from: Some(date) }),
            _ => None,
        };
        if found.is_none() {
            let zh = format!("“{id}”的定时须写 timeCycle R/P1D 或 timeDate 2027-01-01");
            self.error("workflow.timer", id, zh, format!("{id}: a start timer is timeCycle R/P1D or timeDate 2027-01-01"));
        }
        found.map(NodeKind::Start)
    }

    fn end(&mut self, node: Xml<'_, '_>) -> Option<NodeKind> {
        self.only(node, &["terminateEventDefinition"]);
        Some(NodeKind::End { terminate: node.children().any(|n| is(n, "terminateEventDefinition")) })
    }

    fn user(&mut self, node: Xml<'_, '_>, id: &str) -> Option<NodeKind> {
        self.only(node, &[]);
        let get = |name: &str| node.attribute((LINLI, name)).map(str::trim);
        self.known(node, id, &["poolRole", "poolOrg", "policy", "dueDays", "mandatory", "returnable"]);
        let role = get("poolRole").unwrap_or_default().to_owned();
        if role.is_empty() || !role.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            let zh = format!("审批节点“{id}”须以 linli:poolRole 指定办理角色");
            self.error("workflow.no_assignee", id, zh, format!("The user task {id} needs linli:poolRole"));
        }
        let pool_org = match get("poolOrg").unwrap_or("city") {
            "city" => OrgLevel::City,
            "district" => OrgLevel::District,
            "street" => OrgLevel::Street,
            "community" => OrgLevel::Community,
            other => return self.value(id, "poolOrg", other, "city, district, street, community"),
        };
        let policy = match get("policy").unwrap_or("single") {
            "single" => Policy::Single,
            "all" => Policy::All,
            "any" => Policy::Any,
            other => return self.value(id, "policy", other, "single, all, any"),
        };
        let mut flag = |name: &str, default: bool| match get(name) {
            None => Some(default),
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(other) => {
                let _ = self.value(id, name, other, "true, false");
                None
            }
        };
        let (mandatory, returnable) = (flag("mandatory", false)?, flag("returnable", true)?);
        let due_days = self.days(node, "dueDays", id);
        Some(NodeKind::User(UserTask { pool_role: role, pool_org, policy, due_days, mandatory, returnable }))
    }

    fn value(&mut self, id: &str, attribute: &str, value: &str, allowed: &str) -> Option<NodeKind> {
        let zh = format!("“{id}”的 linli:{attribute}=“{value}”无效，可用：{allowed}");
        self.error("workflow.attribute", id, zh, format!("{id}: linli:{attribute}=\"{value}\" is not one of {allowed}"));
        None
    }
    /// A misspelt extension would be ignored in silence.
    fn known(&mut self, node: Xml<'_, '_>, id: &str, names: &[&str]) {
        let unknown: Vec<String> =
            node.attributes().filter(|a| a.namespace() == Some(LINLI) && !names.contains(&a.name())).map(|a| a.name().to_owned()).collect();
        for name in unknown {
            self.error("workflow.attribute", id, format!("“{id}”没有 linli:{name} 这个属性"), format!("{id}: there is no linli:{name}"));
        }
    }
    fn days(&mut self, node: Xml<'_, '_>, attribute: &str, id: &str) -> Option<u32> {
        let text = node.attribute((LINLI, attribute))?;
        match text.trim().parse::<u32>() {
            Ok(days) if (1..=1_000).contains(&days) => Some(days),
            _ => {
                let _ = self.value(id, attribute, text, "1 … 1000");
                None
            }
        }
    }

    fn service(&mut self, node: Xml<'_, '_>, id: &str) -> Option<NodeKind> {
        self.only(node, &[]);
        self.known(node, id, &["topic"]);
        let topic = node.attribute((LINLI, "topic")).unwrap_or_default().to_owned();
        let parts = topic.split('.').count();
        let well = parts == 3 && topic.split('.').all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
        if !well {
            let zh = format!("服务节点“{id}”须以 linli:topic 指定主题，如 fund.use.hold");
            self.error("workflow.topic", id, zh, format!("The service task {id} needs linli:topic such as fund.use.hold"));
        }
        Some(NodeKind::Service { topic })
    }

    fn rule(&mut self, node: Xml<'_, '_>, id: &str) -> Option<NodeKind> {
        self.only(node, &[]);
        self.known(node, id, &["point", "result"]);
        let point = node.attribute((LINLI, "point")).unwrap_or_default().trim_start_matches("rule:").to_owned();
        if point.is_empty() {
            let zh = format!("规则节点“{id}”须以 linli:point 指定规则点");
            self.error("workflow.point", id, zh, format!("The business rule task {id} needs linli:point"));
        }
        let result = node.attribute((LINLI, "result")).unwrap_or(id).to_owned();
        Some(NodeKind::Rule { point, result })
    }

    fn boundary(&mut self, node: Xml<'_, '_>, id: &str) -> Option<NodeKind> {
        self.only(node, &["timerEventDefinition"]);
        let host = node.attribute("attachedToRef").unwrap_or_default().to_owned();
        let interrupting = node.attribute("cancelActivity") != Some("false");
        let timer = node.children().find(|n| is(*n, "timerEventDefinition"));
        let text = timer.and_then(|t| t.children().find(|n| is(*n, "timeDuration"))).and_then(|d| d.text()).unwrap_or_default();
        // PnD alone would be read as natural days by one person and as working days by another.
        let unit = timer.and_then(|t| t.attribute((LINLI, "unit")));
        let days = period(text.trim()).filter(|_| unit == Some("working_day"));
        let Some(working_days) = days else {
            let zh = format!("边界定时“{id}”须写 timeDuration PnD 并标明 linli:unit=\"working_day\"");
            self.error("workflow.timer", id, zh, format!("{id}: a boundary timer is timeDuration PnD with linli:unit=\"working_day\""));
            return None;
        };
        Some(NodeKind::Boundary(Boundary { host, interrupting, working_days }))
    }

    fn flow(&mut self, node: Xml<'_, '_>, id: String) {
        self.only(node, &["conditionExpression"]);
        let end = |name: &str| node.attribute(name).unwrap_or_default().to_owned();
        let text = node.children().find(|n| is(*n, "conditionExpression")).and_then(|c| c.text()).map(str::trim);
        let condition = match text.map(Expression::parse) {
            None => None,
            Some(Ok(condition)) => Some(condition),
            Some(Err(error)) => {
                let zh = format!("流向“{id}”的条件写法有误（第{}字节）", error.at);
                self.error("workflow.condition", &id, zh, format!("The condition of the flow {id} cannot be read: {error}"));
                None
            }
        };
        let name = node.attribute("name").unwrap_or_default().trim().to_owned();
        self.order.push(id.clone());
        self.flows.insert(id.clone(), Flow { id, name, from: end("sourceRef"), to: end("targetRef"), condition });
    }

    fn connect(&mut self) {
        for id in std::mem::take(&mut self.order) {
            let (from, to) = match self.flows.get(&id) {
                Some(flow) => (flow.from.clone(), flow.to.clone()),
                None => continue,
            };
            match (self.nodes.contains_key(&from), self.nodes.contains_key(&to)) {
                (true, true) => {}
                // An end that is not supported was reported already, under its own id.
                _ if self.ids.contains(&from) && self.ids.contains(&to) => {
                    self.flows.remove(&id);
                    continue;
                }
                _ => {
                    self.error(
                        "workflow.flow_ends",
                        &id,
                        format!("流向“{id}”没有接到节点上"),
                        format!("The flow {id} does not end at nodes"),
                    );
                    self.flows.remove(&id);
                    continue;
                }
            }
            if let Some(node) = self.nodes.get_mut(&from) {
                node.outgoing.push(id.clone());
            }
            if let Some(node) = self.nodes.get_mut(&to) {
                node.incoming.push(id);
            }
        }
        for (gateway, flow) in std::mem::take(&mut self.defaults) {
            let Some(node) = self.nodes.get_mut(&gateway) else { continue };
            if node.outgoing.contains(&flow) {
                node.kind = NodeKind::Exclusive { default: Some(flow) };
            } else {
                let zh = format!("网关“{gateway}”的默认流向“{flow}”不是它的流向");
                self.error("workflow.default_flow", &gateway, zh, format!("The default flow {flow} does not leave {gateway}"));
            }
        }
    }
}

/// `P5D` or `P2W` in days.
fn period(text: &str) -> Option<u32> {
    let body = text.strip_prefix('P')?;
    let (number, factor) = match (body.strip_suffix('D'), body.strip_suffix('W')) {
        (Some(n), _) => (n, 1),
        (_, Some(n)) => (n, 7),
        _ => return None,
    };
    number.parse::<u32>().ok().filter(|n| (1..=1_000).contains(n)).map(|n| n * factor)
}

fn is_date(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| text.get(range).is_some_and(|t| t.bytes().all(|b| b.is_ascii_digit()));
    text.len() == 10 && digits(0..4) && digits(5..7) && digits(8..10) && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-'
}
