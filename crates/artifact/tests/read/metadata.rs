//! METADATA against its format and against what PyPI takes: each flaw is found by its code, and by no other.

use proptest::prelude::*;

use crate::case::{METADATA, found, record_for};

/// One line of a table: the Metadata-Version, the lines behind Name and Version, and the codes.
type Case = (&'static str, &'static str, &'static [&'static str]);

/// A wheel whose METADATA has these lines, and these files beside it.
fn saying(version: &str, lines: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let metadata = format!("Metadata-Version: {version}\nName: demo\nVersion: 1.0\n{lines}\n");
    let mut all = vec![(METADATA, metadata.as_bytes())];
    all.extend_from_slice(files);
    record_for(&all)
}

fn check(cases: &[Case]) {
    let found = |(version, lines, _): &Case| found("demo-1.0-py3-none-any.whl", &saying(version, lines, &[]));
    let wrong: Vec<String> = cases
        .iter()
        .filter(|case| found(case) != case.2)
        .map(|case| format!("{:?}: expected {:?}, found {:?}", case.1, case.2, found(case)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_real_builds_write_is_fine() {
    check(&[
        (
            "1.0",
            "Summary: short\nHome-page: UNKNOWN\nAuthor-email: UNKNOWN\nPlatform: UNKNOWN\nLicense: UNKNOWN\n",
            &[],
        ),
        ("1.1", "Classifier: Programming Language :: Python\nDownload-URL: https://example.org\n", &[]),
        ("2.1", "Requires-Dist: torch (==2.0.0)\nRequires-Dist: numpy>=1.2,<2; python_version<'3.12'\n", &[]),
        ("2.1", "Requires-Dist: six ; (os.name == 'nt') and extra == 'x'\nProvides-Extra: x\n", &[]),
        ("2.1", "Requires-Python: >=3.8,\n", &[]),
        ("2.1", "Requires-Python: >=2.7, !=3.0.*, !=3.1.*\n", &[]),
        ("2.1", "Requires-Python:\n", &[]),
        ("2.1", "Home-page: https://example.org/a b\n", &[]),
        ("2.1", "Description-Content-Type: text/markdown; charset=UTF-8; variant=GFM\n\n# title\nFrom here on\n", &[]),
        ("2.1", "Description: of one line\n        and another\n", &[]),
        ("2.1", "License: BSD\n        3-Clause\n", &[]),
        (
            "2.1",
            "Project-URL: Source, https://github.com/pytorch/pytorch\nProject-URL: Docs,https://pytorch.org\n",
            &[],
        ),
        (
            "2.1",
            "Author: A, B\nAuthor-email: A <a@example.org>, B <b@example.org>\nMaintainer-email: m@example.org\n",
            &[],
        ),
        ("2.2", "Dynamic: Requires-Dist\nDynamic: license-file\n", &[]),
        ("2.4", "License-Expression: Apache-2.0 WITH LLVM-exception OR MIT\n", &[]),
        ("2.5", "Import-Name: demo.sub\nImport-Name: _demo; private\nImport-Namespace: ns\n", &[]),
        ("2.1", "\nFrom somebody\nName: other\n", &[]),
    ]);
}

#[test]
fn the_format_has_versions() {
    check(&[
        ("2.0", "Provides-Extra: x\nDescription-Content-Type: text/plain\n", &["metadata-version-retired"]),
        ("9.9", "", &["metadata-version-unknown"]),
        ("2.6", "", &["metadata-version-unknown"]),
        ("2", "", &["metadata-version-unknown"]),
        ("2.1.0", "", &["metadata-version-unknown"]),
        ("1.0", "Requires-Python: >=3\n", &["metadata-field-too-new"]),
        ("1.1", "Requires-Dist: torch\n", &["metadata-field-too-new"]),
        ("1.2", "Provides-Extra: x\n", &["metadata-field-too-new"]),
        ("1.2", "Description-Content-Type: text/plain\n", &["metadata-field-too-new"]),
        ("2.1", "Dynamic: Summary\n", &["metadata-field-too-new"]),
        ("2.3", "License-Expression: MIT\n", &["metadata-field-too-new"]),
        ("2.4", "Import-Name: demo\n", &["metadata-field-too-new"]),
        ("2.1", "Colour: red\n", &["metadata-field-unknown"]),
        ("2.1", "Home-Page: https://example.org\nhome-page: https://example.org\n", &["metadata-field-twice"]),
        ("2.1", "Summary: a\nSummary: a\n", &["metadata-field-twice"]),
        ("2.1", "Requires-Python: >=3\nRequires-Python: >=3\n", &["metadata-duplicate-field"]),
    ]);
}

#[test]
fn fields_have_a_form() {
    let long: &'static str = String::leak(format!("Summary: {}\n", "x".repeat(513)));
    let longest: &'static str = String::leak(format!("Summary: {}\n", "é".repeat(512)));
    let label: &'static str = String::leak(format!("Project-URL: {}, https://example.org\n", "l".repeat(33)));
    check(&[
        ("2.1", "Summary: one\n  two\n", &["summary-malformed"]),
        ("2.1", "Summary: one\u{2028}two\n", &["summary-malformed"]),
        ("2.1", long, &["summary-too-long"]),
        ("2.1", longest, &[]),
        ("2.1", "Keywords: a,\n b\n", &["keywords-malformed"]),
        ("2.1", "Description-Content-Type: text/html\n", &["description-content-type"]),
        ("2.1", "Description-Content-Type: text/markdown; charset=latin-1\n", &["description-content-type"]),
        ("2.1", "Description-Content-Type: text/markdown; variant=mine\n", &["description-content-type"]),
        ("2.2", "Dynamic: Version\n", &["dynamic-malformed"]),
        ("2.2", "Dynamic: Colour\n", &["dynamic-malformed"]),
        ("2.5", "Import-Name: a-b\n", &["import-name-malformed"]),
        ("2.5", "Import-Namespace: class\n", &["import-name-malformed"]),
        ("2.1", "Home-page: pytorch.org\n", &["url-malformed"]),
        ("2.1", "Home-page: https://example.org:99999\n", &["url-malformed"]),
        ("2.1", "Download-URL: ftp://example.org\n", &["url-malformed"]),
        ("2.1", "Project-URL: https://example.org\n", &["project-url-malformed"]),
        ("2.1", "Project-URL: , https://example.org\n", &["project-url-malformed"]),
        ("2.1", "Project-URL: Source, javascript:alert(1)\n", &["project-url-malformed"]),
        ("2.1", "Project-URL: A, https://a.org\nProject-URL: A, https://b.org\n", &["project-url-malformed"]),
        ("2.1", label, &["project-url-label"]),
        ("2.1", "Author-email: nobody\n", &["email-malformed"]),
        ("2.1", "Maintainer-email: A <a@localhost>\n", &["email-malformed"]),
    ]);
}

#[test]
fn requirements_can_be_read_and_met() {
    check(&[
        ("2.1", "Requires-Dist: pytz (>dev)\n", &["requires-dist-malformed"]),
        ("2.1", "Requires-Dist: torch 2.0\n", &["requires-dist-malformed"]),
        ("2.1", "Requires-Dist: torch; python_version > 3\n", &["requires-dist-malformed"]),
        ("2.1", "Requires-Dist: torch; color == 'red'\n", &["requires-dist-malformed"]),
        ("2.1", "Requires-Dist: torch[\n", &["requires-dist-malformed"]),
        ("2.1", "Requires-Dist:\n", &["requires-dist-malformed"]),
        ("2.1", "Requires-Dist: $(touch x)\n", &["requires-dist-malformed"]),
        ("2.1", "Requires-Dist: torch @ https://example.org/torch.whl\n", &["requires-direct-url"]),
        ("2.1", "Requires-Dist: torch @ git+https://example.org/torch ; extra == 'x'\n", &["requires-direct-url"]),
        ("2.1", "Requires-Dist: torch==2.15.0+cu124\n", &["requires-local-version"]),
        ("2.1", "Requires-Dist: torch (!=2.15.0+cpu)\n", &["requires-local-version"]),
        ("2.1", "Requires-Dist: torch===2.15.0+cpu\n", &["requires-local-version"]),
        ("2.1", "Requires-Python: three\n", &["requires-python-malformed"]),
        ("2.1", "Requires-Python: >=3.x\n", &["requires-python-malformed"]),
        ("2.1", "Requires-Python: 3.8\n", &["requires-python-malformed"]),
        ("2.1", "Provides-Extra: a b\n", &["provides-extra-malformed"]),
        ("2.1", "Provides-Extra: :python_version<'3'\n", &["provides-extra-malformed"]),
        ("2.1", "Provides-Extra: a_b\nProvides-Extra: A-b\n", &["provides-extra-twice"]),
        ("2.1", "Provides-Dist: a b\n", &["provides-dist-malformed"]),
        ("2.1", "Obsoletes-Dist: a @ https://example.org\n", &["provides-dist-malformed"]),
    ]);
}

#[test]
fn classifiers_and_licences_are_known() {
    check(&[
        ("2.1", "Classifier: Topic :: Nonsense\n", &["classifier-unknown"]),
        ("2.1", "Classifier: programming language :: python\n", &["classifier-unknown"]),
        ("2.1", "Classifier:\n", &["classifier-unknown"]),
        ("2.1", "Classifier: Natural Language :: Ukranian\n", &["classifier-deprecated"]),
        ("2.1", "Classifier: Private :: Do Not Upload\n", &["classifier-private"]),
        ("2.4", "License-Expression: BSD\n", &["license-expression-malformed"]),
        ("2.4", "License-Expression: MIT OR\n", &["license-expression-malformed"]),
        ("2.4", "License-Expression: MIT\nLicense: MIT\n", &["license-twice"]),
        (
            "2.4",
            "License-Expression: MIT\nClassifier: License :: OSI Approved :: MIT License\n",
            &["license-classifier"],
        ),
        ("2.4", "License-File: LICENSE\n", &["license-file-missing"]),
        ("2.4", "License-File: ../LICENSE\n", &["license-file-path"]),
        ("2.4", "License-File: LICEN[CS]E*\n", &["license-file-path"]),
        ("2.4", "License-File: /etc/passwd\n", &["license-file-path"]),
        ("2.4", "License-File: C:/LICENSE\n", &["license-file-path"]),
        ("2.4", "License-File: a\\LICENSE\n", &["license-file-path"]),
        ("2.4", "License-File: a//LICENSE\n", &["license-file-path"]),
        ("2.1", "License-File: LICENSE\n", &["license-file-unshipped"]),
        ("2.3", "License-File: third_party/LICENSE\n", &["license-file-unshipped"]),
    ]);
}

#[test]
fn licence_files_are_looked_up_where_pypi_and_old_builds_have_them() {
    const NAMED: &str = "License-File: a/LICENSE\n";
    let folder = "demo-1.0.dist-info";
    for (version, path, expected) in [
        ("2.4", "licenses/a/LICENSE", &[][..]),
        ("2.4", "a/LICENSE", &["license-file-missing"][..]),
        ("2.4", "licenses/LICENSE", &["license-file-missing"]),
        ("2.4", "licenses/a/License", &["license-file-missing"]),
        ("2.1", "LICENSE", &[]),
        ("2.1", "a/LICENSE", &[]),
        ("2.1", "licenses/a/LICENSE", &[]),
        ("2.1", "COPYING", &["license-file-unshipped"]),
    ] {
        let bytes = saying(version, NAMED, &[(&format!("{folder}/{path}"), b"text")]);
        assert_eq!(found("demo-1.0-py3-none-any.whl", &bytes), expected, "{version} {path}");
    }
}

#[test]
fn versions_are_spelt_alike() {
    let spelt = |file: &str, inside: &str| {
        let path = format!("demo-{file}.dist-info/METADATA");
        let text = format!("Metadata-Version: 2.1\nName: demo\nVersion: {inside}\n");
        found(&format!("demo-{file}-py3-none-any.whl"), &record_for(&[(&path, text.as_bytes())]))
    };
    for (file, inside, expected) in [
        ("1.0", "1.0", &[][..]),
        ("1.0", "1.0.0", &["metadata-version-spelling"][..]),
        ("1.0rc1", "1.0.RC1", &[]),
        ("1.0.RC1", "1.0rc1", &["version-not-normalised"]),
        ("1.0", "1.1", &["metadata-version-differs"]),
        ("1.0", "1.0+cpu", &["metadata-version-differs"]),
        ("1.0+cpu", "1.0+cpu", &["local-version"]),
        ("1.0+CPU.1", "1.0+cpu.1", &["version-not-normalised", "local-version"]),
    ] {
        assert_eq!(spelt(file, inside), expected, "{file} {inside}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_metadata_make_the_reader_panic(
        lines in proptest::collection::vec(("(Requires-Dist|License-Expression|License-File|Author-email|Project-URL|Home-page|Dynamic|Description-Content-Type|Classifier|Provides-Extra|Import-Name)", "\\PC{0,40}"), 0..8)
    ) {
        let text: String = lines.iter().map(|(field, value)| format!("{field}: {value}\n")).collect();
        found("demo-1.0-py3-none-any.whl", &saying("2.4", &text, &[]));
    }

    #[test]
    fn honest_metadata_pass(
        requirements in proptest::collection::vec("[a-z]{1,6}(>=[0-9]\\.[0-9])?(; (extra|sys_platform) == \"[a-z]{1,4}\")?", 0..5),
        summary in "[a-zA-Z ,.]{0,80}",
        label in "[A-Za-z]{1,32}",
    ) {
        let requirements: String = requirements.iter().map(|text| format!("Requires-Dist: {text}\n")).collect();
        let text = format!("Summary: {summary}\nProject-URL: {label}, https://example.org\n{requirements}");
        prop_assert!(found("demo-1.0-py3-none-any.whl", &saying("2.1", &text, &[])).is_empty());
    }
}
