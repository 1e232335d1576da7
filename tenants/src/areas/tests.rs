use super::{level_of, parent_of, path_of};

#[test]
fn a_path_names_every_level_from_the_province_down() {
    assert_eq!(path_of("370000000000"), "37/");
    assert_eq!(path_of("379900000000"), "37/3799/");
    assert_eq!(path_of("379901000000"), "37/3799/379901/");
    assert_eq!(path_of("379901001000"), "37/3799/379901/379901001/");
    assert_eq!(path_of("379901001002"), "37/3799/379901/379901001/379901001002/");
}

#[test]
fn the_level_follows_from_the_code() {
    assert_eq!(level_of("379901001001"), Some("community"));
    assert_eq!(level_of("379901001000"), Some("street"));
    assert_eq!(level_of("3799010010"), None);
    assert_eq!(level_of("3799010010x1"), None);
    assert_eq!(level_of("000000000000"), None);
    assert_eq!(parent_of("379901001001").as_deref(), Some("379901001000"));
    assert_eq!(parent_of("379900000000").as_deref(), Some("370000000000"));
    assert_eq!(parent_of("370000000000"), None);
}
