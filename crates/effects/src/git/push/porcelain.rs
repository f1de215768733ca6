//! The report of `git push --porcelain`, line by line.

use std::collections::BTreeMap;

use super::{RefOutcome, Refusal};

/// The outcome of each ref that the report tells of: `<flag>\t<from>:<to>\t<summary> (<reason>)`. A ref
/// whose fate the server did not report is left out.
pub(super) fn parse(report: &str) -> BTreeMap<String, RefOutcome> {
    report.lines().filter_map(line).collect()
}

fn line(line: &str) -> Option<(String, RefOutcome)> {
    let mut fields = line.splitn(3, '\t');
    let (flag, spec, summary) = (fields.next()?, fields.next()?, fields.next()?);
    let (_, name) = spec.rsplit_once(':')?;
    let outcome = match flag {
        " " | "+" | "*" | "-" => RefOutcome::Done,
        "=" => RefOutcome::UpToDate,
        "!" => RefOutcome::Refused(refusal(summary)?),
        _ => return None,
    };
    Some((name.to_owned(), outcome))
}

/// Texts of git itself and of its server for a ref that is not what was expected.
const STALE: [&str; 10] = [
    "stale info",
    "fetch first",
    "non-fast-forward",
    "already exists",
    "failed to update ref",
    "cannot lock ref",
    "failed to lock",
    "incorrect old value",
    "reference already exists",
    "remote ref updated since checkout",
];

fn refusal(summary: &str) -> Option<Refusal> {
    let (head, reason) = summary.split_once(" (").unwrap_or((summary, ""));
    let reason = reason.trim_end_matches(')');
    if head.contains("[remote failure]") {
        // The server did not say what it did.
        return None;
    }
    if ["atomic push failed", "atomic transaction failed", "atomic push failure", "transaction aborted"]
        .iter()
        .any(|text| reason.contains(text))
    {
        return Some(Refusal::Together);
    }
    if STALE.iter().any(|text| reason.contains(text)) {
        return Some(Refusal::Stale);
    }
    Some(Refusal::Server(if reason.is_empty() { head.to_owned() } else { reason.to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_report_line_is_understood() {
        let server = |text: &str| RefOutcome::Refused(Refusal::Server(text.into()));
        for (report, expected) in [
            ("*\ta1:refs/heads/x\t[new branch]", Some(RefOutcome::Done)),
            (" \ta1:refs/heads/x\ta..b", Some(RefOutcome::Done)),
            ("=\ta1:refs/heads/x\t[up to date]", Some(RefOutcome::UpToDate)),
            ("!\ta1:refs/heads/x\t[rejected] (stale info)", Some(RefOutcome::Refused(Refusal::Stale))),
            ("!\ta1:refs/heads/x\t[rejected] (atomic push failed)", Some(RefOutcome::Refused(Refusal::Together))),
            ("!\ta1:refs/heads/x\t[remote rejected] (hook declined)", Some(server("hook declined"))),
            (
                "!\ta1:refs/heads/x\t[remote rejected] (atomic transaction failed)",
                Some(RefOutcome::Refused(Refusal::Together)),
            ),
            ("!\ta1:refs/heads/x\t[remote rejected] (failed to update ref)", Some(RefOutcome::Refused(Refusal::Stale))),
            ("!\ta1:refs/heads/x\t[remote failure] (remote failed to report status)", None),
            ("To /srv/x", None),
            ("Done", None),
            ("?\ta1:refs/heads/x\twhat", None),
        ] {
            assert_eq!(parse(report).remove("refs/heads/x"), expected, "{report}");
        }
    }
}
