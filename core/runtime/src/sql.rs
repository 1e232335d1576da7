//! Raw SQL with named columns and `$n` placeholders, which both databases take.
use std::future::Future;

use linli_kernel::Problem;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, SqlErr, Statement, Value};

/// `values![id, amount, name]`: the parameters `$1`, `$2`, `$3` of a raw statement.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(::sea_orm::Value::from($value)),*] };
}

/// Short forms on every connection and transaction. Texts are `const`s beside their only user; columns are named, never `*`.
pub trait Sql: ConnectionTrait + Sync {
    /// Runs a statement; answers the number of rows that it changed.
    fn exec(&self, sql: &str, values: Vec<Value>) -> impl Future<Output = Result<u64, Problem>> + Send {
        let statement = Statement::from_sql_and_values(self.get_database_backend(), sql, values);
        async move { Ok(self.execute_raw(statement).await?.rows_affected()) }
    }
    /// All rows. The statement itself has a limit.
    fn rows<T: FromQueryResult + Send>(&self, sql: &str, values: Vec<Value>) -> impl Future<Output = Result<Vec<T>, Problem>> + Send {
        let statement = Statement::from_sql_and_values(self.get_database_backend(), sql, values);
        async move {
            let rows = self.query_all_raw(statement).await?;
            Ok(rows.iter().map(|row| T::from_query_result(row, "")).collect::<Result<_, DbErr>>()?)
        }
    }
    /// The first row, if any.
    fn row<T: FromQueryResult + Send>(&self, sql: &str, values: Vec<Value>) -> impl Future<Output = Result<Option<T>, Problem>> + Send {
        let statement = Statement::from_sql_and_values(self.get_database_backend(), sql, values);
        async move {
            let row = self.query_one_raw(statement).await?;
            Ok(row.map(|row| T::from_query_result(&row, "")).transpose()?)
        }
    }
    /// The first column of the first row; it must be named `v`. `sum()` must be cast: `cast(sum(x) as bigint) as v`.
    fn scalar<T: sea_orm::TryGetable + Send>(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> impl Future<Output = Result<Option<T>, Problem>> + Send {
        let statement = Statement::from_sql_and_values(self.get_database_backend(), sql, values);
        async move {
            let row = self.query_one_raw(statement).await?;
            Ok(row.map(|row| row.try_get::<T>("", "v")).transpose()?)
        }
    }
}
impl<C: ConnectionTrait + Sync> Sql for C {}

/// Whether a constraint of uniqueness refused the write. On PostgreSQL the transaction is lost then: prefer `on conflict do nothing`.
pub fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}
