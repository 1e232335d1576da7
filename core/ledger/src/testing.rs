//! Books of a small city: one pool, one bank account, three households, a public account. In a SQLite file of their own, and in
//! a PostgreSQL schema of their own where `make test` started a server (`LINLI_TEST_POSTGRES`, an administrator's address).
use std::sync::Arc;

use linli_kernel::{AccountId, BankAccountId, Clock, Date, FundAccountId, HouseId, Money, Problem, ProjectId};
use linli_migrations::{Kind, migrate};
use linli_runtime::{Author, Backend, Change, Db, Key, PostgresPool, Sql, Tx, TxEnv, transact, values};
use sea_orm::ConnectionTrait;
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    AccountKind, BankLine, Bucket, FundLine, NewAccount, Posted, Posting, PostingCode, accounts,
    post::{Draft, write},
    proof::{self, Check},
};

pub const HOME: &str = "37/3799/";
pub const PACK: &str = include_str!("../../../tenants/packs/binhai/ledger.toml");

pub struct Books {
    pub db: Db,
    pub env: TxEnv,
    pub bank: BankAccountId,
    pub project: ProjectId,
    /// Three households, then the public account of the project, then that of undistributed income.
    pub accounts: Vec<FundAccountId>,
}

const BANK: &str =
    "insert into bank_account (id, pool_code, bank, number, holder_name, kind, connector, opened_on, state, created_at, area_path, matter)
                    values ($1, '01', 'BOC', '3799010001000123', '维修资金专户', 'demand', 'callback', '2024-01-02', 'open', 0, $2, $3)";

#[allow(clippy::disallowed_methods)] // tests stand in for the registry
pub async fn books(name: &str) -> Books {
    let dir = std::env::temp_dir().join(format!("linli-ledger-{name}-{}", Uuid::now_v7()));
    std::fs::create_dir_all(&dir).unwrap();
    let db = Db::open_sqlite(&dir.join("t.db")).await.unwrap();
    let conn = db.begin().await.unwrap();
    migrate(&conn, Backend::Sqlite, Kind::Tenant).await.unwrap();
    conn.commit().await.unwrap();
    fill(db).await
}

/// The books on every store that is there.
pub async fn stores(name: &str) -> Vec<Books> {
    let mut all = vec![books(name).await];
    if let Some(b) = postgres().await {
        all.push(b);
    }
    all
}

/// The same promise is kept on every store.
pub async fn on_every_store(name: &str, promise: impl AsyncFn(Books)) {
    for b in stores(name).await {
        promise(b).await;
    }
}

#[allow(clippy::disallowed_methods)] // tests stand in for the registry, and for the program's start
pub async fn postgres() -> Option<Books> {
    let url = std::env::var("LINLI_TEST_POSTGRES").ok().filter(|v| !v.is_empty())?;
    let schema = format!("ledger_{}", Uuid::now_v7().simple());
    let pool = |url: String| PostgresPool { url, name: "linli:test".into(), max: 16 };
    let maker = Db::open_postgres(pool(url.clone())).await.unwrap();
    maker.reader().execute_unprepared(&format!("create schema {schema}")).await.unwrap();
    maker.close().await.unwrap();
    let joint = if url.contains('?') { '&' } else { '?' };
    let db = Db::open_postgres(pool(format!("{url}{joint}options=-csearch_path%3D{schema}"))).await.unwrap();
    let conn = db.begin().await.unwrap();
    migrate(&conn, Backend::Postgres, Kind::Tenant).await.unwrap();
    conn.commit().await.unwrap();
    Some(fill(db).await)
}

/// Fills an empty, migrated database.
async fn fill(db: Db) -> Books {
    let env = TxEnv {
        tenant: "binhai".into(),
        epoch: 1,
        zone_hours: 8,
        clock: Arc::new(Clock::simulated("2026-11-23T08:00:00Z".parse().unwrap())),
        author: Author::system("test"),
        committed: Arc::default(),
    };
    let mut books = Books { db, env, bank: BankAccountId::new(), project: ProjectId::new(), accounts: Vec::new() };
    let (bank, project) = (books.bank, books.project);
    books.accounts = books
        .tx(async |tx| {
            crate::install_pack(tx, PACK).await?;
            tx.conn().exec(BANK, values![bank, HOME, crate::bank_accounts::matter(bank)]).await?;
            let kinds = [
                AccountKind::Household,
                AccountKind::Household,
                AccountKind::Household,
                AccountKind::PublicProject,
                AccountKind::PoolIncome,
            ];
            let new: Vec<NewAccount> = kinds.into_iter().map(|kind| new_account(kind, project)).collect();
            Ok(accounts::open(tx, &new).await?.into_iter().map(|a| a.id).collect::<Vec<_>>())
        })
        .await
        .unwrap();
    books
}

