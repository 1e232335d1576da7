//! A house table (T1) and a deposit table (T2) of 10,000 rows over HTTP: dry run and commit, as clerk and steward do it.
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{
    city::{City, TODAY},
    plain,
    report::line,
    server::Store,
};

const ROWS: usize = 10_000;
/// Tables that a row of a table ends up in: person, house, ownership, account, fund house.
const HOUSE_TABLES: usize = 5;
/// Deposit, posting, entry, bank entry, claim, two journal lines, two events with their places in the queue.
const DEPOSIT_TABLES: usize = 11;

/// Building, unit, floor, room of the nth house: fifty buildings of 25 storeys.
fn place(n: usize) -> (usize, usize, usize, String) {
    let (building, of_building) = (n / 200 + 2, n % 200);
    let (unit, of_unit) = (of_building / 100 + 1, of_building % 100);
    let floor = of_unit / 4 + 1;
    (building, unit, floor, format!("{floor:02}{:02}", of_unit % 4 + 1))
}

/// A number whose check character is right.
fn id_number(n: usize) -> String {
    let body = format!("379901{}0101{:03}", 1960 + n / 1_000, n % 1_000);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(weights).map(|(c, w)| c.to_digit(10).unwrap_or(0) * w).sum();
    format!("{body}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][(sum % 11) as usize])
}

fn houses(project_code: &str) -> String {
    let mut csv = String::from(
        "小区编码,楼栋号,单元,楼层,房号,建筑面积,套内面积,公摊面积,房屋用途,房屋性质,有无电梯,销售价格,合同编号,不动产单元号,业主姓名,证件类型,证件号码,手机,交存标准代码,备注\n",
    );
    for n in 0..ROWS {
        let (building, unit, floor, room) = place(n);
        csv.push_str(&format!(
            "{project_code},{building},{unit},{floor},{room},100.00,,,住宅,商品房,有,,,,业主{n},居民身份证,{},139{n:08},A-LIFT,\n",
            id_number(n)
        ));
    }
    csv
}

fn deposits() -> String {
    let mut csv = String::from("房屋编码,楼栋号,单元,楼层,房号,交存金额,到账日期,银行流水号,交款人,票据号,备注\n");
    for n in 0..ROWS {
        let (building, unit, floor, room) = place(n);
        csv.push_str(&format!(",{building},{unit},{floor},{room},30000.00,2026-11-12,BENCH-{n:06},业主{n},,\n"));
    }
    csv
}

pub async fn run(city: &City, store: Store) -> anyhow::Result<()> {
    let db = plain::database(store).await?;
    let t1 = (houses(&city.area("01200012")), json!({}), "data_steward");
    let more = json!({ "project_id": city.project, "bank_account_id": city.bank });
    let t2 = (deposits(), more, "fund_reviewer");
    for (template, (csv, more, committer), tables) in [("T1", t1, HOUSE_TABLES), ("T2", t2, DEPOSIT_TABLES)] {
        let (checked, committed) = import(city, template, csv.into_bytes(), more, committer).await;
        let base = plain::inserts(&db, tables, ROWS).await?;
        let what = format!(
            "import of 10,000 rows {template} over HTTP, {store:?} (check {:.1} s + commit {:.1} s)",
            checked.as_secs_f64(),
            committed.as_secs_f64()
        );
        let baseline = format!("{tables} × 10,000 plain rows in one transaction");
        line(&what, (checked + committed).as_secs_f64(), "s", &baseline, base);
    }
    db.close().await.map_err(|p| anyhow::anyhow!("{p}"))
}

async fn import(city: &City, template: &str, bytes: Vec<u8>, more: Value, committer: &str) -> (Duration, Duration) {
    let clerk = city.as_("fund_clerk");
    let document = clerk.upload("import", "table.csv", "text/csv", bytes).await.is(201).id();
    let mut body = json!({ "template": template, "document_id": document, "business_date": TODAY, "row_policy": "all" });
    for (key, value) in more.as_object().into_iter().flatten() {
        body[key] = value.clone();
    }
    let started = Instant::now();
    let id = clerk.post("/fund/imports", body).await.is(202).text_at("/import/id");
    let found = until(city, &id, "checked").await;
    let checked = started.elapsed();
    if found["error_rows"] != 0 {
        let errors = clerk.get(&format!("/fund/imports/{id}/errors?page_size=3")).await;
        panic!("the bench's own table has errors: {}", errors.text);
    }
    let started = Instant::now();
    city.as_(committer).post(&format!("/fund/imports/{id}/commit"), json!({})).await.is(202);
    until(city, &id, "committed").await;
    (checked, started.elapsed())
}

async fn until(city: &City, id: &str, state: &str) -> Value {
    let limit = Instant::now() + Duration::from_secs(300);
    loop {
        let import = city.as_("fund_clerk").get(&format!("/fund/imports/{id}")).await.is(200);
        match import.body["state"].as_str() {
            Some(now) if now == state => return import.body,
            Some("failed" | "cancelled") => panic!("the import ended badly: {}", import.text),
            _ if Instant::now() > limit => panic!("the import did not end: {}", import.text),
            _ => tokio::time::sleep(Duration::from_millis(20)).await, // a job has no end that a caller can await
        }
    }
}
