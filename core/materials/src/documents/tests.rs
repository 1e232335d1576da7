use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use linli_kernel::{AccountId, Clock, Locale, PageQuery, Problem, SessionId};
use linli_runtime::{Change, Key, Sql, Tx, crypto::sha256_hex, values};
use linli_tenants::{
    Actor, ActorKind, App, AppConfig, Ctx, PlatformCtx, Ports, Report, Scope, Subject, SubjectState,
    platform::tenants::{Administrator, Administrators, TenantCreate},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::ArchiveFile;

/// A thing that the accounts in `who` may see.
#[derive(Default)]
struct Thing {
    who: Mutex<HashSet<AccountId>>,
}

#[async_trait]
impl Subject for Thing {
    fn kind(&self) -> &'static str {
        "test.thing"
    }
    async fn may_see(&self, ctx: &Ctx, _: Uuid) -> Result<bool, Problem> {
        Ok(ctx.actor.account_id.is_some_and(|a| self.who.lock().unwrap().contains(&a)))
    }
    async fn state(&self, _: &Tx, _: Uuid) -> Result<SubjectState, Problem> {
        Err(Problem::not_found())
    }
    async fn report(&self, _: &Ctx, _: &Tx, _: Uuid, _: &Report) -> Result<Value, Problem> {
        Err(Problem::not_found())
    }
}

struct World {
    system: Ctx,
    thing: Arc<Thing>,
}

impl World {
    /// A city in a folder of its own.
    async fn new(name: &str) -> World {
        let folder = std::env::temp_dir().join(format!("linli-materials-{name}-{}", Uuid::now_v7()));
        let clock = Arc::new(Clock::simulated("2026-11-23T08:00:00Z".parse().unwrap()));
        let thing = Arc::new(Thing::default());
        let mut ports = Ports::default();
        ports.add_subject(thing.clone());
        let app = App::start(AppConfig::embedded(folder, "http://127.0.0.1:8080", clock), ports).await.unwrap();
        let who = |login: &str| Administrator { login_name: login.into(), name: "管理员".into(), mail: None };
        let cmd = TenantCreate {
            slug: "binhai".into(),
            name: "滨海市".into(),
            area_code: "379900000000".into(),
            pack: "binhai".into(),
            database: None,
            administrators: Administrators { sys_admin: who("sys"), sec_admin: who("sec"), audit_admin: who("aud") },
        };
        let operator = PlatformCtx {
            app: app.clone(),
            account_id: AccountId::new(),
            session_id: SessionId::new(),
            locale: Locale::Zh,
            request_id: "test".into(),
        };
        linli_tenants::platform::tenants::create(&operator, &Key::default(), cmd).await.unwrap();
        let tenant = app.tenant("binhai").await.unwrap();
        World { system: Ctx::system(&app, &tenant, "test"), thing }
    }
    fn actor(&self, kind: ActorKind, role: &str) -> Ctx {
        let account_id = Some(AccountId::new());
        let actor = Actor { kind, account_id, person_id: None, session_id: None, post_id: None, role: role.into() };
        Ctx { actor, scope: Scope::Tenant, ..self.system.clone() }
    }
    fn clerk(&self) -> Ctx {
        self.actor(ActorKind::Official, "fund_clerk")
    }
    fn lets_see(&self, ctx: &Ctx) {
        self.thing.who.lock().unwrap().extend(ctx.actor.account_id);
    }
    async fn attach(&self, ctx: &Ctx, ids: &[DocumentId], thing: Uuid) -> Result<(), Problem> {
        ctx.tx("test.attach", &Key::default(), async |tx| {
            attach(ctx, tx, ids, "test.thing", thing).await?;
            tx.event(Change::new("test.attached", "test.thing", thing)).await?;
            Ok(())
        })
        .await
    }
    async fn alter(&self, sql: &str) {
        self.system
            .tx("test.alter", &Key::default(), async |tx| {
                tx.conn().exec(sql, values![]).await?;
                tx.event(Change::new("test.altered", "test.thing", Uuid::nil())).await?;
                Ok(())
            })
            .await
            .unwrap();
    }
    async fn count(&self, sql: &str) -> i64 {
        self.system.conn().scalar(sql, values![]).await.unwrap().unwrap()
    }
}

