use super::*;
use crate::{crypto::sha256_hex, testing};

#[tokio::test]
async fn bytes_are_kept_by_digest_in_the_tenants_own_room() {
    let root = testing::temp_dir("store");
    let store = FolderStore::new(&root);
    let (a, b) = (Uuid::now_v7(), Uuid::now_v7());
    let digest = sha256_hex("发票".as_bytes());
    assert_eq!(store.get(a, &digest).await.unwrap(), None);
    assert!(store.list(a).await.unwrap().is_empty());
    store.put(a, &digest, "发票".into()).await.unwrap();
    store.put(a, &digest, "发票".into()).await.unwrap();
    assert_eq!(store.get(a, &digest).await.unwrap().unwrap(), "发票".as_bytes());
    assert_eq!(store.list(a).await.unwrap(), [digest.as_str()]);
    assert!(store.exists(a, &digest).await.unwrap() && !store.exists(b, &digest).await.unwrap());
    store.delete(a, &digest).await.unwrap();
    store.delete(a, &digest).await.unwrap();
    assert!(!store.exists(a, &digest).await.unwrap());
}

#[tokio::test]
async fn a_half_written_file_is_written_again_and_nothing_is_left_aside() {
    let root = testing::temp_dir("store-torn");
    let (store, tenant) = (FolderStore::new(&root), Uuid::now_v7());
    let digest = sha256_hex(b"whole");
    let folder = root.join(tenant.simple().to_string()).join(&digest[..2]);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(&digest), "wh").unwrap();
    store.put(tenant, &digest, b"whole".to_vec()).await.unwrap();
    assert_eq!(store.get(tenant, &digest).await.unwrap().unwrap(), b"whole");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}

#[tokio::test]
async fn a_name_that_is_no_digest_never_becomes_a_path() {
    let store = FolderStore::new(testing::temp_dir("store-name"));
    for name in ["../../../etc/passwd", "", "ABCD", &"G".repeat(64), &"A".repeat(64)] {
        assert!(store.get(Uuid::nil(), name).await.is_err());
    }
}

#[test]
fn an_s3_store_needs_a_real_address() {
    let settings =
        |endpoint: &str| S3Settings { endpoint: endpoint.into(), access_key: "a".into(), secret_key: "b".into(), prefix: "linli".into() };
    assert!(S3Store::new(settings("http://127.0.0.1:9000")).is_ok());
    assert!(S3Store::new(settings("not an address")).is_err());
}
