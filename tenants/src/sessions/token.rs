//! From a token to the account and post behind it: one query a request.
use linli_kernel::{AccountId, CommitteeId, CompanyId, Date, PersonId, PostId, Problem, ProjectId, SessionId, Timestamp};
use linli_runtime::{Db, Sql, crypto::sha256_hex, values};

use crate::{Scope, accounts::AccountKind};

/// The way in which a token travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    Bearer,
    Cookie,
}

impl Carrier {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Carrier::Bearer => "bearer",
            Carrier::Cookie => "cookie",
        }
    }
}

/// A live session. Handlers of the session itself take it beside their `Ctx`.
#[derive(Clone, Debug)]
pub struct Found {
    pub(crate) id: SessionId,
    pub(crate) account_id: AccountId,
    account_kind: String,
    pub(crate) person_id: Option<PersonId>,
    carrier: String,
    pub(crate) device: String,
    pub(crate) expires_at: Timestamp,
    pub(crate) csrf: String,
    pub(crate) post: Option<ChosenPost>,
}

impl Found {
    pub(crate) fn kind(&self) -> Result<AccountKind, Problem> {
        AccountKind::parse(&self.account_kind)
    }
    pub(crate) fn carrier(&self) -> Carrier {
        if self.carrier == "cookie" { Carrier::Cookie } else { Carrier::Bearer }
    }
}

/// The post that a session acts in.
#[derive(Clone, Debug)]
pub(crate) struct ChosenPost {
    pub id: PostId,
    pub role: String,
    pub scope_kind: String,
    area_path: Option<String>,
    company_id: Option<CompanyId>,
    project_id: Option<ProjectId>,
    committee_id: Option<CommitteeId>,
    from: Date,
    until: Option<Date>,
    active: bool,
}

impl ChosenPost {
    pub(crate) fn in_force(&self, today: Date) -> bool {
        self.active && self.from <= today && self.until.is_none_or(|until| until >= today)
    }
    /// The rows of the post; `assigned` is compiled by the caller, who asks for all assignments.
    pub(crate) fn scope(&self, account_id: AccountId, person_id: Option<PersonId>, today: Date) -> Scope {
        match self.scope_kind.as_str() {
            "tenant" => Scope::Tenant,
            "area" => self.area_path.clone().map_or(Scope::None, Scope::Area),
            "company" => self.company_id.map_or(Scope::None, Scope::Company),
            "project" => self.project_id.map_or(Scope::None, Scope::Project),
            "committee" => {
                self.committee_id.map_or(Scope::None, |committee_id| Scope::Committee { committee_id, project_id: self.project_id })
            }
            "own" => Scope::Own { account_id, person_id, today },
            _ => Scope::None,
        }
    }
}

/// What a session (or a job) stands on in the account's and the post's rows.
#[derive(sea_orm::FromQueryResult)]
pub(crate) struct Standing {
    account_id: AccountId,
    kind: String,
    person_id: Option<PersonId>,
    post_id: Option<PostId>,
    role: Option<String>,
    scope_kind: Option<String>,
    area_path: Option<String>,
    company_id: Option<CompanyId>,
    project_id: Option<ProjectId>,
    committee_id: Option<CommitteeId>,
    from_on: Option<Date>,
    until_on: Option<Date>,
    post_state: Option<String>,
}

impl Standing {
    pub(crate) fn into_found(self, id: SessionId) -> Found {
        let post = match (self.post_id, self.role, self.scope_kind, self.from_on) {
            (Some(id), Some(role), Some(scope_kind), Some(from)) => Some(ChosenPost {
                id,
                role,
                scope_kind,
                area_path: self.area_path,
                company_id: self.company_id,
                project_id: self.project_id,
                committee_id: self.committee_id,
                from,
                until: self.until_on,
                active: self.post_state.as_deref() == Some("active"),
            }),
            _ => None,
        };
        Found {
            id,
            account_id: self.account_id,
            account_kind: self.kind,
            person_id: self.person_id,
            carrier: "bearer".into(),
            device: String::new(),
            expires_at: Timestamp(0),
            csrf: String::new(),
            post,
        }
    }
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: SessionId,
    carrier: String,
    device: String,
    last_seen_at: Timestamp,
    idle_seconds: i64,
    expires_at: Timestamp,
    #[sea_orm(nested)]
    standing: Standing,
}

const FIND: &str = "select s.id, s.carrier, s.device, s.last_seen_at, s.idle_seconds, s.expires_at,
                     a.id as account_id, a.kind, a.person_id,
                     p.id as post_id, p.role, p.scope_kind, p.area_path, p.company_id, p.project_id, p.committee_id, p.from_on, p.until_on,
                     p.state as post_state
                    from session s join account a on a.id = s.account_id left join post p on p.id = s.post_id
                    where s.token_digest = $1 and s.ended_at is null and a.state in ('active', 'locked')";
const SEEN: &str = "update session set last_seen_at = $2 where id = $1 and last_seen_at < $2";
/// The idle time is exact to this much: a row is not written at every request.
const SEEN_EVERY_SECONDS: i64 = 60;

/// What goes into `x-csrf-token`: only who knows the token can compute it, and it does not tell the token.
pub(crate) fn csrf_of(token: &str) -> String {
    sha256_hex(format!("csrf:{token}").as_bytes())
}

/// The live session of a token, or none: unknown, ended, idle too long, past its end, or its account was stopped.
pub(crate) async fn authenticate(db: &Db, token: &str, machine: Timestamp) -> Result<Option<Found>, Problem> {
    if token.len() > 200 {
        return Ok(None);
    }
    let row: Option<Row> = db.reader().row(FIND, values![sha256_hex(token.as_bytes())]).await?;
    let Some(row) = row else { return Ok(None) };
    if row.expires_at <= machine || row.last_seen_at.plus_seconds(row.idle_seconds) <= machine {
        return Ok(None);
    }
    if row.last_seen_at.plus_seconds(SEEN_EVERY_SECONDS) < machine {
        seen(db.clone(), row.id, machine);
    }
    let found = row.standing.into_found(row.id);
    Ok(Some(Found { carrier: row.carrier, device: row.device, expires_at: row.expires_at, csrf: csrf_of(token), ..found }))
}

/// Notes that the session is alive, beside the request: nobody waits for it.
fn seen(db: Db, id: SessionId, machine: Timestamp) {
    tokio::spawn(async move {
        let noted = async {
            let tx = db.begin().await?;
            tx.exec(SEEN, values![id, machine]).await?;
            Ok::<(), Problem>(tx.commit().await?)
        };
        if let Err(problem) = noted.await {
            tracing::warn!(%problem, "Could not note that a session is alive");
        }
    });
}
