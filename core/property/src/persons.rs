//! 自然人: found by type and number of the identity paper, kept encrypted, shown masked.
use std::collections::HashMap;

use linli_kernel::{Invalid, PersonId, Problem, check, mask};
use linli_runtime::{Change, ScopeIds, Sql, Tx, values};
use linli_tenants::Ctx;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};

use crate::{
    list,
    model::person::{self, Column, Entity},
};

/// 证件类型 of natural persons; `uscc` names an organisation.
pub const ID_TYPES: [&str; 7] =
    ["resident_id", "hk_macau_permit", "taiwan_permit", "residence_permit", "foreign_pr", "passport", "military"];

/// What somebody says about a person.
#[derive(Clone, Debug)]
pub struct NewPerson {
    pub name: String,
    pub id_type: String,
    pub id_number: String,
    pub mobile: Option<String>,
}

#[derive(Debug, linli_macros::Problem)]
pub enum PersonError {
    #[problem(
        409,
        "property.person.name_differs",
        zh = "该证件号码已核验为另一姓名，请核对证件",
        en = "This id number was verified under another name; look at the paper again"
    )]
    NameDiffers,
}

/// The number as it is compared: no blanks, `x` as `X`.
pub fn normal_number(number: &str) -> String {
    number.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase()
}

/// The name as it is compared: no blanks at all, `·` in one form.
pub fn normal_name(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).map(|c| if matches!(c, '•' | '・' | '.') { '·' } else { c }).collect()
}

/// Notes what is wrong with an identity; `prefix` is the pointer of the object that holds it.
pub fn check(invalid: &mut Invalid, prefix: &str, name: &str, id_type: &str, id_number: &str) {
    invalid.text(&format!("{prefix}/name"), name, 100);
    if !ID_TYPES.contains(&id_type) {
        invalid.add(format!("{prefix}/id_type"), "format", "证件类型不在字典之内", "Not a code of the dictionary id_type");
    }
    let number = normal_number(id_number);
    let pointer = format!("{prefix}/id_number");
    if id_type == "resident_id" {
        match check::resident_id(&number) {
            Ok(()) => {}
            Err(check::IdFault::Form) => {
                invalid.add(pointer, "format", "身份证号须为17位数字加1位校验码", "18 characters: 17 digits and a check")
            }
            Err(check::IdFault::Birth) => {
                invalid.add(pointer, "format", "身份证号中的出生日期不存在", "The birth date in it does not exist")
            }
            Err(check::IdFault::Check) => invalid.add(pointer, "check", "身份证号校验位错误", "Its check character is wrong"),
        }
    } else {
        invalid.text(&pointer, &number, 30);
    }
}

/// The person of this paper, if the tenant has one. Beyond any scope: the same human is one row for all districts.
pub async fn find(ctx: &Ctx, conn: &impl ConnectionTrait, id_type: &str, id_number: &str) -> Result<Option<person::Model>, Problem> {
    let index = ctx.tenant.cipher().blind_index("id_number", &normal_number(id_number));
    let select = ctx.unscoped::<Entity>("one human is one row in the whole tenant");
    Ok(select.filter(Column::IdType.eq(id_type)).filter(Column::IdNumberIndex.eq(index)).one(conn).await?)
}

const VERIFY: &str = "update person set name_sealed = $2, name_masked = $3, verified_at = $4, evidence = $5,
                        mobile_sealed = coalesce($6, mobile_sealed), mobile_masked = coalesce($7, mobile_masked),
                        mobile_index = coalesce($8, mobile_index), version = version + 1 where id = $1";

