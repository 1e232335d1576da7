use super::*;

#[test]
fn numbers_of_the_vocabulary_check() {
    assert_eq!(mod_11_10("37990120001200100001"), Some('3')); // house 379901200012001000013
    assert_eq!(mod_11_10("3799010000000001"), Some('1')); // account W37990100000000011
    assert_eq!(mod_37_36("37990020260924000017"), Some('V')); // 37990020260924000017V
    assert_eq!(mod_11_10("12a"), None);
}

#[test]
fn a_uscc_with_a_changed_character_is_refused() {
    assert_eq!(uscc("91350100M000100Y43"), Ok(()));
    assert_eq!(uscc("91350100M000100Y44"), Err(UsccFault::Check));
    assert_eq!(uscc("91350100I000100Y43"), Err(UsccFault::Form));
    assert_eq!(uscc("9135"), Err(UsccFault::Form));
    assert_eq!(uscc("九一三五"), Err(UsccFault::Form));
}

#[test]
fn a_resident_id_needs_form_birth_and_check() {
    assert_eq!(resident_id("11010519491231002X"), Ok(()));
    assert_eq!(resident_id("11010519491231002x"), Ok(()));
    assert_eq!(resident_id("110105194912310021"), Err(IdFault::Check));
    assert_eq!(resident_id("110105194913310022"), Err(IdFault::Birth));
    assert_eq!(resident_id("11010519491231"), Err(IdFault::Form));
    assert_eq!(resident_id("1101051949123100２X"), Err(IdFault::Form));
}
