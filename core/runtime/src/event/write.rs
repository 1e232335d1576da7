//! Writing event rows and their places in the queue: one event in one round trip on PostgreSQL, many in chunks on both databases.
use linli_kernel::{EventId, Problem, Timestamp};
use sea_orm::{DatabaseTransaction, Value, sea_query::ArrayType};
use uuid::Uuid;

use super::{Author, Change, Columns, ScopeIds};
use crate::{Backend, Sql, values};

/// Rows of one statement: large enough that round trips do not count, small enough that a JSON text or an array stays handy.
const CHUNK: usize = 2_000;

/// An event whose texts are made and whose digest is taken.
pub(crate) struct Sealed {
    pub id: EventId,
    kind: &'static str,
    subject: String,
    subject_kind: &'static str,
    subject_id: Uuid,
    scope: ScopeIds,
    data: String,
    digest: String,
}

impl Sealed {
    /// `actor`, `area_path` and the scope ids are added to the data (vocabulary §9).
    pub fn of(change: Change, author: &Author, at: Timestamp) -> Sealed {
        let id = EventId::new();
        let Change { kind, subject_kind, subject_id, mut scope, mut data } = change;
        // An empty text is no path; it would be stored as null.
        scope.area_path = scope.area_path.filter(|path| !path.is_empty());
        let actor = match author.account {
            Some(account) => serde_json::json!({ "account": account, "post": author.post, "role": author.role }),
            None => serde_json::Value::from("system"),
        };
        data.insert("actor".into(), actor);
        let given = [
            ("area_path", scope.area_path.clone()),
            ("company_id", scope.company_id.map(|i| i.to_string())),
            ("project_id", scope.project_id.map(|i| i.to_string())),
            ("house_id", scope.house_id.map(|i| i.to_string())),
            ("person_id", scope.person_id.map(|i| i.to_string())),
        ];
        for (key, value) in given {
            if let Some(value) = value {
                data.insert(key.into(), value.into());
            }
        }
        let data = serde_json::Value::Object(data).to_string();
        let columns = Columns { id, at, kind, subject_kind, subject_id, author, scope: &scope, data: &data };
        let (subject, digest) = (columns.subject(), columns.digest());
        Sealed { id, kind, subject, subject_kind, subject_id, scope, data, digest }
    }
}

const COLUMNS: &str = "id, at, kind, subject, subject_kind, subject_id, account_id, post_id, role, request_id,
                         area_path, company_id, project_id, house_id, person_id, data, digest";
const PLACES: &str = "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17";

/// Writes the events in their order.
pub(crate) async fn write(
    conn: &DatabaseTransaction,
    backend: Backend,
    author: &Author,
    at: Timestamp,
    events: Vec<Sealed>,
) -> Result<(), Problem> {
    let mut events = events;
    if events.len() == 1 {
        return match events.pop() {
            Some(event) => one(conn, backend, author, at, event).await,
            None => Ok(()),
        };
    }
    for chunk in events.chunks(CHUNK) {
        match backend {
            Backend::Postgres => {
                conn.exec(&many_postgres(), arrays(author, at, chunk)).await?;
            }
            Backend::Sqlite => {
                let (rows, ids) = (texts(chunk), texts_of_ids(chunk));
                conn.exec(MANY_SQLITE, values![at, author.account, author.post, author.role.as_str(), author.request_id.as_str(), rows])
                    .await?;
                conn.exec(MANY_SQLITE_QUEUE, values![ids]).await?;
            }
        }
    }
    Ok(())
}

async fn one(conn: &DatabaseTransaction, backend: Backend, author: &Author, at: Timestamp, event: Sealed) -> Result<(), Problem> {
    let id = event.id;
    let row = values![
        id,
        at,
        event.kind,
        event.subject,
        event.subject_kind,
        event.subject_id,
        author.account,
        author.post,
        author.role.as_str(),
        author.request_id.as_str(),
        event.scope.area_path,
        event.scope.company_id,
        event.scope.project_id,
        event.scope.house_id,
        event.scope.person_id,
        event.data,
        event.digest
    ];
    match backend {
        Backend::Postgres => {
            let text =
                format!("with e as (insert into event ({COLUMNS}) values ({PLACES})) insert into event_queue (event_id) values ($1)");
            conn.exec(&text, row).await?;
        }
        // SQLite takes no insert inside a query; here a second statement costs no round trip.
        Backend::Sqlite => {
            conn.exec(&format!("insert into event ({COLUMNS}) values ({PLACES})"), row).await?;
            conn.exec("insert into event_queue (event_id) values ($1)", values![id]).await?;
        }
    }
    Ok(())
}

