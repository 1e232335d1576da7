//! 会议表决: an electorate frozen at the opening, a window, and the result of a vote on paper (property P10).
//!
//! Whether it passed is not decided here: the subject asks the rule `vote.threshold` and tells the outcome.
use linli_kernel::{Area, Date, DocumentId, HouseId, Invalid, Page, Problem, ProjectId, Timestamp, VoteId};
use linli_runtime::{Change, Key, ScopeIds, Sql, Tx, number, values};
use linli_tenants::Ctx;
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    electorate, list,
    model::{VoteChannel, VoteClass, VoteResult, VoteState, vote},
    owners, perm,
};

#[derive(Debug, linli_macros::Problem)]
pub enum VoteError {
    #[problem(
        409,
        "property.vote.still_open",
        zh = "表决至{closes_on}结束，结束后才能录入结果",
        en = "The vote is open until the end of {closes_on}"
    )]
    StillOpen { closes_on: Date },
    #[problem(409, "vote.closed", zh = "表决结果已录入，不能更改", en = "The result was recorded and is not changed")]
    Recorded,
    #[problem(409, "property.vote.no_electorate", zh = "范围内没有可表决的房屋", en = "No house in the scope has a vote")]
    NoElectorate,
}

/// Heads and area together, as every count of a vote has both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// 人数.
    #[schema(example = 6, minimum = 0)]
    pub heads: i64,
    /// 专有面积.
    pub area: Area,
}

/// A vote about to be opened by its subject.
#[derive(Clone, Debug)]
pub struct NewVote {
    pub subject_kind: &'static str,
    pub subject_id: Uuid,
    pub title: String,
    pub project_id: ProjectId,
    pub area_path: String,
    pub house_ids: Vec<HouseId>,
    pub class: VoteClass,
    pub channel: VoteChannel,
    pub opens_on: Date,
    pub closes_on: Date,
    /// Shortest and longest window in natural days, a city's setting.
    pub window_days: (i64, i64),
}

/// The result of a vote on paper: participated is the sum of the other three.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperResult {
    pub participated: Tally,
    pub agreed: Tally,
    pub against: Tally,
    pub abstained: Tally,
    #[serde(default)]
    pub document_ids: Vec<DocumentId>,
}

/// A vote with its denominators and, once recorded, its counts.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VoteView {
    pub id: VoteId,
    /// `VT` + day + serial.
    #[schema(example = "VT20261117000001")]
    pub no: String,
    #[schema(example = "fund.use")]
    pub subject_kind: String,
    pub subject_id: Uuid,
    #[schema(example = "1号楼电梯大修")]
    pub title: String,
    pub project_id: ProjectId,
    pub class: VoteClass,
    pub channel: VoteChannel,
    /// The electorate, frozen at the opening.
    pub totals: Tally,
    /// What must take part: two thirds of both, rounded up.
    pub needs: Tally,
    pub electorate_hash: String,
    pub opens_on: Date,
    pub closes_on: Date,
    pub participated: Option<Tally>,
    pub agreed: Option<Tally>,
    pub against: Option<Tally>,
    pub abstained: Option<Tally>,
    pub result: Option<VoteResult>,
    /// `[{name, left, op, right, ok}]`, as the rule answered and the core checked.
    #[schema(value_type = Vec<Object>)]
    pub tests: Value,
    pub document_ids: Vec<DocumentId>,
    /// As of today: `announced` before the opening, `counting` after the closing.
    pub state: VoteState,
    pub version: i64,
    pub created_at: Timestamp,
}

