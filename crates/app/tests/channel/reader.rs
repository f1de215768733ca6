//! Somebody reads the channel all the time while it is promoted to, and the program is killed again and
//! again: at no moment is there a link without its file, or to other bytes.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use trackside_domain::digest::Sha256;
use trackside_testkit::servers::request;

use crate::bucket::{Shop, Stall};
use crate::common::World;

/// What the reader found, and how often it looked.
#[derive(Default)]
struct Seen {
    wrong: Vec<String>,
    rounds: usize,
    links: usize,
}

#[test]
fn a_reader_never_sees_a_dangling_link_or_a_wrong_digest() {
    let shop = Shop::open(World::verified());
    let calm = shop.stall("calm");
    let ran = calm.run("promote 2.15.0 --apply");
    assert_eq!(ran.code, Some(0), "{ran}");
    let writes = calm.proxy.seen().iter().filter(|seen| seen.is_write()).count();
    let pages: Vec<String> = calm.photograph().into_keys().filter(|key| key.ends_with("index.html")).collect();
    assert!(pages.len() > 5 && writes > 20, "{pages:?} {writes}");
    let stall = shop.stall("read");
    let (ended, killed) = (AtomicBool::new(false), AtomicUsize::new(0));
    let seen = std::thread::scope(|scope| {
        let reader = scope.spawn(|| read(&stall, &pages, &ended));
        // Each start is killed as soon as the server has done one write of it.
        for _ in 0..writes + 5 {
            if killed_after_a_write(&stall) {
                killed.fetch_add(1, Ordering::Relaxed);
            } else {
                break;
            }
        }
        ended.store(true, Ordering::SeqCst);
        reader.join().unwrap()
    });
    assert!(seen.wrong.is_empty(), "{}", seen.wrong.join("\n"));
    assert!(killed.load(Ordering::Relaxed) >= 10, "only {killed:?} starts were killed");
    assert!(seen.rounds > 1 && seen.links > 20, "{} rounds, {} links", seen.rounds, seen.links);
    assert_eq!(stall.run("promote 2.15.0 --apply").code, Some(0));
    assert!(stall.photograph() == calm.photograph(), "the end is the same");
}

/// Starts the promotion and kills it once the server has done one write of this start; whether it was
/// killed before it ended.
fn killed_after_a_write(stall: &Stall<'_>) -> bool {
    stall.proxy.forget();
    let mut child = stall.command("promote 2.15.0 --apply");
    let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return false;
        }
        if stall.proxy.seen().iter().filter(|seen| seen.is_write()).count() >= 1 {
            child.kill().unwrap();
            child.wait().unwrap();
            return true;
        }
        std::thread::yield_now();
    }
}

/// Reads all pages of the channel and what they link to, past the proxy, until `ended`.
fn read(stall: &Stall<'_>, pages: &[String], ended: &AtomicBool) -> Seen {
    let mut seen = Seen::default();
    // An object that was read once is not replaced, so its digest is computed once.
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    while !ended.load(Ordering::SeqCst) {
        seen.rounds += 1;
        for page in pages {
            let path = format!("{}{page}", stall.path("store"));
            let Some(html) = get(stall, &path) else { continue };
            for (link, sha256) in links(&String::from_utf8(html).unwrap()) {
                seen.links += 1;
                let target = resolved(&path, &link);
                let digest = match known.get(&target) {
                    Some(digest) => digest.clone(),
                    None => match get(stall, &target) {
                        Some(bytes) => Sha256::of(&bytes).to_string(),
                        None => {
                            seen.wrong.push(format!("{path} links to {target}, which is not there"));
                            continue;
                        }
                    },
                };
                if digest != sha256 {
                    seen.wrong.push(format!("{path} says that {target} has sha256 {sha256}, it has {digest}"));
                }
                known.insert(target, digest);
            }
        }
    }
    seen
}

fn get(stall: &Stall<'_>, path: &str) -> Option<Vec<u8>> {
    let answer = request(stall.address(), &format!("GET {path}"), &[("Authorization", "AWS4-HMAC-SHA256 Credential=test-key-id/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0")], b"").unwrap();
    match answer.status {
        200 => Some(answer.body),
        404 => None,
        status => panic!("{path}: {status}"),
    }
}

/// The links of a page that have a digest, and the digest.
fn links(html: &str) -> Vec<(String, String)> {
    let links = html.split("<a href=\"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(link, _)| link);
    links
        .filter_map(|link| link.split_once("#sha256="))
        .map(|(link, sha256)| (link.to_owned(), sha256.to_owned()))
        .collect()
}

/// Where a relative link of a page leads to.
fn resolved(page: &str, link: &str) -> String {
    let base = url::Url::parse(&format!("http://host{page}")).unwrap();
    base.join(link).unwrap().path().to_owned()
}
