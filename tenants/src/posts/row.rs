//! The rows of `post` and what people see of them.
use linli_kernel::{AccountId, CommitteeId, CompanyId, Date, PageQuery, PostId, Problem, ProjectId, Timestamp};
use linli_runtime::{Sql, Tx, values};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{PostError, PostQuery, PostView, duty_of};
use crate::{Actions, Ctx, areas::Area, perm};

/// 岗位 as its holder sees it when he chooses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PostBrief {
    pub id: PostId,
    #[schema(example = "fund_clerk")]
    pub role: String,
    #[schema(example = "资金经办（初审）")]
    pub role_name: String,
    #[schema(example = "area")]
    pub scope_kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "379901000000")]
    pub area_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "东港区")]
    pub area_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_id: Option<CompanyId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project_id: Option<ProjectId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committee_id: Option<CommitteeId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<Uuid>,
    /// First day.
    pub from: Date,
    /// Last day, if it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
}

#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub(crate) struct PostRow {
    pub id: PostId,
    pub account_id: AccountId,
    account_name: String,
    pub role: String,
    role_name: String,
    pub scope_kind: String,
    area_code: Option<String>,
    area_name: Option<String>,
    pub company_id: Option<CompanyId>,
    pub project_id: Option<ProjectId>,
    pub committee_id: Option<CommitteeId>,
    pub subject_kind: Option<String>,
    pub subject_id: Option<Uuid>,
    pub from_on: Date,
    pub until_on: Option<Date>,
    pub state: String,
    pub proposed_by: Option<AccountId>,
    decided_by: Option<AccountId>,
    decided_at: Option<Timestamp>,
    version: i64,
}

macro_rules! columns {
    () => {
        "select p.id, p.account_id, a.name as account_name, p.role, r.name as role_name, p.scope_kind, p.area_code, d.name as area_name,
                p.company_id, p.project_id, p.committee_id, p.subject_kind, p.subject_id, p.from_on, p.until_on, p.state,
                p.proposed_by, p.decided_by, p.decided_at, p.version
         from post p join account a on a.id = p.account_id join role r on r.code = p.role left join area d on d.code = p.area_code "
    };
}
const BY_ID: &str = concat!(columns!(), "where p.id = $1");
const LOCK: &str = "select id as v from post where id = $1 for update";
const ACTIVE_OF: &str = concat!(
    columns!(),
    "where p.account_id = $1 and p.state = 'active' and p.from_on <= $2 and (p.until_on is null or p.until_on >= $2)
     order by p.created_at, p.id limit 200"
);
const LIST: &str =
    concat!(columns!(), "where ($1 = '' or p.role = $1) and ($2 = '' or p.state = $2) order by p.created_at desc, p.id limit $3 offset $4");
const LIST_OF: &str = concat!(
    columns!(),
    "where ($1 = '' or p.role = $1) and ($2 = '' or p.state = $2) and p.account_id = $5 order by p.created_at desc, p.id limit $3 offset $4"
);
const COUNT: &str =
    "select count(*) as v from (select 1 from post p where ($1 = '' or p.role = $1) and ($2 = '' or p.state = $2) limit 10001) t";
const COUNT_OF: &str = "select count(*) as v from (select 1 from post p
                        where ($1 = '' or p.role = $1) and ($2 = '' or p.state = $2) and p.account_id = $3 limit 10001) t";

