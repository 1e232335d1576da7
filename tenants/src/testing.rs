//! A program with one tenant in a folder of its own, for the tests of this crate.
use std::{path::PathBuf, sync::Arc};

use linli_kernel::{Clock, Locale, Problem};
use linli_runtime::{Author, Key};

use crate::{
    Actor, ActorKind, App, AppConfig, Ctx, Ports, Scope,
    accounts::{self, AccountCreate, AccountKind, AccountView},
    invitations::{self, InvitationAccept},
    platform::tenants::{Administrator, Administrators, TenantCreate, TenantView},
    posts::{self, PostCreate, PostView},
    provision,
    sessions::{self, SessionCreate, SessionView},
};

pub(crate) const PASSWORD: &str = "Tide-Crane-40";

pub(crate) struct World {
    pub app: Arc<App>,
    pub slug: String,
    folder: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The first shipped pack: which one does not matter here.
pub(crate) fn some_pack(app: &App) -> crate::pack::PackHead {
    app.packs.list().into_iter().next().expect("a shipped pack")
}

pub(crate) fn tenant_create(app: &App, slug: &str) -> TenantCreate {
    let head = some_pack(app);
    let admin = |login: &str| Administrator { login_name: login.into(), name: login.into(), mail: None };
    TenantCreate {
        slug: slug.into(),
        name: head.name,
        area_code: head.area_code,
        pack: head.code,
        database: None,
        administrators: Administrators { sys_admin: admin("sys"), sec_admin: admin("sec"), audit_admin: admin("aud") },
    }
}

impl World {
    pub(crate) async fn empty() -> World {
        World::empty_with(Ports::default()).await
    }
    async fn empty_with(ports: Ports) -> World {
        let folder = std::env::temp_dir().join(format!("linli-tenants-{}", uuid::Uuid::now_v7()));
        let clock = Arc::new(Clock::simulated("2026-11-16T01:00:00Z".parse().expect("an instant")));
        let config = AppConfig::embedded(&folder, "http://127.0.0.1:8080", clock);
        let app = App::start(config, ports).await.expect("starts");
        World { app, slug: "test-city".into(), folder }
    }
    /// With a tenant whose administrators have accepted.
    pub(crate) async fn with_tenant() -> (World, TenantView) {
        World::with_tenant_and(Ports::default()).await
    }
    pub(crate) async fn with_tenant_and(ports: Ports) -> (World, TenantView) {
        let world = World::empty_with(ports).await;
        let view = world.make("test-city").await.expect("a tenant");
        for invitation in &view.invitations {
            world.accept(invitation.token.clone()).await.expect("accepted");
        }
        (world, view)
    }
    pub(crate) async fn make(&self, slug: &str) -> Result<TenantView, Problem> {
        provision::create(&self.app, Author::system("test"), &Key::default(), tenant_create(&self.app, slug)).await
    }
    pub(crate) async fn visitor(&self) -> Ctx {
        let tenant = self.app.tenant(&self.slug).await.expect("the tenant");
        let actor =
            Actor { kind: ActorKind::Visitor, account_id: None, person_id: None, session_id: None, post_id: None, role: "visitor".into() };
        Ctx { app: self.app.clone(), tenant, actor, scope: Scope::None, locale: Locale::Zh, request_id: "test".into() }
    }
    pub(crate) async fn accept(&self, token: Option<String>) -> Result<String, Problem> {
        let cmd = InvitationAccept { token: token.expect("a token"), password: PASSWORD.into() };
        invitations::accept(&self.visitor().await, cmd).await.map(|a| a.login_name)
    }
    pub(crate) async fn sign_in(&self, login: &str, password: &str) -> Result<SessionView, Problem> {
        sessions::create(&self.visitor().await, SessionCreate { login_name: login.into(), password: password.into() }).await
    }
    /// The context behind a token, as the extractor makes it.
    pub(crate) async fn by_token(&self, token: &str) -> Option<Ctx> {
        let ctx = self.visitor().await;
        let found = sessions::authenticate(&ctx.tenant.db, token, self.app.clock.machine()).await.expect("asked")?;
        let (actor, scope) = sessions::actor_of(&ctx, &found).await.expect("an actor");
        Some(Ctx { actor, scope, ..ctx })
    }
    pub(crate) async fn act(&self, login: &str) -> Ctx {
        let session = self.sign_in(login, PASSWORD).await.expect("signed in");
        self.by_token(&session.token.expect("a token")).await.expect("a context")
    }
    /// An official who has accepted his invitation.
    pub(crate) async fn official(&self, login: &str) -> AccountView {
        let cmd = AccountCreate { kind: AccountKind::Official, login_name: login.into(), name: login.into(), mail: None, person: None };
        let view = accounts::create(&self.act("sys").await, &Key::default(), cmd).await.expect("an account");
        self.accept(view.invitation.clone().and_then(|i| i.token)).await.expect("accepted");
        view
    }
    pub(crate) async fn propose(&self, account: &AccountView, role: &str, scope_kind: &str) -> Result<PostView, Problem> {
        let ctx = self.act("sys").await;
        let cmd = PostCreate {
            account_id: account.id,
            role: role.into(),
            scope_kind: scope_kind.into(),
            area_code: (scope_kind == "area").then(|| ctx.tenant.area_code.clone()),
            company_id: None,
            project_id: None,
            committee_id: None,
            subject_kind: None,
            subject_id: None,
            from: ctx.today(),
            to: None,
        };
        posts::create(&ctx, &Key::default(), cmd).await
    }
}
