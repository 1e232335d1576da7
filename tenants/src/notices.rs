//! 消息 of the signed-in person: his inbox.
use async_trait::async_trait;
use linli_kernel::{NoticeId, Page, PageQuery, Problem};
use linli_runtime::{
    Change, Key, Sql,
    mail::Mail,
    notice::{self, MailJob, NoticeView, ToMail},
    values,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Ctx, JobHandler, JobRun};

/// What is new in the inbox.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NoticeCount {
    /// At most 1,000.
    #[schema(example = 3)]
    pub unread: i64,
}

pub async fn list(ctx: &Ctx, page: PageQuery) -> Result<Page<NoticeView>, Problem> {
    let account = ctx.account()?;
    let (items, counted) = notice::inbox(ctx.conn(), account, ctx.actor.person_id, page.limit(), page.offset()).await?;
    Ok(Page::new(items, counted))
}

pub async fn count(ctx: &Ctx) -> Result<NoticeCount, Problem> {
    Ok(NoticeCount { unread: notice::unread(ctx.conn(), ctx.account()?, ctx.actor.person_id).await? })
}

/// Marks one as read; 404 for another's, and for one that was read before nothing changes.
pub async fn read(ctx: &Ctx, key: &Key, id: NoticeId) -> Result<NoticeCount, Problem> {
    let (account, person) = (ctx.account()?, ctx.actor.person_id);
    ctx.tx("notice.read", key, async |tx| {
        if !notice::read(tx, id, account, person).await? {
            return Err(Problem::not_found());
        }
        tx.event(Change::new("notice.read", "notice", id).state("delivered", "read")).await?;
        Ok(NoticeCount { unread: notice::unread(tx.conn(), account, person).await? })
    })
    .await
}

/// The job that brings notices by mail to the accounts that gave an address.
pub(crate) struct MailNotices;

const ADDRESS: &str = "select mail as v from account where id = $1 and state in ('invited', 'active', 'locked')";

#[async_trait]
impl JobHandler for MailNotices {
    fn kind(&self) -> &'static str {
        notice::MAIL_JOB
    }
    async fn run(&self, ctx: &Ctx, job: &dyn JobRun) -> Result<(), Problem> {
        let MailJob { notice_ids } = serde_json::from_value(job.payload().clone()).map_err(Problem::internal)?;
        let total = notice_ids.len() as i64;
        for (done, id) in notice_ids.into_iter().enumerate() {
            // what already went out is not sent again after a restart
            if let Some(mail) = notice::to_mail(ctx.conn(), id).await? {
                let address: Option<Option<String>> = ctx.conn().scalar(ADDRESS, values![mail.account_id]).await?;
                if let Some(to) = address.flatten() {
                    bring(ctx, mail, to).await?;
                }
            }
            if done % 50 == 49 {
                job.progress(done as i64 + 1, total, 0).await?;
            }
        }
        job.progress(total, total, 0).await
    }
}

/// One mail and the note of its attempt; an address that is refused is no reason to keep the others waiting.
async fn bring(ctx: &Ctx, notice: ToMail, to: String) -> Result<(), Problem> {
    let mail = Mail { to, subject: notice.title, body: notice.body, id: notice.id.to_string() };
    let sent = ctx.app.mail.send(&mail).await;
    let detail = sent.as_ref().err().map(ToString::to_string).unwrap_or_default();
    let tx = ctx.tenant.db.begin().await?;
    notice::mail_attempted(&tx, notice.id, ctx.now(), sent.is_ok(), &detail).await?;
    tx.commit().await?;
    match sent {
        Err(problem) if problem.status() >= 500 => Err(problem),
        Ok(()) | Err(_) => Ok(()),
    }
}
