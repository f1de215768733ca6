//! The storage behind the model, which behaves as S3 does: it takes a signed form, gives what a signed URL asks
//! for, and refuses whoever shows a token that was meant for another server.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use md5::Digest as _;

use super::state::State;
use crate::http_git::wire::{Answer, Request};

/// Answers one request.
pub(super) fn serve(state: &mut State, request: &Request) -> Answer {
    if request.header("authorization").is_some() {
        return error("400 Bad Request", "InvalidArgument", "Only one auth mechanism allowed");
    }
    match (request.method.as_str(), request.path.strip_prefix("/objects/")) {
        ("POST", None) => put(state, request),
        ("GET", Some(object)) => get(state, request, object),
        _ => error("405 Method Not Allowed", "MethodNotAllowed", "The specified method is not allowed"),
    }
}

fn put(state: &mut State, request: &Request) -> Answer {
    let boundary = request.header("content-type").and_then(|value| value.split_once("boundary=")).map(|(_, rest)| rest);
    let Some(fields) = boundary.and_then(|boundary| fields(&request.body, boundary.trim_matches('"'))) else {
        return error("400 Bad Request", "MalformedPOSTRequest", "The body is no form");
    };
    let field = |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_slice());
    let (Some(key), Some(file), Some(signature)) = (field("key"), field("file"), field("x-amz-signature")) else {
        return error("400 Bad Request", "InvalidArgument", "A field is missing");
    };
    let length = field("Content-Length").map(|value| String::from_utf8_lossy(value).into_owned());
    if signature != b"signed" {
        return error("403 Forbidden", "AccessDenied", "The signature is wrong");
    }
    let digest = BASE64_STANDARD.encode(md5::Md5::digest(file));
    if length != Some(file.len().to_string()) || field("Content-MD5") != Some(digest.as_bytes()) {
        return error("400 Bad Request", "InvalidDigest", "The length or the digest is wrong");
    }
    state.objects.insert(String::from_utf8_lossy(key).into_owned(), file.to_vec());
    Answer { status: "201 Created".into(), headers: vec!["Content-Type: application/xml".into()], body: Vec::new() }
}

fn get(state: &State, request: &Request, object: &str) -> Answer {
    let signed = request.query.split('&').any(|pair| pair == "X-Amz-Signature=signed");
    let Some(bytes) = state.objects.get(object).filter(|_| signed) else {
        return error("403 Forbidden", "AccessDenied", "Access Denied");
    };
    let from = request.header("range").and_then(|value| value.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok());
    let headers = vec!["Content-Type: application/octet-stream".to_owned()];
    match from.and_then(|from: usize| bytes.get(from..)) {
        Some(rest) => Answer { status: "206 Partial Content".into(), headers, body: rest.to_vec() },
        None => Answer { status: "200 OK".into(), headers, body: bytes.clone() },
    }
}

/// The fields of a form, each with its value.
fn fields(body: &[u8], boundary: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let delimiter = format!("--{boundary}").into_bytes();
    let mut fields = Vec::new();
    let mut rest = &body[find(body, &delimiter)? + delimiter.len()..];
    while let Some(part) = rest.strip_prefix(b"\r\n") {
        let end = find(part, &[b"\r\n", delimiter.as_slice()].concat())?;
        let head = find(part, b"\r\n\r\n")?;
        let disposition = String::from_utf8_lossy(&part[..head]).into_owned();
        let name = disposition.split_once("name=\"")?.1.split('"').next()?.to_owned();
        fields.push((name, part.get(head + 4..end)?.to_vec()));
        rest = &part[end + 2 + delimiter.len()..];
    }
    rest.starts_with(b"--").then_some(fields)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A path without percent signs.
pub(super) fn decoded(path: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        let code = after.get(..2).and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        match (first, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn error(status: &str, code: &str, message: &str) -> Answer {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>");
    Answer { status: status.into(), headers: vec!["Content-Type: application/xml".into()], body: body.into_bytes() }
}
