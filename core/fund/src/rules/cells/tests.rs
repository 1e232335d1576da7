use super::*;

#[test]
fn full_width_digits_and_stray_spaces_read_as_what_was_meant() {
    assert_eq!(clean(" １ "), "1");
    assert_eq!(clean("０１０１"), "0101");
    assert_eq!(clean("  唐军伟\u{3000}"), "唐军伟");
}

#[test]
fn a_third_decimal_is_no_number_and_nothing_is_rounded() {
    assert_eq!(hundredths("118.365"), None);
    assert_eq!(hundredths("127.85"), Some(12_785));
    assert_eq!(hundredths("1832454"), Some(183_245_400));
    assert_eq!(hundredths("1,968,762.1"), Some(196_876_210));
    assert_eq!(hundredths("一百一十八"), None);
    assert_eq!(hundredths("1."), None);
    assert_eq!(hundredths("-3.00"), Some(-300));
    assert_eq!(area("-3.00"), None);
}

#[test]
fn dates_in_every_spelling_of_a_window() {
    for text in ["2026-11-02", "2026/11/2", "2026.11.02", "20261102", "2026年11月2日", "2026-11-02 10:00:00"] {
        assert_eq!(date(text).map(|d| d.to_string()), Some("2026-11-02".to_owned()), "{text}");
    }
    assert_eq!(date("2027-02-30"), None);
    assert_eq!(date("02-11-2026"), None);
}

#[test]
fn floors_and_lifts_as_people_write_them() {
    assert_eq!((whole("18"), whole("-1"), whole("3.0"), whole("3层"), whole("x")), (Some(18), Some(-1), Some(3), Some(3), None));
    assert_eq!((yes_no("有"), yes_no("n"), yes_no("?")), (Some(true), Some(false), None));
}
