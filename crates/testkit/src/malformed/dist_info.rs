//! The `.dist-info` folder against the file's name.

use super::samples::{WHEEL, demo, renamed};
use super::{Case, Family, Row, refused};
use crate::wheel::{WheelBuilder, ZipBuilder};

/// Folders of other names.
pub(super) fn folders() -> Vec<Case> {
    let named = |name: &'static str, version: &'static str| WheelBuilder::new(name, version).bytes();
    let missing: &[&str] = &["dist-info-name", "metadata-missing", "wheel-missing", "record-missing"];
    let second = |path: &'static str| demo().file(path, b"").bytes();
    let rows: Vec<Row> = vec![
        ("another package", named("other", "1.0"), missing),
        ("another version", named("demo", "1.1"), missing),
        ("another spelling of the version", named("demo", "1.0.0"), missing),
        ("another case", renamed("Demo-1.0.dist-info/"), missing),
        (
            "none",
            ZipBuilder::new().bytes(),
            &["dist-info-missing", "metadata-missing", "wheel-missing", "record-missing"],
        ),
        ("two", second("other-1.0.dist-info/METADATA"), &["dist-info-several"]),
        ("two in another case", second("other-1.0.DIST-INFO/METADATA"), &["dist-info-several"]),
    ];
    refused(Family::Record, WHEEL, rows)
}
