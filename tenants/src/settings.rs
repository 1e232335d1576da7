//! 设置 with inheritance: the city's value, else the pack's, else the platform's default; the answer says from where.
use std::{collections::BTreeMap, sync::LazyLock};

use linli_kernel::{Invalid, Problem, Timestamp};
use linli_runtime::{Change, Key, Sql, Tx, values};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{Ctx, Pack, pack::faulty, perm};

const SHIPPED: &str = include_str!("../policy/settings.toml");
static KNOWN: LazyLock<BTreeMap<String, Definition>> =
    LazyLock::new(|| toml::from_str(SHIPPED).expect("the shipped settings are read by a test"));

/// What a setting may hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Definition {
    name: String,
    kind: Kind,
    default: Value,
    min: Option<i64>,
    max: Option<i64>,
    #[serde(default)]
    choices: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Int,
    Choice,
    Text,
    List,
    Bool,
}

impl Definition {
    fn fits(&self, value: &Value) -> bool {
        match self.kind {
            Kind::Int => value.as_i64().is_some_and(|n| self.min.is_none_or(|min| n >= min) && self.max.is_none_or(|max| n <= max)),
            Kind::Choice => value.as_str().is_some_and(|text| self.choices.iter().any(|c| c == text)),
            Kind::Text => value.as_str().is_some_and(|t| !t.trim().is_empty() && (t.chars().count() as i64) <= self.max.unwrap_or(200)),
            Kind::List => value.as_array().is_some_and(|all| {
                all.len() <= 100
                    && all.iter().all(|v| {
                        v.as_str().is_some_and(|t| {
                            !t.is_empty() && t.len() <= 100 && (self.choices.is_empty() || self.choices.iter().any(|c| c == t))
                        })
                    })
            }),
            Kind::Bool => value.is_boolean(),
        }
    }
    fn says(&self) -> (String, String) {
        match self.kind {
            Kind::Int => {
                let (min, max) = (self.min.unwrap_or(i64::MIN), self.max.unwrap_or(i64::MAX));
                (format!("须为 {min} 至 {max} 之间的整数"), format!("A whole number from {min} to {max}"))
            }
            Kind::Choice => (format!("须为其中之一：{}", self.choices.join("、")), format!("One of {}", self.choices.join(", "))),
            Kind::Text => ("须为不空的文本".into(), "A text that is not empty".into()),
            Kind::List => ("须为文本的列表".into(), "A list of texts".into()),
            Kind::Bool => ("须为 true 或 false".into(), "true or false".into()),
        }
    }
}

/// 设置 as people see it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SettingView {
    #[schema(example = "fund.shortfall")]
    pub key: String,
    #[schema(example = "余额不足处理")]
    pub name: String,
    /// A number, a text, true or false, or a list of texts, as the key demands.
    #[schema(value_type = Object, example = "self_raise")]
    pub value: Value,
    /// From where the value comes: `platform`, `pack` or `city`.
    #[schema(example = "city")]
    pub origin: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    /// Where it may be chosen from a set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
}

/// The new value of a key.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingSet {
    /// A number, a text, true or false, or a list of texts, as the key demands.
    #[schema(value_type = Object, example = "self_raise")]
    pub value: Value,
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    key: String,
    origin: String,
    value: String,
    valid_from: Timestamp,
}

// 'city' sorts before 'pack', so the first row of a key is the one in force
const ONE: &str = "select key, origin, value, valid_from from setting where key = $1 order by origin limit 1";
const ALL: &str = "select key, origin, value, valid_from from setting order by key, origin limit 2000";
const SET: &str = "insert into setting (key, origin, value, valid_from, account_id) values ($1, $2, $3, $4, $5)
                   on conflict (key, origin) do update
                   set value = excluded.value, valid_from = excluded.valid_from, account_id = excluded.account_id";

fn definition(key: &str) -> Result<&'static Definition, Problem> {
    KNOWN.get(key).ok_or_else(|| Problem::internal(format!("setting {key} is not described in policy/settings.toml")))
}

