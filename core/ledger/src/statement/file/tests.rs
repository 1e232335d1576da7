use super::*;

fn sealed(body: &str, tail: &str) -> String {
    format!("{body}{tail},{}\n", hex(&Sha256::digest(body.as_bytes())))
}

const BODY: &str = "H,1,BOC,3799010001000123,2026-11-03,1000.00,1150.00\n\
D,1,BK1,2026-11-03,10:01:00+08:00,C,200.00,1200.00,曹玉,6235230893186388,,,, ,\n\
D,2,BK2,2026-11-03,10:02:00+08:00,D,50.00,1150.00\n";

fn codes(text: &str) -> Vec<(u64, String)> {
    read(text.as_bytes()).problems.into_iter().map(|p| (p.line, p.code)).collect()
}

#[test]
fn a_good_file_is_read_whole_and_missing_last_fields_are_empty() {
    let file = read(sealed(BODY, "T,2,200.00,50.00").as_bytes());
    assert_eq!(file.problems, []);
    assert_eq!((file.opening, file.closing, file.lines.len()), (Money(100_000), Money(115_000), 2));
    assert_eq!((file.lines[1].amount, file.lines[1].summary.as_str()), (Money(-5_000), ""));
    assert_eq!(file.lines[0].counter_name, "曹玉");
}

#[test]
fn every_break_is_named_with_its_line() {
    let broken = BODY.replace("C,200.00,1200.00", "C,200.00,1201.00");
    assert_eq!(codes(&sealed(&broken, "T,2,200.00,50.00")), [(2, "balance_chain".into()), (3, "balance_chain".into())]);
    let good = sealed(BODY, "T,2,200.00,50.00");
    assert_eq!(codes(&good.replace("曹玉", "曹王")), [(4, "digest".into())]);
    assert_eq!(codes(&sealed(BODY, "T,3,200.00,50.01")), [(4, "count".into()), (4, "sum_debit".into())]);
    assert_eq!(codes(BODY), [(4, "trailer".into())]);
    let twice = BODY.replace("BK2", "BK1");
    assert_eq!(codes(&sealed(&twice, "T,2,200.00,50.00")), [(3, "duplicate_serial".into())]);
    let closing = BODY.replace("1000.00,1150.00", "1000.00,1160.00");
    assert_eq!(codes(&sealed(&closing, "T,2,200.00,50.00")), [(1, "closing".into())]);
    assert_eq!(codes("D,1\n"), [(1, "header".into())]);
    assert_eq!(codes(""), [(1, "header".into())]);
    assert_eq!(read(&[0xff, 0xfe]).problems[0].code, "not_utf8");
}

#[test]
fn the_name_says_which_file_of_the_day_it_is() {
    assert_eq!(file_seq("STMT_BOC_0123_2026-11-03_1.csv"), 1);
    assert_eq!(file_seq("STMT_BOC_0123_2026-11-03_2-broken.csv"), 2);
    assert_eq!(file_seq("day.csv"), 1);
}
