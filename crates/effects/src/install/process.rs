//! Runs one installer: an environment of its own, a time limit, and nothing of its process group survives.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::{InstallError, Tools};

/// So much of each output is looked at, in bytes from its end.
const OUTPUT_CAP: u64 = 16 << 10;

/// How often a wait looks whether somebody asked to stop.
const GLANCE: Duration = Duration::from_millis(100);

const LOOPBACK: &str = "127.0.0.1,localhost";

/// What keeps an installer to itself: no configuration, no cache, no questions, no downloads of other
/// Pythons, and no proxy between it and the candidate's own index on the loopback interface.
const ALONE: &[(&str, &str)] = &[
    ("NO_COLOR", "1"),
    ("NO_PROXY", LOOPBACK),
    ("no_proxy", LOOPBACK),
    ("PIP_CONFIG_FILE", "/dev/null"),
    ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
    ("PIP_NO_INPUT", "1"),
    ("PYTHONDONTWRITEBYTECODE", "1"),
    ("UV_NO_CACHE", "1"),
    ("UV_NO_CONFIG", "1"),
    ("UV_NO_PROGRESS", "1"),
    ("UV_PYTHON_DOWNLOADS", "never"),
];

/// How a program ended, and the ends of what it printed, without control characters.
pub(super) struct Finished {
    pub(super) success: bool,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Finished {
    /// The output of a program that must have succeeded.
    pub(super) fn expect(self, program: &'static str) -> Result<String, InstallError> {
        if self.success { Ok(self.stdout) } else { Err(InstallError::Refused { program, said: self.said() }) }
    }

    /// What the program has to say about its failure.
    pub(super) fn said(&self) -> String {
        let talk = if self.stderr.trim().is_empty() { &self.stdout } else { &self.stderr };
        let lines: Vec<&str> = talk.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        lines[lines.len().saturating_sub(12)..].join("; ")
    }
}

/// Runs a program to its end, with `room` as its home.
pub(super) fn run(
    tools: &Tools<'_>,
    (name, program): (&'static str, &Path),
    room: &Path,
    arguments: &[&OsStr],
) -> Result<Finished, InstallError> {
    let file = || tempfile::tempfile_in(room).map_err(|source| InstallError::io("write to", room, source));
    let (mut stdout, mut stderr) = (file()?, file()?);
    let failed = |verb| move |source| InstallError::io(verb, program, source);
    let outputs = (&stdout, &stderr);
    let mut child = start(tools, program, room, arguments, outputs).map_err(failed("start"))?;
    let status = match wait(&mut child, tools).map_err(failed("wait for"))? {
        Ended::Status(status) => status,
        Ended::TooLate => return Err(InstallError::TimedOut { program: name, seconds: tools.timeout.as_secs() }),
        Ended::Interrupted => return Err(InstallError::Interrupted),
    };
    let text = |file| end_of(file).map_err(failed("read the output of"));
    Ok(Finished { success: status.success(), stdout: text(&mut stdout)?, stderr: text(&mut stderr)? })
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that starts installers")]
fn start(
    tools: &Tools<'_>,
    program: &Path,
    room: &Path,
    arguments: &[&OsStr],
    (stdout, stderr): (&File, &File),
) -> io::Result<Child> {
    // The installer looks for Pythons where we looked for the installer.
    let path = std::env::join_paths(&tools.search).map_err(io::Error::other)?;
    Command::new(program)
        .args(arguments)
        .current_dir(room)
        .env_clear()
        .envs(&tools.environment)
        .envs(ALONE.iter().copied())
        .env("PATH", path)
        .env("HOME", room)
        .env("TMPDIR", room)
        .stdin(Stdio::null())
        .stdout(stdout.try_clone()?)
        .stderr(stderr.try_clone()?)
        .process_group(0)
        .spawn()
}

enum Ended {
    Status(ExitStatus),
    TooLate,
    Interrupted,
}

fn wait(child: &mut Child, tools: &Tools<'_>) -> io::Result<Ended> {
    let group = Pid::from_child(child);
    let deadline = Instant::now() + tools.timeout;
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // It is left a zombie, so that its id, which is the group's, cannot become another's. The
            // other end listens until this was sent or no longer cares.
            sender.send(waitid(WaitId::Pid(group), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)).is_ok()
        });
        let early = loop {
            match receiver.recv_timeout(GLANCE) {
                Ok(seen) => break seen.map(|_| None).map_err(io::Error::from),
                Err(RecvTimeoutError::Disconnected) => break Err(io::Error::other("the wait for the child failed")),
                Err(RecvTimeoutError::Timeout) if tools.interrupted.load(Ordering::SeqCst) => {
                    break Ok(Some(Ended::Interrupted));
                }
                Err(RecvTimeoutError::Timeout) if Instant::now() >= deadline => break Ok(Some(Ended::TooLate)),
                Err(RecvTimeoutError::Timeout) => {}
            }
        };
        match kill_process_group(group, Signal::KILL) {
            Ok(()) | Err(rustix::io::Errno::SRCH | rustix::io::Errno::PERM) => {}
            Err(error) => return Err(error.into()),
        }
        let status = child.wait()?;
        Ok(early?.unwrap_or(Ended::Status(status)))
    })
}

