//! 账号: who may sign in. Made by the system administrator, opened by an invitation.
use linli_kernel::{AccountId, Invalid, Page, PageQuery, PersonId, Problem, Timestamp};
use linli_macros::Problem as ProblemEnum;
use linli_runtime::{Change, Key, Sql, Tx, values};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Actions, AllowedAction, Ctx, PersonInput,
    invitations::{self, InvitationView},
    perm, sessions, settings,
};

/// What kind of account. In the document its name leaves `AccountKind` to the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = PersonAccountKind)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// 自然人: owners, committee members, company people.
    Person,
    /// Officials.
    Official,
    /// A machine.
    Service,
}

impl AccountKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            AccountKind::Person => "person",
            AccountKind::Official => "official",
            AccountKind::Service => "service",
        }
    }
    pub(crate) fn parse(text: &str) -> Result<AccountKind, Problem> {
        match text {
            "person" => Ok(AccountKind::Person),
            "official" => Ok(AccountKind::Official),
            "service" => Ok(AccountKind::Service),
            other => Err(Problem::internal(format!("account kind {other}"))),
        }
    }
}

/// A new account.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountCreate {
    pub kind: AccountKind,
    /// 2 to 64 small letters, digits and `. _ @ -`.
    #[schema(example = "wang.li")]
    pub login_name: String,
    #[schema(example = "王丽")]
    pub name: String,
    #[serde(default)]
    #[schema(example = "wang.li@example.org")]
    pub mail: Option<String>,
    /// The natural person behind the account; his papers were checked at the window.
    #[serde(default)]
    pub person: Option<PersonInput>,
}

/// 账号 as administrators see it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AccountView {
    pub id: AccountId,
    #[schema(example = "wang.li")]
    pub login_name: String,
    pub kind: AccountKind,
    #[schema(example = "王丽")]
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_id: Option<PersonId>,
    /// How well the person is known, 1 to 5.
    #[schema(example = 3)]
    pub assurance: i64,
    /// `invited`, `active`, `locked`, `suspended`, `frozen`, `left` or `cancelled`.
    #[schema(example = "invited")]
    pub state: String,
    pub version: i64,
    pub created_at: Timestamp,
    /// Only in the answer that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<InvitationView>,
    pub allowed_actions: Vec<AllowedAction>,
}

#[derive(Debug, ProblemEnum)]
pub enum AccountError {
    #[problem(409, "account.login_name_taken", zh = "登录名已被使用，请换一个", en = "The login name is taken; choose another")]
    LoginNameTaken,
    #[problem(409, "account.not_allowed", zh = "账号当前为“{state}”，不能这样办理", en = "Not possible while the account is {state}")]
    NotAllowed { state: String },
    #[problem(409, "account.self", zh = "不能对自己的账号这样办理", en = "Not on your own account")]
    Own,
}

#[derive(sea_orm::FromQueryResult)]
pub(crate) struct Row {
    pub id: AccountId,
    pub login_name: String,
    kind: String,
    pub name: String,
    mail: Option<String>,
    pub person_id: Option<PersonId>,
    assurance: i64,
    state: String,
    locked_until: Option<Timestamp>,
    version: i64,
    created_at: Timestamp,
}

macro_rules! columns {
    () => {
        "select id, login_name, kind, name, mail, person_id, assurance, state, locked_until, version, created_at from account "
    };
}
const BY_ID: &str = concat!(columns!(), "where id = $1");
const LIST: &str = concat!(
    columns!(),
    "where ($1 = '' or kind = $1) and ($2 = '' or state = $2) and ($3 = '' or login_name like $3 escape '!' or name like $3 escape '!')
     order by created_at desc, id limit $4 offset $5"
);
const COUNT: &str = "select count(*) as v from (select 1 from account
                     where ($1 = '' or kind = $1) and ($2 = '' or state = $2)
                       and ($3 = '' or login_name like $3 escape '!' or name like $3 escape '!') limit 10001) t";
const INSERT: &str = "insert into account (id, login_name, kind, name, mail, mobile_sealed, mobile_index, person_id, assurance, state,
                                           created_by, created_at)
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'invited', $10, $11) on conflict do nothing";

