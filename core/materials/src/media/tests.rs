use super::*;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

fn code(result: Result<Media, DocumentError>) -> String {
    linli_kernel::Problem::from(result.unwrap_err()).code().to_owned()
}

#[test]
fn a_file_is_taken_when_its_bytes_are_what_its_type_says() {
    let cases: [(&str, &str, &[u8], Media); 9] = [
        ("application/pdf", "合同.pdf", b"%PDF-1.4\n", Media::Pdf),
        ("image/png", "a.png", PNG, Media::Png),
        ("image/jpeg", "a.jpeg", b"\xff\xd8\xff\xe0", Media::Jpeg),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "a.xlsx", b"PK\x03\x04....xl/workbook.xml", Media::Xlsx),
        ("text/csv", "a.csv", b"\xc2\xa5\xb6\xb0\xba\xc5,1", Media::Csv),
        ("text/csv; charset=utf-8", "a.csv", "楼栋号,1".as_bytes(), Media::Csv),
        ("application/xml", "a.bpmn", b"\xef\xbb\xbf  <!DOCTYPE x>", Media::Xml),
        ("application/zip", "a.zip", b"PK\x03\x04", Media::Zip),
        ("application/octet-stream", "rule.linli-plugin", b"PK\x03\x04", Media::Zip),
    ];
    for (given, name, bytes, media) in cases {
        assert_eq!(check(Some(given), name, bytes).unwrap(), media, "{name}");
    }
    assert_eq!(check(None, "a.pdf", b"%PDF-").unwrap(), Media::Pdf);
}

#[test]
fn a_file_that_pretends_is_refused() {
    for (given, name, bytes) in [
        ("application/pdf", "a.pdf", b"MZ\x90\0".as_slice()),
        ("image/png", "a.png", b"<svg onload=alert(1)>".as_slice()),
        ("image/jpeg", "a.jpg", PNG),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "a.xlsx", b"PK\x03\x04word/document.xml".as_slice()),
        ("text/csv", "a.csv", b"MZ\x90\0".as_slice()),
        ("text/csv", "a.csv", b"".as_slice()),
        ("application/xml", "a.xml", b"no xml".as_slice()),
    ] {
        assert_eq!(code(check(Some(given), name, bytes)), "document.type_mismatch", "{name}");
    }
}

#[test]
fn a_type_that_is_not_taken_is_named() {
    for (given, name) in [(Some("text/html"), "a.html"), (Some("image/svg+xml"), "a.svg"), (None, "a.exe"), (Some(""), "noname")] {
        assert_eq!(code(check(given, name, b"x")), "document.type_not_allowed");
    }
}
