//! 平台运维 accounts. The first one is made by the program's start, with a password that was drawn then.
use std::sync::Arc;

use linli_kernel::{AccountId, Problem};
use linli_runtime::{Author, Change, Key, Sql, transact, values};

use crate::{App, accounts, http::platform_env, password};

const COUNT: &str = "select count(*) as v from platform_account";
const INSERT: &str = "insert into platform_account (id, login_name, name, role, state, password_hash, created_at)
                      values ($1, $2, $3, 'platform_operator', 'active', $4, $5) on conflict (login_name) do nothing";

/// Whether the platform has no operator yet.
pub async fn none_yet(app: &App) -> Result<bool, Problem> {
    let count: Option<i64> = app.platform.reader().scalar(COUNT, values![]).await?;
    Ok(count.unwrap_or(0) == 0)
}

/// Makes an operator; false when the login name is there already (its password stays).
pub async fn create(app: &Arc<App>, login_name: &str, name: &str, secret: &str) -> Result<bool, Problem> {
    password::check("djbh3", secret, login_name)?;
    let login = accounts::login_name(login_name).ok_or_else(|| Problem::internal("not a login name"))?;
    let turn = app.hasher.turn().await?;
    let hash = app.hasher.hash(&turn, secret).await?;
    let env = platform_env(app, Author::system("start"));
    let key = Key::default();
    let made = transact(&app.platform, &env, "platform.account.create", &key, async |tx| {
        let id = AccountId::new();
        if tx.conn().exec(INSERT, values![id, login.as_str(), name, hash.as_str(), tx.now()]).await? == 0 {
            return Err(Problem::new(409, "account.login_name_taken", "登录名已被使用", "The login name is taken"));
        }
        tx.event(Change::new("platform.account.created", "platform.account", id).data("state", "active")).await?;
        Ok(())
    });
    match made.await {
        Ok(()) => Ok(true),
        Err(problem) if problem.code() == "account.login_name_taken" => Ok(false),
        Err(problem) => Err(problem),
    }
}
