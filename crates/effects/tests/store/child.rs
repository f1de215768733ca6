//! This test binary once more, as a process of its own that may be killed, limited or robbed of its rights.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use rustix::process::Signal;
use trackside_domain::store::Fingerprint;
use trackside_effects::store::{Access, Origin, Source, Store, StoreError, Stores, Target};

use crate::scratch::{key, replace};

const JOB: &str = "TRACKSIDE_TEST_CHILD";

/// What the process does to the store, in which all is below `x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Job {
    /// Creates `x/new` from memory.
    Create { size: usize, die_at: Option<usize> },
    /// Creates `x/new` from the file that lies beside the store.
    CreateFromFile { size: usize, die_at: Option<usize> },
    /// Puts `size` new bytes in the place of the old ones in `x/page`.
    Replace { size: usize, die_at: Option<usize> },
    /// Copies `x/origin` to `x/new`.
    Copy { size: usize, die_at: Option<usize> },
    /// Creates `x/0`, `x/1`, ... and replaces `x/page`, until it is killed.
    WriteOn,
}

/// The bytes of `x/new`, and the new ones of `x/page`.
pub(crate) fn new_bytes(size: usize) -> Vec<u8> {
    (0..size).map(|index| b"0123456789\n"[index % 11]).collect()
}

/// A command that does `job` to the store in `folder`.
#[expect(clippy::disallowed_methods, reason = "the started program is this very test")]
pub(crate) fn command(program: &Path, folder: &Path, job: Job) -> Command {
    let job = serde_json::to_string(&(folder, job)).unwrap();
    let mut command = Command::new(program);
    command.args(["--exact", "child::does_its_job_if_it_has_one", "--nocapture"]).env(JOB, job);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// This test binary.
pub(crate) fn this_program() -> std::path::PathBuf {
    std::env::current_exe().unwrap()
}

/// What the process said about its job.
pub(crate) fn answer(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout);
    let answer = text.lines().find_map(|line| line.split_once("answer: ")).map(|(_, answer)| answer.to_owned());
    answer.unwrap_or_else(|| panic!("no answer: {output:?}"))
}

/// The other side: not a test of anything, unless a test has started it with a job.
#[test]
#[expect(clippy::disallowed_methods, reason = "the job of a child comes in its environment")]
fn does_its_job_if_it_has_one() {
    let Some(job) = std::env::var_os(JOB) else { return };
    let (folder, job): (std::path::PathBuf, Job) = serde_json::from_str(job.to_str().unwrap()).unwrap();
    let result = Stores::default()
        .open(&folder.to_str().unwrap().parse().unwrap(), Access::Write)
        .and_then(|store| perform(&store, &folder.with_file_name("file"), job));
    say(&match result {
        Ok(()) => "done".to_owned(),
        Err(error) => format!("{error:?}"),
    });
}

#[expect(clippy::print_stdout, reason = "the parent process listens")]
fn say(answer: &str) {
    println!("answer: {answer}");
}

fn perform(store: &Store, file: &Path, job: Job) -> Result<(), StoreError> {
    let (new, origin, page) = (key("x/new"), key("x/origin"), key("x/page"));
    match job {
        Job::Create { size, die_at } => {
            let source = Source::Bytes(&new_bytes(size));
            store.create(Target::new(&new), source, &mut dying(die_at)).map(drop)
        }
        Job::CreateFromFile { size, die_at } => {
            let source = Source::File { path: file, content: Fingerprint::of(&new_bytes(size)) };
            store.create(Target::new(&new), source, &mut dying(die_at)).map(drop)
        }
        Job::Replace { size, die_at } => {
            let old = store.digest(&page)?;
            store.replace_if(Target::new(&page), old, &new_bytes(size), &mut dying(die_at))
        }
        Job::Copy { size, die_at } => {
            let origin = Origin { store, key: &origin, content: Fingerprint::of(&new_bytes(size)) };
            store.copy_create(origin, Target::new(&new), &mut dying(die_at)).map(drop)
        }
        Job::WriteOn => write_on(store),
    }
}

/// Every object says in its name, and every page in its first line, what its bytes must be.
fn write_on(store: &Store) -> Result<(), StoreError> {
    for size in (0..).step_by(1009) {
        let object = key(&format!("x/{size}"));
        store.create(Target::new(&object), Source::Bytes(&new_bytes(size)), &mut |_| {}).map(drop)?;
        let old = store.read_if_present(&key("x/page"), 1 << 30)?;
        replace(store, "x/page", old.as_deref(), &new_bytes(size))?;
        say("one more");
    }
    Ok(())
}

/// A progress callback that kills its process the `die_at`-th time that it is called.
fn dying(die_at: Option<usize>) -> impl FnMut(u64) {
    let mut calls = 0;
    move |_| {
        calls += 1;
        if Some(calls) == die_at {
            rustix::process::kill_process(rustix::process::getpid(), Signal::KILL).unwrap();
        }
    }
}
