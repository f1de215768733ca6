//! Who types the commands: starts this very program in a world, with nothing of the user's around it.

use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use trackside_testkit::train::Train;

use super::broken;
use super::tools::Tools;
use crate::environment::{EPOCH, TOOLS};
use crate::error::Failure;

/// Starts the program.
pub(super) struct Actor {
    program: PathBuf,
    variables: Vec<(String, String)>,
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
        let fixed = [("PATH", tools.path.as_str()), ("LANG", "C.UTF-8"), ("NO_COLOR", "1")];
        let mut variables: Vec<_> = fixed.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        variables.extend(tools.folder().map(|folder| (TOOLS.to_owned(), folder)));
        Ok(Self { program, variables })
    }

    /// The same actor with more variables, such as the credentials of a server.
    pub(super) fn with(mut self, more: Vec<(String, String)>) -> Self {
        self.variables.extend(more);
        self
    }

    /// An actor who starts another program, to see what the rehearsal says of it.
    #[cfg(test)]
    pub(super) fn of_program(program: PathBuf) -> Self {
        Self { program, variables: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())] }
    }

    /// The program in the release repository of a world, not started yet.
    pub(super) fn command(&self, train: &Train, arguments: &[String]) -> Command {
        let home = train.home();
        let mut command = Command::new(&self.program);
        command.env_clear().envs(self.variables.iter().map(|(name, value)| (name, value)));
        // What a killed run and a whole one publish is compared byte for byte.
        command.env(EPOCH, "1790856000");
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
