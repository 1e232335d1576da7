//! 业主: the holders of an ownership in force. Who they are (masked), how many heads, which accounts hear of it.
use std::collections::HashMap;

use linli_kernel::{AccountId, Area, Date, HouseId, OwnershipId, Page, PersonId, Problem, ProjectId};
use linli_runtime::{Sql, values};
use linli_tenants::Ctx;
use sea_orm::{ConnectionTrait, Value};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    electorate::{self, Electorate, Part},
    list,
    model::{Mode, PartyKind, house},
    perm,
};

/// An owner of a house, masked: `张**`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnerView {
    pub ownership_id: OwnershipId,
    pub party_kind: PartyKind,
    /// Person: first character and two stars; organisation: its name.
    #[schema(example = "张**")]
    pub name: String,
    #[schema(example = "resident_id")]
    pub id_type: String,
    /// First and last four.
    #[schema(example = "3701**********0041")]
    pub id_number: String,
    #[schema(example = "138****5678")]
    pub mobile: Option<String>,
    pub mode: Mode,
    #[schema(example = 1)]
    pub share_num: i64,
    #[schema(example = 1)]
    pub share_den: i64,
    pub is_main: bool,
    /// Where the register has it from: import, registry, contract.
    #[schema(example = "import")]
    pub source: String,
    pub from: Date,
    pub to: Option<Date>,
}

#[derive(sea_orm::FromQueryResult)]
struct OwnerRow {
    id: OwnershipId,
    holder_kind: PartyKind,
    name_masked: Option<String>,
    id_type: Option<String>,
    id_number_masked: Option<String>,
    mobile_masked: Option<String>,
    company_name: Option<String>,
    uscc: Option<String>,
    mode: Mode,
    share_num: i64,
    share_den: i64,
    is_main: bool,
    source: String,
    from_on: Date,
    to_on: Option<Date>,
}

const OWNERS: &str =
    "select o.id, o.holder_kind, p.name_masked, p.id_type, p.id_number_masked, p.mobile_masked, c.name as company_name, c.uscc,
                        o.mode, o.share_num, o.share_den, o.is_main, o.source, o.from_on, o.to_on
                      from ownership o left join person p on p.id = o.holder_id and o.holder_kind = 'person'
                        left join company c on c.id = o.holder_id and o.holder_kind = 'company'
                      where o.house_id = $1 and o.to_on is null order by o.is_main desc, o.id limit 200";

/// The owners in force of a house that the actor may see.
pub async fn of_house(ctx: &Ctx, id: HouseId) -> Result<Page<OwnerView>, Problem> {
    ctx.require(perm::OWNERSHIP_READ)?;
    ctx.get::<house::Entity>(ctx.conn(), id).await?;
    let rows: Vec<OwnerRow> = ctx.conn().rows(OWNERS, values![id]).await?;
    let owners: Vec<OwnerView> = rows
        .into_iter()
        .map(|r| OwnerView {
            ownership_id: r.id,
            party_kind: r.holder_kind,
            name: r.name_masked.or(r.company_name).unwrap_or_default(),
            id_type: r.id_type.unwrap_or_else(|| "uscc".into()),
            id_number: r.id_number_masked.or(r.uscc).unwrap_or_default(),
            mobile: r.mobile_masked,
            mode: r.mode,
            share_num: r.share_num,
            share_den: r.share_den,
            is_main: r.is_main,
            source: r.source,
            from: r.from_on,
            to: r.to_on,
        })
        .collect();
    let counted = owners.len() as i64;
    Ok(Page::new(owners, counted))
}

/// One holder of one house.
#[derive(Clone, Debug, sea_orm::FromQueryResult)]
pub struct Holder {
    pub house_id: HouseId,
    pub holder_kind: PartyKind,
    pub holder_id: Uuid,
    pub is_main: bool,
}

/// All holders in force of the houses.
pub async fn owners_of(conn: &impl ConnectionTrait, house_ids: &[HouseId]) -> Result<Vec<Holder>, Problem> {
    let mut holders = Vec::with_capacity(house_ids.len());
    for chunk in house_ids.chunks(list::CHUNK) {
        let list = list::placeholders(conn, 0, chunk.len());
        let sql = format!("select house_id, holder_kind, holder_id, is_main from ownership where to_on is null and house_id in {list}");
        holders.extend(conn.rows::<Holder>(&sql, chunk.iter().map(|id| Value::from(*id)).collect()).await?);
    }
    Ok(holders)
}

