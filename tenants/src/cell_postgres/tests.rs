use super::{address_for, checked};

#[test]
fn a_tenants_address_is_the_cells_with_its_own_role() {
    let made = |admin: &str| address_for(admin, "t_1", "secret").expect("an address");
    assert_eq!(made("postgres://admin:p%40ss@db.example:5432/linli"), "postgres://t_1:secret@db.example:5432/linli");
    assert_eq!(made("postgres://admin@127.0.0.1/linli?sslmode=disable"), "postgres://t_1:secret@127.0.0.1/linli?sslmode=disable");
    assert_eq!(made("postgres:///linli?host=/tmp"), "postgres://t_1:secret@/linli?host=/tmp");
}

#[test]
fn only_schema_names_of_ours_stand_in_a_statement() {
    assert!(checked("t_0123456789abcdef0123456789abcdef").is_ok());
    assert!(checked("t_0123456789abcdef0123456789abcdef; drop").is_err());
    assert!(checked("public").is_err());
}
