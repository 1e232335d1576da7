//! Databases without the program around them: the baselines in plain SQL.
use std::time::Instant;

use linli_runtime::{Db, PostgresPool, values};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::server::{Store, postgres};

/// A new SQLite file, or a new schema of the PostgreSQL that the environment names.
#[allow(clippy::disallowed_methods)] // a measurement stands in for the registry
pub async fn database(store: Store) -> anyhow::Result<Db> {
    let name = format!("bench_{}", Uuid::now_v7().simple());
    let problem = |p: linli_kernel::Problem| anyhow::anyhow!("{p}");
    match (store, postgres()) {
        (Store::Postgres, Some(url)) => {
            let pool = |url: String| PostgresPool { url, name: "linli:bench".into(), max: 16 };
            let maker = Db::open_postgres(pool(url.clone())).await.map_err(problem)?;
            maker.reader().execute_unprepared(&format!("create schema {name}")).await?;
            maker.close().await.map_err(problem)?;
            let joint = if url.contains('?') { '&' } else { '?' };
            Db::open_postgres(pool(format!("{url}{joint}options=-csearch_path%3D{name}"))).await.map_err(problem)
        }
        _ => {
            let dir = std::env::temp_dir().join(&name);
            std::fs::create_dir_all(&dir)?;
            Db::open_sqlite(&dir.join("t.db")).await.map_err(problem)
        }
    }
}

const COLUMNS: &str = "id, a, b, c, d, e, f, g, h, i";

/// Seconds to insert `rows` rows of ten columns into each of `tables` tables, in one transaction and in large statements.
pub async fn inserts(db: &Db, tables: usize, rows: usize) -> anyhow::Result<f64> {
    let problem = |p: linli_kernel::Problem| anyhow::anyhow!("{p}");
    let names: Vec<String> = (0..tables).map(|_| format!("plain_{}", Uuid::now_v7().simple())).collect();
    for name in &names {
        let columns = "id uuid primary key, a uuid, b uuid, c text, d text, e text, f text, g bigint, h bigint, i bigint";
        db.reader().execute_unprepared(&format!("create table {name} ({columns})")).await?;
    }
    let row = |n: usize| {
        let text = format!("37990120001200{n:06}");
        let (id, other) = (Uuid::now_v7(), Uuid::now_v7());
        values![id, other, other, text.as_str(), text.as_str(), text.as_str(), "residential", n as i64, 8_956_i64, 2_686_800_i64]
    };
    let started = Instant::now();
    let tx = db.begin().await.map_err(problem)?;
    for name in &names {
        linli_property::insert_all(&tx, name, COLUMNS, (0..rows).map(row).collect()).await.map_err(problem)?;
    }
    tx.commit().await?;
    let took = started.elapsed().as_secs_f64();
    for name in &names {
        db.reader().execute_unprepared(&format!("drop table {name}")).await?;
    }
    Ok(took)
}
