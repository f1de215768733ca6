//! `artifact codes`, and the page of the docs that is made from it.

use std::path::Path;

use crate::common::World;

/// Where the table begins in the docs.
const MARK: &str = "<!-- the table: what `trackside artifact codes` prints; a test compares them -->\n";

#[test]
fn the_docs_have_the_table_that_is_printed() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/artifact-codes.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, table) = page.split_once(MARK).expect("the mark stands in the docs");
    let output = World::empty().command(["artifact", "codes"]).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let other = printed.lines().zip(table.lines()).find(|(printed, written)| printed != written);
    assert_eq!(
        other, None,
        "docs/artifact-codes.md is old: put the answer of `trackside artifact codes` below the mark"
    );
    assert_eq!(printed.lines().count(), table.lines().count());
}

#[test]
fn codes_are_a_document_too() {
    let output = World::empty().command(["artifact", "codes", "--format", "json"]).output().unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let codes = answer["artifact-codes"].as_array().unwrap();
    let of = |wanted: &str| codes.iter().find(|code| code["code"] == wanted).unwrap();
    assert_eq!(of("trailing-data")["fixed"], true);
    assert_eq!(of("wheel-tags-differ")["strict"], "error");
    assert_eq!(of("wheel-tags-differ")["channel"], "warning");
    assert!(codes.iter().all(|code| !code["meaning"].as_str().unwrap().is_empty()));
}
