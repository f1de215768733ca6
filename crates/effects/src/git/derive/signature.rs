//! Identity lines and messages as they stand in commits and tags.

use trackside_domain::git::Signature;

use super::DeriveError;

/// `Name <mail> seconds +0000`.
pub(super) fn line(signature: &Signature) -> Result<String, DeriveError> {
    let Signature { name, email, seconds } = signature;
    for (what, text) in [("name", name), ("mail address", email)] {
        let reason = if text.is_empty() {
            "it is empty"
        } else if text.trim() != text {
            "it begins or ends with white space"
        } else if text.chars().any(|char| char.is_control() || "<>".contains(char)) {
            "it holds angle brackets or control characters"
        } else {
            continue;
        };
        return Err(DeriveError::BadText { what, reason });
    }
    if *seconds < 0 {
        return Err(DeriveError::BadText { what: "date", reason: "it is before 1970" });
    }
    Ok(format!("{name} <{email}> {seconds} +0000"))
}

/// A message that ends with one line break.
pub(super) fn message(text: &str) -> Result<Vec<u8>, DeriveError> {
    if text.trim().is_empty() {
        return Err(DeriveError::BadText { what: "message", reason: "it is empty" });
    }
    if text.contains('\0') {
        return Err(DeriveError::BadText { what: "message", reason: "it holds a NUL" });
    }
    let mut bytes = text.trim_end_matches('\n').as_bytes().to_vec();
    bytes.push(b'\n');
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_that_forge_another_header_are_refused() {
        for (name, email, seconds) in [
            ("", "a@b", 0),
            ("A", "", 0),
            ("A\ncommitter B", "a@b", 0),
            ("A <x>", "a@b", 0),
            ("A", "a@b> 1 +0000\nx <", 0),
            (" A", "a@b", 0),
            ("A", "a@b", -1),
        ] {
            let signature = Signature { name: name.into(), email: email.into(), seconds };
            assert!(line(&signature).is_err(), "{signature:?}");
        }
        let signature = Signature { name: "Release Bot".into(), email: "r@example.org".into(), seconds: 12 };
        assert_eq!(line(&signature).ok().as_deref(), Some("Release Bot <r@example.org> 12 +0000"));
    }

    #[test]
    fn messages_end_with_one_line_break() {
        assert_eq!(message("a\n\n").ok(), Some(b"a\n".to_vec()));
        assert!(message(" \n").is_err() && message("a\0").is_err());
    }
}
