//! 事实表: what one system tells the others (vocabulary §9). The writer records in its own transaction; readers never see its tables.
use linli_kernel::{Date, Page, Problem, Timestamp};
use linli_runtime::{Change, ScopeIds, Sql, Tx, values};
use linli_tenants::Ctx;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{list, model::fact, perm};

/// A fact as it is known.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct FactView {
    #[schema(example = "project")]
    pub subject_kind: String,
    pub subject_id: Uuid,
    #[schema(example = "fund.balance")]
    pub name: String,
    #[schema(value_type = Object)]
    pub value: Value,
    pub valid_from: Date,
    pub known_from: Timestamp,
    /// The event that made it known.
    pub event_id: Uuid,
}

const INSERT: &str =
    "insert into fact (id, subject_kind, subject_id, name, value, valid_from, known_from, event_id, area_path, company_id, project_id)
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Something to be made known.
#[derive(Clone, Debug)]
pub struct NewFact {
    /// `company`, `project`, `person`, `bank_account`.
    pub subject_kind: &'static str,
    pub subject_id: Uuid,
    /// `fund.balance`, as listed in the vocabulary.
    pub name: &'static str,
    /// `None` ends the fact from `valid_from` on.
    pub value: Option<Value>,
    pub valid_from: Date,
    pub scope: ScopeIds,
}

/// Writes one fact with its event, in the writer's transaction.
pub async fn record(tx: &Tx, new: NewFact) -> Result<(), Problem> {
    let id = Uuid::now_v7();
    let change = Change::new("property.fact.recorded", "property.fact", id).scope(new.scope.clone());
    let event = tx.event(change.data("key", new.name).data("state", if new.value.is_some() { "in_force" } else { "ended" })).await?;
    let row = values![
        id,
        new.subject_kind,
        new.subject_id,
        new.name,
        new.value.map(|v| v.to_string()),
        new.valid_from,
        tx.now(),
        event,
        new.scope.area_path,
        new.scope.company_id,
        new.scope.project_id,
    ];
    tx.conn().exec(INSERT, row).await.map(|_| ())
}

#[derive(sea_orm::FromQueryResult)]
struct ValueRow {
    value: Option<String>,
}

/// What is true of the subject on `day` by all that is known now; `None` if nothing is.
pub async fn at(conn: &impl ConnectionTrait, subject_id: Uuid, name: &str, day: Date) -> Result<Option<Value>, Problem> {
    const AT: &str = "select value from fact where subject_id = $1 and name = $2 and valid_from <= $3
                      order by valid_from desc, known_from desc, id desc limit 1";
    let row: Option<ValueRow> = conn.row(AT, values![subject_id, name, day]).await?;
    row.and_then(|r| r.value).map(|text| serde_json::from_str(&text).map_err(Problem::internal)).transpose()
}

/// Whose facts, true when, as known when.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FactQuery {
    #[param(example = "project")]
    pub subject_kind: String,
    #[param(value_type = String, format = "uuid")]
    pub subject_id: Uuid,
    /// True on this day; today if absent.
    pub at: Option<Date>,
    /// As it was known at this instant; now if absent.
    pub known: Option<Timestamp>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

/// The facts of a subject, one a name: the last that is valid on the day among those known at the instant.
pub async fn find(ctx: &Ctx, query: FactQuery) -> Result<Page<FactView>, Problem> {
    ctx.require(perm::FACT_READ)?;
    let seen = ctx.predicate::<fact::Entity>("f");
    let from = format!(
        "from fact f where {seen} and f.subject_kind = $1 and f.subject_id = $2 and f.valid_from <= $3 and f.known_from <= $4 and f.value is not null
         and not exists (select 1 from fact g where g.subject_id = f.subject_id and g.name = f.name and g.valid_from <= $3 and g.known_from <= $4
           and (g.valid_from > f.valid_from or g.valid_from = f.valid_from and (g.known_from > f.known_from or g.known_from = f.known_from and g.id > f.id)))"
    );
    let values = values![query.subject_kind, query.subject_id, query.at.unwrap_or(ctx.today()), query.known.unwrap_or(ctx.now())];
    const COLUMNS: &str = "f.id, f.subject_kind, f.subject_id, f.name, f.value, f.valid_from, f.known_from, f.event_id, f.area_path, f.company_id, f.project_id";
    let page = list::page::<fact::Model>(ctx.conn(), COLUMNS, &from, "f.name", values, &list::paging(query.page, query.page_size)).await?;
    Ok(page.map(|f| FactView {
        subject_kind: f.subject_kind,
        subject_id: f.subject_id,
        name: f.name,
        value: f.value.and_then(|v| serde_json::from_str(&v).ok()).unwrap_or_default(),
        valid_from: f.valid_from,
        known_from: f.known_from,
        event_id: f.event_id.into(),
    }))
}
