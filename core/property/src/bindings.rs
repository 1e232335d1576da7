//! 业主认证: a signed-in person says that a house is his (property P8).
//!
//! Name and id number alone are no secret: they bind only the account whose own checked person they are.
use linli_kernel::{AccountId, BindingId, Date, HouseId, Invalid, Page, PersonId, Problem, ProjectId, Timestamp, mask};
use linli_runtime::{
    Change, Key, ScopeIds, Sql, Tx,
    notice::{self, NewNotice},
    values,
};
use linli_tenants::{Actions, AllowedAction, Ctx};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    houses, list,
    model::{BindingRole, BindingState, binding, person},
    owners, perm, persons,
};

/// So many wrong claims of one account, then no more until a person at the window has looked.
pub const TRIES: i64 = 10;

#[derive(Debug, linli_macros::Problem)]
pub enum BindingError {
    #[problem(
        409,
        "property.binding.too_many",
        zh = "核验未通过的次数过多，请到窗口办理",
        en = "Too many claims that did not match; please come to the window"
    )]
    TooMany,
    #[problem(409, "property.binding.already_bound", zh = "您已认证这套房屋", en = "You are bound to this house already")]
    AlreadyBound,
    #[problem(409, "property.binding.not_in_review", zh = "这项认证不在人工核验中", en = "This claim is not under manual review")]
    NotInReview,
    #[problem(409, "property.binding.no_house", zh = "没有这个房屋编码，只能驳回", en = "There is no such house; it can only be rejected")]
    NoHouse,
    #[problem(409, "property.binding.no_person", zh = "该账号尚未实名核验，请先核验身份", en = "The account has no verified person yet")]
    NoPerson,
}

/// Claim a house (业主认证申请).
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyBinding {
    #[schema(example = "379901200012001000013")]
    pub house_code: String,
    pub role: BindingRole,
    #[schema(example = "张建国")]
    pub name: String,
    /// Code of the dictionary `id_type`.
    #[schema(example = "resident_id")]
    pub id_type: String,
    #[schema(example = "370102199001010041")]
    pub id_number: String,
}

/// Why a claim is rejected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectBinding {
    #[schema(example = "产权证与申请人不符")]
    pub reason: String,
}

/// A claim to a house.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BindingView {
    pub id: BindingId,
    /// As typed; whether such a house exists is not told.
    #[schema(example = "379901200012001000013")]
    pub house_code: String,
    /// Only once bound.
    pub house_id: Option<HouseId>,
    pub project_id: Option<ProjectId>,
    pub role: BindingRole,
    #[schema(example = "张**")]
    pub name: String,
    #[schema(example = "3701**********0041")]
    pub id_number: String,
    pub state: BindingState,
    pub reason: Option<String>,
    pub from: Option<Date>,
    pub until: Option<Date>,
    pub allowed_actions: Vec<AllowedAction>,
    pub version: i64,
    pub created_at: Timestamp,
}

impl BindingView {
    fn of(ctx: &Ctx, row: &binding::Model) -> BindingView {
        let bound = row.state == BindingState::Bound;
        BindingView {
            id: row.id,
            house_code: row.house_code.clone(),
            house_id: row.house_id.filter(|_| bound),
            project_id: row.project_id.filter(|_| bound),
            role: row.role,
            name: row.name_masked.clone(),
            id_number: row.id_number_masked.clone(),
            state: row.state,
            reason: row.reason.clone(),
            from: row.from_on,
            until: row.until_on,
            allowed_actions: Actions::of(ctx)
                .add(perm::BINDING_ACCEPT, "accept", || reviewable(ctx, row))
                .add(perm::BINDING_REJECT, "reject", || reviewable(ctx, row))
                .done(),
            version: row.version,
            created_at: row.created_at,
        }
    }
}

/// What is known when a claim comes in.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    pub role: BindingRole,
    /// The account points to a person whose identity paper somebody looked at.
    pub account_verified: bool,
    /// The typed name and paper are those of that person.
    pub identity_is_own: bool,
    /// That person holds the stated house today.
    pub holds_house: bool,
}