fn end_of(file: &mut File) -> io::Result<String> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(OUTPUT_CAP)))?;
    let mut bytes = Vec::new();
    file.take(OUTPUT_CAP).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).chars().filter(|char| *char == '\n' || !char.is_control()).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::atomic::AtomicBool;

    use rustix::fs::{CWD, Mode, mkfifoat};

    use super::*;

    /// Runs a script of the shell in a room of its own.
    fn shell(room: &Path, script: &str, timeout: Duration, interrupted: bool) -> Result<Finished, InstallError> {
        let tools = Tools {
            search: vec!["/usr/bin".into(), "/bin".into()],
            environment: BTreeMap::from([("LANG".into(), "C.UTF-8".into())]),
            scratch: room,
            timeout,
            interrupted: &AtomicBool::new(interrupted),
        };
        run(&tools, ("sh", Path::new("/bin/sh")), room, &["-c", script].map(OsStr::new))
    }

    #[test]
    fn a_child_sees_only_what_it_is_given_and_its_output_is_plain() {
        let room = tempfile::tempdir().unwrap();
        let script = "env | cut -d= -f1 | grep -v -e ^_ -e ^PWD -e ^SHLVL | LC_ALL=C sort | tr '\\n' ' '; printf '\\033[31mred\\r' >&2";
        let finished = shell(room.path(), script, Duration::from_secs(60), false).unwrap();
        insta::assert_snapshot!(finished.stdout, @"HOME LANG NO_COLOR NO_PROXY PATH PIP_CONFIG_FILE PIP_DISABLE_PIP_VERSION_CHECK PIP_NO_INPUT PYTHONDONTWRITEBYTECODE TMPDIR UV_NO_CACHE UV_NO_CONFIG UV_NO_PROGRESS UV_PYTHON_DOWNLOADS no_proxy");
        assert_eq!(finished.stderr, "[31mred");
    }

    #[test]
    fn only_the_end_of_a_long_output_is_kept() {
        let room = tempfile::tempdir().unwrap();
        let script = "head -c 1000000 /dev/zero | tr '\\0' x; echo end; exit 3";
        let finished = shell(room.path(), script, Duration::from_secs(60), false).unwrap();
        assert!(!finished.success && finished.said().ends_with("xend"));
        assert_eq!(finished.stdout.len() as u64, OUTPUT_CAP);
    }

    #[test]
    fn a_child_that_takes_too_long_or_is_no_longer_wanted_dies_with_all_that_it_started() {
        for (timeout, interrupted, expected) in [
            (Duration::from_millis(300), false, "sh was stopped after 0 s"),
            (Duration::from_secs(600), true, "interrupted"),
        ] {
            let room = tempfile::tempdir().unwrap();
            let pipe = room.path().join("pipe");
            mkfifoat(CWD, &pipe, Mode::from_raw_mode(0o600)).unwrap();
            std::thread::scope(|scope| {
                // The end of the pipe is reached when nobody has it open for writing any more.
                let reader = scope.spawn(|| std::fs::read(&pipe).unwrap());
                let script = "exec 3>pipe; tail -f /dev/null & wait";
                let Err(error) = shell(room.path(), script, timeout, interrupted) else { panic!("it ended by itself") };
                assert_eq!(error.to_string(), expected);
                assert_eq!(reader.join().unwrap(), b"");
            });
        }
    }
}
