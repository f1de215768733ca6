//! Runs one child process: input fed, output collected up to a cap, its own process group.

use std::io;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};

/// More output than this is never asked for; what is beyond is an error, not a full memory.
pub(super) const OUTPUT_CAP: usize = 512 << 20;

/// What a process printed and how it ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Runs `command` to its end. `on_stderr` sees each portion of standard error as it comes, on this thread.
///
/// The child leads a process group of its own, so that Ctrl-C reaches us alone and no push is cut in
/// half by it; we stop after the step instead.
pub(super) fn run(command: &mut Command, input: &[u8], on_stderr: &mut dyn FnMut(&[u8])) -> io::Result<Finished> {
    let stdin = if input.is_empty() { Stdio::null() } else { Stdio::piped() };
    let mut child = command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).spawn()?;
    let finished = converse(&mut child, input, on_stderr);
    if finished.is_err() {
        // Best effort on the way out of an error: the child may have ended by itself.
        drop(child.kill());
        drop(child.wait());
    }
    finished
}

fn converse(child: &mut Child, input: &[u8], on_stderr: &mut dyn FnMut(&[u8])) -> io::Result<Finished> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        let writer = scope.spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(input)));
        let reader = scope.spawn(move || stdout.map_or(Ok(Vec::new()), |pipe| collect(pipe, &mut |_| ())));
        let stderr = stderr.map_or(Ok(Vec::new()), |pipe| collect(pipe, on_stderr));
        let stdout = reader.join().map_err(|_| io::Error::other("the reader of standard output failed"))?;
        let written = writer.join().map_err(|_| io::Error::other("the writer of standard input failed"))?;
        let status = child.wait()?;
        match written {
            // A program that refuses may stop reading early; its status tells the story.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe || status.success() => Err(error),
            _ => Ok(Finished { status, stdout: stdout?, stderr: stderr? }),
        }
    })
}

fn collect(mut pipe: impl Read, on_chunk: &mut dyn FnMut(&[u8])) -> io::Result<Vec<u8>> {
    let mut all = Vec::new();
    let mut chunk = vec![0; 64 << 10];
    loop {
        let count = match pipe.read(&mut chunk) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if count == 0 {
            return Ok(all);
        }
        if all.len() + count > OUTPUT_CAP {
            return Err(io::Error::other(format!("more than {OUTPUT_CAP} bytes of output")));
        }
        all.extend_from_slice(&chunk[..count]);
        on_chunk(&chunk[..count]);
    }
}