/// The binding rule: at once only for an owner who typed his own checked identity and holds the house in force; all else a person reviews.
pub fn decide(known: Known) -> BindingState {
    let as_owner = match known.role {
        BindingRole::Owner | BindingRole::CoOwner => true,
        BindingRole::Representative | BindingRole::Family | BindingRole::Occupant => false,
    };
    if as_owner && known.account_verified && known.identity_is_own && known.holds_house {
        BindingState::Bound
    } else {
        BindingState::ManualReview
    }
}

// The row of the account is locked by this until the transaction ends: ten parallel tries count as ten.
const COUNTED: &str = "insert into binding_try (account_id, wrong) values ($1, 0)
                       on conflict (account_id) do update set wrong = binding_try.wrong returning wrong as v";
const WRONG: &str = "update binding_try set wrong = wrong + 1 where account_id = $1";
const FORGIVE: &str = "update binding_try set wrong = 0 where account_id = $1";
const INSERT: &str =
    "insert into binding (id, account_id, person_id, house_id, project_id, house_code, role, name_sealed, name_masked, id_type,
                        id_number_sealed, id_number_masked, state, area_path, from_on, version, created_at)
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1, $16)";
const HAS: &str = "select count(*) as v from binding where account_id = $1 and house_id = $2 and state = 'bound'";
const BIND: &str = "insert into bound_house (account_id, person_id, house_id, project_id, from_on) values ($1, $2, $3, $4, $5)
                    on conflict do nothing";

/// Guards: fewer than ten wrong claims before. Effect: `bound`, or `manual_review` with the same answer whatever was wrong.
pub async fn apply(ctx: &Ctx, key: &Key, cmd: ApplyBinding) -> Result<BindingView, Problem> {
    ctx.require(perm::BINDING_APPLY)?;
    let account = ctx.account()?;
    let mut invalid = Invalid::new();
    invalid.text("/house_code", &cmd.house_code, 40);
    persons::check(&mut invalid, "", &cmd.name, &cmd.id_type, &cmd.id_number);
    invalid.done()?;
    ctx.tx("property.binding.apply", key, async |tx| {
        if tx.conn().scalar::<i64>(COUNTED, values![account]).await?.unwrap_or(0) >= TRIES {
            return Err(BindingError::TooMany.into());
        }
        let own = own_person(ctx, tx).await?;
        let house = houses::by_code(tx.conn(), cmd.house_code.trim()).await?;
        let holds_house = match (&own, &house) {
            (Some(person), Some(house)) => owners::holds(tx.conn(), house.id, person.id, tx.today()).await?,
            _ => false,
        };
        let known = Known {
            role: cmd.role,
            account_verified: own.as_ref().is_some_and(|p| p.verified_at.is_some()),
            identity_is_own: own.as_ref().map(|p| is_own(ctx, p, &cmd)).transpose()?.unwrap_or(false),
            holds_house,
        };
        let state = decide(known);
        if let (BindingState::Bound, Some(house)) = (state, &house)
            && tx.conn().scalar::<i64>(HAS, values![account, house.id]).await?.unwrap_or(0) > 0
        {
            return Err(BindingError::AlreadyBound.into());
        }
        let id = BindingId::new();
        let (house_id, project_id) = (house.as_ref().map(|h| h.id), house.as_ref().map(|h| h.project_id));
        let area_path = house.as_ref().map_or_else(|| ctx.tenant.area_path.clone(), |h| h.area_path.clone());
        let person_id = own.as_ref().map(|p| p.id);
        let (cipher, number) = (ctx.tenant.cipher(), persons::normal_number(&cmd.id_number));
        let row = values![
            id,
            account,
            person_id,
            house_id,
            project_id,
            cmd.house_code.trim(),
            cmd.role.to_value(),
            cipher.seal(cmd.name.trim()),
            mask::name(cmd.name.trim()),
            cmd.id_type.as_str(),
            cipher.seal(&number),
            mask::id_number(&number),
            state.to_value(),
            area_path.as_str(),
            (state == BindingState::Bound).then(|| tx.today()),
            tx.now(),
        ];
        tx.conn().exec(INSERT, row).await?;
        match (state, house_id, project_id, person_id) {
            (BindingState::Bound, Some(house), Some(project), Some(person)) => {
                tx.conn().exec(BIND, values![account, person, house, project, tx.today()]).await?;
            }
            _ => {
                tx.conn().exec(WRONG, values![account]).await?;
            }
        }
        if let Some(house) = house_id {
            tell_bound(tx, id, house, account).await?;
        }
        // Only a code of the register, never the typed text: somebody may have typed his id number there.
        let code = house.as_ref().map_or("", |h| h.code.as_str());
        let scope = ScopeIds { area_path: Some(area_path), project_id, house_id, person_id, ..ScopeIds::default() };
        let kind = if state == BindingState::Bound { "property.binding.bound" } else { "property.binding.applied" };
        tx.event(Change::new(kind, "property.binding", id).scope(scope).data("code", code).state(BindingState::Applying, state)).await?;
        read(ctx, tx.conn(), id).await
    })
    .await
}

