//! An edge before a public bucket, by the rules of `docs/edge.md`: it chooses the file of a page, and no more.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use trackside_testkit::servers::request;

/// The headers of an answer that a reader goes by.
const KEPT: [&str; 5] = ["Content-Type", "Content-Range", "Accept-Ranges", "ETag", "Cache-Control"];

/// A running edge; it ends with the process of the test.
pub(crate) struct Edge {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Edge {
    /// Shows what lies below a path of a server, which is asked without credentials.
    pub(crate) fn before(server: SocketAddr, path: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let edge = Self { address: listener.local_addr().unwrap(), asked: Arc::default() };
        let (asked, path) = (Arc::clone(&edge.asked), path.trim_end_matches('/').to_owned());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (asked, path) = (Arc::clone(&asked), path.clone());
                // A client that goes away is its own problem.
                std::thread::spawn(move || drop(answer(&stream.unwrap(), server, &path, &asked)));
            }
        });
        edge
    }

    /// What it was asked for, path by path, since this was called before.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn answer(mut client: &TcpStream, server: SocketAddr, below: &str, asked: &Mutex<Vec<String>>) -> io::Result<()> {
    let lines: Vec<String> =
        BufReader::new(client).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let Some((method, target)) = lines.first().and_then(|line| line.rsplit_once(' ')?.0.split_once(' ')) else {
        return Ok(());
    };
    asked.lock().unwrap().push(target.to_owned());
    let header = |name: &str| {
        let of = |line: &String| {
            line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
        };
        lines.iter().find_map(of)
    };
    let json = header("Accept").is_some_and(|accept| accept.contains("application/vnd.pypi.simple.v1+json"));
    let page = match (target.ends_with('/'), json) {
        (false, _) => "",
        (true, true) => "index.v1_json",
        (true, false) => "index.html",
    };
    let range = header("Range");
    let headers: Vec<(&str, &str)> = range.iter().map(|range| ("Range", range.as_str())).collect();
    // S3 reads a literal plus as a space.
    let path = format!("{below}{}{page}", target.replace('+', "%2B"));
    let found = request(server, &format!("{method} {path}"), &headers, b"")?;
    let mut head = format!("HTTP/1.1 {} Answer\r\nConnection: close\r\nVary: Accept\r\n", found.status);
    let length = found.header("Content-Length").map_or(found.body.len().to_string(), str::to_owned);
    head.push_str(&format!("Content-Length: {length}\r\n"));
    for (name, value) in KEPT.iter().filter_map(|name| Some((name, found.header(name)?))) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    client.write_all(&[head.as_bytes(), b"\r\n", &found.body].concat())
}
