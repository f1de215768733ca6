//! A whole release on a throw-away world: told as a story, or killed at every point of every effect.
//!
//! What is played is what a user types: this very program, started anew for each command, in an
//! environment without anything of the user's.

mod actor;
mod copy;
mod given;
mod install;
mod kill;
mod outcome;
mod player;
mod points;
mod shelf;
mod story;
mod teller;
mod tools;

use std::path::{Path, PathBuf};

use serde_json::json;
use trackside_testkit::train::{Scale, Train};

use crate::cli::{Global, Rehearse};
use crate::environment::Environment;
use crate::error::{Exit, Failure};
use crate::reply::{Output, Reply};
use actor::Actor;
use player::Player;
use shelf::Shelf;
use teller::Teller;

/// What all worlds of a rehearsal with crashes need at most, in bytes, with plenty to spare.
const ROOM: u64 = 1 << 30;

/// Runs the rehearsal that was asked for.
///
/// # Errors
/// The first command that did not end as it should, or what differs after a crash.
pub fn run(global: &Global, environment: &Environment, output: Output, args: &Rehearse) -> Result<Reply, Failure> {
    let teller = Teller::new(global, output);
    if args.kill_everywhere {
        return kill_everywhere(args.dir.as_deref(), environment, &teller);
    }
    let root = stage_floor(args.dir.as_deref(), &std::env::temp_dir())?;
    let world = root.join("world");
    let train = match &args.wheels {
        None => Train::made(&world, Scale::Whole),
        Some(folder) => given::train(&world, folder)?,
    };
    let train = train.map_err(broken)?;
    teller.say(&format!("the world is in {}, and stays there\n", world.display()));
    let shelf = Shelf::new(&train, environment, args.store.as_ref())?;
    if let Some(store) = &args.store {
        teller.say(&format!("its stores and its state are below {store}, and stay there\n"));
    }
    let tools = tools::find(environment, &root)?;
    let actor = Actor::new(&tools)?.with(shelf.variables(environment));
    let mut player = Player::telling(&train, &actor, &teller);
    story::play(&mut player)?;
    let installed = install::from_stable(&player, &tools, &shelf)?;
    let json = json!({ "world": world, "steps": teller.steps(), "outcome": installed });
    Ok(Reply::new("rehearsal", installed.sentence(), json))
}

/// Hundreds of worlds come and go, and every one of them syncs each file to its disk: in memory that
/// takes a tenth of the time. They stay only if they were asked for, or if something differs.
fn kill_everywhere(named: Option<&Path>, environment: &Environment, teller: &Teller) -> Result<Reply, Failure> {
    let memory = Path::new("/dev/shm");
    let free = rustix::fs::statvfs(memory).map_or(0, |disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    let usual = std::env::temp_dir();
    // A user who has chosen another place for temporary files is not overruled.
    let above = if free >= ROOM && usual == Path::new("/tmp") { memory } else { &usual };
    let root = stage_floor(named, above)?;
    let reply = kill::everywhere(&root, environment, teller)?;
    if named.is_none()
        && let Err(error) = std::fs::remove_dir_all(&root)
    {
        teller.whisper(&format!("{} could not be removed: {error}", root.display()));
    }
    Ok(reply)
}

/// The empty folder that the rehearsal is played in; a new one below `above` if none was named.
fn stage_floor(named: Option<&Path>, above: &Path) -> Result<PathBuf, Failure> {
    let failed = |path: &Path, error: std::io::Error| Failure::usage(format!("{}: {error}", path.display()));
    let Some(named) = named else {
        let made = tempfile::Builder::new().prefix("trackside-rehearsal-").tempdir_in(above).map_err(broken)?;
        // Paths through a link would differ from what children see.
        let path = made.keep();
        return path.canonicalize().map_err(|error| failed(&path, error));
    };
    std::fs::create_dir_all(named).map_err(|error| failed(named, error))?;
    let mut entries = std::fs::read_dir(named).map_err(|error| failed(named, error))?;
    if entries.next().is_some() {
        let message = format!("{} is not empty; a rehearsal never writes over anything", named.display());
        return Err(Failure::usage(message).next("name a new folder with --dir, or leave it out"));
    }
    named.canonicalize().map_err(|error| failed(named, error))
}

/// The world itself could not be made or looked at.
fn broken(error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Failed, format!("the rehearsal's own world: {error}"))
}
