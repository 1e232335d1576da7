//! What owners hear: notices to the accounts that are bound to the houses concerned, each of its own house's figure only.
use std::collections::HashMap;

use linli_kernel::{AccountId, HouseId, Problem};
use linli_property::owners;
use linli_runtime::{
    Tx,
    notice::{self, NewNotice},
};

use crate::model::{fund_deposit, fund_use};

/// A message to all owners of a use.
#[derive(Clone, Copy)]
pub(crate) struct Told<'a> {
    pub template: &'static str,
    pub title: &'a str,
    pub body: &'a str,
}

/// Tells the same to every account bound to one of the houses, once a version of the use.
pub(crate) async fn owners(tx: &Tx, row: &fund_use::Model, houses: &[HouseId], told: Told<'_>) -> Result<(), Problem> {
    let accounts = owners::accounts_of_houses(tx.conn(), houses).await?;
    let notices = accounts.into_iter().map(|account| notice_to(account, row, told, told.body.to_owned()));
    notice::send_all(tx, notices.collect()).await
}

/// Tells each account its own house's sentence.
pub(crate) async fn each_owner(
    tx: &Tx,
    row: &fund_use::Model,
    sentences: &HashMap<HouseId, String>,
    told: Told<'_>,
) -> Result<(), Problem> {
    let houses: Vec<HouseId> = sentences.keys().copied().collect();
    let mut by_account: HashMap<AccountId, Vec<&str>> = HashMap::new();
    for (account, house) in owners::bound(tx.conn(), &houses).await? {
        by_account.entry(account).or_default().extend(sentences.get(&house).map(String::as_str));
    }
    let mut notices: Vec<NewNotice> = by_account
        .into_iter()
        .map(|(account, mut own)| {
            own.sort_unstable();
            notice_to(account, row, told, format!("{}{}", told.body, own.join("")))
        })
        .collect();
    notices.sort_by_key(|n| n.account_id);
    notice::send_all(tx, notices).await
}

fn notice_to(account: AccountId, row: &fund_use::Model, told: Told<'_>, body: String) -> NewNotice {
    NewNotice {
        template: told.template,
        account_id: Some(account),
        person_id: None,
        title: told.title.to_owned(),
        body,
        subject_kind: "fund.use",
        subject_id: row.id.into(),
        dedupe_key: format!("{}:{}:{}", told.template, row.id, row.version),
    }
}

/// Tells the accounts that are bound to the houses about their deposits.
pub(crate) async fn deposit_posted(tx: &Tx, deposits: &[fund_deposit::Model]) -> Result<(), Problem> {
    let houses: Vec<HouseId> = deposits.iter().map(|d| d.house_id).collect();
    let mut of_house: HashMap<HouseId, Vec<&fund_deposit::Model>> = HashMap::new();
    for deposit in deposits {
        of_house.entry(deposit.house_id).or_default().push(deposit);
    }
    let mut notices = Vec::new();
    for (account, house) in owners::bound(tx.conn(), &houses).await? {
        for deposit in of_house.get(&house).into_iter().flatten() {
            notices.push(NewNotice {
                template: "fund.deposit_paid",
                account_id: Some(account),
                person_id: None,
                title: "维修资金到账".to_owned(),
                body: format!("您的房屋于{}交存维修资金{}元，已入账。", deposit.bank_date, deposit.amount),
                subject_kind: "fund.deposit",
                subject_id: deposit.id.into(),
                dedupe_key: format!("fund.deposit_paid:{}", deposit.id),
            });
        }
    }
    notice::send_all(tx, notices).await
}
