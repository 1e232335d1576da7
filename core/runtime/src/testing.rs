//! A tenant's schema in a SQLite file of its own, and in a PostgreSQL schema of its own where `make test` started a server
//! (`LINLI_TEST_POSTGRES`, an administrator's address), for the tests of this crate.
use std::{path::PathBuf, sync::Arc};

use linli_kernel::{Clock, Problem, ProjectId};
use sea_orm::ConnectionTrait;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Author, Change, Db, Key, PostgresPool, ScopeIds, Tx, TxEnv, transact};

const SCHEMA: &str = include_str!("../../../migrations/tenant/0002_runtime.sql");

/// A new folder under the system's temporary one.
pub fn temp_dir(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("linli-runtime-{name}-{}", uuid::Uuid::now_v7()));
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

#[allow(clippy::disallowed_methods)] // tests stand in for the registry
pub async fn tenant(name: &str) -> (Db, TxEnv) {
    let db = Db::open_sqlite(&temp_dir(name).join("t.db")).await.unwrap();
    let tx = db.begin().await.unwrap();
    tx.execute_unprepared(&SCHEMA.replace("%SERIAL_PK%", "integer primary key autoincrement")).await.unwrap();
    for table in ["event", "event_seq", "audit_checkpoint"] {
        for verb in ["update", "delete"] {
            tx.execute_unprepared(&format!(
                "create trigger {table}_no_{verb} before {verb} on {table} begin select raise(abort, '{table} is append only'); end"
            ))
            .await
            .unwrap();
        }
    }
    tx.commit().await.unwrap();
    (db, env())
}

/// The same promise is kept on every store that is there.
pub async fn stores(name: &str) -> Vec<(Db, TxEnv)> {
    let mut all = vec![tenant(name).await];
    all.extend(postgres().await.map(|db| (db, env())));
    all
}

#[allow(clippy::disallowed_methods)] // tests stand in for the registry, and for the program's start
async fn postgres() -> Option<Db> {
    let url = std::env::var("LINLI_TEST_POSTGRES").ok()?;
    let schema = format!("runtime_{}", uuid::Uuid::now_v7().simple());
    let pool = |url: String| PostgresPool { url, name: "linli:test".into(), max: 4 };
    let maker = Db::open_postgres(pool(url.clone())).await.unwrap();
    maker.reader().execute_unprepared(&format!("create schema {schema}")).await.unwrap();
    maker.close().await.unwrap();
    let joint = if url.contains('?') { '&' } else { '?' };
    let db = Db::open_postgres(pool(format!("{url}{joint}options=-csearch_path%3D{schema}"))).await.unwrap();
    let tx = db.begin().await.unwrap();
    tx.execute_unprepared(&SCHEMA.replace("%SERIAL_PK%", "bigserial primary key")).await.unwrap();
    tx.commit().await.unwrap();
    Some(db)
}

fn env() -> TxEnv {
    TxEnv {
        tenant: "binhai".into(),
        epoch: 1,
        zone_hours: 8,
        clock: Arc::new(Clock::simulated("2026-11-23T08:00:00Z".parse().unwrap())),
        author: Author::system("test"),
        committed: Arc::default(),
    }
}

/// One write with one event.
pub async fn write<T, F>(db: &Db, env: &TxEnv, f: F) -> Result<T, Problem>
where
    T: Serialize + DeserializeOwned + Send,
    F: AsyncFnOnce(&Tx) -> Result<T, Problem>,
{
    transact(db, env, "test.write", &Key::default(), async |tx| {
        let answer = f(tx).await?;
        let scope = ScopeIds { area_path: Some("37/3798/".into()), project_id: Some(ProjectId::new()), ..ScopeIds::default() };
        tx.event(Change::new("test.written", "test.thing", uuid::Uuid::now_v7()).scope(scope).data("no", 1)).await?;
        Ok(answer)
    })
    .await
}

/// A statement behind the program's back, with the append-only triggers taken away.
pub async fn tamper(db: &Db, sql: &str) {
    let tx = db.begin().await.unwrap();
    for table in ["event", "event_seq", "audit_checkpoint"] {
        for verb in ["update", "delete"] {
            tx.execute_unprepared(&format!("drop trigger if exists {table}_no_{verb}")).await.unwrap();
        }
    }
    tx.execute_unprepared(sql).await.unwrap();
    tx.commit().await.unwrap();
}