pub fn new_account(kind: AccountKind, project: ProjectId) -> NewAccount {
    NewAccount {
        kind,
        pool_code: "01".into(),
        house_id: (kind == AccountKind::Household).then(HouseId::new),
        building_id: None,
        project_id: Some(project),
        area_path: "37/3799/379901/379901001/379901001001/".into(),
    }
}

pub fn yuan(text: &str) -> Money {
    text.parse().unwrap()
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

impl Books {
    pub async fn tx<T, F>(&self, f: F) -> Result<T, Problem>
    where
        T: Serialize + DeserializeOwned + Send,
        F: AsyncFnOnce(&Tx) -> Result<T, Problem>,
    {
        transact(&self.db, &self.env, "test.write", &Key::default(), async |tx| {
            let answer = f(tx).await?;
            tx.event(Change::new("test.written", "test.thing", Uuid::now_v7()).data("no", 1)).await?;
            Ok(answer)
        })
        .await
    }

    pub fn line(&self, account: usize, bucket: Bucket, amount: &str) -> FundLine {
        FundLine { fund_account_id: self.accounts[account], bucket, amount: yuan(amount), summary: "摘要".into(), formula: None }
    }

    /// A posting of a subject of its own; `serial` and the amount at the bank if money moves there.
    pub fn posting(&self, code: PostingCode, lines: Vec<FundLine>, bank: Option<(&str, &str)>) -> Posting {
        Posting {
            code,
            pool_code: "01".into(),
            value_date: day("2026-11-23"),
            bank_date: bank.map(|_| day("2026-11-23")),
            lines,
            bank: bank.map(|(amount, serial)| BankLine { bank_account_id: self.bank, amount: yuan(amount), bank_serial: serial.into() }),
            subject_kind: "fund.deposit",
            subject_id: Uuid::now_v7(),
            subject_no: Some("37990020261123000001X".into()),
            maker: Some(AccountId::new()),
            checker: Some(AccountId::new()),
            reverses: None,
        }
    }

    pub async fn post(&self, posting: Posting) -> Result<Posted, Problem> {
        Ok(self.post_all(vec![posting]).await?.remove(0))
    }

    pub async fn post_all(&self, postings: Vec<Posting>) -> Result<Vec<Posted>, Problem> {
        self.tx(async |tx| write(tx, HOME, postings.into_iter().map(Draft::of).collect()).await).await
    }

    pub async fn deposit(&self, account: usize, amount: &str, serial: &str) -> Result<Posted, Problem> {
        self.post(self.posting(PostingCode::Mf01, vec![self.line(account, Bucket::Principal, amount)], Some((amount, serial)))).await
    }

    /// Principal, income, held and last entry number of an account.
    pub async fn balances(&self, account: usize) -> (Money, Money, Money, i64) {
        let found = accounts::by_ids(self.db.reader(), &[self.accounts[account]]).await.unwrap();
        (found[0].principal, found[0].income, found[0].held, found[0].seq)
    }

    pub async fn proof(&self) -> Vec<Check> {
        proof::check(self.db.reader(), "01").await.unwrap()
    }

    /// Codes of the checks that fail.
    pub async fn broken(&self) -> Vec<String> {
        self.proof().await.into_iter().filter(|c| !c.ok).map(|c| c.code).collect()
    }

    /// A statement behind the program's back, with the append-only triggers and the given index taken away.
    pub async fn tamper(&self, sql: &[&str]) {
        let conn = self.db.begin().await.unwrap();
        let new_id = if self.db.is_postgres() { "gen_random_uuid()" } else { "randomblob(16)" };
        for table in ["posting", "fund_entry", "bank_entry", "gl_line", "voucher", "event", "event_seq"] {
            for verb in ["update", "delete"] {
                if !self.db.is_postgres() {
                    conn.execute_unprepared(&format!("drop trigger if exists {table}_no_{verb}")).await.unwrap();
                }
            }
        }
        for text in sql {
            conn.execute_unprepared(&text.replace("NEW_ID", new_id)).await.unwrap();
        }
        conn.commit().await.unwrap();
    }
}
