//! `trackside artifact verify`: every byte of files is read, and everything that is wrong is reported.

use serde_json::json;
use trackside_artifact::derive::compare_record;
use trackside_artifact::{ReadError, Report, check_set};
use trackside_domain::artifact_set::{Limits, SetFindings};
use trackside_domain::finding::{Finding, Policy, Profile};
use trackside_domain::project::ArtifactRules;
use trackside_domain::say::count;
use trackside_effects::observe;

use super::files::{Named, Talk, each, named, unreadable};
use super::text::{columns, plain};
use crate::cli::{ArtifactVerify, Global};
use crate::error::{Exit, Failure};
use crate::reply::{Output, Reply};
use crate::session::{load, release_repository_if_any};

mod judged;

use self::judged::{Judged, Outcome};

/// What one file showed.
struct Examined {
    report: Result<Report, ReadError>,
    derivation: Beside,
}

/// The derivation record beside a file.
#[derive(Clone, PartialEq, Eq)]
enum Beside {
    Nothing,
    /// It is about exactly these bytes.
    Its,
    /// It cannot be read, or is about other bytes: what looks derived is still judged as derived.
    Other(Option<Finding>),
}

pub(super) fn run(global: &Global, output: Output, args: &ArtifactVerify) -> Result<Reply, Failure> {
    let files = named(&args.files)?;
    let rules = rules(global)?;
    let talk = Talk { verb: "verifying", global, output };
    let examined = each(&files, &talk, examine);
    let limits = Limits {
        file: args.max_file_size.map(|size| size.0).or(rules.limits.file),
        total: args.max_total_size.map(|size| size.0).or(rules.limits.total),
    };
    let asked = args.profile.map(Profile::from);
    let (judged, set) = judge(&files, examined, (&rules, asked), &limits);
    let errors = judged.iter().map(Judged::errors).sum::<usize>() + set.errors();
    let warnings = judged.iter().map(Judged::warnings).sum::<usize>() + set.warnings();
    let mut human: String = judged.iter().map(human).collect();
    if !set.findings.is_empty() {
        human.push_str(&format!("all files together (profile {})\n{}", set.profile, table(&set)));
    }
    human.push_str(&summary(&judged, errors, warnings));
    let document = json!({
        "files": judged.iter().map(Judged::document).collect::<Vec<_>>(),
        "set": set.document(),
        "errors": errors, "warnings": warnings, "passed": errors == 0,
    });
    let exit = if errors == 0 { Exit::Done } else { Exit::Failed };
    Ok(Reply::new("artifact-verify", human, document).ending(exit))
}

/// What the project says, if there is one.
fn rules(global: &Global) -> Result<ArtifactRules, Failure> {
    let root = release_repository_if_any(global)?;
    root.map_or(Ok(ArtifactRules::default()), |root| load(&root).map(|project| project.artifacts))
}

fn examine(file: &Named) -> Examined {
    let report = trackside_artifact::verify(&file.path, file.kind);
    let derivation = match (&report, observe::derivation(&file.path)) {
        (_, None) => Beside::Nothing,
        (Err(_), Some(_)) => Beside::Other(None),
        (Ok(report), Some(record)) => match compare_record(report, &record) {
            None => Beside::Its,
            Some(finding) => Beside::Other(Some(finding)),
        },
    };
    Examined { report, derivation }
}

/// Gives every finding its severity; those of the set come to the file that they are about.
fn judge(
    files: &[Named],
    examined: Vec<Examined>,
    (rules, asked): (&ArtifactRules, Option<Profile>),
    limits: &Limits,
) -> (Vec<Judged>, Judged) {
    let derived = !examined.is_empty() && examined.iter().all(|one| one.derivation != Beside::Nothing);
    let derivations: Vec<Beside> = examined.iter().map(|one| one.derivation.clone()).collect();
    let (reports, places, refused) = sorted(examined);
    let SetFindings { files: mut of_files, set } = check_set(&reports, &std::collections::BTreeMap::new(), limits);
    let policy = |derived| rules.policy(asked.unwrap_or(if derived { Profile::Strict } else { Profile::Channel }));
    let mut judged: Vec<Option<Judged>> = files.iter().map(|_| None).collect();
    for (index, error) in refused {
        judged[index] = Some(Judged::unread(&files[index], unreadable(&error)));
    }
    for ((report, index), more) in reports.into_iter().zip(places).zip(of_files.drain(..)) {
        let beside = derivations[index].clone();
        let policy = policy(beside != Beside::Nothing);
        judged[index] = Some(file(&files[index], report, (more, beside), &policy));
    }
    (judged.into_iter().flatten().collect(), Judged::set(&policy(derived), set))
}

/// The reports, the places of their files in the call, and the files that could not be read.
fn sorted(examined: Vec<Examined>) -> (Vec<Report>, Vec<usize>, Vec<(usize, ReadError)>) {
    let (mut reports, mut places, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for (index, one) in examined.into_iter().enumerate() {
        match one.report {
            Ok(report) => {
                reports.push(report);
                places.push(index);
            }
            Err(error) => refused.push((index, error)),
        }
    }
    (reports, places, refused)
}

fn file(file: &Named, report: Report, (mut more, beside): (Vec<Finding>, Beside), policy: &Policy) -> Judged {
    let derivation = match beside {
        Beside::Nothing => None,
        Beside::Its => Some(true),
        Beside::Other(finding) => {
            more.extend(finding);
            Some(false)
        }
    };
    Judged { derivation, ..Judged::report(file, report, more, policy) }
}

fn human(judged: &Judged) -> String {
    let name = plain(&judged.name);
    let head = match &judged.outcome {
        Outcome::Unread(why) => return format!("{name}\n  error  {why}\n"),
        Outcome::Unusable => {
            "\n  error  what is wrong was lowered by the project, but the file cannot be read beyond it".to_owned()
        }
        Outcome::Read if judged.findings.is_empty() => ": nothing is wrong".to_owned(),
        Outcome::Read => String::new(),
    };
    let record = match judged.derivation {
        None => "",
        Some(true) => ", derived",
        Some(false) => ", with a derivation record that is not about it",
    };
    let rest = judged.hidden.map(|why| format!("  more may be wrong: {why}\n")).unwrap_or_default();
    format!("{name} (profile {}{record}){head}\n{}{rest}", judged.profile, table(judged))
}

fn table(judged: &Judged) -> String {
    let row = |(severity, finding): &(trackside_domain::finding::Severity, Finding)| {
        let member = finding.member.as_ref().map(|member| format!("`{member}`: ")).unwrap_or_default();
        let what = plain(&format!("{member}{}", finding.message));
        [severity.to_string(), finding.code.to_string(), format!("{what} ({})", finding.code.source())]
    };
    columns("  ", &judged.findings.iter().map(row).collect::<Vec<_>>())
}

fn summary(judged: &[Judged], errors: usize, warnings: usize) -> String {
    let files = count(judged.len(), "file");
    format!("{files}: {}, {}\n", count(errors, "error"), count(warnings, "warning"))
}
