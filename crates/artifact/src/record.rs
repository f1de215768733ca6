//! RECORD: the list of a wheel's files, each with its digest and size.

use std::collections::{BTreeMap, BTreeSet};

use trackside_domain::digest::Sha256;

use crate::base64url;
use crate::finding::Findings;
use crate::limits::MAX_RECORD_LINES;
use trackside_domain::finding::Code;

/// One line of RECORD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) path: String,
    /// `sha256=...`, or empty.
    pub(crate) hash: String,
    /// Decimal, or empty.
    pub(crate) size: String,
}

/// A member as RECORD should list it; the digest is missing if its content has a flaw.
pub(crate) struct Content<'a> {
    pub(crate) name: &'a str,
    pub(crate) size: u64,
    pub(crate) sha256: Option<Sha256>,
}

/// Reads the lines of RECORD (CSV as Python's `csv` module writes it; backslashes, which some
/// writers on Windows leave, count as slashes).
pub(crate) fn parse(text: &str, findings: &mut Findings) -> Vec<Row> {
    let mut rows = Vec::new();
    for (index, line) in text.split('\n').enumerate() {
        if index == MAX_RECORD_LINES {
            findings.archive(Code::RecordTooLarge, format!("RECORD has more than {MAX_RECORD_LINES} lines"));
            break;
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            continue;
        }
        match fields(line).map(<[String; 3]>::try_from) {
            Some(Ok([path, hash, size])) => rows.push(Row { path: path.replace('\\', "/"), hash, size }),
            _ => {
                let message = format!("line {} of RECORD is not `path,hash,size`", index + 1);
                findings.archive(Code::RecordMalformed, message);
            }
        }
    }
    rows
}

/// The fields of one line; none if a quote is not closed or stands where none may, or if there are
/// too many.
fn fields(line: &str) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => take_quoted(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        if field.chars().any(char::is_control) {
            return None;
        }
        fields.push(field);
        if fields.len() > 3 {
            return None;
        }
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return after.is_empty().then_some(fields),
        }
    }
}

/// A quoted field whose opening quote is taken, and what follows its closing one.
fn take_quoted(mut rest: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    loop {
        let (before, after) = rest.split_once('"')?;
        field.push_str(before);
        let Some(next) = after.strip_prefix('"') else {
            return Some((field, after));
        };
        field.push('"');
        rest = next;
    }
}

/// Compares RECORD with what is in the archive, both ways. `record` is RECORD's own name.
pub(crate) fn compare(rows: &[Row], contents: &[Content<'_>], record: &str, findings: &mut Findings) {
    let by_name: BTreeMap<&str, &Content<'_>> = contents.iter().map(|content| (content.name, content)).collect();
    let mut listed = BTreeSet::new();
    for row in rows {
        if !listed.insert(row.path.as_str()) {
            findings.member(Code::RecordDuplicate, &row.path, "RECORD lists it twice");
        } else if row.path.starts_with('/') || row.path.split('/').any(|part| part == "..") {
            findings.member(Code::RecordPath, &row.path, "RECORD lists a path that leads out of the archive");
        } else if row.path == record {
            check_itself(row, findings);
        } else if let Some(content) = by_name.get(row.path.as_str()) {
            check_row(row, content, (record, findings));
        } else if !is_signature(&row.path, record) {
            findings.member(Code::RecordStranger, &row.path, "RECORD lists it, but it is not in the archive");
        }
    }
    for content in contents {
        let exempt = content.name.ends_with('/') || is_signature(content.name, record);
        if !exempt && !listed.contains(content.name) {
            findings.member(Code::RecordUnlisted, content.name, "RECORD does not list it");
        }
    }
}

/// The signatures of RECORD are made after it, so it cannot list them.
fn is_signature(path: &str, record: &str) -> bool {
    path.strip_prefix(record).is_some_and(|suffix| matches!(suffix, ".jws" | ".p7s"))
}

fn check_itself(row: &Row, findings: &mut Findings) {
    if !row.hash.is_empty() || !row.size.is_empty() {
        findings.member(Code::RecordOfItself, &row.path, "RECORD states a hash or size of itself");
    }
}

/// RECORD's own name, and where to report.
type Report<'a> = (&'a str, &'a mut Findings);

fn check_row(row: &Row, content: &Content<'_>, (record, findings): Report<'_>) {
    check_size(row, content, findings);
    if row.hash.is_empty() {
        if !content.name.ends_with('/') && !is_signature(content.name, record) {
            findings.member(Code::RecordHashMissing, &row.path, "RECORD has no hash of it");
        }
        return;
    }
    let Some(("sha256", encoded)) = row.hash.split_once('=') else {
        findings.member(Code::RecordHashAlgorithm, &row.path, "its hash in RECORD is not a sha256");
        return;
    };
    match (base64url::decode_32(encoded).map(Sha256::from_bytes), content.sha256) {
        (None, _) => {
            let message = "its hash in RECORD is not 32 bytes in unpadded base64url";
            findings.member(Code::RecordHashMalformed, &row.path, message);
        }
        (Some(stated), Some(found)) if stated != found => {
            let message = format!("RECORD states sha256 {}, it has {}", stated.short(), found.short());
            findings.member(Code::RecordHashDiffers, &row.path, message);
        }
        _ => {}
    }
}

fn check_size(row: &Row, content: &Content<'_>, findings: &mut Findings) {
    if row.size.is_empty() {
        if !row.hash.is_empty() {
            findings.member(Code::RecordSizeMissing, &row.path, "RECORD has no size of it");
        }
        return;
    }
    // Digits alone: a sign before them is read by some and not by others.
    let digits = row.size.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || row.size.parse::<u64>() != Ok(content.size) {
        let message = format!("RECORD states {} bytes, it has {}", row.size.escape_debug(), content.size);
        findings.member(Code::RecordSizeDiffers, &row.path, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> (Vec<Row>, Vec<String>) {
        let mut findings = Findings::default();
        let rows = parse(text, &mut findings);
        (rows, findings.into_vec().iter().map(ToString::to_string).collect())
    }

    #[test]
    fn quotes_windows_line_ends_and_backslashes_are_understood() {
        let (rows, findings) = rows("\"a,\"\"b\"\".py\",sha256=x,1\r\nc\\d.py,,\r\n\n");
        let row = |path: &str, hash: &str, size: &str| Row { path: path.into(), hash: hash.into(), size: size.into() };
        assert_eq!(rows, [row("a,\"b\".py", "sha256=x", "1"), row("c/d.py", "", "")]);
        assert!(findings.is_empty());
    }

    #[test]
    fn what_costs_more_memory_than_its_bytes_is_counted() {
        let (read, findings) = rows(&"a,,\n".repeat(MAX_RECORD_LINES + 1));
        assert_eq!(read.len(), MAX_RECORD_LINES);
        assert_eq!(findings, ["RECORD has more than 400000 lines [record-too-large]"]);
        assert_eq!(rows(&",".repeat(1 << 20)).1.len(), 1);
    }

    #[test]
    fn lines_of_another_form_are_refused() {
        for text in ["a,b", "a,b,c,d", "\"a,b,c", "\"a\"x,b,c", "a\rb,,", "a,\u{0},"] {
            assert_eq!(rows(text).1, ["line 1 of RECORD is not `path,hash,size` [record-malformed]"], "{text:?}");
        }
    }
}
