//! Many rows in one statement on both databases: arrays and `unnest` on PostgreSQL, one JSON text and `json_each` on SQLite.
//!
//! The text of a statement does not depend on the number of rows, so that it is prepared once.
use linli_kernel::Problem;
use linli_runtime::{Backend, Sql, Tx};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value, sea_query::ArrayType};
use uuid::Uuid;

/// One column of the rows. A null is `None`; an empty text is kept as null too, no table here has an empty text that means more.
#[derive(Clone, Debug)]
pub(crate) enum Column {
    Uuid(Vec<Option<Uuid>>),
    Int(Vec<i64>),
    Text(Vec<Option<String>>),
}

/// Rows by column, under the names that the statement uses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    columns: Vec<(&'static str, Column)>,
}

impl Rows {
    pub fn new() -> Rows {
        Rows::default()
    }
    pub fn uuids(mut self, name: &'static str, values: impl IntoIterator<Item = impl Into<Option<Uuid>>>) -> Rows {
        self.columns.push((name, Column::Uuid(values.into_iter().map(Into::into).collect())));
        self
    }
    pub fn ints(mut self, name: &'static str, values: impl IntoIterator<Item = i64>) -> Rows {
        self.columns.push((name, Column::Int(values.into_iter().collect())));
        self
    }
    pub fn texts(mut self, name: &'static str, values: impl IntoIterator<Item = impl Into<Option<String>>>) -> Rows {
        self.columns.push((name, Column::Text(values.into_iter().map(Into::into).collect())));
        self
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    pub fn len(&self) -> usize {
        match self.columns.first() {
            Some((_, Column::Uuid(v))) => v.len(),
            Some((_, Column::Int(v))) => v.len(),
            Some((_, Column::Text(v))) => v.len(),
            None => 0,
        }
    }
    /// `(select … ) as src`-ready query whose columns bear the names; its placeholders begin at `$first`.
    pub fn source(&self, backend: Backend, first: usize) -> String {
        match backend {
            Backend::Postgres => {
                let arrays = self.columns.iter().enumerate().map(|(i, (_, column))| {
                    let kind = match column {
                        Column::Uuid(_) => "uuid",
                        Column::Int(_) => "bigint",
                        Column::Text(_) => "text",
                    };
                    format!("${}::{kind}[]", first + i)
                });
                let arrays: Vec<String> = arrays.collect();
                let names: Vec<String> = (0..self.columns.len()).map(|i| format!("c{i}")).collect();
                let shown = self.columns.iter().enumerate().map(|(i, (name, column))| match column {
                    Column::Uuid(_) => format!("nullif(r.c{i}, '00000000-0000-0000-0000-000000000000'::uuid) as {name}"),
                    Column::Int(_) => format!("r.c{i} as {name}"),
                    Column::Text(_) => format!("nullif(r.c{i}, '') as {name}"),
                });
                let shown: Vec<String> = shown.collect();
                format!("select {} from unnest({}) as r({})", shown.join(", "), arrays.join(", "), names.join(", "))
            }
            Backend::Sqlite => {
                let shown = self.columns.iter().enumerate().map(|(i, (name, column))| match column {
                    Column::Uuid(_) => format!("unhex(value ->> {i}) as {name}"),
                    Column::Int(_) | Column::Text(_) => format!("value ->> {i} as {name}"),
                });
                let shown: Vec<String> = shown.collect();
                format!("select {} from json_each(${first})", shown.join(", "))
            }
        }
    }
    /// The parameters that [`Rows::source`] refers to.
    pub fn values(self, backend: Backend) -> Vec<Value> {
        match backend {
            Backend::Postgres => self.columns.into_iter().map(|(_, column)| column.array()).collect(),
            Backend::Sqlite => vec![Value::from(self.json())],
        }
    }
    pub fn names(&self) -> Vec<&'static str> {
        self.columns.iter().map(|(name, _)| *name).collect()
    }
    fn json(&self) -> String {
        let rows: Vec<serde_json::Value> =
            (0..self.len()).map(|n| serde_json::Value::Array(self.columns.iter().map(|(_, column)| column.json(n)).collect())).collect();
        serde_json::Value::Array(rows).to_string()
    }
}

