//! 权限: Casbin is the source, a compiled set the hot path (architecture §5.1).
//!
//! The rows stand in the tenant's tables: what the release ships (`policy/roles.toml`, `policy/permissions.toml`) and what its
//! pack adds. `*` in the shipped list means every signed-in account: all roles, and the two states without a post, inherit
//! the role `signed_in`.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use casbin::{CoreApi, DefaultModel, Enforcer, Filter, Model, RbacApi};
use linli_kernel::{Page, Problem};
use linli_runtime::{Change, Key, Sql, Tx, values};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::{App, Ctx, Pack, Policy, Tenant, pack::faulty, pack::hex, perm};

const MODEL: &str = include_str!("../policy/model.conf");
const ROLES: &str = include_str!("../policy/roles.toml");
const PERMISSIONS: &str = include_str!("../policy/permissions.toml");
/// What every signed-in account inherits.
const SIGNED_IN: &str = "signed_in";
/// Roles without a post: a natural person, and an official before he chose one.
pub(crate) const WITHOUT_POST: [&str; 2] = ["person", "none"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleFile {
    #[serde(default)]
    role: Vec<RoleRow>,
    /// Permissions that a pack gives to its own roles.
    #[serde(default)]
    permissions: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleRow {
    code: String,
    name: String,
    level: String,
    scope_kind: String,
    #[serde(default)]
    inherits: Vec<String>,
}

/// The policy rows of one tenant, as Casbin's adapter hands them out. Writing through the adapter does nothing: rows are
/// changed by our own transactions and a new enforcer is built.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    p: Vec<Vec<String>>,
    g: Vec<Vec<String>>,
}

#[async_trait]
impl casbin::Adapter for Rows {
    async fn load_policy(&mut self, model: &mut dyn Model) -> casbin::Result<()> {
        for row in &self.p {
            model.add_policy("p", "p", row.clone());
        }
        for row in &self.g {
            model.add_policy("g", "g", row.clone());
        }
        Ok(())
    }
    async fn load_filtered_policy<'a>(&mut self, model: &mut dyn Model, _: Filter<'a>) -> casbin::Result<()> {
        self.load_policy(model).await
    }
    async fn save_policy(&mut self, _: &mut dyn Model) -> casbin::Result<()> {
        Ok(())
    }
    async fn clear_policy(&mut self) -> casbin::Result<()> {
        Ok(())
    }
    fn is_filtered(&self) -> bool {
        false
    }
    async fn add_policy(&mut self, _: &str, _: &str, _: Vec<String>) -> casbin::Result<bool> {
        Ok(true)
    }
    async fn add_policies(&mut self, _: &str, _: &str, _: Vec<Vec<String>>) -> casbin::Result<bool> {
        Ok(true)
    }
    async fn remove_policy(&mut self, _: &str, _: &str, _: Vec<String>) -> casbin::Result<bool> {
        Ok(true)
    }
    async fn remove_policies(&mut self, _: &str, _: &str, _: Vec<Vec<String>>) -> casbin::Result<bool> {
        Ok(true)
    }
    async fn remove_filtered_policy(&mut self, _: &str, _: &str, _: usize, _: Vec<String>) -> casbin::Result<bool> {
        Ok(true)
    }
}

const P_ROWS: &str = "select role as a, permission as b from role_permission order by role, permission limit 100000";
const G_ROWS: &str = "select role as a, parent as b from role_inherits order by role, parent limit 10000";
const ROLE_CODES: &str = "select code as a, state as b from role order by code limit 2000";

#[derive(sea_orm::FromQueryResult)]
struct Pair {
    a: String,
    b: String,
}

