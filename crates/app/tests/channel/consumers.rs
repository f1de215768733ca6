//! pip, uv and pypi-simple on a channel with a yanked release, a yanked file and a release for old Pythons:
//! from `trackside serve` before a bucket, from the bucket itself behind an edge, and from a folder.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use trackside_testkit::servers::{Proxy, Server};

use crate::bucket::{Shop, Stall};
use crate::common::{Ran, World, wheel};
use crate::edge::Edge;
use crate::tools::{INSTALLERS, Installer, run, run_refused, tool};

/// When the second release was promoted: two days after the first.
const LATER: &str = "1791028800";
/// Between the two.
const BETWEEN: &str = "2026-10-02T00:00:00Z";

/// Two verified candidates, of which the second of torchvision is for Pythons that nobody has any more.
fn verified() -> World {
    let world = World::verified();
    for (repository, branch, version) in [("core", "release/2.15", "2.15.1"), ("vision", "release/0.30", "0.30.1")] {
        world.repo(repository).commit(branch, "Set the version", &[("version.txt", version)]).unwrap();
    }
    world.ok("candidate 2.15.1 --apply");
    std::fs::remove_dir_all(world.path("dist")).unwrap();
    for accelerator in ["cpu", "cu126"] {
        world.build("", &wheel("torch", &format!("2.15.1+{accelerator}")));
    }
    world.build("", &wheel("torchvision", "0.30.1+cpu").requires("torch==2.15.1").requires_python("<3"));
    world.ok("stage 2.15.1-rc1 --from ../dist --apply");
    world.verify("2.15.1-rc1");
    world
}

/// Both are promoted, the second release of torch is yanked, and one file of the first.
fn publish(run: impl Fn(&str, &str) -> Ran) {
    for (command, at) in [
        ("promote 2.15.0", "1790856000"),
        ("promote 2.15.1", LATER),
        ("channel yank stable torch==2.15.1 --reason broken", LATER),
        ("channel yank stable torch==2.15.0 --file torch-2.15.0+cu126-py3-none-any.whl --reason slow", LATER),
    ] {
        let ran = run(&format!("{command} --apply"), at);
        assert_eq!(ran.code, Some(0), "{ran}");
    }
}

fn on_a_server(shop: &Shop) -> Stall<'_> {
    let stall = shop.stall("public");
    publish(|command, at| stall.world.finish(stall.command(command).env("SOURCE_DATE_EPOCH", at)));
    stall
}

fn in_a_folder(world: &World) {
    publish(|command, at| world.run_with(command, &[("SOURCE_DATE_EPOCH", at)]));
}

/// `trackside serve` behind a proxy that knows what it was asked for; it is killed when the value is dropped.
struct Served {
    child: Child,
    proxy: Proxy,
}

impl Served {
    fn by(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
        let (_, address) = line.trim().trim_end_matches('/').rsplit_once("http://").unwrap();
        Self { proxy: Proxy::before(address.parse().unwrap()).unwrap(), child }
    }

    /// What was asked for since this was called before.
    fn asked(&self) -> Vec<String> {
        let asked = self.proxy.seen().into_iter().map(|seen| seen.path).collect();
        self.proxy.forget();
        asked
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // In a test that fails nobody asks how it ended.
        drop((self.child.kill(), self.child.wait()));
    }
}

const SERVE: &str = "serve --channel stable --listen 127.0.0.1:0";

#[test]
fn installers_read_what_trackside_serves_from_a_bucket() {
    let shop = Shop::open(verified());
    let stall = on_a_server(&shop);
    let served = Served::by(stall.command(SERVE));
    judge(&format!("http://{}", served.proxy.address()), || served.asked());
}

#[test]
fn installers_read_a_public_bucket() {
    let shop = Shop::open_to_all(Server::moto().unwrap(), verified());
    let stall = on_a_server(&shop);
    let edge = Edge::before(stall.address(), &stall.path("store"));
    judge(&format!("http://{}", edge.address), || edge.asked());
}

#[test]
fn installers_read_a_folder() {
    let world = verified();
    in_a_folder(&world);
    let store = format!("file://{}", world.path("store").display());
    for name in INSTALLERS {
        takes_what_is_not_yanked(name, &store);
    }
}

fn judge(store: &str, asked: impl Fn() -> Vec<String>) {
    for name in INSTALLERS {
        drop(asked());
        takes_what_is_not_yanked(name, store);
        let asked = asked();
        reads_when_it_was_published(name, store);
        for wheel in ["torch-2.15.0+cpu", "torchvision-0.30.0+cpu"] {
            let at = |end: &str| {
                asked.iter().position(|path| path.replace("%2B", "+").contains(wheel) && path.ends_with(end))
            };
            assert!(at(".metadata").is_some() && at(".metadata") < at(".whl"), "{name} {wheel}: {asked:?}");
        }
        assert!(!asked.iter().any(|path| path.contains("0.30.1") && path.ends_with(".whl")), "{name}: {asked:?}");
    }
    pypi_simple_reads(store);
}

