//! 凭证号: given after the posting, so that no posting waits for a counter. Gapless per set, kind and month, in posting order.
use std::collections::HashMap;

use linli_kernel::{PostingId, Problem};
use linli_runtime::{Change, Key, ScopeIds, Sql, Tx, values};
use linli_tenants::Ctx;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::bulk::{self, Insert, Rows};

/// How many vouchers one transaction numbers.
const CHUNK: i64 = 2_000;

/// The numbering step of a tenant: numbers everything that waits. Called by the background loop, at least once a minute.
pub async fn number(ctx: &Ctx) -> Result<u64, Problem> {
    let mut all = 0;
    loop {
        // A transaction must have an event, so one is begun only when something waits.
        if ctx.conn().scalar::<i64>(WAITING, values![]).await?.is_none() {
            return Ok(all);
        }
        let done: i64 = ctx
            .tx("ledger.voucher.number", &Key::default(), async |tx| {
                let done = number_vouchers(tx).await?;
                if done == 0 {
                    // Another replica was quicker.
                    return Err(Problem::new(409, "ledger.voucher.nothing", "没有待编号的凭证", "Nothing waits for a number"));
                }
                Ok(done)
            })
            .await
            .or_else(|p| if p.code() == "ledger.voucher.nothing" { Ok(0) } else { Err(p) })?;
        if done == 0 {
            return Ok(all);
        }
        all += done as u64;
    }
}

const WAITING: &str =
    "select cast(1 as bigint) as v from posting p where not exists (select 1 from voucher v where v.posting_id = p.id) limit 1";
// One numbering step at a time: the sets are locked before anything is read.
const LOCK: &str = "select code from ledger_set order by code";
const PENDING: &str = "select p.id, p.set_code, p.voucher_kind, p.accounting_on from posting p
                       where not exists (select 1 from voucher v where v.posting_id = p.id) order by p.serial limit $1";
const LAST: &str = "select coalesce(max(serial), 0) as v from voucher where set_code = $1 and kind = $2 and month = $3";
const LAST_SEQ: &str = "select coalesce(max(seq), 0) as v from voucher";
const MONTH: &str = "insert into period (set_code, month, state) values ($1, $2, 'open') on conflict (set_code, month) do nothing";

#[derive(FromQueryResult)]
struct Pending {
    id: PostingId,
    set_code: String,
    voucher_kind: String,
    accounting_on: linli_kernel::Date,
}

#[derive(FromQueryResult)]
struct SetCode {
    code: String,
}

/// Numbers up to 2,000 postings inside the transaction; answers how many.
pub async fn number_vouchers(tx: &Tx) -> Result<i64, Problem> {
    let sets: Vec<SetCode> = tx.conn().rows(&format!("{LOCK}{}", tx.for_update()), values![]).await?;
    let pending: Vec<Pending> = tx.conn().rows(PENDING, values![CHUNK]).await?;
    if pending.is_empty() {
        return Ok(0);
    }
    let mut last: HashMap<(String, String, String), i64> = HashMap::new();
    let mut seq = tx.conn().scalar::<i64>(LAST_SEQ, values![]).await?.unwrap_or(0);
    let mut rows: Vec<(i64, &Pending, String, i64)> = Vec::with_capacity(pending.len());
    for posting in &pending {
        let month = posting.accounting_on.month();
        let key = (posting.set_code.clone(), posting.voucher_kind.clone(), month.clone());
        if !last.contains_key(&key) {
            tx.conn().exec(MONTH, values![key.0.as_str(), key.2.as_str()]).await?;
            let found = tx.conn().scalar::<i64>(LAST, values![key.0.as_str(), key.1.as_str(), key.2.as_str()]).await?;
            last.insert(key.clone(), found.unwrap_or(0));
        }
        let serial = last.entry(key).or_default();
        *serial += 1;
        seq += 1;
        rows.push((seq, posting, month, *serial));
    }
    let insert = Rows::new()
        .ints("seq", rows.iter().map(|r| r.0))
        .texts("set_code", rows.iter().map(|r| r.1.set_code.clone()))
        .texts("kind", rows.iter().map(|r| r.1.voucher_kind.clone()))
        .texts("month", rows.iter().map(|r| r.2.clone()))
        .ints("serial", rows.iter().map(|r| r.3))
        .texts("no", rows.iter().map(|r| voucher_no(&r.1.set_code, &r.1.voucher_kind, &r.2, r.3)))
        .uuids("posting_id", rows.iter().map(|r| Some(Uuid::from(r.1.id))))
        .ints("numbered_at", rows.iter().map(|_| tx.now().micros()));
    bulk::insert_all(tx, vec![Insert { table: "voucher", rows: insert }]).await?;
    let first = &pending[0];
    let change = Change::new("finance.voucher.numbered", "finance.voucher", first.id)
        .scope(ScopeIds::default())
        .data("no", voucher_no(&first.set_code, &first.voucher_kind, &rows[0].2, rows[0].3))
        .data("state", "numbered")
        .data("from_state", "formed")
        .data("vouchers", rows.len())
        .data("sets", sets.iter().map(|s| &s.code).collect::<Vec<_>>());
    tx.event(change).await?;
    Ok(rows.len() as i64)
}

/// `SP01-收-202612-000017`.
fn voucher_no(set: &str, kind: &str, month: &str, serial: i64) -> String {
    let kind = match kind {
        "receipt" => "收",
        "payment" => "付",
        _ => "转",
    };
    format!("{set}-{kind}-{}-{serial:06}", month.replace('-', ""))
}
