//! 会计期间: whether a month still takes postings. Postings are dated today, so only the current month matters to them; an import
//! asks before it promises a row (E12).
use linli_kernel::{Date, Problem};
use linli_runtime::{Sql, values};
use sea_orm::ConnectionTrait;

const SHUT: &str = "select count(*) as v from period d join pool p on p.set_code = d.set_code
                    where p.code = $1 and d.month = $2 and d.state in ('closing', 'closed')";

/// Whether the pool's books of that month are closed.
pub async fn is_closed(conn: &impl ConnectionTrait, pool_code: &str, date: Date) -> Result<bool, Problem> {
    Ok(conn.scalar::<i64>(SHUT, values![pool_code, date.month()]).await?.unwrap_or(0) > 0)
}