/// Reads the tenant's policy rows.
pub(crate) async fn rows(conn: &impl ConnectionTrait, slug: &str) -> Result<Rows, Problem> {
    let roles: Vec<Pair> = conn.rows(ROLE_CODES, values![]).await?;
    let active: BTreeSet<&str> = roles.iter().filter(|r| r.b == "active").map(|r| r.a.as_str()).chain(WITHOUT_POST).collect();
    let mut rows = Rows::default();
    for Pair { a, b } in conn.rows::<Pair>(P_ROWS, values![]).await? {
        let role = if a == "*" { SIGNED_IN.to_owned() } else { a };
        rows.p.push(vec![role, slug.to_owned(), b]);
    }
    for Pair { a, b } in conn.rows::<Pair>(G_ROWS, values![]).await? {
        rows.g.push(vec![a, b, slug.to_owned()]);
    }
    rows.g.extend(active.into_iter().map(|role| vec![role.to_owned(), SIGNED_IN.to_owned(), slug.to_owned()]));
    Ok(rows)
}

async fn enforcer(rows: Rows) -> Result<Enforcer, Problem> {
    let model = DefaultModel::from_str(MODEL).await.map_err(Problem::internal)?;
    Enforcer::new(model, rows).await.map_err(Problem::internal)
}

/// Asks Casbin once a role and keeps the set of pairs.
pub(crate) async fn compile(slug: &str, rows: Rows) -> Result<Policy, Problem> {
    let roles: BTreeSet<String> = rows.g.iter().map(|row| row[0].clone()).collect();
    let enforcer = enforcer(rows).await?;
    let mut allowed = Vec::new();
    for role in roles {
        let implied = enforcer.get_implicit_permissions_for_user(&role, Some(slug));
        allowed.extend(implied.into_iter().filter_map(|row| row.get(2).map(|permission| (role.clone(), permission.clone()))));
    }
    Ok(Policy::new(allowed))
}

fn shipped_digest() -> String {
    let mut hash = Sha256::new();
    hash.update(ROLES);
    hash.update(PERMISSIONS);
    hex(&hash.finalize())
}

const DROP_P: &str = "delete from role_permission where origin = 'shipped'";
const DROP_G: &str = "delete from role_inherits where origin = 'shipped'";
const ROLE: &str = "insert into role (code, name, level, scope_kind, state) values ($1, $2, $3, $4, 'active')
                    on conflict (code) do update set name = excluded.name, level = excluded.level, scope_kind = excluded.scope_kind";
const P: &str = "insert into role_permission (role, permission, origin) values ($1, $2, $3) on conflict (role, permission) do nothing";
const G: &str = "insert into role_inherits (role, parent, origin) values ($1, $2, $3) on conflict (role, parent) do nothing";
const VERSION: &str = "select shipped_digest as v from policy_version";
const FIRST_VERSION: &str = "insert into policy_version (version, shipped_digest) values (1, $1)";
const NEXT_VERSION: &str = "update policy_version set version = version + 1, shipped_digest = $1";

async fn write_shipped(tx: &Tx) -> Result<(), Problem> {
    let RoleFile { role: roles, .. } = toml::from_str(ROLES).map_err(Problem::internal)?;
    let permissions: BTreeMap<String, Vec<String>> = toml::from_str(PERMISSIONS).map_err(Problem::internal)?;
    tx.conn().exec(DROP_P, values![]).await?;
    tx.conn().exec(DROP_G, values![]).await?;
    for role in &roles {
        let row = values![role.code.as_str(), role.name.as_str(), role.level.as_str(), role.scope_kind.as_str()];
        tx.conn().exec(ROLE, row).await?;
        for parent in &role.inherits {
            tx.conn().exec(G, values![role.code.as_str(), parent.as_str(), "shipped"]).await?;
        }
    }
    for (permission, roles) in &permissions {
        for role in roles {
            tx.conn().exec(P, values![role.as_str(), permission.as_str(), "shipped"]).await?;
        }
    }
    Ok(())
}

