//! What a city pack brings: `rules.toml` and the packages that it names (plugins.md §8).
use async_trait::async_trait;
use include_dir::{Dir, include_dir};
use linli_kernel::{BindingId, Date, Problem};
use linli_runtime::{Change, Sql, Tx, values};
use linli_tenants::{Ctx, Pack, ProvisionStep, pack::faulty};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    PackageBytes, Signer,
    json::hex,
    registry::{Origin, keep, plain, signers, verify, write},
};

/// The packages that come with the program, as files.
static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../dist");

/// `rules.toml` of a city pack (plugins.md §8).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackRules {
    #[serde(default)]
    rule: Vec<PackRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackRule {
    point: String,
    #[serde(rename = "use")]
    uses: PackUse,
    #[serde(default)]
    params: Value,
    from: Date,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackUse {
    plugin: String,
    version: String,
    digest: Option<String>,
}

const SIGNER: &str =
    "insert into plg_signer (key_id, algorithm, public_key, owner, origin, added_at) values ($1, 'ed25519', $2, $3, 'product', $4)
                      on conflict (key_id) do nothing";
const PACK_BINDING: &str =
    "insert into plg_binding (id, point, digest, params, params_digest, valid_from, state, reason, proposed_at, approved_at)
                            values ($1, $2, $3, $4, $5, $6, 'active', $7, $8, $8)";
const KNOWN: &str = "select count(*) as v from plg_package where digest = $1";
const BOUND: &str = "select count(*) as v from plg_binding where point = $1 and state in ('active', 'proposed')";

/// The step that wiring adds: `ports.provision.push(Arc::new(InstallRules))`.
pub struct InstallRules;

#[async_trait]
impl ProvisionStep for InstallRules {
    async fn install(&self, ctx: &Ctx, tx: &Tx, pack: &Pack) -> Result<(), Problem> {
        install_pack(ctx, tx, pack).await
    }
}

/// The rules of a pack: packages from the pack's own `plugins/` folder or from those shipped, bound from
/// their day on. A point that the city has bound already is left alone, so the step may run again after an upgrade.
pub async fn install_pack(ctx: &Ctx, tx: &Tx, pack: &Pack) -> Result<(), Problem> {
    let Some(rules) = pack.read::<PackRules>("rules.toml")? else { return Ok(()) };
    // The product's key signs what is shipped. It is a demo key, so only a demo trusts it for uploads too.
    let product = Signer::demo();
    if ctx.app.config.demo {
        let row = values![product.key_id.as_str(), hex(&product.public_key), product.owner.as_str(), tx.now()];
        tx.conn().exec(SIGNER, row).await?;
    }
    for rule in rules.rule {
        let PackRule { point, uses, params, from } = rule;
        let bound: Option<i64> = tx.conn().scalar(BOUND, values![point.as_str()]).await?;
        if bound != Some(0) {
            continue;
        }
        let name = format!("{}-{}.linli-plugin", uses.plugin, uses.version);
        let wrong = |what: String| faulty("rules.toml", &format!("{point}: {what}"));
        let (bytes, trusted, origin) = match pack.file(&format!("plugins/{name}")) {
            // A pack of one's own is trusted as far as its signer is; what is shipped is part of the program.
            Some(bytes) => (bytes.to_vec(), signers(tx.conn()).await?, Origin::Own),
            None => {
                let file = SHIPPED.get_file(&name).ok_or_else(|| wrong(format!("{name} is neither in the pack nor shipped")))?;
                (file.contents().to_vec(), vec![product.clone()], Origin::Product)
            }
        };
        let bytes = PackageBytes(bytes.into());
        let verified = verify(ctx, bytes.clone(), trusted).await?;
        let package = &verified.loaded.package;
        if uses.digest.as_deref().is_some_and(|digest| plain(digest) != package.digest) {
            return Err(wrong(format!("{name} has the digest sha256:{}", package.digest)));
        }
        if !package.manifest.points.contains(&point) {
            return Err(wrong(format!("{name} does not answer this point")));
        }
        let params = verified.loaded.params(&if params.is_null() { Value::Object(Default::default()) } else { params })?;
        let known: Option<i64> = tx.conn().scalar(KNOWN, values![package.digest.as_str()]).await?;
        if known == Some(0) {
            let blob = keep(ctx, &bytes).await?;
            write(tx, &verified, &blob, bytes.0.len(), origin).await?;
        }
        let (id, why) = (BindingId::new(), "城市包 / city pack");
        let row = values![id, point.as_str(), package.digest.as_str(), params.json.to_string(), params.digest(), from, why, tx.now()];
        tx.conn().exec(PACK_BINDING, row).await?;
        let change = Change::new("plugin.binding.activated", "plugin.binding", id).data("point", &point);
        tx.event(change.data("digest", &package.digest).data("valid_from", from)).await?;
    }
    Ok(())
}

/// Files of the shipped packages, for the command line and tests: name and bytes.
pub fn shipped() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    SHIPPED.files().filter_map(|file| Some((file.path().to_str().filter(|name| name.ends_with(".linli-plugin"))?, file.contents())))
}
