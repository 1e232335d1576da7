//! The only way to write: idempotency row, changes, at least one event, one commit (architecture §5.2).
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use linli_kernel::{Clock, Date, EventId, Problem, Timestamp};
use sea_orm::DatabaseTransaction;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Author, Backend, Change, Db, Sql,
    event::write::{self, Sealed},
    values,
};

/// What a transaction knows of its surroundings: tenant, epoch, clock, author.
#[derive(Clone)]
pub struct TxEnv {
    /// `//linli/<tenant>`, the source of its events.
    pub tenant: String,
    /// Placement epoch; a write under an older one is refused (architecture §4).
    pub epoch: i64,
    /// Hours east of UTC of the tenant's zone.
    pub zone_hours: i8,
    pub clock: Arc<Clock>,
    pub author: Author,
    /// Told after each commit, so that sequencer and jobs wake at once.
    pub committed: Arc<tokio::sync::Notify>,
}

/// 幂等键: the caller's `Idempotency-Key` and the digest of the request that it came with.
#[derive(Clone, Debug, Default)]
pub struct Key {
    /// `None` when the caller sent none: the command then runs under a key of its own.
    pub text: Option<String>,
    /// SHA-256 (hex) of method, path and body.
    pub digest: String,
    /// Keys of commands that move money or votes are kept for ever.
    pub forever: bool,
}

/// A write transaction of one tenant. Statements go through [`Tx::conn`]; an error rolls everything back.
pub struct Tx {
    inner: DatabaseTransaction,
    backend: Backend,
    env: TxEnv,
    now: Timestamp,
    events: AtomicUsize,
}

impl Tx {
    pub fn conn(&self) -> &DatabaseTransaction {
        &self.inner
    }
    pub fn backend(&self) -> Backend {
        self.backend
    }
    /// ` for update` on PostgreSQL, nothing on SQLite, where the transaction already is the only writer.
    pub fn for_update(&self) -> &'static str {
        match self.backend {
            Backend::Postgres => " for update",
            Backend::Sqlite => "",
        }
    }
    /// Business time at the start of the transaction.
    pub fn now(&self) -> Timestamp {
        self.now
    }
    /// The business date in the tenant's zone.
    pub fn today(&self) -> Date {
        self.now.date_at(self.env.zone_hours)
    }
    pub fn author(&self) -> &Author {
        &self.env.author
    }
    pub fn env(&self) -> &TxEnv {
        &self.env
    }

    /// Writes one event row; `actor`, `area_path` and the scope ids are added to its data (vocabulary §9).
    pub async fn event(&self, change: Change) -> Result<EventId, Problem> {
        let event = Sealed::of(change, &self.env.author, self.now);
        let id = event.id;
        self.write(vec![event]).await?;
        Ok(id)
    }
    /// As [`Tx::event`] for many at once, in order and in few statements (imports).
    pub async fn events(&self, changes: Vec<Change>) -> Result<Vec<EventId>, Problem> {
        let events: Vec<Sealed> = changes.into_iter().map(|change| Sealed::of(change, &self.env.author, self.now)).collect();
        let ids = events.iter().map(|event| event.id).collect();
        self.write(events).await?;
        Ok(ids)
    }
    async fn write(&self, events: Vec<Sealed>) -> Result<(), Problem> {
        let count = events.len();
        write::write(&self.inner, self.backend, &self.env.author, self.now, events).await?;
        self.events.fetch_add(count, Ordering::Relaxed);
        Ok(())
    }
}

// The epoch stands in the tenant's own schema: a replica with an old placement writes nothing.
const CLAIM: &str = "insert into idempotency (account_id, operation, key, digest, answer, forever, at)
                     select $1, $2, $3, $4, '', $5, $6 where exists (select 1 from tenant_epoch where epoch = $7)
                     on conflict (account_id, operation, key) do nothing";
const FIRST: &str = "select digest, answer from idempotency where account_id = $1 and operation = $2 and key = $3";
const KEEP: &str = "update idempotency set answer = $4 where account_id = $1 and operation = $2 and key = $3";

#[derive(sea_orm::FromQueryResult)]
struct First {
    digest: String,
    answer: String,
}

/// Runs `f` in one transaction under the idempotency key of `name` (the permission-like name of the command, `fund.use.file`).
///
/// The same key with the same request answers the first answer again and runs nothing; with another request it is
/// `422 idempotency.key_reused`. A transaction that wrote no event is refused: that is a defect of ours.
pub async fn transact<T, F>(db: &Db, env: &TxEnv, name: &'static str, key: &Key, f: F) -> Result<T, Problem>
where
    T: Serialize + DeserializeOwned + Send,
    F: AsyncFnOnce(&Tx) -> Result<T, Problem>,
{
    let account = env.author.account.map_or_else(uuid::Uuid::nil, uuid::Uuid::from);
    let text = key.text.clone().unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
    let inner = db.begin().await?;
    let tx = Tx { inner, backend: db.backend(), now: env.clock.now(), env: env.clone(), events: AtomicUsize::new(0) };
    let claim = values![account, name, text.as_str(), key.digest.as_str(), key.forever, tx.now, env.epoch];
    if tx.inner.exec(CLAIM, claim).await? == 0 {
        let first: Option<First> = tx.inner.row(FIRST, values![account, name, text.as_str()]).await?;
        tx.inner.rollback().await?;
        return replay(first, key);
    }
    let answer = match f(&tx).await {
        Ok(answer) => answer,
        Err(problem) => {
            tx.inner.rollback().await?;
            return Err(problem);
        }
    };
    if tx.events.load(Ordering::Relaxed) == 0 {
        tx.inner.rollback().await?;
        return Err(Problem::internal(format!("{name} wrote no event")));
    }
    if key.text.is_some() {
        let kept = serde_json::to_string(&answer).map_err(Problem::internal)?;
        tx.inner.exec(KEEP, values![account, name, text.as_str(), kept]).await?;
    }
    tx.inner.commit().await?;
    env.committed.notify_waiters();
    Ok(answer)
}

const FORGET: &str = "delete from idempotency where not forever and at < $1";

/// Forgets keys older than `before` (seven days), but those of money and votes.
pub async fn forget_keys(db: &Db, before: Timestamp) -> Result<u64, Problem> {
    let tx = db.begin().await?;
    let n = tx.exec(FORGET, values![before]).await?;
    tx.commit().await?;
    Ok(n)
}

fn replay<T: DeserializeOwned>(first: Option<First>, key: &Key) -> Result<T, Problem> {
    let Some(first) = first else {
        return Err(Problem::new(
            503,
            "tenant.moved",
            "本市数据正在迁移，请稍后再试",
            "This city's data is being moved; try again shortly",
        )
        .retry_after(5));
    };
    if first.digest != key.digest {
        return Err(Problem::new(
            422,
            "idempotency.key_reused",
            "这个幂等键已用于另一个请求，请换一个新的键",
            "This Idempotency-Key was used with another request; use a new key",
        ));
    }
    serde_json::from_str(&first.answer).map_err(Problem::internal)
}

#[cfg(test)]
mod tests;
