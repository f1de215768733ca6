//! Fields whose text has a form: Summary, Keywords, Description-Content-Type.

use trackside_domain::finding::Code;

use super::{Metadata, shown};
use crate::finding::Findings;

/// Characters of a Summary that PyPI takes.
const MAX_SUMMARY: usize = 512;

pub(super) fn check(metadata: &Metadata, findings: &mut Findings) {
    if let Some(summary) = metadata.stated("Summary") {
        // What ends a line for Python's e-mail reader and `str.splitlines`.
        if summary.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            findings.archive(Code::SummaryMalformed, "Summary has more than one line");
        }
        let length = summary.chars().count();
        if length > MAX_SUMMARY {
            let message = format!("Summary has {length} characters, {MAX_SUMMARY} are allowed");
            findings.archive(Code::SummaryTooLong, message);
        }
    }
    if metadata.stated("Keywords").is_some_and(|keywords| keywords.contains('\n')) {
        findings.archive(Code::KeywordsMalformed, "Keywords has more than one line");
    }
    if metadata.all("Description-Content-Type").any(str::is_empty) {
        findings.archive(Code::DescriptionContentType, "Description-Content-Type is empty, which PyPI refuses");
    }
    if let Some(Err(reason)) = metadata.stated("Description-Content-Type").map(content_type) {
        findings.archive(Code::DescriptionContentType, format!("Description-Content-Type: {reason}"));
    }
}

/// Checks a type that PyPI renders, with its parameters.
fn content_type(value: &str) -> Result<(), String> {
    // A semicolon may stand at the end.
    let value = value.trim_end();
    let mut parts = value.strip_suffix(';').unwrap_or(value).split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    if !["text/plain", "text/x-rst", "text/markdown"].contains(&kind.as_str()) {
        return Err(format!("{} is neither text/plain, text/x-rst nor text/markdown", shown(&kind)));
    }
    for parameter in parts {
        let named = parameter.split_once('=').filter(|(name, _)| !name.trim().is_empty());
        let (name, text) = named.ok_or_else(|| format!("{} is no parameter", shown(parameter)))?;
        let text = text.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "charset" if !text.eq_ignore_ascii_case("utf-8") => {
                return Err(format!("the charset must be UTF-8, not {}", shown(text)));
            }
            "variant" if kind == "text/markdown" && !["GFM", "CommonMark"].contains(&text) => {
                return Err(format!("the variant of Markdown must be GFM or CommonMark, not {}", shown(text)));
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pypi_renders_passes() {
        for value in [
            "text/markdown",
            "Text/Markdown",
            "text/x-rst; charset=UTF-8",
            "text/markdown; charset=\"utf-8\"; variant=GFM",
            "text/markdown;variant=CommonMark;",
            "text/plain; variant=whatever",
        ] {
            assert_eq!(content_type(value), Ok(()), "{value}");
        }
    }

    #[test]
    fn what_pypi_does_not_render_is_told() {
        for (value, expected) in [
            ("text/html", "`text/html` is neither"),
            ("markdown", "`markdown` is neither"),
            ("text/markdown; charset=latin-1", "the charset must be UTF-8, not `latin-1`"),
            ("text/markdown; variant=gfm", "the variant of Markdown must be"),
            ("text/markdown; UTF-8", "`UTF-8` is no parameter"),
            ("text/markdown; =x", "`=x` is no parameter"),
            ("text/markdown;; variant=GFM", "`` is no parameter"),
        ] {
            let reason = content_type(value).unwrap_err();
            assert!(reason.starts_with(expected), "{value}: {reason}");
        }
    }
}
