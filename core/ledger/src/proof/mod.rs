//! 校验: L1 to L9 (architecture §6), each computed from the rows themselves, never from what another check found.
//!
//! | | true | broken by |
//! |---|---|---|
//! | L1 | every journal balances and is the one that was posted | a changed, added or lost journal amount |
//! | L2 | every balance is the sum of its entries, numbers without gap | a changed balance |
//! | L3 | no posted row was changed | any other field of a posting or its rows |
//! | L4 | every posting has its event with its number, every event its posting | a lost event, a lost posting, another number |
//! | L5 | one source is one posting, and the one that the event names | a doubled or exchanged source |
//! | L6 | the trial balance is zero; household and income accounts equal their control accounts | an account of another kind or project |
//! | L7 | a posting's lines sum to its total | a changed total |
//! | L8 | the bank's control account equals the bank journal, which no statement line contradicts | a bank row without journal |
//! | L9 | nothing available is below zero, and what is held is the sum of the holds | a changed hold |
mod rows;
mod sums;

use linli_kernel::Problem;
use linli_runtime::{Sql, values};
use linli_tenants::Ctx;
use sea_orm::{AccessMode, ConnectionTrait, DbBackend, IsolationLevel, TransactionTrait};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::perm;

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// `L1` … `L9`.
    #[schema(example = "L1")]
    pub code: String,
    pub ok: bool,
    /// What was looked at, or the first rows that break it.
    #[schema(example = "213 笔业务借贷平衡")]
    pub detail: String,
}

/// Whether the three books of a pool are equal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProofView {
    #[schema(example = "01")]
    pub pool_code: String,
    pub ok: bool,
    pub checks: Vec<Check>,
}

/// Collects what breaks a check; keeps the first few, counts the rest.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    count: usize,
    first: Vec<String>,
}

impl Faults {
    pub fn add(&mut self, what: impl Into<String>) {
        self.count += 1;
        if self.first.len() < 5 {
            self.first.push(what.into());
        }
    }
    fn check(self, code: &str, good: String) -> Check {
        let ok = self.count == 0;
        let detail = if ok { good } else { format!("{}处不符：{}", self.count, self.first.join("；")) };
        Check { code: code.to_owned(), ok, detail }
    }
}

/// Proves a pool at one moment; 404 for a pool that does not exist.
pub async fn proof(ctx: &Ctx, pool_code: &str) -> Result<ProofView, Problem> {
    ctx.require(perm::PROOF_READ)?;
    let conn = ctx.conn();
    // One snapshot, or a posting between two reads would look like a fault.
    let snapshot = match conn.get_database_backend() {
        DbBackend::Postgres => conn.begin_with_config(Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly)).await?,
        _ => conn.begin().await?,
    };
    let result = check(&snapshot, pool_code).await;
    snapshot.rollback().await?;
    let checks = result?;
    Ok(ProofView { pool_code: pool_code.to_owned(), ok: checks.iter().all(|c| c.ok), checks })
}

const POOL: &str = "select cast(1 as bigint) as v from pool where code = $1";

/// The nine checks in order, over what `conn` sees.
pub async fn check(conn: &impl ConnectionTrait, pool: &str) -> Result<Vec<Check>, Problem> {
    if conn.scalar::<i64>(POOL, values![pool]).await?.is_none() {
        return Err(Problem::not_found());
    }
    let walked = rows::walk(conn, pool).await?;
    let n = walked.postings;
    let mut l1 = walked.journals;
    sums::journals(conn, pool, &mut l1).await?;
    let accounts = sums::balances(conn, pool).await?;
    let mut l4 = walked.events;
    sums::orphan_events(conn, &mut l4).await?;
    let mut l5 = walked.sources;
    sums::sources(conn, &mut l5).await?;
    let controls = sums::controls(conn, pool).await?;
    let (bank, bank_detail) = sums::bank(conn, pool).await?;
    let holds = sums::holds(conn, pool).await?;
    Ok(vec![
        l1.check("L1", format!("{n}笔业务的分录借贷平衡，与记账时一致")),
        accounts.faults.check("L2", format!("{}个资金账户余额等于明细之和，序号连续", accounts.count)),
        walked.seals.check("L3", format!("{n}笔业务及其明细未被改动")),
        l4.check("L4", format!("{n}笔业务与事件逐笔对应")),
        l5.check("L5", format!("{n}笔业务来源各不相同")),
        controls.check("L6", "试算平衡；分户账与统制科目一致".to_owned()),
        walked.totals.check("L7", format!("{n}笔业务的明细之和等于总额")),
        bank.check("L8", bank_detail),
        holds.check("L9", format!("{}个资金账户可用余额不小于零，冻结额等于有效冻结之和", accounts.count)),
    ])
}

#[cfg(test)]
mod tests;
