//! What owners claim, object to and vote on, in a city of its own.
mod fixture;

use std::sync::atomic::Ordering;

use fixture::{City, day, id_number, key, row};
use linli_kernel::{HouseId, Problem, PublicityId, VoteId};
use linli_property::{
    accounts_of_houses,
    bindings::{self, ApplyBinding, BindingView},
    committees,
    model::{BindingState, ObjectionState, PublicityState, VoteChannel, VoteClass, VoteResult, VoteState},
    objections, public,
    publicities::{self, NewPublicity, PublicityView},
    register::Created,
    votes::{self, NewVote, PaperResult, Tally},
};
use linli_tenants::{Ctx, Scope};
use serde_json::json;

async fn two_houses(city: &City) -> (linli_property::projects::ProjectView, Created) {
    let project = city.project().await;
    let made = city.import(project.id, vec![row("1", 1, "101", 8_956, Some(1)), row("1", 2, "201", 9_000, Some(2))]).await;
    (project, made)
}

fn claim(house: &str, name: &str, number: &str) -> ApplyBinding {
    serde_json::from_value(json!({ "house_code": house, "role": "owner", "name": name, "id_type": "resident_id", "id_number": number }))
        .unwrap()
}

async fn apply(ctx: &Ctx, house: &str, name: &str, number: &str) -> Result<BindingView, Problem> {
    bindings::apply(ctx, &key(), claim(house, name, number)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_is_bound_at_once_and_a_stranger_is_not() {
    let city = City::new().await;
    let (_, made) = two_houses(&city).await;
    let (mine, his) = (&made.houses[0], &made.houses[1]);
    let owner = city.person("业主1", &id_number(1)).await;
    let stranger = city.person("业主9", &id_number(9)).await;

    // a stranger with the owner's name and number, and with his own
    for (name, n) in [("业主1", 1), ("业主9", 9)] {
        let claim = apply(&stranger, &mine.code, name, &id_number(n)).await.unwrap();
        assert_eq!((claim.state, claim.house_id), (BindingState::ManualReview, None));
    }
    // the owner with another man's identity, and for another man's house
    assert_eq!(apply(&owner, &mine.code, "业主2", &id_number(2)).await.unwrap().state, BindingState::ManualReview);
    assert_eq!(apply(&owner, &his.code, "业主1", &id_number(1)).await.unwrap().state, BindingState::ManualReview);
    let bound = apply(&owner, &mine.code, " 业主1", &id_number(1).to_lowercase()).await.unwrap();
    assert_eq!((bound.state, bound.house_id), (BindingState::Bound, Some(mine.id)));
    assert_eq!(apply(&owner, &mine.code, "业主1", &id_number(1)).await.unwrap_err().code(), "property.binding.already_bound");
    assert_eq!(accounts_of_houses(owner.conn(), &[mine.id, his.id]).await.unwrap(), [owner.actor.account_id.unwrap()]);
    // each sees his own claims only
    let query = || serde_json::from_value(json!({})).unwrap();
    let listed = bindings::find(&owner, query()).await.unwrap();
    assert!(listed.total >= 1 && !serde_json::to_string(&listed.items).unwrap().contains(&id_number(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_house_is_answered_like_a_wrong_one_and_ten_wrong_tries_stop() {
    let city = City::new().await;
    let (_, made) = two_houses(&city).await;
    let stranger = city.person("业主9", &id_number(9)).await;
    let unknown = apply(&stranger, "379901200012999000013", "业主9", &id_number(9)).await.unwrap();
    let wrong = apply(&stranger, &made.houses[0].code, "业主9", &id_number(9)).await.unwrap();
    assert_eq!((unknown.state, unknown.house_id, unknown.project_id), (wrong.state, wrong.house_id, wrong.project_id));
    for n in 3..=10 {
        assert!(apply(&stranger, &made.houses[0].code, "业主1", &id_number(n)).await.is_ok());
    }
    let stopped = apply(&stranger, &made.houses[0].code, "业主1", &id_number(1)).await.unwrap_err();
    assert_eq!((stopped.status(), stopped.code()), (409, "property.binding.too_many"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reviewer_accepts_or_rejects_and_never_his_own() {
    let city = City::new().await;
    let (_, made) = two_houses(&city).await;
    let heir = city.person("业主9", &id_number(9)).await;
    let steward = city.ctx(Scope::Area("37/3799/379901/".into()));
    let first = apply(&heir, &made.houses[0].code, "业主9", &id_number(9)).await.unwrap();
    assert_eq!(bindings::accept(&heir, &key(), first.id).await.unwrap_err().code(), "duty.same_person");
    assert_eq!(bindings::accept(&city.ctx(Scope::Area("37/3799/379902/".into())), &key(), first.id).await.unwrap_err().status(), 404);
    assert_eq!(bindings::accept(&steward, &key(), first.id).await.unwrap().state, BindingState::Bound);
    assert_eq!(bindings::accept(&steward, &key(), first.id).await.unwrap_err().code(), "property.binding.not_in_review");
    let second = apply(&heir, &made.houses[1].code, "业主9", &id_number(9)).await.unwrap();
    let reason = serde_json::from_value(json!({ "reason": "无产权证明" })).unwrap();
    assert_eq!(bindings::reject(&steward, &key(), second.id, reason).await.unwrap().state, BindingState::Rejected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_committee_has_owners_as_members_and_one_term_at_a_time() {
    let city = City::new().await;
    let (project, made) = two_houses(&city).await;
    let steward = city.ctx(Scope::Area("37/3799/379901/".into()));
    let new = |name: &str, house: &str, from: &str, seats: i64| {
        serde_json::from_value(json!({
            "project_id": project.id, "kind": "owners", "name": "第一届业主委员会", "term_no": 1, "from": from, "to": "2030-12-31", "seats": seats,
            "members": [{ "name": name, "house_code": house, "duty": "chair" }]
        }))
        .unwrap()
    };
    let no_owner = committees::create(&steward, &key(), new("业主2", &made.houses[0].code, "2026-01-01", 5)).await.unwrap_err();
    assert_eq!((no_owner.status(), no_owner.errors()[0].pointer.as_str()), (422, "/members/0/name"));
    let even = committees::create(&steward, &key(), new("业主1", &made.houses[0].code, "2026-01-01", 4)).await.unwrap_err();
    assert_eq!(even.errors()[0].pointer, "/seats");
    let made_one = committees::create(&steward, &key(), new("业主1", &made.houses[0].code, "2026-01-01", 5)).await.unwrap();
    assert_eq!(made_one.members[0].name, "业**");
    assert_eq!(serde_json::to_value(made_one.state).unwrap(), "filed");
    let twice = committees::create(&steward, &key(), new("业主1", &made.houses[0].code, "2027-01-01", 5)).await.unwrap_err();
    assert_eq!(twice.code(), "property.committee.term_overlap");
    assert_eq!(committees::in_term(steward.conn(), project.id, day("2026-11-16")).await.unwrap(), Some(made_one.id));
    assert_eq!(committees::in_term(steward.conn(), project.id, day("2031-01-01")).await.unwrap(), None);
}

async fn post(city: &City, project: &linli_property::projects::ProjectView) -> PublicityView {
    let chair = city.ctx(Scope::Project(project.id));
    let new = NewPublicity {
        subject_kind: "test.thing",
        subject_id: uuid::Uuid::now_v7(),
        title: "1号楼电梯大修".into(),
        project_id: project.id,
        area_path: project.area_path.clone(),
        from: chair.today(),
        days: 7,
        places: vec!["小区公告栏".into()],
        document_ids: vec![],
        body: json!({}),
    };
    chair.tx("test.publicise", &key(), async |tx| publicities::open(&chair, tx, new.clone()).await).await.unwrap()
}

async fn object(ctx: &Ctx, id: PublicityId) -> Result<objections::ObjectionView, Problem> {
    objections::create(ctx, &key(), id, serde_json::from_value(json!({ "text": "请说明三家报价" })).unwrap()).await
}

async fn answer(ctx: &Ctx, id: linli_kernel::ObjectionId, upheld: bool) -> Result<objections::ObjectionView, Problem> {
    objections::answer(ctx, &key(), id, serde_json::from_value(json!({ "text": "已公示", "upheld": upheld })).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_object_while_the_publicity_is_open_and_the_subject_hears_of_it() {
    let city = City::new().await;
    let (project, made) = two_houses(&city).await;
    let owner = city.person("业主1", &id_number(1)).await;
    let stranger = city.person("业主9", &id_number(9)).await;
    apply(&owner, &made.houses[0].code, "业主1", &id_number(1)).await.unwrap();
    let chair = city.ctx(Scope::Project(project.id));
    let posted = post(&city, &project).await;
    assert_eq!((posted.until, posted.state), (day("2026-11-23"), PublicityState::Open));

    assert_eq!(object(&stranger, posted.id).await.unwrap_err().status(), 404);
    let one = object(&owner, posted.id).await.unwrap();
    let two = object(&owner, posted.id).await.unwrap();
    assert_eq!(publicities::get(&owner, posted.id).await.unwrap().state, PublicityState::Objected);
    assert_eq!(publicities::open_objections(chair.conn(), posted.id).await.unwrap(), 2);
    assert_eq!(answer(&owner, one.id, false).await.unwrap_err().code(), "duty.same_person");
    assert_eq!(answer(&chair, one.id, false).await.unwrap().state, ObjectionState::Answered);
    assert_eq!(city.thing.open.load(Ordering::SeqCst), 1);
    assert_eq!(answer(&chair, one.id, false).await.unwrap_err().code(), "property.objection.answered");
    assert_eq!(answer(&chair, two.id, false).await.unwrap().state, ObjectionState::Answered);
    assert_eq!((city.thing.objected.load(Ordering::SeqCst), city.thing.open.load(Ordering::SeqCst)), (2, 0));
    assert_eq!(publicities::get(&owner, posted.id).await.unwrap().state, PublicityState::Open);

    let seen =
        public::publicities(&city.ctx(Scope::None), serde_json::from_value(json!({ "project_id": project.id })).unwrap()).await.unwrap();
    assert_eq!((seen.total, seen.items[0].title.as_str()), (1, "1号楼电梯大修"));

    city.clock_to("2026-11-23T15:59:00Z"); // 23:59 in the city
    assert!(!publicities::ended(chair.conn(), posted.id, chair.today()).await.unwrap());
    assert_eq!(publicities::close_due(&chair).await.unwrap(), 0);
    city.clock_to("2026-11-23T16:01:00Z");
    assert!(publicities::ended(chair.conn(), posted.id, chair.today()).await.unwrap());
    assert_eq!(object(&owner, posted.id).await.unwrap_err().code(), "property.publicity.closed");
    assert_eq!(publicities::close_due(&city.ctx(Scope::Tenant)).await.unwrap(), 1);
    assert_eq!(publicities::close_due(&city.ctx(Scope::Tenant)).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_that_is_right_ends_the_publicity() {
    let city = City::new().await;
    let (project, made) = two_houses(&city).await;
    let owner = city.person("业主1", &id_number(1)).await;
    apply(&owner, &made.houses[0].code, "业主1", &id_number(1)).await.unwrap();
    let posted = post(&city, &project).await;
    let objection = object(&owner, posted.id).await.unwrap();
    assert_eq!(answer(&city.ctx(Scope::Project(project.id)), objection.id, true).await.unwrap().state, ObjectionState::Upheld);
    assert_eq!(publicities::get(&owner, posted.id).await.unwrap().state, PublicityState::Ended);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vote_freezes_its_electorate_and_is_recorded_after_its_last_day() {
    let city = City::new().await;
    let (project, made) = two_houses(&city).await;
    let chair = city.ctx(Scope::Project(project.id));
    let house_ids: Vec<HouseId> = made.houses.iter().map(|h| h.id).collect();
    let new = |closes: &str| NewVote {
        subject_kind: "test.thing",
        subject_id: uuid::Uuid::now_v7(),
        title: "1号楼电梯大修".into(),
        project_id: project.id,
        area_path: project.area_path.clone(),
        house_ids: house_ids.clone(),
        class: VoteClass::Ordinary,
        channel: VoteChannel::Paper,
        opens_on: day("2026-11-16"),
        closes_on: day(closes),
        window_days: (7, 30),
    };
    let open = async |closes: &str| {
        let new = new(closes);
        chair.tx("test.vote", &key(), async |tx| votes::open(&chair, tx, new.clone()).await).await
    };
    assert_eq!(open("2026-11-22").await.unwrap_err().code(), "vote.window_out_of_range");
    let vote = open("2026-11-23").await.unwrap();
    assert_eq!((vote.totals.heads, vote.totals.area.0, vote.needs.heads, vote.needs.area.0), (2, 17_956, 2, 11_971));

    let both = Tally { heads: 2, area: linli_kernel::Area(17_956) };
    let result =
        PaperResult { participated: both, agreed: both, against: Tally::default(), abstained: Tally::default(), document_ids: vec![] };
    let record = async |id: VoteId, result: PaperResult| {
        chair
            .tx("test.record", &key(), async |tx| {
                votes::record(&chair, tx, id, &result).await?;
                votes::conclude(&chair, tx, id, VoteResult::Passed, &json!([{ "name": "participation_heads", "ok": true }])).await
            })
            .await
    };
    assert_eq!(record(vote.id, result.clone()).await.unwrap_err().code(), "property.vote.still_open");
    city.clock_to("2026-11-23T16:01:00Z");
    let too_many = PaperResult { agreed: Tally { heads: 3, ..both }, ..result.clone() };
    assert_eq!(record(vote.id, too_many).await.unwrap_err().status(), 422);
    let done = record(vote.id, result.clone()).await.unwrap();
    assert_eq!((done.state, done.result, done.participated), (VoteState::Recorded, Some(VoteResult::Passed), Some(both)));
    assert_eq!(record(vote.id, result).await.unwrap_err().code(), "vote.closed");
    assert_eq!(votes::get(&chair, vote.id).await.unwrap().tests[0]["ok"], true);
}