/// The person of this identity, made when new. With `evidence` somebody looked at the paper: that outranks what a table stated.
pub async fn ensure(ctx: &Ctx, tx: &Tx, new: &NewPerson, evidence: Option<&str>) -> Result<PersonId, Problem> {
    let (made, _) = ensure_all(ctx, tx, std::slice::from_ref(new)).await?;
    let id = made.into_iter().next().ok_or_else(|| Problem::internal("no person was made"))?;
    let Some(evidence) = evidence else { return Ok(id) };
    let row = ctx.unscoped::<Entity>("the row just made or found").filter(Column::Id.eq(id)).one(tx.conn()).await?;
    let row = row.ok_or_else(|| Problem::internal("the person is away"))?;
    let cipher = ctx.tenant.cipher();
    let same = normal_name(&cipher.open(&row.name_sealed)?) == normal_name(&new.name);
    if row.verified_at.is_some() {
        return if same { Ok(id) } else { Err(PersonError::NameDiffers.into()) };
    }
    let name = new.name.trim();
    let mobile = new.mobile.as_deref();
    let row = values![
        id,
        cipher.seal(name),
        mask::name(name),
        tx.now(),
        evidence,
        mobile.map(|m| cipher.seal(m)),
        mobile.map(mask::phone),
        mobile.map(|m| cipher.blind_index("mobile", m)),
    ];
    tx.conn().exec(VERIFY, row).await?;
    let scope = ScopeIds { area_path: Some(ctx.tenant.area_path.clone()), person_id: Some(id), ..ScopeIds::default() };
    tx.event(
        Change::new("property.person.verified", "property.person", id).scope(scope).data("evidence", evidence).data("state", "active"),
    )
    .await?;
    Ok(id)
}

const COLUMNS: &str = "id, id_type, name_sealed, name_masked, id_number_sealed, id_number_masked, id_number_index, mobile_sealed,
                       mobile_masked, mobile_index, verified_at, evidence, state, version, created_at, created_by";

/// Ids for all of `people`, in their order, and how many rows were new. The first name given for a new number is kept.
pub async fn ensure_all(ctx: &Ctx, tx: &Tx, people: &[NewPerson]) -> Result<(Vec<PersonId>, i64), Problem> {
    let cipher = ctx.tenant.cipher();
    let keys: Vec<(String, String)> =
        people.iter().map(|p| (p.id_type.clone(), cipher.blind_index("id_number", &normal_number(&p.id_number)))).collect();
    let mut known: HashMap<(String, String), PersonId> = HashMap::new();
    let mut indexes: Vec<&str> = keys.iter().map(|(_, index)| index.as_str()).collect();
    indexes.sort_unstable();
    indexes.dedup();
    for chunk in indexes.chunks(list::CHUNK) {
        let sql = format!(
            "select id, id_type, id_number_index from person where id_number_index in {}",
            list::placeholders(tx.conn(), 0, chunk.len())
        );
        let found: Vec<Found> = tx.conn().rows(&sql, chunk.iter().map(|i| (*i).into()).collect()).await?;
        known.extend(found.into_iter().map(|f| ((f.id_type, f.id_number_index), f.id)));
    }
    let mut rows = Vec::new();
    let mut ids = Vec::with_capacity(people.len());
    for (person, key) in people.iter().zip(keys) {
        let id = *known.entry(key).or_insert_with_key(|(id_type, index)| {
            let id = PersonId::new();
            let (name, number) = (person.name.trim(), normal_number(&person.id_number));
            let mobile = person.mobile.as_deref().map(str::trim).filter(|m| !m.is_empty());
            rows.push(values![
                id,
                id_type.as_str(),
                cipher.seal(name),
                mask::name(name),
                cipher.seal(&number),
                mask::id_number(&number),
                index.as_str(),
                mobile.map(|m| cipher.seal(m)),
                mobile.map(mask::phone),
                mobile.map(|m| cipher.blind_index("mobile", m)),
                None::<i64>,
                None::<String>,
                "active",
                1_i64,
                tx.now(),
                tx.author().account,
            ]);
            id
        });
        ids.push(id);
    }
    let made = rows.len() as i64;
    list::insert_all(tx.conn(), "person", COLUMNS, rows).await?;
    Ok((ids, made))
}

#[derive(sea_orm::FromQueryResult)]
struct Found {
    id: PersonId,
    id_type: String,
    id_number_index: String,
}
