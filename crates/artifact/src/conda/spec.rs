//! Match specifications: `name`, `name version`, `name version build`.

/// Whether a dependency is a plain match specification: a name, ranges of versions, a build with
/// wildcards. Channels, addresses and brackets belong to the command line, not into packages.
pub(super) fn is_plain(text: &str) -> bool {
    const LONGEST: usize = 1000;
    let end = text.find(|char: char| !is_word(char, "_.-")).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let begins = name.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_');
    if !begins || text.len() > LONGEST || !text.chars().all(|char| char.is_ascii_graphic() || char == ' ') {
        return false;
    }
    let joined = rest.split([' ']).filter(|part| !part.is_empty()).fold(String::new(), join);
    let mut parts = joined.split(' ');
    let (version, build) = (parts.next().unwrap_or_default(), parts.next());
    let version = version.replace(['(', ')'], "");
    (version.is_empty() && build.is_none() || version.split([',', '|']).all(is_range))
        && build.is_none_or(|build| !build.is_empty() && build.chars().all(|char| is_word(char, "_.*+")))
        && parts.next().is_none()
}

/// Ranges belong together where a comma or a bar joins them: `>=1, <2` is one version.
fn join(mut before: String, part: &str) -> String {
    let joins = ['|', ','];
    if !before.is_empty() && !before.ends_with(joins) && !part.starts_with(joins) {
        before.push(' ');
    }
    before.push_str(part);
    before
}

/// An operator and a version with wildcards, or a version and a build with `=` between.
fn is_range(range: &str) -> bool {
    let operators = ["==", "!=", ">=", "<=", "~=", ">", "<", "="];
    let version = operators.iter().find_map(|operator| range.strip_prefix(operator)).unwrap_or(range);
    let begins = version.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '*');
    begins && version.chars().all(|char| is_word(char, "_.*+!=-"))
}

fn is_word(char: char, more: &str) -> bool {
    char.is_ascii_alphanumeric() || more.contains(char)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_packages_depend_on_is_plain() {
        for text in [
            "python",
            "__glibc >=2.17",
            "python >=3.10,<3.11.0a0",
            "python >=3.6, <4",
            "python_abi 3.10.* *_cp310",
            "libblas * *mkl",
            "pytorch 2.5.1 py3.12_cuda12.4_cudnn9.1.0_0",
            "numpy>=1.8",
            "numpy=1.8=py36_0",
            "mkl (>=2021,<2022)|2023.*",
            "vs2015_runtime 14.*|>=14.1",
            "openssl >=1.1.1q,<1.1.2a",
            "_libgcc_mutex 0.1 main",
            "foo ~=1.0",
        ] {
            assert!(is_plain(text), "{text}");
        }
    }

    #[test]
    fn text_for_a_shell_is_not() {
        for text in [
            "",
            " python",
            "python; rm -rf ~",
            "$(id)",
            "a `id`",
            "a && b",
            "a || rm -rf b",
            "a | sh",
            "a > /etc/passwd",
            "a >=1\n",
            "a\u{1b}[2J",
            "a '1'",
            "a \"1\"",
            "../a",
            "https://a.example/b",
            "conda-forge::a",
            "a[version='1']",
            "a 1 2 3",
            "a -rf",
            "é",
            "a ,",
            "a 1 %x",
            "a 1 {b}",
        ] {
            assert!(!is_plain(text), "{text:?}");
        }
        assert!(!is_plain(&format!("a {}", "1".repeat(1000))));
    }
}