impl VoteView {
    fn of(row: &vote::Model, today: Date) -> VoteView {
        let both = |heads: Option<i64>, area: Option<Area>| Some(Tally { heads: heads?, area: area? });
        VoteView {
            id: row.id,
            no: row.no.clone(),
            subject_kind: row.subject_kind.clone(),
            subject_id: row.subject_id,
            title: row.title.clone(),
            project_id: row.project_id,
            class: row.class,
            channel: row.channel,
            totals: Tally { heads: row.total_heads, area: row.total_area },
            needs: Tally { heads: electorate::two_thirds(row.total_heads), area: Area(electorate::two_thirds(row.total_area.0)) },
            electorate_hash: row.electorate_hash.clone(),
            opens_on: row.opens_on,
            closes_on: row.closes_on,
            participated: both(row.participated_heads, row.participated_area),
            agreed: both(row.agreed_heads, row.agreed_area),
            against: both(row.against_heads, row.against_area),
            abstained: both(row.abstained_heads, row.abstained_area),
            result: row.result,
            tests: serde_json::from_str(&row.tests).unwrap_or_default(),
            document_ids: serde_json::from_str(&row.document_ids).unwrap_or_default(),
            state: state_on(row.state, row.opens_on, row.closes_on, today),
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// An open vote's state follows the calendar; it is open until the end of `closes_on`.
pub fn state_on(stored: VoteState, opens_on: Date, closes_on: Date, today: Date) -> VoteState {
    match stored {
        VoteState::Open if today < opens_on => VoteState::Announced,
        VoteState::Open if today > closes_on => VoteState::Counting,
        VoteState::Draft
        | VoteState::RosterPosted
        | VoteState::Announced
        | VoteState::Open
        | VoteState::Counting
        | VoteState::Counted
        | VoteState::Published
        | VoteState::Effective
        | VoteState::Disputed
        | VoteState::Recorded => stored,
    }
}

/// Notes a window that begins in the past or is too short or too long.
pub fn check_window(invalid: &mut Invalid, opens_on: Date, closes_on: Date, today: Date, (min, max): (i64, i64)) {
    invalid.check(opens_on >= today, "/opens_on", "range", "开始日期不能早于今天", "It does not open in the past");
    let days = opens_on.days_until(closes_on);
    if days < min || days > max {
        let (zh, en) = (format!("表决期须为{min}至{max}天"), format!("A vote is open for {min} to {max} days"));
        invalid.add("/closes_on", "vote.window_out_of_range", zh, en);
    }
}

/// Notes every count that cannot be: participated is the sum of the three, nothing is negative or above the electorate.
pub fn check_result(invalid: &mut Invalid, totals: Tally, result: &PaperResult) {
    let counts =
        [("participated", result.participated), ("agreed", result.agreed), ("against", result.against), ("abstained", result.abstained)];
    for (name, tally) in counts {
        let pointers = [(format!("/{name}/heads"), tally.heads, totals.heads), (format!("/{name}/area"), tally.area.0, totals.area.0)];
        for (pointer, value, total) in pointers {
            if value < 0 || value > total {
                invalid.add(pointer, "property.vote.above_totals", "超出全体业主的人数或面积", "Below zero, or above the whole electorate");
            }
        }
    }
    let sum = |of: fn(&Tally) -> i64| counts[1..].iter().map(|(_, t)| i128::from(of(t))).sum::<i128>();
    if sum(|t| t.heads) != i128::from(result.participated.heads) {
        invalid.add(
            "/participated/heads",
            "property.vote.counts_differ",
            "参与人数不等于同意、反对、弃权之和",
            "Not the sum of agreed, against and abstained",
        );
    }
    if sum(|t| t.area.0) != i128::from(result.participated.area.0) {
        invalid.add(
            "/participated/area",
            "property.vote.counts_differ",
            "参与面积不等于同意、反对、弃权之和",
            "Not the sum of agreed, against and abstained",
        );
    }
}

const INSERT: &str =
    "insert into vote (id, no, subject_kind, subject_id, title, project_id, area_path, class, channel, total_heads, total_area,
                        electorate_hash, opens_on, closes_on, tests, document_ids, state, version, created_at, created_by)
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '[]', '[]', 'open', 1, $15, $16)";

/// Freezes the electorate and opens the window. The caller has the permission; its subject carries the vote.
pub async fn open(ctx: &Ctx, tx: &Tx, new: NewVote) -> Result<VoteView, Problem> {
    let mut invalid = Invalid::new();
    check_window(&mut invalid, new.opens_on, new.closes_on, tx.today(), new.window_days);
    invalid.done()?;
    let electorate = owners::electorate(tx.conn(), &new.house_ids).await?;
    if electorate.heads == 0 {
        return Err(VoteError::NoElectorate.into());
    }
    let id = VoteId::new();
    let no = number::daily(tx, "VT").await?;
    let row = values![
        id,
        no.as_str(),
        new.subject_kind,
        new.subject_id,
        new.title.as_str(),
        new.project_id,
        new.area_path.as_str(),
        new.class.to_value(),
        new.channel.to_value(),
        electorate.heads,
        electorate.area,
        electorate.hash.as_str(),
        new.opens_on,
        new.closes_on,
        tx.now(),
        tx.author().account,
    ];
    tx.conn().exec(INSERT, row).await?;
    let scope = ScopeIds { area_path: Some(new.area_path), project_id: Some(new.project_id), ..ScopeIds::default() };
    let change = Change::new("property.vote.opened", "property.vote", id).scope(scope).data("no", &no).data("state", VoteState::Open);
    let counts = serde_json::json!({ "heads": electorate.heads, "area": electorate.area });
    tx.event(change.data("counts", counts).data("until", new.closes_on)).await?;
    stored(ctx, tx.conn(), id).await
}

const RECORD: &str =
    "update vote set participated_heads = $2, participated_area = $3, agreed_heads = $4, agreed_area = $5, against_heads = $6,
                        against_area = $7, abstained_heads = $8, abstained_area = $9, document_ids = $10, state = 'recorded',
                        version = version + 1 where id = $1";

/// Takes down the counts of a vote on paper, after its last day has ended.
pub async fn record(ctx: &Ctx, tx: &Tx, id: VoteId, result: &PaperResult) -> Result<VoteView, Problem> {
    let row = ctx.lock::<vote::Entity>(tx, id).await?;
    match state_on(row.state, row.opens_on, row.closes_on, tx.today()) {
        VoteState::Counting => {}
        VoteState::Draft | VoteState::RosterPosted | VoteState::Announced | VoteState::Open => {
            return Err(VoteError::StillOpen { closes_on: row.closes_on }.into());
        }
        VoteState::Counted | VoteState::Published | VoteState::Effective | VoteState::Disputed | VoteState::Recorded => {
            return Err(VoteError::Recorded.into());
        }
    }
    let mut invalid = Invalid::new();
    check_result(&mut invalid, Tally { heads: row.total_heads, area: row.total_area }, result);
    invalid.done()?;
    let values = values![
        id,
        result.participated.heads,
        result.participated.area,
        result.agreed.heads,
        result.agreed.area,
        result.against.heads,
        result.against.area,
        result.abstained.heads,
        result.abstained.area,
        serde_json::to_string(&result.document_ids).map_err(Problem::internal)?,
    ];
    tx.conn().exec(RECORD, values).await?;
    stored(ctx, tx.conn(), id).await
}

const CONCLUDE: &str = "update vote set result = $2, tests = $3 where id = $1";

/// The outcome that the rule gave for the recorded counts; `tests` is `[{name, left, op, right, ok}]`.
pub async fn conclude(ctx: &Ctx, tx: &Tx, id: VoteId, result: VoteResult, tests: &Value) -> Result<VoteView, Problem> {
    tx.conn().exec(CONCLUDE, values![id, result.to_value(), tests.to_string()]).await?;
    let view = stored(ctx, tx.conn(), id).await?;
    let row = ctx.get::<vote::Entity>(tx.conn(), id).await?;
    let scope = ScopeIds { area_path: Some(row.area_path), project_id: Some(row.project_id), ..ScopeIds::default() };
    let change = Change::new("property.vote.recorded", "property.vote", id).scope(scope).data("no", &view.no).data("result", result);
    let counts = serde_json::json!({ "participated": view.participated, "agreed": view.agreed });
    tx.event(change.data("counts", counts).state(VoteState::Counting, VoteState::Recorded)).await?;
    Ok(view)
}

/// The vote for its subject, whose scope the caller has checked.
pub async fn stored(ctx: &Ctx, conn: &impl ConnectionTrait, id: VoteId) -> Result<VoteView, Problem> {
    let select = ctx.unscoped::<vote::Entity>("its subject was found in scope");
    let row = select.filter(vote::Column::Id.eq(id)).one(conn).await?.ok_or_else(Problem::not_found)?;
    Ok(VoteView::of(&row, ctx.today()))
}

/// The vote, if the actor may see it.
pub async fn get(ctx: &Ctx, id: VoteId) -> Result<VoteView, Problem> {
    ctx.require(perm::VOTE_READ)?;
    let row = ctx.get::<vote::Entity>(ctx.conn(), id).await?;
    Ok(VoteView::of(&row, ctx.today()))
}

/// What a list of votes is narrowed by.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VoteQuery {
    pub project_id: Option<ProjectId>,
    #[param(value_type = Option<String>, format = "uuid")]
    pub subject_id: Option<Uuid>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

pub async fn find(ctx: &Ctx, query: VoteQuery) -> Result<Page<VoteView>, Problem> {
    ctx.require(perm::VOTE_READ)?;
    let mut from = format!("from vote v where {}", ctx.predicate::<vote::Entity>("v"));
    let mut values = Vec::new();
    for (column, id) in [("project_id", query.project_id.map(Uuid::from)), ("subject_id", query.subject_id)] {
        if let Some(id) = id {
            values.push(id.into());
            from.push_str(&format!(" and v.{column} = ${}", values.len()));
        }
    }
    const COLUMNS: &str = "v.id, v.no, v.subject_kind, v.subject_id, v.title, v.project_id, v.area_path, v.class, v.channel, v.total_heads,
        v.total_area, v.electorate_hash, v.opens_on, v.closes_on, v.participated_heads, v.participated_area, v.agreed_heads, v.agreed_area,
        v.against_heads, v.against_area, v.abstained_heads, v.abstained_area, v.result, v.tests, v.document_ids, v.state, v.version,
        v.created_at, v.created_by";
    let page =
        list::page::<vote::Model>(ctx.conn(), COLUMNS, &from, "v.no desc", values, &list::paging(query.page, query.page_size)).await?;
    Ok(page.map(|row| VoteView::of(&row, ctx.today())))
}

/// The key under which commands on votes are idempotent for ever.
pub fn for_ever(key: &Key) -> Key {
    Key { forever: true, ..key.clone() }
}

#[cfg(test)]
mod tests;
