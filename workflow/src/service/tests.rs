//! The engine on its databases: one case through a shipped flow, races, refusals that leave nothing, clocks, and what `verify` sees.
mod world;

use std::sync::atomic::Ordering;

use linli_kernel::{Problem, TaskId};
use linli_runtime::{Key, Sql, values};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::core::{InstanceState, ResubmitMode};
use world::{World, worlds};

fn key() -> Key {
    Key::default()
}
fn approve_() -> Approve {
    Approve { opinion: Some("同意".into()), form: None }
}
fn back(to: &str, mode: ResubmitMode) -> Return {
    Return { to: to.into(), resubmit: Some(mode), opinion: "请补报价单".into() }
}
fn code<T: std::fmt::Debug>(result: Result<T, Problem>) -> (u16, String) {
    let problem = result.expect_err("refused");
    (problem.status(), problem.code().to_owned())
}

async fn decide(world: &World, who: &str, node: &str) -> Decided {
    let ctx = world.ctx(who);
    let task = world.task(who, node).await;
    if task.assignee.is_none() {
        claim(&ctx, &key(), task.id).await.expect("claims");
    }
    approve(&ctx, &key(), task.id, approve_()).await.expect("approves")
}

#[tokio::test]
async fn a_case_goes_through_the_flow_with_a_return_and_a_transfer() {
    for world in worlds().await {
        let started = world.start().await;
        assert_eq!(started.state, InstanceState::Running);
        assert_eq!(world.thing.accepted.load(Ordering::SeqCst), 1);
        // The pool of the first step sees it, nobody else does.
        assert!(world.todo("reviewer").await.is_empty() && world.todo("chair").await.is_empty());
        decide(&world, "clerk", "first_review").await;

        let task = world.task("reviewer", "second_review").await;
        let claimed = claim(&world.ctx("reviewer"), &key(), task.id).await.expect("claims");
        assert_eq!((claimed.state.as_str(), claimed.assignee), ("open", Some(world.account("reviewer"))));
        assert_eq!(code(claim(&world.ctx("reviewer_b"), &key(), task.id).await), (409, "workflow.task.already_claimed".into()));
        let returned = return_to(&world.ctx("reviewer"), &key(), task.id, back("applicant", ResubmitMode::Along)).await.expect("returns");
        assert_eq!((returned.task.state.as_str(), returned.instance.state), ("decided", InstanceState::Running));
        assert_eq!(world.thing.reports(), ["returned: 请补报价单"]);
        assert!(world.todo("clerk").await.is_empty() && world.todo("reviewer").await.is_empty());
        let mend = world.todo("chair").await;
        assert_eq!(mend.iter().map(|t| (t.kind.as_str(), t.allowed_actions.len())).collect::<Vec<_>>(), [("applicant", 0)]);

        world.resubmit(started.id).await;
        decide(&world, "clerk", "first_review").await;
        let task = world.task("reviewer", "second_review").await;
        claim(&world.ctx("reviewer"), &key(), task.id).await.expect("claims");
        let to = Transfer { account_id: world.account("reviewer_b"), reason: "休假".into() };
        transfer(&world.ctx("reviewer"), &key(), task.id, to).await.expect("transfers");
        assert!(world.todo("reviewer").await.is_empty());
        let stranger = Transfer { account_id: world.account("clerk"), reason: "x".into() };
        assert_eq!(
            code(transfer(&world.ctx("reviewer_b"), &key(), task.id, stranger).await),
            (422, "workflow.task.target_not_in_pool".into())
        );
        decide(&world, "reviewer_b", "second_review").await;
        let last = decide(&world, "approver", "approval").await;
        assert_eq!((last.instance.state, last.subject.state.as_str()), (InstanceState::Completed, "filed"));
        assert_eq!(
            code(approve(&world.ctx("approver"), &key(), last.task.id, approve_()).await),
            (409, "workflow.task.already_decided".into())
        );

        let lines = timeline(&world.ctx("clerk"), started.id).await.expect("a timeline").items;
        let kinds: Vec<&str> = lines.iter().map(|l| l.kind.as_str()).collect();
        assert_eq!(kinds.iter().filter(|k| **k == "task_decided").count(), 5);
        assert!(kinds.contains(&"started") && kinds.contains(&"resubmitted") && kinds.last() == Some(&"completed"), "{kinds:?}");
        let drawn = diagram(&world.ctx("clerk"), started.id).await.expect("a diagram");
        assert_eq!((drawn.done, drawn.active.len()), (vec!["first_review".to_owned(), "second_review".into(), "approval".into()], 0));
        let done = tasks(&world.ctx("clerk"), &TaskQuery { view: Some("done".into()), ..TaskQuery::default() }).await.expect("a list");
        assert_eq!((done.total, done.items[0].round), (2, 2));
        assert_eq!(verify(&world.system()).await.expect("looks"), None);
    }
}

