//! Three-ledger postings of 16 clients on PostgreSQL, in process, against the same rows by somebody who writes SQL by hand.
use std::{sync::Arc, time::Instant};

use linli_kernel::{AccountId, BankAccountId, Clock, Date, EventId, FundAccountId, HouseId, Money, PostingId, Problem, ProjectId};
use linli_ledger::{AccountKind, BankLine, Bucket, FundLine, NewAccount, Posting, PostingCode, accounts};
use linli_migrations::{Kind, migrate};
use linli_runtime::{Author, Db, Key, Sql, TxEnv, transact, values};
use uuid::Uuid;

use crate::{
    plain::{Plain, said},
    report::line,
    server::{Store, postgres},
};

const CLIENTS: usize = 16;
const EACH: usize = 200;
const ACCOUNTS: usize = 100;
const ROUNDS: usize = 4;
const HOME: &str = "37/3799/";
const PACK: &str = include_str!("../../../tenants/packs/binhai/ledger.toml");
const BANK: &str = "insert into bank_account (id, pool_code, bank, number, holder_name, kind, connector, opened_on, state, created_at,
                      area_path, matter)
                    values ($1, '01', 'BOC', '3799010001000123', '维修资金专户', 'demand', 'callback', '2024-01-02', 'open', 0, $2, $3)";

struct Books {
    db: Db,
    env: TxEnv,
    day: Date,
    bank: BankAccountId,
    project: ProjectId,
    accounts: Vec<FundAccountId>,
}

pub async fn run() -> anyhow::Result<()> {
    if postgres().is_none() {
        println!("three-ledger posting: SKIPPED, LINLI_TEST_POSTGRES names no server");
        return Ok(());
    }
    let plain = Plain::new(Store::Postgres).await?;
    let books = Arc::new(books(plain.db.clone()).await.map_err(said)?);
    let mut best = [0.0_f64; 2];
    for round in 0..2 * ROUNDS {
        let ours = round % 2 == 1;
        let started = Instant::now();
        let clients: Vec<_> = (0..CLIENTS).map(|client| tokio::spawn(client_of(books.clone(), round, client, ours))).collect();
        for client in clients {
            client.await?.map_err(said)?;
        }
        let rate = (CLIENTS * EACH) as f64 / started.elapsed().as_secs_f64();
        best[usize::from(ours)] = best[usize::from(ours)].max(rate);
    }
    line(
        "three-ledger postings at 16 clients, PostgreSQL, in process, best of four",
        best[1],
        "a second",
        "plain SQL of the same rows",
        best[0],
    );
    plain.drop().await
}

async fn client_of(b: Arc<Books>, round: usize, client: usize, ours: bool) -> Result<(), Problem> {
    for n in 0..EACH {
        let (id, serial) = (b.accounts[client * ACCOUNTS + n % ACCOUNTS], format!("R{round}-{client}-{n}"));
        if ours { posted(&b, id, serial).await? } else { by_hand(&b, id, &serial).await? }
    }
    Ok(())
}

async fn books(db: Db) -> Result<Books, Problem> {
    let conn = db.begin().await?;
    migrate(&conn, db.backend(), Kind::Tenant).await?;
    conn.commit().await?;
    let at = "2026-11-23T08:00:00Z".parse().map_err(|_| Problem::internal("the bench's own time"))?;
    let env = TxEnv {
        tenant: "binhai".into(),
        epoch: 1,
        zone_hours: 8,
        clock: Arc::new(Clock::simulated(at)),
        author: Author::system("bench"),
        committed: Arc::default(),
    };
    let (bank, project) = (BankAccountId::new(), ProjectId::new());
    let new = |_| NewAccount {
        kind: AccountKind::Household,
        pool_code: "01".into(),
        house_id: Some(HouseId::new()),
        building_id: None,
        project_id: Some(project),
        area_path: "37/3799/379901/379901001/379901001001/".into(),
    };
    let new: Vec<NewAccount> = (0..CLIENTS * ACCOUNTS).map(new).collect();
    let opened = transact(&db, &env, "bench.open", &Key::default(), async |tx| {
        linli_ledger::install_pack(tx, PACK).await?;
        tx.conn().exec(BANK, values![bank, HOME, linli_ledger::bank_accounts::matter(bank)]).await?;
        Ok(accounts::open(tx, &new).await?.into_iter().map(|a| a.id).collect::<Vec<_>>())
    })
    .await?;
    Ok(Books { db, env, day: at.date_at(8), bank, project, accounts: opened })
}

