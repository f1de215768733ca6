//! Channels out of manifests: where packages lie, what the data says, what makes no channel.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use super::*;
use crate::artifact_kind::ArtifactKind;
use crate::manifest::Source as BuiltFrom;

/// `a-1-0.conda`, with bytes told apart by `content`, for a subdir.
fn package(file: &str, subdir: &str, content: &str) -> Artifact {
    let stem = file.strip_suffix(".conda").or_else(|| file.strip_suffix(".tar.bz2")).unwrap();
    let mut parts = stem.rsplitn(3, '-').map(str::to_owned);
    let (build, version, name) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let record = CondaRecord {
        name,
        version,
        build,
        build_number: 0,
        subdir: subdir.to_owned(),
        depends: vec!["python >=3.10".to_owned()],
        constrains: Vec::new(),
        about: CondaAbout { timestamp: Some(1), ..CondaAbout::default() },
        md5: Md5::from_bytes([7; 16]),
        run_exports: RunExports { weak: vec!["a >=1".to_owned()], ..RunExports::default() },
    };
    Artifact {
        name: file.parse().unwrap(),
        kind: ArtifactKind::Conda,
        folder: Some(subdir.parse().unwrap()),
        size: content.len() as u64,
        sha256: Sha256::of(content.as_bytes()),
        metadata: None,
        requires_python: None,
        derivation: None,
        conda: Some(Box::new(record)),
    }
}

fn manifest(package: &str, candidate: &str, artifacts: Vec<Artifact>) -> Manifest {
    let source = BuiltFrom {
        repository: "core".parse().unwrap(),
        tag: "v1.0.0-rc1".parse().unwrap(),
        commit: "1".repeat(40).parse().unwrap(),
    };
    Manifest::new(package.parse().unwrap(), candidate.parse().unwrap(), source, artifacts).unwrap()
}

fn source<'a>(manifest: &'a Manifest, candidate: &str) -> Source<'a> {
    Source { manifest, candidate: Some(candidate.parse().unwrap()), yanked: None }
}

