//! Who types the commands: starts this very program in a world, with nothing of the user's around it.

use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use trackside_testkit::train::Train;

use super::broken;
use super::tools::Tools;
use crate::environment::TOOLS;
use crate::error::Failure;

/// Starts the program.
pub(super) struct Actor {
    program: PathBuf,
    variables: Vec<(&'static str, String)>,
}

/// How one start of the program ended.
pub(super) struct Ran {
    /// The exit code; `None` if a signal ended it.
    pub(super) code: Option<i32>,
    /// Whether SIGKILL ended it.
    pub(super) killed: bool,
    /// The answer.
    pub(super) stdout: String,
    /// The talk.
    pub(super) stderr: String,
}

impl Actor {
    /// An actor that knows where git and the installers are, and nothing else.
    pub(super) fn new(tools: &Tools) -> Result<Self, Failure> {
        let program = std::env::current_exe().map_err(broken)?;
        let mut variables =
            vec![("PATH", tools.path.clone()), ("LANG", "C.UTF-8".to_owned()), ("NO_COLOR", "1".to_owned())];
        variables.extend(tools.folder().map(|folder| (TOOLS, folder)));
        Ok(Self { program, variables })
    }

    /// An actor who starts another program, to see what the rehearsal says of it.
    #[cfg(test)]
    pub(super) fn of_program(program: PathBuf) -> Self {
        Self { program, variables: vec![("PATH", "/usr/bin:/bin".to_owned())] }
    }

    /// The program in the release repository of a world, not started yet.
    pub(super) fn command(&self, train: &Train, arguments: &[String]) -> Command {
        let home = train.home();
        let mut command = Command::new(&self.program);
        command.env_clear().envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.env("USER", "rehearsal").env("HOME", &home).env("TMPDIR", home.join("tmp"));
        command.args(arguments).current_dir(train.release_repository()).stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub(super) fn run(&self, train: &Train, arguments: &[String]) -> Result<Ran, Failure> {
        let output = self.command(train, arguments).output().map_err(broken)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Ran {
            code: output.status.code(),
            killed: output.status.signal() == Some(9),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        })
    }
}

impl Ran {
    /// All that was said: first the talk, then the answer.
    pub(super) fn said(&self) -> String {
        let parts = [self.stderr.trim_end(), self.stdout.trim_end()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    }
}
