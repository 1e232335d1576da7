//! 租户 as the operator makes and sees them.
use std::sync::Arc;

use linli_kernel::{Invalid, Page, PageQuery, Problem, Timestamp};
use linli_runtime::{Author, Key, Sql, values};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::cells::Database;
use crate::{App, PlatformCtx, accounts, areas, pack, provision};

/// A new tenant.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantCreate {
    /// `[a-z][a-z0-9-]{1,30}`: stands in its path.
    #[schema(example = "haitian")]
    pub slug: String,
    #[schema(example = "海天市")]
    pub name: String,
    /// 12 digits of the city, as in its pack.
    #[schema(example = "379900000000")]
    pub area_code: String,
    /// Code of a city pack.
    #[schema(example = "coast")]
    pub pack: String,
    /// Where it stands; a SQLite file when left out.
    #[serde(default)]
    pub database: Option<Database>,
    pub administrators: Administrators,
}

/// 三员: three persons.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Administrators {
    pub sys_admin: Administrator,
    pub sec_admin: Administrator,
    pub audit_admin: Administrator,
}

impl Administrators {
    pub(crate) fn each(&self) -> [(&'static str, &Administrator); 3] {
        [("sys_admin", &self.sys_admin), ("sec_admin", &self.sec_admin), ("audit_admin", &self.audit_admin)]
    }
}

/// One administrator of a new tenant.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Administrator {
    #[schema(example = "li.ming")]
    pub login_name: String,
    #[schema(example = "李明")]
    pub name: String,
    /// Gets the invitation by mail, where given.
    #[serde(default)]
    #[schema(example = "li.ming@example.org")]
    pub mail: Option<String>,
}

/// 租户 as the operator sees it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TenantView {
    #[schema(value_type = String, format = "uuid")]
    pub id: Uuid,
    #[schema(example = "haitian")]
    pub slug: String,
    #[schema(example = "海天市")]
    pub name: String,
    #[schema(example = "379900000000")]
    pub area_code: String,
    #[schema(example = "coast")]
    pub pack: String,
    /// `postgres` or `sqlite`.
    #[schema(example = "sqlite")]
    pub database: String,
    /// Name of its cell.
    #[schema(example = "embedded")]
    pub cell: String,
    #[schema(example = 1)]
    pub epoch: i64,
    /// `provisioning`, `active`, `read_only`, `suspended`, `moving` or `closed`.
    #[schema(example = "active")]
    pub state: String,
    pub created_at: Timestamp,
    /// Only in the answer that made it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invitations: Vec<AdministratorInvitation>,
}

/// The invitation of one administrator; its token is shown this once.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AdministratorInvitation {
    #[schema(example = "sys_admin")]
    pub role: String,
    #[schema(example = "li.ming")]
    pub login_name: String,
    /// Absent when the request is repeated under its key: secrets are never kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "4kT0…")]
    pub token: Option<String>,
    pub expires_at: Timestamp,
}

impl TenantCreate {
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let mut invalid = Invalid::new();
        invalid.check(
            pack::is_code(&self.slug),
            "/slug",
            "slug",
            "标识为小写字母开头的2至31位小写字母、数字或连字符",
            "2 to 31 small letters, digits or hyphens, the first a letter",
        );
        invalid.text("/name", &self.name, 50);
        let city = areas::level_of(&self.area_code) == Some("city");
        invalid.check(city, "/area_code", "area_code", "须为市级区划代码（12位）", "The 12-digit code of a city");
        for (role, who) in self.administrators.each() {
            accounts::check(&mut invalid, &format!("/administrators/{role}"), &who.login_name, &who.name, who.mail.as_deref());
        }
        let mut logins: Vec<String> = self.administrators.each().iter().map(|(_, who)| who.login_name.trim().to_lowercase()).collect();
        logins.sort();
        logins.dedup();
        invalid.check(
            logins.len() == 3,
            "/administrators",
            "administrators",
            "三名管理员须为三个人",
            "Three administrators are three persons",
        );
        invalid.done()
    }
}

/// Makes a tenant while the program runs: database, schema, city pack, three administrators by invitation.
pub async fn create(ctx: &PlatformCtx, key: &Key, cmd: TenantCreate) -> Result<TenantView, Problem> {
    let author = Author { account: Some(ctx.account_id), post: None, role: "platform_operator".into(), request_id: ctx.request_id.clone() };
    provision::create(&ctx.app, author, key, cmd).await
}

/// The same for `linli tenant create`: whoever may start the program may make a tenant.
pub async fn create_at_start(app: &Arc<App>, cmd: TenantCreate) -> Result<TenantView, Problem> {
    provision::create(app, Author::system("linli tenant create"), &Key::default(), cmd).await
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    id: Uuid,
    slug: String,
    name: String,
    area_code: String,
    pack: String,
    database: String,
    cell: String,
    epoch: i64,
    state: String,
    created_at: Timestamp,
}

impl From<Row> for TenantView {
    fn from(r: Row) -> TenantView {
        TenantView {
            id: r.id,
            slug: r.slug,
            name: r.name,
            area_code: r.area_code,
            pack: r.pack,
            database: r.database,
            cell: r.cell,
            epoch: r.epoch,
            state: r.state,
            created_at: r.created_at,
            invitations: Vec::new(),
        }
    }
}

macro_rules! view {
    () => {
        "select t.id, t.slug, t.name, t.area_code, t.pack, t.database, c.name as cell, t.epoch, t.state, t.created_at
         from tenant t join cell c on c.id = t.cell_id "
    };
}
const LIST: &str = concat!(view!(), "order by t.created_at desc, t.id limit $1 offset $2");
const BY_SLUG: &str = concat!(view!(), "where t.slug = $1");
const COUNT: &str = "select count(*) as v from (select 1 from tenant limit 10001) t";

pub async fn list(ctx: &PlatformCtx, page: PageQuery) -> Result<Page<TenantView>, Problem> {
    let reader = ctx.app.platform.reader();
    let rows: Vec<Row> = reader.rows(LIST, values![page.limit() as i64, page.offset() as i64]).await?;
    let counted: Option<i64> = reader.scalar(COUNT, values![]).await?;
    Ok(Page::new(rows.into_iter().map(TenantView::from).collect(), counted.unwrap_or(0)))
}

pub async fn get(ctx: &PlatformCtx, slug: &str) -> Result<TenantView, Problem> {
    let row: Option<Row> = ctx.app.platform.reader().row(BY_SLUG, values![slug]).await?;
    row.map(TenantView::from).ok_or_else(Problem::not_found)
}