fn made(root: IndexRoot, sources: &[Source<'_>]) -> CondaChannel {
    channel(root, sources, &BTreeSet::new()).unwrap()
}

/// Where the packages of `linux-64` are, and what is copied there.
fn place(channel: &CondaChannel) -> String {
    let subdir = &channel.subdirs[&"linux-64".parse().unwrap()];
    let (_, repodata) = subdir.data.iter().find(|(key, _)| key.path().ends_with("repodata.json")).unwrap();
    let Data::Text(text) = repodata else { panic!("repodata is a text") };
    let value: serde_json::Value = serde_json::from_str(text).unwrap();
    let mut shown = format!("{} {}", value["repodata_version"], value["info"]["base_url"].as_str().unwrap_or("beside"));
    for copy in &subdir.copies {
        shown.push_str(&format!("\n{}", copy.to.path()));
    }
    shown
}

#[test]
fn a_subdir_is_written_in_three_forms_and_noarch_is_always_there() {
    let a = manifest(
        "a",
        "1.0.0-rc1",
        vec![package("a-1-0.conda", "linux-64", "a"), package("a-1-0.tar.bz2", "linux-64", "older")],
    );
    let channel = made(IndexRoot::Stable, &[source(&a, "1.0.0-rc1")]);
    let mut shown = String::new();
    for subdir in channel.subdirs.values() {
        let shards = subdir.shards.iter().map(|(key, shard)| (key, &shard.text));
        let data = subdir.data.iter().map(|(key, data)| match data {
            Data::Text(text) => (key, text),
            Data::Encoded(encoded) => (key, &encoded.text),
        });
        for (key, text) in shards.chain(data).filter(|(key, _)| !key.path().ends_with(".json.zst")) {
            // A compressor may change what the digest of a shard is.
            let text = match subdir.shards.first() {
                Some((_, shard)) => text.replace(&shard.sha256.to_string(), "[SHARD]"),
                None => text.clone(),
            };
            let name = if key.path().contains("/shards/") { "shard".to_owned() } else { key.path() };
            shown.push_str(&format!("{name}\n  {text}"));
        }
    }
    let shown = shown.replace(&Sha256::of(b"a").to_string(), "[A]").replace(&Sha256::of(b"older").to_string(), "[B]");
    assert_snapshot!(shown, @r#"
    shard
      {"packages":{"a-1-0.tar.bz2":{"build":"0","build_number":0,"depends":["python >=3.10"],"md5":"07070707070707070707070707070707","name":"a","sha256":"[B]","size":5,"subdir":"linux-64","timestamp":1,"version":"1"}},"packages.conda":{"a-1-0.conda":{"build":"0","build_number":0,"depends":["python >=3.10"],"md5":"07070707070707070707070707070707","name":"a","sha256":"[A]","size":1,"subdir":"linux-64","timestamp":1,"version":"1"}},"removed":[]}
    conda/linux-64/run_exports.json
      {"info":{"subdir":"linux-64","version":1},"packages":{"a-1-0.tar.bz2":{"run_exports":{"weak":["a >=1"]}}},"packages.conda":{"a-1-0.conda":{"run_exports":{"weak":["a >=1"]}}}}
    conda/linux-64/repodata.json
      {"info":{"subdir":"linux-64"},"packages":{"a-1-0.tar.bz2":{"build":"0","build_number":0,"depends":["python >=3.10"],"md5":"07070707070707070707070707070707","name":"a","sha256":"[B]","size":5,"subdir":"linux-64","timestamp":1,"version":"1"}},"packages.conda":{"a-1-0.conda":{"build":"0","build_number":0,"depends":["python >=3.10"],"md5":"07070707070707070707070707070707","name":"a","sha256":"[A]","size":1,"subdir":"linux-64","timestamp":1,"version":"1"}},"removed":[],"repodata_version":1}
    conda/linux-64/repodata_shards.msgpack.zst
      {"info":{"base_url":"./","shards_base_url":"./shards/","subdir":"linux-64"},"shards":{"a":"[SHARD]"},"version":1}
    conda/noarch/run_exports.json
      {"info":{"subdir":"noarch","version":1},"packages":{},"packages.conda":{}}
    conda/noarch/repodata.json
      {"info":{"subdir":"noarch"},"packages":{},"packages.conda":{},"removed":[],"repodata_version":1}
    conda/noarch/repodata_shards.msgpack.zst
      {"info":{"base_url":"./","shards_base_url":"./shards/","subdir":"noarch"},"shards":{},"version":1}
    "#);
}

#[test]
fn packages_of_one_set_are_used_where_they_are() {
    let a = manifest("a", "1.0.0-rc2", vec![package("a-1-0.conda", "linux-64", "a")]);
    for (root, shown) in [
        (IndexRoot::Stable, "1 beside"),
        (IndexRoot::Test, "2 ../../../packages/a/1.0.0-rc2/files/linux-64/"),
        (IndexRoot::Candidate("1.0.0-rc3".parse().unwrap()), "2 ../../../../packages/a/1.0.0-rc2/files/linux-64/"),
    ] {
        assert_eq!(place(&made(root, &[source(&a, "1.0.0-rc3")])), shown);
    }
}

#[test]
fn packages_of_several_sets_lie_beside_the_data_of_their_candidate_and_test_leads_there() {
    let a = manifest("a", "1.0.0-rc2", vec![package("a-1-0.conda", "linux-64", "a")]);
    let b = manifest("b", "5.0.0-rc1", vec![package("b-5-0.conda", "linux-64", "b")]);
    let both = [source(&a, "1.0.0-rc3"), source(&b, "1.0.0-rc3")];
    assert_snapshot!(place(&made(IndexRoot::Candidate("1.0.0-rc3".parse().unwrap()), &both)), @"
    1 beside
    candidates/1.0.0-rc3/conda/linux-64/a-1-0.conda
    candidates/1.0.0-rc3/conda/linux-64/b-5-0.conda
    ");
    assert_eq!(place(&made(IndexRoot::Test, &both)), "2 ../../../candidates/1.0.0-rc3/conda/linux-64/");
    assert_eq!(place(&made(IndexRoot::Stable, &both)), "1 beside");
}

#[test]
fn packages_of_several_candidates_are_put_together_under_the_digest_of_their_set() {
    let old = manifest("a", "1.0.0-rc1", vec![package("a-1.0-0.conda", "linux-64", "a")]);
    let new = manifest("a", "1.1.0-rc1", vec![package("a-1.1-0.conda", "linux-64", "b")]);
    let (one, other) = (source(&old, "1.0.0-rc1"), source(&new, "1.1.0-rc1"));
    let together = made(IndexRoot::Test, &[one, other]);
    let shown = place(&together);
    assert!(shown.starts_with("2 ../sets/") && shown.lines().count() == 3, "{shown}");
    assert_eq!(together, made(IndexRoot::Test, &[other, one]));
    // The second candidate of 1.1.0 has a file of the same name, and so another folder.
    let newer = manifest("a", "1.1.0-rc2", vec![package("a-1.1-0.conda", "linux-64", "c")]);
    assert_ne!(shown, place(&made(IndexRoot::Test, &[one, source(&newer, "1.1.0-rc2")])));
}

#[test]
fn what_is_yanked_is_removed_and_stays_where_it_is() {
    let a = manifest(
        "a",
        "1.0.0-rc1",
        vec![package("a-1-0.conda", "linux-64", "a"), package("a-1-1.conda", "linux-64", "b")],
    );
    let yanked = Yanked { release: None, files: [("a-1-0.conda".parse().unwrap(), "broken".to_owned())].into() };
    let whole = made(IndexRoot::Test, &[source(&a, "1.0.0-rc1")]);
    let less = made(IndexRoot::Test, &[Source { yanked: Some(&yanked), ..source(&a, "1.0.0-rc1") }]);
    assert_eq!(place(&whole), place(&less));
    let subdir = &less.subdirs[&"linux-64".parse().unwrap()];
    let texts = subdir.shards.iter().map(|(_, shard)| &shard.text);
    let texts = texts.chain(subdir.data.iter().filter_map(|(key, data)| match data {
        Data::Text(text) if key.path().ends_with("repodata.json") => Some(text),
        _ => None,
    }));
    let texts: Vec<serde_json::Value> = texts.map(|text| serde_json::from_str(text).unwrap()).collect();
    assert_eq!(texts.len(), 2);
    for text in texts {
        assert_eq!(text["removed"], serde_json::json!(["a-1-0.conda"]));
        let offered: Vec<&String> = text["packages.conda"].as_object().unwrap().keys().collect();
        assert_eq!(offered, ["a-1-1.conda"]);
    }
}

#[test]
fn a_subdir_that_lost_its_last_package_becomes_empty() {
    let seen = subdirs_of(IndexRoot::Stable, ["conda/osx-64/repodata.json", "conda/test/win-64/repodata.json"]);
    assert_eq!(seen, BTreeSet::from(["osx-64".parse().unwrap()]));
    let channel = channel(IndexRoot::Stable, &[], &seen).unwrap();
    assert_eq!(channel.subdirs.keys().map(FolderName::as_str).collect::<Vec<_>>(), ["noarch", "osx-64"]);
    assert!(made(IndexRoot::Stable, &[]).subdirs.is_empty());
}

#[test]
fn what_makes_no_channel_is_refused() {
    let refused = |artifacts: Vec<Artifact>, more: Vec<Artifact>| {
        let (a, b) = (manifest("a", "1.0.0-rc1", artifacts), manifest("b", "1.0.0-rc1", more));
        let sources = [source(&a, "1.0.0-rc1"), source(&b, "1.0.0-rc1")];
        channel(IndexRoot::Stable, &sources, &BTreeSet::new()).unwrap_err().to_string()
    };
    let a = package("a-1-0.conda", "linux-64", "a");
    let shown = [
        refused(vec![a.clone()], vec![package("a-1-0.conda", "linux-64", "b")]),
        refused(vec![Artifact { conda: None, ..a.clone() }], vec![]),
        refused(vec![Artifact { folder: None, ..a.clone() }], vec![]),
        refused(vec![Artifact { folder: Some("osx-64".parse().unwrap()), ..a }], vec![]),
    ];
    assert_snapshot!(shown.join("\n"), @"
    two different files named `a-1-0.conda` would be in `linux-64`: packages/a/1.0.0-rc1/files/linux-64/a-1-0.conda and packages/b/1.0.0-rc1/files/linux-64/a-1-0.conda
    the manifest says nothing about the conda package `a-1-0.conda`: it was staged by an older trackside
    `a-1-0.conda` is a package for `linux-64`, the matrix has it in no folder
    `a-1-0.conda` is a package for `linux-64`, the matrix has it in osx-64
    ");
}

#[test]
fn a_manifest_without_conda_packages_has_the_bytes_that_it_always_had() {
    let plain = Artifact { conda: None, ..package("a-1-0.conda", "linux-64", "a") };
    let text = manifest("a", "1.0.0-rc1", vec![plain]).to_text();
    assert!(!text.contains("\"conda\":"), "{text}");
    let with = manifest("a", "1.0.0-rc1", vec![package("a-1-0.conda", "linux-64", "a")]);
    assert_eq!(Manifest::from_bytes(with.to_text().as_bytes()).unwrap(), with);
}
