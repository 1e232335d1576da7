//! Lists in pages, long id lists in chunks, many rows in few statements.
use linli_kernel::{Page, PageQuery, Problem};
use linli_runtime::Sql;
use sea_orm::{DbBackend, FromQueryResult, Value};
use serde_json::{Map, Value as Json};

/// One page of `select {columns} {from} order by {order}`; the count stops at 10,001 rows.
pub(crate) async fn page<T: FromQueryResult + Send>(
    conn: &impl Sql,
    columns: &str,
    from: &str,
    order: &str,
    values: Vec<Value>,
    query: &PageQuery,
) -> Result<Page<T>, Problem> {
    let count = format!("select count(*) as v from (select 1 as one {from} limit 10001) t");
    let counted: i64 = conn.scalar(&count, values.clone()).await?.unwrap_or(0);
    let rows = format!("select {columns} {from} order by {order} limit {} offset {}", query.limit(), query.offset());
    Ok(Page::new(conn.rows(&rows, values).await?, counted))
}

/// The two page parameters of a list, written out because a flattened struct reads no numbers from a query.
pub(crate) fn paging(page: Option<u64>, page_size: Option<u64>) -> PageQuery {
    PageQuery { page, page_size }
}

/// `($3, $4, $5)` for `count` values after `before` others; on SQLite `(?, ?, ?)`, so there no numbered parameter may stand beside.
///
/// SQLite finds each numbered parameter by walking over all of them: 30,000 in one statement would take seconds.
pub fn placeholders(conn: &impl Sql, before: usize, count: usize) -> String {
    let numbered = conn.get_database_backend() == DbBackend::Postgres;
    let list: Vec<String> = (1..=count).map(|n| if numbered { format!("${}", before + n) } else { "?".to_owned() }).collect();
    format!("({})", list.join(", "))
}

/// Both databases take this many parameters in one statement.
pub(crate) const CHUNK: usize = 10_000;
const PARAMETERS: usize = 30_000;
const ROWS: usize = 5_000;

/// Inserts all rows, each as many values as there are columns, in few statements: on PostgreSQL one JSON text for thousands of
/// rows, which it turns into records of the table itself; on SQLite, which has no round trips, plain lists of values.
pub async fn insert_all(conn: &impl Sql, table: &str, columns: &str, rows: Vec<Vec<Value>>) -> Result<(), Problem> {
    let Some(width) = rows.first().map(Vec::len).filter(|w| *w > 0) else { return Ok(()) };
    if conn.get_database_backend() == DbBackend::Postgres {
        let names: Vec<&str> = columns.split(',').map(|c| c.trim().trim_matches('"')).collect();
        let sql = format!("insert into {table} ({columns}) select {columns} from json_populate_recordset(null::{table}, cast($1 as json))");
        for chunk in rows.chunks(ROWS) {
            let records: Vec<Json> = chunk.iter().map(|row| record(&names, row)).collect::<Result<_, _>>()?;
            conn.exec(&sql, vec![Json::Array(records).to_string().into()]).await?;
        }
        return Ok(());
    }
    for chunk in rows.chunks(PARAMETERS / width) {
        let mut sql = format!("insert into {table} ({columns}) values ");
        for n in 0..chunk.len() {
            sql.push_str(if n == 0 { "" } else { ", " });
            sql.push_str(&placeholders(conn, n * width, width));
        }
        conn.exec(&sql, chunk.iter().flatten().cloned().collect()).await?;
    }
    Ok(())
}

fn record(names: &[&str], row: &[Value]) -> Result<Json, Problem> {
    let mut record = Map::with_capacity(names.len());
    for (name, value) in names.iter().zip(row) {
        let value = match value {
            Value::Uuid(id) => id.map(|id| id.to_string().into()),
            Value::String(text) => text.as_deref().map(Json::from),
            Value::BigInt(number) => number.map(Json::from),
            Value::Bool(flag) => flag.map(Json::from),
            other => return Err(Problem::internal(format!("{name}: {other:?} in a bulk insert"))),
        };
        record.insert((*name).to_owned(), value.unwrap_or(Json::Null));
    }
    Ok(Json::Object(record))
}
