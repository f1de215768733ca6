//! An S3 server on disk that others wrote (s3s-fs), with the latency of a server far away, for `ci/bench/stores`
//! and `ci/bench/audit`: `s3_with_latency MILLISECONDS` prints its address and runs until its input ends. For
//! each line of it, it prints how many requests of each kind came since the last one.

#![expect(clippy::unwrap_used, reason = "a program of its own, which ends when something does not work")]

#[path = "../tests/remote/s3s.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod s3s;

use std::collections::BTreeMap;
use std::time::Duration;

use trackside_testkit::servers::{Proxy, Seen};

#[expect(clippy::print_stdout, reason = "a program of its own")]
fn main() {
    let milliseconds = std::env::args().nth(1).unwrap_or_else(|| "0".to_owned()).parse().unwrap();
    let server = s3s::S3s::start();
    let proxy = Proxy::before(server.address()).unwrap();
    proxy.set_latency(Duration::from_millis(milliseconds));
    for bucket in ["test", "stable", "backup"] {
        server.create_bucket(bucket);
    }
    // Past the proxy, for what is not measured.
    println!("{} {} {} {}", proxy.address(), server.address(), s3s::S3s::KEY_ID, s3s::S3s::KEY);
    for line in std::io::stdin().lines() {
        drop(line.unwrap());
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        proxy.seen().iter().for_each(|seen| *kinds.entry(kind(seen)).or_default() += 1);
        proxy.forget();
        println!("{}", serde_json::to_string(&kinds).unwrap());
    }
}

fn kind(seen: &Seen) -> &'static str {
    match seen.method.as_str() {
        "PUT" if seen.copied_from.is_some() => "copy",
        "GET" if seen.query.contains("list-type") => "list",
        "GET" => "get",
        "HEAD" => "head",
        "PUT" => "put",
        _ => "other",
    }
}