fn pdf(text: &str) -> NewFile {
    NewFile {
        kind: "contract".into(),
        title: "合同".into(),
        file_name: "合同.pdf".into(),
        media_type: Some("application/pdf".into()),
        bytes: format!("%PDF-1.4\n{text}").into_bytes(),
    }
}

#[tokio::test]
async fn a_document_is_its_uploaders_until_it_is_attached_to_a_thing_that_others_may_see() {
    let w = World::new("readers").await;
    let (clerk, other) = (w.clerk(), w.clerk());
    let made = create(&clerk, &Key::default(), pdf("1")).await.unwrap();
    let file = pdf("1").bytes;
    assert_eq!((made.size, &made.sha256, made.scan_state), (file.len() as i64, &sha256_hex(&file), ScanState::Clean));
    assert_eq!(get(&clerk, made.id).await.unwrap(), made);
    assert_eq!(content(&clerk, made.id).await.unwrap().bytes, file);
    for refused in [get(&other, made.id).await.err(), content(&other, made.id).await.err(), get(&other, DocumentId::new()).await.err()] {
        assert_eq!(refused.unwrap().code(), "not_found");
    }
    let thing = Uuid::now_v7();
    w.attach(&clerk, &[made.id], thing).await.unwrap();
    assert!(get(&other, made.id).await.is_err());
    w.lets_see(&other);
    assert_eq!(bytes(&other, made.id).await.unwrap(), file);
    let page = PageQuery { page: None, page_size: None };
    assert_eq!(list(&other, "test.thing", thing, page).await.unwrap().items, std::slice::from_ref(&made));
    assert_eq!(list(&clerk, "test.thing", thing, page).await.unwrap_err().code(), "not_found");
    assert_eq!(list_of(&clerk, clerk.conn(), "test.thing", thing).await.unwrap(), [made]);
}

#[tokio::test]
async fn who_may_not_read_a_document_does_not_open_it_by_attaching_it() {
    let w = World::new("attach").await;
    let (clerk, thief) = (w.clerk(), w.clerk());
    let made = create(&clerk, &Key::default(), pdf("1")).await.unwrap();
    w.lets_see(&thief);
    assert_eq!(w.attach(&thief, &[made.id], Uuid::now_v7()).await.unwrap_err().code(), "not_found");
    assert_eq!(w.count("select count(*) as v from document_link").await, 0);
}

#[tokio::test]
async fn the_same_bytes_are_kept_once_and_the_same_key_makes_one_document() {
    let w = World::new("once").await;
    let clerk = w.clerk();
    let key = Key { text: Some("k".into()), digest: "d".into(), forever: false };
    let first = create(&clerk, &key, pdf("1")).await.unwrap();
    assert_eq!(create(&clerk, &key, pdf("1")).await.unwrap(), first);
    let second = create(&clerk, &Key::default(), pdf("1")).await.unwrap();
    assert_ne!(first.id, second.id);
    assert_eq!((w.count("select count(*) as v from document").await, w.count("select count(*) as v from blob").await), (2, 1));
    assert_eq!(w.system.app.store.list(w.system.tenant.id).await.unwrap(), [first.sha256]);
}

