//! 插件包 of a tenant: taken in, listed, loaded when a rule is asked, and those that a city pack brings.
use std::sync::Arc;

use linli_kernel::{AccountId, Date, Page, PageQuery, Problem, Timestamp};
use linli_runtime::{Change, Key, Sql, Tx, values};
use linli_tenants::Ctx;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sm3::{Digest, Sm3};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Loaded, Package, PackageBytes, PluginError, Refusal, Signer, TestReport, Verified, json,
    json::{hex, unhex},
    perm,
    port::Rules,
};

/// Where a package came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Own,
    Product,
}

impl Origin {
    fn word(self) -> &'static str {
        match self {
            Origin::Own => "own",
            Origin::Product => "product",
        }
    }
}

/// 插件包 as people see it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PackageView {
    /// SHA-256 of the manifest: the identity of the package.
    #[schema(example = "1f918a18bfc48c06acd4978b895cf12d67a541db966b025d9f5ffff18cc1941e")]
    pub digest: String,
    #[schema(example = "cn.linli.fund.area-proportional")]
    pub plugin_id: String,
    #[schema(example = "1.0.0")]
    pub version: String,
    #[schema(example = "rule")]
    pub kind: String,
    #[schema(example = "linli:rules/allocation@1.0.0")]
    pub world: String,
    #[schema(example = "按建筑面积比例分摊")]
    pub title: String,
    /// Points that it may be bound to.
    #[schema(example = json!(["allocation.weights"]))]
    pub points: Vec<String>,
    /// Bytes.
    #[schema(example = 26_595)]
    pub size: i64,
    #[schema(example = "dc459813943fc212")]
    pub signer_key: String,
    /// `product` (shipped), `own` (uploaded here) or `province`.
    #[schema(example = "product")]
    pub origin: String,
    /// `active` while a binding in force uses it, else `tested`; `withdrawn`.
    #[schema(example = "active")]
    pub state: String,
    pub uploaded_by: Option<AccountId>,
    pub uploaded_at: Timestamp,
    /// JSON Schema of its parameters.
    #[schema(value_type = Object)]
    pub params_schema: Value,
    pub tests: TestSummary,
}

/// Its golden tests when it was taken in.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct TestSummary {
    #[schema(example = 9)]
    pub passed: i64,
    /// Fuel of the dearest test; the limit of a call is in the manifest.
    #[schema(example = 21_000)]
    pub worst_fuel: i64,
    #[schema(example = 60)]
    pub worst_us: i64,
}

#[derive(sea_orm::FromQueryResult)]
struct Row {
    digest: String,
    plugin_id: String,
    version: String,
    kind: String,
    world: String,
    title_zh: String,
    title_en: String,
    manifest: String,
    params_schema: String,
    size: i64,
    signer_key: String,
    origin: String,
    state: String,
    uploaded_by: Option<AccountId>,
    uploaded_at: Timestamp,
    passed: i64,
    worst_fuel: i64,
    worst_us: i64,
    bound: i64,
}

const COLUMNS: &str =
    "select p.digest, p.plugin_id, p.version, p.kind, p.world, p.title_zh, p.title_en, p.manifest, p.params_schema, p.size,
    p.signer_key, p.origin, p.state, p.uploaded_by, p.uploaded_at,
    coalesce(t.passed, 0) as passed, coalesce(t.worst_fuel, 0) as worst_fuel, coalesce(t.worst_us, 0) as worst_us,
    (select count(*) from plg_binding b where b.digest = p.digest and b.state = 'active' and b.valid_from <= $1
       and (b.valid_to is null or b.valid_to > $1)) as bound
    from plg_package p left join plg_test_run t on t.digest = p.digest";
const COUNT: &str = "select count(*) as v from (select 1 from plg_package limit 10001) t";

impl Row {
    fn view(self, ctx: &Ctx) -> Result<PackageView, Problem> {
        let manifest: Value = serde_json::from_str(&self.manifest).map_err(Problem::internal)?;
        let points = manifest["points"].as_array().into_iter().flatten().filter_map(|p| p.as_str().map(str::to_owned)).collect();
        let state = if self.state == "tested" && self.bound > 0 { "active".to_owned() } else { self.state };
        Ok(PackageView {
            digest: self.digest,
            plugin_id: self.plugin_id,
            version: self.version,
            kind: self.kind,
            world: self.world,
            title: match ctx.locale {
                linli_kernel::Locale::Zh => self.title_zh,
                linli_kernel::Locale::En => self.title_en,
            },
            points,
            size: self.size,
            signer_key: self.signer_key,
            origin: self.origin,
            state,
            uploaded_by: self.uploaded_by,
            uploaded_at: self.uploaded_at,
            params_schema: serde_json::from_str(&self.params_schema).map_err(Problem::internal)?,
            tests: TestSummary { passed: self.passed, worst_fuel: self.worst_fuel, worst_us: self.worst_us },
        })
    }
}

