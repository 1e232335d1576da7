//! The checks that are sums in the database: L1 (balance), L2, L4 (orphans), L5 (doubles), L6, L8, L9.
use std::collections::BTreeMap;

use linli_kernel::{Money, Problem};
use linli_runtime::{Sql, values};
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::Faults;
use crate::AccountKind;

#[derive(FromQueryResult)]
struct Text {
    v: String,
}

const UNBALANCED: &str = "select p.posting_no as v from posting p join gl_line g on g.posting_id = p.id where p.pool_code = $1
                          group by p.posting_no having sum(g.debit) <> sum(g.credit) order by 1 limit 6";

pub(super) async fn journals(conn: &impl ConnectionTrait, pool: &str, faults: &mut Faults) -> Result<(), Problem> {
    for Text { v } in conn.rows(UNBALANCED, values![pool]).await? {
        faults.add(format!("{v}借贷不平"));
    }
    Ok(())
}

pub(super) struct Balances {
    pub count: i64,
    pub faults: Faults,
}

const ACCOUNTS: &str = "select count(*) as v from fund_account where pool_code = $1";
// Both sides in one aggregate, not a join: right after a big import the planner knows nothing of the tables yet.
const OFF: &str = "select max(m.account_no) as v from (
                     select id, account_no, principal as p, income as i, seq as n, seq as last from fund_account where pool_code = $1
                     union all
                     select fund_account_id, null, 0 - sum(case when bucket = 'principal' then amount else 0 end),
                       0 - sum(case when bucket = 'income' then amount else 0 end), 0 - count(*), 0 - max(seq)
                     from fund_entry group by fund_account_id) m
                   group by m.id having max(m.account_no) is not null
                     and (sum(m.p) <> 0 or sum(m.i) <> 0 or sum(m.n) <> 0 or sum(m.last) <> 0) order by 1 limit 6";
const CHAIN: &str = "select a.account_no as v from fund_account a join (
                       select fund_account_id, balance_after,
                         sum(amount) over (partition by fund_account_id, bucket order by seq) as running
                       from fund_entry) r on r.fund_account_id = a.id
                     where a.pool_code = $1 and r.running <> r.balance_after order by 1 limit 6";

pub(super) async fn balances(conn: &impl ConnectionTrait, pool: &str) -> Result<Balances, Problem> {
    let mut faults = Faults::default();
    for Text { v } in conn.rows(OFF, values![pool]).await? {
        faults.add(format!("{v}余额或序号与明细不符"));
    }
    for Text { v } in conn.rows(CHAIN, values![pool]).await? {
        faults.add(format!("{v}逐笔余额不连续"));
    }
    Ok(Balances { count: conn.scalar(ACCOUNTS, values![pool]).await?.unwrap_or(0), faults })
}

const ORPHANS: &str = "select e.subject as v from event e where e.subject_kind = 'ledger.posting' and e.kind = 'ledger.posting.posted'
                       and not exists (select 1 from posting p where p.id = e.subject_id) order by 1 limit 6";

pub(super) async fn orphan_events(conn: &impl ConnectionTrait, faults: &mut Faults) -> Result<(), Problem> {
    for Text { v } in conn.rows(ORPHANS, values![]).await? {
        faults.add(format!("事件{v}没有对应的业务"));
    }
    Ok(())
}

const DOUBLES: &str = "select source as v from posting group by source having count(*) > 1 order by 1 limit 6";

