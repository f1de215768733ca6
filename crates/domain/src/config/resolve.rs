//! Paths in the configuration: those of the release repository's folder made absolute, and those
//! inside a repository checked.

use std::borrow::Cow;

use crate::edit::{Glob, GlobError};

/// Makes `./x`, `../x` and `file:./x` absolute, from the release repository's folder; leaves every
/// other text as it is.
pub(super) fn absolute<'a>(base: &str, text: &'a str) -> Result<Cow<'a, str>, &'static str> {
    let path = text.strip_prefix("file:").unwrap_or(text);
    if !matches!(path.split('/').next(), Some("." | "..")) {
        let named = text.starts_with('/') || text.contains(':') || text.is_empty();
        return if named { Ok(Cow::Borrowed(text)) } else { Err("a path beside this file begins with `./` or `../`") };
    }
    if !base.starts_with('/') {
        return Err("a relative path has no meaning here, because the folder of the configuration is not known");
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop().ok_or("this path leaves the file system")?),
            part => parts.push(part),
        }
    }
    Ok(Cow::Owned(format!("/{}", parts.join("/"))))
}

/// Checks a path of one file inside a repository.
pub(super) fn plain_path(text: &str) -> Result<(), GlobError> {
    if text.contains(['*', '?', '[', ']', '{', '}']) {
        return Err(GlobError::Malformed { text: text.to_owned(), reason: "one file is meant here".to_owned() });
    }
    Glob::new(text).map(|_| ())
}
