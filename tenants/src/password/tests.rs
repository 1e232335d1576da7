use super::{Hasher, check};

fn refusal(policy: &str, password: &str) -> Option<String> {
    check(policy, password, "wang.li").err().map(|p| p.code().to_owned())
}

#[test]
fn a_password_has_length_and_classes_and_is_not_common() {
    assert_eq!(refusal("djbh3", "Linli-9a"), Some("password.length".into()));
    assert_eq!(refusal("djbh3", "onlysmallletters"), Some("password.classes".into()));
    assert_eq!(refusal("djbh3", "Password123!"), Some("password.common".into()));
    assert_eq!(refusal("djbh3", "Tide-Crane-40"), None);
    assert_eq!(refusal("asvs", "elevenchars"), Some("password.length".into()));
    assert_eq!(refusal("asvs", "quiet lantern harbour"), None);
    // a common word inside a longer password is no reason
    assert_eq!(refusal("djbh3", "My-password-of-tides-7"), None);
}

#[tokio::test]
async fn the_right_password_verifies_and_nobody_has_one() {
    let hasher = Hasher::default();
    let turn = hasher.turn().await.expect("a turn");
    let hash = hasher.hash(&turn, "Tide-Crane-40").await.expect("hashed");
    assert!(hash.starts_with("$argon2id$"));
    assert!(hasher.verify(&turn, "Tide-Crane-40", Some(&hash)).await.expect("asked"));
    assert!(!hasher.verify(&turn, "tide-crane-40", Some(&hash)).await.expect("asked"));
    assert!(!hasher.verify(&turn, "nobody's password", None).await.expect("asked"));
}
