use std::{collections::BTreeMap, fs};

use super::{Pack, PackSource};

#[test]
fn shipped_packs_are_whole() {
    let source = PackSource::new([]);
    let heads = source.list();
    assert!(heads.len() >= 2);
    for head in heads {
        let pack = source.find(&head.code).expect("found");
        assert_eq!(pack.head.code, head.code);
        assert!(crate::areas::path_of(&head.area_code).matches('/').count() == 2, "a city's code");
        for file in ["areas.toml", "calendar.toml", "settings.toml"] {
            assert!(pack.toml(file).expect("readable").is_some(), "{}/{file}", head.code);
        }
    }
}

#[test]
fn a_folder_is_a_pack_and_goes_before_a_shipped_one() {
    let root = std::env::temp_dir().join(format!("linli-pack-{}", uuid::Uuid::now_v7()));
    let folder = root.join("third-city");
    fs::create_dir_all(folder.join("flows")).expect("a folder");
    let head = "code = \"third-city\"\nversion = \"1\"\nname = \"第三市\"\narea_code = \"379700000000\"\n";
    fs::write(folder.join("pack.toml"), head).expect("written");
    fs::write(folder.join("flows/fund-use.bpmn"), "<x/>").expect("written");
    let pack = PackSource::new([root.clone()]).find("third-city").expect("found");
    assert_eq!(pack.head.name, "第三市");
    assert_eq!(pack.file("flows/fund-use.bpmn"), Some(b"<x/>".as_slice()));
    assert_eq!(pack.files_in("flows").count(), 1);
    fs::remove_dir_all(root).expect("removed");
}

#[test]
fn what_is_no_code_or_no_pack_is_refused() {
    let source = PackSource::new([]);
    for code in ["../etc", "", "A", "no-such-pack"] {
        assert_eq!(source.find(code).expect_err("refused").code(), "pack.unknown", "{code}");
    }
    assert_eq!(Pack::of(BTreeMap::new()).expect_err("no head").code(), "pack.faulty");
}

#[test]
fn the_digest_follows_every_byte_and_path() {
    let of = |files: &[(&str, &str)]| {
        let head = ("pack.toml", "code = \"ab\"\nversion = \"1\"\nname = \"n\"\narea_code = \"379700000000\"");
        let all = files.iter().chain([&head]).map(|(p, c)| ((*p).to_owned(), c.as_bytes().to_vec())).collect();
        Pack::of(all).expect("a pack").digest()
    };
    assert_eq!(of(&[("a", "1")]), of(&[("a", "1")]));
    assert_ne!(of(&[("a", "1")]), of(&[("a", "2")]));
    assert_ne!(of(&[("ab", "c")]), of(&[("a", "bc")]));
}
