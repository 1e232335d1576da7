use std::path::PathBuf;

use linli_kernel::{AccountId, Clock, Locale, PageQuery, SessionId};
use linli_tenants::{
    Actor, ActorKind, App, AppConfig, PlatformCtx, Ports, Scope,
    platform::tenants::{self, Administrator, Administrators, TenantCreate},
};

use super::*;
use crate::{
    Compiler, InstallRules, Plan,
    bound::{self, ProposeBinding},
    incidents::{self, IncidentFilter},
    testing::{BAD_ALLOCATION, bytes, house, work},
};

/// A program with a tenant for each shipped pack that has rules, in a folder of its own.
struct World {
    app: Arc<App>,
    tenants: Vec<Arc<linli_tenants::Tenant>>,
    folder: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder); // the system's temporary folder; a rest does no harm
    }
}

impl World {
    async fn new() -> World {
        let folder = std::env::temp_dir().join(format!("linli-rules-{}", Uuid::now_v7()));
        let clock = Arc::new(Clock::simulated("2026-11-16T01:00:00Z".parse().unwrap()));
        let mut config = AppConfig::embedded(&folder, "http://127.0.0.1:8080", clock);
        config.demo = true;
        let mut ports = Ports::default();
        ports.add(Rules::with_compiler([7; 32], &folder.join("plugins"), Compiler::InProcess).unwrap());
        ports.provision.push(Arc::new(InstallRules));
        let app = App::start(config, ports).await.unwrap();
        let operator = PlatformCtx {
            app: app.clone(),
            account_id: AccountId::new(),
            session_id: SessionId::new(),
            locale: Locale::Zh,
            request_id: "test".into(),
        };
        let mut all = Vec::new();
        for head in app.packs.list() {
            let admin = |login: &str| Administrator { login_name: login.into(), name: login.into(), mail: None };
            let administrators = Administrators { sys_admin: admin("sys"), sec_admin: admin("sec"), audit_admin: admin("aud") };
            let slug = format!("test-{}", head.code);
            let cmd = TenantCreate {
                slug: slug.clone(),
                name: head.name,
                area_code: head.area_code,
                pack: head.code,
                database: None,
                administrators,
            };
            tenants::create(&operator, &Key::default(), cmd).await.unwrap();
            all.push(app.tenant(&slug).await.unwrap());
        }
        World { app, tenants: all, folder }
    }

    fn manager(&self, tenant: usize) -> Ctx {
        let actor = Actor {
            kind: ActorKind::Official,
            account_id: Some(AccountId::new()),
            person_id: None,
            session_id: None,
            post_id: None,
            role: "rule_manager".into(),
        };
        Ctx {
            app: self.app.clone(),
            tenant: self.tenants[tenant].clone(),
            actor,
            scope: Scope::None,
            locale: Locale::Zh,
            request_id: "test".into(),
        }
    }

    /// The tenant whose pack binds this package.
    async fn with(&self, plugin: &str) -> usize {
        for at in 0..self.tenants.len() {
            let filter = bound::BindingFilter { point: points::ALLOCATION_WEIGHTS.into(), page: page() };
            let bindings = bound::list(&self.manager(at), &filter).await.unwrap();
            if bindings.items[0].plugin_id == plugin {
                return at;
            }
        }
        panic!("no pack binds {plugin}");
    }
}

fn page() -> PageQuery {
    PageQuery { page: None, page_size: None }
}

fn lift() -> AllocationInput {
    AllocationInput { work: work(800_000, "lift"), kinds: vec![], houses: vec![house(10_000, 1), house(10_000, 2), house(8_000, 11)] }
}

/// One step of a case, in a transaction with an event.
async fn step(ctx: &Ctx, case: &Case, input: &AllocationInput) -> Result<Vec<i64>, Problem> {
    ctx.tx("test.step", &Key::default(), async |tx| {
        let ruled = allocate(ctx, tx, case, input).await?;
        tx.event(Change::new("test.stepped", "test.thing", case.subject_id)).await?;
        match ruled.value.plan {
            Plan::Weights(weights) => Ok(weights),
            Plan::Groups(_) | Plan::Shares(_) => Err(Problem::internal("weights were expected")),
        }
    })
    .await
}

