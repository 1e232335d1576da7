use super::*;

fn cipher(byte: u8, tenant: u128) -> FieldCipher {
    FieldCipher::new(&MasterKey::from_bytes([byte; 32]), Uuid::from_u128(tenant))
}

#[test]
fn a_sealed_field_opens_to_its_text_and_never_looks_the_same() {
    let c = cipher(1, 1);
    let (a, b) = (c.seal("370102199001011234"), c.seal("370102199001011234"));
    assert_ne!(a, b);
    assert_eq!(c.open(&a).unwrap(), "370102199001011234");
    assert_eq!(c.open(&b).unwrap(), "370102199001011234");
    assert!(!a.contains("3701"));
}

#[test]
fn an_altered_field_or_one_of_another_tenant_does_not_open() {
    let c = cipher(1, 1);
    let mut sealed = c.seal("13812345678");
    assert!(cipher(1, 2).open(&sealed).is_err());
    assert!(cipher(2, 1).open(&sealed).is_err());
    let last = if sealed.pop() == Some('A') { 'B' } else { 'A' };
    sealed.push(last);
    assert!(c.open(&sealed).is_err());
    assert!(c.open("13812345678").is_err());
}

#[test]
fn a_blind_index_is_equal_for_equal_values_of_one_kind_in_one_tenant() {
    let c = cipher(1, 1);
    assert_eq!(c.blind_index("mobile", "138"), c.blind_index("mobile", "138"));
    assert_ne!(c.blind_index("mobile", "138"), c.blind_index("id_number", "138"));
    assert_ne!(c.blind_index("mobile", "138"), cipher(1, 2).blind_index("mobile", "138"));
}

#[test]
fn digests_are_those_of_the_standards() {
    assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(sm3_hex(b"abc"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
}

#[test]
fn the_master_key_is_drawn_once_with_mode_0600() {
    use std::os::unix::fs::PermissionsExt;
    let dir = crate::testing::temp_dir("key");
    let path = dir.join("master.key");
    let first = MasterKey::load_or_create(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(first.derive("x"), MasterKey::load_or_create(&path).unwrap().derive("x"));
    assert_ne!(first.derive("x"), first.derive("y"));
    std::fs::write(&path, "not a key").unwrap();
    assert!(MasterKey::load_or_create(&path).is_err());
}

#[test]
fn tokens_have_43_characters_and_secrets_compare() {
    assert_eq!(random_token().len(), 43);
    assert_ne!(random_token(), random_token());
    assert!(ct_eq("abc", "abc") && !ct_eq("abc", "abd") && !ct_eq("abc", "ab"));
}
