//! 业委会/物管会: the record of a filed committee, its term and its members, who are owners.
use linli_kernel::{CommitteeId, Date, Invalid, Page, PersonId, Problem, ProjectId, Timestamp};
use linli_runtime::{Change, Key, ScopeIds, Sql, number, values};
use linli_tenants::Ctx;
use sea_orm::{ActiveEnum, ConnectionTrait};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    codes, houses, list,
    model::{CommitteeKind, CommitteeState, Duty, committee, project},
    perm, persons,
};

#[derive(Debug, linli_macros::Problem)]
pub enum CommitteeError {
    #[problem(
        409,
        "property.committee.term_overlap",
        zh = "该小区在此任期内已有业委会或物管会",
        en = "The project has a committee within this term already"
    )]
    TermOverlap,
}

/// Record a filed committee (业委会备案).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCommittee {
    pub project_id: ProjectId,
    pub kind: CommitteeKind,
    #[schema(example = "悦海花园第一届业主委员会")]
    pub name: String,
    /// 届次.
    #[schema(example = 1)]
    pub term_no: i64,
    /// First day of the term.
    pub from: Date,
    /// Last day of the term.
    pub to: Date,
    /// An odd number.
    #[schema(example = 5)]
    pub seats: i64,
    pub members: Vec<NewMember>,
}

/// A member by name and by the house that he owns.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    #[schema(example = "张建国")]
    pub name: String,
    #[schema(example = "379901200012001000013")]
    pub house_code: String,
    pub duty: Duty,
}

/// A committee in one term.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CommitteeView {
    pub id: CommitteeId,
    /// Readable number: `CM` + day + serial.
    #[schema(example = "CM20261116000001")]
    pub no: String,
    pub project_id: ProjectId,
    pub kind: CommitteeKind,
    #[schema(example = "悦海花园第一届业主委员会")]
    pub name: String,
    #[schema(example = 1)]
    pub term_no: i64,
    pub from: Date,
    pub to: Date,
    #[schema(example = 5)]
    pub seats: i64,
    pub state: CommitteeState,
    /// Empty in lists.
    pub members: Vec<MemberView>,
    pub version: i64,
    pub created_at: Timestamp,
}

/// A member, his name masked.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MemberView {
    #[schema(example = "张**")]
    pub name: String,
    pub duty: Duty,
    #[schema(example = "379901200012001000013")]
    pub house_code: String,
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: CommitteeId,
    no: String,
    project_id: ProjectId,
    kind: CommitteeKind,
    name: String,
    term_no: i64,
    from_on: Date,
    to_on: Date,
    seats: i64,
    state: CommitteeState,
    version: i64,
    created_at: Timestamp,
}

impl Row {
    fn view(self, members: Vec<MemberView>) -> CommitteeView {
        CommitteeView {
            id: self.id,
            no: self.no,
            project_id: self.project_id,
            kind: self.kind,
            name: self.name,
            term_no: self.term_no,
            from: self.from_on,
            to: self.to_on,
            seats: self.seats,
            state: self.state,
            members,
            version: self.version,
            created_at: self.created_at,
        }
    }
}

#[derive(sea_orm::FromQueryResult)]
struct MemberRow {
    name_masked: String,
    duty: Duty,
    house_code: String,
}

const COLUMNS: &str = "c.id, c.no, c.project_id, c.kind, c.name, c.term_no, c.from_on, c.to_on, c.seats, c.state, c.version, c.created_at";
const MEMBERS: &str = "select p.name_masked, m.duty, h.code as house_code from committee_member m join person p on p.id = m.person_id
                       join house h on h.id = m.house_id where m.committee_id = $1
                       order by case m.duty when 'chair' then 1 when 'vice_chair' then 2 when 'member' then 3 else 4 end, h.code limit 100";
const INSERT: &str = "insert into committee (id, no, project_id, kind, name, term_no, from_on, to_on, seats, area_path, state, version,
                        created_at, created_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13)";
