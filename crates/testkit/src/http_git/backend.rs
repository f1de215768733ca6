//! `git http-backend` as a CGI program: the request goes in by environment and standard input.

use std::io;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use super::wire::{Answer, Request};
use crate::git::isolated;

/// Lets git answer a request for a repository below `root`.
pub(super) fn run(root: &Path, user: &str, request: &Request) -> io::Result<Answer> {
    let mut command = isolated("git");
    command
        .arg("http-backend")
        .env("GIT_PROJECT_ROOT", root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REMOTE_USER", user)
        .env("REMOTE_ADDR", "127.0.0.1")
        .env("REQUEST_METHOD", &request.method)
        .env("PATH_INFO", &request.path)
        .env("QUERY_STRING", &request.query)
        .env("CONTENT_LENGTH", request.body.len().to_string());
    for (header, variable) in [
        ("content-type", "CONTENT_TYPE"),
        ("content-encoding", "HTTP_CONTENT_ENCODING"),
        ("git-protocol", "GIT_PROTOCOL"),
    ] {
        if let Some(value) = request.header(header) {
            command.env(variable, value);
        }
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let stdin = child.stdin.take();
    let output = std::thread::scope(|scope| {
        let writer = scope.spawn(|| stdin.map_or(Ok(()), |mut stdin| stdin.write_all(&request.body)));
        let output = child.wait_with_output();
        // git may stop reading before the end when it refuses; its answer says why.
        drop(writer.join());
        output
    })?;
    Ok(parse(&output.stdout))
}

/// A CGI answer: headers, among them an optional `Status`, an empty line, the body.
fn parse(output: &[u8]) -> Answer {
    let mut answer = Answer { status: "200 OK".to_owned(), headers: Vec::new(), body: Vec::new() };
    let mut rest = output;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(&rest[..end]).trim_end().to_owned();
        rest = &rest[end + 1..];
        if line.is_empty() {
            break;
        }
        match line.strip_prefix("Status: ") {
            Some(status) => status.clone_into(&mut answer.status),
            None => answer.headers.push(line),
        }
    }
    answer.body = rest.to_vec();
    answer
}