/// The value in force. A key that the platform does not know is a defect of the caller.
pub async fn get(_: &Ctx, conn: &impl ConnectionTrait, key: &str) -> Result<Value, Problem> {
    let definition = definition(key)?;
    match conn.row::<Row>(ONE, values![key]).await? {
        Some(row) => serde_json::from_str(&row.value).map_err(Problem::internal),
        None => Ok(definition.default.clone()),
    }
}
pub async fn int(ctx: &Ctx, conn: &impl ConnectionTrait, key: &str) -> Result<i64, Problem> {
    let value = get(ctx, conn, key).await?;
    value.as_i64().ok_or_else(|| Problem::internal(format!("setting {key} is no whole number")))
}
pub async fn text(ctx: &Ctx, conn: &impl ConnectionTrait, key: &str) -> Result<String, Problem> {
    match get(ctx, conn, key).await? {
        Value::String(text) => Ok(text),
        _ => Err(Problem::internal(format!("setting {key} is no text"))),
    }
}
pub async fn list_of(ctx: &Ctx, conn: &impl ConnectionTrait, key: &str) -> Result<Vec<String>, Problem> {
    serde_json::from_value(get(ctx, conn, key).await?).map_err(Problem::internal)
}
pub async fn flag(ctx: &Ctx, conn: &impl ConnectionTrait, key: &str) -> Result<bool, Problem> {
    let value = get(ctx, conn, key).await?;
    value.as_bool().ok_or_else(|| Problem::internal(format!("setting {key} is neither true nor false")))
}

fn view(key: &str, definition: &Definition, row: Option<&Row>) -> Result<SettingView, Problem> {
    let (value, origin, valid_from) = match row {
        Some(row) => (serde_json::from_str(&row.value).map_err(Problem::internal)?, row.origin.as_str(), Some(row.valid_from)),
        None => (definition.default.clone(), "platform", None),
    };
    Ok(SettingView {
        key: key.to_owned(),
        name: definition.name.clone(),
        value,
        origin: origin.to_owned(),
        valid_from,
        choices: definition.choices.clone(),
        min: definition.min,
        max: definition.max,
    })
}

/// Every key with the value in force.
pub async fn all(ctx: &Ctx) -> Result<Vec<SettingView>, Problem> {
    ctx.require(perm::SETTING_READ)?;
    let rows: Vec<Row> = ctx.conn().rows(ALL, values![]).await?;
    KNOWN.iter().map(|(key, definition)| view(key, definition, rows.iter().find(|r| r.key == *key))).collect()
}

pub async fn one(ctx: &Ctx, key: &str) -> Result<SettingView, Problem> {
    ctx.require(perm::SETTING_READ)?;
    let definition = KNOWN.get(key).ok_or_else(Problem::not_found)?;
    let row: Option<Row> = ctx.conn().row(ONE, values![key]).await?;
    view(key, definition, row.as_ref())
}

/// The city's own value, at once.
pub async fn set(ctx: &Ctx, idempotency: &Key, key: &str, cmd: SettingSet) -> Result<SettingView, Problem> {
    ctx.require(perm::SETTING_SET)?;
    let definition = KNOWN.get(key).ok_or_else(Problem::not_found)?;
    if !definition.fits(&cmd.value) {
        let mut invalid = Invalid::new();
        let (zh, en) = definition.says();
        invalid.add("/value", "setting.out_of_bounds", zh, en);
        invalid.done()?;
    }
    ctx.tx("setting.set", idempotency, async |tx| {
        let before: Option<Row> = tx.conn().row(ONE, values![key]).await?;
        let before = view(key, definition, before.as_ref())?;
        tx.conn().exec(SET, values![key, "city", cmd.value.to_string(), tx.now(), ctx.actor.account_id]).await?;
        let change = Change::new("setting.changed", "setting", ctx.tenant.id).data("key", key);
        tx.event(change.data("from", &before.value).data("to", &cmd.value)).await?;
        Ok(SettingView { value: cmd.value.clone(), origin: "city".into(), valid_from: Some(tx.now()), ..before })
    })
    .await
}

/// `settings.toml` of a pack: `"key" = value`.
pub(crate) async fn install(tx: &Tx, pack: &Pack) -> Result<(), Problem> {
    const FILE: &str = "settings.toml";
    let given: BTreeMap<String, Value> = pack.read(FILE)?.unwrap_or_default();
    for (key, value) in given {
        let definition = KNOWN.get(&key).ok_or_else(|| faulty(FILE, &format!("there is no setting {key}")))?;
        if !definition.fits(&value) {
            return Err(faulty(FILE, &format!("{key}: {}", definition.says().1)));
        }
        tx.conn().exec(SET, values![key, "pack", value.to_string(), tx.now(), None::<uuid::Uuid>]).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