/// The shipped roles and permissions, then `roles.toml` of the pack: roles of its own and what they may.
pub(crate) async fn install(tx: &Tx, pack: &Pack) -> Result<(), Problem> {
    const FILE: &str = "roles.toml";
    write_shipped(tx).await?;
    let RoleFile { role: shipped, .. } = toml::from_str(ROLES).map_err(Problem::internal)?;
    let known: BTreeMap<String, Vec<String>> = toml::from_str(PERMISSIONS).map_err(Problem::internal)?;
    if let Some(RoleFile { role: own, permissions }) = pack.read(FILE)? {
        for role in &own {
            if shipped.iter().any(|s| s.code == role.code) || WITHOUT_POST.contains(&role.code.as_str()) {
                return Err(faulty(FILE, &format!("role {} is the platform's", role.code)));
            }
            let row = values![role.code.as_str(), role.name.as_str(), role.level.as_str(), role.scope_kind.as_str()];
            tx.conn().exec(ROLE, row).await?;
            for parent in &role.inherits {
                tx.conn().exec(G, values![role.code.as_str(), parent.as_str(), "pack"]).await?;
            }
        }
        for (permission, roles) in &permissions {
            if !known.contains_key(permission) {
                return Err(faulty(FILE, &format!("there is no permission {permission}")));
            }
            for role in roles {
                if !own.iter().any(|r| r.code == *role) {
                    return Err(faulty(FILE, &format!("{role} is no role of this pack")));
                }
                tx.conn().exec(P, values![role.as_str(), permission.as_str(), "pack"]).await?;
            }
        }
    }
    tx.conn().exec(FIRST_VERSION, values![shipped_digest()]).await?;
    Ok(())
}

/// After an upgrade of the program its shipped rows replace the former ones; rows of pack and city stay.
pub(crate) async fn follow_release(app: &Arc<App>, tenant: &Arc<Tenant>) -> Result<(), Problem> {
    let digest = shipped_digest();
    let stored: Option<String> = tenant.db.reader().scalar(VERSION, values![]).await?;
    if stored.is_none_or(|s| s == digest) {
        return Ok(());
    }
    let ctx = Ctx::system(app, tenant, "policy");
    ctx.tx("policy.follow", &Key::default(), async |tx| {
        write_shipped(tx).await?;
        tx.conn().exec(NEXT_VERSION, values![digest.as_str()]).await?;
        tx.event(Change::new("policy.changed", "policy", tenant.id).data("reason", "release").data("digest", &digest)).await?;
        Ok(())
    })
    .await
}

/// 角色 with what it may.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RoleView {
    #[schema(example = "fund_clerk")]
    pub code: String,
    #[schema(example = "资金经办（初审）")]
    pub name: String,
    /// 层级.
    #[schema(example = "市/区")]
    pub level: String,
    /// What a post of this role must point to.
    #[schema(example = "area")]
    pub scope_kind: String,
    /// `draft`, `active` or `retired`.
    #[schema(example = "active")]
    pub state: String,
    /// Everything it may, inherited ones too.
    pub permissions: Vec<String>,
}

#[derive(sea_orm::FromQueryResult)]
struct RoleHead {
    code: String,
    name: String,
    level: String,
    scope_kind: String,
    state: String,
}

const LIST: &str = "select code, name, level, scope_kind, state from role order by code limit 2000";

pub async fn roles(ctx: &Ctx) -> Result<Page<RoleView>, Problem> {
    ctx.require(perm::ROLE_READ)?;
    let policy = ctx.tenant.policy();
    let rows: Vec<RoleHead> = ctx.conn().rows(LIST, values![]).await?;
    let items: Vec<RoleView> = rows
        .into_iter()
        .map(|r| RoleView {
            permissions: policy.of(&r.code),
            code: r.code,
            name: r.name,
            level: r.level,
            scope_kind: r.scope_kind,
            state: r.state,
        })
        .collect();
    let total = items.len() as i64;
    Ok(Page::new(items, total))
}

#[cfg(test)]
mod tests;
