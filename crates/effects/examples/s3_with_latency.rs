//! An S3 server on disk that others wrote (s3s-fs), with the latency of a server far away, for `ci/bench/stores`:
//! `s3_with_latency MILLISECONDS` prints its address and runs until its input ends.

#![expect(clippy::unwrap_used, reason = "a program of its own, which ends when something does not work")]

#[path = "../tests/remote/s3s.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod s3s;

use std::io::Read as _;
use std::time::Duration;

use trackside_testkit::servers::Proxy;

#[expect(clippy::print_stdout, reason = "a program of its own")]
fn main() {
    let milliseconds = std::env::args().nth(1).unwrap_or_else(|| "0".to_owned()).parse().unwrap();
    let server = s3s::S3s::start();
    let proxy = Proxy::before(server.address()).unwrap();
    proxy.set_latency(Duration::from_millis(milliseconds));
    for bucket in ["test", "stable"] {
        server.create_bucket(bucket);
    }
    println!("{} {} {}", proxy.address(), s3s::S3s::KEY_ID, s3s::S3s::KEY);
    drop(std::io::stdin().read_to_end(&mut Vec::new()));
}
