//! A city with a flow, some officials and one thing to decide, on SQLite and, where a server runs, on PostgreSQL.
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use async_trait::async_trait;
use linli_kernel::{AccountId, Clock, DocumentId, InstanceId, Locale, PostId, Problem, Timestamp};
use linli_runtime::{Key, ScopeIds, Sql, Tx, values};
use linli_tenants::{
    Actor, ActorKind, App, AppConfig, Ctx, Ports, Report, Scope, Subject, SubjectState, Tenant,
    platform::{
        cells::Database,
        tenants::{Administrator, Administrators, TenantCreate, create_at_start},
    },
};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{InstanceView, Start, TaskQuery, TaskView, install_definition, resubmit, start, tasks};
use crate::{Papers, TopicHandler, Topics};

pub const FLOW: &str = include_str!("../../../../tenants/packs/binhai/flows/fund-use.bpmn");
const COMMUNITY: &str = "37/3799/379901/379901001/379901001001/";

/// The thing that the flow decides about.
#[derive(Default)]
pub struct Thing {
    pub accepted: AtomicU32,
    pub refuses: AtomicBool,
    held: AtomicBool,
    reports: Mutex<Vec<String>>,
    papers: Mutex<BTreeMap<Uuid, String>>,
}

impl Thing {
    pub fn reports(&self) -> Vec<String> {
        self.reports.lock().expect("not poisoned").clone()
    }
}

struct ThingSubject(Arc<Thing>);

#[async_trait]
impl Subject for ThingSubject {
    fn kind(&self) -> &'static str {
        "test.thing"
    }
    async fn may_see(&self, _: &Ctx, _: Uuid) -> Result<bool, Problem> {
        Ok(true)
    }
    async fn state(&self, _: &Tx, _: Uuid) -> Result<SubjectState, Problem> {
        let state = if self.0.held.load(Ordering::SeqCst) { "filed" } else { "in_review" };
        Ok(SubjectState { no: None, title: "电梯大修".into(), state: state.into(), scope: ScopeIds::default(), facts: Value::Null })
    }
    async fn report(&self, _: &Ctx, _: &Tx, _: Uuid, what: &Report) -> Result<Value, Problem> {
        let text = match what {
            Report::Returned { opinion } => format!("returned: {opinion}"),
            Report::Rejected { opinion, reason } => format!("rejected: {opinion} {}", reason.as_deref().unwrap_or_default()),
            Report::Withdrawn => "withdrawn".to_owned(),
            other => format!("{other:?}"),
        };
        self.0.reports.lock().expect("not poisoned").push(text);
        Ok(Value::Null)
    }
}

struct Topic(&'static str, Arc<Thing>);

#[async_trait]
impl TopicHandler for Topic {
    fn topic(&self) -> &'static str {
        self.0
    }
    async fn run(&self, _: &Ctx, _: &Tx, _: Uuid) -> Result<(), Problem> {
        if self.0 == "fund.use.accept" {
            self.1.accepted.fetch_add(1, Ordering::SeqCst);
            return Ok(());
        }
        if self.1.refuses.load(Ordering::SeqCst) {
            return Err(Problem::new(409, "fund.insufficient_balance", "余额不足", "Not enough"));
        }
        self.1.held.store(true, Ordering::SeqCst);
        Ok(())
    }
}

struct Drawer(Arc<Thing>);

#[async_trait]
impl Papers for Drawer {
    async fn bytes(&self, _: &Ctx, id: DocumentId) -> Result<Vec<u8>, Problem> {
        let papers = self.0.papers.lock().expect("not poisoned");
        papers.get(&id.into()).map(|t| t.clone().into_bytes()).ok_or_else(Problem::not_found)
    }
}

pub struct World {
    app: Arc<App>,
    tenant: Arc<Tenant>,
    pub thing: Arc<Thing>,
    people: BTreeMap<&'static str, (AccountId, &'static str, Scope)>,
    folder: PathBuf,
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The same promise is kept on every store that is there.
pub async fn worlds() -> Vec<World> {
    let mut all = vec![World::sqlite().await];
    #[allow(clippy::disallowed_methods)] // the test's own setting
    if let Ok(url) = std::env::var("LINLI_TEST_POSTGRES") {
        all.push(World::new(Some(url)).await);
    }
    all
}

impl World {
    pub async fn sqlite() -> World {
        World::new(None).await
    }

    async fn new(postgres: Option<String>) -> World {
        let thing = Arc::new(Thing::default());
        let mut ports = Ports::default();
        ports.add_subject(Arc::new(ThingSubject(thing.clone())));
        let mut topics = Topics::default();
        topics.add(Arc::new(Topic("fund.use.accept", thing.clone())));
        topics.add(Arc::new(Topic("fund.use.hold", thing.clone())));
        ports.add(topics);
        let papers: Arc<dyn Papers> = Arc::new(Drawer(thing.clone()));
        ports.add(papers);

        let folder = std::env::temp_dir().join(format!("linli-workflow-{}", Uuid::now_v7()));
        let clock = Arc::new(Clock::simulated("2026-11-16T01:00:00Z".parse().expect("an instant")));
        let mut config = AppConfig::embedded(&folder, "http://127.0.0.1:8080", clock);
        config.postgres_admin.clone_from(&postgres);
        let app = App::start(config, ports).await.expect("starts");
        let admin = |login: &str| Administrator { login_name: login.into(), name: login.into(), mail: None };
        let head = app.packs.list().into_iter().next().expect("a shipped pack");
        let slug = format!("t{}", &Uuid::now_v7().simple().to_string()[20..]);
        let create = TenantCreate {
            slug: slug.clone(),
            name: head.name,
            area_code: head.area_code,
            pack: head.code,
            database: postgres.map(|_| Database::Postgres),
            administrators: Administrators { sys_admin: admin("sys"), sec_admin: admin("sec"), audit_admin: admin("aud") },
        };
        create_at_start(&app, create).await.expect("a tenant");
        let tenant = app.tenant(&slug).await.expect("the tenant");
        let mut world = World { app, tenant, thing, people: BTreeMap::new(), folder };
        world.settle().await;
        world
    }