/// The account's own person, in no scope but his.
async fn own_person(ctx: &Ctx, tx: &Tx) -> Result<Option<person::Model>, Problem> {
    let Some(id) = ctx.actor.person_id else { return Ok(None) };
    Ok(ctx.unscoped::<person::Entity>("the actor himself").filter(person::Column::Id.eq(id)).one(tx.conn()).await?)
}

fn is_own(ctx: &Ctx, own: &person::Model, cmd: &ApplyBinding) -> Result<bool, Problem> {
    let cipher = ctx.tenant.cipher();
    let index = cipher.blind_index("id_number", &persons::normal_number(&cmd.id_number));
    let same_name = persons::normal_name(&cipher.open(&own.name_sealed)?) == persons::normal_name(&cmd.name);
    Ok(own.id_type == cmd.id_type && own.id_number_index == index && same_name)
}

/// Whoever is bound to a house already always hears of another claim to it (property §3.19).
async fn tell_bound(tx: &Tx, id: BindingId, house: HouseId, but: AccountId) -> Result<(), Problem> {
    let accounts = owners::accounts_of_houses(tx.conn(), &[house]).await?;
    let notices = accounts.into_iter().filter(|a| *a != but).map(|account| NewNotice {
        template: "property.binding_requested",
        account_id: Some(account),
        person_id: None,
        title: "有人申请认证您的房屋".into(),
        body: "有人申请认证您名下的房屋。如非您本人或家人，请联系窗口。".into(),
        subject_kind: "property.binding",
        subject_id: id.into(),
        dedupe_key: format!("property.binding_requested:{id}"),
    });
    notice::send_all(tx, notices.collect()).await
}

async fn read(ctx: &Ctx, conn: &impl ConnectionTrait, id: BindingId) -> Result<BindingView, Problem> {
    let row = binding::Entity::find_by_id(id).one(conn).await?.ok_or_else(Problem::not_found)?;
    Ok(BindingView::of(ctx, &row))
}

const ACCEPT: &str =
    "update binding set state = 'bound', from_on = $2, decided_by = $3, decided_at = $4, version = version + 1 where id = $1";
const REJECT: &str =
    "update binding set state = 'rejected', reason = $2, decided_by = $3, decided_at = $4, version = version + 1 where id = $1";

/// The reviewer saw papers that prove the claim. Not by the claimant himself.
pub async fn accept(ctx: &Ctx, key: &Key, id: BindingId) -> Result<BindingView, Problem> {
    ctx.require(perm::BINDING_ACCEPT)?;
    ctx.tx("property.binding.accept", key, async |tx| {
        let row = under_review(ctx, tx, id).await?;
        let (Some(house), Some(project)) = (row.house_id, row.project_id) else { return Err(BindingError::NoHouse.into()) };
        let person: PersonId = row.person_id.ok_or(BindingError::NoPerson)?;
        if tx.conn().scalar::<i64>(HAS, values![row.account_id, house]).await?.unwrap_or(0) > 0 {
            return Err(BindingError::AlreadyBound.into());
        }
        tx.conn().exec(ACCEPT, values![id, tx.today(), ctx.account()?, tx.now()]).await?;
        tx.conn().exec(BIND, values![row.account_id, person, house, project, tx.today()]).await?;
        tx.conn().exec(FORGIVE, values![row.account_id]).await?;
        tx.event(
            Change::new("property.binding.accepted", "property.binding", id).scope(scope_of(&row)).state(row.state, BindingState::Bound),
        )
        .await?;
        read(ctx, tx.conn(), id).await
    })
    .await
}

