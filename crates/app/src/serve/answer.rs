//! One request, one answer: which object it asks for, and how that is sent.

use std::io::{Seek as _, SeekFrom};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode, header};
use tokio::io::AsyncReadExt as _;
use tokio_util::io::ReaderStream;
use trackside_domain::storage_key::{Attributes, Twin, percent_decoded, percent_encoded};
use trackside_domain::store::ObjectKey;

use super::conditional::{Conditions, Validators};
use super::negotiate::{OFFERED, acceptable};
use super::open::{Object, Opened, Root};
use super::range::{self, Part};

/// How much of a file is read at once: enough to keep a fast network busy.
const CHUNK: usize = 256 * 1024;

/// An object with what is to be said about it.
struct Found {
    object: Object,
    attributes: Attributes,
    /// Whether the request's `Accept` header had a say.
    negotiated: bool,
}

/// What is said instead of an object.
enum Refusal {
    Absent,
    BadRequest,
    MethodNotAllowed,
    NotAcceptable,
    /// The folder has a page; the value leads to it.
    Moved(String),
    /// The object is to be had from the server of the store, by this URL and for a while.
    Elsewhere(String),
    Unsatisfiable(u64),
    /// The store cannot be read now, so nothing is known about the object.
    Unavailable,
}

/// Answers a request.
pub(super) async fn answer(State(root): State<Arc<Root>>, request: Request<Body>) -> Response<Body> {
    let (parts, _) = request.into_parts();
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        return refuse(&Refusal::MethodNotAllowed);
    }
    let accept = joined(&parts.headers, &header::ACCEPT);
    let path = parts.uri.path().to_owned();
    let searched = tokio::task::spawn_blocking(move || find(&root, &path, accept.as_deref())).await;
    // The task neither panics nor is cancelled; if it ever does, nothing is known.
    match searched.unwrap_or(Err(Refusal::Unavailable)) {
        Ok(found) => send(found, &parts.method, &parts.headers).unwrap_or_else(|refusal| refuse(&refusal)),
        Err(refusal) => refuse(&refusal),
    }
}

fn find(root: &Root, path: &str, accept: Option<&str>) -> Result<Found, Refusal> {
    let path = percent_decoded(path).ok_or(Refusal::BadRequest)?;
    let path = path.strip_prefix('/').ok_or(Refusal::BadRequest)?;
    if let Some(folder) = path.strip_suffix('/') {
        return find_page(root, folder, accept);
    }
    if let Some(attributes) = Attributes::of(path) {
        let object = read(root, path)?.ok_or(Refusal::Absent)?;
        return Ok(Found { object, attributes, negotiated: false });
    }
    for twin in Twin::ALL {
        let page = format!("{path}/{}", twin.file_name());
        if Attributes::of(&page).is_some() && read(root, &page)?.is_some() {
            // Relative, so that it holds below any prefix; the last part alone cannot name a host.
            let last = path.rsplit('/').next().unwrap_or(path);
            return Err(Refusal::Moved(format!("./{}/", percent_encoded(last))));
        }
    }
    Err(Refusal::Absent)
}

/// The page of a folder, in the best format that is accepted and there.
fn find_page(root: &Root, folder: &str, accept: Option<&str>) -> Result<Found, Refusal> {
    let mut pages = Vec::new();
    for twin in Twin::ALL {
        let path = format!("{folder}/{}", twin.file_name());
        let attributes = Attributes::of(&path).ok_or(Refusal::Absent)?;
        pages.extend(read(root, &path)?.map(|object| (twin, attributes, object)));
    }
    if pages.is_empty() {
        return Err(Refusal::Absent);
    }
    for offer in acceptable(accept) {
        if let Some(index) = pages.iter().position(|(twin, ..)| *twin == offer.twin()) {
            let (_, mut attributes, object) = pages.swap_remove(index);
            attributes.content_type = offer.content_type().unwrap_or(attributes.content_type);
            return Ok(Found { object, attributes, negotiated: true });
        }
    }
    Err(Refusal::NotAcceptable)
}

fn read(root: &Root, path: &str) -> Result<Option<Object>, Refusal> {
    // What is no legal key, such as a path with `..`, is nowhere.
    let Ok(key) = path.parse::<ObjectKey>() else { return Ok(None) };
    match root.open(&key) {
        Ok(Some(Opened::Here(object))) => Ok(Some(object)),
        Ok(Some(Opened::Elsewhere(url))) => Err(Refusal::Elsewhere(url)),
        Ok(None) => Ok(None),
        Err(_) => Err(Refusal::Unavailable),
    }
}

