//! Lists in pages; many rows in few statements, as the register writes its own.
use linli_kernel::{Page, PageQuery, Problem};
pub(crate) use linli_property::{insert_all, placeholders};
use linli_runtime::Sql;
use linli_tenants::{Ctx, Scoped};
use sea_orm::{EntityTrait, FromQueryResult, IdenStatic, Iterable, Value};

/// One page of the rows of `E` in the actor's scope; `and` narrows it over the alias `t` and begins with ` and `, or is empty.
/// Counting stops at 10,001 rows.
pub(crate) async fn page<E>(ctx: &Ctx, and: &str, values: Vec<Value>, order: &str, query: &PageQuery) -> Result<Page<E::Model>, Problem>
where
    E: EntityTrait + Scoped,
    E::Model: FromQueryResult + Send,
{
    let columns: Vec<String> = E::Column::iter().map(|c| format!("t.{}", c.as_str())).collect();
    let from = format!("from {} t where {}{and}", E::default().table_name(), ctx.predicate::<E>("t"));
    let count = format!("select count(*) as v from (select 1 as one {from} limit 10001) c");
    let counted: i64 = ctx.conn().scalar(&count, values.clone()).await?.unwrap_or(0);
    let rows = format!("select {} {from} order by {order} limit {} offset {}", columns.join(", "), query.limit(), query.offset());
    Ok(Page::new(ctx.conn().rows(&rows, values).await?, counted))
}

/// Narrows a list step by step: `filter.add("state", text)`.
#[derive(Default)]
pub(crate) struct Filter {
    pub and: String,
    pub values: Vec<Value>,
}

impl Filter {
    pub fn add(mut self, column: &str, value: Option<impl Into<Value>>) -> Filter {
        if let Some(value) = value {
            self.values.push(value.into());
            self.and.push_str(&format!(" and t.{column} = ${}", self.values.len()));
        }
        self
    }
}

pub(crate) fn paging(page: Option<u64>, page_size: Option<u64>) -> PageQuery {
    PageQuery { page, page_size }
}

/// JSON of a column that we wrote ourselves.
pub(crate) fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(Problem::internal)
}

pub(crate) fn to_json(value: &impl serde::Serialize) -> Result<String, Problem> {
    serde_json::to_string(value).map_err(Problem::internal)
}
