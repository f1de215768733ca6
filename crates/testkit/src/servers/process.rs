//! A server's process: started on any free port, awaited until it says where it listens, and ended with its
//! value, also when the test's process is killed.

use std::io::{self, BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// The longest that a server may take until it listens; the machine may be busy.
const START: Duration = Duration::from_secs(60);
/// How many of the first lines of a server's talk are kept for the error.
const KEPT: usize = 20;
/// Ends the server when the pipe that we hold is closed, by us or by the system when we are killed.
const WATCH: &str = r#"trap '' INT TERM; "$@" </dev/null & server=$!; read -r _; kill -9 "$server"; wait"#;

/// A running server.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) address: SocketAddr,
    watch: Child,
    held: Option<ChildStdin>,
}

/// Starts `command`, which must print a line with `http://ADDRESS:PORT` when it listens.
pub(super) fn start(command: &Command) -> io::Result<Process> {
    let mut shell = Command::new("sh");
    shell.args(["-c", WATCH, "watch"]).arg(command.get_program()).args(command.get_args());
    shell.env_clear().envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    let mut watch = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let held = watch.stdin.take();
    let (sender, lines) = channel();
    for stream in [watch.stdout.take().map(boxed), watch.stderr.take().map(boxed)].into_iter().flatten() {
        let sender = sender.clone();
        // Reads to the end, so that the server never waits for a full pipe.
        drop(std::thread::Builder::new().spawn(move || pass_on(stream, &sender)));
    }
    drop(sender);
    match address(&lines) {
        Ok(address) => Ok(Process { address, watch, held }),
        Err(why) => {
            drop(held);
            drop(watch.wait());
            Err(io::Error::other(format!("{}: {why}", command.get_program().display())))
        }
    }
}

fn boxed(stream: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    Box::new(stream)
}

fn pass_on(stream: Box<dyn Read + Send>, lines: &Sender<String>) {
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        // After the start nobody listens any more.
        drop(lines.send(line));
    }
}

/// Waits for the line with the address.
fn address(lines: &Receiver<String>) -> Result<SocketAddr, String> {
    let mut talk = Vec::new();
    loop {
        match lines.recv_timeout(START) {
            Ok(line) => {
                let found = line.split("http://").nth(1).and_then(|rest| rest.split(['/', ' ']).next()?.parse().ok());
                // The port 0 is the one that was asked for.
                if let Some(address) = found.filter(|address: &SocketAddr| address.port() != 0) {
                    return Ok(address);
                }
                talk.push(line);
                talk.truncate(KEPT);
            }
            Err(why) => {
                let why = match why {
                    RecvTimeoutError::Timeout => "it does not say where it listens",
                    RecvTimeoutError::Disconnected => "it has ended",
                };
                return Err(format!("{why}\n{}", talk.join("\n")));
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.held.take());
        drop(self.watch.wait());
    }
}