/// One posting as the program does it: idempotency row, the three books, the event.
async fn posted(b: &Books, id: FundAccountId, serial: String) -> Result<(), Problem> {
    let line = FundLine { fund_account_id: id, bucket: Bucket::Principal, amount: Money(100), summary: "交存".into(), formula: None };
    let posting = Posting {
        code: PostingCode::Mf01,
        pool_code: "01".into(),
        value_date: b.day,
        bank_date: Some(b.day),
        lines: vec![line],
        bank: Some(BankLine { bank_account_id: b.bank, amount: Money(100), bank_serial: serial }),
        subject_kind: "fund.deposit",
        subject_id: Uuid::now_v7(),
        subject_no: Some("37990020261123000001X".into()),
        maker: Some(AccountId::new()),
        checker: Some(AccountId::new()),
        reverses: None,
    };
    let key = Key::default();
    transact(&b.db, &b.env, "bench.post", &key, async |tx| linli_ledger::bench::post_all(tx, HOME, vec![posting]).await).await.map(drop)
}

/// The same rows in the same tables: one statement a table, no rule, no check, no seal.
async fn by_hand(b: &Books, id: FundAccountId, serial: &str) -> Result<(), Problem> {
    let (posting, event, subject) = (PostingId::new(), EventId::new(), Uuid::now_v7());
    let text = "0".repeat(64);
    let tx = b.db.begin().await?;
    tx.exec(
        "insert into idempotency (account_id, operation, key, digest, answer, forever, at) values ($1, 'plain', $2, '', '', false, 0)
         on conflict (account_id, operation, key) do nothing",
        values![Uuid::nil(), Uuid::now_v7().to_string()],
    )
    .await?;
    let moved = "update fund_account set principal = principal + 100, seq = seq + 1 where id = $1 returning seq as v";
    let seq: i64 = tx.scalar(moved, values![id]).await?.unwrap_or(0);
    tx.exec(
        "insert into posting (id, posting_no, source, code, origin_code, pool_code, set_code, voucher_code, voucher_kind, accounting_on,
           value_date, bank_date, amount, lines, subject_kind, subject_id, maker, checker, posted_at, area_path, project_id, seal,
           journal_seal)
         values ($1, $2, $3, 'MF01', 'MF01', '01', 'SP01', 'SF01', 'receipt', $4, $4, $4, 100, 1, 'fund.deposit', $5, $6, $7, 0, '37/3799/',
           $8, $9, $9)",
        values![
            posting,
            posting.to_string(),
            format!("MF01:plain:{subject}"),
            b.day,
            subject,
            AccountId::new(),
            AccountId::new(),
            b.project,
            text.as_str()
        ],
    )
    .await?;
    tx.exec(
        "insert into fund_entry (fund_account_id, seq, posting_id, line, origin_code, bucket, amount, balance_after, summary, project_id,
           area_path)
         values ($1, $2, $3, 1, 'MF01', 'principal', 100, $4, '交存', $5, '37/3799/')",
        values![id, seq, posting, seq * 100, b.project],
    )
    .await?;
    tx.exec(
        "insert into bank_entry (posting_id, bank_account_id, amount, bank_date, bank_serial) values ($1, $2, 100, $3, $4)",
        values![posting, b.bank, b.day, serial],
    )
    .await?;
    tx.exec("insert into bank_claim (posting_id, bank_account_id, bank_serial) values ($1, $2, $3)", values![posting, b.bank, serial])
        .await?;
    tx.exec(
        "insert into gl_line (posting_id, line, set_code, account_code, project_id, bank_account_id, debit, credit, summary)
         values ($1, 1, 'SP01', '1002', null, $2, 100, 0, '交存'), ($1, 2, 'SP01', '3001', $3, null, 0, 100, '交存')",
        values![posting, b.bank, b.project],
    )
    .await?;
    tx.exec(
        "insert into event (id, at, kind, subject, subject_kind, subject_id, role, request_id, area_path, project_id, data, digest)
         values ($1, 0, 'ledger.posting.posted', $2, 'ledger.posting', $3, 'system', 'bench', '37/3799/', $4, $5, $6)",
        values![
            event,
            format!("ledger.posting/{posting}"),
            posting,
            b.project,
            format!("{{\"text\":\"{}\"}}", text.repeat(8)),
            text.as_str()
        ],
    )
    .await?;
    tx.exec("insert into event_queue (event_id) values ($1)", values![event]).await?;
    tx.commit().await?;
    Ok(())
}