fn send(found: Found, method: &Method, headers: &HeaderMap) -> Result<Response<Body>, Refusal> {
    let Found { object, attributes, negotiated } = found;
    let validators = Validators::of(&object);
    let [if_none_match, if_modified_since, if_range, range] =
        [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE, header::IF_RANGE, header::RANGE]
            .map(|name| joined(headers, &name));
    let conditions = Conditions {
        if_none_match: if_none_match.as_deref(),
        if_modified_since: if_modified_since.as_deref(),
        if_range: if_range.as_deref(),
    };
    let mut response = Response::builder()
        .header(header::CACHE_CONTROL, attributes.cache_control)
        .header(header::ETAG, &validators.etag)
        .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    if let Some(date) = validators.last_modified() {
        response = response.header(header::LAST_MODIFIED, date);
    }
    if negotiated {
        response = response.header(header::VARY, "Accept");
    }
    if validators.unchanged(&conditions) {
        return finish(response.status(StatusCode::NOT_MODIFIED), Body::empty());
    }
    // Ranges are defined for GET alone.
    let asked = range.as_deref().filter(|_| *method == Method::GET && validators.continues(&conditions));
    let (status, first, length) = match range::part(asked, object.size) {
        Part::Whole => (StatusCode::OK, 0, object.size),
        Part::Bytes { first, last } => {
            let shown = format!("bytes {first}-{last}/{}", object.size);
            response = response.header(header::CONTENT_RANGE, shown);
            (StatusCode::PARTIAL_CONTENT, first, last - first + 1)
        }
        Part::Unsatisfiable => return Err(Refusal::Unsatisfiable(object.size)),
    };
    let response = response
        .status(status)
        .header(header::ACCEPT_RANGES, "bytes")
        .header(header::CONTENT_TYPE, attributes.content_type)
        .header(header::CONTENT_LENGTH, length);
    let body = if *method == Method::HEAD { Body::empty() } else { stream(object, first, length)? };
    finish(response, body)
}

fn stream(object: Object, first: u64, length: u64) -> Result<Body, Refusal> {
    let mut file = object.file;
    file.seek(SeekFrom::Start(first)).map_err(|_| Refusal::Unavailable)?;
    let bytes = tokio::fs::File::from_std(file).take(length);
    Ok(Body::from_stream(ReaderStream::with_capacity(bytes, CHUNK)))
}

fn finish(response: axum::http::response::Builder, body: Body) -> Result<Response<Body>, Refusal> {
    // All header values are ours, without line breaks.
    response.body(body).map_err(|_| Refusal::Unavailable)
}

fn refuse(refusal: &Refusal) -> Response<Body> {
    let (status, text) = match refusal {
        Refusal::Absent => (StatusCode::NOT_FOUND, "404: there is no such object here\n".to_owned()),
        Refusal::BadRequest => (StatusCode::BAD_REQUEST, "400: the path cannot be read\n".to_owned()),
        Refusal::MethodNotAllowed => {
            (StatusCode::METHOD_NOT_ALLOWED, "405: this server is read-only: GET and HEAD\n".to_owned())
        }
        Refusal::NotAcceptable => (StatusCode::NOT_ACCEPTABLE, format!("406: this page can be had as {OFFERED}\n")),
        Refusal::Moved(to) => (StatusCode::MOVED_PERMANENTLY, format!("301: the page is at {to}\n")),
        Refusal::Elsewhere(_) => (StatusCode::TEMPORARY_REDIRECT, "307: the object is elsewhere\n".to_owned()),
        Refusal::Unsatisfiable(size) => {
            (StatusCode::RANGE_NOT_SATISFIABLE, format!("416: the object has {size} bytes\n"))
        }
        Refusal::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "503: the store cannot be read now\n".to_owned()),
    };
    let extra: Option<(HeaderName, String)> = match refusal {
        Refusal::MethodNotAllowed => Some((header::ALLOW, "GET, HEAD".to_owned())),
        Refusal::NotAcceptable => Some((header::VARY, "Accept".to_owned())),
        Refusal::Moved(to) | Refusal::Elsewhere(to) => Some((header::LOCATION, to.clone())),
        Refusal::Unsatisfiable(size) => Some((header::CONTENT_RANGE, format!("bytes */{size}"))),
        Refusal::Absent | Refusal::BadRequest | Refusal::Unavailable => None,
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let plain = (header::CONTENT_TYPE, "text/plain; charset=utf-8".to_owned());
    let uncached = (header::CACHE_CONTROL, "no-cache".to_owned());
    for (name, value) in
        [plain, uncached, (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned())].into_iter().chain(extra)
    {
        // Our own text, percent-encoded where it repeats a path: always a legal value.
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// The values of a header, joined as if they stood in one line. One that is not text is ignored.
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}