pub(super) async fn load(conn: &impl ConnectionTrait, id: PostId) -> Result<PostRow, Problem> {
    conn.row(BY_ID, values![id]).await?.ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends.
pub(super) async fn load_locked(tx: &Tx, id: PostId) -> Result<PostRow, Problem> {
    if tx.backend() == linli_runtime::Backend::Postgres {
        tx.conn().scalar::<PostId>(LOCK, values![id]).await?;
    }
    load(tx.conn(), id).await
}

/// The posts that the account may choose today.
pub(crate) async fn active_of(conn: &impl ConnectionTrait, account: AccountId, today: Date) -> Result<Vec<PostRow>, Problem> {
    conn.rows(ACTIVE_OF, values![account, today]).await
}

pub(super) async fn list(conn: &impl ConnectionTrait, query: &PostQuery, page: PageQuery) -> Result<(Vec<PostRow>, i64), Problem> {
    let (role, state) = (query.role.as_deref().unwrap_or(""), query.state.as_deref().unwrap_or(""));
    let (limit, offset) = (page.limit() as i64, page.offset() as i64);
    let (rows, counted): (_, Option<i64>) = match query.account_id {
        Some(account) => (
            conn.rows(LIST_OF, values![role, state, limit, offset, account]).await?,
            conn.scalar(COUNT_OF, values![role, state, account]).await?,
        ),
        None => (conn.rows(LIST, values![role, state, limit, offset]).await?, conn.scalar(COUNT, values![role, state]).await?),
    };
    Ok((rows, counted.unwrap_or(0)))
}

impl PostRow {
    pub(crate) fn brief(&self) -> PostBrief {
        PostBrief {
            id: self.id,
            role: self.role.clone(),
            role_name: self.role_name.clone(),
            scope_kind: self.scope_kind.clone(),
            area_code: self.area_code.clone(),
            area_name: self.area_name.clone(),
            company_id: self.company_id,
            project_id: self.project_id,
            committee_id: self.committee_id,
            subject_kind: self.subject_kind.clone(),
            subject_id: self.subject_id,
            from: self.from_on,
            to: self.until_on,
        }
    }
    pub(super) fn view(self, ctx: &Ctx) -> Result<PostView, Problem> {
        let in_state = |wanted: &str| {
            if self.state == wanted { Ok(()) } else { Err(PostError::NotAllowed { state: self.state.clone() }.into()) }
        };
        let decide = || {
            ctx.not_the_maker(self.proposed_by)?;
            ctx.not_the_maker(Some(self.account_id))?;
            in_state("proposed")
        };
        let actions = Actions::of(ctx)
            .add(perm::POST_APPROVE, "approve", decide)
            .add(perm::POST_REFUSE, "refuse", decide)
            .add(perm::POST_END, "end", || ctx.not_the_maker(Some(self.account_id)).and_then(|()| in_state("active")))
            .done();
        Ok(PostView {
            post: self.brief(),
            account_id: self.account_id,
            account_name: self.account_name,
            state: self.state,
            proposed_by: self.proposed_by,
            decided_by: self.decided_by,
            decided_at: self.decided_at,
            version: self.version,
            allowed_actions: actions,
        })
    }
}

/// A row to be written.
pub(super) struct NewPost<'a> {
    pub id: PostId,
    pub account_id: AccountId,
    pub role: &'a str,
    pub scope_kind: &'a str,
    pub area: Option<&'a Area>,
    pub company_id: Option<CompanyId>,
    pub project_id: Option<ProjectId>,
    pub committee_id: Option<CommitteeId>,
    pub subject: Option<(&'a str, Uuid)>,
    pub from: Date,
    pub until: Option<Date>,
    pub state: &'a str,
}

const INSERT: &str = "insert into post (id, account_id, role, duty, scope_kind, area_code, area_path, company_id, project_id, committee_id,
                       subject_kind, subject_id, from_on, until_on, state, proposed_by, created_at)
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";

impl NewPost<'_> {
    pub(super) async fn insert(&self, tx: &Tx) -> Result<(), Problem> {
        let row = values![
            self.id,
            self.account_id,
            self.role,
            duty_of(self.role),
            self.scope_kind,
            self.area.map(|a| a.code.clone()),
            self.area.map(|a| a.path.clone()),
            self.company_id,
            self.project_id,
            self.committee_id,
            self.subject.map(|(kind, _)| kind.to_owned()),
            self.subject.map(|(_, id)| id),
            self.from,
            self.until,
            self.state,
            tx.author().account,
            tx.now()
        ];
        tx.conn().exec(INSERT, row).await?;
        Ok(())
    }
}
