//! 区划: the division tree 省–市–区–街道–社区 of a tenant; its paths are what area scopes compare.
use linli_kernel::{Page, PageQuery, Problem};
use linli_runtime::{Sql, Tx, values};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Ctx, Pack, pack::faulty, perm};

/// How many leading digits of a code say its place on each level.
const LEVELS: [(&str, usize); 5] = [("province", 2), ("city", 4), ("district", 6), ("street", 9), ("community", 12)];

/// One division. In the document its name leaves `Area` to the floor area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, sea_orm::FromQueryResult)]
#[schema(as = Division)]
pub struct Area {
    /// 12 digits.
    #[schema(example = "379901001000")]
    pub code: String,
    #[schema(example = "望海街道")]
    pub name: String,
    /// `province`, `city`, `district`, `street` or `community`.
    #[schema(example = "street")]
    pub level: String,
    /// Codes from the province down: what `area_path` of every business row begins with.
    #[schema(example = "37/3799/379901/379901001/")]
    pub path: String,
}

/// The level of a 12-digit code, by its trailing zeros; `None` if it is no code.
pub fn level_of(code: &str) -> Option<&'static str> {
    if code.len() != 12 || !code.bytes().all(|b| b.is_ascii_digit()) || code.starts_with("00") {
        return None;
    }
    LEVELS.iter().find(|(_, digits)| code[*digits..].bytes().all(|b| b == b'0')).map(|(level, _)| *level)
}

/// `37/3799/379901/` of `379901000000`; empty for what is no code.
pub fn path_of(code: &str) -> String {
    let Some(level) = level_of(code) else { return String::new() };
    let mut path = String::new();
    for (name, digits) in LEVELS {
        path.push_str(&code[..digits]);
        path.push('/');
        if name == level {
            break;
        }
    }
    path
}

/// The 12-digit code of the division above; `None` for a province.
fn parent_of(code: &str) -> Option<String> {
    let level = level_of(code)?;
    let at = LEVELS.iter().position(|(name, _)| *name == level)?;
    let (_, digits) = LEVELS.get(at.checked_sub(1)?)?;
    Some(format!("{:0<12}", &code[..*digits]))
}

const FIND: &str = "select code, name, level, path from area where code = $1 and state = 'active'";
const LIST: &str = "select code, name, level, path from area
                    where state = 'active' and ($1 = '' or level = $1) and ($2 = '' or parent_code = $2)
                    order by code limit $3 offset $4";
const COUNT: &str = "select count(*) as v from (select 1 from area
                     where state = 'active' and ($1 = '' or level = $1) and ($2 = '' or parent_code = $2) limit 10001) t";

/// The division with this code, or 422 at `pointer`.
pub async fn find(conn: &impl ConnectionTrait, code: &str) -> Result<Area, Problem> {
    let found: Option<Area> = conn.row(FIND, values![code]).await?;
    found.ok_or_else(|| {
        let mut invalid = linli_kernel::Invalid::new();
        invalid.add("/area_code", "area.unknown", "本市没有这个区划代码", "There is no such division in this city");
        invalid.done().err().unwrap_or_else(Problem::not_found)
    })
}

/// Filters of the list.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AreaQuery {
    /// Only this level.
    #[param(example = "district")]
    pub level: Option<String>,
    /// Only what lies directly below this code.
    #[param(example = "379901000000")]
    pub parent: Option<String>,
    pub page: Option<u64>,
    pub page_size: Option<u64>,
}

pub async fn list(ctx: &Ctx, query: &AreaQuery) -> Result<Page<Area>, Problem> {
    ctx.require(perm::AREA_READ)?;
    let page = PageQuery { page: query.page, page_size: query.page_size };
    let (level, parent) = (query.level.as_deref().unwrap_or(""), query.parent.as_deref().unwrap_or(""));
    let rows = ctx.conn().rows(LIST, values![level, parent, page.limit() as i64, page.offset() as i64]).await?;
    let counted: Option<i64> = ctx.conn().scalar(COUNT, values![level, parent]).await?;
    Ok(Page::new(rows, counted.unwrap_or(0)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Areas {
    area: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    code: String,
    name: String,
}

const INSERT: &str = "insert into area (code, name, level, parent_code, path, state) values ($1, $2, $3, $4, $5, 'active')";

/// `areas.toml` of a pack: every code once, every division below one that is there, the tenant's own city among them.
pub(crate) async fn install(tx: &Tx, pack: &Pack, city: &str) -> Result<(), Problem> {
    const FILE: &str = "areas.toml";
    let Areas { area: mut rows } = pack.read(FILE)?.ok_or_else(|| faulty(FILE, "is missing"))?;
    rows.sort_by(|a, b| a.code.cmp(&b.code));
    for row in &rows {
        let level = level_of(&row.code).ok_or_else(|| faulty(FILE, &format!("{} is not a division code", row.code)))?;
        let parent = parent_of(&row.code);
        if parent.as_ref().is_some_and(|p| rows.binary_search_by(|r| r.code.cmp(p)).is_err()) {
            return Err(faulty(FILE, &format!("what {} lies in is missing", row.code)));
        }
        let path = path_of(&row.code);
        tx.conn().exec(INSERT, values![row.code.as_str(), row.name.as_str(), level, parent, path]).await?;
    }
    if !rows.iter().any(|r| r.code == city) {
        return Err(Problem::new(422, "tenant.area_not_of_pack", "区划代码与城市包不符", "The area code is not that of the city pack"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
