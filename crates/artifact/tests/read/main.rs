//! Archives read as trackside reads them: good ones pass, each bad one is refused by its code.

mod beside;
mod binaries;
mod case;
mod condas;
mod contents;
mod corpus;
mod damage;
mod entry_points;
mod fields;
mod good;
mod inspect;
mod installers;
mod large;
mod layout;
mod metadata;
mod sdists;
mod set;
mod sources;
mod streams;
mod tar_case;
mod tar_good;
mod tars;
mod wheels;

#[test]
fn every_code_has_a_test_in_which_it_is_found() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/read");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let tables: Vec<_> = files.filter(|path| !path.ends_with("main.rs")).collect();
    let mut tests: String = tables.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let corpus = trackside_testkit::malformed::TABLES.iter().flat_map(|table| table());
    tests.extend(corpus.flat_map(|case| case.codes).map(|code| format!("\"{code}\"")));
    let forgotten: Vec<&str> = trackside_domain::finding::Code::ALL
        .iter()
        .map(|code| code.id())
        .filter(|id| !tests.contains(&format!("\"{id}\"")))
        .collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}
