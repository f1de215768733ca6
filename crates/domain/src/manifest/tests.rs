//! Tests of the records: what they refuse and what their bytes are.

use std::collections::BTreeMap;

use super::*;
use crate::derivation::{DerivedFile, Function, RENAME_WHEEL, Rules, Scope, Search, Tool, VersionChange};

fn sha(text: &str) -> Sha256 {
    Sha256::of(text.as_bytes())
}

fn artifact(folder: Option<&str>, name: &str) -> Artifact {
    Artifact {
        name: name.parse().unwrap(),
        kind: ArtifactKind::Wheel,
        folder: folder.map(|folder| folder.parse().unwrap()),
        size: 10,
        sha256: sha(name),
        metadata: Some(MetadataFile { sha256: sha("metadata"), size: 3 }),
        requires_python: Some(">=3.10".into()),
        derivation: None,
        conda: None,
    }
}

fn source() -> Source {
    Source {
        repository: "vision".parse().unwrap(),
        tag: "v0.30.0-rc1".parse().unwrap(),
        commit: "0123456789abcdef0123456789abcdef01234567".parse().unwrap(),
    }
}

fn manifest(artifacts: Vec<Artifact>) -> Result<Manifest, RecordError> {
    Manifest::new("torchvision".parse().unwrap(), "0.30.0-rc1".parse().unwrap(), source(), artifacts)
}

fn reference(package: &str, candidate: &str) -> ManifestRef {
    ManifestRef {
        package: package.parse().unwrap(),
        candidate: candidate.parse().unwrap(),
        revision: 1,
        sha256: sha("manifest"),
    }
}

