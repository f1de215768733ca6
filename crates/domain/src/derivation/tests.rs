//! Rules and records: what leads to a name, and what is refused.

use super::*;

fn wheel(name: &str) -> WheelFileName {
    name.parse().unwrap()
}

fn torch() -> WheelFileName {
    wheel("torch-2.6.0+cu124-cp311-cp311-linux_x86_64.whl")
}

fn strip() -> Rules {
    Rules::new(VersionChange::strip_local(&torch()).unwrap())
}

fn record() -> Derivation {
    let file = |name, content: &[u8]| DerivedFile { name, size: 3, sha256: Sha256::of(content) };
    let content = |content: &[u8]| MemberContent { size: 3, sha256: Sha256::of(content) };
    let rules = Rules { platform: Some(vec!["manylinux_2_28_x86_64".into()]), ..strip() };
    let output = file(rules.output_name(&torch()).unwrap(), b"new");
    Derivation {
        format: FORMAT,
        tool: Tool { name: "trackside".into(), version: "0.1.0".into() },
        function: Function { id: RENAME_WHEEL.into(), version: 1 },
        input: file(torch(), b"old"),
        rules,
        output,
        changed: vec![ChangedMember {
            from: "torch-2.6.0+cu124.dist-info/METADATA".into(),
            to: "torch-2.6.0.dist-info/METADATA".into(),
            why: Why::Metadata,
            before: content(b"abc"),
            after: content(b"abd"),
        }],
        renamed: Vec::new(),
        search: Search { scope: Scope::Text, searched: 1, skipped: Vec::new() },
    }
}

#[test]
fn the_name_of_the_output_follows_from_the_rules() {
    let named = |rules: Rules| rules.output_name(&torch()).unwrap().to_string();
    assert_eq!(named(strip()), "torch-2.6.0-cp311-cp311-linux_x86_64.whl");
    let platform = Some(vec!["manylinux_2_17_x86_64".to_owned(), "manylinux2014_x86_64".to_owned()]);
    let rules = Rules { platform, build: Some("2".into()), ..strip() };
    assert_eq!(named(rules), "torch-2.6.0-2-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl");
    let back = wheel("torch-2.6.0-1-cp311-cp311-linux_x86_64.whl");
    let rules = Rules::new(VersionChange::to(&back, "2.6.0+cu124").unwrap());
    assert_eq!(rules.output_name(&back).unwrap().as_str(), "torch-2.6.0+cu124-1-cp311-cp311-linux_x86_64.whl");
}

#[test]
fn rules_without_effect_are_refused() {
    let plain = wheel("torch-2.6.0-1-cp311-cp311-linux_x86_64.whl");
    let refused = |rules: Rules| rules.output_name(&torch()).unwrap_err().to_string();
    let strings = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let errors = [
        VersionChange::strip_local(&plain).unwrap_err().to_string(),
        VersionChange::to(&plain, "2.6").unwrap_err().to_string(),
        strip().output_name(&plain).unwrap_err().to_string(),
        refused(Rules { platform: Some(strings(&["linux_x86_64"])), ..strip() }),
        refused(Rules { platform: Some(strings(&["x", "x"])), ..strip() }),
        refused(Rules { edits: strings(&["a", "b", "a"]), ..strip() }),
        refused(Rules { build: Some("x".into()), ..strip() }),
        Rules { build: Some("1".into()), ..Rules::new(VersionChange::to(&plain, "3").unwrap()) }
            .output_name(&plain)
            .unwrap_err()
            .to_string(),
    ];
    insta::assert_snapshot!(errors.join("\n"), @r"
    `2.6.0` is a version without a local part
    the new version `2.6` is the old one
    the rules are for version `2.6.0+cu124`, the file has `2.6.0`
    the platform tag is already what the rules make it
    the new name is refused: the platform tag `x` stands there twice
    `a` stands twice in the rules
    the new name is refused: its build tag does not begin with a digit
    the build tag is already what the rules make it
    ");
}

#[test]
fn a_record_comes_back_from_its_bytes() {
    let record = record();
    assert_eq!(Derivation::from_bytes(&record.to_bytes()).unwrap(), record);
}

#[test]
fn records_that_contradict_themselves_are_refused() {
    let another_name = Derivation { output: record().input, ..record() };
    let changed = record().changed[0].clone();
    let twice = RenamedMember { from: changed.from.clone(), to: changed.to.clone() };
    let unchanged = ChangedMember { after: changed.before, ..changed };
    for broken in [
        another_name,
        Derivation { renamed: vec![twice], ..record() },
        Derivation { changed: vec![unchanged], ..record() },
        Derivation { format: 2, ..record() },
    ] {
        assert!(Derivation::from_bytes(&broken.to_bytes()).is_err(), "{broken:?}");
    }
    let edited = record().to_text().replace("\"searched\": 1", "\"searched\":  1");
    assert!(matches!(Derivation::from_bytes(edited.as_bytes()), Err(RecordError::NotCanonical { .. })));
}