// Packages, bindings and incidents of a tenant are no rows of a district or project: who may read them is a matter of role alone.

pub async fn list(ctx: &Ctx, page: PageQuery) -> Result<Page<PackageView>, Problem> {
    ctx.require(perm::PACKAGE_READ)?;
    let sql = format!("{COLUMNS} order by p.plugin_id, p.uploaded_at desc limit $2 offset $3");
    let (limit, offset) = (page.limit() as i64, page.offset() as i64);
    let rows: Vec<Row> = ctx.conn().rows(&sql, values![ctx.today(), limit, offset]).await?;
    let total: Option<i64> = ctx.conn().scalar(COUNT, values![]).await?;
    let items = rows.into_iter().map(|row| row.view(ctx)).collect::<Result<_, _>>()?;
    Ok(Page::new(items, total.unwrap_or(0)))
}

pub async fn get(ctx: &Ctx, digest: &str) -> Result<PackageView, Problem> {
    ctx.require(perm::PACKAGE_READ)?;
    view(ctx, ctx.conn(), digest).await?.ok_or_else(Problem::not_found)
}

async fn view(ctx: &Ctx, conn: &impl ConnectionTrait, digest: &str) -> Result<Option<PackageView>, Problem> {
    let row: Option<Row> = conn.row(&format!("{COLUMNS} where p.digest = $2"), values![ctx.today(), plain(digest)]).await?;
    row.map(|row| row.view(ctx)).transpose()
}

/// `sha256:…` or the bare digest.
pub(crate) fn plain(digest: &str) -> &str {
    digest.strip_prefix("sha256:").unwrap_or(digest)
}

const SIGNERS: &str = "select key_id, public_key, owner, revoked_on from plg_signer order by key_id limit 200";

#[derive(sea_orm::FromQueryResult)]
struct SignerRow {
    public_key: String,
    owner: String,
    revoked_on: Option<Date>,
}

pub(crate) async fn signers(conn: &impl ConnectionTrait) -> Result<Vec<Signer>, Problem> {
    let rows: Vec<SignerRow> = conn.rows(SIGNERS, values![]).await?;
    let signer = |row: SignerRow| {
        let key = unhex(&row.public_key).and_then(|key| key.try_into().ok())?;
        Some(Signer { revoked_on: row.revoked_on, ..Signer::new(key, &row.owner) })
    };
    Ok(rows.into_iter().filter_map(signer).collect())
}

const SAME_VERSION: &str = "select digest as v from plg_package where plugin_id = $1 and version = $2";

/// 上传: verified, compiled in a child and tested before anything is written; the same file again answers what is there.
pub async fn upload(ctx: &Ctx, key: &Key, bytes: Vec<u8>) -> Result<PackageView, Problem> {
    ctx.require(perm::PACKAGE_UPLOAD)?;
    let bytes = PackageBytes(bytes.into());
    let package = Package::read(&bytes.0)?;
    let known: Option<String> =
        ctx.conn().scalar(SAME_VERSION, values![package.manifest.id.as_str(), package.manifest.version.as_str()]).await?;
    match known {
        Some(digest) if digest == package.digest => return view(ctx, ctx.conn(), &digest).await?.ok_or_else(Problem::not_found),
        Some(_) => return Err(version_reused(&package).into()),
        None => {}
    }
    let signers = signers(ctx.conn()).await?;
    let verified = verify(ctx, bytes.clone(), signers).await?;
    let blob = keep(ctx, &bytes).await?;
    ctx.tx("plugin.package.upload", key, async |tx| {
        write(tx, &verified, &blob, bytes.0.len(), Origin::Own).await?;
        let package = &verified.loaded.package;
        // The digest is no row id; a name-based one leads from the event to the package.
        let id = Uuid::from_u128(u128::from_str_radix(&package.digest[..32], 16).unwrap_or(0));
        let change = Change::new("plugin.package.uploaded", "plugin.package", id);
        let change = change.data("digest", &package.digest).data("plugin_id", &package.manifest.id);
        tx.event(change.data("version", &package.manifest.version)).await?;
        view(ctx, tx.conn(), &package.digest).await?.ok_or_else(Problem::not_found)
    })
    .await
}

fn version_reused(package: &Package) -> Refusal {
    PluginError::VersionReused { id: package.manifest.id.clone(), version: package.manifest.version.clone() }.into()
}

