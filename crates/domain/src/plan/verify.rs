//! `verify`: the verdict on a sealed candidate becomes a fact beside it.

use crate::action::{Action, Content, Location};
use crate::manifest::{CandidateRecord, ManifestRef, Outcome, Verdict};
use crate::plan::{Command, Decision, Draft, Phase, Precondition, Step, Stop, StopKind};
use crate::project::Project;
use crate::storage_key::StorageKey;
use crate::version::Candidate;
use crate::world::CandidateFacts;

/// The sealed manifests of a candidate.
///
/// # Errors
/// When there is no such candidate, or one of its packages is not sealed.
pub fn sealed(candidate: Candidate, facts: &CandidateFacts) -> Result<Vec<ManifestRef>, Vec<Stop>> {
    let Some(record) = facts.records.get(&candidate) else {
        let stop =
            Stop::new(StopKind::Blocked, "no-candidate", candidate.to_string(), "there is no record of this candidate")
                .hint(format!("trackside candidate {}", candidate.release));
        return Err(vec![stop]);
    };
    let mut references = Vec::new();
    let mut stops = Vec::new();
    for (package, entry) in &record.packages {
        match facts.manifests.get(&(package.clone(), entry.candidate)) {
            Some((reference, manifest)) if manifest.sealed => references.push(reference.clone()),
            _ => stops.push(not_sealed(record, package.as_str())),
        }
    }
    if stops.is_empty() { Ok(references) } else { Err(stops) }
}

fn not_sealed(record: &CandidateRecord, package: &str) -> Stop {
    Stop::new(StopKind::Blocked, "not-sealed", package, format!("candidate {} is not complete", record.candidate))
        .hint(format!("trackside stage {} --from DIR", record.candidate))
}

/// Decides where a verdict goes. A verdict is never replaced: the next one gets the next number.
pub fn decide(project: &Project, verdict: &Verdict, facts: &CandidateFacts) -> Decision {
    let candidate = verdict.candidate;
    let number = facts.verdicts.get(&candidate).map_or(1, |(number, _)| number + 1);
    let at = Location { store: project.test.clone(), key: StorageKey::Verdict { candidate, number }.key() };
    let notes = verdict.checks.iter().map(|check| {
        let word = match check.outcome {
            Outcome::Passed => "passed",
            Outcome::Failed => "FAILED",
            Outcome::NotDone => "NOT DONE",
        };
        let package = check.package.as_ref().map(|package| format!(" {package}")).unwrap_or_default();
        format!("{}{package}: {word}, {}", check.name, check.detail)
    });
    let title = format!("verdict {number} on {candidate}: {}", if verdict.passed() { "passed" } else { "not passed" });
    let action = Action::CreateObject { to: at.clone(), content: Content::Text(verdict.to_text()) };
    let step = Step::new(&["verdict", &number.to_string()], title, Phase::Record, vec![action]);
    Decision::Draft(Draft {
        command: Command::Verify { candidate },
        preconditions: vec![Precondition::ObjectIs { at, value: None }],
        steps: vec![step],
        notes: notes.collect(),
    })
}
