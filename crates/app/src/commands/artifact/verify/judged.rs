//! A file, or all files together, with the severity of every finding that is shown.

use serde_json::{Value, json};
use trackside_artifact::Report;
use trackside_domain::finding::{Finding, Policy, Profile, Severity};

use crate::commands::artifact::files::Named;

/// Findings with their severities, errors first.
pub(super) struct Judged {
    /// The path as it was given.
    pub(super) name: String,
    pub(super) profile: Profile,
    pub(super) findings: Vec<(Severity, Finding)>,
    pub(super) outcome: Outcome,
    /// Whether the derivation record beside it is about exactly these bytes; none without one.
    pub(super) derivation: Option<bool>,
    /// Why there may be more findings than those listed; none if everything was looked at.
    pub(super) hidden: Option<&'static str>,
    /// What the report says beside its findings, for programs.
    pub(super) facts: Value,
}

/// Whether a file was read to its end.
pub(super) enum Outcome {
    /// All of it.
    Read,
    /// A project may ignore a finding, but nobody can use what could not be read.
    Unusable,
    /// It could not be opened or read at all.
    Unread(String),
}

impl Judged {
    /// A report, and what the comparison with the other files adds to it.
    pub(super) fn report(file: &Named, report: Report, more: Vec<Finding>, policy: &Policy) -> Self {
        let Report { file_name, kind, size, sha256, members, unpacked_size, contents, findings, .. } = report;
        let findings = judged(policy, findings.into_iter().chain(more));
        let refused = findings.iter().any(|(severity, _)| *severity == Severity::Error);
        let hidden = match (&members, &contents) {
            (None, _) => Some("the framing is refused, so the contents were not looked at"),
            (_, None) => Some("what it says about itself could not be read, so not all of it was compared"),
            _ => None,
        };
        let unusable = !refused && (members.is_none() || contents.is_none());
        Self {
            name: file.path.to_string_lossy().into_owned(),
            profile: policy.profile,
            findings,
            outcome: if unusable { Outcome::Unusable } else { Outcome::Read },
            derivation: None,
            hidden,
            facts: json!({
                "file_name": file_name, "kind": kind, "size": size, "sha256": sha256,
                "members": members, "unpacked_size": unpacked_size,
            }),
        }
    }

    /// A file that could not be read.
    pub(super) fn unread(file: &Named, why: String) -> Self {
        Self {
            name: file.path.to_string_lossy().into_owned(),
            profile: Profile::default(),
            findings: Vec::new(),
            outcome: Outcome::Unread(why),
            derivation: None,
            hidden: Some("the file could not be read"),
            facts: json!({ "kind": file.kind }),
        }
    }

    /// What is wrong with all files together.
    pub(super) fn set(policy: &Policy, findings: Vec<Finding>) -> Self {
        Self {
            name: String::new(),
            profile: policy.profile,
            findings: judged(policy, findings.into_iter()),
            outcome: Outcome::Read,
            derivation: None,
            hidden: None,
            facts: json!({}),
        }
    }

    /// How many errors there are.
    pub(super) fn errors(&self) -> usize {
        let more = match self.outcome {
            Outcome::Read => 0,
            Outcome::Unusable | Outcome::Unread(_) => 1,
        };
        self.of(Severity::Error) + more
    }

    /// How many warnings there are.
    pub(super) fn warnings(&self) -> usize {
        self.of(Severity::Warning)
    }

    fn of(&self, wanted: Severity) -> usize {
        self.findings.iter().filter(|(severity, _)| *severity == wanted).count()
    }

    /// The same for programs.
    pub(super) fn document(&self) -> Value {
        let finding = |(severity, finding): &(Severity, Finding)| {
            let Finding { code, member, message } = finding;
            json!({ "severity": severity, "code": code, "member": member, "message": message, "source": code.source() })
        };
        let mut document = self.facts.clone();
        document["path"] = if self.name.is_empty() { Value::Null } else { json!(self.name) };
        document["profile"] = json!(self.profile);
        document["derivation_matches"] = json!(self.derivation);
        document["complete"] = json!(self.hidden.is_none());
        document["hidden"] = json!(self.hidden);
        document["findings"] = self.findings.iter().map(finding).collect();
        document["unreadable"] = match &self.outcome {
            Outcome::Read => Value::Null,
            Outcome::Unusable => json!("it cannot be read beyond what was lowered by the project"),
            Outcome::Unread(why) => json!(why),
        };
        document["errors"] = json!(self.errors());
        document["warnings"] = json!(self.warnings());
        document
    }
}

/// The findings that are shown, errors first, and otherwise in their order.
fn judged(policy: &Policy, findings: impl Iterator<Item = Finding>) -> Vec<(Severity, Finding)> {
    let judged = findings.map(|finding| (policy.severity(finding.code), finding));
    let mut shown: Vec<_> = judged.filter(|(severity, _)| *severity != Severity::Ignore).collect();
    shown.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    shown
}
