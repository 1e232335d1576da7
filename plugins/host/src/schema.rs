//! 参数定义: the part of JSON Schema 2020-12 that `params.schema.json` may use, and parameters checked against it.
//!
//! Unknown keywords are refused, not ignored: a bound that nobody enforces would be a promise without a keeper.
use serde_json::{Map, Value};

use crate::{PluginError, bindings::Entry, json, values::Kind};

/// Parameters (参数) of a binding: complete with defaults, as JSON for the record and as entries for the guest.
#[derive(Clone, Debug)]
pub struct Params {
    pub json: Value,
    pub entries: Vec<Entry>,
}

impl Params {
    /// SHA-256 of the canonical form.
    pub fn digest(&self) -> String {
        json::digest(&self.json)
    }
}

#[derive(Clone, Debug)]
pub struct Schema {
    root: Node,
    /// As it lies in the package, for the console's form.
    pub source: Value,
}

#[derive(Clone, Debug)]
enum Node {
    Object { properties: Vec<(String, Node)>, required: Vec<String> },
    Array { items: Box<Node>, max: usize },
    Leaf { kind: Kind, min: Option<i64>, max: Option<i64>, one_of: Vec<Value>, default: Option<Value> },
}

const MAX_ITEMS: usize = 200;
const MAX_DEPTH: usize = 6;

impl Schema {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Schema, Vec<PluginError>> {
        let bad = |pointer: &str| vec![PluginError::SchemaBad { pointer: pointer.into() }];
        let mut source: Value = serde_json::from_slice(bytes).map_err(|_| bad("/"))?;
        let whole = source.clone();
        if let Some(map) = source.as_object_mut() {
            match map.remove("$schema") {
                None | Some(Value::String(_)) => {}
                Some(_) => return Err(bad("/$schema")),
            }
        }
        let mut errors = Vec::new();
        let root = node(&source, "", 0, &mut errors);
        match root {
            Some(root @ Node::Object { .. }) if errors.is_empty() => Ok(Schema { root, source: whole }),
            _ if errors.is_empty() => Err(bad("/type")),
            _ => Err(errors),
        }
    }

    /// Checks parameters and fills in defaults; all errors at once, each with its pointer.
    pub fn complete(&self, params: &Value) -> Result<Params, Vec<PluginError>> {
        let (mut entries, mut errors) = (Vec::new(), Vec::new());
        let full = fill(&self.root, params, "", &mut entries, &mut errors);
        match full {
            Some(json) if errors.is_empty() => Ok(Params { json, entries }),
            _ => Err(errors),
        }
    }
}

fn node(source: &Value, at: &str, depth: usize, errors: &mut Vec<PluginError>) -> Option<Node> {
    let mut fail = |pointer: String| {
        errors.push(PluginError::SchemaBad { pointer });
        None
    };
    let Some(map) = source.as_object().filter(|_| depth <= MAX_DEPTH) else { return fail(format!("{at}/")) };
    let kind = map.get("type").and_then(Value::as_str).unwrap_or_default();
    let known: &[&str] = match kind {
        "object" => &["type", "title", "description", "properties", "required", "additionalProperties"],
        "array" => &["type", "title", "description", "items", "maxItems"],
        _ => &["type", "title", "description", "x-linli", "minimum", "maximum", "enum", "default"],
    };
    if let Some(key) = map.keys().find(|key| !known.contains(&key.as_str())) {
        return fail(format!("{at}/{key}"));
    }
    match kind {
        "object" => {
            if map.get("additionalProperties") != Some(&Value::Bool(false)) {
                return fail(format!("{at}/additionalProperties"));
            }
            let Some(properties) = map.get("properties").and_then(Value::as_object) else { return fail(format!("{at}/properties")) };
            let required: Option<Vec<String>> = match map.get("required") {
                None => Some(Vec::new()),
                Some(value) => value.as_array().and_then(|keys| {
                    keys.iter().map(|key| key.as_str().filter(|k| properties.contains_key(*k)).map(str::to_owned)).collect()
                }),
            };
            let Some(required) = required else { return fail(format!("{at}/required")) };
            if let Some(key) = properties.keys().find(|key| key.is_empty() || key.contains(['.', '/', '~'])) {
                return fail(format!("{at}/properties/{key}"));
            }
            let mut list = Vec::new();
            for (key, value) in properties {
                list.push((key.clone(), node(value, &format!("{at}/properties/{key}"), depth + 1, errors)?));
            }
            Some(Node::Object { properties: list, required })
        }
        "array" => {
            let max = map.get("maxItems").map_or(Some(MAX_ITEMS as u64), Value::as_u64).filter(|max| *max <= MAX_ITEMS as u64);
            let (Some(max), Some(items)) = (max, map.get("items")) else { return fail(format!("{at}/items")) };
            let items = node(items, &format!("{at}/items"), depth + 1, errors)?;
            Some(Node::Array { items: Box::new(items), max: max as usize })
        }
        _ => {
            let word = map.get("x-linli").and_then(Value::as_str).and_then(Kind::of_word);
            let Some(value_kind) = word.filter(|word| word.json_type() == kind) else { return fail(format!("{at}/x-linli")) };
            let (min, max) = (map.get("minimum"), map.get("maximum"));
            if (min.is_some() || max.is_some()) && value_kind != Kind::Integer {
                return fail(format!("{at}/minimum"));
            }
            if min.is_some_and(|v| v.as_i64().is_none()) || max.is_some_and(|v| v.as_i64().is_none()) {
                return fail(format!("{at}/minimum"));
            }
            let one_of = match map.get("enum") {
                None => Vec::new(),
                Some(Value::Array(values)) if !values.is_empty() && values.iter().all(|v| value_kind.read(v).is_ok()) => values.clone(),
                Some(_) => return fail(format!("{at}/enum")),
            };
            let leaf = Node::Leaf {
                kind: value_kind,
                min: min.and_then(Value::as_i64),
                max: max.and_then(Value::as_i64),
                one_of,
                default: map.get("default").cloned(),
            };
            if let Some(default) = map.get("default") {
                let mut wrong = Vec::new();
                fill(&leaf, default, "", &mut Vec::new(), &mut wrong);
                if !wrong.is_empty() {
                    return fail(format!("{at}/default"));
                }
            }
            Some(leaf)
        }
    }
}