/// Off the async threads: compiling takes long.
pub(crate) async fn verify(ctx: &Ctx, bytes: PackageBytes, signers: Vec<Signer>) -> Result<Verified, Problem> {
    let host = Rules::find(ctx)?.host.clone();
    let today = ctx.today();
    let done = tokio::task::spawn_blocking(move || host.verify(&bytes, &signers, today)).await.map_err(Problem::internal)?;
    Ok(done?)
}

/// Bytes into the object store, before the row that names them.
pub(crate) async fn keep(ctx: &Ctx, bytes: &PackageBytes) -> Result<Blob, Problem> {
    let blob = Blob { sha256: json::sha256(&bytes.0), sm3: hex(&Sm3::digest(&bytes.0)) };
    ctx.app.store.put(ctx.tenant.id, &blob.sha256, bytes.0.to_vec()).await?;
    Ok(blob)
}

pub(crate) struct Blob {
    sha256: String,
    sm3: String,
}

const BLOB: &str = "insert into blob (sha256, sm3, size, created_at) values ($1, $2, $3, $4) on conflict (sha256) do nothing";
const PACKAGE: &str =
    "insert into plg_package (digest, plugin_id, version, kind, world, title_zh, title_en, manifest, params_schema, blob_sha256,
                         size, signer_key, origin, state, uploaded_by, uploaded_at)
                       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'tested', $14, $15)
                       on conflict (plugin_id, version) do nothing";
const TEST_RUN: &str =
    "insert into plg_test_run (id, digest, at, passed, worst_fuel, worst_us, report) values ($1, $2, $3, $4, $5, $6, $7)";

pub(crate) async fn write(tx: &Tx, verified: &Verified, blob: &Blob, size: usize, origin: Origin) -> Result<(), Problem> {
    let Package { manifest, digest, schema, .. } = &verified.loaded.package;
    let size = i64::try_from(size).map_err(Problem::internal)?;
    tx.conn().exec(BLOB, values![blob.sha256.as_str(), blob.sm3.as_str(), size, tx.now()]).await?;
    let row = values![
        digest.as_str(),
        manifest.id.as_str(),
        manifest.version.as_str(),
        manifest.kind.as_str(),
        manifest.world.as_str(),
        manifest.title.zh.as_str(),
        manifest.title.en.as_str(),
        serde_json::to_string(manifest).map_err(Problem::internal)?,
        schema.source.to_string(),
        blob.sha256.as_str(),
        size,
        verified.signer.as_str(),
        origin.word(),
        tx.author().account,
        tx.now()
    ];
    if tx.conn().exec(PACKAGE, row).await? == 0 {
        // Somebody else was faster with the same version.
        return Err(version_reused(&verified.loaded.package).into());
    }
    let TestReport { passed, worst_fuel, worst_micros, .. } = &verified.report;
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let report = serde_json::to_string(&verified.report).map_err(Problem::internal)?;
    let row = values![Uuid::now_v7(), digest.as_str(), tx.now(), *passed as i64, number(*worst_fuel), number(*worst_micros), report];
    tx.conn().exec(TEST_RUN, row).await?;
    Ok(())
}

/// Why a bound package cannot be called.
pub(crate) enum LoadFault {
    Refused(PluginError),
    Ours(Problem),
}

impl From<Problem> for LoadFault {
    fn from(problem: Problem) -> LoadFault {
        LoadFault::Ours(problem)
    }
}

const BLOB_OF: &str = "select blob_sha256 as v from plg_package where digest = $1 and state = 'tested'";

/// The package of one of the tenant's own rows, from memory or from the object store.
pub(crate) async fn load(ctx: &Ctx, conn: &impl ConnectionTrait, digest: &str) -> Result<Arc<Loaded>, LoadFault> {
    let host = Rules::find(ctx)?.host.clone();
    let blob: Option<String> = conn.scalar(BLOB_OF, values![digest]).await?;
    let blob = blob.ok_or_else(|| LoadFault::Refused(PluginError::FileMissing { name: format!("sha256:{digest}") }))?;
    if let Some(loaded) = host.loaded(digest) {
        return Ok(loaded);
    }
    let bytes = ctx.app.store.get(ctx.tenant.id, &blob).await?;
    let bytes = bytes.ok_or_else(|| LoadFault::Refused(PluginError::FileMissing { name: format!("sha256:{digest}") }))?;
    let loaded = tokio::task::spawn_blocking(move || host.load(&PackageBytes(bytes.into()))).await.map_err(Problem::internal)?;
    let loaded = loaded.map_err(|refusal| LoadFault::Refused(refusal.0.into_iter().next().unwrap_or(PluginError::Busy)))?;
    if loaded.package.digest != digest {
        return Err(LoadFault::Refused(PluginError::DigestMismatch { name: format!("sha256:{digest}") }));
    }
    Ok(loaded)
}