#[tokio::test]
async fn every_wrong_field_is_named_at_once_and_nothing_is_written() {
    let w = World::new("wrong").await;
    let clerk = w.clerk();
    let wrong = NewFile { kind: "nonsense".into(), title: "长".repeat(201), bytes: Vec::new(), ..pdf("") };
    let problem = create(&clerk, &Key::default(), wrong).await.unwrap_err();
    let pointers: Vec<&str> = problem.errors().iter().map(|e| e.pointer.as_str()).collect();
    assert_eq!((problem.status(), pointers), (422, vec!["/title", "/kind", "/file"]));
    let large = NewFile { bytes: vec![b'%'; MAX_BYTES + 1], ..pdf("") };
    assert_eq!(create(&clerk, &Key::default(), large).await.unwrap_err().status(), 413);
    let liar = NewFile { bytes: b"MZ".to_vec(), ..pdf("") };
    assert_eq!(create(&clerk, &Key::default(), liar).await.unwrap_err().code(), "document.type_mismatch");
    assert_eq!(w.count("select count(*) as v from document").await, 0);
    assert!(w.system.app.store.list(w.system.tenant.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn bytes_that_were_altered_or_are_not_clean_never_leave() {
    let w = World::new("altered").await;
    let clerk = w.clerk();
    let made = create(&clerk, &Key::default(), pdf("1")).await.unwrap();
    w.alter("update document set scan_state = 'infected'").await;
    assert_eq!(content(&clerk, made.id).await.unwrap_err().code(), "document.not_clean");
    assert_eq!(w.attach(&clerk, &[made.id], Uuid::now_v7()).await.unwrap_err().code(), "document.not_clean");
    w.alter("update document set scan_state = 'clean'").await;
    let (store, tenant) = (&w.system.app.store, w.system.tenant.id);
    store.delete(tenant, &made.sha256).await.unwrap();
    assert_eq!(content(&clerk, made.id).await.unwrap_err().status(), 500);
    store.put(tenant, &made.sha256, b"%PDF-1.4\nanother".to_vec()).await.unwrap();
    assert_eq!(content(&clerk, made.id).await.unwrap_err().status(), 500);
}

#[tokio::test]
async fn an_officials_read_is_an_event_and_a_persons_is_not() {
    let w = World::new("read").await;
    let (clerk, person) = (w.clerk(), w.actor(ActorKind::Person, "person"));
    let a = create(&clerk, &Key::default(), pdf("1")).await.unwrap();
    let b = create(&person, &Key::default(), pdf("2")).await.unwrap();
    content(&person, b.id).await.unwrap();
    let reads = "select count(*) as v from event where kind = 'document.read'";
    assert_eq!(w.count(reads).await, 0);
    content(&clerk, a.id).await.unwrap();
    assert_eq!((w.count(reads).await, w.count("select count(*) as v from event where kind = 'document.stored'").await), (1, 2));
}

#[tokio::test]
async fn an_archive_is_one_locked_document_of_all_papers_for_the_readers_of_the_case() {
    let w = World::new("archive").await;
    let (clerk, other) = (w.clerk(), w.clerk());
    let thing = Uuid::now_v7();
    let mut ids = Vec::new();
    for n in 0..3 {
        ids.push(create(&clerk, &Key::default(), pdf(&n.to_string())).await.unwrap().id);
    }
    w.attach(&clerk, &ids[..2], thing).await.unwrap();
    let files = vec![
        ArchiveFile::Document(ids[0]),
        ArchiveFile::Document(ids[2]),
        ArchiveFile::Made { name: "shares.csv".into(), bytes: b"a,b".to_vec() },
    ];
    let sealed = clerk
        .tx("test.archive", &Key::default(), async |tx| {
            archive(&clerk, tx, "test.thing", thing, "归档包", json!({ "no": "1" }), files.clone()).await
        })
        .await
        .unwrap();
    assert_eq!(sealed.files, 4);
    w.lets_see(&other);
    let package = content(&other, sealed.document_id).await.unwrap();
    assert_eq!((sha256_hex(&package.bytes), package.view.media_type.as_str()), (sealed.sha256, "application/zip"));
    assert_eq!(w.count("select count(*) as v from document where state = 'locked'").await, 1);
}