#[tokio::test]
async fn a_topic_that_refuses_rolls_the_decision_back_whole() {
    for world in worlds().await {
        world.start().await;
        for (who, node) in [("clerk", "first_review"), ("reviewer", "second_review")] {
            decide(&world, who, node).await;
        }
        let task = world.task("approver", "approval").await;
        claim(&world.ctx("approver"), &key(), task.id).await.expect("claims");
        world.thing.refuses.store(true, Ordering::SeqCst);
        let refused = approve(&world.ctx("approver"), &key(), task.id, approve_()).await;
        assert_eq!(code(refused), (409, "fund.insufficient_balance".into()));
        assert_eq!(world.task("approver", "approval").await.state, "open");
        assert_eq!(verify(&world.system()).await.expect("looks"), None);
        world.thing.refuses.store(false, Ordering::SeqCst);
        assert_eq!(decide(&world, "approver", "approval").await.instance.state, InstanceState::Completed);
    }
}

#[tokio::test]
async fn who_does_not_see_the_place_gets_404_and_who_applied_or_has_another_role_403() {
    for world in worlds().await {
        let started = world.start().await;
        let id = world.task("clerk", "first_review").await.id;
        let unknown = claim(&world.ctx("clerk"), &key(), TaskId::new()).await;
        assert_eq!(code(unknown), code(claim(&world.ctx("other_district"), &key(), id).await));
        assert_eq!(code(timeline(&world.ctx("other_district"), started.id).await), (404, "not_found".into()));
        assert_eq!(code(explanation(&world.ctx("other_district"), id).await), (404, "not_found".into()));
        assert_eq!(code(approve(&world.ctx("reviewer"), &key(), id, approve_()).await), (403, "workflow.task.not_in_pool".into()));
        assert_eq!(code(approve(&world.ctx("chair"), &key(), id, approve_()).await), (403, "forbidden".into()));
        // The same person in an office of his own.
        let mut both = world.ctx("clerk");
        both.actor.account_id = Some(world.account("chair"));
        assert_eq!(code(approve(&both, &key(), id, approve_()).await), (403, "duty.same_person".into()));
        // A clerk of one district only does not belong to the city's pool, though he sees the place.
        assert_eq!(code(claim(&world.ctx("district_clerk"), &key(), id).await), (403, "workflow.task.not_in_pool".into()));
        assert!(world.todo("district_clerk").await.is_empty());
        let told = explanation(&world.ctx("clerk"), id).await.expect("explains");
        assert!(told.text.contains("first_review") || told.text.contains("初审"), "{}", told.text);
        assert_eq!(told.return_targets.iter().map(|t| t.to.as_str()).collect::<Vec<_>>(), ["applicant"]);
    }
}

#[tokio::test]
async fn fifty_claims_at_once_have_one_winner() {
    for world in worlds().await {
        world.start().await;
        let id = world.task("clerk", "first_review").await.id;
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let ctx = world.ctx("clerk");
            all.spawn(async move { claim(&ctx, &Key::default(), id).await.map_err(|p| p.code().to_owned()) });
        }
        let results = all.join_all().await;
        assert_eq!(results.iter().filter(|r| r.is_ok()).count(), 1);
        assert!(results.iter().filter_map(|r| r.as_ref().err()).all(|code| code == "workflow.task.already_claimed"), "{results:?}");
    }
}

#[tokio::test]
async fn the_same_key_gives_the_first_answer_and_one_row_of_history() {
    for world in worlds().await {
        let started = world.start().await;
        let id = world.task("clerk", "first_review").await.id;
        let ctx = world.ctx("clerk");
        claim(&ctx, &key(), id).await.expect("claims");
        let same = Key { text: Some("k-1".into()), digest: "d".into(), forever: false };
        let first = approve(&ctx, &same, id, approve_()).await.expect("approves");
        let second = approve(&ctx, &same, id, approve_()).await.expect("replays");
        assert_eq!(json!(first), json!(second));
        let rows: Option<i64> = ctx
            .conn()
            .scalar("select count(*) as v from wf_event where instance_id = $1 and kind = 'approve'", values![started.id])
            .await
            .expect("counts");
        assert_eq!(rows, Some(1));
    }
}

#[tokio::test]
async fn timers_remind_once_and_late_tasks_are_told_once() {
    for world in worlds().await {
        let started = world.start().await;
        let ctx = world.system();
        let count = async |sql: &str| ctx.conn().scalar::<i64>(sql, values![]).await.expect("counts").unwrap_or(0);
        const REMINDED: &str = "select count(*) as v from notice where template = 'case.due_soon'";
        const LATE: &str = "select count(*) as v from notice where template = 'case.overdue'";
        tick(&ctx).await.expect("ticks");
        assert_eq!(count(REMINDED).await, 0);
        world.later(5);
        for _ in 0..3 {
            tick(&ctx).await.expect("ticks");
        }
        // Two clerks hold the pool's post over the city.
        assert_eq!((count(REMINDED).await, count(LATE).await), (2, 0));
        world.later(5);
        for _ in 0..3 {
            tick(&ctx).await.expect("ticks");
        }
        assert_eq!((count(REMINDED).await, count(LATE).await), (2, 2));
        assert_eq!(counts(&world.ctx("clerk")).await.expect("counts").overdue, 1);
        decide(&world, "clerk", "first_review").await;
        assert_eq!(instance(&world.ctx("clerk"), started.id).await.expect("a view").state, InstanceState::Running);
        assert_eq!(verify(&ctx).await.expect("looks"), None);
    }
}

