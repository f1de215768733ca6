//! Plays single commands of the story, and takes a picture of the world around each that writes.

use std::path::{Path, PathBuf};

use trackside_testkit::train::Train;

use super::actor::{Actor, Ran};
use super::outcome::Outcome;
use super::teller::Teller;
use super::{broken, copy};
use crate::error::{Exit, Failure};

/// A world before and after one command that writes.
pub(super) struct Take {
    /// Which command of the story it is; two of them may be typed alike.
    pub(super) number: usize,
    /// The command as it is typed behind the program's name.
    pub(super) arguments: Vec<String>,
    /// A copy of the world just before it.
    pub(super) before: PathBuf,
    /// What the world was after it.
    pub(super) after: Outcome,
}

/// Plays commands in one world.
pub(super) struct Player<'a> {
    /// The world.
    pub(super) train: &'a Train,
    /// Who types.
    pub(super) actor: &'a Actor,
    /// Who tells.
    pub(super) teller: &'a Teller,
    /// Where copies of the world go, if they are wanted; and all that were made.
    album: Option<PathBuf>,
    /// The pictures, in the order of the commands.
    pub(super) takes: Vec<Take>,
}

impl<'a> Player<'a> {
    /// A player for people who listen.
    pub(super) fn telling(train: &'a Train, actor: &'a Actor, teller: &'a Teller) -> Self {
        Self { train, actor, teller, album: None, takes: Vec::new() }
    }

    /// A player that skips what does not write and keeps pictures in the folder `album`.
    pub(super) fn taking(train: &'a Train, actor: &'a Actor, teller: &'a Teller, album: &Path) -> Self {
        Self { album: Some(album.to_owned()), ..Self::telling(train, actor, teller) }
    }

    /// Begins a chapter.
    pub(super) fn chapter(&self, title: &str) {
        if self.album.is_none() {
            self.teller.chapter(title);
        }
    }

    /// A command that writes nothing, or is to be refused with the given exit code. It belongs to
    /// the telling only.
    pub(super) fn show(&self, expected: Exit, arguments: &[&str]) -> Result<(), Failure> {
        if self.album.is_some() {
            return Ok(());
        }
        self.run(expected, &owned(arguments)).map(drop)
    }

    /// The same command again: there is nothing left to do.
    pub(super) fn again(&self, arguments: &[&str]) -> Result<(), Failure> {
        if self.album.is_some() {
            return Ok(());
        }
        let arguments = owned(&[arguments, &["--apply"]].concat());
        let ran = self.run(Exit::Done, &arguments)?;
        if ran.stdout.starts_with("nothing to do") {
            Ok(())
        } else {
            Err(unexpected(&arguments, "nothing to do", &ran))
        }
    }

    /// The same command again finds nothing to do and leaves the world as it is.
    fn nothing_more(&self, arguments: &[String], world: &Outcome) -> Result<(), Failure> {
        let ran = self.run(Exit::Done, arguments)?;
        if !ran.stdout.starts_with("nothing to do") {
            return Err(unexpected(arguments, "nothing to do", &ran));
        }
        let differences = world.differences(&Outcome::of(self.train)?);
        if differences.is_empty() { Ok(()) } else { Err(broken(differences.join("\n"))) }
    }

    /// A command that writes.
    pub(super) fn apply(&mut self, arguments: &[&str]) -> Result<(), Failure> {
        let arguments = owned(&[arguments, &["--apply"]].concat());
        let Some(album) = &self.album else { return self.run(Exit::Done, &arguments).map(drop) };
        let number = self.takes.len() + 1;
        let before = album.join(format!("{number:02}"));
        copy::world(self.train.root(), &before).map_err(broken)?;
        self.run(Exit::Done, &arguments)?;
        let after = Outcome::of(self.train)?;
        self.nothing_more(&arguments, &after)?;
        self.takes.push(Take { number, arguments, before, after });
        Ok(())
    }

    fn run(&self, expected: Exit, arguments: &[String]) -> Result<Ran, Failure> {
        let ran = self.actor.run(self.train, arguments)?;
        if self.album.is_none() {
            self.teller.ran(&typed(arguments), &ran);
        }
        if ran.code == Some(expected as i32) {
            Ok(ran)
        } else {
            Err(unexpected(arguments, &format!("exit {}", expected as i32), &ran))
        }
    }
}

/// A command as it is typed.
pub(super) fn typed(arguments: &[String]) -> String {
    format!("trackside {}", arguments.join(" "))
}

fn owned(arguments: &[&str]) -> Vec<String> {
    arguments.iter().map(|argument| (*argument).to_owned()).collect()
}

fn unexpected(arguments: &[String], expected: &str, ran: &Ran) -> Failure {
    let code = ran.code.map_or("a signal".to_owned(), |code| format!("exit {code}"));
    let message = format!("`{}` ended with {code}, not with {expected}\n{}", typed(arguments), ran.said());
    Failure::new(Exit::Failed, message)
}
