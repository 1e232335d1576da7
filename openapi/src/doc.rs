//! The OpenAPI document, generated from the code and committed as `openapi/openapi.json`.
use std::sync::Arc;

use linli_tenants::{App, http::Problems};
use serde_json::json;
use utoipa::{
    OpenApi,
    openapi::{
        RefOr, Server,
        schema::{ObjectBuilder, Schema, SchemaType, Type},
        security::{Http, HttpAuthScheme, SecurityScheme},
        server::{ServerBuilder, ServerVariableBuilder},
    },
};
use utoipa_axum::router::OpenApiRouter;

const ABOUT: &str = "Property-management supervision and public service for city housing bureaus (物业监督管理与服务).\n\n\
    Money is a string with two decimals in CNY, areas a string with two decimals in m²; ids are UUIDv7; instants are RFC 3339 in UTC. \
    Errors are RFC 9457 problem documents with a stable `code`. Every `POST` takes an `Idempotency-Key`; where money moves it is required.";

#[derive(OpenApi)]
#[openapi(
    info(title = "Linli 邻里", description = ABOUT, license(name = "Apache-2.0", identifier = "Apache-2.0")),
    tags(
        (name = "platform", description = "The operator's own: tenants, cells, health"),
        (name = "tenants", description = "People, posts, settings, sessions of one city"),
        (name = "runtime", description = "Jobs, notices, events"),
        (name = "materials", description = "文件: documents"),
        (name = "property", description = "物业: the register, votes, publicities"),
        (name = "ledger", description = "财务: books, holds, orders, statements"),
        (name = "fund", description = "维修资金: deposits and uses of the maintenance fund"),
        (name = "workflow", description = "审批流程: definitions, instances, tasks"),
        (name = "plugin", description = "城市规则: packages and bindings"),
    )
)]
struct Base;

/// Routes of the tenant's API and of the platform's, each with its document.
pub(crate) fn routers() -> (OpenApiRouter<Arc<App>>, OpenApiRouter<Arc<App>>) {
    let tenant = OpenApiRouter::with_openapi(Base::openapi())
        .merge(linli_tenants::routes())
        .merge(linli_materials::routes())
        .merge(linli_property::routes())
        .merge(linli_ledger::routes())
        .merge(linli_fund::routes())
        .merge(linli_workflow::routes())
        .merge(linli_plugins::routes());
    (tenant, linli_tenants::platform_routes())
}

/// The whole document, as it is committed.
pub fn document() -> utoipa::openapi::OpenApi {
    let (tenant, platform) = routers();
    finish(tenant.into_openapi(), platform.into_openapi())
}

pub(crate) fn finish(mut doc: utoipa::openapi::OpenApi, platform: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    let slug = ServerVariableBuilder::new().default_value("city").description(Some("The tenant's slug"));
    doc.servers = Some(vec![ServerBuilder::new().url("/t/{tenant}/api/v1").parameter("tenant", slug).build()]);
    for (path, mut item) in platform.paths.paths {
        item.servers = Some(vec![Server::new("/")]);
        doc.paths.paths.insert(path, item);
    }
    let components = doc.components.get_or_insert_default();
    if let Some(more) = platform.components {
        components.schemas.extend(more.schemas);
    }
    components.responses.extend(Problems::components());
    components.schemas.insert("Problem".into(), problem_schema());
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.security_schemes.insert("bearer".into(), bearer.into());
    for item in doc.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let public = operation.extensions.as_ref().and_then(|e| e.get("x-permission")).is_some_and(|p| p == "public");
            if !public {
                operation.security = Some(vec![utoipa::openapi::security::SecurityRequirement::new("bearer", Vec::<String>::new())]);
            }
        }
    }
    doc
}

fn problem_schema() -> RefOr<Schema> {
    let text = |about: &str| ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).description(Some(about));
    let fields = ObjectBuilder::new()
        .property("pointer", text("JSON pointer to the wrong field"))
        .property("code", text("Stable code"))
        .property("message", text("What is wrong and what to do"));
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Object))
        .description(Some("RFC 9457 problem document; `code` is stable, `detail` is for people."))
        .property("type", text("A URI of the kind of problem"))
        .property("title", text("A sentence"))
        .property("status", ObjectBuilder::new().schema_type(SchemaType::Type(Type::Integer)).description(Some("The HTTP status")))
        .property("detail", text("What the person can do"))
        .property("instance", text("The request id"))
        .property("code", text("A stable dotted name"))
        .property("errors", utoipa::openapi::schema::ArrayBuilder::new().items(fields))
        .required("type")
        .required("title")
        .required("status")
        .required("code")
        .examples([json!({
            "type": "https://linli.cn/problems/fund.use.publicity_open", "title": "公示至2026-12-01结束，届时可提交", "status": 409,
            "detail": "公示至2026-12-01结束，届时可提交", "instance": "01936f5e-7c1a-7a3e-9f00-0123456789ab", "code": "fund.use.publicity_open"
        })])
        .into()
}
