//! 号码: the numbers that people quote to each other, given in the business transaction (vocabulary §5).
use linli_kernel::{Date, Problem, check};

use crate::{Sql, Tx, values};

const NEXT: &str = "insert into number_counter (counter, value) values ($1, $2)
                    on conflict (counter) do update set value = number_counter.value + excluded.value returning value as v";

/// The next number of a series, from 1. Rolled back with its transaction, so a series has no gaps but those of refused work.
pub async fn next(tx: &Tx, counter: &str) -> Result<i64, Problem> {
    next_block(tx, counter, 1).await
}

/// The **first** of `count` numbers in a row.
pub async fn next_block(tx: &Tx, counter: &str, count: i64) -> Result<i64, Problem> {
    let last: Option<i64> = tx.conn().scalar(NEXT, values![counter, count]).await?;
    last.map(|last| last - count + 1).ok_or_else(|| Problem::internal("the counter answered no value"))
}

/// 受理编号: area 6 + `YYYYMMDD` + daily serial 6 + MOD 37,36: `37990020260924000017V`.
pub fn case_no(area6: &str, date: Date, serial: i64) -> String {
    let body = format!("{area6}{}{serial:06}", date.compact());
    with_sign(&body, check::mod_37_36(&body))
}

/// The next 受理编号 of the tenant's day.
pub async fn next_case_no(tx: &Tx, area6: &str) -> Result<String, Problem> {
    let today = tx.today();
    let serial = next(tx, &format!("case:{}", today.compact())).await?;
    Ok(case_no(area6, today, serial))
}

/// Two letters + `YYYYMMDD` + daily serial 6: `PB20261123000001`.
pub async fn daily(tx: &Tx, letters: &str) -> Result<String, Problem> {
    let day = tx.today().compact();
    let serial = next(tx, &format!("no:{letters}:{day}")).await?;
    Ok(format!("{letters}{day}{serial:06}"))
}

/// `head`, then `digits`, then the MOD 11,10 check digit of `digits`: 资金账号 `W` + 16 digits, 拨付指令号 `P` + 14 digits.
pub fn checked(head: &str, digits: &str) -> String {
    format!("{head}{}", with_sign(digits, check::mod_11_10(digits)))
}

fn with_sign(body: &str, sign: Option<char>) -> String {
    // Callers pass digits (and capital letters), for which there always is a sign; a wrong body keeps its form visible.
    format!("{body}{}", sign.unwrap_or('?'))
}

#[cfg(test)]
mod tests;
