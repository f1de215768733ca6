//! What real artifacts have: refused by the stricter profiles, told by the milder ones.

use trackside_domain::finding::Profile;

use super::samples::{RECORD, WHEEL, WHEEL_FILE, ZIP, demo, first, line, record, renamed_in, saying};
use super::{Case, Family, Row, refused_from};

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
    let rows: Vec<Row> = vec![("no size", sizeless, &["record-size-missing"])];
    cases.extend(refused_from(Profile::Strict, Family::Record, WHEEL, rows));
    let rows: Vec<Row> = vec![("a name in capitals", upper_case(), &["name-not-normalised"])];
    cases.extend(refused_from(Profile::Pypi, Family::FileNames, "Demo-1.0-py3-none-any.whl", rows));
    cases.extend(refused_from(Profile::Strict, Family::Framing, ZIP, headers()));
    cases
}

/// Fields that no content depends on.
fn headers() -> Vec<Row> {
    const UNUSUAL: &[&str] = &["unusual-header"];
    let needs = |version: u16| first(move |a| *a = a.clone().with(|header| header.needs = version));
    vec![
        ("needs version 6.4", needs(64), UNUSUAL),
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