impl Row {
    fn state(&self, ctx: &Ctx) -> &str {
        // the lock ends by itself, on the machine's clock
        let locked = self.locked_until.is_some_and(|until| until > ctx.app.clock.machine());
        if locked && self.state == "active" { "locked" } else { &self.state }
    }
    fn view(self, ctx: &Ctx, invitation: Option<InvitationView>) -> Result<AccountView, Problem> {
        let state = self.state(ctx).to_owned();
        let own = ctx.actor.account_id == Some(self.id);
        let when = |allowed: &[&str]| {
            if own {
                return Err(AccountError::Own.into());
            }
            if allowed.contains(&state.as_str()) { Ok(()) } else { Err(AccountError::NotAllowed { state: state.clone() }.into()) }
        };
        let actions = Actions::of(ctx)
            .add(perm::ACCOUNT_INVITE, "invite", || when(&["invited", "active", "locked"]))
            .add(perm::ACCOUNT_SUSPEND, "suspend", || when(&["invited", "active", "locked"]))
            .add(perm::ACCOUNT_RESUME, "resume", || when(&["suspended", "frozen"]))
            .add(perm::ACCOUNT_UNLOCK, "unlock", || when(&["locked"]))
            .done();
        Ok(AccountView {
            id: self.id,
            login_name: self.login_name,
            kind: AccountKind::parse(&self.kind)?,
            name: self.name,
            mail: self.mail,
            person_id: self.person_id,
            assurance: self.assurance,
            state,
            version: self.version,
            created_at: self.created_at,
            invitation,
            allowed_actions: actions,
        })
    }
}

/// What an account is made of, for provisioning and the use case below.
pub(crate) struct NewAccount<'a> {
    pub kind: AccountKind,
    pub login_name: &'a str,
    pub name: &'a str,
    pub mail: Option<&'a str>,
    pub mobile: Option<&'a str>,
    pub person_id: Option<PersonId>,
}

/// The login name as stored, if it may be one.
pub(crate) fn login_name(given: &str) -> Option<String> {
    let name = given.trim().to_ascii_lowercase();
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'@' | b'-');
    ((2..=64).contains(&name.len()) && name.bytes().all(allowed)).then_some(name)
}

