//! Which paths may be written: the rule is stricter than git's, and the same on every machine.

use trackside_domain::hidden::is_hidden;

use super::DeriveError;

/// Refuses a path that leaves the tree, touches `.git` in any disguise or holds control characters.
pub(super) fn check_path(path: &str) -> Result<(), DeriveError> {
    let reason = if path.is_empty() {
        "it is empty"
    } else if path.len() > 4_096 {
        "it is longer than 4096 bytes"
    } else if path.contains(|char| is_hidden(char) || char == '\u{fffd}') {
        "it holds control or invisible characters"
    } else if path.contains('\\') {
        "it holds a backslash"
    } else if path.starts_with('/') {
        "it is absolute"
    } else if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        "a part is empty, `.` or `..`"
    } else if path.split('/').any(is_git_folder) {
        "a part is `.git` for some file system"
    } else {
        return Ok(());
    };
    Err(DeriveError::BadPath { path: path.to_owned(), reason })
}

/// `.git` as Windows and macOS read it too: any case, trailing dots and spaces, streams, short names.
fn is_git_folder(part: &str) -> bool {
    let name = part.split(':').next().unwrap_or(part).trim_end_matches(['.', ' ']).to_ascii_lowercase();
    matches!(name.as_str(), ".git" | "git~1")
}

#[cfg(test)]
mod tests {
    use super::check_path;

    #[test]
    fn hostile_paths_are_refused() {
        let corpus = [
            "",
            "/etc/passwd",
            "../x",
            "a/../x",
            "a//b",
            "./a",
            "a/",
            ".git/config",
            "a/.git/hooks/x",
            ".GIT/config",
            ".git /x",
            ".git./x",
            "git~1/x",
            ".git::$INDEX_ALLOCATION/x",
            "a\\b",
            "a\nb",
            "a\0b",
            "a\r",
            ".g\u{200c}it/x",
            "\u{202e}x",
        ];
        for path in corpus {
            assert!(check_path(path).is_err(), "{path:?} was taken");
        }
    }

    #[test]
    fn ordinary_paths_are_taken() {
        for path in ["version.txt", ".github/workflows/a.yml", ".gitignore", "a b/ü.py", ".ci/x", "gitlab/.gitkeep"] {
            assert!(check_path(path).is_ok(), "{path:?} was refused");
        }
    }
}
