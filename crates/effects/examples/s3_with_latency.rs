//! An S3 server that others wrote, with the latency of a server far away, for `ci/bench/stores`,
//! `ci/bench/index_store` and `ci/bench/audit`: `s3_with_latency MILLISECONDS [moto|HOST:PORT]` prints its address and
//! runs until its input ends. For each line of it, it prints how many requests of each kind came since the last one.
//! The server is s3s-fs, on disk and quick, whose listings have no tags; or moto, in memory and slow, whose listings have
//! them; or one that runs already, with the credentials of the environment, which has the buckets already.

#![expect(clippy::unwrap_used, reason = "a program of its own, which ends when something does not work")]
#![expect(clippy::disallowed_methods, reason = "a program of its own, which takes credentials from the environment")]

#[path = "../tests/remote/s3s.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod s3s;

use std::collections::BTreeMap;
use std::time::Duration;

use trackside_testkit::servers::{Proxy, Seen, Server};

/// The buckets of a train, and the one that PyTorch's generator of pages knows.
const BUCKETS: [&str; 4] = ["test", "stable", "backup", "pytorch"];

#[expect(clippy::print_stdout, reason = "a program of its own")]
fn main() {
    let mut arguments = std::env::args().skip(1);
    let milliseconds = arguments.next().unwrap_or_else(|| "0".to_owned()).parse().unwrap();
    let quick;
    let slow;
    let from_environment = |name| std::env::var(name).unwrap();
    let mut credentials = (s3s::S3s::KEY_ID.to_owned(), s3s::S3s::KEY.to_owned());
    let address = match arguments.next().as_deref() {
        Some("moto") => {
            slow = Server::moto().unwrap();
            BUCKETS.iter().for_each(|bucket| slow.create_bucket(bucket).unwrap());
            slow.address()
        }
        Some(address) => {
            credentials = (from_environment("AWS_ACCESS_KEY_ID"), from_environment("AWS_SECRET_ACCESS_KEY"));
            address.parse().unwrap()
        }
        None => {
            quick = s3s::S3s::start();
            BUCKETS.iter().for_each(|bucket| quick.create_bucket(bucket));
            quick.address()
        }
    };
    let proxy = Proxy::before(address).unwrap();
    proxy.set_latency(Duration::from_millis(milliseconds));
    // Past the proxy, for what is not measured.
    println!("{} {address} {} {}", proxy.address(), credentials.0, credentials.1);
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
