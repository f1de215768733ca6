//! Source distributions: the file's name, the top folder, PKG-INFO and what it names.

use trackside_artifact::Contents;
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::finding::Policy;
use trackside_testkit::tar::{SdistBuilder, TarBuilder, TarEntry};

use crate::case::read_as;
use crate::tar_case::{SDIST, TarCase, check_as, codes_of, gz, plus, sdist, verify_as};

#[test]
fn an_sdist_says_what_it_is() {
    let bytes = sdist().metadata_line("Requires-Dist: filelock").metadata_line("License-File: a.py").bytes();
    let artifact = read_as(SDIST, &bytes, ArtifactKind::Sdist).unwrap();
    let Contents::Sdist(sdist) = &artifact.contents else { panic!("no sdist") };
    assert_eq!((sdist.file_name.name(), sdist.metadata.version.as_str()), ("demo", "1.0"));
    assert_eq!(sdist.metadata.requires_dist, ["filelock"]);
    assert_eq!((artifact.members, artifact.warnings.len()), (4, 0));
    let report = verify_as(SDIST, &bytes);
    assert_eq!(report.unpacked_size, Some(sdist.metadata_bytes.len() as u64 + 12 + 700));
}

#[test]
fn a_first_look_at_an_sdist_shows_pkg_info() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join(SDIST);
    std::fs::write(&path, sdist().metadata_line("Requires-Dist: filelock").bytes()).unwrap();
    let said = trackside_artifact::inspect(&path, ArtifactKind::Sdist).unwrap().said;
    assert_eq!((said.name.as_deref(), said.version.as_deref(), said.members), (Some("demo"), Some("1.0"), 4));
    assert_eq!(said.metadata.unwrap().requires_dist, ["filelock"]);
    std::fs::write(&path, b"hello").unwrap();
    let refused = trackside_artifact::inspect(&path, ArtifactKind::Sdist).unwrap_err();
    assert_eq!(refused.findings()[0].code.id(), "not-gzip");
}

#[test]
fn what_is_in_an_sdist_must_fit_its_name() {
    check_as(SDIST, &inside_table());
}

pub(crate) fn inside_table() -> Vec<TarCase> {
    let top = |from: &str, to: &str| {
        let mut tar = sdist().tar();
        for entry in &mut tar.entries {
            entry.name = String::from_utf8_lossy(&entry.name).replace(from, to).into_bytes();
        }
        gz(&tar)
    };
    let info = |text: &str| gz(&sdist().tar().without("demo-1.0/PKG-INFO").file("demo-1.0/PKG-INFO", text.as_bytes()));
    let line = |line: &str| sdist().metadata_line(line).bytes();
    let mut large = sdist();
    for _ in 0..17 {
        large = large.metadata_line(&format!("Keywords: {}", "k".repeat(1 << 20)));
    }
    vec![
        ("good", sdist().bytes(), &[]),
        ("without folders", gz(&sdist().tar().without("demo-1.0/")), &[]),
        ("another top folder", top("demo-1.0", "demo-2.0"), &["sdist-top-folder-name"]),
        ("two top folders", plus(TarEntry::file("other/x", b"")), &["sdist-top-folder"]),
        ("a file beside the top folder", plus(TarEntry::file("x", b"")), &["sdist-top-folder"]),
        ("no top folder", top("demo-1.0/", "x"), &["sdist-top-folder"]),
        ("no PKG-INFO", gz(&sdist().tar().without("demo-1.0/PKG-INFO")), &["sdist-pkg-info-missing"]),
        (
            "PKG-INFO is a folder",
            gz(&sdist().tar().without("demo-1.0/PKG-INFO").folder("demo-1.0/PKG-INFO/")),
            &["sdist-pkg-info-missing"],
        ),
        (
            "PKG-INFO is a link",
            gz(&sdist().tar().without("demo-1.0/PKG-INFO").entry(TarEntry::symlink("demo-1.0/PKG-INFO", "a.py"))),
            &["sdist-link", "sdist-pkg-info-missing"],
        ),
        ("PKG-INFO of 17 MB", large.bytes(), &["metadata-too-large"]),
        ("another name", info("Metadata-Version: 2.4\nName: other\nVersion: 1.0\n"), &["metadata-name-differs"]),
        ("another version", info("Metadata-Version: 2.4\nName: demo\nVersion: 1.1\n"), &["metadata-version-differs"]),
        ("no version", info("Metadata-Version: 2.4\nName: demo\n"), &["metadata-field-missing"]),
        ("PKG-INFO is not UTF-8", gz(&not_utf8()), &["metadata-not-utf8"]),
        ("a licence that is missing", line("License-File: LICENSE"), &["license-file-missing"]),
        (
            "an old licence that is missing",
            info("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nLicense-File: LICENSE\n"),
            &["license-file-unshipped"],
        ),
        ("a requirement that cannot be read", line("Requires-Dist: ==1"), &["requires-dist-malformed"]),
    ]
}

fn not_utf8() -> TarBuilder {
    let tar = sdist().tar().without("demo-1.0/PKG-INFO");
    tar.entry(TarEntry::file("demo-1.0/PKG-INFO", b"Metadata-Version: 2.4\nName: demo\xff\n"))
}

#[test]
fn old_spellings_of_the_file_name_are_told() {
    let old = SdistBuilder::new("Zope.Demo", "1.0");
    let names: [(&str, &[&str]); 5] = [
        ("zope_demo-1.0.tar.gz", &[]),
        ("Zope.Demo-1.0.tar.gz", &["sdist-name-not-normalised", "sdist-top-folder-name"]),
        ("zope-demo-1.0.tar.gz", &["sdist-name-not-normalised", "sdist-top-folder-name"]),
        ("zope_demo.tar.gz", &["sdist-file-name"]),
        ("zope_demo-latest.tar.gz", &["sdist-file-name"]),
    ];
    for (name, expected) in names {
        assert_eq!(codes_of(&verify_as(name, &old.bytes())), expected, "{name}");
    }
    // An installer can use it, PyPI takes it no more.
    let read = |policy| read_as("Zope.Demo-1.0.tar.gz", &old.bytes(), ArtifactKind::Sdist).map(|_| policy);
    assert!(read(Policy::default()).is_ok());
}
