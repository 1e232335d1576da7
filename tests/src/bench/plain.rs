//! Databases without the program around them: the baselines in plain SQL.
use std::{path::PathBuf, time::Instant};

use linli_kernel::Problem;
use linli_runtime::{Db, PostgresPool, values};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::server::{Store, postgres};

/// An empty database of this measurement's own: a SQLite file, or a schema of the PostgreSQL that the environment names.
pub struct Plain {
    pub db: Db,
    name: String,
    folder: PathBuf,
}

pub fn said(problem: Problem) -> anyhow::Error {
    anyhow::anyhow!("{problem}")
}

impl Plain {
    #[allow(clippy::disallowed_methods)] // a measurement stands in for the registry
    pub async fn new(store: Store) -> anyhow::Result<Plain> {
        let name = format!("bench_{}", Uuid::now_v7().simple());
        let folder = std::env::temp_dir().join(&name);
        let db = match (store, postgres()) {
            (Store::Postgres, Some(url)) => {
                let pool = |url: String| PostgresPool { url, name: "linli:bench".into(), max: 16 };
                let maker = Db::open_postgres(pool(url.clone())).await.map_err(said)?;
                maker.reader().execute_unprepared(&format!("create schema {name}")).await?;
                maker.close().await.map_err(said)?;
                let joint = if url.contains('?') { '&' } else { '?' };
                Db::open_postgres(pool(format!("{url}{joint}options=-csearch_path%3D{name}"))).await.map_err(said)?
            }
            _ => {
                std::fs::create_dir_all(&folder)?;
                Db::open_sqlite(&folder.join("t.db")).await.map_err(said)?
            }
        };
        Ok(Plain { db, name, folder })
    }

    /// Seconds to insert `rows` rows of ten columns into each of `tables` tables, in one transaction and in large statements.
    pub async fn inserts(&self, tables: usize, rows: usize) -> anyhow::Result<f64> {
        let names: Vec<String> = (0..tables).map(|_| format!("plain_{}", Uuid::now_v7().simple())).collect();
        for name in &names {
            let columns = "id uuid primary key, a uuid, b uuid, c text, d text, e text, f text, g bigint, h bigint, i bigint";
            self.db.reader().execute_unprepared(&format!("create table {name} ({columns})")).await?;
        }
        let row = |n: usize| {
            let text = format!("37990120001200{n:06}");
            let (id, other) = (Uuid::now_v7(), Uuid::now_v7());
            values![id, other, other, text.as_str(), text.as_str(), text.as_str(), "residential", n as i64, 8_956_i64, 2_686_800_i64]
        };
        let started = Instant::now();
        let tx = self.db.begin().await.map_err(said)?;
        for name in &names {
            linli_property::insert_all(&tx, name, COLUMNS, (0..rows).map(row).collect()).await.map_err(said)?;
        }
        tx.commit().await?;
        Ok(started.elapsed().as_secs_f64())
    }

    /// Takes the schema or the folder away again.
    pub async fn drop(self) -> anyhow::Result<()> {
        if self.db.is_postgres() {
            self.db.reader().execute_unprepared(&format!("drop schema {} cascade", self.name)).await?;
        }
        self.db.close().await.map_err(said)?;
        if self.folder.exists() {
            std::fs::remove_dir_all(&self.folder)?;
        }
        Ok(())
    }
}

const COLUMNS: &str = "id, a, b, c, d, e, f, g, h, i";