#[tokio::test]
async fn withdrawal_urging_and_copies() {
    for world in worlds().await {
        let started = world.start().await;
        urge(&world.ctx("chair"), &key(), started.id).await.expect("urges");
        assert_eq!(code(urge(&world.ctx("chair"), &key(), started.id).await), (409, "workflow.instance.urged_recently".into()));
        copy(&world.ctx("clerk"), &key(), started.id, Copy { account_ids: vec![world.account("other_district")] }).await.expect("copies");
        let copied =
            tasks(&world.ctx("other_district"), &TaskQuery { view: Some("copied".into()), ..TaskQuery::default() }).await.expect("a list");
        assert_eq!((copied.total, copied.items[0].allowed_actions.len()), (1, 0));
        timeline(&world.ctx("other_district"), started.id).await.expect("a copy lets read");
        assert_eq!(withdraw(&world.ctx("chair"), &key(), started.id).await.expect("withdraws").state, InstanceState::Withdrawn);
        assert_eq!(world.thing.reports(), ["withdrawn"]);
        let again = world.start().await;
        decide(&world, "clerk", "first_review").await;
        assert_eq!(code(withdraw(&world.ctx("chair"), &key(), again.id).await), (409, "workflow.instance.after_decision".into()));
        let task = world.task("reviewer", "second_review").await;
        claim(&world.ctx("reviewer"), &key(), task.id).await.expect("claims");
        let no = Reject { opinion: "不属于共用部位".into(), reason: Some("not_shared_part".into()) };
        let done = reject(&world.ctx("reviewer"), &key(), task.id, no).await.expect("rejects");
        assert_eq!(done.instance.state, InstanceState::Rejected);
        assert_eq!(world.thing.reports(), ["withdrawn", "rejected: 不属于共用部位 not_shared_part"]);
        assert_eq!(verify(&world.system()).await.expect("looks"), None);
    }
}

#[tokio::test]
async fn rows_changed_behind_the_back_are_seen_by_exactly_their_check() {
    let tamper: [(&str, &str); 5] = [
        ("W4", "update wf_task set state = 'decided' where state = 'open'"),
        ("W4", "delete from wf_timer"),
        ("W5", "update wf_instance set marking = replace(marking, '\"round\":1', '\"round\":7')"),
        ("W6", "update wf_event set data = replace(data, '同意', '不同意')"),
        ("W6", "update wf_instance set head = 'x'"),
    ];
    for (check, sql) in tamper {
        let world = World::sqlite().await;
        world.start().await;
        decide(&world, "clerk", "first_review").await;
        let ctx = world.system();
        assert_eq!(verify(&ctx).await.expect("looks"), None);
        world.behind_the_back(sql).await;
        let fault = verify(&ctx).await.expect("looks").expect("a fault");
        assert!(fault.contains(check), "{sql}: {fault}");
    }
}

#[tokio::test]
async fn a_definition_is_published_by_a_second_person_and_running_cases_keep_theirs() {
    for world in worlds().await {
        let old = world.start().await;
        let upload = async |text: String| create(&world.ctx("designer"), &key(), DefinitionCreate { document_id: world.paper(text) }).await;
        let doctype = upload("<!DOCTYPE d><definitions/>".into()).await;
        assert_eq!(code(doctype), (422, "workflow.xml_doctype".into()));
        let unknown = upload(world::FLOW.replace("fund.use.hold", "fund.use.unknown").replace("fund_approver", "nobody")).await;
        let problem = unknown.expect_err("refused").to_json(linli_kernel::Locale::Zh, "");
        let rules: Vec<&str> = problem["diagnostics"].as_array().expect("a list").iter().filter_map(|d| d["rule_id"].as_str()).collect();
        assert_eq!(rules, ["workflow.topic_unknown", "workflow.role_unknown"]);
        let shorter = world::FLOW.replace(r#"targetRef="second_review""#, r#"targetRef="approval""#);
        assert_eq!(code(upload(shorter).await), (422, "workflow.definition.invalid".into()), "the second review is unreachable then");
        let made = upload(world::FLOW.replace("初审", "受理审查")).await.expect("is sound");
        assert_eq!((made.state.as_str(), made.version), ("checked", 2));
        assert_eq!(code(publish(&world.ctx("designer"), &key(), made.id).await), (403, "duty.same_person".into()));
        let live = publish(&world.ctx("designer_b"), &key(), made.id).await.expect("publishes");
        assert_eq!(live.state, "published");
        let new = world.start_for(Uuid::now_v7()).await;
        let version = async |id| instance(&world.ctx("clerk"), id).await.expect("a view").definition_version;
        assert_eq!((version(old.id).await, version(new.id).await), (1, 2));
        assert_eq!(
            list_definitions(&world.ctx("designer"), linli_kernel::PageQuery { page: None, page_size: None }).await.expect("a list").total,
            2
        );
    }
}
