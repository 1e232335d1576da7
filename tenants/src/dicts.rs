//! 字典: codes with their Chinese labels; a city may add entries where the dictionary says so.
use linli_kernel::Problem;
use linli_runtime::{Sql, Tx, values};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Ctx, Pack, pack::faulty, perm};

const SHIPPED: &str = include_str!("../policy/dicts.toml");

/// One entry of a dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, sea_orm::FromQueryResult)]
pub struct DictEntry {
    #[schema(example = "residential")]
    pub code: String,
    #[schema(example = "成套住宅")]
    pub label: String,
    /// The code of a national list, kept beside ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub national_code: Option<String>,
    /// `active` or `retired`.
    #[schema(example = "active")]
    pub state: String,
}

/// 字典 with its entries.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DictView {
    #[schema(example = "house_use")]
    pub code: String,
    #[schema(example = "房屋用途")]
    pub name: String,
    /// Whether a city may add entries.
    pub extensible: bool,
    pub entries: Vec<DictEntry>,
}

/// A dictionary without its entries.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, sea_orm::FromQueryResult)]
pub struct DictBrief {
    #[schema(example = "house_use")]
    pub code: String,
    #[schema(example = "房屋用途")]
    pub name: String,
    /// Whether a city may add entries.
    pub extensible: bool,
}

const LIST: &str = "select code, name, extensible from dict order by code limit 500";
const HEAD: &str = "select code, name, extensible from dict where code = $1";
const ENTRIES: &str = "select code, label, national_code, state from dict_entry where dict_code = $1 order by sort, code limit 2000";
const BY_LABEL: &str =
    "select code as v from dict_entry where dict_code = $1 and state = 'active' and (code = $2 or label = $2) order by sort";

pub async fn list(ctx: &Ctx) -> Result<Vec<DictBrief>, Problem> {
    ctx.require(perm::DICT_READ)?;
    ctx.conn().rows(LIST, values![]).await
}

pub async fn get(ctx: &Ctx, code: &str) -> Result<DictView, Problem> {
    ctx.require(perm::DICT_READ)?;
    let head: Option<DictBrief> = ctx.conn().row(HEAD, values![code]).await?;
    let DictBrief { code, name, extensible } = head.ok_or_else(Problem::not_found)?;
    let entries = entries(ctx.conn(), &code).await?;
    Ok(DictView { code, name, extensible, entries })
}

/// All entries of a dictionary, for imports that read many rows.
pub async fn entries(conn: &impl ConnectionTrait, dict: &str) -> Result<Vec<DictEntry>, Problem> {
    conn.rows(ENTRIES, values![dict]).await
}

/// The code of an entry given by its code or its Chinese label.
pub async fn code_of(conn: &impl ConnectionTrait, dict: &str, given: &str) -> Result<Option<String>, Problem> {
    conn.scalar(BY_LABEL, values![dict, given.trim()]).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shipped {
    dict: Vec<ShippedDict>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShippedDict {
    code: String,
    name: String,
    extensible: bool,
    entries: Vec<(String, String)>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Added {
    #[serde(default)]
    entry: Vec<AddedEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddedEntry {
    dict: String,
    code: String,
    label: String,
    national_code: Option<String>,
}

const DICT: &str = "insert into dict (code, name, extensible) values ($1, $2, $3)";
const ENTRY: &str = "insert into dict_entry (dict_code, code, label, sort, national_code, state) values ($1, $2, $3, $4, $5, 'active')
                     on conflict (dict_code, code) do nothing";

/// The platform's dictionaries, then what the pack's `dicts.toml` adds.
pub(crate) async fn install(tx: &Tx, pack: &Pack) -> Result<(), Problem> {
    const FILE: &str = "dicts.toml";
    let Shipped { dict: shipped } = toml::from_str(SHIPPED).map_err(Problem::internal)?;
    for dict in &shipped {
        tx.conn().exec(DICT, values![dict.code.as_str(), dict.name.as_str(), dict.extensible]).await?;
        for (sort, (code, label)) in dict.entries.iter().enumerate() {
            let row = values![dict.code.as_str(), code.as_str(), label.as_str(), sort as i64, None::<String>];
            tx.conn().exec(ENTRY, row).await?;
        }
    }
    let added: Added = pack.read(FILE)?.unwrap_or_default();
    for (sort, entry) in added.entry.iter().enumerate() {
        let dict = shipped.iter().find(|d| d.code == entry.dict).filter(|d| d.extensible);
        if dict.is_none() {
            return Err(faulty(FILE, &format!("{} takes no entries of a city", entry.dict)));
        }
        let row = values![entry.dict.as_str(), entry.code.as_str(), entry.label.as_str(), 1000 + sort as i64, entry.national_code.clone()];
        if tx.conn().exec(ENTRY, row).await? == 0 {
            return Err(faulty(FILE, &format!("{} already is in {}", entry.code, entry.dict)));
        }
    }
    Ok(())
}