/// Notes what is wrong with the parts of an account, `at` its place in the command.
pub(crate) fn check(invalid: &mut Invalid, at: &str, login: &str, name: &str, mail: Option<&str>) {
    let login_ok = login_name(login).is_some();
    invalid.check(
        login_ok,
        &format!("{at}/login_name"),
        "login_name",
        "登录名为2至64位小写字母、数字及 . _ @ -",
        "2 to 64 small letters, digits and . _ @ -",
    );
    invalid.text(&format!("{at}/name"), name, 50);
    let mail_ok = mail.is_none_or(|m| m.len() <= 254 && m.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.')));
    invalid.check(mail_ok, &format!("{at}/mail"), "mail", "不是有效的邮箱地址", "Not a mail address");
}

/// Inserts the account with its event; 409 when the login name is taken.
pub(crate) async fn insert(ctx: &Ctx, tx: &Tx, new: NewAccount<'_>) -> Result<AccountId, Problem> {
    let id = AccountId::new();
    let login = login_name(new.login_name).ok_or_else(|| Problem::internal("the login name was checked"))?;
    let cipher = ctx.tenant.cipher();
    let mobile = new.mobile.map(|m| (cipher.seal(m), cipher.blind_index("mobile", m)));
    let (sealed, index) = mobile.map_or((None, None), |(s, i)| (Some(s), Some(i)));
    let assurance: i64 = if new.person_id.is_some() { 4 } else { 2 };
    let row = values![
        id,
        login,
        new.kind.as_str(),
        new.name.trim(),
        new.mail,
        sealed,
        index,
        new.person_id,
        assurance,
        tx.author().account,
        tx.now()
    ];
    if tx.conn().exec(INSERT, row).await? == 0 {
        return Err(AccountError::LoginNameTaken.into());
    }
    let change = Change::new("account.created", "account", id).data("state", "invited").data("kind", new.kind.as_str());
    tx.event(change).await?;
    Ok(id)
}

/// Makes an account; it can sign in once its invitation is accepted.
pub async fn create(ctx: &Ctx, key: &Key, cmd: AccountCreate) -> Result<AccountView, Problem> {
    ctx.require(perm::ACCOUNT_CREATE)?;
    let mut invalid = Invalid::new();
    check(&mut invalid, "", &cmd.login_name, &cmd.name, cmd.mail.as_deref());
    invalid.check(
        cmd.person.is_none() || cmd.kind != AccountKind::Service,
        "/person",
        "person",
        "机器账号不对应自然人",
        "A machine's account has no natural person",
    );
    if let Some(person) = &cmd.person {
        person.check(&mut invalid, "/person");
    }
    invalid.done()?;
    let days = settings::int(ctx, ctx.conn(), "invitation.days").await?;
    let mut token = None;
    let mut view = ctx
        .tx("account.create", key, async |tx| {
            let person_id = match &cmd.person {
                Some(person) => Some(ctx.app.ports.people()?.ensure(ctx, tx, person).await?),
                None => None,
            };
            let mobile = cmd.person.as_ref().map(|p| p.mobile.as_str()).filter(|m| !m.is_empty());
            let mobile = match mobile {
                Some(m) if !mobile_taken(ctx, tx, m).await? => Some(m),
                _ => None,
            };
            let new =
                NewAccount { kind: cmd.kind, login_name: &cmd.login_name, name: &cmd.name, mail: cmd.mail.as_deref(), mobile, person_id };
            let id = insert(ctx, tx, new).await?;
            let mut invitation = invitations::send(tx, id, days).await?;
            token = invitation.token.take();
            load(tx.conn(), id).await?.view(ctx, Some(invitation))
        })
        .await?;
    hand_over(ctx, &mut view, token);
    Ok(view)
}

const MOBILE: &str = "select id as v from account where mobile_index = $1";

/// Families share a telephone: the first account with it may sign in by it, the others by their login name.
async fn mobile_taken(ctx: &Ctx, tx: &Tx, mobile: &str) -> Result<bool, Problem> {
    let index = ctx.tenant.cipher().blind_index("mobile", mobile);
    Ok(tx.conn().scalar::<AccountId>(MOBILE, values![index]).await?.is_some())
}

/// The account's row, or 404.
pub(crate) async fn load(conn: &impl sea_orm::ConnectionTrait, id: AccountId) -> Result<Row, Problem> {
    conn.row(BY_ID, values![id]).await?.ok_or_else(Problem::not_found)
}

/// The person behind an account, for use cases that compare identities.
pub async fn person_of(conn: &impl sea_orm::ConnectionTrait, id: AccountId) -> Result<Option<PersonId>, Problem> {
    Ok(load(conn, id).await?.person_id)
}

/// The names of accounts, for those who show who did something.
pub async fn name_of(conn: &impl sea_orm::ConnectionTrait, id: AccountId) -> Result<String, Problem> {
    Ok(load(conn, id).await?.name)
}

/// Filters of the list.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountQuery {
    /// `person`, `official` or `service`.
    pub kind: Option<String>,
    pub state: Option<String>,
    /// A part of login name or name.
    pub q: Option<String>,
    pub page: Option<u64>,
    pub page_size: Option<u64>,
}

pub async fn list(ctx: &Ctx, query: &AccountQuery) -> Result<Page<AccountView>, Problem> {
    ctx.require(perm::ACCOUNT_READ)?;
    let page = PageQuery { page: query.page, page_size: query.page_size };
    let (kind, state) = (query.kind.as_deref().unwrap_or(""), query.state.as_deref().unwrap_or(""));
    let part = query.q.as_deref().unwrap_or("").trim();
    let like = if part.is_empty() { String::new() } else { format!("%{}%", escape_like(part)) };
    let rows: Vec<Row> = ctx.conn().rows(LIST, values![kind, state, like.as_str(), page.limit() as i64, page.offset() as i64]).await?;
    let counted: Option<i64> = ctx.conn().scalar(COUNT, values![kind, state, like]).await?;
    let items = rows.into_iter().map(|row| row.view(ctx, None)).collect::<Result<_, _>>()?;
    Ok(Page::new(items, counted.unwrap_or(0)))
}

/// Makes a text harmless inside `like … escape '!'`.
pub fn escape_like(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

pub async fn get(ctx: &Ctx, id: AccountId) -> Result<AccountView, Problem> {
    ctx.require(perm::ACCOUNT_READ)?;
    load(ctx.conn(), id).await?.view(ctx, None)
}

const STATE: &str = "update account set state = $2, version = version + 1 where id = $1";
const UNLOCK: &str = "update account set failed = 0, locked_until = null, version = version + 1 where id = $1";

/// Why the account is stopped.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountReason {
    #[serde(default)]
    #[schema(example = "岗位调整")]
    pub reason: Option<String>,
}

