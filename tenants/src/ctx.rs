//! 上下文: tenant, actor, scope, clock, language: the first argument of every use case.
use std::sync::Arc;

use linli_kernel::{AccountId, Calendar, Date, Locale, PersonId, PostId, Problem, SessionId, Timestamp};
use linli_runtime::{Author, Key, Tx, TxEnv, transact};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, EntityTrait, PrimaryKeyTrait, QueryFilter, QuerySelect, Select,
    sea_query::{Expr, LockType},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{App, Scope, Scoped, Tenant};

/// What kind of account acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// Nobody is signed in.
    Visitor,
    /// 自然人: owners, committee members, company people.
    Person,
    Official,
    /// A machine.
    Service,
    /// Jobs and timers.
    System,
}

/// Who asks: account, chosen post, role.
#[derive(Clone, Debug)]
pub struct Actor {
    pub kind: ActorKind,
    pub account_id: Option<AccountId>,
    /// The verified natural person behind the account.
    pub person_id: Option<PersonId>,
    pub session_id: Option<SessionId>,
    pub post_id: Option<PostId>,
    /// Role code of the chosen post; `person` without one, `visitor` when nobody is signed in, `system` for jobs.
    pub role: String,
}

/// The context of one request or job. Cheap to clone.
#[derive(Clone)]
pub struct Ctx {
    pub app: Arc<App>,
    pub tenant: Arc<Tenant>,
    pub actor: Actor,
    pub scope: Scope,
    pub locale: Locale,
    pub request_id: String,
}

impl Ctx {
    /// For jobs, timers and other work that no person asked for at this moment.
    pub fn system(app: &Arc<App>, tenant: &Arc<Tenant>, why: &str) -> Ctx {
        let actor =
            Actor { kind: ActorKind::System, account_id: None, person_id: None, session_id: None, post_id: None, role: "system".into() };
        Ctx { app: app.clone(), tenant: tenant.clone(), actor, scope: Scope::Tenant, locale: Locale::Zh, request_id: why.to_owned() }
    }

    /// 403 unless the chosen post's role has the permission.
    pub fn require(&self, permission: &str) -> Result<(), Problem> {
        if self.may(permission) { Ok(()) } else { Err(Problem::forbidden()) }
    }
    pub fn may(&self, permission: &str) -> bool {
        self.actor.kind == ActorKind::System || self.tenant.policy().allows(&self.actor.role, permission)
    }
    /// The signed-in account, or 401.
    pub fn account(&self) -> Result<AccountId, Problem> {
        self.actor.account_id.ok_or_else(Problem::unauthenticated)
    }
    /// 403 `duty.same_person` when the actor made the record.
    pub fn not_the_maker(&self, maker: Option<AccountId>) -> Result<(), Problem> {
        if maker.is_some() && maker == self.actor.account_id { Err(Problem::same_person()) } else { Ok(()) }
    }

    pub fn now(&self) -> Timestamp {
        self.app.clock.now()
    }
    /// Today in the tenant's zone.
    pub fn today(&self) -> Date {
        self.app.clock.today(self.tenant.zone_hours)
    }
    pub fn calendar(&self) -> Arc<Calendar> {
        self.tenant.calendar()
    }

    /// For reads outside a transaction.
    pub fn conn(&self) -> &DatabaseConnection {
        self.tenant.db.reader()
    }
    /// The rows of `E` that the actor may see.
    pub fn select<E: EntityTrait + Scoped>(&self) -> Select<E> {
        E::find().filter(Expr::cust(self.predicate::<E>("")))
    }
    /// The scope's predicate for raw SQL over `alias`; see [`Scope::predicate`].
    pub fn predicate<E: Scoped>(&self, alias: &str) -> String {
        self.scope.predicate(&E::COLUMNS, alias, self.tenant.db.backend())
    }
    /// Rows without the actor's scope, for rules that must look beyond it (uniqueness, sums). `reason` is for the reader and the log.
    pub fn unscoped<E: EntityTrait>(&self, reason: &'static str) -> Select<E> {
        tracing::debug!(tenant = %self.tenant.slug, request_id = %self.request_id, reason, "Read without scope");
        E::find()
    }
    /// The row in scope, or 404 with the same body as for an unknown id.
    pub async fn get<E>(
        &self,
        conn: &impl ConnectionTrait,
        id: impl Into<<E::PrimaryKey as PrimaryKeyTrait>::ValueType>,
    ) -> Result<E::Model, Problem>
    where
        E: EntityTrait + Scoped,
    {
        let found = E::find_by_id(id.into()).filter(Expr::cust(self.predicate::<E>(""))).one(conn).await?;
        found.ok_or_else(Problem::not_found)
    }
    /// The row in scope, locked until the transaction ends, or 404.
    pub async fn lock<E>(&self, tx: &Tx, id: impl Into<<E::PrimaryKey as PrimaryKeyTrait>::ValueType>) -> Result<E::Model, Problem>
    where
        E: EntityTrait + Scoped,
    {
        let mut select = E::find_by_id(id.into()).filter(Expr::cust(self.predicate::<E>("")));
        if tx.backend() == linli_runtime::Backend::Postgres {
            select = select.lock(LockType::Update);
        }
        select.one(tx.conn()).await?.ok_or_else(Problem::not_found)
    }

    /// The only way to write: one transaction under the caller's idempotency key; see [`linli_runtime::transact`].
    pub async fn tx<T, F>(&self, name: &'static str, key: &Key, f: F) -> Result<T, Problem>
    where
        T: Serialize + DeserializeOwned + Send,
        F: AsyncFnOnce(&Tx) -> Result<T, Problem>,
    {
        if !self.tenant.writable {
            return Err(Problem::new(503, "tenant.read_only", "本市数据暂时只读，请稍后再试", "This city is read-only for the moment")
                .retry_after(10));
        }
        transact(&self.tenant.db, &self.tx_env(), name, key, f).await
    }
    /// What a transaction of this context knows.
    pub fn tx_env(&self) -> TxEnv {
        let author = Author {
            account: self.actor.account_id,
            post: self.actor.post_id,
            role: self.actor.role.clone(),
            request_id: self.request_id.clone(),
        };
        TxEnv {
            tenant: self.tenant.slug.clone(),
            epoch: self.tenant.epoch,
            zone_hours: self.tenant.zone_hours,
            clock: self.app.clock.clone(),
            author,
            committed: self.tenant.committed.clone(),
        }
    }
}