impl Column {
    fn array(self) -> Value {
        let (kind, values): (ArrayType, Vec<Value>) = match self {
            Column::Uuid(v) => (ArrayType::Uuid, v.into_iter().map(|id| id.unwrap_or_default().into()).collect()),
            Column::Int(v) => (ArrayType::BigInt, v.into_iter().map(Value::from).collect()),
            Column::Text(v) => (ArrayType::String, v.into_iter().map(|t| t.unwrap_or_default().into()).collect()),
        };
        Value::Array(kind, Some(Box::new(values)))
    }
    fn json(&self, n: usize) -> serde_json::Value {
        match self {
            Column::Uuid(v) => v[n].map(|id| id.simple().to_string()).into(),
            Column::Int(v) => v[n].into(),
            Column::Text(v) => v[n].clone().filter(|t| !t.is_empty()).into(),
        }
    }
}

/// Which database a connection speaks to.
pub(crate) fn backend_of(conn: &impl ConnectionTrait) -> Backend {
    match conn.get_database_backend() {
        DbBackend::Sqlite => Backend::Sqlite,
        _ => Backend::Postgres,
    }
}

/// The ids as a query of one column `id`, for `where x in (…)`; with its parameters, the first of which is `$first`.
pub(crate) fn ids(backend: Backend, ids: impl IntoIterator<Item = Uuid>, first: usize) -> (String, Vec<Value>) {
    let rows = Rows::new().uuids("id", ids.into_iter().map(Some));
    (rows.source(backend, first), rows.values(backend))
}

/// One `insert into table (columns) select …`.
pub(crate) struct Insert {
    pub table: &'static str,
    pub rows: Rows,
}

/// Writes the rows of several tables: on PostgreSQL with one statement, one round trip.
pub(crate) async fn insert_all(tx: &Tx, inserts: Vec<Insert>) -> Result<(), DbErr> {
    let inserts: Vec<Insert> = inserts.into_iter().filter(|i| !i.rows.is_empty()).collect();
    let backend = tx.backend();
    match backend {
        Backend::Sqlite => {
            for insert in inserts {
                let text = insert.text(backend, 1);
                run(tx, &text, insert.rows.values(backend)).await?;
            }
            Ok(())
        }
        Backend::Postgres => {
            let (mut texts, mut parameters) = (Vec::new(), Vec::new());
            for insert in inserts {
                texts.push(insert.text(backend, parameters.len() + 1));
                parameters.extend(insert.rows.values(backend));
            }
            let Some(last) = texts.pop() else { return Ok(()) };
            let before: Vec<String> = texts.iter().enumerate().map(|(i, text)| format!("w{i} as ({text})")).collect();
            let text = if before.is_empty() { last } else { format!("with {} {last}", before.join(", ")) };
            run(tx, &text, parameters).await
        }
    }
}

impl Insert {
    pub fn text(&self, backend: Backend, first: usize) -> String {
        let names = self.rows.names().join(", ");
        format!("insert into {} ({names}) select {names} from ({}) as src", self.table, self.rows.source(backend, first))
    }
}

async fn run(tx: &Tx, text: &str, parameters: Vec<Value>) -> Result<(), DbErr> {
    let conn = tx.conn();
    conn.execute_raw(Statement::from_sql_and_values(conn.get_database_backend(), text, parameters)).await.map(drop)
}

/// A statement over `rows` as `src`, with more parameters after them: `text` gets the source and the first free number.
pub(crate) async fn exec(tx: &Tx, rows: Rows, more: Vec<Value>, text: impl FnOnce(&str, usize) -> String) -> Result<u64, Problem> {
    let backend = tx.backend();
    let source = rows.source(backend, 1);
    let mut values = rows.values(backend);
    let text = text(&source, values.len() + 1);
    values.extend(more);
    tx.conn().exec(&text, values).await
}

/// As [`exec`], for a statement that answers rows.
pub(crate) async fn query<T: sea_orm::FromQueryResult + Send>(
    conn: &impl ConnectionTrait,
    rows: Rows,
    more: Vec<Value>,
    text: impl FnOnce(&str, usize) -> String,
) -> Result<Vec<T>, Problem> {
    let backend = backend_of(conn);
    let source = rows.source(backend, 1);
    let mut values = rows.values(backend);
    let text = text(&source, values.len() + 1);
    values.extend(more);
    conn.rows(&text, values).await
}
