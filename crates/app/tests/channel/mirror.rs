//! A promotion of many objects into a channel and its mirror on one server.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use trackside_testkit::servers::{Fault, Rule};

use crate::bucket::{Shop, Stall};
use crate::common::{World, wheel};

/// Wheels of torch; each has a metadata file beside it.
const WHEELS: usize = 36;

/// A verified candidate with so many wheels in one folder.
pub(crate) fn many(wheels: usize) -> World {
    let world = World::tagged();
    let accelerators: Vec<String> = (0..wheels).map(|number| format!("cu{number:03}")).collect();
    world.mend(r#"accelerators = ["cpu", "cu126"]"#, &format!("accelerators = {accelerators:?}"));
    world.mend("folder = \"{accelerator}\"\n", "");
    for accelerator in accelerators {
        world.build("", &wheel("torch", &format!("2.15.0+{accelerator}")));
    }
    world.build("", &wheel("torchvision", "0.30.0+cpu").requires("torch==2.15.0"));
    world.ok("stage 2.15.0-rc1 --from ../dist --apply");
    world.verify("2.15.0-rc1");
    world
}

fn declare_mirror(stall: &Stall<'_>, shop: &Shop) {
    let url = shop.server.url_through(stall.proxy.address(), &format!("release/{}/mirror", stall.prefix));
    stall.world.mend("[backup]", &format!("[[channels.stable.mirrors]]\nstore = \"{url}\"\n\n[backup]"));
}

#[test]
fn many_objects_are_listed_copied_by_the_server_and_sampled() {
    let shop = Shop::open(many(WHEELS));
    let stall = shop.stall("many");
    declare_mirror(&stall, &shop);
    let objects = 2 * (WHEELS + 1);
    let ran = stall.run("promote 2.15.0");
    assert_eq!(ran.code, Some(0), "{ran}");
    let planning = stall.proxy.seen().len();
    assert!(planning < objects, "{planning} requests to plan {objects} objects in two stores");
    stall.proxy.forget();
    let ran = stall.run("promote 2.15.0 --read-back sample --apply");
    assert_eq!(ran.code, Some(0), "{ran}");
    let seen = stall.proxy.seen();
    let copied = seen.iter().filter(|request| request.copied_from.is_some()).count();
    assert_eq!(copied, 2 * objects, "the server copies, nothing travels");
    let wheel_at = |path: &str, place: &str| path.starts_with(&stall.path(place)) && path.ends_with(".whl");
    let read =
        |place: &str| seen.iter().filter(|request| request.method == "GET" && wheel_at(&request.path, place)).count();
    // One in thirty of 36, rounded up, and the one of torchvision.
    assert_eq!((read("store"), read("mirror")), (3, 3));
    assert_eq!(stall.run("promote 2.15.0 --apply").code, Some(0));
    let stable: Vec<_> = public(&stall, "store");
    assert!(stable.len() > objects, "{}", stable.len());
    assert_eq!(stable, public(&stall, "mirror"));
}

#[test]
fn ctrl_c_stops_between_two_effects_and_the_same_command_goes_on() {
    // More than are under way at the same time.
    let wheels = 4 * WHEELS;
    let shop = Shop::open(many(wheels));
    let stall = shop.stall("interrupted");
    stall.proxy.inject(Rule { method: "PUT", part: ".whl", nth: 1, times: 1_000_000, fault: Fault::Held });
    let mut command = stall.command("promote 2.15.0 --apply");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    stall.proxy.wait_until_held();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    stall.proxy.release();
    let ran = stall.world.ran(&child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{ran}");
    let stopped =
        format!("so far: stopped   copy {0} objects of torch to stable ([N] of {0} effects done)", 2 * wheels);
    assert!(ran.stderr.contains(&stopped), "{ran}");
    stall.proxy.clear();
    let ran = stall.run("promote 2.15.0 --apply");
    assert!(ran.code == Some(0) && ran.stdout.starts_with("finished run"), "{ran}");
}

/// What the public reads, with the bytes.
fn public(stall: &Stall<'_>, place: &str) -> Vec<(String, Vec<u8>)> {
    let store = stall.store(place);
    let entries = store.list_all().unwrap().into_iter().map(|entry| entry.key);
    let public = entries.filter(|key| key.as_str().starts_with("whl/") && !key.as_str().starts_with("whl/test/"));
    public.map(|key| (key.to_string(), store.read(&key, u64::MAX).unwrap())).collect()
}
