use linli_kernel::Problem;
use linli_runtime::{Author, Change, Key, ScopeIds, Sql, values};

use crate::{
    feed::{self, AuditVerify, FeedQuery},
    posts, settings,
    testing::{World, tenant_create},
};

#[tokio::test]
async fn a_tenant_comes_with_its_pack_and_three_administrators() {
    let (world, view) = World::with_tenant().await;
    assert_eq!(view.state, "active");
    let mut roles: Vec<&str> = view.invitations.iter().map(|i| i.role.as_str()).collect();
    roles.sort_unstable();
    assert_eq!(roles, ["audit_admin", "sec_admin", "sys_admin"]);
    let sys = world.act("sys").await;
    assert_eq!(sys.actor.role, "sys_admin");
    assert!(sys.may("post:create") && !sys.may("post:approve"));
    let districts = crate::areas::list(&sys, &crate::areas::AreaQuery { level: Some("district".into()), ..Default::default() }).await;
    assert_eq!(districts.expect("areas").total, 2);
    assert!(sys.calendar().is_working(sys.today()).is_ok());
    assert_eq!(settings::one(&sys, "fund.shortfall").await.expect("a setting").origin, "pack");
    assert_eq!(settings::one(&sys, "fund.overrun_percent").await.expect("a setting").origin, "platform");
}

#[tokio::test]
async fn a_slug_is_taken_once_and_a_failed_try_leaves_it_free() {
    let world = World::empty().await;
    let mut wrong = tenant_create(&world.app, "test-city");
    wrong.area_code = "350100000000".into();
    let refused = super::create(&world.app, Author::system("test"), &Key::default(), wrong).await.expect_err("another city's code");
    assert_eq!(refused.code(), "tenant.area_not_of_pack");
    assert_eq!(std::fs::read_dir(world.app.config.data_dir.join("tenants")).expect("the folder").count(), 0);
    world.make("test-city").await.expect("the slug is free");
    assert_eq!(world.make("test-city").await.expect_err("taken").code(), "platform.tenant.slug_taken");
    assert_eq!(world.make("Bad_Slug").await.expect_err("no slug").status(), 422);
}

#[tokio::test]
async fn a_repeated_request_answers_the_first_tenant_without_its_secrets() {
    let world = World::empty().await;
    let key = Key { text: Some("k-1".into()), digest: "d".into(), forever: false };
    let make = || super::create(&world.app, Author::system("test"), &key, tenant_create(&world.app, "test-city"));
    let (first, second) = (make().await.expect("made"), make().await.expect("replayed"));
    assert_eq!(first.id, second.id);
    assert!(first.invitations.iter().all(|i| i.token.is_some()));
    assert!(second.invitations.len() == 3 && second.invitations.iter().all(|i| i.token.is_none()));
}

#[tokio::test]
async fn an_invitation_is_good_once_and_only_until_it_expires() {
    let world = World::empty().await;
    let view = world.make("test-city").await.expect("a tenant");
    let token = view.invitations[0].token.clone();
    assert_eq!(world.accept(token.clone()).await.expect("accepted"), view.invitations[0].login_name);
    assert_eq!(world.accept(token).await.expect_err("used").status(), 410);
    assert_eq!(world.accept(Some("nobody's".into())).await.expect_err("unknown").status(), 404);
    let later = world.app.clock.now().plus_seconds(8 * 86_400);
    world.app.clock.advance(later).expect("forward");
    assert_eq!(world.accept(view.invitations[1].token.clone()).await.expect_err("too late").code(), "invitation.expired");
}

#[tokio::test]
async fn a_post_needs_two_administrators_and_an_administrator_has_no_other() -> Result<(), Problem> {
    let (world, _) = World::with_tenant().await;
    let clerk = world.official("clerk").await;
    let post = world.propose(&clerk, "fund_clerk", "area").await?;
    assert_eq!(post.state, "proposed");
    let (sys, sec) = (world.act("sys").await, world.act("sec").await);
    assert_eq!(posts::approve(&sys, &Key::default(), post.post.id).await.expect_err("proposes only").status(), 403);
    assert_eq!(posts::approve(&sec, &Key::default(), post.post.id).await?.state, "active");
    assert_eq!(posts::approve(&sec, &Key::default(), post.post.id).await.expect_err("twice").code(), "post.not_allowed");
    assert_eq!(world.propose(&clerk, "audit_admin", "none").await.expect_err("exclusive").code(), "post.duty_exclusive");
    assert_eq!(world.propose(&clerk, "fund_clerk", "none").await.expect_err("not its scope").code(), "post.scope_kind");
    assert_eq!(world.act("clerk").await.actor.role, "fund_clerk");
    assert_eq!(posts::end(&sys, &Key::default(), post.post.id).await?.state, "ended");
    assert_eq!(world.act("clerk").await.actor.role, "none");
    // with no live post left the account may become an administrator
    world.propose(&clerk, "audit_admin", "none").await?;
    Ok(())
}

