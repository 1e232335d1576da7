//! 消息: what a person is told. The inbox row is written in the business transaction; mail goes out later by a job.
use linli_kernel::{AccountId, NoticeId, PersonId, Problem, Timestamp};
use sea_orm::{FromQueryResult, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    ScopeIds, Sql, Tx,
    jobs::{self, NewJob},
    values,
};

/// One message to one recipient: an account, or a person who may get an account later.
#[derive(Clone, Debug)]
pub struct NewNotice {
    /// Code of the template (vocabulary §6 `notice_template`): `task.assigned`.
    pub template: &'static str,
    pub account_id: Option<AccountId>,
    pub person_id: Option<PersonId>,
    pub title: String,
    /// Holds no id number, no phone, no bank card.
    pub body: String,
    pub subject_kind: &'static str,
    pub subject_id: Uuid,
    /// The same key to the same recipient is the same message.
    pub dedupe_key: String,
}

/// A message as its recipient sees it.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize, Deserialize, ToSchema)]
pub struct NoticeView {
    pub id: NoticeId,
    #[schema(example = "fund.paid")]
    pub template: String,
    pub title: String,
    pub body: String,
    #[schema(example = "fund.use")]
    pub subject_kind: Option<String>,
    pub subject_id: Option<Uuid>,
    pub created_at: Timestamp,
    pub read_at: Option<Timestamp>,
}

/// Kind of the job that brings notices by mail; its payload is [`MailJob`].
pub const MAIL_JOB: &str = "notice.mail";

/// Payload of [`MAIL_JOB`]. Addresses are looked up when it runs, so that none lies in a job row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MailJob {
    pub notice_ids: Vec<NoticeId>,
}

/// One message and, if it goes to an account, its mail.
pub async fn send(tx: &Tx, notice: NewNotice) -> Result<(), Problem> {
    send_all(tx, vec![notice]).await
}

/// Rows a statement: 11 values each keeps it far below the limit of both databases.
const ROWS: usize = 500;

/// Many messages in few statements (210 owners at once), and one mail job for those that go to accounts.
pub async fn send_all(tx: &Tx, notices: Vec<NewNotice>) -> Result<(), Problem> {
    let mut mailed = Vec::new();
    for chunk in notices.chunks(ROWS) {
        let mut sql = String::from(
            "insert into notice (id, template, account_id, person_id, title, body, subject_kind, subject_id, dedupe_key, state, created_at) values ",
        );
        let mut row: Vec<Value> = Vec::with_capacity(chunk.len() * 10);
        let mut ids = Vec::with_capacity(chunk.len());
        for (i, notice) in chunk.iter().enumerate() {
            let (id, n) = (NoticeId::new(), i * 10);
            let comma = if i == 0 { "" } else { ", " };
            let marks: Vec<String> = (1..=9).map(|k| format!("${}", n + k)).collect();
            sql.push_str(&format!("{comma}({}, 'delivered', ${})", marks.join(", "), n + 10));
            let to = notice.account_id.map(Uuid::from).or(notice.person_id.map(Uuid::from));
            let to = to.ok_or_else(|| Problem::internal("a notice has no recipient"))?;
            row.extend(values![
                id,
                notice.template,
                notice.account_id,
                notice.person_id,
                notice.title.as_str(),
                notice.body.as_str(),
                notice.subject_kind,
                notice.subject_id,
                format!("{to}:{}", notice.dedupe_key),
                tx.now()
            ]);
            ids.push((id, notice.account_id.is_some()));
        }
        sql.push_str(" on conflict (dedupe_key) do nothing returning id");
        let written: Vec<Written> = tx.conn().rows(&sql, row).await?;
        mailed.extend(ids.into_iter().filter(|(id, account)| *account && written.iter().any(|w| w.id == *id)).map(|(id, _)| id));
    }
    if mailed.is_empty() {
        return Ok(());
    }
    let payload = serde_json::to_value(MailJob { notice_ids: mailed }).map_err(Problem::internal)?;
    let job = NewJob { kind: MAIL_JOB, payload, unique_key: None, due_at: tx.now(), scope: ScopeIds::default() };
    jobs::enqueue(tx, job).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Written {
    id: NoticeId,
}

const INBOX: &str = "select id, template, title, body, subject_kind, subject_id, created_at, read_at from notice
                     where account_id = $1 or (account_id is null and person_id = $2) order by created_at desc, id desc limit $3 offset $4";
const COUNT: &str = "select count(*) as v from (select 1 from notice
                     where account_id = $1 or (account_id is null and person_id = $2) limit 10001) t";
const UNREAD: &str = "select count(*) as v from (select 1 from notice
                     where read_at is null and (account_id = $1 or (account_id is null and person_id = $2)) limit 1000) t";

/// A page of the inbox, newest first, and the (bounded) count of all.
pub async fn inbox(
    conn: &impl Sql,
    account: AccountId,
    person: Option<PersonId>,
    limit: u64,
    offset: u64,
) -> Result<(Vec<NoticeView>, i64), Problem> {
    let items = conn.rows(INBOX, values![account, person, limit as i64, offset as i64]).await?;
    let count: Option<i64> = conn.scalar(COUNT, values![account, person]).await?;
    Ok((items, count.unwrap_or(0)))
}

/// How many are unread, at most 1,000.
pub async fn unread(conn: &impl Sql, account: AccountId, person: Option<PersonId>) -> Result<i64, Problem> {
    Ok(conn.scalar(UNREAD, values![account, person]).await?.unwrap_or(0))
}

const READ: &str = "update notice set read_at = $4 where id = $1 and read_at is null
                    and (account_id = $2 or (account_id is null and person_id = $3))";

/// Marks one as read. False: it is not his, or was read before.
pub async fn read(tx: &Tx, id: NoticeId, account: AccountId, person: Option<PersonId>) -> Result<bool, Problem> {
    Ok(tx.conn().exec(READ, values![id, account, person, tx.now()]).await? == 1)
}

/// What the mail job needs of one notice.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ToMail {
    pub id: NoticeId,
    pub account_id: AccountId,
    pub title: String,
    pub body: String,
}

const TO_MAIL: &str = "select id, account_id, title, body from notice where id = $1 and account_id is not null
                       and not exists (select 1 from notice_attempt a where a.notice_id = notice.id and a.channel = 'mail' and a.ok)";

/// The notice, unless its mail already went out.
pub async fn to_mail(conn: &impl Sql, id: NoticeId) -> Result<Option<ToMail>, Problem> {
    conn.row(TO_MAIL, values![id]).await
}

const ATTEMPT: &str = "insert into notice_attempt (notice_id, channel, at, ok, detail) values ($1, 'mail', $2, $3, $4)";

/// Notes a try to send it by mail.
pub async fn mail_attempted(conn: &impl Sql, id: NoticeId, at: Timestamp, ok: bool, detail: &str) -> Result<(), Problem> {
    conn.exec(ATTEMPT, values![id, at, ok, detail]).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
