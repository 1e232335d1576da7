use std::collections::{BTreeMap, BTreeSet};

use casbin::CoreApi;

use super::{PERMISSIONS, ROLES, RoleFile, Rows, SIGNED_IN, WITHOUT_POST, compile, enforcer};

const CITY: &str = "some-city";

/// The shipped policy as its tables would give it.
fn shipped() -> (Rows, BTreeSet<String>, BTreeMap<String, Vec<String>>) {
    let file: RoleFile = toml::from_str(ROLES).expect("roles");
    let permissions: BTreeMap<String, Vec<String>> = toml::from_str(PERMISSIONS).expect("permissions");
    let roles: BTreeSet<String> = file.role.iter().map(|r| r.code.clone()).chain(WITHOUT_POST.map(str::to_owned)).collect();
    let row = |a: &str, b: &str, c: &str| vec![a.to_owned(), b.to_owned(), c.to_owned()];
    let mut rows = Rows::default();
    for (permission, to) in &permissions {
        rows.p.extend(to.iter().map(|role| row(if role == "*" { SIGNED_IN } else { role }, CITY, permission)));
    }
    for role in &file.role {
        rows.g.extend(role.inherits.iter().map(|parent| row(&role.code, parent, CITY)));
    }
    rows.g.extend(roles.iter().map(|role| row(role, SIGNED_IN, CITY)));
    (rows, roles, permissions)
}

#[tokio::test]
async fn the_compiled_set_says_what_casbin_says() {
    let (rows, roles, permissions) = shipped();
    let (set, enforcer) = (compile(CITY, rows.clone()).await.expect("compiles"), enforcer(rows).await.expect("an enforcer"));
    // each pair costs milliseconds in Casbin: sample by a fixed stride that meets every role and every permission
    let pairs: Vec<(&String, &String)> = roles.iter().flat_map(|r| permissions.keys().map(move |p| (r, p))).collect();
    let sampled: Vec<_> = pairs.iter().step_by(13).collect();
    assert!(sampled.len() > 200);
    for (role, permission) in sampled {
        let says = enforcer.enforce((role.as_str(), CITY, permission.as_str())).expect("an answer");
        assert_eq!(set.allows(role, permission), says, "{role} {permission}");
    }
}

#[tokio::test]
async fn nobody_may_what_no_row_gives_him() {
    let (rows, ..) = shipped();
    let set = compile(CITY, rows).await.expect("compiles");
    for (role, permission, may) in [
        ("visitor", "area:read", false),
        ("none", "area:read", true),
        ("none", "fund.use:read", false),
        ("person", "document:create", true),
        ("sys_admin", "post:create", true),
        ("sys_admin", "post:approve", false),
        ("sec_admin", "post:approve", true),
        ("sec_admin", "post:create", false),
        ("sys_admin", "fund.use:read", false),
        ("audit_admin", "audit:verify", true),
        ("fund_clerk", "audit:verify", false),
        ("fund_cashier", "ledger.payment_order:check", false),
    ] {
        assert_eq!(set.allows(role, permission), may, "{role} {permission}");
    }
}

#[test]
fn every_role_of_the_permission_list_exists() {
    let (_, roles, permissions) = shipped();
    for (permission, to) in &permissions {
        for role in to {
            assert!(role == "*" || roles.contains(role), "{permission}: {role}");
        }
    }
}
