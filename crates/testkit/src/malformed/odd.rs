//! What installers take and real artifacts have: refused by the stricter profiles alone, each from
//! the profile on that its table names.

use trackside_domain::finding::Profile;

use super::samples::{METADATA, RECORD, WHEEL, WHEEL_FILE, ZIP, demo, first, line, record, renamed_in, saying};
use super::{Case, Family, Row, refused_from};
use crate::wheel::WheelBuilder;

/// Wheels that installers take.
pub(super) fn odd() -> Vec<Case> {
    let wheel = |from: &'static str, to: &'static str| saying(WHEEL_FILE, move |text| text.replace(from, to));
    let sizeless = line("demo/a.py", "demo/a.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,\n");
    let rows: Vec<Row> = vec![
        ("tags of another platform", wheel("py3-none-any", "py3-none-linux_x86_64"), &["wheel-tags-differ"]),
        ("not pure", wheel("Purelib: true", "Purelib: false"), &["wheel-purelib-differs"]),
        ("Root-Is-Purelib misspelt", wheel("Root-Is-Purelib", "Root-Is_Purelib"), &["wheel-purelib-differs"]),
        ("another build", wheel("Tag", "Build: 2\nTag"), &["wheel-build-differs"]),
    ];
    let mut cases = refused_from(Profile::Strict, Family::WheelFile, WHEEL, rows);
    let quotes = demo().file("demo/a,\"b\".txt", b"x").bytes();
    let rows: Vec<Row> =
        vec![("no size", sizeless, &["record-size-missing"]), ("quotes in a name", quotes, &["name-windows"])];
    cases.extend(refused_from(Profile::Strict, Family::Record, WHEEL, rows));
    let rows: Vec<Row> = vec![("a name in capitals", upper_case(), &["name-not-normalised"])];
    cases.extend(refused_from(Profile::Pypi, Family::FileNames, "Demo-1.0-py3-none-any.whl", rows));
    let longer = saying(METADATA, |text| text.replace("Version: 1.0", "Version: 1.0.0"));
    let rows: Vec<Row> = vec![("a longer version", longer, &["metadata-version-spelling"])];
    cases.extend(refused_from(Profile::Strict, Family::Metadata, WHEEL, rows));
    cases.extend(refused_from(Profile::Strict, Family::Framing, ZIP, headers()));
    cases
}

/// METADATA that PyPI refuses and a channel takes.
pub(super) fn uploads() -> Vec<Case> {
    let with = |lines: &str| saying(METADATA, |text| text.replacen("Name: demo", &format!("Name: demo\n{lines}"), 1));
    let rows: Vec<Row> = vec![
        ("a direct URL", with("Requires-Dist: torch @ https://example.org/torch.whl"), &["requires-direct-url"]),
        ("a local version required", with("Requires-Dist: torch==2.15.0+cu126"), &["requires-local-version"]),
        ("a summary of 600 characters", with(&format!("Summary: {}", "s".repeat(600))), &["summary-too-long"]),
        ("a summary of two lines", with("Summary: one\n  two"), &["summary-malformed"]),
        ("a classifier that nobody knows", with("Classifier: Topic :: Nonsense"), &["classifier-unknown"]),
        ("a private classifier", with("Classifier: Private :: Do Not Upload"), &["classifier-private"]),
        ("a script for a home page", with("Home-page: javascript:alert(1)"), &["url-malformed"]),
        ("no address of a person", with("Author-email: nobody"), &["email-malformed"]),
    ];
    refused_from(Profile::Pypi, Family::Metadata, WHEEL, rows)
}

/// Names that PyPI refuses and a channel takes: local versions, and platforms without a meaning.
pub(super) fn upload_names() -> Vec<Case> {
    let case = |wheel: WheelBuilder, code: &'static [&'static str]| {
        let row = ("as PyPI would not have it", wheel.bytes(), code);
        refused_from(Profile::Pypi, Family::FileNames, &wheel.file_name(), vec![row])
    };
    let platforms = ["linux_x86_64", "macosx_11_1_x86_64", "macosx_16_0_arm64", "manylinux_2_28_arm64", "win_x86"];
    let on = |platform: &str| case(demo().tag("py3", "none", platform), &["platform-tag-refused"]);
    let mut cases: Vec<Case> = platforms.into_iter().flat_map(on).collect();
    cases.extend(case(WheelBuilder::new("demo", "1.0+cu126"), &["local-version"]));
    cases
}

/// Fields that no content depends on.
fn headers() -> Vec<Row> {
    const UNUSUAL: &[&str] = &["unusual-header"];
    let needs = |version: u16| first(move |a| *a = a.clone().with(|header| header.needs = version));
    vec![
        ("needs version 6.3", needs(63), UNUSUAL),
        ("needs version 0", needs(0), UNUSUAL),
        ("needs a system", needs(20 | 3 << 8), UNUSUAL),
        ("made on an unknown system", first(|a| a.made_by = 77 << 8), UNUSUAL),
        ("internal attributes", first(|a| a.internal_attributes = 2), UNUSUAL),
        ("external attributes", first(|a| a.external_attributes |= 0x8000), UNUSUAL),
    ]
}

/// The good wheel under the name in capitals, inside as well.
fn upper_case() -> Vec<u8> {
    let record = record().replace("demo-1.0.dist-info/", "Demo-1.0.dist-info/");
    renamed_in(demo().zip().replace(RECORD, record.as_bytes()), "Demo-1.0.dist-info/")
}
