//! 异议: an owner says something against a publicity; whoever posted it answers. The subject is told of both in the same transaction.
use linli_kernel::{Date, Invalid, ObjectionId, Page, Problem, ProjectId, PublicityId, Timestamp};
use linli_runtime::{Change, Key, ScopeIds, Sql, Tx, values};
use linli_tenants::{Actions, AllowedAction, Ctx, Report};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    list,
    model::{ObjectionState, PublicityState, objection, publicity},
    perm, publicities,
};

#[derive(Debug, linli_macros::Problem)]
pub enum ObjectionError {
    #[problem(409, "property.publicity.closed", zh = "公示已于{until}结束，不再受理异议", en = "The publicity ended on {until}")]
    PublicityClosed { until: Date },
    #[problem(409, "property.publicity.not_begun", zh = "公示自{from}开始", en = "The publicity begins on {from}")]
    NotBegun { from: Date },
    #[problem(409, "property.objection.answered", zh = "该异议已答复", en = "The objection was answered already")]
    Answered,
}

/// Object to a publicity (提出异议).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateObjection {
    #[schema(example = "请说明三家报价")]
    pub text: String,
}

/// Answer an objection (答复异议).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerObjection {
    #[schema(example = "三家报价已公示，取最低")]
    pub text: String,
    /// It was right: the work goes back to its scheme.
    pub upheld: bool,
}

/// An objection; who made it is not said.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ObjectionView {
    pub id: ObjectionId,
    pub publicity_id: PublicityId,
    pub project_id: ProjectId,
    #[schema(example = "请说明三家报价")]
    pub text: String,
    pub answer: Option<String>,
    pub answered_at: Option<Timestamp>,
    /// Made by the asking account.
    pub mine: bool,
    pub state: ObjectionState,
    pub allowed_actions: Vec<AllowedAction>,
    pub created_at: Timestamp,
}

impl ObjectionView {
    fn of(ctx: &Ctx, row: &objection::Model) -> ObjectionView {
        ObjectionView {
            id: row.id,
            publicity_id: row.publicity_id,
            project_id: row.project_id,
            text: row.text.clone(),
            answer: row.answer.clone(),
            answered_at: row.answered_at,
            mine: ctx.actor.account_id == Some(row.account_id),
            state: row.state,
            allowed_actions: Actions::of(ctx).add(perm::OBJECTION_ANSWER, "answer", || answerable(ctx, row)).done(),
            created_at: row.created_at,
        }
    }
}

const INSERT: &str = "insert into objection (id, publicity_id, project_id, area_path, account_id, person_id, text, state, created_at)
                      values ($1, $2, $3, $4, $5, $6, $7, 'open', $8)";
const OWNS_HERE: &str = "select count(*) as v from binding where account_id = $1 and project_id = $2 and state = 'bound'
                         and role in ('owner', 'co_owner', 'representative')";
const STATE: &str = "update publicity set state = $2, version = version + 1 where id = $1";

/// Guards: the publicity is open today, the actor is bound as an owner to a house of its project (others do not find it).
pub async fn create(ctx: &Ctx, key: &Key, publicity_id: PublicityId, cmd: CreateObjection) -> Result<ObjectionView, Problem> {
    ctx.require(perm::OBJECTION_CREATE)?;
    let account = ctx.account()?;
    let mut invalid = Invalid::new();
    invalid.text("/text", &cmd.text, 2000);
    invalid.done()?;
    ctx.tx("property.objection.create", key, async |tx| {
        let publicity = ctx.lock::<publicity::Entity>(tx, publicity_id).await?;
        if tx.conn().scalar::<i64>(OWNS_HERE, values![account, publicity.project_id]).await?.unwrap_or(0) == 0 {
            return Err(Problem::forbidden()); // family and occupants read it; owners object
        }
        takes(&publicity, tx.today())?;
        let id = ObjectionId::new();
        let row = values![
            id,
            publicity.id,
            publicity.project_id,
            publicity.area_path.as_str(),
            account,
            ctx.actor.person_id,
            cmd.text.trim(),
            tx.now()
        ];
        tx.conn().exec(INSERT, row).await?;
        tx.conn().exec(STATE, values![publicity.id, "objected"]).await?;
        let change = Change::new("property.objection.created", "property.objection", id).scope(scope_of(&publicity));
        tx.event(change.data("no", &publicity.no).data("state", ObjectionState::Open)).await?;
        let subject = ctx.app.ports.subject(&publicity.subject_kind)?;
        subject.report(ctx, tx, publicity.subject_id, &Report::Objected { objection_id: id.into() }).await?;
        stored(ctx, tx, id).await
    })
    .await
}

/// Whether an objection is taken today.
pub(crate) fn takes(publicity: &publicity::Model, today: Date) -> Result<(), Problem> {
    if publicity.from_on > today {
        return Err(ObjectionError::NotBegun { from: publicity.from_on }.into());
    }
    if publicity.state == PublicityState::Ended || publicities::is_over(publicity.until_on, today) {
        return Err(ObjectionError::PublicityClosed { until: publicity.until_on }.into());
    }
    Ok(())
}

