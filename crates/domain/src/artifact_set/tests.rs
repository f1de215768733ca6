//! Sets that contradict themselves, and what is told about them.

use super::*;
use crate::finding::{Policy, Profile, Severity};

fn file(name: &str) -> SetFile {
    let (package, rest) = name.split_once('-').unwrap();
    let version = rest.split('-').next().unwrap().trim_end_matches(".tar.gz");
    let facts = Fact::ALL.into_iter().map(|fact| (fact, format!("same {}", fact.field()))).collect();
    let says = Statement {
        package: package.parse().unwrap(),
        version: version.parse().unwrap(),
        requires_dist: Vec::new(),
        facts,
    };
    let is_sdist = name.ends_with(".tar.gz");
    SetFile { name: name.to_owned(), size: 10, sha256: Sha256::of(name.as_bytes()), is_sdist, says: Some(says) }
}

fn saying(name: &str, fact: Fact, text: &str) -> SetFile {
    let mut file = file(name);
    if let Some(says) = &mut file.says {
        says.facts.insert(fact, text.to_owned());
    }
    file
}

fn requiring(name: &str, requirement: &str) -> SetFile {
    let mut file = file(name);
    if let Some(says) = &mut file.says {
        says.requires_dist.push(requirement.to_owned());
    }
    file
}

fn line(versions: &[(&str, &str)]) -> BTreeMap<PackageName, Version> {
    versions.iter().map(|(name, version)| (name.parse().unwrap(), version.parse().unwrap())).collect()
}

/// What is told: `0: text [code]` for the first file, `set: ...` for the whole.
fn told(files: &[SetFile], expects: &BTreeMap<PackageName, Version>, limits: &Limits) -> Vec<String> {
    let findings = check(files, expects, limits);
    assert_eq!(findings.files.len(), files.len());
    let of_files = findings
        .files
        .iter()
        .enumerate()
        .flat_map(|(index, list)| list.iter().map(move |one| format!("{index}: {one}")));
    let lines: Vec<String> = of_files.chain(findings.set.iter().map(|one| format!("set: {one}"))).collect();
    assert_eq!(lines.is_empty(), findings.is_empty());
    lines
}

fn compared(files: &[SetFile]) -> Vec<String> {
    told(files, &BTreeMap::new(), &Limits::default())
}

const LINUX: &str = "torch-2.15.0-cp311-cp311-manylinux_2_28_x86_64.whl";
const MAC: &str = "torch-2.15.0-cp311-none-macosx_11_0_arm64.whl";
const WINDOWS: &str = "torch-2.15.0-cp311-cp311-win_amd64.whl";

#[test]
fn files_that_agree_are_fine() {
    assert!(compared(&[file(LINUX), file(MAC), file(WINDOWS), file("torch-2.15.0.tar.gz")]).is_empty());
    assert!(compared(&[]).is_empty());
    let silent = SetFile { says: None, ..file(MAC) };
    assert!(compared(&[file(LINUX), silent]).is_empty());
    assert!(compared(&[file(LINUX), file(LINUX)]).is_empty(), "the same file twice is one file");
}

#[test]
fn what_one_file_says_otherwise_is_told_of_that_file() {
    let files = [
        saying(LINUX, Fact::RequiresDist, "filelock\nsympy"),
        saying(MAC, Fact::RequiresDist, "filelock\nnumpy"),
        saying(WINDOWS, Fact::RequiresDist, "filelock\nsympy"),
    ];
    insta::assert_snapshot!(compared(&files).join("\n"), @"1: its Requires-Dist is not that of `torch-2.15.0-cp311-cp311-manylinux_2_28_x86_64.whl`: more: `numpy`; missing: `sympy` [set-requires-dist-differs]");
}

#[test]
fn each_fact_has_a_code_of_its_own() {
    let codes: Vec<String> = Fact::ALL
        .into_iter()
        .flat_map(|fact| compared(&[file(LINUX), saying(MAC, fact, "other")]))
        .map(|text| text.split_once('[').unwrap().1.trim_end_matches(']').to_owned())
        .collect();
    insta::assert_snapshot!(codes.join(" "), @"set-metadata-version-differs set-summary-differs set-requires-python-differs set-requires-dist-differs set-provides-extra-differs set-description-differs");
}

#[test]
fn long_lists_and_texts_are_told_in_short() {
    let many: Vec<String> = (0..9).map(|number| format!("p{number}")).collect();
    let lists = [saying(LINUX, Fact::RequiresDist, ""), saying(MAC, Fact::RequiresDist, &many.join("\n"))];
    assert!(compared(&lists)[0].contains("more: `p0`, `p1`, `p2` and 6 more ["), "{:?}", compared(&lists));
    let texts = [file(LINUX), saying(MAC, Fact::Summary, &"x".repeat(600))];
    assert!(compared(&texts)[0].contains("it is another text"), "{:?}", compared(&texts));
    let less = [saying(LINUX, Fact::ProvidesExtra, "opt"), saying(MAC, Fact::ProvidesExtra, "")];
    assert!(compared(&less)[0].contains("missing: `opt`"), "{:?}", compared(&less));
}

#[test]
fn hostile_text_is_not_printed_as_it_is() {
    let files =
        [saying(LINUX, Fact::RequiresDist, ""), saying(MAC, Fact::RequiresDist, "a; extra == \"b\u{1b}[31m\u{202e}\"")];
    assert!(compared(&files)[0].contains("more: `a; extra == \"b\\u{1b}[31m\\u{202e}\"`"), "{:?}", compared(&files));
}