fn fill(node: &Node, value: &Value, at: &str, entries: &mut Vec<Entry>, errors: &mut Vec<PluginError>) -> Option<Value> {
    let mut fail = |pointer: &str, reason: &str| {
        let pointer = if pointer.is_empty() { "/" } else { pointer };
        errors.push(PluginError::ParamsInvalid { pointer: pointer.into(), reason: reason.into() });
    };
    match node {
        Node::Object { properties, required } => {
            let Some(map) = value.as_object() else {
                fail(at, "应为对象 / an object");
                return None;
            };
            for key in map.keys().filter(|key| !properties.iter().any(|(name, _)| name == *key)) {
                fail(&format!("{at}/{key}"), "没有这个参数 / no such parameter");
            }
            let mut full = Map::new();
            for (key, child) in properties {
                let pointer = format!("{at}/{key}");
                let given = match (map.get(key), child) {
                    (Some(given), _) => given.clone(),
                    (None, Node::Leaf { default: Some(default), .. }) => default.clone(),
                    // An object of defaults may be left out as a whole.
                    (None, Node::Object { .. }) => Value::Object(Map::new()),
                    (None, Node::Array { .. }) if !required.contains(key) => Value::Array(Vec::new()),
                    (None, _) if required.contains(key) => {
                        errors.push(PluginError::ParamsInvalid { pointer, reason: "请填写 / required".into() });
                        continue;
                    }
                    (None, _) => continue,
                };
                if let Some(done) = fill(child, &given, &pointer, entries, errors) {
                    full.insert(key.clone(), done);
                }
            }
            Some(Value::Object(full))
        }
        Node::Array { items, max } => {
            let Some(list) = value.as_array().filter(|list| list.len() <= *max) else {
                fail(at, "应为列表，且不能过长 / a list, not too long");
                return None;
            };
            let done: Vec<Value> =
                list.iter().enumerate().filter_map(|(i, item)| fill(items, item, &format!("{at}/{i}"), entries, errors)).collect();
            Some(Value::Array(done))
        }
        Node::Leaf { kind, min, max, one_of, default: _ } => {
            let typed = match kind.read(value) {
                Ok(typed) => typed,
                Err(reason) => {
                    fail(at, &reason);
                    return None;
                }
            };
            if let crate::bindings::Value::Integer(number) = typed
                && (min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max))
            {
                let show = |bound: &Option<i64>| bound.map_or_else(|| "…".to_owned(), |b| b.to_string());
                fail(at, &format!("应在 {} 到 {} 之间 / out of range", show(min), show(max)));
                return None;
            }
            if !one_of.is_empty() && !one_of.contains(value) {
                fail(at, "不在可选值中 / not one of the allowed values");
                return None;
            }
            entries.push(Entry { key: at.trim_start_matches('/').replace('/', "."), value: typed });
            Some(value.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Schema {
        let source = json!({ "type": "object", "additionalProperties": false, "required": ["bands"], "properties": {
            "step": { "type": "integer", "x-linli": "integer", "minimum": 0, "maximum": 100, "default": 10 },
            "bands": { "type": "array", "maxItems": 3, "items": { "type": "object", "additionalProperties": false, "required": ["from"],
                "properties": { "from": { "type": "string", "x-linli": "area" } } } } } });
        Schema::parse(source.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn defaults_are_filled_and_leaves_become_dotted_entries() {
        let params = schema().complete(&json!({ "bands": [{ "from": "90.00" }, { "from": "144.00" }] })).unwrap();
        assert_eq!(params.json["step"], 10);
        let keys: Vec<&str> = params.entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["step", "bands.0.from", "bands.1.from"]);
    }

    #[test]
    fn every_wrong_parameter_is_named_at_once() {
        let errors = schema().complete(&json!({ "step": 101, "extra": 1, "bands": [{ "from": "90.001" }] })).unwrap_err();
        let pointers: Vec<String> = errors
            .iter()
            .map(|e| match e {
                PluginError::ParamsInvalid { pointer, .. } => pointer.clone(),
                other => panic!("{other}"),
            })
            .collect();
        assert_eq!(pointers, ["/extra", "/step", "/bands/0/from"]);
    }

    #[test]
    fn a_keyword_that_nobody_enforces_is_refused() {
        for bad in [
            json!({ "type": "object", "additionalProperties": true, "properties": {} }),
            json!({ "type": "object", "additionalProperties": false, "properties": { "a": { "type": "string", "x-linli": "text", "pattern": "x" } } }),
            json!({ "type": "object", "additionalProperties": false, "properties": { "a": { "type": "number" } } }),
            json!({ "type": "object", "additionalProperties": false, "properties": { "a": { "$ref": "https://x" } } }),
            json!({ "type": "integer", "x-linli": "integer" }),
        ] {
            assert!(Schema::parse(bad.to_string().as_bytes()).is_err(), "{bad}");
        }
    }
}