/// The papers do not prove the claim.
pub async fn reject(ctx: &Ctx, key: &Key, id: BindingId, cmd: RejectBinding) -> Result<BindingView, Problem> {
    ctx.require(perm::BINDING_REJECT)?;
    let mut invalid = Invalid::new();
    invalid.text("/reason", &cmd.reason, 500);
    invalid.done()?;
    ctx.tx("property.binding.reject", key, async |tx| {
        let row = under_review(ctx, tx, id).await?;
        tx.conn().exec(REJECT, values![id, cmd.reason.trim(), ctx.account()?, tx.now()]).await?;
        tx.event(
            Change::new("property.binding.rejected", "property.binding", id).scope(scope_of(&row)).state(row.state, BindingState::Rejected),
        )
        .await?;
        read(ctx, tx.conn(), id).await
    })
    .await
}

fn scope_of(row: &binding::Model) -> ScopeIds {
    ScopeIds {
        area_path: Some(row.area_path.clone()),
        project_id: row.project_id,
        house_id: row.house_id,
        person_id: row.person_id,
        ..ScopeIds::default()
    }
}

async fn under_review(ctx: &Ctx, tx: &Tx, id: BindingId) -> Result<binding::Model, Problem> {
    let row = ctx.lock::<binding::Entity>(tx, id).await?;
    reviewable(ctx, &row).map(|()| row)
}

fn reviewable(ctx: &Ctx, row: &binding::Model) -> Result<(), Problem> {
    ctx.not_the_maker(Some(row.account_id))?;
    match row.state {
        BindingState::ManualReview => Ok(()),
        BindingState::Applying | BindingState::Bound | BindingState::Rejected | BindingState::Frozen | BindingState::Released => {
            Err(Problem::from(BindingError::NotInReview).with("state", row.state))
        }
    }
}

/// The claimant's own claim, or one of a reviewer's division.
pub async fn get(ctx: &Ctx, id: BindingId) -> Result<BindingView, Problem> {
    ctx.require(perm::BINDING_READ)?;
    let select = if ctx.may(perm::BINDING_ACCEPT) {
        ctx.select::<binding::Entity>()
    } else {
        ctx.unscoped::<binding::Entity>("narrowed to the account itself").filter(binding::Column::AccountId.eq(ctx.account()?))
    };
    let row = select.filter(binding::Column::Id.eq(id)).one(ctx.conn()).await?.ok_or_else(Problem::not_found)?;
    Ok(BindingView::of(ctx, &row))
}

/// What a list of claims is narrowed by.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BindingQuery {
    /// Only claims in this state, `manual_review` for the reviewer's desk.
    #[param(inline)]
    pub state: Option<BindingState>,
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

/// A reviewer's claims of his division; for everybody else his own.
pub async fn find(ctx: &Ctx, query: BindingQuery) -> Result<Page<BindingView>, Problem> {
    ctx.require(perm::BINDING_READ)?;
    let mut values = Vec::new();
    let mut from = if ctx.may(perm::BINDING_ACCEPT) {
        format!("from binding b where {}", ctx.predicate::<binding::Entity>("b"))
    } else {
        values.push(ctx.account()?.into());
        "from binding b where b.account_id = $1".to_owned()
    };
    if let Some(state) = query.state {
        values.push(state.to_value().into());
        from.push_str(&format!(" and b.state = ${}", values.len()));
    }
    const COLUMNS: &str = "b.id, b.account_id, b.person_id, b.house_id, b.project_id, b.house_code, b.role, b.name_sealed, b.name_masked, b.id_type,
        b.id_number_sealed, b.id_number_masked, b.state, b.reason, b.area_path, b.from_on, b.until_on, b.decided_by, b.decided_at, b.version,
        b.created_at";
    let page = list::page::<binding::Model>(
        ctx.conn(),
        COLUMNS,
        &from,
        "b.created_at desc, b.id",
        values,
        &list::paging(query.page, query.page_size),
    )
    .await?;
    Ok(page.map(|row| BindingView::of(ctx, &row)))
}

#[cfg(test)]
mod tests;
