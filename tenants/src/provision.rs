//! 开通: a new tenant in one go, while the program runs.
//!
//! Everything happens inside the platform's transaction that takes the slug: if any step fails the slug is free again and what
//! was made is removed. A crash leaves at most a file or a schema with a random name that nobody refers to.
use std::sync::Arc;

use linli_kernel::{Problem, Timestamp};
use linli_macros::Problem as ProblemEnum;
use linli_runtime::{Author, Change, Key, Sql, Tx, transact, values};
use uuid::Uuid;

use crate::{
    App, Ctx, Pack, Tenant,
    accounts::{self, AccountKind, NewAccount},
    cell_postgres as postgres,
    http::platform_env,
    invitations, pack,
    platform::{
        cells::{self, Database},
        tenants::{AdministratorInvitation, TenantCreate, TenantView},
    },
    posts, registry,
    registry::Placement,
};

#[derive(Debug, ProblemEnum)]
pub enum ProvisionError {
    #[problem(409, "platform.tenant.slug_taken", zh = "标识已被使用，请换一个", en = "The slug is taken; choose another")]
    SlugTaken,
}

const TAKE: &str =
    "insert into tenant (id, slug, name, area_code, pack, database, cell_id, schema_name, zone_hours, epoch, state, created_at)
                    values ($1, $2, $3, $4, $5, $6, $7, $8, 8, 1, 'provisioning', $9) on conflict (slug) do nothing";
const OPEN: &str = "update tenant set state = 'active' where id = $1";
/// Days that the first invitations are good for; the city's setting rules the later ones.
const INVITATION_DAYS: i64 = 7;

/// Makes the tenant on behalf of `author` (an operator, or the system for `linli tenant create`).
pub async fn create(app: &Arc<App>, author: Author, key: &Key, cmd: TenantCreate) -> Result<TenantView, Problem> {
    cmd.check()?;
    let pack = app.packs.find(&cmd.pack)?;
    let (mut tokens, mut opened) = (Vec::new(), None);
    let env = platform_env(app, author);
    let made = transact(&app.platform, &env, "platform.tenant.create", key, async |tx| {
        let (placement, cell) = take(app, tx, &cmd).await?;
        let built = build(app, &placement, &cmd, &pack).await;
        let (tenant, mut invitations) = match built {
            Ok(built) => built,
            Err(problem) => {
                undo(app, &placement).await;
                return Err(problem);
            }
        };
        tokens = invitations.iter_mut().map(|i| i.token.take()).collect();
        opened = Some(tenant);
        tx.conn().exec(OPEN, values![placement.id]).await?;
        let change = Change::new("platform.tenant.created", "platform.tenant", placement.id).state("provisioning", "active");
        tx.event(change.data("code", &placement.slug).data("pack", &placement.pack).data("cell", cell)).await?;
        Ok(view(&placement, invitations))
    });
    let mut view = made.await?;
    if let Some(tenant) = opened {
        for (invitation, token) in view.invitations.iter_mut().zip(tokens) {
            invitation.token = token;
        }
        for (invitation, (_, who)) in view.invitations.iter().zip(cmd.administrators.each()) {
            if let (Some(mail), Some(token)) = (&who.mail, &invitation.token) {
                invitations::mail(app, &tenant, mail, token);
            }
        }
        app.registry.put(tenant);
    }
    Ok(view)
}

fn view(placement: &Placement, invitations: Vec<AdministratorInvitation>) -> TenantView {
    TenantView {
        id: placement.id,
        slug: placement.slug.clone(),
        name: placement.name.clone(),
        area_code: placement.area_code.clone(),
        pack: placement.pack.clone(),
        database: placement.database.clone(),
        cell: placement.cell_name.clone(),
        epoch: placement.epoch,
        state: "active".into(),
        created_at: placement.created_at,
        invitations,
    }
}

