//! What a city is made of: 设置, 区划, 字典, 日历, 城市包.
use std::sync::Arc;

use linli_kernel::{Page, Problem, Timestamp};
use linli_runtime::{Sql, values};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App, Ctx,
    areas::{self, Area, AreaQuery},
    calendar::{self, CalendarSet, CalendarView},
    dicts::{self, DictBrief, DictView},
    http::{Answer, IdempotencyKey, Json, Path, Problems, Query, ok},
    perm,
    settings::{self, SettingSet, SettingView},
};

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(setting_list))
        .routes(routes!(setting_get, setting_set))
        .routes(routes!(area_list))
        .routes(routes!(dict_list))
        .routes(routes!(dict_get))
        .routes(routes!(calendar_get, calendar_set))
        .routes(routes!(pack_list))
}

fn whole<T>(items: Vec<T>) -> Page<T> {
    let total = items.len() as i64;
    Page::new(items, total)
}

/// Settings (设置) with the value in force and its origin.
#[utoipa::path(get, path = "/settings", operation_id = "setting_list", tag = "tenants",
    extensions(("x-permission" = json!(perm::SETTING_READ))),
    responses((status = 200, body = Page<SettingView>, description = "all of them"), Problems))]
async fn setting_list(ctx: Ctx) -> Answer<Page<SettingView>> {
    ok(settings::all(&ctx).await.map(whole))
}

/// One setting.
#[utoipa::path(get, path = "/settings/{key}", operation_id = "setting_get", tag = "tenants",
    extensions(("x-permission" = json!(perm::SETTING_READ))), params(("key" = String, Path, description = "its key, such as `fund.shortfall`")),
    responses((status = 200, body = SettingView, description = "the setting"), Problems))]
async fn setting_get(ctx: Ctx, Path(key): Path<String>) -> Answer<SettingView> {
    ok(settings::one(&ctx, &key).await)
}

/// Set the city's own value (设置), at once.
#[utoipa::path(put, path = "/settings/{key}", operation_id = "setting_set", tag = "tenants",
    extensions(("x-permission" = json!(perm::SETTING_SET))), params(("key" = String, Path, description = "its key, such as `fund.shortfall`")),
    request_body = SettingSet,
    responses((status = 200, body = SettingView, description = "the city's value"), Problems))]
async fn setting_set(
    ctx: Ctx,
    IdempotencyKey(idempotency): IdempotencyKey,
    Path(key): Path<String>,
    Json(cmd): Json<SettingSet>,
) -> Answer<SettingView> {
    ok(settings::set(&ctx, &idempotency, &key, cmd).await)
}

/// Divisions (区划) of the city.
#[utoipa::path(get, path = "/areas", operation_id = "area_list", tag = "tenants",
    extensions(("x-permission" = json!(perm::AREA_READ))), params(AreaQuery),
    responses((status = 200, body = Page<Area>, description = "a page of them, by code"), Problems))]
async fn area_list(ctx: Ctx, Query(query): Query<AreaQuery>) -> Answer<Page<Area>> {
    ok(areas::list(&ctx, &query).await)
}

/// Dictionaries (字典), without their entries.
#[utoipa::path(get, path = "/dicts", operation_id = "dict_list", tag = "tenants",
    extensions(("x-permission" = json!(perm::DICT_READ))),
    responses((status = 200, body = Page<DictBrief>, description = "all of them"), Problems))]
async fn dict_list(ctx: Ctx) -> Answer<Page<DictBrief>> {
    ok(dicts::list(&ctx).await.map(whole))
}

/// One dictionary with its entries.
#[utoipa::path(get, path = "/dicts/{code}", operation_id = "dict_get", tag = "tenants",
    extensions(("x-permission" = json!(perm::DICT_READ))), params(("code" = String, Path, description = "its code, such as `house_use`")),
    responses((status = 200, body = DictView, description = "the dictionary"), Problems))]
async fn dict_get(ctx: Ctx, Path(code): Path<String>) -> Answer<DictView> {
    ok(dicts::get(&ctx, &code).await)
}

/// The working calendar (工作日历) of a year.
#[utoipa::path(get, path = "/calendar/{year}", operation_id = "calendar_get", tag = "tenants",
    extensions(("x-permission" = json!(perm::CALENDAR_READ))), params(("year" = i64, Path, description = "the year")),
    responses((status = 200, body = CalendarView, description = "days that differ from Monday to Friday"), Problems))]
async fn calendar_get(ctx: Ctx, Path(year): Path<i64>) -> Answer<CalendarView> {
    ok(calendar::get(&ctx, year).await)
}

/// Enter the working calendar of a whole year, as the State Council ordered it.
#[utoipa::path(put, path = "/calendar/{year}", operation_id = "calendar_set", tag = "tenants",
    extensions(("x-permission" = json!(perm::CALENDAR_SET))), params(("year" = i64, Path, description = "the year")),
    request_body = CalendarSet,
    responses((status = 200, body = CalendarView, description = "the year as entered"), Problems))]
async fn calendar_set(
    ctx: Ctx,
    IdempotencyKey(key): IdempotencyKey,
    Path(year): Path<i64>,
    Json(cmd): Json<CalendarSet>,
) -> Answer<CalendarView> {
    ok(calendar::set(&ctx, &key, year, cmd).await)
}

/// 城市包 as installed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, sea_orm::FromQueryResult)]
pub struct PackView {
    #[schema(example = "coast")]
    pub code: String,
    #[schema(example = "1.0.0")]
    pub version: String,
    #[schema(example = "海天市")]
    pub name: String,
    /// SHA-256 over its files.
    pub digest: String,
    /// `uploaded`, `installed` or `superseded`.
    #[schema(example = "installed")]
    pub state: String,
    pub installed_at: Timestamp,
}

const PACKS: &str = "select code, version, name, digest, state, installed_at from pack order by installed_at desc, version limit 200";

/// City packs (城市包) of this city.
#[utoipa::path(get, path = "/packs", operation_id = "pack_list", tag = "tenants",
    extensions(("x-permission" = json!(perm::PACK_READ))),
    responses((status = 200, body = Page<PackView>, description = "all of them"), Problems))]
async fn pack_list(ctx: Ctx) -> Answer<Page<PackView>> {
    ok(packs(&ctx).await.map(whole))
}

async fn packs(ctx: &Ctx) -> Result<Vec<PackView>, Problem> {
    ctx.require(perm::PACK_READ)?;
    ctx.conn().rows(PACKS, values![]).await
}
