use linli_kernel::Problem;
use linli_runtime::{Key, Sql, values};

use super::{SessionPost, choose_post};
use crate::{
    Scope, accounts, posts, sessions,
    testing::{PASSWORD, World},
};

async fn exec(world: &World, sql: &str) {
    let tenant = world.app.tenant(&world.slug).await.expect("the tenant");
    let tx = tenant.db.begin().await.expect("a transaction");
    tx.exec(sql, values![]).await.expect("changed");
    tx.commit().await.expect("committed");
}

#[tokio::test]
async fn five_failures_lock_the_account_and_an_unknown_name_reads_the_same() {
    let (world, _) = World::with_tenant().await;
    let unknown = world.sign_in("nobody", "wrong").await.expect_err("refused");
    assert_eq!((unknown.status(), unknown.code()), (401, "identity.login_failed"));
    for _ in 0..5 {
        let wrong = world.sign_in("sys", "wrong").await.expect_err("refused");
        assert_eq!((wrong.status(), wrong.code(), wrong.to_string()), (401, unknown.code(), unknown.to_string()));
    }
    assert_eq!(world.sign_in("sys", PASSWORD).await.expect_err("locked").code(), "identity.login_failed");
    // the lock ends on the machine's clock, not on the simulated one
    world.app.clock.advance(world.app.clock.now().plus_seconds(3600)).expect("forward");
    assert!(world.sign_in("sys", PASSWORD).await.is_err());
    exec(&world, "update account set locked_until = 1 where login_name = 'sys'").await;
    assert!(world.sign_in("sys", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn four_failures_and_a_success_begin_anew() {
    let (world, _) = World::with_tenant().await;
    for _ in 0..2 {
        for _ in 0..4 {
            assert!(world.sign_in("sys", "wrong").await.is_err());
        }
        assert!(world.sign_in("sys", PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn an_administrator_unlocks_before_the_time() -> Result<(), Problem> {
    let (world, _) = World::with_tenant().await;
    let clerk = world.official("clerk").await;
    for _ in 0..5 {
        assert!(world.sign_in("clerk", "wrong").await.is_err());
    }
    let sys = world.act("sys").await;
    assert_eq!(accounts::get(&sys, clerk.id).await?.state, "locked");
    assert_eq!(accounts::unlock(&sys, &Key::default(), clerk.id).await?.state, "active");
    assert!(world.sign_in("clerk", PASSWORD).await.is_ok());
    Ok(())
}

#[tokio::test]
async fn a_session_ends_when_idle_when_old_and_when_its_account_is_stopped() -> Result<(), Problem> {
    let (world, _) = World::with_tenant().await;
    let clerk = world.official("clerk").await;
    let token = world.sign_in("clerk", PASSWORD).await?.token.expect("a token");
    assert!(world.by_token(&token).await.is_some());
    assert!(world.by_token("another").await.is_none());
    let stay = "update session set last_seen_at = last_seen_at - 1795000000";
    exec(&world, stay).await; // 29:55 min idle
    assert!(world.by_token(&token).await.is_some());
    // the row is touched beside that request: age it again, twice as much
    exec(&world, "update session set last_seen_at = 1").await;
    assert!(world.by_token(&token).await.is_none());

    let token = world.sign_in("clerk", PASSWORD).await?.token.expect("a token");
    exec(&world, "update session set expires_at = 1").await;
    assert!(world.by_token(&token).await.is_none());

    let token = world.sign_in("clerk", PASSWORD).await?.token.expect("a token");
    let sys = world.act("sys").await;
    accounts::suspend(&sys, &Key::default(), clerk.id, Default::default()).await?;
    assert!(world.by_token(&token).await.is_none());
    assert!(world.sign_in("clerk", PASSWORD).await.is_err());
    assert_eq!(accounts::resume(&sys, &Key::default(), clerk.id).await?.state, "active");
    assert!(world.by_token(&token).await.is_none(), "the old session does not come back");
    Ok(())
}

#[tokio::test]
async fn one_post_is_chosen_and_of_several_the_person_chooses_under_a_new_token() -> Result<(), Problem> {
    let (world, _) = World::with_tenant().await;
    let both = world.official("both").await;
    let sec = world.act("sec").await;
    let first = world.propose(&both, "fund_clerk", "area").await?;
    posts::approve(&sec, &Key::default(), first.post.id).await?;
    let session = world.sign_in("both", PASSWORD).await?;
    assert_eq!((session.post_id, session.role.as_str()), (Some(first.post.id), "fund_clerk"));
    let second = world.propose(&both, "fund_reviewer", "area").await?;
    posts::approve(&sec, &Key::default(), second.post.id).await?;

    let session = world.sign_in("both", PASSWORD).await?;
    assert_eq!((session.post_id, session.posts.len(), session.role.as_str()), (None, 2, "none"));
    let token = session.token.expect("a token");
    let ctx = world.by_token(&token).await.expect("a context");
    assert_eq!(ctx.scope, Scope::None);
    let held = sessions::authenticate(&ctx.tenant.db, &token, world.app.clock.machine()).await?.expect("live");
    let chosen = choose_post(&ctx, &held, SessionPost { post_id: Some(second.post.id) }).await?;
    let new = chosen.token.expect("a new token");
    assert_ne!(new, token);
    assert!(world.by_token(&token).await.is_none(), "the old token ends");
    let ctx = world.by_token(&new).await.expect("a context");
    assert_eq!(ctx.actor.role, "fund_reviewer");
    assert_eq!(ctx.scope, Scope::Area(ctx.tenant.area_path.clone()));
    Ok(())
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session() -> Result<(), Problem> {
    let (world, _) = World::with_tenant().await;
    let (a, b) = (world.sign_in("sys", PASSWORD).await?, world.sign_in("sys", PASSWORD).await?);
    let (a, b) = (a.token.expect("a token"), b.token.expect("a token"));
    let ctx = world.by_token(&a).await.expect("a context");
    let held = sessions::authenticate(&ctx.tenant.db, &a, world.app.clock.machine()).await?.expect("live");
    sessions::end_everywhere(&ctx, &held).await?;
    assert!(world.by_token(&a).await.is_none() && world.by_token(&b).await.is_none());
    Ok(())
}