/// Takes the slug and a place on a cell.
async fn take(_: &App, tx: &Tx, cmd: &TenantCreate) -> Result<(Placement, Uuid), Problem> {
    let database = cmd.database.unwrap_or(Database::Sqlite);
    let cell = cells::free(tx, database).await?;
    let id = Uuid::now_v7();
    let schema = format!("t_{}", Uuid::new_v4().simple());
    let row = values![
        id,
        cmd.slug.as_str(),
        cmd.name.trim(),
        cmd.area_code.as_str(),
        cmd.pack.as_str(),
        database.as_str(),
        cell.id,
        schema.as_str(),
        tx.now()
    ];
    if tx.conn().exec(TAKE, row).await? == 0 {
        return Err(ProvisionError::SlugTaken.into());
    }
    let placement = Placement {
        id,
        slug: cmd.slug.clone(),
        name: cmd.name.trim().to_owned(),
        area_code: cmd.area_code.clone(),
        pack: cmd.pack.clone(),
        database: database.as_str().into(),
        schema_name: schema,
        role_version: 1,
        zone_hours: 8,
        epoch: 1,
        state: "active".into(),
        created_at: tx.now(),
        cell_name: cell.name,
        address: cell.address,
    };
    Ok((placement, cell.id))
}

const EPOCH: &str = "update tenant_epoch set epoch = $1";

/// Database, schema, pack, administrators; answers the open handle.
async fn build(
    app: &Arc<App>,
    placement: &Placement,
    cmd: &TenantCreate,
    pack: &Pack,
) -> Result<(Arc<Tenant>, Vec<AdministratorInvitation>), Problem> {
    if placement.database == "postgres" {
        let admin = app.platform_cipher.open(&placement.address)?;
        let password = postgres::password(&app.master, placement.id, placement.role_version);
        postgres::create_schema(&admin, &placement.schema_name, &password).await?;
    }
    let db = registry::open_database(app, placement).await?;
    let first = db.begin().await?;
    first.exec(EPOCH, values![placement.epoch]).await?;
    first.commit().await?;
    let tenant = Arc::new(registry::handle(app, placement, db, true));
    let ctx = Ctx::system(app, &tenant, "provision");
    let invitations = ctx
        .tx("tenant.provision", &Key::default(), async |tx| {
            pack::install(&ctx, tx, pack).await?;
            let invitations = install_administrators(&ctx, tx, cmd).await?;
            for step in &app.ports.provision {
                step.install(&ctx, tx, pack).await?;
            }
            let change = Change::new("pack.installed", "pack", tenant.id).data("code", &pack.head.code);
            tx.event(change.data("version", &pack.head.version).data("digest", pack.digest()).data("state", "installed")).await?;
            Ok(Secret(invitations))
        })
        .await?;
    registry::load(app, &tenant).await?;
    Ok((tenant, invitations.0))
}

/// Passes through the transaction's answer without being kept: it runs without a key.
#[derive(serde::Serialize, serde::Deserialize)]
struct Secret(Vec<AdministratorInvitation>);

async fn install_administrators(ctx: &Ctx, tx: &Tx, cmd: &TenantCreate) -> Result<Vec<AdministratorInvitation>, Problem> {
    let mut all = Vec::with_capacity(3);
    for (role, who) in cmd.administrators.each() {
        let new = NewAccount {
            kind: AccountKind::Official,
            login_name: &who.login_name,
            name: &who.name,
            mail: who.mail.as_deref(),
            mobile: None,
            person_id: None,
        };
        let account = accounts::insert(ctx, tx, new).await?;
        posts::install_administrator(tx, account, role).await?;
        let invitation = invitations::send(tx, account, INVITATION_DAYS).await?;
        let login_name = who.login_name.trim().to_lowercase();
        let expires_at: Timestamp = invitation.expires_at;
        all.push(AdministratorInvitation { role: role.into(), login_name, token: invitation.token, expires_at });
    }
    Ok(all)
}

/// Removes what a failed provisioning made; what cannot be removed is named in the log.
async fn undo(app: &App, placement: &Placement) {
    if placement.database == "postgres" {
        let undone = match app.platform_cipher.open(&placement.address) {
            Ok(admin) => postgres::drop_schema(&admin, &placement.schema_name).await,
            Err(problem) => Err(problem),
        };
        if let Err(problem) = undone {
            tracing::warn!(schema = placement.schema_name, %problem, "Could not remove a half-made schema");
        }
        return;
    }
    let folder = registry::folder(app, placement.id);
    if let Err(error) = std::fs::remove_dir_all(&folder)
        && folder.exists()
    {
        tracing::warn!(folder = %folder.display(), %error, "Could not remove a half-made tenant");
    }
}

#[cfg(test)]
mod tests;