// The text does not depend on the number of rows, so it is prepared once. An array holds no nulls here: the nil id and the empty
// text stand for them, no event has either.
fn many_postgres() -> String {
    let id = |name: &str| format!("nullif(r.{name}, '00000000-0000-0000-0000-000000000000'::uuid)");
    format!(
        "with src as materialized (
           select r.n, r.id, r.kind, r.subject, r.subject_kind, r.subject_id, nullif(r.area_path, '') as area_path, {} as company_id,
             {} as project_id, {} as house_id, {} as person_id, r.data, r.digest
           from unnest($6::uuid[], $7::text[], $8::text[], $9::text[], $10::uuid[], $11::text[], $12::uuid[], $13::uuid[], $14::uuid[],
             $15::uuid[], $16::text[], $17::text[]) with ordinality as r (id, kind, subject, subject_kind, subject_id, area_path,
             company_id, project_id, house_id, person_id, data, digest, n)),
         e as (insert into event ({COLUMNS})
           select id, $1::bigint, kind, subject, subject_kind, subject_id, $2::uuid, $3::uuid, $4::text, $5::text, area_path, company_id,
             project_id, house_id, person_id, data, digest from src order by n)
         insert into event_queue (event_id) select id from src order by n",
        id("company_id"),
        id("project_id"),
        id("house_id"),
        id("person_id")
    )
}

fn arrays(author: &Author, at: Timestamp, events: &[Sealed]) -> Vec<Value> {
    let uuids = |of: &dyn Fn(&Sealed) -> Option<Uuid>| {
        Value::Array(ArrayType::Uuid, Some(Box::new(events.iter().map(|e| of(e).unwrap_or_default().into()).collect())))
    };
    let texts =
        |of: &dyn Fn(&Sealed) -> String| Value::Array(ArrayType::String, Some(Box::new(events.iter().map(|e| of(e).into()).collect())));
    let mut parameters = values![at, author.account, author.post, author.role.as_str(), author.request_id.as_str()];
    parameters.extend([
        uuids(&|e| Some(e.id.into())),
        texts(&|e| e.kind.to_owned()),
        texts(&|e| e.subject.clone()),
        texts(&|e| e.subject_kind.to_owned()),
        uuids(&|e| Some(e.subject_id)),
        texts(&|e| e.scope.area_path.clone().unwrap_or_default()),
        uuids(&|e| e.scope.company_id.map(Uuid::from)),
        uuids(&|e| e.scope.project_id.map(Uuid::from)),
        uuids(&|e| e.scope.house_id.map(Uuid::from)),
        uuids(&|e| e.scope.person_id.map(Uuid::from)),
        texts(&|e| e.data.clone()),
        texts(&|e| e.digest.clone()),
    ]);
    parameters
}

const MANY_SQLITE: &str = "insert into event (id, at, kind, subject, subject_kind, subject_id, account_id, post_id, role, request_id,
                             area_path, company_id, project_id, house_id, person_id, data, digest)
                           select unhex(value ->> 0), $1, value ->> 1, value ->> 2, value ->> 3, unhex(value ->> 4), $2, $3, $4, $5,
                             value ->> 5, unhex(value ->> 6), unhex(value ->> 7), unhex(value ->> 8), unhex(value ->> 9), value ->> 10,
                             value ->> 11
                           from json_each($6) order by key";
const MANY_SQLITE_QUEUE: &str = "insert into event_queue (event_id) select unhex(value) from json_each($1) order by key";

fn texts(events: &[Sealed]) -> String {
    let hex = |id: Option<Uuid>| id.map(|id| id.simple().to_string());
    let rows: Vec<serde_json::Value> = events
        .iter()
        .map(|e| {
            serde_json::json!([
                hex(Some(e.id.into())),
                e.kind,
                e.subject,
                e.subject_kind,
                hex(Some(e.subject_id)),
                e.scope.area_path,
                hex(e.scope.company_id.map(Uuid::from)),
                hex(e.scope.project_id.map(Uuid::from)),
                hex(e.scope.house_id.map(Uuid::from)),
                hex(e.scope.person_id.map(Uuid::from)),
                e.data,
                e.digest
            ])
        })
        .collect();
    serde_json::Value::Array(rows).to_string()
}

fn texts_of_ids(events: &[Sealed]) -> String {
    let ids: Vec<serde_json::Value> = events.iter().map(|e| Uuid::from(e.id).simple().to_string().into()).collect();
    serde_json::Value::Array(ids).to_string()
}