const OVERLAP: &str = "select count(*) as v from committee where project_id = $1
                       and (state not in ('expired', 'cancelled') and from_on <= $3 and to_on >= $2 or kind = $4 and term_no = $5)";
const HOLDERS: &str = "select p.id, p.name_sealed from ownership o join person p on p.id = o.holder_id
                       where o.house_id = $1 and o.holder_kind = 'person' and o.to_on is null limit 100";

#[derive(sea_orm::FromQueryResult)]
struct HolderRow {
    id: PersonId,
    name_sealed: String,
}

/// Guards: odd seats, a term of at most five years that overlaps no other, every member owns the house he is named with.
pub async fn create(ctx: &Ctx, key: &Key, cmd: CreateCommittee) -> Result<CommitteeView, Problem> {
    ctx.require(perm::COMMITTEE_CREATE)?;
    ctx.tx("property.committee.create", key, async |tx| {
        let project = ctx.lock::<project::Entity>(tx, cmd.project_id).await?;
        let mut invalid = Invalid::new();
        check(&mut invalid, &cmd);
        let id = CommitteeId::new();
        let mut members = Vec::new();
        for (n, member) in cmd.members.iter().enumerate() {
            let house = houses::by_code(tx.conn(), &member.house_code).await?.filter(|h| h.project_id == project.id);
            let Some(house) = house else {
                invalid.add(
                    format!("/members/{n}/house_code"),
                    "property.committee.unknown_house",
                    "本小区没有这个房屋编码",
                    "The project has no such house",
                );
                continue;
            };
            let wanted = persons::normal_name(&member.name);
            let mut person = None;
            for holder in tx.conn().rows::<HolderRow>(HOLDERS, values![house.id]).await? {
                if persons::normal_name(&ctx.tenant.cipher().open(&holder.name_sealed)?) == wanted {
                    person = Some(holder.id);
                }
            }
            match person {
                Some(person) if members.iter().any(|row: &Vec<sea_orm::Value>| row[1] == person.into()) => {
                    invalid.add(format!("/members/{n}/name"), "property.committee.member_twice", "同一委员重复", "The same member twice");
                }
                Some(person) => members.push(values![id, person, house.id, member.duty.to_value(), cmd.from]),
                None => invalid.add(
                    format!("/members/{n}/name"),
                    "property.committee.not_owner",
                    "该委员不是这套房屋的业主",
                    "This member does not own the house",
                ),
            }
        }
        invalid.done()?;
        let overlap = values![project.id, cmd.from, cmd.to, cmd.kind.to_value(), cmd.term_no];
        if tx.conn().scalar::<i64>(OVERLAP, overlap).await?.unwrap_or(0) > 0 {
            return Err(CommitteeError::TermOverlap.into());
        }
        let no = number::daily(tx, "CM").await?;
        let row = values![
            id,
            no.as_str(),
            project.id,
            cmd.kind.to_value(),
            cmd.name.trim(),
            cmd.term_no,
            cmd.from,
            cmd.to,
            cmd.seats,
            project.area_path.as_str(),
            CommitteeState::Filed.to_value(),
            tx.now(),
            tx.author().account,
        ];
        tx.conn().exec(INSERT, row).await?;
        list::insert_all(tx.conn(), "committee_member", "committee_id, person_id, house_id, duty, from_on", members).await?;
        let scope = ScopeIds { area_path: Some(project.area_path), project_id: Some(project.id), ..ScopeIds::default() };
        let change = Change::new("property.committee.filed", "property.committee", id).scope(scope).data("no", &no);
        tx.event(change.data("state", CommitteeState::Filed).data("term_no", cmd.term_no)).await?;
        read(ctx, tx.conn(), id).await
    })
    .await
}

