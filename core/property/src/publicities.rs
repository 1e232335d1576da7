//! 公示: a posting with an end that the calendar gives; owners object while it is open.
use linli_kernel::{Calendar, CalendarError, Date, DocumentId, Invalid, Page, Problem, ProjectId, PublicityId, Timestamp};
use linli_runtime::{Change, Key, ScopeIds, Sql, Tx, number, values};
use linli_tenants::{Actions, AllowedAction, Ctx};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    list,
    model::{PublicityState, publicity},
    objections, perm,
};

/// A publicity about to be opened by its subject.
#[derive(Clone, Debug)]
pub struct NewPublicity {
    pub subject_kind: &'static str,
    pub subject_id: Uuid,
    pub title: String,
    pub project_id: ProjectId,
    pub area_path: String,
    pub from: Date,
    /// Natural days; the caller checked them against the city's bounds.
    pub days: u32,
    pub places: Vec<String>,
    pub document_ids: Vec<DocumentId>,
    /// What is made known, for those who may read the publicity. No name, no figure of a single house.
    pub body: Value,
}

/// A publicity.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PublicityView {
    pub id: PublicityId,
    /// `PB` + day + serial.
    #[schema(example = "PB20261124000001")]
    pub no: String,
    #[schema(example = "fund.use")]
    pub subject_kind: String,
    pub subject_id: Uuid,
    #[schema(example = "1号楼电梯大修")]
    pub title: String,
    pub project_id: ProjectId,
    pub from: Date,
    /// The last day on which an objection is taken; it has ended when today is later.
    pub until: Date,
    #[schema(example = json!(["小区公告栏"]))]
    pub places: Vec<String>,
    pub document_ids: Vec<DocumentId>,
    #[schema(value_type = Object)]
    pub body: Value,
    /// As of today.
    pub state: PublicityState,
    pub allowed_actions: Vec<AllowedAction>,
    pub version: i64,
    pub created_at: Timestamp,
}

