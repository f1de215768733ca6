//! `trackside verify`: reads a sealed candidate back, installs it, and makes the verdict a fact beside it.

mod trial;

use std::sync::atomic::Ordering;

use serde_json::Value;
use trackside_domain::manifest::{Check, FORMAT, Manifest, ManifestRef, Outcome, Verdict};
use trackside_domain::plan::verify::{decide, sealed};
use trackside_domain::plan::{Command, Decision, Stop, StopKind};
use trackside_domain::world::CandidateFacts;
use trackside_effects::observe;

use crate::carry_out::carry_out;
use crate::cli::Verify;
use crate::error::{Exit, Failure};
use crate::reply::Reply;
use crate::session::Session;

pub(super) fn run(session: &Session, args: &Verify) -> Result<Reply, Failure> {
    let Verify { candidate, apply } = *args;
    let facts = || observe::facts(&session.performer.stores, &session.project.test, candidate.release.line);
    let mut made = None;
    let reply = carry_out(session, apply, Command::Verify { candidate }, || {
        let facts = facts()?;
        let references = match sealed(candidate, &facts) {
            Ok(references) => references,
            Err(stops) => return Ok(Decision::Refused(stops)),
        };
        if let Some((number, verdict)) = facts.verdicts.get(&candidate)
            && verdict.passed()
            && verdict.manifests == references
        {
            return Ok(Decision::NothingToDo(vec![format!(
                "verdict {number} on {candidate} passed, on the same manifests"
            )]));
        }
        let verdict = examine(session, args, &facts, references)?;
        Ok(decide(&session.project, made.insert(verdict), &facts))
    })?;
    if made.is_none() && reply.json["resumed"] == Value::Bool(true) {
        made = facts()?.verdicts.remove(&candidate).map(|(_, verdict)| verdict);
    }
    match made {
        Some(verdict) if !verdict.passed() => {
            session.output.say(reply.human.trim_end());
            Err(not_passed(&verdict, &reply))
        }
        Some(_) | None => Ok(reply),
    }
}

/// Makes all checks. The store is only read.
fn examine(
    session: &Session,
    args: &Verify,
    facts: &CandidateFacts,
    references: Vec<ManifestRef>,
) -> Result<Verdict, Failure> {
    let record = &facts.records[&args.candidate];
    let manifests: Vec<&Manifest> = references
        .iter()
        .filter_map(|reference| facts.manifests.get(&(reference.package.clone(), reference.candidate)))
        .map(|(_, manifest)| manifest)
        .collect();
    let artifacts: usize = manifests.iter().map(|manifest| manifest.artifacts.len()).sum();
    session.output.say(&format!("reading back {artifacts} artifacts of {}", args.candidate));
    session.stop_between_effects()?;
    let mut checks =
        observe::verify((&session.project, &session.performer.stores), record, &manifests, &session.interrupted)?;
    stop_if_interrupted(session)?;
    let trial = trial::run(session, args.candidate, &manifests)?;
    stop_if_interrupted(session)?;
    checks.extend(trial.checks);
    Ok(Verdict {
        format: FORMAT,
        candidate: args.candidate,
        manifests: references,
        checks,
        platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        installer: trial.installer,
        at: jiff::Timestamp::now(),
    })
}

fn stop_if_interrupted(session: &Session) -> Result<(), Failure> {
    if session.interrupted.load(Ordering::SeqCst) {
        let mut failure = Failure::new(Exit::Interrupted, "interrupted before there was a verdict");
        failure.so_far.push("nothing was changed".to_owned());
        return Err(failure);
    }
    Ok(())
}

/// What the caller is told about a verdict that stops the promotion, recorded or only planned.
fn not_passed(verdict: &Verdict, reply: &Reply) -> Failure {
    let stop = |check: &Check| {
        let (kind, word) = match check.outcome {
            Outcome::Passed => return None,
            Outcome::Failed => (StopKind::Failed, check.detail.clone()),
            Outcome::NotDone => (StopKind::Blocked, format!("not done: {}", check.detail)),
        };
        let code = match check.name.as_str() {
            "digests" => "verify-digests",
            "pages" => "verify-pages",
            _ => "verify-install",
        };
        let subject = check.package.as_ref().map_or_else(|| verdict.candidate.to_string(), ToString::to_string);
        Some(Stop::new(kind, code, subject, word))
    };
    let failure = Failure::refused(verdict.checks.iter().filter_map(stop).collect());
    match reply.json["next"].as_str() {
        Some(next) => failure.next(format!("mend it and verify again, or record this verdict: {next}")),
        None => {
            let so_far = vec![format!("the verdict on {} is recorded", verdict.candidate)];
            Failure { so_far, ..failure }.next(format!("mend it, then: trackside verify {} --apply", verdict.candidate))
        }
    }
}
