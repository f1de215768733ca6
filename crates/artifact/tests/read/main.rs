//! Archives read as trackside reads them: good ones pass, each bad one is refused by its code.

mod archives;
mod case;
mod contents;
mod damage;
mod good;
mod names;
mod wheels;

#[test]
fn every_code_has_a_test_in_which_it_is_found() {
    let tests =
        [include_str!("archives.rs"), include_str!("contents.rs"), include_str!("names.rs"), include_str!("wheels.rs")]
            .concat();
    let forgotten: Vec<&str> = trackside_domain::finding::Code::ALL
        .iter()
        .map(|code| code.id())
        .filter(|id| !tests.contains(&format!("\"{id}\"")))
        .collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}
