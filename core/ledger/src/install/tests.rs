use super::*;

#[test]
fn the_shipped_packs_have_a_ledger_with_the_official_level_one_codes() {
    for text in [include_str!("../../../../tenants/packs/binhai/ledger.toml"), include_str!("../../../../tenants/packs/shanhe/ledger.toml")]
    {
        let book = parse(text).unwrap();
        assert_eq!(book.pool[0].code, "01");
        for code in ["1001", "1101", "2001", "3001", "3101", "4001", "4101", "4201", "4301", "4901", "5001", "5101", "5901"] {
            assert!(book.gl_account.iter().any(|a| a.code == code), "{code}");
        }
        for code in ["MF01", "MF02", "MF03", "MF14", "MF15"] {
            assert!(book.posting_map.iter().any(|m| m.codes.iter().any(|c| c == code)), "{code}");
        }
    }
}

#[test]
fn a_map_that_names_an_unknown_account_or_code_is_refused() {
    let head = "[set]\ncode = \"X\"\nname = \"x\"\nkind = \"simple\"\ngrouping = \"event\"\nstart_month = \"2026-01\"\n";
    let map = |codes: &str| {
        format!(
            "{head}[[posting_map]]\ncodes = [\"{codes}\"]\nvoucher = \"V01\"\nkind = \"receipt\"\nfund = {{ account = \"4001\", side = \"credit\" }}\n"
        )
    };
    assert_eq!(parse(&map("MF01")).unwrap_err().code(), "pack.ledger_invalid");
    assert_eq!(parse(&map("MF99")).unwrap_err().code(), "pack.ledger_invalid");
}
