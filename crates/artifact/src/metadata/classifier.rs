//! Classifiers: known to PyPI or not. The list is data with its date; a newer one is a commit.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use trackside_domain::finding::Code;

use super::{Metadata, shown};
use crate::finding::Findings;

/// Whether PyPI still takes a classifier.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Current,
    Deprecated,
}

/// Every classifier that PyPI has ever known.
static CLASSIFIERS: LazyLock<BTreeMap<&str, Standing>> = LazyLock::new(|| {
    let lines = include_str!("classifiers.txt").lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| match line.strip_prefix('!') {
            Some(deprecated) => (deprecated, Standing::Deprecated),
            None => (line, Standing::Current),
        })
        .collect()
});

pub(super) fn check(metadata: &Metadata, findings: &mut Findings) {
    for classifier in metadata.all("Classifier").filter(|classifier| *classifier != "UNKNOWN") {
        let (code, what) = match CLASSIFIERS.get(classifier) {
            Some(Standing::Current) => continue,
            Some(Standing::Deprecated) => (Code::ClassifierDeprecated, "is deprecated"),
            None if classifier.starts_with("Private ::") => (Code::ClassifierPrivate, "says that it is not for PyPI"),
            None => (Code::ClassifierUnknown, "is not known to PyPI"),
        };
        findings.archive(code, format!("the classifier {} {what}", shown(classifier)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_says_where_it_is_from() {
        let first = include_str!("classifiers.txt").lines().next().unwrap();
        assert!(first.starts_with("# 20") && first.contains("trove-classifiers 20"), "{first}");
        assert!(CLASSIFIERS.len() > 900);
        assert!(CLASSIFIERS.keys().all(|classifier| classifier.contains(" :: ")));
        assert!(CLASSIFIERS.values().any(|standing| *standing == Standing::Deprecated));
    }
}