fn verdict(outcomes: &[Outcome]) -> Verdict {
    let check =
        |outcome: &Outcome| Check { name: "digests".into(), package: None, outcome: *outcome, detail: String::new() };
    Verdict {
        format: FORMAT,
        candidate: "2.15.0-rc1".parse().unwrap(),
        manifests: vec![reference("torch", "2.15.0-rc1")],
        checks: outcomes.iter().map(check).collect(),
        platform: "linux-x86_64".into(),
        installer: None,
        at: jiff::Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn a_manifest_reads_like_this() {
    let manifest = manifest(vec![artifact(Some("cpu"), "torchvision-0.30.0+cpu-py3-none-any.whl")]).unwrap();
    insta::assert_snapshot!(String::from_utf8(manifest.sealed().to_bytes()).unwrap(), @r#"
    {
      "format": 1,
      "package": "torchvision",
      "candidate": "0.30.0-rc1",
      "revision": 1,
      "parent": null,
      "sealed": true,
      "source": {
        "repository": "vision",
        "tag": "v0.30.0-rc1",
        "commit": "0123456789abcdef0123456789abcdef01234567"
      },
      "artifacts": [
        {
          "name": "torchvision-0.30.0+cpu-py3-none-any.whl",
          "kind": "wheel",
          "folder": "cpu",
          "size": 10,
          "sha256": "4b2483bd98137168a3259e4779e9d194cb5c0fe78ebf8352439a676eebb54bc9",
          "metadata": {
            "sha256": "45447b7afbd5e544f7d0f1df0fccd26014d9850130abd3f020b89ff96b82079f",
            "size": 3
          },
          "requires_python": ">=3.10"
        }
      ]
    }
    "#);
}

#[test]
fn artifacts_are_sorted_whatever_the_order_of_their_arrival() {
    let [a, b, c] = [artifact(None, "b.whl"), artifact(Some("cpu"), "a.whl"), artifact(Some("cpu"), "b.whl")];
    let one = manifest(vec![a.clone(), b.clone(), c.clone()]).unwrap();
    assert_eq!(one.digest(), manifest(vec![c, b, a]).unwrap().digest());
}

#[test]
fn revisions_form_a_chain_that_a_seal_ends() {
    let first = manifest(vec![artifact(None, "b.whl")]).unwrap();
    let second = first.next([artifact(None, "a.whl")]).unwrap().sealed();
    assert_eq!((second.revision, second.parent, second.artifacts.len()), (2, Some(first.digest()), 2));
    assert_eq!(Manifest::from_bytes(&second.to_bytes()).unwrap(), second);
    let error = second.next([artifact(None, "c.whl")]).unwrap_err();
    insta::assert_snapshot!(error, @"the manifest is refused: it is sealed, so no revision may follow");
}

#[test]
fn two_artifacts_of_one_name_are_refused() {
    for other in ["a.whl", "A.whl"] {
        let artifacts = vec![artifact(Some("cpu"), "a.whl"), artifact(Some("cpu"), other)];
        assert!(manifest(artifacts).is_err(), "{other}");
    }
    assert!(manifest(vec![artifact(Some("cpu"), "a.whl"), artifact(None, "a.whl")]).is_ok());
}

#[test]
fn bytes_that_are_not_exactly_the_record_are_refused() {
    let good = String::from_utf8(manifest(vec![artifact(None, "a.whl")]).unwrap().to_bytes()).unwrap();
    let cases = [
        ("format 2", good.replacen("\"format\": 1", "\"format\": 2", 1)),
        ("no format", good.replacen("\"format\"", "\"formt\"", 1)),
        ("an unknown field", good.replacen("\"sealed\"", "\"later\": 1, \"sealed\"", 1)),
        ("the line end is missing", good.trim_end().to_owned()),
        ("two fields of one name", good.replacen("\"revision\": 1", "\"revision\": 1, \"revision\": 1", 1)),
        ("a name that leaves its folder", good.replacen("a.whl", "../a.whl", 1)),
        ("revision 0", good.replacen("\"revision\": 1", "\"revision\": 0", 1)),
        ("a later revision without parent", good.replacen("\"revision\": 1", "\"revision\": 2", 1)),
        ("cut short", good[..good.len() / 2].to_owned()),
    ];
    for (case, bytes) in cases {
        assert_ne!(bytes, good, "{case} changes nothing");
        assert!(Manifest::from_bytes(bytes.as_bytes()).is_err(), "{case}");
    }
}

#[test]
fn a_newer_format_is_named_before_its_new_fields() {
    let error = Manifest::from_bytes(br#"{"format": 2, "novelty": true}"#).unwrap_err();
    insta::assert_snapshot!(error, @"the manifest has format 2, this program knows only format 1: use the newest trackside");
}

#[test]
fn a_verdict_passes_only_if_every_check_was_made_and_passed() {
    use Outcome::{Failed, NotDone, Passed};
    for (outcomes, passed) in [
        (vec![], false),
        (vec![Passed], true),
        (vec![Passed, Passed], true),
        (vec![Passed, Failed], false),
        (vec![NotDone, Passed], false),
    ] {
        let verdict = verdict(&outcomes);
        assert_eq!(verdict.passed(), passed, "{outcomes:?}");
        assert_eq!(Verdict::from_bytes(&verdict.to_bytes()).unwrap(), verdict);
    }
}

#[test]
fn a_channel_map_never_points_to_another_package_or_release() {
    let entry = |package, candidate| ChannelEntry {
        spread: None,
        since: None,
        yanked: Yanked::default(),
        manifest: reference(package, candidate),
        candidate: "2.15.0-rc1".parse().unwrap(),
    };
    for (package, candidate, good) in
        [("torchvision", "0.30.0-rc1", true), ("torchvision", "0.30.1-rc1", false), ("torch", "0.30.0-rc1", false)]
    {
        let mut map = ChannelMap::empty(Channel::Test);
        let releases = BTreeMap::from([("0.30.0".parse().unwrap(), entry(package, candidate))]);
        map.releases.insert("torchvision".parse().unwrap(), releases);
        assert_eq!(ChannelMap::from_bytes(&map.to_bytes()).is_ok(), good, "{package} {candidate}");
    }
}

#[test]
fn a_candidate_never_takes_the_manifest_of_another() {
    let package = |manifest| CandidatePackage {
        candidate: "0.30.0-rc1".parse().unwrap(),
        tag: "v0.30.0-rc1".parse().unwrap(),
        commit: source().commit,
        repository: source().repository,
        carried_from: None,
        manifest,
    };
    for (manifest, good) in [
        (None, true),
        (Some(reference("torchvision", "0.30.0-rc1")), true),
        (Some(reference("torchvision", "0.30.0-rc2")), false),
        (Some(reference("torch", "0.30.0-rc1")), false),
    ] {
        let record = CandidateRecord {
            format: FORMAT,
            candidate: "2.15.0-rc2".parse().unwrap(),
            packages: BTreeMap::from([("torchvision".parse().unwrap(), package(manifest))]),
            reason: None,
        };
        assert_eq!(CandidateRecord::from_bytes(&record.to_bytes()).is_ok(), good);
    }
    let empty = CandidateRecord {
        format: FORMAT,
        candidate: "2.15.0-rc2".parse().unwrap(),
        packages: BTreeMap::new(),
        reason: None,
    };
    assert!(CandidateRecord::from_bytes(&empty.to_bytes()).is_err());
}

#[test]
fn a_promotion_is_of_a_candidate_of_its_release() {
    let record = |release: &str| PromotionRecord {
        format: FORMAT,
        release: release.parse().unwrap(),
        candidate: "2.15.0-rc2".parse().unwrap(),
        manifests: vec![reference("torch", "2.15.0-rc1"), reference("torchvision", "0.30.0-rc1")],
        reason: None,
    };
    assert!(PromotionRecord::from_bytes(&record("2.15.0").to_bytes()).is_ok());
    assert!(PromotionRecord::from_bytes(&record("2.15.1").to_bytes()).is_err());
}

/// A record that the wheel `name` was made from one of another local version.
fn derived(name: &str) -> Derivation {
    let output = DerivedFile { name: name.parse().unwrap(), size: 10, sha256: sha(name) };
    let version = output.name.version_text().to_owned();
    let input = name.replacen(&version, "0.30.0+other", 1);
    Derivation {
        format: FORMAT,
        tool: Tool { name: "trackside".into(), version: "0.1.0".into() },
        function: Function { id: RENAME_WHEEL.into(), version: 1 },
        input: DerivedFile { name: input.parse().unwrap(), size: 11, sha256: sha("input") },
        rules: Rules::new(VersionChange { from: "0.30.0+other".into(), to: version }),
        output,
        changed: Vec::new(),
        renamed: Vec::new(),
        search: Search { scope: Scope::Text, searched: 0, skipped: Vec::new() },
    }
}

#[test]
fn how_an_artifact_was_derived_is_kept_and_must_be_about_it() {
    let name = "torchvision-0.30.0-py3-none-any.whl";
    let with = |change: fn(&mut Derivation)| {
        let mut derivation = derived(name);
        change(&mut derivation);
        manifest(vec![Artifact { derivation: Some(derivation), ..artifact(None, name) }])
    };
    let kept = with(|_| {}).unwrap();
    assert_eq!(Manifest::from_bytes(&kept.to_bytes()).unwrap(), kept);
    let plain = manifest(vec![artifact(None, name)]).unwrap();
    assert!(!plain.to_text().contains("derivation"), "records without one keep their bytes");
    let about_others: [fn(&mut Derivation); 3] = [
        |derivation| derivation.output.size = 9,
        |derivation| derivation.output.sha256 = sha("other"),
        |derivation| derivation.output.name = "torchvision-0.30.1-py3-none-any.whl".parse().unwrap(),
    ];
    for change in about_others {
        let refused = with(change).unwrap_err().to_string();
        assert_eq!(refused, "the manifest is refused: the derivation of one of its artifacts made another file");
    }
}
