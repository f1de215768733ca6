//! One request on its way through the proxy, as bytes.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::Seen;

/// The headers that make a request conditional, of S3, GCS and Azure.
const CONDITIONS: [&str; 8] = [
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "x-goog-if-generation-match",
    "x-goog-if-metageneration-match",
    "x-amz-copy-source-if-match",
    "x-amz-copy-source-if-none-match",
];

/// A request that was read completely.
#[derive(Debug)]
pub(super) struct Request {
    first: String,
    method: String,
    path: String,
    query: String,
    headers: Vec<String>,
    body: Vec<u8>,
}

impl Request {
    /// The request of a connection; none if the client went away again.
    pub(super) fn read(mut client: &TcpStream) -> io::Result<Option<Self>> {
        let mut reader = BufReader::new(client);
        let first = line(&mut reader)?;
        let mut words = first.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else { return Ok(None) };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (method, path, query) = (method.to_owned(), decoded(path), decoded(query));
        let mut headers = Vec::new();
        loop {
            match line(&mut reader)? {
                end if end.is_empty() => break,
                header => headers.push(header),
            }
        }
        let mut request = Self { first, method, path, query, headers, body: Vec::new() };
        if request.header("expect").is_some() {
            client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        if request.header("transfer-encoding").is_some() {
            return Err(io::Error::other("this proxy takes bodies of a stated length only"));
        }
        let length = request.header("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
        request.body = vec![0; length];
        reader.read_exact(&mut request.body)?;
        Ok(Some(request))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|line| value_of(line, name))
    }

    /// What a test is told about it.
    pub(super) fn seen(&self) -> Seen {
        let source = self.header("x-amz-copy-source").or_else(|| self.header("x-ms-copy-source"));
        Seen {
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            status: None,
            fault: None,
            copied_from: source.map(decoded),
        }
    }

    /// Whether it has this method, and this part in its path and query.
    pub(super) fn matches(&self, method: &str, part: &str) -> bool {
        (method.is_empty() || self.method == method) && format!("{}?{}", self.path, self.query).contains(part)
    }

    /// Sends it on and gives the whole answer, as it came.
    pub(super) fn forward(&self, upstream: SocketAddr, without_conditions: bool) -> io::Result<Vec<u8>> {
        let dropped = |line: &str| {
            let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
            matches!(name.as_str(), "connection" | "expect")
                || without_conditions && CONDITIONS.contains(&name.as_str())
        };
        let mut head = format!("{}\r\n", self.first);
        for line in self.headers.iter().filter(|line| !dropped(line)) {
            head.push_str(line);
            head.push_str("\r\n");
        }
        head.push_str("Connection: close\r\n\r\n");
        let mut stream = TcpStream::connect(upstream)?;
        stream.write_all(head.as_bytes())?;
        stream.write_all(&self.body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(closing(&answer))
    }
}

/// The answer with a header that ends the connection, if the server did not say so itself.
fn closing(answer: &[u8]) -> Vec<u8> {
    let Some(end) = answer.windows(2).position(|two| two == b"\r\n") else { return answer.to_vec() };
    let body = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(answer.len());
    let head = String::from_utf8_lossy(&answer[..body]).to_ascii_lowercase();
    if head.contains("\r\nconnection: close") {
        return answer.to_vec();
    }
    [&answer[..end], b"\r\nConnection: close", &answer[end..]].concat()
}

/// The status code of an answer.
pub(super) fn status(answer: &[u8]) -> Option<u16> {
    std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
}

/// The first half of an answer's body, or of its head if it has no body.
pub(super) fn half(answer: &[u8]) -> &[u8] {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n").map_or(answer.len(), |end| end + 4);
    let end = if head < answer.len() { head + (answer.len() - head) / 2 } else { head / 2 };
    &answer[..end]
}

/// Sends bytes and ends the connection.
pub(super) fn send(mut client: &TcpStream, bytes: &[u8]) -> io::Result<()> {
    client.write_all(bytes)?;
    client.flush()
}

/// Ends the connection without an answer.
pub(super) fn reset(client: &TcpStream) -> io::Result<()> {
    client.shutdown(std::net::Shutdown::Both)
}

/// Answers as S3 does when it refuses.
pub(super) fn refuse(client: &TcpStream, status: u16, request: &Request) -> io::Result<()> {
    let (reason, code) = match status {
        403 => ("Forbidden", "AccessDenied"),
        412 => ("Precondition Failed", "PreconditionFailed"),
        429 => ("Too Many Requests", "TooManyRequests"),
        503 => ("Service Unavailable", "SlowDown"),
        _ => ("Internal Server Error", "InternalError"),
    };
    let body = match request.method.as_str() {
        "HEAD" => String::new(),
        _ => format!("<Error><Code>{code}</Code><Message>a fault of the test</Message></Error>"),
    };
    let length = body.len();
    let head = format!("HTTP/1.1 {status} {reason}\r\nContent-Type: application/xml\r\nContent-Length: {length}");
    send(client, format!("{head}\r\nConnection: close\r\n\r\n{body}").as_bytes())
}

/// Lets time pass, as a slow network does.
#[expect(clippy::disallowed_methods, reason = "latency is what this is for; nothing waits for it to be enough")]
pub(super) fn pause(pause: Duration) {
    std::thread::sleep(pause);
}

fn line(reader: &mut BufReader<&TcpStream>) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.take(65_536).read_until(b'\n', &mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}

fn value_of<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.split_once(':').filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// A text with its `%41` resolved.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
