//! 候选人: who may take a seat, asked anew each time and never copied.
use linli_kernel::{AccountId, Problem};
use linli_runtime::{ScopeIds, Sql, Tx, values};
use linli_tenants::{Ctx, Scope};
use uuid::Uuid;

use crate::core::Seat;

const MOST: i64 = 500;
const MEMBERS: &str = "select distinct p.account_id from post p join account a on a.id = p.account_id
                       where p.role = $1 and p.state = 'active' and p.from_on <= $2 and (p.until_on is null or p.until_on >= $2)
                         and a.state in ('active', 'locked')
                         and (p.scope_kind = 'tenant' or p.scope_kind = 'area' and $3 like p.area_path || '%')
                       order by p.account_id limit $4";

#[derive(sea_orm::FromQueryResult)]
struct Member {
    account_id: AccountId,
}

/// Everybody who holds an active post of the role over the whole area.
pub(crate) async fn members(tx: &Tx, role: &str, area_path: &str) -> Result<Vec<Uuid>, Problem> {
    let found: Vec<Member> = tx.conn().rows(MEMBERS, values![role, tx.today(), area_path, MOST]).await?;
    Ok(found.into_iter().map(|m| m.account_id.into()).collect())
}

/// Whether the actor's chosen post belongs to a pool: its role, and an area that covers the pool's.
pub(crate) fn holds(ctx: &Ctx, role: Option<&str>, org: Option<&str>, row: &ScopeIds) -> bool {
    if role != Some(ctx.actor.role.as_str()) {
        return false;
    }
    match &ctx.scope {
        Scope::Tenant => true,
        Scope::Area(path) => org.is_some_and(|org| org.starts_with(path.as_str())),
        other => other.covers(row),
    }
}

pub(crate) fn in_pool(ctx: &Ctx, seat: &Seat, row: &ScopeIds) -> bool {
    holds(ctx, seat.pool_role.as_deref(), seat.pool_org.as_deref(), row)
}
