//! The money of houses for the 楼盘表 of the register.
use std::collections::HashMap;

use linli_kernel::{HouseId, Money, Problem};
use linli_ledger::{accounts, model::FundAccount};
use linli_property::ports::{Figures, HouseFigures};
use linli_runtime::Sql;
use linli_tenants::Ctx;
use sea_orm::Value;

/// Implements the register's port.
pub struct FundFigures;

#[derive(sea_orm::FromQueryResult)]
struct Due {
    house_id: HouseId,
    due: Money,
}

#[derive(sea_orm::FromQueryResult)]
struct Deposited {
    house_id: HouseId,
    pending: i64,
    posted: i64,
}

#[async_trait::async_trait]
impl HouseFigures for FundFigures {
    async fn of(&self, ctx: &Ctx, houses: &[HouseId]) -> Result<HashMap<HouseId, Figures>, Problem> {
        let accounts: HashMap<HouseId, FundAccount> =
            accounts::of_houses(ctx.conn(), houses).await?.into_iter().filter_map(|a| a.house_id.map(|h| (h, a))).collect();
        let mut figures = HashMap::new();
        for chunk in houses.chunks(5_000) {
            let marks: Vec<String> = (1..=chunk.len()).map(|n| format!("${n}")).collect();
            let marks = marks.join(", ");
            let ids = || chunk.iter().map(|h| Value::from(*h)).collect::<Vec<_>>();
            let dues: Vec<Due> =
                ctx.conn().rows(&format!("select house_id, due from fund_house where house_id in ({marks})"), ids()).await?;
            let deposited: Vec<Deposited> = ctx
                .conn()
                .rows(
                    &format!(
                        "select house_id,
                           cast(coalesce(sum(case when state = 'paid_pending' then amount else 0 end), 0) as bigint) as pending,
                           cast(coalesce(sum(case when state in ('posted', 'receipted') then amount else 0 end), 0) as bigint) as posted
                         from fund_deposit where kind = 'first' and corrected_by is null and house_id in ({marks}) group by house_id"
                    ),
                    ids(),
                )
                .await?;
            let deposited: HashMap<HouseId, (i64, i64)> = deposited.into_iter().map(|d| (d.house_id, (d.pending, d.posted))).collect();
            for due in dues {
                let Some(account) = accounts.get(&due.house_id) else { continue };
                let (pending, posted) = deposited.get(&due.house_id).copied().unwrap_or_default();
                let figure = Figures {
                    deposit_state: state_of(due.due.fen(), pending, posted).to_owned(),
                    due: due.due,
                    balance: account.balance(),
                    held: account.held,
                };
                figures.insert(due.house_id, figure);
            }
        }
        Ok(figures)
    }
}

/// 首期交存 in a word: `none` nothing due, `due`, `paid_pending`, `partly_paid`, `posted`.
fn state_of(due: i64, pending: i64, posted: i64) -> &'static str {
    match (due, pending, posted) {
        (0, _, _) => "none",
        (due, _, posted) if posted >= due => "posted",
        (_, pending, _) if pending > 0 => "paid_pending",
        (_, _, posted) if posted > 0 => "partly_paid",
        _ => "due",
    }
}