impl PublicityView {
    fn of(ctx: &Ctx, row: &publicity::Model) -> PublicityView {
        let today = ctx.today();
        PublicityView {
            id: row.id,
            no: row.no.clone(),
            subject_kind: row.subject_kind.clone(),
            subject_id: row.subject_id,
            title: row.title.clone(),
            project_id: row.project_id,
            from: row.from_on,
            until: row.until_on,
            places: serde_json::from_str(&row.places).unwrap_or_default(),
            document_ids: serde_json::from_str(&row.document_ids).unwrap_or_default(),
            body: serde_json::from_str(&row.body).unwrap_or_default(),
            state: state_on(row.state, row.until_on, today),
            allowed_actions: Actions::of(ctx).add(perm::OBJECTION_CREATE, "object", || objections::takes(row, today)).done(),
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// The last day of a publicity: the start day is not counted, an end on a day off moves to the next working day (vocabulary §7).
pub fn until(calendar: &Calendar, from: Date, days: u32) -> Result<Date, CalendarError> {
    calendar.plus_natural_days(from, days)
}

/// Whether the publicity is over: `today > until`, so the whole of `until` still belongs to it.
pub fn is_over(until: Date, today: Date) -> bool {
    today > until
}

/// The state as of today. An objection that waits for its answer keeps a publicity `objected` past its last day.
pub fn state_on(stored: PublicityState, until: Date, today: Date) -> PublicityState {
    match stored {
        PublicityState::Open if is_over(until, today) => PublicityState::Ended,
        PublicityState::Open | PublicityState::Objected | PublicityState::Ended => stored,
    }
}

const INSERT: &str =
    "insert into publicity (id, no, subject_kind, subject_id, title, project_id, area_path, from_on, until_on, places, document_ids,
                        body, state, version, created_at, created_by)
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'open', 1, $13, $14)";

/// Opens a publicity for its subject. The caller has the permission and tells the owners.
pub async fn open(ctx: &Ctx, tx: &Tx, new: NewPublicity) -> Result<PublicityView, Problem> {
    let mut invalid = Invalid::new();
    invalid.check(new.from >= tx.today(), "/from", "range", "公示开始日期不能早于今天", "A publicity does not begin in the past");
    invalid.check((1..=60).contains(&new.days), "/days", "range", "公示天数须在1至60天之间", "1 to 60 days");
    invalid.check(!new.places.is_empty(), "/places", "required", "请填写公示地点", "Say where it is posted");
    for (n, place) in new.places.iter().enumerate() {
        invalid.text(&format!("/places/{n}"), place, 100);
    }
    invalid.done()?;
    let until = until(&ctx.calendar(), new.from, new.days)?;
    let id = PublicityId::new();
    let no = number::daily(tx, "PB").await?;
    let json = |value: Result<String, serde_json::Error>| value.map_err(Problem::internal);
    let row = values![
        id,
        no.as_str(),
        new.subject_kind,
        new.subject_id,
        new.title.as_str(),
        new.project_id,
        new.area_path.as_str(),
        new.from,
        until,
        json(serde_json::to_string(&new.places))?,
        json(serde_json::to_string(&new.document_ids))?,
        new.body.to_string(),
        tx.now(),
        tx.author().account,
    ];
    tx.conn().exec(INSERT, row).await?;
    let scope = ScopeIds { area_path: Some(new.area_path), project_id: Some(new.project_id), ..ScopeIds::default() };
    let change = Change::new("property.publicity.opened", "property.publicity", id).scope(scope).data("no", &no);
    tx.event(change.data("state", PublicityState::Open).data("until", until)).await?;
    stored(ctx, tx.conn(), id).await
}

/// Whether its days are over.
pub async fn ended(conn: &impl ConnectionTrait, id: PublicityId, today: Date) -> Result<bool, Problem> {
    let row = publicity::Entity::find_by_id(id).one(conn).await?.ok_or_else(Problem::not_found)?;
    Ok(row.state == PublicityState::Ended || is_over(row.until_on, today))
}

/// Objections that still wait for an answer.
pub async fn open_objections(conn: &impl ConnectionTrait, id: PublicityId) -> Result<i64, Problem> {
    const OPEN: &str = "select count(*) as v from objection where publicity_id = $1 and state = 'open'";
    Ok(conn.scalar(OPEN, values![id]).await?.unwrap_or(0))
}

/// Ends a publicity before its day: an objection was upheld, or its subject went back or stopped.
pub async fn close(tx: &Tx, id: PublicityId) -> Result<(), Problem> {
    const CLOSE: &str = "update publicity set state = 'ended', version = version + 1 where id = $1 and state <> 'ended'";
    let row = publicity::Entity::find_by_id(id).one(tx.conn()).await?.ok_or_else(Problem::not_found)?;
    if tx.conn().exec(CLOSE, values![id]).await? > 0 {
        told(tx, &row).await?;
    }
    Ok(())
}

async fn told(tx: &Tx, row: &publicity::Model) -> Result<(), Problem> {
    let scope = ScopeIds { area_path: Some(row.area_path.clone()), project_id: Some(row.project_id), ..ScopeIds::default() };
    let change = Change::new("property.publicity.ended", "property.publicity", row.id).scope(scope).data("no", &row.no);
    tx.event(change.data("until", row.until_on).state(row.state, PublicityState::Ended)).await.map(|_| ())
}

/// Writes down which publicities have ended by now and tells it, at most 100 a call; for the tenant's timer. Answers how many.
///
/// Nobody waits for it: every guard and view looks at `until` itself.
pub async fn close_due(ctx: &Ctx) -> Result<usize, Problem> {
    const DUE: &str = "select count(*) as v from publicity where state = 'open' and until_on < $1";
    let today = ctx.today();
    if ctx.conn().scalar::<i64>(DUE, values![today]).await?.unwrap_or(0) == 0 {
        return Ok(0);
    }
    ctx.tx("property.publicity.end", &Key::default(), async |tx| {
        use sea_orm::QuerySelect;
        let due = publicity::Entity::find()
            .filter(publicity::Column::State.eq(PublicityState::Open))
            .filter(publicity::Column::UntilOn.lt(today))
            .limit(100)
            .all(tx.conn())
            .await?;
        const END: &str = "update publicity set state = 'ended', version = version + 1 where id = $1 and state = 'open'";
        let mut ended = 0;
        for row in &due {
            if tx.conn().exec(END, values![row.id]).await? > 0 {
                told(tx, row).await?;
                ended += 1;
            }
        }
        if ended == 0 {
            return Err(Problem::new(409, "property.publicity.none_due", "没有到期的公示", "Another replica was faster"));
        }
        Ok(ended)
    })
    .await
}

/// The publicity for its subject, whose scope the caller has checked.
pub async fn stored(ctx: &Ctx, conn: &impl ConnectionTrait, id: PublicityId) -> Result<PublicityView, Problem> {
    let select = ctx.unscoped::<publicity::Entity>("its subject was found in scope");
    let row = select.filter(publicity::Column::Id.eq(id)).one(conn).await?.ok_or_else(Problem::not_found)?;
    Ok(PublicityView::of(ctx, &row))
}

/// The publicity, if the actor may see it.
pub async fn get(ctx: &Ctx, id: PublicityId) -> Result<PublicityView, Problem> {
    ctx.require(perm::PUBLICITY_READ)?;
    let row = ctx.get::<publicity::Entity>(ctx.conn(), id).await?;
    Ok(PublicityView::of(ctx, &row))
}

/// What a list of publicities is narrowed by.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PublicityQuery {
    pub project_id: Option<ProjectId>,
    #[param(value_type = Option<String>, format = "uuid")]
    pub subject_id: Option<Uuid>,
    /// Only those that are not over yet.
    pub current: Option<bool>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

impl PublicityQuery {
    /// Further conditions over `p`, with their values after `values`.
    pub(crate) fn narrow(&self, from: &mut String, values: &mut Vec<sea_orm::Value>, today: Date) {
        for (column, id) in [("project_id", self.project_id.map(Uuid::from)), ("subject_id", self.subject_id)] {
            if let Some(id) = id {
                values.push(id.into());
                from.push_str(&format!(" and p.{column} = ${}", values.len()));
            }
        }
        if self.current == Some(true) {
            values.push(today.into());
            from.push_str(&format!(" and p.state <> 'ended' and p.until_on >= ${}", values.len()));
        }
    }
}

pub async fn find(ctx: &Ctx, query: PublicityQuery) -> Result<Page<PublicityView>, Problem> {
    ctx.require(perm::PUBLICITY_READ)?;
    let (mut from, mut values) = (format!("from publicity p where {}", ctx.predicate::<publicity::Entity>("p")), Vec::new());
    query.narrow(&mut from, &mut values, ctx.today());
    const COLUMNS: &str = "p.id, p.no, p.subject_kind, p.subject_id, p.title, p.project_id, p.area_path, p.from_on, p.until_on, p.places,
        p.document_ids, p.body, p.state, p.version, p.created_at, p.created_by";
    let page =
        list::page::<publicity::Model>(ctx.conn(), COLUMNS, &from, "p.no desc", values, &list::paging(query.page, query.page_size)).await?;
    Ok(page.map(|row| PublicityView::of(ctx, &row)))
}

#[cfg(test)]
mod tests;
