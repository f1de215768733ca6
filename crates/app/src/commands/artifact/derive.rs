//! `trackside artifact derive`: wheels of another version, and the proof that nothing else changed.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use trackside_artifact::derive::{self, CopyBy, DeriveError, Derived, Mismatch, Options, Prepared};
use trackside_domain::derivation::{Derivation, RequirementRule, Rules, RulesError, Scope, VersionChange};
use trackside_domain::finding::{Policy, Profile};
use trackside_domain::project::ArtifactRules;
use trackside_domain::say::{bytes, count, typed};
use trackside_domain::wheel::WheelFileName;

use super::text::plain;
use crate::cli::{ArtifactDerive, Global, SearchScope};
use crate::error::{Exit, Failure};
use crate::reply::Reply;
use crate::session::{load, release_repository_if_any};

pub(super) fn run(global: &Global, args: &ArtifactDerive) -> Result<Reply, Failure> {
    match &args.out {
        Some(out) => make(global, args, out),
        None => prove(args),
    }
}

/// Derives all files: all are checked before the first byte is written.
fn make(global: &Global, args: &ArtifactDerive, out: &Path) -> Result<Reply, Failure> {
    let template = Template::of(args)?;
    let prepare = |path: &PathBuf| derive::prepare(path, &template.rules(path)?).map_err(|error| failure(&error));
    let jobs: Vec<Prepared> = args.files.iter().map(prepare).collect::<Result<_, _>>()?;
    let options = Options {
        policy: policy(global, args.profile.into())?,
        search: match args.search {
            SearchScope::Text => Scope::Text,
            SearchScope::All => Scope::All,
        },
        copy: CopyBy::System,
        verify: args.verify,
    };
    let derived = derive::write(&jobs, out, &options).map_err(|error| failure(&error))?;
    let mut human = derived.iter().map(|one| told(one, args.verify)).collect::<Vec<_>>().join("\n");
    let documents: Vec<Value> = derived
        .iter()
        .map(|one| {
            json!({
                "path": one.path.to_string_lossy(), "new": one.new, "record": one.record, "verified": args.verify,
                "searched": one.record.search.searched, "not_searched": one.record.search.skipped.len(),
            })
        })
        .collect();
    let next = (!args.verify).then(|| next(&derived));
    human.extend(next.iter().map(|next| {
        format!("\nWhat was not searched was not read either: it is as good as the input was.\n  next: {next}\n")
    }));
    Ok(Reply::new("artifact-derive", human, json!({ "files": documents, "next": next })))
}

/// The profile with the exceptions of the project, if there is one.
fn policy(global: &Global, profile: Profile) -> Result<Policy, Failure> {
    let root = release_repository_if_any(global)?;
    let rules = root.map_or(Ok(ArtifactRules::default()), |root| load(&root).map(|project| project.artifacts))?;
    Ok(rules.policy(profile))
}

/// The command that reads every byte of the outputs.
fn next(derived: &[Derived]) -> String {
    let paths: Vec<String> = derived.iter().map(|one| typed(&plain(&one.path.to_string_lossy()))).collect();
    format!("trackside artifact verify {}", paths.join(" "))
}

fn told(derived: &Derived, verified: bool) -> String {
    let Derivation { input, output, changed, renamed, search, .. } = &derived.record;
    let done = if derived.new { "" } else { " (was there already)" };
    let skipped = search.skipped.len();
    format!(
        "{}{done}\n  from {}\n  size {}, sha256 {}\n  {} changed, {renamed} moved\n  {searched} searched for the old \
         version and compared with RECORD, {skipped} not searched because they are no text{how}\n{proof}",
        plain(&derived.path.to_string_lossy()),
        input.name,
        bytes(output.size),
        output.sha256,
        count(changed.len(), "member"),
        renamed = renamed.len(),
        searched = count(usize::try_from(search.searched).unwrap_or(usize::MAX), "member"),
        how = if skipped == 0 { "" } else { " (--search all)" },
        proof = if verified { "  every byte verified before it got its name\n" } else { "" },
    )
}

/// The rules of one call; the version is that of each file.
struct Template {
    version: Option<String>,
    rest: Rules,
}

impl Template {
    fn of(args: &ArtifactDerive) -> Result<Self, Failure> {
        let nothing = VersionChange { from: String::new(), to: String::new() };
        let rest = Rules {
            platform: args.platform.as_ref().map(|tags| tags.split('.').map(str::to_owned).collect()),
            build: args.build.clone(),
            edits: args.edit.clone(),
            requirements: args.requirement.iter().map(|rule| requirement(rule)).collect::<Result<_, _>>()?,
            drop_classifiers: args.drop_classifier.clone(),
            keep: args.keep.clone(),
            ..Rules::new(nothing)
        };
        Ok(Self { version: args.to_version.clone(), rest })
    }

