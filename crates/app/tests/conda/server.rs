//! A release with conda packages that is promoted on servers, and rattler that installs it from there over HTTP.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use trackside_testkit::servers::Server;

use crate::bucket::{Shop, Stall};
use crate::common::World;
use crate::tools::solve;
use crate::train::{cut, stage};

const SPECS: [&str; 2] = ["torchvision", "torch * cpu_0"];

fn verified() -> World {
    let world = cut();
    stage(&world, "2.15.0-rc1", "2.15.0", "0.30.0");
    world.verify("2.15.0-rc1");
    world
}

fn promote(stall: &Stall<'_>) {
    let ran = stall.run("promote 2.15.0 --apply");
    assert_eq!(ran.code, Some(0), "{ran}");
    let ran = stall.run("channel audit stable");
    assert_eq!(ran.code, Some(0), "{ran}");
    let again = stall.run("promote 2.15.0 --apply");
    assert!(again.code == Some(0) && again.stdout.starts_with("nothing to do"), "{again}");
}

/// rattler installs what was built, from every form of the channel.
fn judge(channel: &str) {
    for form in ["json", "zst", "sharded"] {
        let solved = solve(channel, form, &SPECS);
        let files: Vec<String> =
            solved["files"].as_object().unwrap().iter().map(|(name, text)| format!("{name} {text}")).collect();
        let expected = [
            "share/torch.txt \"2.15.0-rc1 cpu\"",
            "share/torch_headers.txt \"2.15.0-rc1\"",
            "share/torchvision.txt \"2.15.0-rc1\"",
        ];
        assert_eq!(files, expected, "{channel} {form}");
    }
}

#[test]
fn rattler_installs_from_a_public_bucket() {
    let shop = Shop::open_to_all(Server::moto().unwrap(), verified());
    let stall = shop.stall("conda");
    promote(&stall);
    judge(&format!("http://{}{}conda", stall.address(), stall.path("store")));
}

#[test]
fn rattler_installs_from_a_public_container_of_azure() {
    let shop = Shop::open_to_all(Server::azurite().unwrap(), verified());
    let stall = shop.stall("conda");
    promote(&stall);
    judge(&format!("http://{}/teststore{}conda", stall.address(), stall.path("store")));
}

#[test]
fn a_server_that_checks_signatures_and_checksums_is_served_and_a_wrong_secret_is_refused() {
    let shop = Shop::on_disk(verified());
    let stall = shop.stall("conda");
    for command in ["promote 2.15.0 --apply", "channel audit stable"] {
        let ran = stall.world.finish(stall.command(command).env("AWS_SECRET_ACCESS_KEY", "not-the-key"));
        assert_eq!(ran.code, Some(1), "{command}: {ran}");
        assert!(ran.stderr.contains("the credentials do not allow it: SignatureDoesNotMatch"), "{command}: {ran}");
        assert!(!ran.stderr.contains("not-the-key"), "{command}: {ran}");
    }
    assert!(stall.proxy.writes().is_empty());
    promote(&stall);
    let mut serve = stall.command("serve --channel stable --listen 127.0.0.1:0");
    let mut serve = serve.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(serve.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
    let (_, address) = line.trim().rsplit_once(" at ").unwrap();
    let judged = std::panic::catch_unwind(|| judge(&format!("{address}conda")));
    serve.kill().unwrap();
    serve.wait().unwrap();
    judged.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}