async fn count(ctx: &Ctx, table: &str) -> i64 {
    ctx.conn().scalar(&format!("select count(*) as v from {table}"), vec![]).await.unwrap().unwrap()
}

/// The incident is written when the failed transaction has gone; it takes a moment.
async fn open_incidents(ctx: &Ctx) -> Vec<incidents::IncidentView> {
    for _ in 0..100 {
        let filter = IncidentFilter { state: "open".into(), subject_id: None };
        let found = incidents::list(ctx, &filter, page()).await.unwrap().items;
        if !found.is_empty() {
            return found;
        }
        // the incident is written by a task of its own, after the case has rolled back
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Vec::new()
}

#[tokio::test]
async fn two_cities_answer_the_same_question_by_their_own_rules() {
    let world = World::new().await;
    let (area, floors) = (world.with("cn.linli.fund.area-proportional").await, world.with("cn.gov.shanhe.fund.lift-floors").await);
    let case = Case::new("fund.use", Uuid::now_v7());
    for (at, want) in [(area, vec![10_000, 10_000, 8_000]), (floors, vec![0, 1_100_000, 1_600_000])] {
        let ctx = world.manager(at);
        let preview = preview_allocate(&ctx, ctx.conn(), None, &lift()).await.unwrap();
        assert_eq!(preview.value.plan, Plan::Weights(want.clone()));
        assert_eq!((count(&ctx, "plg_pin").await, count(&ctx, "plg_call").await), (0, 0), "a preview writes nothing");
        assert_eq!(step(&ctx, &case, &lift()).await.unwrap(), want);
        assert_eq!((count(&ctx, "plg_pin").await, count(&ctx, "plg_call").await), (1, 1));
    }
}

#[tokio::test]
async fn a_vote_is_tested_by_the_shipped_rule_and_recorded() {
    let world = World::new().await;
    let ctx = world.manager(0);
    let case = Case::new("property.vote", Uuid::now_v7());
    let side = |heads, area| Count { heads, area: Area(area) };
    let facts = VoteFacts {
        decision: Decision::Use,
        totals: side(9, 90_000),
        participated: side(6, 59_999),
        agreed: side(6, 59_999),
        against: Some(side(0, 0)),
        abstained: None,
    };
    let facts = facts.facts().unwrap();
    let ruled = ctx
        .tx("test.tally", &Key::default(), async |tx| {
            let ruled = threshold(&ctx, tx, &case, points::VOTE_THRESHOLD, &facts).await?;
            tx.event(Change::new("test.tallied", "test.thing", case.subject_id)).await?;
            Ok((ruled.value.met, ruled.plugin, ruled.value.check("participation_area").map(|c| c.met)))
        })
        .await
        .unwrap();
    assert_eq!((ruled.0, ruled.1.id.as_str(), ruled.2), (false, "cn.linli.property.vote-threshold", Some(false)));
    assert_eq!(count(&ctx, "plg_call").await, 1);
}

#[tokio::test]
async fn a_new_rule_needs_two_persons_and_leaves_running_cases_alone() {
    let world = World::new().await;
    let at = world.with("cn.linli.fund.area-proportional").await;
    let (maker, checker) = (world.manager(at), world.manager(at));
    let running = Case::new("fund.use", Uuid::now_v7());
    step(&maker, &running, &lift()).await.unwrap();

    let package = registry::upload(&maker, &Key::default(), bytes(BAD_ALLOCATION).0.to_vec()).await.unwrap();
    assert_eq!((package.state.as_str(), package.tests.passed), ("tested", 1));
    let again = registry::upload(&checker, &Key::default(), bytes(BAD_ALLOCATION).0.to_vec()).await.unwrap();
    assert_eq!(again.digest, package.digest, "the same file again is the same package");
    let propose = |mode: &str| ProposeBinding {
        point: points::ALLOCATION_WEIGHTS.into(),
        digest: package.digest.clone(),
        params: Some(json!({ "mode": mode })),
        valid_from: None,
        reason: None,
    };
    let wrong = ProposeBinding { params: Some(json!({ "mode": 1, "x": 2 })), ..propose("") };
    let wrong = bound::propose(&maker, &Key::default(), wrong).await.unwrap_err();
    let pointers: Vec<&str> = wrong.errors().iter().map(|e| e.pointer.as_str()).collect();
    assert_eq!((wrong.status(), pointers), (422, vec!["/params/x", "/params/mode"]));

    let proposed = bound::propose(&maker, &Key::default(), propose("wrong_sum")).await.unwrap();
    assert_eq!(proposed.state, "proposed");
    assert_eq!(bound::approve(&maker, &Key::default(), proposed.id).await.unwrap_err().code(), "duty.same_person");
    let approved = bound::approve(&checker, &Key::default(), proposed.id).await.unwrap();
    assert_eq!(approved.state, "active");
    assert_eq!(bound::approve(&checker, &Key::default(), proposed.id).await.unwrap_err().code(), "plugin.binding.not_allowed");

    assert!(step(&maker, &running, &lift()).await.is_ok(), "pinned to the rule that it began with");
    let fresh = Case::new("fund.use", Uuid::now_v7());
    let problem = preview_allocate(&maker, maker.conn(), Some(&fresh), &lift()).await.unwrap_err();
    assert_eq!((problem.status(), problem.code()), (409, "plugin.result_sum"));
    assert_eq!(count(&maker, "plg_incident").await, 0, "a preview writes nothing");
    for _ in 0..2 {
        assert_eq!(step(&maker, &fresh, &lift()).await.unwrap_err().code(), "plugin.result_sum");
    }
    let incidents = open_incidents(&maker).await;
    assert_eq!(incidents.len(), 1, "one incident for a case and a code, however often it is tried");
    assert_eq!((incidents[0].code.as_str(), incidents[0].subject_id), ("plugin.result_sum", fresh.subject_id));

    // The person binds what works, closes the incident, and the case goes on.
    let good = bound::propose(&maker, &Key::default(), propose("good")).await.unwrap();
    bound::approve(&checker, &Key::default(), good.id).await.unwrap();
    assert_eq!(step(&maker, &fresh, &lift()).await.unwrap(), [10_000, 10_000, 8_000]);
    let done = incidents::ResolveIncident { resolution: "已换用正确参数".into() };
    let resolved = incidents::resolve(&checker, &Key::default(), incidents[0].id, done).await.unwrap();
    assert_eq!(resolved.state, "resolved");

    bound::suspend(&checker, &Key::default(), good.id).await.unwrap();
    assert_eq!(step(&maker, &fresh, &lift()).await.unwrap_err().code(), "plugin.no_binding");
}

#[tokio::test]
async fn what_a_package_is_refused_for_is_said_and_nothing_is_written() {
    let world = World::new().await;
    let ctx = world.manager(0);
    let before = count(&ctx, "plg_package").await;
    let problem = registry::upload(&ctx, &Key::default(), b"PK".to_vec()).await.unwrap_err();
    assert_eq!((problem.status(), problem.code()), (422, "plugin.archive_bad"));
    let mut other = crate::testing::Parts::of(crate::testing::VOTE);
    other.sign = false;
    let other = other.say("/version", json!("9.0.0")).pack();
    assert_eq!(registry::upload(&ctx, &Key::default(), other.0.to_vec()).await.unwrap_err().code(), "plugin.unsigned");
    let reused = crate::testing::Parts::of(crate::testing::VOTE).say("/author", json!("x")).pack();
    assert_eq!(registry::upload(&ctx, &Key::default(), reused.0.to_vec()).await.unwrap_err().code(), "plugin.version_reused");
    assert_eq!(count(&ctx, "plg_package").await, before);
    let stranger = Ctx { actor: Actor { role: "fund_clerk".into(), ..ctx.actor.clone() }, ..ctx.clone() };
    assert_eq!(registry::upload(&stranger, &Key::default(), vec![]).await.unwrap_err().status(), 403);
}
