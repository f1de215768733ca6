//! `race URL WRITERS ROUNDS`: so many writers add a file to one index in each round, all at the same moment; says
//! how long it took and whether anything is missing. The store's index must not exist yet. `moto` instead of the
//! URL starts one, behind a proxy that lets one write pass at a time, as a real S3 decides.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "an experiment may fail as tests do"
)]

#[path = "../tests/remote/race.rs"]
mod race;

use std::time::Instant;

use trackside_effects::store::{Access, Stores};
use trackside_testkit::servers::{Proxy, Server};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, writers, rounds] = arguments.as_slice() else { panic!("race URL WRITERS ROUNDS") };
    let (writers, rounds): (usize, usize) = (writers.parse().unwrap(), rounds.parse().unwrap());
    let local = (url == "moto").then(|| Server::moto().unwrap());
    let proxy = local.as_ref().map(|server| Proxy::before(server.address()).unwrap());
    let (url, environment) = match (&local, &proxy) {
        (Some(server), Some(proxy)) => {
            server.create_bucket("races").unwrap();
            proxy.one_write_at_a_time();
            let keys = server.credentials().into_iter().map(|(name, value)| (name.to_owned(), value));
            (server.url_through(proxy.address(), "races"), keys.collect())
        }
        _ => (url.clone(), std::env::vars().collect()),
    };
    let store = Stores::new(environment).init(&url.parse().unwrap(), Access::Write).unwrap();
    let start = Instant::now();
    let missing = race::race(&vec![store; writers], rounds);
    let seconds = start.elapsed().as_secs_f64();
    println!("{writers} writers, {rounds} rounds: {seconds:.1} s, {} of {} missing", missing.len(), writers * rounds);
    assert!(missing.is_empty(), "{missing:?}");
}