/// What an installer installs for a requirement: the file of torch that says its version.
fn installed(name: &'static str, index: &str, wanted: &str) -> (String, String) {
    let installer = Installer::new(name);
    let output = installer.command(index).arg(wanted).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{name} {index} {wanted}: {said}");
    (installer.read("torch/__init__.py"), said)
}

fn takes_what_is_not_yanked(name: &'static str, store: &str) {
    for (index, wanted, version, reason) in [
        ("whl/cpu", "torch>=2.15", "2.15.0+cpu", None),
        // pip takes it for `==2.15.1` as well, uv does not.
        ("whl/cpu", "torch==2.15.1+cpu", "2.15.1+cpu", Some("broken")),
        // The newest that is left: the other variant of the first release is yanked too.
        ("whl", "torch", "2.15.0+cpu", None),
        ("whl", "torch==2.15.0+cu126", "2.15.0+cu126", Some("slow")),
        // The newest torchvision is for Python 2, and takes the torch that is yanked.
        ("whl/cpu", "torchvision", "2.15.0+cpu", None),
    ] {
        let (found, said) = installed(name, &format!("{store}/{index}/"), wanted);
        assert_eq!(found, format!("__version__ = \"{version}\"\n"), "{name} {store} {index} {wanted}: {said}");
        assert_eq!(said.contains("yanked"), reason.is_some(), "{name} {wanted}: {said}");
        assert!(reason.is_none_or(|reason| said.contains(reason)), "{name} {wanted}: {said}");
    }
}

fn reads_when_it_was_published(name: &'static str, store: &str) {
    let option = if name == "pip" { "--uploaded-prior-to" } else { "--exclude-newer" };
    let index = format!("{store}/whl/cpu/");
    let installer = Installer::new(name);
    run(installer.command(&index).args([option, BETWEEN, "torch==2.15.0+cpu"]));
    let said = run_refused(installer.command(&index).args([option, BETWEEN, "torch==2.15.1+cpu"]));
    assert!(said.contains("torch==2.15.1+cpu"), "{name}: {said}");
}

/// Prints what pypi-simple finds on the page of torch, in both forms.
const READ: &str = r#"
import sys
from pypi_simple import ACCEPT_HTML_ONLY, ACCEPT_JSON_ONLY, PyPISimple

for accept in (ACCEPT_HTML_ONLY, ACCEPT_JSON_ONLY):
    with PyPISimple(endpoint=sys.argv[1], accept=accept) as index:
        for package in ("torch", "torchvision"):
            for file in index.get_project_page(package).packages:
                index.get_package_metadata_bytes(file, verify=True)
                yanked = file.yanked_reason if file.is_yanked else "-"
                print(file.filename, yanked, file.upload_time, file.requires_python)
"#;

fn pypi_simple_reads(store: &str) {
    let home = tempfile::tempdir().unwrap();
    let found = run(tool("python", home.path()).args(["-c", READ, &format!("{store}/whl/")]));
    // HTML has no standard attribute for the time; ours is read by uv.
    insta::allow_duplicates! {
        insta::assert_snapshot!(found, @r"
        torch-2.15.0+cpu-py3-none-any.whl - None None
        torch-2.15.0+cu126-py3-none-any.whl slow None None
        torch-2.15.1+cpu-py3-none-any.whl broken None None
        torch-2.15.1+cu126-py3-none-any.whl broken None None
        torchvision-0.30.0+cpu-py3-none-any.whl - None None
        torchvision-0.30.1+cpu-py3-none-any.whl - None <3
        torch-2.15.0+cpu-py3-none-any.whl - 2026-10-01 12:00:00+00:00 None
        torch-2.15.0+cu126-py3-none-any.whl slow 2026-10-01 12:00:00+00:00 None
        torch-2.15.1+cpu-py3-none-any.whl broken 2026-10-03 12:00:00+00:00 None
        torch-2.15.1+cu126-py3-none-any.whl broken 2026-10-03 12:00:00+00:00 None
        torchvision-0.30.0+cpu-py3-none-any.whl - 2026-10-01 12:00:00+00:00 None
        torchvision-0.30.1+cpu-py3-none-any.whl - 2026-10-03 12:00:00+00:00 <3
        ");
    }
}
