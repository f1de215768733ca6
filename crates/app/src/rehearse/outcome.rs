//! What a world has become: every ref, every stored object, every run and the lease of the line.
//!
//! Two worlds in which the same was done differ in nothing but their clocks: the time in a verdict,
//! and the journals, of which only the result counts.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use trackside_domain::digest::Sha256;
use trackside_domain::journal::{LeaseEvent, Outcome as Ended, holder};
use trackside_domain::manifest::Verdict;
use trackside_domain::plan::Scope;
use trackside_domain::storage_key::{KeyPrefix, StorageKey};
use trackside_domain::store::StoreUrl;
use trackside_effects::log::Log;
use trackside_effects::store::{Access, Stores};
use trackside_testkit::train::Train;

use super::broken;
use crate::error::Failure;
use crate::state::{State, Stored};

/// The stores of a train.
const STORES: [&str; 3] = ["test", "stable", "backup"];
/// What writers leave behind when they die; no reader looks there, and the next writer sweeps it.
const UNFINISHED: &str = ".trackside-tmp";

/// All that is to be seen of a world, by names of places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome(BTreeMap<String, String>);

impl Outcome {
    /// Looks at everything.
    ///
    /// # Errors
    /// When something cannot be read.
    pub(super) fn of(train: &Train) -> Result<Self, Failure> {
        let mut seen = BTreeMap::new();
        for name in train.repositories() {
            let refs = train.repo(&name).refs().map_err(broken)?;
            seen.extend(refs.into_iter().map(|(full, id)| (format!("{name} {full}"), id)));
        }
        for store in STORES {
            let folder = train.store(store);
            if folder.is_dir() {
                objects(&folder, "", &mut |key, digest| {
                    seen.insert(format!("{store} {key}"), digest);
                })?;
            }
        }
        for (number, stored) in runs(train)?.iter().enumerate() {
            seen.insert(format!("run {:02}", number + 1), run_word(stored));
        }
        seen.insert(format!("lease {}", train.line()), lease(train)?);
        Ok(Self(seen))
    }

    /// What another world has instead, one line for each place; empty if they are equal.
    pub(super) fn differences(&self, other: &Self) -> Vec<String> {
        let places = self.0.keys().chain(other.0.keys().filter(|place| !self.0.contains_key(*place)));
        let word = |value: Option<&String>| value.map_or("nothing", String::as_str).to_owned();
        let differing = places.filter(|place| self.0.get(*place) != other.0.get(*place));
        differing
            .map(|place| format!("{place}: {}, not {}", word(other.0.get(place)), word(self.0.get(place))))
            .collect()
    }
}

/// All plans of a world that were started, oldest first.
pub(super) fn runs(train: &Train) -> Result<Vec<Stored>, Failure> {
    if !train.state().is_dir() {
        return Ok(Vec::new());
    }
    let onlooker = trackside_domain::journal::Operator { name: "rehearsal".into(), machine: "onlooker".into() };
    let state = State::open(&Stores::default(), &url(&train.state())?, onlooker, &train.home())?;
    Ok(state.all()?.into_iter().filter(|stored| stored.run.is_some()).collect())
}

fn run_word(stored: &Stored) -> String {
    let run = stored.run.as_ref();
    let ended = match run.and_then(|run| run.outcome.as_ref()) {
        Some(Ended::Done) => "done",
        Some(Ended::Withdrawn { .. }) => "withdrawn",
        None => "open",
    };
    let done = run.map_or(0, trackside_domain::journal::Run::done);
    format!("{}: {ended}, {done} of {} steps", stored.plan.command, stored.plan.steps.len())
}

fn lease(train: &Train) -> Result<String, Failure> {
    if !train.state().is_dir() {
        return Ok("free".to_owned());
    }
    let store = Stores::default().open(&url(&train.state())?, Access::Read).map_err(broken)?;
    let line = train.line().parse().map_err(broken)?;
    let records = Log::open(&store, KeyPrefix::Lease(Scope::Line(line)).key()).read_all().map_err(broken)?;
    let events = records.into_iter().map(|record| serde_json::from_value::<LeaseEvent>(record.body));
    let events = events.collect::<Result<Vec<_>, _>>().map_err(broken)?;
    Ok(if holder(&events).map_err(broken)?.is_some() { "held" } else { "free" }.to_owned())
}

fn url(folder: &Path) -> Result<StoreUrl, Failure> {
    folder.to_str().ok_or_else(|| broken("its path is not UTF-8"))?.parse().map_err(broken)
}

/// Every object below a folder with its digest.
fn objects(folder: &Path, below: &str, found: &mut dyn FnMut(String, String)) -> Result<(), Failure> {
    for entry in fs::read_dir(folder).map_err(broken)? {
        let entry = entry.map_err(broken)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let key = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        if entry.file_type().map_err(broken)?.is_dir() {
            if name != UNFINISHED {
                objects(&entry.path(), &key, found)?;
            }
        } else {
            let bytes = fs::read(entry.path()).map_err(broken)?;
            let digest = Sha256::of(&without_clock(&key, bytes)?).to_string();
            found(key, digest);
        }
    }
    Ok(())
}

/// A verdict says when it was given; nothing else in a store knows the time.
fn without_clock(key: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Failure> {
    match StorageKey::parse(key) {
        Some(StorageKey::Verdict { .. }) => {
            let mut verdict = Verdict::from_bytes(&bytes).map_err(broken)?;
            verdict.at = jiff::Timestamp::UNIX_EPOCH;
            Ok(verdict.to_bytes())
        }
        _ => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use trackside_testkit::train::Scale;

    use super::super::copy;
    use super::*;

    #[test]
    fn every_kind_of_difference_between_two_worlds_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let one = Train::made(&folder.path().join("one"), Scale::Small).unwrap();
        fs::create_dir_all(one.store("test").join("whl")).unwrap();
        fs::write(one.store("test").join("whl/index.html"), "page").unwrap();
        let clean = Outcome::of(&one).unwrap();
        let copy_with = |name: &str, change: &dyn Fn(&Train)| {
            let other = one.moved_to(&folder.path().join(name));
            copy::world(one.root(), other.root()).unwrap();
            change(&other);
            clean.differences(&Outcome::of(&other).unwrap())
        };
        assert_eq!(copy_with("same", &|_| {}), Vec::<String>::new());
        let told = [
            copy_with("tagged", &|other| other.repo("core").light_tag("v2.15.0-rc1", "main").unwrap()),
            copy_with("untouched", &|other| other.repo("vision").delete_ref("refs/heads/viable/strict").unwrap()),
            copy_with("rewritten", &|other| fs::write(other.store("test").join("whl/index.html"), "other").unwrap()),
            copy_with("lost", &|other| fs::remove_file(other.store("test").join("whl/index.html")).unwrap()),
        ];
        let places: Vec<&str> = told.iter().map(|lines| lines[0].split(':').next().unwrap()).collect();
        assert!(told.iter().all(|lines| lines.len() == 1), "{told:?}");
        assert_eq!(
            places,
            [
                "core refs/tags/v2.15.0-rc1",
                "vision refs/heads/viable/strict",
                "test whl/index.html",
                "test whl/index.html"
            ]
        );
        assert!(told[3][0].ends_with(&format!(": nothing, not {}", Sha256::of(b"page"))), "{told:?}");
    }
}
