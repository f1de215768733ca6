//! License-Expression: licences of the SPDX list joined by AND, OR and WITH.

use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The licences in lower case, exceptions with a `&` before them: both are compared without case.
static KNOWN: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let lines = include_str!("../licences.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(str::to_ascii_lowercase).collect()
});

/// What must come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    LicenceOrOpen,
    /// After a licence, which may still get an exception.
    WithOrJunction,
    Exception,
    /// After a parenthesis or an exception.
    Junction,
}

/// Checks an expression, in one walk with a count in place of recursion.
pub(super) fn check(expression: &str) -> Result<(), String> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").to_ascii_lowercase();
    let mut open = 0_usize;
    let mut next = Next::LicenceOrOpen;
    for word in spaced.split_whitespace() {
        next = match (next, word) {
            (Next::LicenceOrOpen, "(") => {
                open += 1;
                Next::LicenceOrOpen
            }
            (Next::WithOrJunction | Next::Junction, ")") if open > 0 => {
                open -= 1;
                Next::Junction
            }
            (Next::WithOrJunction | Next::Junction, "and" | "or") => Next::LicenceOrOpen,
            (Next::WithOrJunction, "with") => Next::Exception,
            (_, "(" | ")" | "and" | "or" | "with") => return Err(format!("`{word}` stands at the wrong place")),
            (Next::LicenceOrOpen, licence) if is_licence(licence) => Next::WithOrJunction,
            (Next::Exception, exception) if KNOWN.contains(&format!("&{exception}")) => Next::Junction,
            (Next::LicenceOrOpen, unknown) => return Err(format!("`{}` is no known licence", unknown.escape_debug())),
            (Next::Exception, unknown) => return Err(format!("`{}` is no known exception", unknown.escape_debug())),
            (_, word) => return Err(format!("`{}` stands at the wrong place", word.escape_debug())),
        };
    }
    match next {
        _ if open > 0 => Err("a `(` is not closed".to_owned()),
        Next::WithOrJunction | Next::Junction => Ok(()),
        Next::LicenceOrOpen | Next::Exception => Err("it ends too early".to_owned()),
    }
}

/// A licence of the list, with `+` for later versions or not, or a name of one's own.
fn is_licence(word: &str) -> bool {
    match word.strip_prefix("licenseref-") {
        Some(own) => !own.is_empty() && own.chars().all(|char| char.is_ascii_alphanumeric() || "-.".contains(char)),
        None => !word.starts_with('&') && KNOWN.contains(word.strip_suffix('+').unwrap_or(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_says_where_it_is_from() {
        let first = include_str!("../licences.txt").lines().next().unwrap();
        assert!(first.starts_with("# 20") && first.contains("SPDX licence list 3."), "{first}");
        assert!(KNOWN.len() > 700);
    }

    #[test]
    fn expressions_of_known_licences_pass() {
        for text in [
            "MIT",
            "bsd-3-clause",
            "Apache-2.0 OR MIT",
            "Apache-2.0 WITH LLVM-exception AND (MIT or GPL-2.0+)",
            "LicenseRef-NVIDIA-1.0",
            "((MIT))",
            "(MIT)AND(ISC)",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn other_texts_are_told_by_the_word() {
        for (text, expected) in [
            ("", "it ends too early"),
            ("BSD", "`bsd` is no known licence"),
            ("Apache 2.0", "`apache` is no known licence"),
            ("MIT, ISC", "`mit,` is no known licence"),
            ("MIT ISC", "`isc` stands at the wrong place"),
            ("MIT OR", "it ends too early"),
            ("OR MIT", "`or` stands at the wrong place"),
            ("(MIT", "a `(` is not closed"),
            ("MIT)", "`)` stands at the wrong place"),
            ("()", "`)` stands at the wrong place"),
            ("MIT WITH", "it ends too early"),
            ("MIT WITH ISC", "`isc` is no known exception"),
            ("LLVM-exception", "`llvm-exception` is no known licence"),
            ("&LLVM-exception", "`&llvm-exception` is no known licence"),
            ("(MIT) WITH LLVM-exception", "`with` stands at the wrong place"),
            ("LicenseRef-", "`licenseref-` is no known licence"),
            ("LicenseRef-a_b", "`licenseref-a_b` is no known licence"),
            ("LicenseRef-a+", "`licenseref-a+` is no known licence"),
        ] {
            assert_eq!(check(text), Err(expected.to_owned()), "{text}");
        }
        assert!(check(&"(".repeat(100_000)).is_err());
    }
}
