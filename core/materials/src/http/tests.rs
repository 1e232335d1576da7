use linli_kernel::Timestamp;

use super::*;
use crate::ScanState;

#[test]
fn a_document_leaves_as_an_attachment_in_a_sandbox() {
    let view = DocumentView {
        id: DocumentId::new(),
        kind: "contract".into(),
        title: "合同".into(),
        media_type: "application/pdf".into(),
        file_name: "合同 1.pdf".into(),
        size: 5,
        sha256: "ab".repeat(32),
        sm3: "cd".repeat(32),
        scan_state: ScanState::Clean,
        created_at: Timestamp(0),
    };
    let response = attachment(Content { view, bytes: b"%PDF-".to_vec() });
    let header = |name: &str| response.headers().get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/pdf");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert!(header("content-security-policy").starts_with("sandbox"));
    assert_eq!(header("content-disposition"), "attachment; filename=\"document\"; filename*=UTF-8''%E5%90%88%E5%90%8C%201.pdf");
}