    fn rules(&self, path: &Path) -> Result<Rules, Failure> {
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let name: WheelFileName = name.parse().map_err(|error| Failure::usage(format!("{error}")))?;
        let version = match &self.version {
            Some(version) => VersionChange::to(&name, version),
            None => VersionChange::strip_local(&name),
        };
        let version = version.map_err(|error: RulesError| Failure::usage(format!("{name}: {error}")))?;
        Ok(Rules { version, ..self.rest.clone() })
    }
}

/// `FROM -> TO`.
fn requirement(text: &str) -> Result<RequirementRule, Failure> {
    let (from, to) = text
        .split_once("->")
        .ok_or_else(|| Failure::usage(format!("`{}` is not of the form `FROM -> TO`", text.escape_debug())))?;
    Ok(RequirementRule { from: from.trim().to_owned(), to: to.trim().to_owned() })
}

fn failure(error: &DeriveError) -> Failure {
    let exit = match error {
        DeriveError::Exists(_) => Exit::Conflict,
        DeriveError::Rules { .. } | DeriveError::SameOutput(_) | DeriveError::Name(_) => Exit::Usage,
        DeriveError::Input(_)
        | DeriveError::Flaw { .. }
        | DeriveError::StillThere { .. }
        | DeriveError::Output { .. }
        | DeriveError::Write { .. }
        | DeriveError::Record { .. }
        | DeriveError::Contradiction(_) => Exit::Failed,
    };
    let mut failure = Failure::new(exit, plain(&trackside_effects::with_causes(error)));
    if let DeriveError::Output { rules, .. } = error
        && !rules.is_empty()
    {
        failure = failure.next(format!("add {}", rules.join(" ")));
    }
    if let DeriveError::StillThere { members, .. } = error {
        let own = members.iter().any(|member| OWN_RULES.iter().any(|name| member.ends_with(name)));
        let more = if own { "; METADATA and WHEEL take --requirement 'FROM -> TO' or --keep, no --edit" } else { "" };
        failure =
            failure.next(format!("add --edit MEMBER where it must change, --keep MEMBER where it may stay{more}"));
    }
    failure
}

/// Members that change by rules of their own.
const OWN_RULES: [&str; 2] = [".dist-info/METADATA", ".dist-info/WHEEL"];

/// Proves all records; the first that cannot be proved ends it.
fn prove(args: &ArtifactDerive) -> Result<Reply, Failure> {
    let mut human = String::new();
    let mut documents = Vec::new();
    for path in &args.check {
        let record = derive::read_record(path).map_err(|error| failure(&error))?;
        let input = find(path, record.input.name.as_str(), &args.files)?;
        let output = find(path, record.output.name.as_str(), &args.files)?;
        let checked = derive::check(&record, &input, &output).map_err(|mismatch| disproved(path, &mismatch))?;
        human.push_str(&format!(
            "{}: proved: {} carried byte for byte, {} moved, {} changed as the record says\n",
            plain(&path.to_string_lossy()),
            count(usize::try_from(checked.carried).unwrap_or(usize::MAX), "member"),
            checked.renamed,
            checked.changed
        ));
        let (carried, renamed, changed) = (checked.carried, checked.renamed, checked.changed);
        documents.push(json!({
            "record": path.to_string_lossy(), "proved": true,
            "carried": carried, "renamed": renamed, "changed": changed,
        }));
    }
    Ok(Reply::new("artifact-derive-check", human, json!({ "records": documents })))
}

fn disproved(path: &Path, mismatch: &Mismatch) -> Failure {
    let why = trackside_effects::with_causes(mismatch);
    Failure::new(Exit::Failed, plain(&format!("{} is not proved: {why}", path.to_string_lossy())))
}

/// A file of a record: one that was given, or one beside the record.
fn find(record: &Path, name: &str, files: &[PathBuf]) -> Result<PathBuf, Failure> {
    let given = files.iter().find(|file| file.file_name().is_some_and(|found| found == name));
    let beside = record.with_file_name(name);
    given.cloned().or_else(|| beside.is_file().then_some(beside)).ok_or_else(|| {
        let folder = record.to_string_lossy();
        Failure::usage(format!("{name} is neither among the files nor beside {}", plain(&folder)))
    })
}
