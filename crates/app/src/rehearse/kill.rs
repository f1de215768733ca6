//! A crash at every point: each writing command is killed there, run again, and must leave the world
//! that a run leaves which nobody killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use trackside_testkit::train::{Scale, Train};

use super::actor::Actor;
use super::outcome::{Outcome, runs};
use super::player::{Player, Take, typed};
use super::teller::Teller;
use super::{broken, copy, points, story, tools};
use crate::environment::Environment;
use crate::error::{Exit, Failure};
use crate::reply::Reply;
use crate::watch::CrashPoint;

/// A rehearsal with fewer crash points has lost some of the release.
const AT_LEAST: usize = 120;

/// One crash to be played.
struct Crash<'a> {
    take: &'a Take,
    point: CrashPoint,
    root: PathBuf,
}

/// Plays the story once in peace, and then every crash of it.
pub(super) fn everywhere(root: &Path, environment: &Environment, teller: &Teller) -> Result<Reply, Failure> {
    let train = Train::made(&root.join("world"), Scale::Small).map_err(broken)?;
    teller.say(&format!("the worlds are in {}", root.display()));
    let tools = tools::find(environment, root)?;
    let actor = Actor::new(&tools)?;
    let mut player = Player::taking(&train, &actor, teller, &root.join("before"));
    story::play(&mut player)?;
    let takes = player.takes;
    let crashes = crashes(root, &train, &takes, teller)?;
    let troubles = play_all(&crashes, &Theatre { train: &train, actor: &actor, teller });
    if let Some(first) = troubles.first() {
        let mut failure =
            Failure::new(Exit::Failed, format!("{} of {} crash points: {first}", troubles.len(), crashes.len()));
        failure.so_far = troubles;
        return Err(failure);
    }
    let sentence = format!("{} crash points, every final world equal", crashes.len());
    let names: Vec<String> = crashes.iter().map(Crash::name).collect();
    Ok(Reply::new("rehearsal", sentence, json!({ "crash_points": crashes.len(), "points": names, "equal": true })))
}

/// All crashes, from the plans that were performed.
fn crashes<'a>(root: &Path, train: &Train, takes: &'a [Take], teller: &Teller) -> Result<Vec<Crash<'a>>, Failure> {
    let runs = runs(train)?;
    if runs.len() != takes.len() {
        return Err(broken(format!("{} commands made {} runs", takes.len(), runs.len())));
    }
    let mut crashes = Vec::new();
    for (take, stored) in takes.iter().zip(&runs) {
        let points = points::of_plan(&stored.plan);
        teller.say(&format!("   run {:2}, {:3} crash points: {}", take.number, points.len(), typed(&take.arguments)));
        for point in points {
            let root = root.join("crashes").join(format!("{:04}", crashes.len() + 1));
            crashes.push(Crash { take, point, root });
        }
    }
    if crashes.len() < AT_LEAST {
        let message =
            format!("only {} crash points came out of the plans, at least {AT_LEAST} are needed", crashes.len());
        return Err(Failure::new(Exit::Failed, message));
    }
    Ok(crashes)
}

/// What all crashes share.
struct Theatre<'a> {
    train: &'a Train,
    actor: &'a Actor,
    teller: &'a Teller,
}

/// Plays the crashes on all cores. What went wrong, one line for each crash.
fn play_all(crashes: &[Crash<'_>], theatre: &Theatre<'_>) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let troubles = Mutex::new(Vec::new());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some(crash) = crashes.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = theatre.play(crash);
                    if theatre.teller.verbose {
                        let word = if result.is_ok() { "equal" } else { "NOT EQUAL" };
                        theatre.teller.say(&format!("   {word}: {}", crash.name()));
                    }
                    if let Err(trouble) = result {
                        let line = format!("{}: {trouble}; its world is in {}", crash.name(), crash.root.display());
                        theatre.teller.whisper(&line);
                        troubles.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(line);
                    }
                }
            });
        }
    });
    troubles.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Theatre<'_> {
    /// One crash: dies at the point, runs again, and compares. A world that is equal is removed.
    fn play(&self, crash: &Crash<'_>) -> Result<(), String> {
        let told = |failure: Failure| failure.message;
        copy::world(&crash.take.before, &crash.root).map_err(|error| error.to_string())?;
        let train = self.train.moved_to(&crash.root);
        let arguments = &crash.take.arguments;
        let fatal: Vec<String> =
            arguments.iter().cloned().chain(["--die-at".to_owned(), crash.point.to_string()]).collect();
        let died = self.actor.run(&train, &fatal).map_err(told)?;
        if !died.killed {
            return Err(format!("it was never reached\n{}", died.said()));
        }
        let again = self.actor.run(&train, arguments).map_err(told)?;
        if again.code != Some(0) {
            return Err(format!("the same command again ended with {:?}\n{}", again.code, again.said()));
        }
        let differences = crash.take.after.differences(&Outcome::of(&train).map_err(told)?);
        if !differences.is_empty() {
            return Err(format!("the world differs\n{}", differences.join("\n")));
        }
        // A git that outlived its killed parent may still be tidying up there; that is no difference.
        match fs::remove_dir_all(&crash.root) {
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

impl Crash<'_> {
    fn name(&self) -> String {
        format!("run {} at {}: {}", self.take.number, self.point, typed(&self.take.arguments))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use clap::Parser as _;

    use super::*;
    use crate::cli::Cli;
    use crate::reply::Output;

    /// What is said of a program that behaves like this shell script.
    fn told(script: &str) -> Result<(), String> {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let train = Train::made(&folder.path().join("before"), Scale::Small).unwrap();
        let global = Cli::try_parse_from(["trackside", "-q", "rehearse"]).unwrap().global;
        let teller = Teller::new(&global, Output::new(&global));
        let (before, after) = (train.root().to_owned(), Outcome::of(&train).unwrap());
        let take = Take { number: 1, arguments: vec!["cut".to_owned()], before, after };
        let crash =
            Crash { take: &take, point: "cut-core/0:after-effect".parse().unwrap(), root: folder.path().join("crash") };
        let result = Theatre { train: &train, actor: &Actor::of_program(program), teller: &teller }.play(&crash);
        result.map_err(|trouble| trouble.replace(folder.path().to_str().unwrap(), "FOLDER"))
    }

    #[test]
    fn a_crash_is_good_only_if_it_happens_and_leaves_nothing_different() {
        assert_eq!(told("case $2 in --die-at) kill -9 $$ ;; esac"), Ok(()));
        insta::assert_snapshot!(told("echo alive").unwrap_err(), @r"
        it was never reached
        alive
        ");
        insta::assert_snapshot!(told("case $2 in --die-at) kill -9 $$ ;; esac; echo stuck >&2; exit 5").unwrap_err(), @r"
        the same command again ended with Some(5)
        stuck
        ");
        let twice = "case $2 in --die-at) kill -9 $$ ;; esac; git -C ../git/core.git tag -a -m twice v2.15.0-rc2 main";
        let twice =
            told(&format!("export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org; {twice}")).unwrap_err();
        assert!(
            twice.starts_with("the world differs\ncore refs/tags/v2.15.0-rc2: ") && twice.ends_with(", not nothing"),
            "{twice}"
        );
    }
}