fn check(invalid: &mut Invalid, cmd: &CreateCommittee) {
    invalid.text("/name", &cmd.name, 100);
    invalid.check((1..=99).contains(&cmd.term_no), "/term_no", "range", "届次须在1至99之间", "A term number from 1 to 99");
    invalid.check(cmd.from < cmd.to, "/to", "range", "任期止日须晚于起日", "The term ends after it begins");
    let longest = cmd.from.plus_days(5 * 366);
    invalid.check(
        longest.is_none_or(|last| cmd.to <= last),
        "/to",
        "property.committee.term_too_long",
        "任期最长五年",
        "A term is five years at most",
    );
    invalid.check(
        cmd.seats > 0 && cmd.seats % 2 == 1 && cmd.seats <= 99,
        "/seats",
        "committee.even_seats",
        "委员人数须为单数",
        "The number of seats is odd",
    );
    let regular = cmd.members.iter().filter(|m| m.duty != Duty::Alternate).count() as i64;
    invalid.check(!cmd.members.is_empty(), "/members", "required", "请填写委员", "At least one member");
    invalid.check(regular <= cmd.seats, "/members", "range", "委员人数超过席位", "More members than seats");
    let chairs = cmd.members.iter().filter(|m| m.duty == Duty::Chair).count();
    invalid.check(chairs <= 1, "/members", "range", "主任只能有一人", "One chair at most");
    for (n, member) in cmd.members.iter().enumerate() {
        invalid.text(&format!("/members/{n}/name"), &member.name, 100);
        invalid.check(
            codes::is_house(&member.house_code),
            &format!("/members/{n}/house_code"),
            "format",
            "房屋编码校验位错误",
            "Its check digit is wrong",
        );
    }
}

/// The committee with its members, if the actor may see it.
pub async fn get(ctx: &Ctx, id: CommitteeId) -> Result<CommitteeView, Problem> {
    ctx.require(perm::COMMITTEE_READ)?;
    read(ctx, ctx.conn(), id).await
}

async fn read(ctx: &Ctx, conn: &impl ConnectionTrait, id: CommitteeId) -> Result<CommitteeView, Problem> {
    let sql = format!("select {COLUMNS} from committee c where {} and c.id = $1", ctx.predicate::<committee::Entity>("c"));
    let row: Row = conn.row(&sql, values![id]).await?.ok_or_else(Problem::not_found)?;
    let members: Vec<MemberRow> = conn.rows(MEMBERS, values![id]).await?;
    Ok(row.view(members.into_iter().map(|m| MemberView { name: m.name_masked, duty: m.duty, house_code: m.house_code }).collect()))
}

/// What a list of committees is narrowed by.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CommitteeQuery {
    pub project_id: Option<ProjectId>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

pub async fn find(ctx: &Ctx, query: CommitteeQuery) -> Result<Page<CommitteeView>, Problem> {
    ctx.require(perm::COMMITTEE_READ)?;
    let mut from = format!("from committee c where {}", ctx.predicate::<committee::Entity>("c"));
    let mut values = Vec::new();
    if let Some(project) = query.project_id {
        values.push(project.into());
        from.push_str(" and c.project_id = $1");
    }
    let page = list::page::<Row>(ctx.conn(), COLUMNS, &from, "c.no desc", values, &list::paging(query.page, query.page_size)).await?;
    Ok(page.map(|row| row.view(Vec::new())))
}

/// The committee of the project in its term on `day`, if there is one.
pub async fn in_term(conn: &impl ConnectionTrait, project_id: ProjectId, day: Date) -> Result<Option<CommitteeId>, Problem> {
    const IN_TERM: &str = "select id from committee where project_id = $1 and state = 'filed' and from_on <= $2 and to_on >= $2 limit 1";
    let row: Option<IdRow> = conn.row(IN_TERM, values![project_id, day]).await?;
    Ok(row.map(|r| r.id))
}

#[derive(sea_orm::FromQueryResult)]
struct IdRow {
    id: CommitteeId,
}
