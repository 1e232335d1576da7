use std::io::Read;

use zip::ZipArchive;

use super::*;

fn entries() -> Vec<Entry> {
    let id = DocumentId(Uuid::from_u128(7));
    vec![
        Entry { path: "papers/001-合同.pdf".into(), title: "合同".into(), document_id: Some(id), bytes: b"%PDF-1.4".to_vec() },
        Entry {
            path: "made/分摊表.csv".into(),
            title: "分摊表.csv".into(),
            document_id: None,
            bytes: "房号,金额\n".repeat(99).into_bytes(),
        },
    ]
}

#[test]
fn the_package_holds_each_file_and_an_index_with_its_digests() {
    let bytes = pack("fund.use/7", "2026-12-11T02:00:00Z", json!({ "no": "37990020260924000017V" }), &entries()).unwrap();
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    assert_eq!(zip.len(), 3);
    let mut index = String::new();
    zip.by_name("index.json").unwrap().read_to_string(&mut index).unwrap();
    let index: Value = serde_json::from_str(&index).unwrap();
    assert_eq!((index["case"]["no"].as_str(), index["subject"].as_str()), (Some("37990020260924000017V"), Some("fund.use/7")));
    for file in index["files"].as_array().unwrap() {
        let mut content = Vec::new();
        zip.by_name(file["path"].as_str().unwrap()).unwrap().read_to_end(&mut content).unwrap();
        assert_eq!(file["sha256"], sha256_hex(&content));
        assert_eq!(file["sm3"], sm3_hex(&content));
        assert_eq!(file["size"], content.len());
    }
}

#[test]
fn the_same_case_makes_the_same_bytes() {
    let once = || pack("fund.use/7", "2026-12-11T02:00:00Z", json!({}), &entries()).unwrap();
    assert_eq!(once(), once());
}