#[test]
fn variants_and_other_packages_are_not_compared() {
    let cpu = saying("torch-2.15.0+cpu-py3-none-any.whl", Fact::RequiresDist, "filelock");
    let cuda = saying("torch-2.15.0+cu124-py3-none-any.whl", Fact::RequiresDist, "filelock\nnvidia-nccl-cu12");
    let vision = saying("torchvision-0.30.0-py3-none-any.whl", Fact::Summary, "images");
    assert!(compared(&[cpu, cuda, vision]).is_empty());
    let short = saying("torch-2.15-py3-none-any.whl", Fact::Summary, "other");
    assert_eq!(compared(&[file(LINUX), short]).len(), 1, "2.15 and 2.15.0 are one release");
}

#[test]
fn a_source_distribution_may_leave_a_fact_to_the_build() {
    let mut sdist = file("torch-2.15.0.tar.gz");
    if let Some(says) = &mut sdist.says {
        says.facts.remove(&Fact::RequiresDist);
    }
    assert!(compared(&[file(LINUX), sdist]).is_empty());
}

#[test]
fn one_name_has_one_content_and_the_reverse() {
    let other = SetFile { sha256: Sha256::of(b"other"), ..file(LINUX) };
    let copy = SetFile { sha256: file(LINUX).sha256, ..file(MAC) };
    let told = compared(&[file(LINUX), other, copy]);
    insta::assert_snapshot!(told.join("\n"), @r"
    1: another file of this name has sha256 ec0058d443bf, this one d9298a10d1b0 [set-same-name]
    2: it has the same bytes as `torch-2.15.0-cp311-cp311-manylinux_2_28_x86_64.whl` [set-same-bytes]
    ");
}

#[test]
fn a_release_has_one_source_distribution() {
    let second =
        SetFile { name: "torch-2.15.tar.gz".to_owned(), sha256: Sha256::of(b"x"), ..file("torch-2.15.0.tar.gz") };
    let told = compared(&[file("torch-2.15.0.tar.gz"), second, file(LINUX)]);
    assert_eq!(told, ["1: the release has a source distribution already, `torch-2.15.0.tar.gz` [set-second-sdist]"]);
}

#[test]
fn requirements_of_the_train_agree_with_the_line() {
    let expects = line(&[("torch", "2.15.0"), ("torchvision", "0.30.0")]);
    let vision = |requirement: &str| {
        told(&[requiring("torchvision-0.30.0-py3-none-any.whl", requirement)], &expects, &Limits::default())
    };
    for fine in
        ["torch==2.15.0", "torch", "torch>=2.14,<3", "torch==2.15.*", "numpy==1.0+local", "torch @ https://example.org"]
    {
        assert!(vision(fine).is_empty(), "{fine}: {:?}", vision(fine));
    }
    insta::assert_snapshot!(vision("torch==2.14.0").join("\n"), @"0: it requires `torch==2.14.0`, the line has torch 2.15.0 [set-line-version]");
    insta::assert_snapshot!(vision("Torch (>=2.14,<2.15); extra == 'x'").join("\n"), @"0: it requires `torch<2.15`, the line has torch 2.15.0 [set-line-version]");
    insta::assert_snapshot!(vision("torch==2.15.0+cu124").join("\n"), @"0: it requires `torch==2.15.0+cu124`, a local version [set-local-requirement]");
    insta::assert_snapshot!(vision("torch==2.14.0+cu124").join("\n"), @r"
    0: it requires `torch==2.14.0+cu124`, a local version [set-local-requirement]
    0: it requires `torch==2.14.0+cu124`, the line has torch 2.15.0 [set-line-version]
    ");
}

#[test]
fn a_local_version_of_a_package_of_the_set_is_told_without_a_line() {
    let vision = requiring("torchvision-0.30.0-py3-none-any.whl", "torch==2.15.0+cu124");
    assert!(compared(std::slice::from_ref(&vision)).is_empty(), "torch is not ours to say");
    assert_eq!(compared(&[vision, file(LINUX)]).len(), 1);
    let own_extra = requiring("torch-2.15.0+cpu-py3-none-any.whl", "torch[opt]==2.15.0+cpu");
    assert!(compared(&[own_extra]).is_empty());
}

#[test]
fn limits_are_of_files_and_of_the_set() {
    let limits = |file, total| Limits { file, total };
    let files = [file(LINUX), file(MAC)];
    let told = |file, total| told(&files, &BTreeMap::new(), &limits(file, total));
    assert!(told(Some(10), Some(20)).is_empty());
    assert_eq!(told(Some(9), None).len(), 2);
    assert_eq!(told(None, Some(19)), ["set: the files have 20 bytes together, 19 are allowed [total-too-large]"]);
    let huge = [SetFile { size: u64::MAX, ..file(LINUX) }, file(MAC)];
    assert_eq!(check(&huge, &BTreeMap::new(), &limits(None, Some(u64::MAX - 1))).set.len(), 1);
}

#[test]
fn metadata_that_differ_are_an_error_for_pypi_only() {
    for (profile, expected) in
        [(Profile::Channel, Severity::Warning), (Profile::Pypi, Severity::Error), (Profile::Strict, Severity::Error)]
    {
        for fact in Fact::ALL {
            assert_eq!(Policy::of(profile).severity(fact.code()), expected);
        }
    }
}
