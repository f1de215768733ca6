//! One test for each rule of the server.

use std::io::{Read as _, Write as _};
use std::os::unix::fs::symlink;

use trackside::serve::{self, ServeError};
use trackside_domain::index::IndexRoot;

use crate::client::{Answer, get, request};
use crate::store::{ANY_PORT, File, Store};

const WHEEL: &str = "torch-2.15.0+cpu-py3-none-any.whl";
const WHEEL_URL: &str = "/whl/cpu/torch-2.15.0%2Bcpu-py3-none-any.whl";
const JSON: &str = "Accept: application/vnd.pypi.simple.v1+json";

fn torch() -> Vec<File> {
    let wheel = File::new("torch", Some("cpu"), WHEEL, b"0123456789").with_metadata(b"Name: torch\n", Some(">=3.10"));
    vec![wheel, File::new("torch", Some("cpu"), "libtorch-2.15.0+cpu.zip", b"zip")]
}

fn store() -> Store {
    Store::publishing(&torch())
}

/// What a reader decides by, on one line each.
fn shown(answer: &Answer, headers: &[&str]) -> String {
    let headers = headers.iter().map(|name| format!("{name}: {}", answer.header(name)));
    std::iter::once(answer.status.to_string()).chain(headers).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_page_is_json_for_installers_and_html_for_people() {
    let store = store();
    for (accept, status, content_type) in [
        ("Accept: application/vnd.pypi.simple.v1+json, text/html;q=0.1", 200, "application/vnd.pypi.simple.v1+json"),
        ("Accept: application/vnd.pypi.simple.latest+json", 200, "application/vnd.pypi.simple.v1+json"),
        ("Accept: application/vnd.pypi.simple.v1+html", 200, "application/vnd.pypi.simple.v1+html"),
        ("Accept: text/html", 200, "text/html; charset=utf-8"),
        ("Accept: */*", 200, "text/html; charset=utf-8"),
        ("X-Nothing: accepted", 200, "text/html; charset=utf-8"),
        ("Accept: text/html;q=0\r\nAccept: */*", 200, "application/vnd.pypi.simple.v1+json"),
        ("Accept: application/vnd.pypi.simple.v2+json", 406, "text/plain; charset=utf-8"),
    ] {
        for page in ["/whl/", "/whl/torch/", "/whl/cpu/", "/whl/cpu/torch/"] {
            let answer = get(store.addr(), page, &[accept]);
            assert_eq!((answer.status, answer.header("content-type")), (status, content_type), "{accept} {page}");
            assert_eq!(answer.header("vary"), "Accept", "{accept} {page}");
            assert_eq!(answer.header("content-length"), answer.body.len().to_string());
            let json = content_type.ends_with("json");
            assert_eq!(answer.text().starts_with('{'), json, "{accept} {page}");
        }
    }
}

#[test]
fn a_406_says_what_can_be_had() {
    let answer = get(store().addr(), "/whl/torch/", &["Accept: image/png"]);
    insta::assert_snapshot!(answer.text(), @"406: this page can be had as application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html, text/html");
}

#[test]
fn a_page_without_a_twin_is_served_to_those_who_take_it() {
    let store = store();
    assert_eq!(
        get(store.addr(), "/libtorch/", &["Accept: application/vnd.pypi.simple.v1+json, text/html;q=0.1"]).status,
        200
    );
    assert_eq!(get(store.addr(), "/libtorch/", &[JSON]).status, 406);
}

#[test]
fn pages_can_be_had_under_their_own_names() {
    let store = store();
    let answer = get(store.addr(), "/whl/torch/index.v1_json", &["Accept: text/html"]);
    insta::assert_snapshot!(shown(&answer, &["content-type", "cache-control", "vary"]), @"
    200
    content-type: application/vnd.pypi.simple.v1+json
    cache-control: max-age=600, public, must-revalidate
    vary: (none)
    ");
    assert_eq!(get(store.addr(), "/whl/torch/index.html", &[]).header("content-type"), "text/html; charset=utf-8");
}

#[test]
fn each_kind_of_object_has_its_headers() {
    let store = store().publish(IndexRoot::Test, &torch());
    store.write("candidates/2.15.0-rc1/candidate.json", b"{}");
    store.write("channels/stable.json", b"{}");
    let headers = ["content-type", "cache-control", "accept-ranges", "x-content-type-options"];
    let answers = [
        WHEEL_URL,
        "/whl/cpu/torch-2.15.0%2Bcpu-py3-none-any.whl.metadata",
        "/libtorch/cpu/libtorch-2.15.0%2Bcpu.zip",
        "/whl/torch/",
        "/whl/test/torch/",
        "/packages/torch/1.0.0-rc1/files/cpu/torch-2.15.0%2Bcpu-py3-none-any.whl",
        "/candidates/2.15.0-rc1/candidate.json",
        "/channels/stable.json",
    ]
    .map(|target| {
        let answer = get(store.addr(), target, &[]);
        let shown = headers.map(|name| answer.header(name));
        format!("{target}\n    {} {}", answer.status, shown.join(" · "))
    });
    insta::assert_snapshot!(answers.join("\n"), @"
    /whl/cpu/torch-2.15.0%2Bcpu-py3-none-any.whl
        200 application/octet-stream · public, max-age=31536000, immutable · bytes · nosniff
    /whl/cpu/torch-2.15.0%2Bcpu-py3-none-any.whl.metadata
        200 text/plain; charset=utf-8 · public, max-age=31536000, immutable · bytes · nosniff
    /libtorch/cpu/libtorch-2.15.0%2Bcpu.zip
        200 application/zip · public, max-age=31536000, immutable · bytes · nosniff
    /whl/torch/
        200 text/html; charset=utf-8 · max-age=600, public, must-revalidate · bytes · nosniff
    /whl/test/torch/
        200 text/html; charset=utf-8 · no-cache · bytes · nosniff
    /packages/torch/1.0.0-rc1/files/cpu/torch-2.15.0%2Bcpu-py3-none-any.whl
        200 application/octet-stream · public, max-age=31536000, immutable · bytes · nosniff
    /candidates/2.15.0-rc1/candidate.json
        200 application/json · public, max-age=31536000, immutable · bytes · nosniff
    /channels/stable.json
        200 application/json · no-cache · bytes · nosniff
    ");
}

#[test]
fn a_plus_is_found_encoded_and_literal_and_a_query_does_not_matter() {
    let store = store();
    for target in [
        WHEEL_URL,
        "/whl/cpu/torch-2.15.0+cpu-py3-none-any.whl",
        "/whl/cpu/torch-2.15.0%2bcpu-py3-none-any.whl",
        "/whl/cpu/%74orch-2.15.0+cpu-py3-none-any.whl?x=y",
    ] {
        let answer = get(store.addr(), target, &[]);
        assert_eq!((answer.status, answer.text()), (200, "0123456789"), "{target}");
    }
    assert_eq!(get(store.addr(), "/whl/cpu/torch-2.15.0%20cpu-py3-none-any.whl", &[]).status, 404);
}

#[test]
fn a_folder_without_its_slash_leads_to_its_page() {
    let store = store();
    for (target, location) in [
        ("/whl/torch", "./torch/"),
        ("/whl/cpu/torch?x=y", "./torch/"),
        ("/whl", "./whl/"),
        ("/libtorch/cpu", "./cpu/"),
    ] {
        let answer = get(store.addr(), target, &[]);
        assert_eq!((answer.status, answer.header("location")), (301, location), "{target}");
    }
    for target in ["/packages", "/packages/torch", "/whl/unknown", "/candidates", "//whl", "/whl//torch"] {
        assert_eq!(get(store.addr(), target, &[]).status, 404, "{target}");
    }
}

#[test]
fn nothing_outside_of_the_store_can_be_reached() {
    let store = store();
    let outside = tempfile::TempDir::new().unwrap();
    std::fs::write(outside.path().join("a.whl"), "secret").unwrap();
    std::fs::create_dir_all(store.path("whl/x")).unwrap();
    symlink(outside.path().join("a.whl"), store.path("whl/link.whl")).unwrap();
    symlink(store.path("whl/cpu").join(WHEEL), store.path("whl/inner.whl")).unwrap();
    symlink(outside.path(), store.path("whl/folder")).unwrap();
    store.write("whl/real/index.html", b"page");
    symlink(store.path("whl/real"), store.path("whl/linked")).unwrap();
    for target in [
        "/whl/link.whl",
        "/whl/inner.whl",
        "/whl/folder/a.whl",
        "/whl/linked/",
        "/whl/linked",
        "/../etc/passwd",
        "/whl/../../../../etc/passwd",
        "/whl/%2e%2e/%2e%2e/etc/passwd",
        "/whl/..%2f..%2fetc/passwd",
        "/whl/cpu/..%5c..%5ca.whl",
        "/whl/cpu/../cpu/torch-2.15.0%2Bcpu-py3-none-any.whl",
        "/whl/./torch/",
        "/whl/torch/index.html%00.whl",
        "/whl%00/",
        "/%2fetc%2fpasswd",
        "/whl/cpu%2f",
    ] {
        let answer = get(store.addr(), target, &[]);
        assert!(matches!(answer.status, 400 | 404) || target == "/whl/cpu%2f", "{target}: {answer:?}");
        assert!(!answer.text().contains("secret"), "{target}");
    }
    assert_eq!(get(store.addr(), "/whl/real/", &[]).text(), "page");
}

#[test]
fn only_what_the_layout_calls_public_is_served() {
    let store = store();
    for path in [
        "index.html",
        "whl/cpu/.trackside-tmp-1.whl",
        "whl/cpu/.trackside-lock",
        "runs/0123/000001.json",
        "plans/0123.json",
        "leases/2.15/000001.json",
        "whl/a/b/c/index.html",
        "notes.txt",
        "whl/cpu/notes",
        ".git/config",
    ] {
        store.write(path, b"secret");
        for target in [format!("/{path}"), format!("/{path}/")] {
            assert_eq!(get(store.addr(), &target, &[]).status, 404, "{target}");
        }
    }
    store.write("candidates/2.15.0-rc1/candidate.json", b"{}");
    for folder in ["/", "/candidates/", "/candidates/2.15.0-rc1/", "/packages/", "/runs/", "/channels/"] {
        let answer = get(store.addr(), folder, &[]);
        assert_eq!((answer.status, answer.text()), (404, "404: there is no such object here\n"), "{folder}");
    }
}

#[test]
fn what_is_no_plain_file_is_not_served() {
    let store = store();
    std::fs::create_dir_all(store.path("whl/folder.whl")).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(store.path("whl/socket.whl")).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        store.path("whl/pipe.whl"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    for target in ["/whl/folder.whl", "/whl/socket.whl", "/whl/pipe.whl"] {
        assert_eq!(get(store.addr(), target, &[]).status, 404, "{target}");
    }
    drop(socket);
}

#[test]
fn malformed_paths_are_refused() {
    let store = store();
    for target in ["/whl/%zz", "/whl/%", "/%ff"] {
        assert_eq!(get(store.addr(), target, &[]).status, 400, "{target}");
    }
}

#[test]
fn nothing_can_be_written() {
    let store = store();
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"] {
        let answer = request(store.addr(), method, WHEEL_URL, &[]);
        assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD"), "{method}");
    }
}

#[test]
fn head_says_what_get_would_say_without_the_body() {
    let store = store();
    for target in [WHEEL_URL, "/whl/torch/", "/whl/torch", "/whl/unknown/"] {
        let (mut got, head) = (get(store.addr(), target, &[]), request(store.addr(), "HEAD", target, &[]));
        assert!(!got.body.is_empty() && head.body.is_empty(), "{target}");
        got.body.clear();
        for answer in [&got, &head] {
            assert!(answer.headers.contains_key("content-length"), "{target}");
        }
        let without_date = |mut answer: Answer| {
            answer.headers.remove("date");
            answer
        };
        assert_eq!(without_date(got), without_date(head), "{target}");
    }
}

#[test]
fn ranges_are_sent_as_parts() {
    let store = store();
    for (range, status, content_range, body) in [
        ("bytes=0-3", 206, "bytes 0-3/10", "0123"),
        ("bytes=7-", 206, "bytes 7-9/10", "789"),
        ("bytes=-4", 206, "bytes 6-9/10", "6789"),
        ("bytes=8-20", 206, "bytes 8-9/10", "89"),
        ("bytes=0-1,4-5", 200, "(none)", "0123456789"),
        ("bytes=x", 200, "(none)", "0123456789"),
        ("bytes=10-", 416, "bytes */10", "416: the object has 10 bytes\n"),
    ] {
        let answer = get(store.addr(), WHEEL_URL, &[&format!("Range: {range}")]);
        let seen = (answer.status, answer.header("content-range"), answer.text());
        assert_eq!(seen, (status, content_range, body), "{range}");
        assert_eq!(answer.header("content-length"), body.len().to_string(), "{range}");
    }
    let head = request(store.addr(), "HEAD", WHEEL_URL, &["Range: bytes=0-3"]);
    assert_eq!((head.status, head.header("content-length")), (200, "10"));
}

#[test]
fn a_range_of_a_replaced_object_is_not_mixed_with_the_old_one() {
    let store = store();
    let etag = get(store.addr(), WHEEL_URL, &[]).header("etag").to_owned();
    for (if_range, status) in [(etag.as_str(), 206), ("\"other\"", 200), ("Sun, 06 Nov 1994 08:49:37 GMT", 200)] {
        let headers = ["Range: bytes=0-3", &format!("If-Range: {if_range}")];
        assert_eq!(get(store.addr(), WHEEL_URL, &headers).status, status, "{if_range}");
    }
}

#[test]
fn what_the_reader_has_is_not_sent_again() {
    let store = store();
    for target in [WHEEL_URL, "/whl/torch/"] {
        let first = get(store.addr(), target, &[]);
        let (etag, modified) = (first.header("etag"), first.header("last-modified"));
        for condition in [format!("If-None-Match: {etag}"), format!("If-Modified-Since: {modified}")] {
            let again = get(store.addr(), target, &[&condition]);
            assert_eq!((again.status, again.body.len()), (304, 0), "{condition}");
            for header in ["etag", "cache-control", "vary", "last-modified"] {
                assert_eq!(again.header(header), first.header(header), "{condition}");
            }
        }
        assert_eq!(get(store.addr(), target, &["If-None-Match: \"other\""]).status, 200);
    }
}

#[test]
fn a_replaced_page_is_sent_again_and_its_twins_are_told_apart() {
    let store = store();
    let [html, json] = ["Accept: text/html", JSON].map(|accept| get(store.addr(), "/whl/torch/", &[accept]));
    assert_ne!(html.header("etag"), json.header("etag"));
    // As a store replaces it: another file under the same name, here of the same size.
    let page = store.path("whl/torch/index.html");
    let new = store.path("whl/torch/.trackside-tmp-1");
    std::fs::write(&new, vec![b'x'; html.body.len()]).unwrap();
    std::fs::rename(&new, &page).unwrap();
    let condition = format!("If-None-Match: {}", html.header("etag"));
    assert_eq!(get(store.addr(), "/whl/torch/", &["Accept: text/html", &condition]).status, 200);
}

#[test]
fn a_large_file_arrives_whole() {
    let store = store();
    let bytes: Vec<u8> = (0..5_000_011_u32).map(|index| (index % 251) as u8).collect();
    store.write("whl/large-1.0-py3-none-any.whl", &bytes);
    let answer = get(store.addr(), "/whl/large-1.0-py3-none-any.whl", &[]);
    assert_eq!(answer.header("content-length"), "5000011");
    assert!(answer.body == bytes, "the bytes differ");
    let answer = get(store.addr(), "/whl/large-1.0-py3-none-any.whl", &["Range: bytes=4000000-4500000"]);
    assert!(answer.body == bytes[4_000_000..=4_500_000], "the bytes of the part differ");
}

#[test]
fn a_store_that_cannot_be_read_is_never_called_empty() {
    let store = Store::empty();
    let moved = tempfile::TempDir::new().unwrap();
    std::fs::rename(store.root(), moved.path().join("away")).unwrap();
    for target in ["/whl/", WHEEL_URL] {
        let answer = get(store.addr(), target, &[]);
        assert_eq!((answer.status, answer.text()), (503, "503: the store cannot be read now\n"), "{target}");
    }
    std::fs::rename(moved.path().join("away"), store.root()).unwrap();
    assert_eq!(get(store.addr(), WHEEL_URL, &[]).status, 404);
}

#[test]
fn the_server_stops_when_told_also_with_an_idle_reader() {
    let store = store();
    let addr = store.addr();
    let idle = std::net::TcpStream::connect(addr).unwrap();
    assert_eq!(get(addr, "/whl/", &[]).status, 200);
    store.server.stop().unwrap();
    assert!(std::net::TcpStream::connect(addr).is_err());
    drop(idle);
}

#[test]
fn the_server_stops_also_when_a_reader_does_not_read_on() {
    let store = store();
    // A file full of holes: more than all buffers between the two ends can hold.
    let large = std::fs::File::create(store.path("whl/large-1.0-py3-none-any.whl")).unwrap();
    large.set_len(1 << 30).unwrap();
    let mut reader = std::net::TcpStream::connect(store.addr()).unwrap();
    reader.write_all(b"GET /whl/large-1.0-py3-none-any.whl HTTP/1.1\r\nHost: store\r\n\r\n").unwrap();
    let mut first = [0; 15];
    reader.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    store.server.stop().unwrap();
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let folder = tempfile::TempDir::new().unwrap();
    let missing = serve::spawn(folder.path().join("missing"), ANY_PORT).unwrap_err();
    assert!(matches!(missing, ServeError::Root { .. }), "{missing}");
    let first = serve::spawn(folder.path().to_owned(), ANY_PORT).unwrap();
    let second = serve::spawn(folder.path().to_owned(), first.addr()).unwrap_err();
    assert!(matches!(second, ServeError::Listen { .. }), "{second}");
}

#[test]
fn the_command_runs_until_it_is_told_to_stop() {
    let folder = tempfile::TempDir::new().unwrap();
    let root = folder.path().to_owned();
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let (started, address) = std::sync::mpsc::channel();
    let command = std::thread::spawn(move || serve::run(root, ANY_PORT, stopped, |addr| started.send(addr).unwrap()));
    assert_eq!(get(address.recv().unwrap(), "/whl/", &[]).status, 404);
    stop.send(()).unwrap();
    command.join().unwrap().unwrap();
}
