//! Names of wheel files that are none, or that another tool reads differently.

use trackside_domain::finding::Profile;

use super::samples::demo;
use super::{Case, Family, Row, refused};

/// Names under which nothing is a wheel.
const NONE: [&str; 27] = [
    "demo.whl",
    "demo-1.0.whl",
    "demo-1.0-py3.whl",
    "demo-1.0-py3-none.whl",
    "demo-1.0-1-2-py3-none-any.whl",
    "demo-1.0-x-py3-none-any.whl",
    "demo-1.0-build1-py3-none-any.whl",
    "-1.0-py3-none-any.whl",
    "demo--py3-none-any.whl",
    "demo-1.0--none-any.whl",
    "demo-1.0-py3-none-.whl",
    "demo-one-py3-none-any.whl",
    "demo-1.0.-py3-none-any.whl",
    "demo-1_0_x-py3-none-any.whl",
    ".demo-1.0-py3-none-any.whl",
    "_-1.0-py3-none-any.whl",
    "-demo-1.0-py3-none-any.whl",
    "demo -1.0-py3-none-any.whl",
    "de mo-1.0-py3-none-any.whl",
    "demo-1.0-py3-none-any .whl",
    "demo\n-1.0-py3-none-any.whl",
    "demo-1.0\r-py3-none-any.whl",
    "%2e%2e-1.0-py3-none-any.whl",
    "démo-1.0-py3-none-any.whl",
    "ｄｅｍｏ-1.0-py3-none-any.whl",
    "demo-1.0-py3-none-any\u{202e}.whl",
    "demo-1.0-py3..py2-none-any.whl",
];

/// The good wheel under names that are none.
pub(super) fn file_names() -> Vec<Case> {
    let case = |name: &str| Case {
        family: Family::FileNames,
        what: name.escape_debug().to_string(),
        file_name: name.to_owned(),
        bytes: demo().bytes(),
        codes: &["wheel-file-name"],
        refused_from: Some(Profile::Channel),
    };
    let mut cases: Vec<Case> = NONE.into_iter().map(case).collect();
    let other: Vec<Row> = vec![(
        "the name of another package",
        demo().bytes(),
        &["dist-info-name", "metadata-missing", "wheel-missing", "record-missing"],
    )];
    cases.extend(refused(Family::FileNames, "other-1.0-py3-none-any.whl", other));
    cases
}