#[derive(sea_orm::FromQueryResult)]
struct PartRow {
    id: HouseId,
    code: String,
    area: Area,
    project_id: ProjectId,
    developer_id: Option<Uuid>,
}

/// Heads and area of the houses that count, with the hash that freezes them (property P10).
pub async fn electorate(conn: &impl ConnectionTrait, house_ids: &[HouseId]) -> Result<Electorate, Problem> {
    let mut holders: HashMap<HouseId, Vec<String>> = HashMap::new();
    for holder in owners_of(conn, house_ids).await? {
        let kind = match holder.holder_kind {
            PartyKind::Person => "person",
            PartyKind::Company => "company",
            PartyKind::Committee => "committee",
            PartyKind::Assembly => "assembly",
            PartyKind::Government => "government",
        };
        holders.entry(holder.house_id).or_default().push(format!("{kind}:{}", holder.holder_id));
    }
    let mut parts = Vec::with_capacity(house_ids.len());
    for chunk in house_ids.chunks(list::CHUNK) {
        let list = list::placeholders(conn, 0, chunk.len());
        let sql = format!(
            "select h.id, h.code, h.area, h.project_id, p.developer_id from house h join project p on p.id = h.project_id
             where h.countable and h.state not in ('split', 'merged', 'destroyed') and h.id in {list}"
        );
        for row in conn.rows::<PartRow>(&sql, chunk.iter().map(|id| Value::from(*id)).collect()).await? {
            let developer = row.developer_id.map_or_else(|| format!("developer of:{}", row.project_id), |id| format!("company:{id}"));
            let holders = holders.remove(&row.id).unwrap_or_default();
            parts.push(Part { house_code: row.code, area: row.area, holders, developer });
        }
    }
    Ok(electorate::of(&parts))
}

/// Whether the person holds the house today.
pub async fn holds(conn: &impl ConnectionTrait, house_id: HouseId, person_id: PersonId, today: Date) -> Result<bool, Problem> {
    const HOLDS: &str = "select count(*) as v from ownership where house_id = $1 and holder_kind = 'person' and holder_id = $2
                         and from_on <= $3 and (to_on is null or to_on > $3)";
    Ok(conn.scalar::<i64>(HOLDS, values![house_id, person_id, today]).await?.unwrap_or(0) > 0)
}

/// Accounts bound to any of the houses, once each: whom a notice about them reaches.
pub async fn accounts_of_houses(conn: &impl ConnectionTrait, house_ids: &[HouseId]) -> Result<Vec<AccountId>, Problem> {
    let mut accounts = Vec::new();
    for chunk in house_ids.chunks(list::CHUNK) {
        let sql = format!(
            "select distinct account_id from binding where state = 'bound' and house_id in {}",
            list::placeholders(conn, 0, chunk.len())
        );
        let rows: Vec<AccountRow> = conn.rows(&sql, chunk.iter().map(|id| Value::from(*id)).collect()).await?;
        accounts.extend(rows.into_iter().map(|r| r.account_id));
    }
    accounts.sort_unstable();
    accounts.dedup();
    Ok(accounts)
}

#[derive(sea_orm::FromQueryResult)]
struct AccountRow {
    account_id: AccountId,
}

/// Which of the houses each account is bound to: for a notice that says a house's own figure to its owner only.
pub async fn bound(conn: &impl ConnectionTrait, house_ids: &[HouseId]) -> Result<Vec<(AccountId, HouseId)>, Problem> {
    let mut pairs = Vec::new();
    for chunk in house_ids.chunks(list::CHUNK) {
        let sql = format!(
            "select account_id, house_id from binding where state = 'bound' and house_id in {}",
            list::placeholders(conn, 0, chunk.len())
        );
        let rows: Vec<BoundRow> = conn.rows(&sql, chunk.iter().map(|id| Value::from(*id)).collect()).await?;
        pairs.extend(rows.into_iter().map(|r| (r.account_id, r.house_id)));
    }
    Ok(pairs)
}

#[derive(sea_orm::FromQueryResult)]
struct BoundRow {
    account_id: AccountId,
    house_id: HouseId,
}
