//! Compiled definitions, cached by id: a definition never changes.
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use linli_kernel::Problem;
use linli_runtime::{Sql, values};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::{error::no_definition, model::Definition};

/// Ids are random, so one cache serves all tenants: who has an id has read it in a row of his own.
static CACHE: LazyLock<Mutex<HashMap<Uuid, Arc<Definition>>>> = LazyLock::new(Mutex::default);
const KEPT: usize = 256;

const COMPILED: &str = "select compiled as v from wf_definition where id = $1";
const IN_FORCE: &str = "select id as v from wf_definition where key = $1 and state = 'published'";

pub(crate) async fn definition(conn: &impl ConnectionTrait, id: Uuid) -> Result<Arc<Definition>, Problem> {
    if let Some(found) = CACHE.lock().unwrap_or_else(PoisonError::into_inner).get(&id) {
        return Ok(found.clone());
    }
    let compiled: Option<String> = conn.scalar(COMPILED, values![id]).await?;
    let definition: Definition = serde_json::from_str(&compiled.ok_or_else(Problem::not_found)?).map_err(Problem::internal)?;
    let definition = Arc::new(definition);
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if cache.len() >= KEPT {
        cache.clear();
    }
    cache.insert(id, definition.clone());
    Ok(definition)
}

/// The definition in force for a key, or 409.
pub(crate) async fn in_force(conn: &impl ConnectionTrait, key: &str) -> Result<(Uuid, Arc<Definition>), Problem> {
    let id: Option<Uuid> = conn.scalar(IN_FORCE, values![key]).await?;
    let id = id.ok_or_else(|| no_definition(key))?;
    Ok((id, definition(conn, id).await?))
}

/// What a page says about the definition of a case.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Head {
    pub key: String,
    pub version: i64,
}
const HEAD: &str = "select key, version from wf_definition where id = $1";

impl Head {
    pub(crate) async fn of(conn: &impl ConnectionTrait, id: Uuid) -> Result<Head, Problem> {
        conn.row(HEAD, values![id]).await?.ok_or_else(Problem::not_found)
    }
}
