//! Addresses: Home-page, Download-URL, Project-URL, and those of mail.

use std::collections::BTreeSet;

use trackside_domain::finding::Code;

use super::{Metadata, shown};
use crate::finding::Findings;

/// Characters of the label of a Project-URL.
const MAX_LABEL: usize = 32;

pub(super) fn check(metadata: &Metadata, findings: &mut Findings) {
    for field in ["Home-page", "Download-URL"] {
        if let Some(address) = metadata.stated(field).filter(|address| !is_web_address(address)) {
            findings.archive(Code::UrlMalformed, format!("{field} {} is no web address", shown(address)));
        }
    }
    let mut labels = BTreeSet::new();
    for value in metadata.all("Project-URL").filter(|value| *value != "UNKNOWN") {
        check_project_url(value, &mut labels, findings);
    }
    for field in ["Author-email", "Maintainer-email"] {
        let address = metadata.stated(field).and_then(only_mailbox);
        if let Some(address) = address.filter(|address| !is_mail_address(address)) {
            findings.archive(Code::EmailMalformed, format!("{field}: {} is no address of mail", shown(address)));
        }
    }
}

fn check_project_url<'a>(value: &'a str, labels: &mut BTreeSet<&'a str>, findings: &mut Findings) {
    let (label, address) = value.split_once(',').unwrap_or((value, ""));
    let (label, address) = (label.trim(), address.trim());
    if label.chars().count() > MAX_LABEL {
        let message = format!("the label {} of a Project-URL has more than {MAX_LABEL} characters", shown(label));
        findings.archive(Code::ProjectUrlLabel, message);
    }
    let reason = if label.is_empty() {
        "has no label"
    } else if !is_web_address(address) {
        "has no web address"
    } else if !labels.insert(label) {
        "has a label that stands there already"
    } else {
        return;
    };
    findings.archive(Code::ProjectUrlMalformed, format!("Project-URL {} {reason}", shown(value)));
}

/// Whether a text is an `http` or `https` address as far as PyPI looks: at the scheme, the port, and
/// brackets that stand for no host.
fn is_web_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let after = rest.strip_prefix("//").unwrap_or_default();
    let (authority, path) = after.split_at(after.find(['/', '?']).unwrap_or(after.len()));
    let port = authority.rsplit_once(':').map_or("", |(_, port)| port);
    let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        && !path.contains(['[', ']'])
        && (!digits || port.parse::<u16>().is_ok())
}

/// The address of a field that names one mailbox; a list of several is not looked at, as by PyPI.
fn only_mailbox(value: &str) -> Option<&str> {
    if value.contains([',', '"', '(']) {
        return None;
    }
    let address = match value.split_once('<') {
        Some((_, rest)) => rest.split_once('>')?.0,
        // Python's reader stops at a semicolon.
        None => value.split(';').next().unwrap_or_default(),
    }
    .trim();
    (!address.is_empty()).then_some(address)
}

/// Domains that never get mail (RFC 6761 and the like), which PyPI refuses.
const NO_MAIL: [&str; 6] = ["arpa", "invalid", "local", "localhost", "onion", "test"];

fn is_mail_address(text: &str) -> bool {
    let Some((user, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let user_char = |char: char| char.is_alphanumeric() || !char.is_ascii() || "!#$%&'*+-/=?^_`{|}~".contains(char);
    let label_char = |char: char| char.is_alphanumeric() || !char.is_ascii() || char == '-';
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(label_char)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let labels: Vec<&str> = domain.split('.').collect();
    let top = labels.last().copied().unwrap_or_default().to_ascii_lowercase();
    user.split('.').all(|part| !part.is_empty() && part.chars().all(user_char))
        && labels.len() > 1
        && labels.iter().all(|text| label(text))
        && !top.ends_with(|last: char| last.is_ascii_digit())
        && !NO_MAIL.contains(&top.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn web_addresses_are_told_from_other_texts() {
        for good in [
            "https://pytorch.org",
            "HTTP://example.org:8080/a%20b?c=d#e f",
            "https://[::1]:80/",
            "https:pytorch.org",
            "https://a.org/#[x]",
        ] {
            assert!(is_web_address(good), "{good}");
        }
        for bad in [
            "",
            "pytorch.org",
            "ftp://example.org",
            "https://example.org:99999/",
            "javascript:alert(1)",
            " https://a.org",
            "https://a.org/[x]",
        ] {
            assert!(!is_web_address(bad), "{bad}");
        }
    }

    #[test]
    fn addresses_of_mail_are_told_from_other_texts() {
        for good in ["a@example.org", "A.B <packages+x@pytorch.org>", "o'neil@exämple.de", "a@b.co", "a@b.org;c@d.org"]
        {
            assert!(only_mailbox(good).is_some_and(is_mail_address), "{good}");
        }
        for bad in [
            "nobody",
            "a@b",
            "a..b@example.org",
            "@example.org",
            "a@-b.org",
            "a@b.123",
            "X <a at b>",
            "a@host.local",
            "John Doe",
            "a;b@c.org",
        ] {
            assert!(!only_mailbox(bad).is_some_and(is_mail_address), "{bad}");
        }
        for several in ["a@b, c@d", "\"A, B\" <x>", "", "X <>"] {
            assert_eq!(only_mailbox(several), None, "{several}");
        }
    }
}
