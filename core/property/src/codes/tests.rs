use super::*;

#[test]
fn the_codes_of_the_vocabulary_are_made() {
    let b = building("379901200012", 1).unwrap();
    assert_eq!(b, "379901200012001");
    assert_eq!(unit(&b, 2).unwrap(), "37990120001200102");
    // vocabulary §5 gives this example with its check digit
    assert_eq!(house(&b, 1).unwrap(), "379901200012001000013");
}

#[test]
fn a_house_code_is_known_by_its_check_digit() {
    assert!(is_house("379901200012001000013"));
    assert!(!is_house("379901200012001000014"));
    assert!(!is_house("37990120001200100001"));
    assert!(!is_house("37990120001200100001三"));
}

#[test]
fn a_series_that_is_full_gives_no_code() {
    assert!(building("379901200012", 0).is_none());
    assert!(building("379901200012", 1000).is_none());
    assert!(unit("379901200012001", 100).is_none());
    assert!(house("379901200012001", 100_000).is_none());
}

#[test]
fn a_given_project_code_has_twelve_digits() {
    assert!(is_project("379901200012"));
    assert!(!is_project("37990120001"));
    assert!(!is_project("37990120001X"));
}