    /// The flow, and people with their posts.
    async fn settle(&mut self) {
        let ctx = self.system();
        ctx.tx("test.flow", &Key::default(), async |tx| install_definition(&ctx, tx, FLOW).await).await.expect("a flow");
        let (city, district) = ("37/3799/", "37/3799/379901/");
        for (who, role, area) in [
            ("clerk", "fund_clerk", Some(city)),
            ("clerk_b", "fund_clerk", Some(city)),
            ("district_clerk", "fund_clerk", Some(district)),
            ("other_district", "fund_clerk", Some("37/3799/379902/")),
            ("reviewer", "fund_reviewer", Some(city)),
            ("reviewer_b", "fund_reviewer", Some(city)),
            ("approver", "fund_approver", Some(city)),
            ("chair", "committee_chair", None),
            ("designer", "flow_designer", None),
            ("designer_b", "flow_designer", None),
        ] {
            let account = self.official(who, role, area).await;
            let scope = area.map_or(Scope::None, |a| Scope::Area(a.to_owned()));
            self.people.insert(who, (account, role, scope));
        }
    }
    async fn official(&self, name: &str, role: &str, area: Option<&str>) -> AccountId {
        let (account, now) = (AccountId::new(), self.app.clock.now());
        let tx = self.tenant.db().begin().await.expect("begins");
        let new = "insert into account (id, login_name, kind, name, assurance, state, created_at) values ($1, $2, 'official', $2, 3, 'active', $3)";
        tx.exec(new, values![account, name, now]).await.expect("an account");
        if let Some(area) = area {
            tx.exec("insert into account_duty (account_id, duty) values ($1, 'business')", values![account]).await.expect("a duty");
            let post = "insert into post (id, account_id, role, duty, scope_kind, area_code, area_path, from_on, state, created_at)
                        values ($1, $2, $3, 'business', 'area', 'x', $4, '2026-01-01', 'active', $5)";
            tx.exec(post, values![PostId::new(), account, role, area, now]).await.expect("a post");
        }
        tx.commit().await.expect("commits");
        account
    }

    pub fn account(&self, who: &str) -> AccountId {
        self.people[who].0
    }
    pub fn ctx(&self, who: &str) -> Ctx {
        let (account, role, scope) = self.people[who].clone();
        let actor = Actor {
            kind: ActorKind::Official,
            account_id: Some(account),
            person_id: None,
            session_id: None,
            post_id: None,
            role: role.to_owned(),
        };
        Ctx { app: self.app.clone(), tenant: self.tenant.clone(), actor, scope, locale: Locale::Zh, request_id: "test".into() }
    }
    pub fn system(&self) -> Ctx {
        Ctx::system(&self.app, &self.tenant, "test")
    }
    pub fn later(&self, days: i64) {
        let to: Timestamp = self.app.clock.now().plus_seconds(days * 86_400);
        self.app.clock.advance(to).expect("a simulated clock");
    }
    pub fn paper(&self, text: String) -> DocumentId {
        let id = DocumentId::new();
        self.thing.papers.lock().expect("not poisoned").insert(id.into(), text);
        id
    }

    pub async fn start(&self) -> InstanceView {
        self.start_for(Uuid::now_v7()).await
    }
    pub async fn start_for(&self, subject_id: Uuid) -> InstanceView {
        let ctx = self.ctx("chair");
        let new = || Start {
            definition_key: "fund-use",
            subject_kind: "test.thing",
            subject_id,
            subject_no: Some("37990020261116000001X".into()),
            title: "电梯大修".into(),
            applicant: self.account("chair"),
            scope: ScopeIds { area_path: Some(COMMUNITY.into()), ..ScopeIds::default() },
            facts: json!({ "budget": "120000.00" }),
        };
        let key = Key::default();
        ctx.tx("test.start", &key, async |tx| start(&ctx, tx, new()).await).await.expect("starts")
    }
    pub async fn resubmit(&self, id: InstanceId) {
        let ctx = self.ctx("chair");
        let key = Key::default();
        let again = ctx.tx("test.resubmit", &key, async |tx| resubmit(&ctx, tx, id, json!({ "budget": "120000.00" })).await);
        again.await.expect("resubmits");
    }
    pub async fn todo(&self, who: &str) -> Vec<TaskView> {
        tasks(&self.ctx(who), &TaskQuery::default()).await.expect("a list").items
    }
    pub async fn task(&self, who: &str, node: &str) -> TaskView {
        let all = self.todo(who).await;
        all.iter().find(|t| t.node == node).cloned().unwrap_or_else(|| panic!("{who} has no {node}: {all:?}"))
    }
    /// A change that no use case makes.
    pub async fn behind_the_back(&self, sql: &str) {
        let tx = self.tenant.db().begin().await.expect("begins");
        for verb in ["update", "delete"] {
            tx.execute_unprepared(&format!("drop trigger if exists wf_event_no_{verb}")).await.expect("drops");
        }
        assert!(tx.exec(sql, values![]).await.expect("changes") > 0, "{sql} changed nothing");
        tx.commit().await.expect("commits");
    }
}