fn scope_of(publicity: &publicity::Model) -> ScopeIds {
    ScopeIds { area_path: Some(publicity.area_path.clone()), project_id: Some(publicity.project_id), ..ScopeIds::default() }
}

async fn stored(ctx: &Ctx, tx: &Tx, id: ObjectionId) -> Result<ObjectionView, Problem> {
    let row = objection::Entity::find_by_id(id).one(tx.conn()).await?.ok_or_else(Problem::not_found)?;
    Ok(ObjectionView::of(ctx, &row))
}

const ANSWER: &str = "update objection set answer = $2, answered_by = $3, answered_at = $4, state = $5 where id = $1";

/// Guards: not answered yet, not by the objector himself. Upheld: the publicity ends. The last answer opens it again.
pub async fn answer(ctx: &Ctx, key: &Key, id: ObjectionId, cmd: AnswerObjection) -> Result<ObjectionView, Problem> {
    ctx.require(perm::OBJECTION_ANSWER)?;
    let mut invalid = Invalid::new();
    invalid.text("/text", &cmd.text, 2000);
    invalid.done()?;
    ctx.tx("property.objection.answer", key, async |tx| {
        let found = ctx.get::<objection::Entity>(tx.conn(), id).await?;
        // the publicity first, as in `create`: two answers, or an answer and an objection, wait for each other
        let publicity = ctx.lock::<publicity::Entity>(tx, found.publicity_id).await?;
        let row = ctx.lock::<objection::Entity>(tx, id).await?;
        answerable(ctx, &row)?;
        let (state, text) = if cmd.upheld { (ObjectionState::Upheld, "upheld") } else { (ObjectionState::Answered, "answered") };
        tx.conn().exec(ANSWER, values![id, cmd.text.trim(), ctx.account()?, tx.now(), text]).await?;
        let open = publicities::open_objections(tx.conn(), publicity.id).await?;
        if cmd.upheld {
            publicities::close(tx, publicity.id).await?;
        } else if open == 0 && publicity.state == PublicityState::Objected {
            tx.conn().exec(STATE, values![publicity.id, "open"]).await?;
        }
        let kind = if cmd.upheld { "property.objection.upheld" } else { "property.objection.answered" };
        let change = Change::new(kind, "property.objection", id).scope(scope_of(&publicity));
        tx.event(change.data("no", &publicity.no).state(row.state, state)).await?;
        let subject = ctx.app.ports.subject(&publicity.subject_kind)?;
        subject.report(ctx, tx, publicity.subject_id, &Report::Answered { objection_id: id.into(), upheld: cmd.upheld, open }).await?;
        stored(ctx, tx, id).await
    })
    .await
}

fn answerable(ctx: &Ctx, row: &objection::Model) -> Result<(), Problem> {
    ctx.not_the_maker(Some(row.account_id))?;
    match row.state {
        ObjectionState::Open => Ok(()),
        ObjectionState::Answered | ObjectionState::Upheld => Err(ObjectionError::Answered.into()),
    }
}

/// What a list of objections is narrowed by.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ObjectionQuery {
    pub publicity_id: Option<PublicityId>,
    pub project_id: Option<ProjectId>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

pub async fn find(ctx: &Ctx, query: ObjectionQuery) -> Result<Page<ObjectionView>, Problem> {
    ctx.require(perm::OBJECTION_READ)?;
    let mut from = format!("from objection o where {}", ctx.predicate::<objection::Entity>("o"));
    let mut values = Vec::new();
    let ids = [("publicity_id", query.publicity_id.map(uuid::Uuid::from)), ("project_id", query.project_id.map(uuid::Uuid::from))];
    for (column, id) in ids {
        if let Some(id) = id {
            values.push(id.into());
            from.push_str(&format!(" and o.{column} = ${}", values.len()));
        }
    }
    const COLUMNS: &str = "o.id, o.publicity_id, o.project_id, o.area_path, o.account_id, o.person_id, o.text, o.answer, o.answered_by,
        o.answered_at, o.state, o.created_at";
    let page = list::page::<objection::Model>(
        ctx.conn(),
        COLUMNS,
        &from,
        "o.created_at desc, o.id",
        values,
        &list::paging(query.page, query.page_size),
    )
    .await?;
    Ok(page.map(|row| ObjectionView::of(ctx, &row)))
}

/// The objection, if the actor may see it.
pub async fn get(ctx: &Ctx, id: ObjectionId) -> Result<ObjectionView, Problem> {
    ctx.require(perm::OBJECTION_READ)?;
    let select = ctx.select::<objection::Entity>().filter(objection::Column::Id.eq(id));
    let row = select.one(ctx.conn()).await?.ok_or_else(Problem::not_found)?;
    Ok(ObjectionView::of(ctx, &row))
}
