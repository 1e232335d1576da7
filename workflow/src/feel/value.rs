//! Values that expressions compute with.
use super::Decimal;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(String),
    List(Vec<Value>),
    /// A context: only its members can be used.
    Context,
}

impl Value {
    /// From a variable of the instance. A JSON number is read by its text, so that 0.1 is one tenth.
    pub fn of_json(json: &serde_json::Value) -> Value {
        use serde_json::Value as Json;
        match json {
            Json::Null => Value::Null,
            Json::Bool(b) => Value::Bool(*b),
            Json::Number(n) => n.to_string().parse().map_or(Value::Null, Value::Number),
            Json::String(text) => Value::Text(text.clone()),
            Json::Array(items) => Value::List(items.iter().map(Value::of_json).collect()),
            Json::Object(_) => Value::Context,
        }
    }
    /// How a message shows it.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::Text(_) => "string",
            Value::List(_) => "list",
            Value::Context => "context",
        }
    }
}
