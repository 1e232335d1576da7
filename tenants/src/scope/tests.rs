use super::*;

const HOUSE: ScopeColumns =
    ScopeColumns { area_path: Some("area_path"), project_id: Some("project_id"), house_id: Some("id"), ..ScopeColumns::NONE };

#[test]
fn a_column_that_the_table_lacks_gives_false() {
    let company = Scope::Company(CompanyId(Uuid::nil()));
    assert_eq!(company.predicate(&HOUSE, "h", Backend::Postgres), "1 = 0");
    assert_eq!(Scope::None.predicate(&ScopeColumns { shared: Some("dictionary"), ..ScopeColumns::NONE }, "", Backend::Sqlite), "1 = 0");
}

#[test]
fn a_path_or_matter_with_a_quote_gives_false() {
    assert_eq!(Scope::Area("37/' or 1=1 --/".into()).predicate(&HOUSE, "", Backend::Sqlite), "1 = 0");
    let matters = ScopeColumns { matter: Some("matter"), ..ScopeColumns::NONE };
    assert_eq!(Scope::Assigned(vec!["a:' or '1".into()]).predicate(&matters, "", Backend::Sqlite), "1 = 0");
}

#[test]
fn an_area_covers_its_subtree_only() {
    let scope = Scope::Area("37/3799/379901/".into());
    assert_eq!(scope.predicate(&HOUSE, "h", Backend::Postgres), "(h.area_path like '37/3799/379901/%')");
    let at = |path: &str| ScopeIds { area_path: Some(path.into()), ..ScopeIds::default() };
    assert!(scope.covers(&at("37/3799/379901/379901001/")));
    assert!(!scope.covers(&at("37/3799/379902/")));
    assert!(!scope.covers(&ScopeIds::default()));
}
