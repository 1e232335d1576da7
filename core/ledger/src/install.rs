//! A city pack's `ledger.toml`: set, pools, chart of accounts, posting map. Installing it again adds what is new and changes nothing.
use linli_kernel::Problem;
use linli_runtime::{Change, Sql, Tx, values};
use serde::Deserialize;

use crate::PostingCode;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    set: Set,
    #[serde(default)]
    pool: Vec<Pool>,
    #[serde(default)]
    gl_account: Vec<GlAccount>,
    #[serde(default)]
    posting_map: Vec<MapRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    code: String,
    name: String,
    kind: String,
    grouping: String,
    start_month: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pool {
    code: String,
    name: String,
    fund_type: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GlAccount {
    code: String,
    name: String,
    class: String,
    side: String,
    parent: Option<String>,
    control: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MapRow {
    codes: Vec<String>,
    voucher: String,
    kind: String,
    #[serde(default)]
    fund: Option<Place>,
    #[serde(default)]
    income: Option<Place>,
    #[serde(default)]
    bank: Option<Place>,
    #[serde(default)]
    counter: Option<Place>,
    /// First day of the rule; without it from the beginning.
    #[serde(default)]
    from: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    account: String,
    side: String,
}

const SET: &str = "insert into ledger_set (code, name, kind, voucher_grouping, start_month, state) values ($1, $2, $3, $4, $5, 'running')
                   on conflict (code) do nothing";
const POOL: &str =
    "insert into pool (code, name, fund_type, set_code, state) values ($1, $2, $3, $4, 'open') on conflict (code) do nothing";
const ACCOUNT: &str = "insert into gl_account (set_code, code, name, class, side, parent_code, control, state)
                       values ($1, $2, $3, $4, $5, $6, $7, 'enabled') on conflict (set_code, code) do nothing";
const MAP: &str =
    "insert into posting_map (set_code, code, voucher_code, voucher_kind, fund_account, fund_side, income_account, income_side,
                     bank_account, bank_side, counter_account, counter_side, valid_from)
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (set_code, code, valid_from) do nothing";

/// Installs the ledger of a pack. A file that names an unknown code or account is refused as a whole.
pub async fn install_pack(tx: &Tx, ledger_toml: &str) -> Result<(), Problem> {
    let book = parse(ledger_toml)?;
    let conn = tx.conn();
    let set = &book.set;
    let texts = [&set.code, &set.name, &set.kind, &set.grouping, &set.start_month].map(|t| t.as_str());
    conn.exec(SET, texts.into_iter().map(sea_orm::Value::from).collect()).await?;
    for p in &book.pool {
        conn.exec(POOL, values![p.code.as_str(), p.name.as_str(), p.fund_type.as_str(), set.code.as_str()]).await?;
    }
    for a in &book.gl_account {
        let row = values![
            set.code.as_str(),
            a.code.as_str(),
            a.name.as_str(),
            a.class.as_str(),
            a.side.as_str(),
            a.parent.clone(),
            a.control.clone()
        ];
        conn.exec(ACCOUNT, row).await?;
    }
    for m in &book.posting_map {
        for code in &m.codes {
            let mut row = values![set.code.as_str(), code.as_str(), m.voucher.as_str(), m.kind.as_str()];
            for place in [&m.fund, &m.income, &m.bank, &m.counter] {
                row.push(place.as_ref().map(|p| p.account.clone()).into());
                row.push(place.as_ref().map(|p| p.side.clone()).into());
            }
            row.push(m.from.clone().unwrap_or_else(|| "0001-01-01".to_owned()).into());
            conn.exec(MAP, row).await?;
        }
    }
    let change = Change::new("ledger.set.started", "ledger.set", uuid::Uuid::now_v7()).data("code", &set.code);
    tx.event(change.data("state", "running").data("from_state", "setup")).await?;
    Ok(())
}

fn parse(text: &str) -> Result<Book, Problem> {
    let wrong = |why: String| {
        Problem::new(
            422,
            "pack.ledger_invalid",
            format!("城市包的 ledger.toml 有误：{why}"),
            format!("The pack's ledger.toml is wrong: {why}"),
        )
    };
    let book: Book = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
    for row in &book.posting_map {
        for code in &row.codes {
            if PostingCode::find(code).is_none() {
                return Err(wrong(format!("posting_map: {code}")));
            }
        }
        for place in [&row.fund, &row.income, &row.bank, &row.counter].into_iter().flatten() {
            if !book.gl_account.iter().any(|a| a.code == place.account) {
                return Err(wrong(format!("posting_map {:?}: gl_account {}", row.codes, place.account)));
            }
            if book.gl_account.iter().any(|a| a.parent.as_deref() == Some(place.account.as_str())) {
                return Err(wrong(format!("posting_map {:?}: {} has detail accounts", row.codes, place.account)));
            }
        }
    }
    Ok(book)
}

#[cfg(test)]
mod tests;