pub(super) async fn sources(conn: &impl ConnectionTrait, faults: &mut Faults) -> Result<(), Problem> {
    for Text { v } in conn.rows(DOUBLES, values![]).await? {
        faults.add(format!("来源{v}重复记账"));
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct ControlSum {
    control: String,
    project_id: Option<Uuid>,
    amount: i64,
}
#[derive(FromQueryResult)]
struct KindSum {
    kind: AccountKind,
    project_id: Option<Uuid>,
    amount: i64,
}

const TRIAL: &str = "select cast(coalesce(sum(g.debit) - sum(g.credit), 0) as bigint) as v
                     from gl_line g join posting p on p.id = g.posting_id where p.pool_code = $1";
const CONTROLS: &str = "select c.control, g.project_id, cast(sum(g.credit - g.debit) as bigint) as amount
                        from gl_line g join posting p on p.id = g.posting_id
                        join gl_account c on c.set_code = g.set_code and c.code = g.account_code
                        where p.pool_code = $1 and c.control in ('fund', 'income') group by c.control, g.project_id";
const KINDS: &str = "select a.kind, e.project_id, cast(sum(e.amount) as bigint) as amount
                     from fund_entry e join fund_account a on a.id = e.fund_account_id where a.pool_code = $1 group by a.kind, e.project_id";

/// I14: 3001 with what is not yet transferred to it = household-like accounts; 3101 likewise = public and undistributed income.
pub(super) async fn controls(conn: &impl ConnectionTrait, pool: &str) -> Result<Faults, Problem> {
    let mut faults = Faults::default();
    let off: i64 = conn.scalar(TRIAL, values![pool]).await?.unwrap_or(0);
    if off != 0 {
        faults.add(format!("试算相差{}", Money(off)));
    }
    let mut open: BTreeMap<(String, Option<Uuid>), i64> = BTreeMap::new();
    for row in conn.rows::<ControlSum>(CONTROLS, values![pool]).await? {
        *open.entry((row.control, row.project_id)).or_default() += row.amount;
    }
    for row in conn.rows::<KindSum>(KINDS, values![pool]).await? {
        let control = if row.kind.is_income() { "income" } else { "fund" };
        *open.entry((control.to_owned(), row.project_id)).or_default() -= row.amount;
    }
    for ((control, project), off) in open.into_iter().filter(|(_, off)| *off != 0) {
        let of = project.map_or_else(|| "全市".to_owned(), |p| p.to_string());
        let what = if control == "income" { "待分配收益" } else { "维修资金" };
        faults.add(format!("{what}（{of}）相差{}", Money(off)));
    }
    Ok(faults)
}

// Journal and bank rows of one posting and account cancel each other; what is left belongs to one of them only.
const BANK_OFF: &str = "select b.number as v from (
                          select g.posting_id, g.bank_account_id, g.debit - g.credit as amount from gl_line g
                          join gl_account c on c.set_code = g.set_code and c.code = g.account_code and c.control = 'bank'
                          union all select posting_id, bank_account_id, 0 - amount from bank_entry) m
                        join bank_account b on b.id = m.bank_account_id where b.pool_code = $1
                        group by m.posting_id, b.number having sum(m.amount) <> 0 order by 1 limit 6";
const HOMELESS: &str = "select g.account_code as v from gl_line g join posting p on p.id = g.posting_id
                        join gl_account c on c.set_code = g.set_code and c.code = g.account_code and c.control = 'bank'
                        where p.pool_code = $1 and g.bank_account_id is null order by 1 limit 6";
const CONTRADICTED: &str = "select l.bank_serial as v from statement_line l join bank_claim c
                              on c.bank_account_id = l.bank_account_id and c.bank_serial = l.bank_serial
                            join bank_entry b on b.posting_id = c.posting_id join bank_account k on k.id = l.bank_account_id
                            where k.pool_code = $1 and b.amount <> l.amount order by 1 limit 6";
const TRANSIT: &str = "select
    (select cast(coalesce(sum(b.amount), 0) as bigint) from bank_entry b join bank_account k on k.id = b.bank_account_id where k.pool_code = $1) as book,
    (select count(*) from bank_claim c join bank_account k on k.id = c.bank_account_id where k.pool_code = $1 and not exists (
       select 1 from statement_line l where l.bank_account_id = c.bank_account_id and l.bank_serial = c.bank_serial)) as booked_only,
    (select count(*) from statement_line l join bank_account k on k.id = l.bank_account_id where k.pool_code = $1 and not exists (
       select 1 from bank_claim c where c.bank_account_id = l.bank_account_id and c.bank_serial = l.bank_serial)) as bank_only";

#[derive(FromQueryResult)]
struct Transit {
    book: i64,
    booked_only: i64,
    bank_only: i64,
}

/// Control account = bank journal, posting by posting; no statement line says another amount than the journal under its serial.
/// What only one side has is in transit (未达账项) and named, not a fault.
pub(super) async fn bank(conn: &impl ConnectionTrait, pool: &str) -> Result<(Faults, String), Problem> {
    let mut faults = Faults::default();
    for Text { v } in conn.rows(BANK_OFF, values![pool]).await? {
        faults.add(format!("专户{v}的银行存款科目与银行日记账不符"));
    }
    for Text { v } in conn.rows(HOMELESS, values![pool]).await? {
        faults.add(format!("科目{v}的分录没有专户"));
    }
    for Text { v } in conn.rows(CONTRADICTED, values![pool]).await? {
        faults.add(format!("流水{v}的金额与对账单不符"));
    }
    let t: Option<Transit> = conn.row(TRANSIT, values![pool]).await?;
    let t = t.unwrap_or(Transit { book: 0, booked_only: 0, bank_only: 0 });
    let detail = format!(
        "银行存款科目与日记账一致，账面{}；未达：企业已记银行未见{}笔，银行已见企业未记{}笔",
        Money(t.book),
        t.booked_only,
        t.bank_only
    );
    Ok((faults, detail))
}

const BELOW: &str = "select a.account_no as v from fund_account a where a.pool_code = $1 and a.principal + a.income < a.held
                     and not exists (select 1 from hold h where h.fund_account_id = a.id and h.state = 'active' and h.kind = 'judicial')
                     order by 1 limit 6";
const HELD: &str = "select max(m.account_no) as v from (
                      select id, account_no, held from fund_account where pool_code = $1
                      union all
                      select fund_account_id, null, 0 - amount from hold where state = 'active') m
                    group by m.id having max(m.account_no) is not null and sum(m.held) <> 0 order by 1 limit 6";

pub(super) async fn holds(conn: &impl ConnectionTrait, pool: &str) -> Result<Faults, Problem> {
    let mut faults = Faults::default();
    for Text { v } in conn.rows(BELOW, values![pool]).await? {
        faults.add(format!("{v}可用余额小于零"));
    }
    for Text { v } in conn.rows(HELD, values![pool]).await? {
        faults.add(format!("{v}的冻结额与有效冻结不符"));
    }
    Ok(faults)
}
