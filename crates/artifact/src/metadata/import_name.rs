//! Import-Name and Import-Namespace: the modules that a package brings (PEP 794).

use trackside_domain::finding::Code;

use super::{Metadata, shown};
use crate::finding::Findings;

/// The words of Python that name nothing.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

pub(super) fn check(metadata: &Metadata, findings: &mut Findings) {
    for field in ["Import-Name", "Import-Namespace"] {
        // An empty value says that there is none.
        for value in metadata.all(field).filter(|value| !value.is_empty() && !is_module(value)) {
            findings.archive(Code::ImportNameMalformed, format!("{field} {} is no module", shown(value)));
        }
    }
}

/// `package.module`, with `; private` behind it or not.
fn is_module(value: &str) -> bool {
    let (name, private) = match value.split_once(';') {
        Some((name, option)) => (name.trim_end(), option.trim_start() == "private"),
        None => (value, true),
    };
    private && name.split('.').all(|part| is_identifier(part) && !KEYWORDS.contains(&part))
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && chars.all(|char| char.is_alphanumeric() || char == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_told_from_other_texts() {
        for good in ["torch", "torch.nn", "_C; private", "torch.fx ;private", "модуль"] {
            assert!(is_module(good), "{good}");
        }
        for bad in ["", "a-b", "a..b", "2a", "a.class", "a; public", "a b", "."] {
            assert!(!is_module(bad), "{bad}");
        }
    }
}
