//! The register in a city of its own: what is written, what others see of it, and how fast a large table goes in.
mod fixture;

use fixture::{City, day, id_number, key, row, told};
use linli_kernel::{Area, HouseId};
use linli_property::{
    ScopeKind, ScopeOf, accounts_of_houses, buildings,
    companies::{self, CompanyQuery},
    electorate,
    facts::{self, NewFact},
    houses::{self, HouseQuery},
    houses_in_scope, owners, projects, public,
};
use linli_runtime::ScopeIds;
use linli_tenants::Scope;
use serde_json::json;

fn all() -> HouseQuery {
    HouseQuery { project_id: None, building_id: None, unit_id: None, room: None, page: None, page_size: Some(200) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_house_table_becomes_buildings_units_houses_people_and_ownerships() {
    let city = City::new().await;
    let project = city.project().await;
    assert_eq!((project.code.as_str(), project.area_path.as_str()), ("379901200012", "37/3799/379901/379901001/379901001001/"));
    let rows = vec![
        row("1", 1, "101", 8_956, Some(1)),
        row("1", 2, "201", 8_956, Some(2)),
        row("1", 3, "301", 8_956, Some(1)),
        row("2", 1, "101", 12_000, None),
        row("2", 2, "201", 12_000, None),
    ];
    let made = city.import(project.id, rows).await;
    assert_eq!((made.buildings, made.units, made.houses.len(), made.persons), (2, 2, 5, 2));
    assert_eq!(made.houses[0].code, "379901200012001000013");
    assert!(made.houses[3].code.starts_with("37990120001200200001"));

    let clerk = city.ctx(Scope::Area("37/3799/379901/".into()));
    let listed = houses::find(&clerk, all()).await.unwrap();
    assert_eq!((listed.total, listed.items[0].building_name.as_str(), listed.items[0].floor), (5, "1", 1));
    let room = houses::find(&clerk, HouseQuery { room: Some("301".into()), ..all() }).await.unwrap();
    assert_eq!(room.items[0].id, made.houses[2].id);
    assert_eq!(houses::get(&clerk, made.houses[0].id).await.unwrap().area, Area(8_956));

    let holders = owners::of_house(&clerk, made.houses[0].id).await.unwrap();
    let seen = serde_json::to_string(&holders).unwrap();
    assert_eq!((holders.items[0].name.as_str(), holders.items[0].mobile.as_deref()), ("业**", Some("138****5678")));
    assert!(!seen.contains(&id_number(1)) && !seen.contains("13800005678"));

    // heads: owner 1 (two houses), owner 2, the developer's two unsold houses
    let ids: Vec<HouseId> = made.houses.iter().map(|h| h.id).collect();
    let e = electorate(clerk.conn(), &ids).await.unwrap();
    assert_eq!((e.heads, e.area), (3, Area(3 * 8_956 + 24_000)));

    let grid = buildings::grid(&clerk, made.houses[0].building_id).await.unwrap();
    assert_eq!((grid.floors.clone(), grid.houses.len(), grid.building.units, grid.figures), (vec![3, 2, 1], 3, 1, false));

    let again = projects::read(&clerk, project.id).await.unwrap();
    assert_eq!((again.households, again.built_area), (5, Area(3 * 8_956 + 24_000)));

    // a second table goes on with the codes; a room that is there is refused
    let more = city.import(project.id, vec![row("1", 4, "401", 8_956, Some(3)), row("3", 1, "101", 9_000, Some(2))]).await;
    assert_eq!((more.buildings, more.units, more.persons), (1, 1, 1));
    assert!(more.houses[0].code.starts_with("37990120001200100004"));
    let twice = clerk
        .tx("test.import", &key(), async |tx| {
            told(tx).await?;
            linli_property::register::import(&clerk, tx, project.id, vec![row("1", 4, "401", 100, None)]).await.map(|_| ())
        })
        .await;
    assert_eq!(twice.unwrap_err().code(), "property.house.exists");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_district_sees_nothing_of_it() {
    let city = City::new().await;
    let project = city.project().await;
    let made = city.import(project.id, vec![row("1", 1, "101", 8_956, Some(1))]).await;
    let other = city.ctx(Scope::Area("37/3799/379902/".into()));
    assert_eq!(houses::find(&other, all()).await.unwrap().total, 0);
    assert_eq!(houses::get(&other, made.houses[0].id).await.unwrap_err().status(), 404);
    assert_eq!(owners::of_house(&other, made.houses[0].id).await.unwrap_err().status(), 404);
    assert_eq!(buildings::grid(&other, made.houses[0].building_id).await.unwrap_err().status(), 404);
    assert_eq!(projects::read(&other, project.id).await.unwrap_err().status(), 404);
    let query = || CompanyQuery { trade: Some("property".into()), q: None, page: None, page_size: None };
    assert_eq!(companies::find(&other, query()).await.unwrap().total, 0);
    assert_eq!(companies::find(&city.ctx(Scope::Area("37/3799/379901/".into())), query()).await.unwrap().total, 1);

    let seen = public::projects(&city.ctx(Scope::None), serde_json::from_value(json!({})).unwrap()).await.unwrap();
    assert_eq!((seen.total, seen.items[0].company_name.as_deref(), seen.items[0].households), (1, Some("滨城物业服务有限公司"), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_register_refuses_names_its_field() {
    let city = City::new().await;
    let project = city.project().await;
    let steward = city.ctx(Scope::Area("37/3799/379901/".into()));
    let company = |uscc: &str| {
        let new = json!({ "name": "又一家", "uscc": uscc, "trades": ["property"], "origin": "local", "area_code": "379901000000" });
        serde_json::from_value(new).unwrap()
    };
    let good = fixture::uscc("91379901");
    let wrong = format!("{}{}", &good[..17], if good.ends_with('0') { '1' } else { '0' });
    let refused = companies::create(&steward, &key(), company(&wrong)).await.unwrap_err();
    assert_eq!((refused.status(), refused.errors()[0].pointer.as_str()), (422, "/uscc"));
    assert_eq!(companies::create(&steward, &key(), company(&good)).await.unwrap_err().code(), "company.uscc_taken");

    let new = |code: Option<&str>, area: &str| {
        let new = json!({ "code": code, "name": "望潮苑", "kind": "residential", "address": "潮音路1号", "area_code": area, "management_mode": "self" });
        serde_json::from_value(new).unwrap()
    };
    let taken = projects::create(&steward, &key(), new(Some(&project.code), "379901001001")).await.unwrap_err();
    assert_eq!((taken.status(), taken.code()), (409, "property.project.code_taken"));
    assert_eq!(projects::create(&steward, &key(), new(Some("37990120001"), "379901001001")).await.unwrap_err().status(), 422);
    assert_eq!(projects::create(&steward, &key(), new(None, "379901001000")).await.unwrap_err().status(), 422);
    assert_eq!(projects::create(&steward, &key(), new(None, "379902001001")).await.unwrap_err().status(), 404);
    let next = projects::create(&steward, &key(), new(None, "379901001001")).await.unwrap();
    assert_eq!(next.code, "379901000001");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_names_houses_of_its_project_only() {
    let city = City::new().await;
    let project = city.project().await;
    let made = city
        .import(project.id, vec![row("1", 1, "101", 100, Some(1)), row("1", 2, "201", 100, Some(2)), row("2", 1, "101", 100, None)])
        .await;
    let ctx = city.ctx(Scope::Tenant);
    let scope = |kind, ids: Vec<uuid::Uuid>| ScopeOf { kind, ids };
    let count = async |s: ScopeOf| houses_in_scope(ctx.conn(), &s, project.id).await.map(|h| h.len());
    assert_eq!(count(scope(ScopeKind::Project, vec![])).await.unwrap(), 3);
    assert_eq!(count(scope(ScopeKind::Building, vec![made.houses[0].building_id.into()])).await.unwrap(), 2);
    assert_eq!(count(scope(ScopeKind::Unit, vec![made.houses[2].unit_id.into()])).await.unwrap(), 1);
    assert_eq!(count(scope(ScopeKind::Houses, made.houses.iter().map(|h| h.id.into()).collect())).await.unwrap(), 3);
    assert_eq!(count(scope(ScopeKind::Houses, vec![uuid::Uuid::now_v7()])).await.unwrap_err().status(), 404);
    assert_eq!(houses_in_scope(ctx.conn(), &scope(ScopeKind::Project, vec![]), linli_kernel::ProjectId::new()).await.unwrap().len(), 0);
    assert!(accounts_of_houses(ctx.conn(), &[made.houses[0].id]).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fact_is_true_from_a_day_and_ends_by_an_empty_value() {
    let city = City::new().await;
    let project = city.project().await;
    let ctx = city.ctx(Scope::Tenant);
    for (from, value) in [("2026-11-01", Some(json!("12.00"))), ("2026-11-10", Some(json!("13.00"))), ("2026-11-20", None)] {
        let scope = ScopeIds { area_path: Some(project.area_path.clone()), project_id: Some(project.id), ..ScopeIds::default() };
        let new =
            NewFact { subject_kind: "project", subject_id: project.id.into(), name: "fund.balance", value, valid_from: day(from), scope };
        ctx.tx("test.fact", &key(), async |tx| facts::record(tx, new.clone()).await).await.unwrap();
    }
    let at = async |d: &str| facts::at(ctx.conn(), project.id.into(), "fund.balance", day(d)).await.unwrap();
    assert_eq!(at("2026-10-31").await, None);
    assert_eq!(at("2026-11-09").await, Some(json!("12.00")));
    assert_eq!(at("2026-11-10").await, Some(json!("13.00")));
    assert_eq!(at("2026-11-20").await, None);
    let query = |at: &str| serde_json::from_value(json!({ "subject_kind": "project", "subject_id": project.id, "at": at })).unwrap();
    assert_eq!(facts::find(&ctx, query("2026-11-10")).await.unwrap().items[0].value, json!("13.00"));
    assert_eq!(facts::find(&ctx, query("2026-11-25")).await.unwrap().total, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_houses_go_in_within_seconds() {
    let city = City::new().await;
    let project = city.project().await;
    let rows = (0..10_000)
        .map(|n| row(&format!("{}", n / 200 + 1), n as i64 % 200 / 8 + 1, &format!("{}", n % 200), 8_000 + n as i64, Some(n)))
        .collect();
    let begun = std::time::Instant::now();
    let made = city.import(project.id, rows).await;
    let took = begun.elapsed();
    assert_eq!((made.houses.len(), made.buildings, made.persons), (10_000, 50, 10_000));
    println!("10,000 houses in {took:?}");
    assert!(took.as_secs() < 20, "{took:?}"); // a guard against a quadratic statement; the figure itself is the bench's
    let ids: Vec<HouseId> = made.houses.iter().map(|h| h.id).collect();
    assert_eq!(electorate(city.ctx(Scope::Tenant).conn(), &ids).await.unwrap().heads, 10_000);
}