/// 停用: sessions end at once. Persons are frozen, others suspended.
pub async fn suspend(ctx: &Ctx, key: &Key, id: AccountId, cmd: AccountReason) -> Result<AccountView, Problem> {
    ctx.require(perm::ACCOUNT_SUSPEND)?;
    change(ctx, key, "account.suspend", id, &["invited", "active", "locked"], async |tx, row| {
        let to = if row.kind == "person" { "frozen" } else { "suspended" };
        tx.conn().exec(STATE, values![id, to]).await?;
        sessions::end_all_of(tx, id, ctx.app.clock.machine()).await?;
        Ok(Change::new("account.suspended", "account", id).state(row.state(ctx), to).data("reason", &cmd.reason))
    })
    .await
}

/// 恢复.
pub async fn resume(ctx: &Ctx, key: &Key, id: AccountId) -> Result<AccountView, Problem> {
    ctx.require(perm::ACCOUNT_RESUME)?;
    change(ctx, key, "account.resume", id, &["suspended", "frozen"], async |tx, row| {
        tx.conn().exec(RESUME, values![id]).await?;
        let to = load(tx.conn(), id).await?.state;
        Ok(Change::new("account.resumed", "account", id).state(row.state(ctx), to))
    })
    .await
}
// who never had a password waits for his invitation again
const RESUME: &str = "update account set state = case when password_hash is null then 'invited' else 'active' end, version = version + 1
                      where id = $1";

/// 解锁 before the lock ends by itself.
pub async fn unlock(ctx: &Ctx, key: &Key, id: AccountId) -> Result<AccountView, Problem> {
    ctx.require(perm::ACCOUNT_UNLOCK)?;
    change(ctx, key, "account.unlock", id, &["locked"], async |tx, row| {
        tx.conn().exec(UNLOCK, values![id]).await?;
        Ok(Change::new("account.unlocked", "account", id).state(row.state(ctx), "active"))
    })
    .await
}

async fn change<F>(ctx: &Ctx, key: &Key, name: &'static str, id: AccountId, from: &[&str], f: F) -> Result<AccountView, Problem>
where
    F: AsyncFnOnce(&Tx, &Row) -> Result<Change, Problem>,
{
    ctx.tx(name, key, async |tx| {
        let row = load(tx.conn(), id).await?;
        if ctx.actor.account_id == Some(id) {
            return Err(AccountError::Own.into());
        }
        if !from.contains(&row.state(ctx)) {
            return Err(AccountError::NotAllowed { state: row.state(ctx).to_owned() }.into());
        }
        let change = f(tx, &row).await?;
        tx.event(change).await?;
        load(tx.conn(), id).await?.view(ctx, None)
    })
    .await
}

/// 再次邀请: sessions end, the former password stays until the new one is set.
pub async fn invite(ctx: &Ctx, key: &Key, id: AccountId) -> Result<AccountView, Problem> {
    ctx.require(perm::ACCOUNT_INVITE)?;
    let days = settings::int(ctx, ctx.conn(), "invitation.days").await?;
    let mut token = None;
    let mut view = ctx
        .tx("account.invite", key, async |tx| {
            let row = load(tx.conn(), id).await?;
            if !["invited", "active", "locked"].contains(&row.state(ctx)) {
                return Err(AccountError::NotAllowed { state: row.state(ctx).to_owned() }.into());
            }
            sessions::end_all_of(tx, id, ctx.app.clock.machine()).await?;
            let mut invitation = invitations::send(tx, id, days).await?;
            token = invitation.token.take();
            tx.event(Change::new("account.invited", "account", id).data("state", row.state(ctx))).await?;
            row.view(ctx, Some(invitation))
        })
        .await?;
    hand_over(ctx, &mut view, token);
    Ok(view)
}

/// Puts the token into the one answer that shows it, and mails it where there is an address.
fn hand_over(ctx: &Ctx, view: &mut AccountView, token: Option<String>) {
    if let (Some(mail), Some(token)) = (&view.mail, &token) {
        invitations::mail(&ctx.app, &ctx.tenant, mail, token);
    }
    if let Some(invitation) = &mut view.invitation {
        invitation.token = token;
    }
}