#[tokio::test]
async fn the_database_itself_refuses_a_second_duty() -> Result<(), Problem> {
    let (world, _) = World::with_tenant().await;
    let clerk = world.official("clerk").await;
    world.propose(&clerk, "fund_clerk", "area").await?;
    let tenant = world.app.tenant(&world.slug).await?;
    let tx = tenant.db.begin().await?;
    let sql = "insert into post (id, account_id, role, duty, scope_kind, from_on, state, created_at)
               values ($1, $2, 'sec_admin', 'sec_admin', 'none', '2026-11-16', 'active', 0)";
    assert!(tx.exec(sql, values![uuid::Uuid::now_v7(), clerk.id]).await.is_err());
    let sql = "insert into post (id, account_id, role, duty, scope_kind, from_on, state, created_at)
               values ($1, $2, 'sec_admin', 'business', 'none', '2026-11-16', 'active', 0)";
    assert!(tx.exec(sql, values![uuid::Uuid::now_v7(), clerk.id]).await.is_err());
    Ok(())
}

#[tokio::test]
async fn everything_above_is_in_the_log_and_the_log_verifies() -> Result<(), Problem> {
    let (world, _) = World::with_tenant().await;
    world.official("clerk").await;
    let aud = world.act("aud").await;
    let feed = feed::audit_events(&aud, &FeedQuery { after: Some("0".into()), limit: Some(1000) }).await?;
    let numbers: Vec<i64> = feed.items.iter().filter_map(|e| e["seq"].as_i64()).collect();
    assert_eq!(numbers, (1..=feed.items.len() as i64).collect::<Vec<_>>());
    for event in &feed.items {
        assert_eq!(event["source"], "//linli/test-city");
        assert!(!event.to_string().contains("clerk"), "no name in an event: {event}");
    }
    let kinds: Vec<&str> = feed.items.iter().filter_map(|e| e["type"].as_str()).collect();
    for kind in ["pack.installed", "invitation.accepted", "session.created", "account.created", "post.approved"] {
        assert!(kinds.contains(&kind), "{kind}");
    }
    let proof = feed::verify(&aud, &Key::default(), AuditVerify::default()).await?;
    assert!(proof.ok && proof.to_seq >= feed.items.len() as i64 && proof.checkpoint.is_some());
    assert!(feed::verify(&world.act("sys").await, &Key::default(), AuditVerify::default()).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_reader_of_a_part_sees_its_events_only_and_no_numbers() -> Result<(), Problem> {
    let (world, _) = World::with_tenant().await;
    let clerk = world.official("clerk").await;
    let post = world.propose(&clerk, "fund_clerk", "area").await?;
    posts::approve(&world.act("sec").await, &Key::default(), post.post.id).await?;
    let clerk = world.act("clerk").await;
    for path in [format!("{}379901/", clerk.tenant.area_path), "35/3501/".into(), format!("{}379902/", clerk.tenant.area_path)] {
        let scope = ScopeIds { area_path: Some(path), ..ScopeIds::default() };
        clerk
            .tx("test.write", &Key::default(), async |tx| {
                tx.event(Change::new("test.written", "test", uuid::Uuid::now_v7()).scope(scope)).await.map(|_| ())
            })
            .await?;
    }
    let one = |after: String| FeedQuery { after: Some(after), limit: Some(1) };
    let first = feed::events(&clerk, &one("0".into())).await?;
    let second = feed::events(&clerk, &one(first.next.clone())).await?;
    let third = feed::events(&clerk, &one(second.next.clone())).await?;
    assert_eq!((first.items.len(), second.items.len(), third.items.len()), (1, 1, 0));
    assert!(first.items[0].get("seq").is_none() && second.items[0]["type"] == "test.written");
    assert!(first.next.parse::<i64>().is_err(), "the cursor tells no number");
    assert_eq!(feed::events(&clerk, &one("17".into())).await.expect_err("not one of ours").status(), 422);
    Ok(())
}
