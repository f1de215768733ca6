//! What a generator command changes: run in a throw-away checkout without credentials, with a time
//! limit; only the changed files come back.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use trackside_domain::git::ObjectId;

use super::object::{TempIndex, id};
use super::path::check_path;
use super::{Changes, DeriveError};
use crate::git::cache::Cache;
use crate::git::error::GitError;

/// A command to run.
#[derive(Debug, Clone)]
pub struct CommandRun {
    /// Program and arguments; a program with a `/` is looked up in the checkout. No shell is involved.
    pub argv: Vec<String>,
    /// After this time the command and everything it started is killed.
    pub timeout: Duration,
    /// Its whole environment, apart from `HOME` and `TMPDIR`, which are a folder that is thrown away.
    pub environment: BTreeMap<OsString, OsString>,
}

impl Cache {
    /// Runs a command on the files of `base` and returns the files that it changed; empty if none. What the
    /// repository ignores is left out.
    ///
    /// # Errors
    /// [`DeriveError::Command`] if it fails or takes too long, [`DeriveError::UnsupportedChange`] if it made
    /// links, submodules or executable files.
    pub fn run_command(&self, base: &ObjectId, run: &CommandRun) -> Result<Changes, DeriveError> {
        let index = TempIndex::of(self, base)?;
        let (tree, home) = (index.folder().join("tree"), index.folder().join("home"));
        for folder in [&tree, &home] {
            std::fs::create_dir(folder).map_err(GitError::io("create", folder))?;
        }
        let checkout = |verb| index.call(self, verb).env("GIT_WORK_TREE", &tree);
        checkout("checkout-index").args(["--all", "--index", "--quiet"]).output()?;
        execute(run, &tree, &home)?;
        checkout("add").args(["--all"]).output()?;
        let call = index.call(self, "diff-index").args(["--cached", "--raw", "-z", "--no-renames", "--no-abbrev"]);
        let output = call.arg(base.as_str()).output()?;
        self.collect(&String::from_utf8_lossy(&output))
    }

    /// The files in which two commits differ, as the changes that lead from the first to the second.
    ///
    /// # Errors
    /// As [`Cache::run_command`], for what no text of a file can describe.
    pub fn changes_between(&self, base: &ObjectId, changed: &ObjectId) -> Result<Changes, DeriveError> {
        let call = self.local("diff-tree").args(["-r", "--raw", "-z", "--no-renames", "--no-abbrev"]);
        let output = call.args([base.as_str(), changed.as_str()]).output()?;
        self.collect(&String::from_utf8_lossy(&output))
    }

    /// Pairs of `:oldmode newmode oldid newid status` and path.
    fn collect(&self, raw: &str) -> Result<Changes, DeriveError> {
        let fields: Vec<&str> = raw.split_terminator('\0').collect();
        let mut changes = Changes::new();
        for pair in fields.chunks(2) {
            let &[meta, path] = pair else { return Err(GitError::unexpected("diff-index", raw).into()) };
            check_path(path)?;
            let [old, new, _, blob, _] = meta.trim_start_matches(':').split(' ').collect::<Vec<_>>()[..] else {
                return Err(GitError::unexpected("diff-index", meta).into());
            };
            let content = match (old, new) {
                (_, "000000") => None,
                ("000000" | "100644", "100644") | ("100755", "100755") => Some(self.blob(&id(blob)?)?),
                _ => {
                    let reason = "it is a link, a submodule or a change of the executable bit";
                    return Err(DeriveError::UnsupportedChange { path: path.to_owned(), reason });
                }
            };
            changes.insert(path.to_owned(), content);
        }
        Ok(changes)
    }
}

fn execute(run: &CommandRun, tree: &Path, home: &Path) -> Result<(), DeriveError> {
    let program = run.argv.first().map_or("", String::as_str);
    let failed =
        |outcome: String, detail: String| Err(DeriveError::Command { program: program.to_owned(), outcome, detail });
    let mut log = tempfile::tempfile_in(home).map_err(GitError::io("create a file in", home))?;
    let mut child = match start(run, tree, home, &log) {
        Ok(child) => child,
        Err(error) => return failed("cannot be started".into(), error.to_string()),
    };
    let ended = wait(&mut child, run.timeout).map_err(GitError::io("wait for", program))?;
    let said = tail(&mut log).map_err(GitError::io("read the output of", program))?;
    match ended {
        Some(status) if status.success() => Ok(()),
        Some(status) => failed(format!("failed with {status}"), said),
        None => failed(format!("was stopped after {} s", run.timeout.as_secs_f32()), said),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that starts a generator command")]
fn start(run: &CommandRun, tree: &Path, home: &Path, log: &File) -> io::Result<Child> {
    let (program, arguments) = run.argv.split_first().ok_or_else(|| io::Error::other("there is no program"))?;
    let program = if program.contains('/') { tree.join(program) } else { program.into() };
    Command::new(program)
        .args(arguments)
        .current_dir(tree)
        .env_clear()
        .envs(&run.environment)
        .env("HOME", home)
        .env("TMPDIR", home)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log.try_clone()?)
        .process_group(0)
        .spawn()
}

/// The status of the child, or none if it had to be killed. Nothing of its process group survives.
fn wait(child: &mut Child, timeout: Duration) -> io::Result<Option<ExitStatus>> {
    let group = Pid::from_child(child);
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // It is left a zombie, so that its id, which is the group's, cannot become another's. The
            // other end listens until this was sent.
            sender.send(waitid(WaitId::Pid(group), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)).is_ok()
        });
        let in_time = receiver.recv_timeout(timeout);
        match kill_process_group(group, Signal::KILL) {
            Ok(()) | Err(rustix::io::Errno::SRCH | rustix::io::Errno::PERM) => {}
            Err(error) => return Err(error.into()),
        }
        let status = child.wait()?;
        match in_time {
            Ok(seen) => seen.map(|_| Some(status)).map_err(io::Error::from),
            Err(_) => Ok(None),
        }
    })
}

/// The last kilobyte of what was printed.
fn tail(log: &mut File) -> io::Result<String> {
    let length = log.seek(SeekFrom::End(0))?;
    log.seek(SeekFrom::Start(length.saturating_sub(1_024)))?;
    let mut bytes = Vec::new();
    log.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}
