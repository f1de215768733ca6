//! What keeps a candidate from passing before anything is installed.

use insta::assert_snapshot;

use crate::common::{World, wheel};
use crate::tools::{Machine, checks, run_on, verdict};

const TORCH: &str = "store/packages/torch/2.15.0-rc1/files/cu126/torch-2.15.0+cu126-py3-none-any.whl";

fn flip(world: &World, below: &str) {
    let path = world.path(below);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn one_flipped_byte_fails_the_digests_of_its_package_alone() {
    let world = World::sealed();
    flip(&world, TORCH);
    let ran = run_on(Machine::Pip, &world, "verify 2.15.0-rc1 --apply");
    assert_eq!(ran.stderr.lines().filter(|line| line.starts_with("installing with pip ")).count(), 1);
    let ran = ran.to_string().lines().filter(|line| !line.contains("installing with")).collect::<Vec<_>>().join("\n");
    assert_snapshot!(ran, @r"
    | reading back 3 artifacts of 2.15.0-rc1
    | plan [ID] · verify 2.15.0-rc1
    |    1  verdict-1  verdict 1 on 2.15.0-rc1: not passed
    |       note: digests torch: FAILED, packages/torch/2.15.0-rc1/files/cu126/torch-2.15.0+cu126-py3-none-any.whl has sha256 [ID], the manifest says [ID]
    |       note: digests torchvision: passed, 2 objects are there with the size and sha256 of the manifest
    |       note: pages: passed, 16 pages name exactly the artifacts of the manifests
    |       note: install torch: passed, from cpu: torch-2.15.0+cpu-py3-none-any.whl with sha256 [ID]
    |       note: install torchvision: passed, from cpu: torchvision-0.30.0+cpu-py3-none-any.whl with sha256 [ID]
    |       1 effect, [SIZE] to move; expires [TIME]
    | [1/1] verdict 1 on 2.15.0-rc1: not passed
    | done: 1 step, 1 effect, run [ID]
    | error[verify-digests]: torch: packages/torch/2.15.0-rc1/files/cu126/torch-2.15.0+cu126-py3-none-any.whl has sha256 [ID], the manifest says [ID]
    |   so far: the verdict on 2.15.0-rc1 is recorded
    |   next: mend it, then: trackside verify 2.15.0-rc1 --apply
    exit 1
    ");
    assert_snapshot!(checks(&verdict(&world)).join("\n"), @r"
    digests torch failed
    digests torchvision passed
    pages all passed
    install torch passed
    install torchvision passed
    ");
    // Mended, it is verified again, and the next verdict counts.
    flip(&world, TORCH);
    let ran = run_on(Machine::Pip, &world, "-q verify 2.15.0-rc1 --apply");
    assert_eq!(ran.code, Some(0), "{ran}");
    assert!(checks(&verdict(&world)).iter().all(|check| check.ends_with("passed")));
}

#[test]
fn every_kind_of_object_is_read_back() {
    let metadata = format!("{TORCH}.metadata");
    let world = World::sealed();
    for (below, expected) in [(TORCH, "is not there"), (metadata.as_str(), "is not there")] {
        let bytes = std::fs::read(world.path(below)).unwrap();
        std::fs::remove_file(world.path(below)).unwrap();
        let ran = run_on(Machine::Nothing, &world, "-q verify 2.15.0-rc1");
        assert_eq!(ran.code, Some(1), "{ran}");
        assert!(ran.stderr.contains("error[verify-digests]: torch:") && ran.stderr.contains(expected), "{ran}");
        std::fs::write(world.path(below), &bytes[1..]).unwrap();
        let ran = run_on(Machine::Nothing, &world, "-q verify 2.15.0-rc1");
        assert!(
            ran.stderr.contains("error[verify-digests]: torch:") && ran.stderr.contains("the manifest says"),
            "{ran}"
        );
        std::fs::write(world.path(below), bytes).unwrap();
    }
}

#[test]
fn pages_that_name_other_files_fail() {
    let world = World::sealed();
    let page = "store/candidates/2.15.0-rc1/whl/cpu/torch/index.html";
    let good = world.read(page);
    let told = |expected: &str| {
        let ran = run_on(Machine::Nothing, &world, "-q verify 2.15.0-rc1");
        assert_eq!(ran.code, Some(1), "{ran}");
        assert!(ran.stderr.contains("error[verify-pages]: 2.15.0-rc1:") && ran.stderr.contains(expected), "{ran}");
    };
    world.write(page, &good.replace("cpu-py3", "cpu-py2"));
    told("candidates/2.15.0-rc1/whl/cpu/torch/index.html is not the page that the manifests make");
    std::fs::remove_file(world.path(page)).unwrap();
    told("candidates/2.15.0-rc1/whl/cpu/torch/index.html is not there");
    world.write(page, &good);
    world.write("store/candidates/2.15.0-rc1/whl/cpu/evil/index.html", "<a href=\"evil.whl\">evil.whl</a>\n");
    told("candidates/2.15.0-rc1/whl/cpu/evil/index.html is a page that the manifests do not make");
}

#[test]
fn without_an_installer_the_installation_is_not_done() {
    let world = World::sealed();
    let ran = run_on(Machine::Nothing, &world, "verify 2.15.0-rc1 --apply");
    assert_snapshot!(ran, @r"
    | reading back 3 artifacts of 2.15.0-rc1
    | plan [ID] · verify 2.15.0-rc1
    |    1  verdict-1  verdict 1 on 2.15.0-rc1: not passed
    |       note: digests torch: passed, 4 objects are there with the size and sha256 of the manifest
    |       note: digests torchvision: passed, 2 objects are there with the size and sha256 of the manifest
    |       note: pages: passed, 16 pages name exactly the artifacts of the manifests
    |       note: install: NOT DONE, neither pip (22.3 or newer) nor uv (0.7 or newer) was found
    |       1 effect, [SIZE] to move; expires [TIME]
    | [1/1] verdict 1 on 2.15.0-rc1: not passed
    | done: 1 step, 1 effect, run [ID]
    | blocked[verify-install]: 2.15.0-rc1: not done: neither pip (22.3 or newer) nor uv (0.7 or newer) was found
    |   so far: the verdict on 2.15.0-rc1 is recorded
    |   next: mend it, then: trackside verify 2.15.0-rc1 --apply
    exit 3
    ");
    assert_snapshot!(checks(&verdict(&world)).join("\n"), @r"
    digests torch passed
    digests torchvision passed
    pages all passed
    install all not-done
    ");
    world.stops(3, "promote 2.15.0");
}

#[test]
fn a_candidate_that_is_not_sealed_or_not_there_stops() {
    let world = World::tagged();
    assert_snapshot!(run_on(Machine::Nothing, &world, "verify 2.15.0-rc1 --apply"), @r"
    | blocked[not-sealed]: torch: candidate 2.15.0-rc1 is not complete
    |   way on: trackside stage 2.15.0-rc1 --from DIR
    | blocked[not-sealed]: torchvision: candidate 2.15.0-rc1 is not complete
    |   way on: trackside stage 2.15.0-rc1 --from DIR
    |   so far: nothing was changed
    exit 3
    ");
    assert_snapshot!(run_on(Machine::Nothing, &world, "verify 2.15.0-rc2 --apply"), @r"
    | blocked[no-candidate]: 2.15.0-rc2: there is no record of this candidate
    |   way on: trackside candidate 2.15.0
    |   so far: nothing was changed
    exit 3
    ");
}

#[test]
fn a_verdict_whose_recording_was_killed_is_recorded_and_still_not_a_pass() {
    let world = World::sealed();
    flip(&world, TORCH);
    let killed = run_on(Machine::Nothing, &world, "--die-at verdict-1/0:after-intent verify 2.15.0-rc1 --apply");
    assert_eq!(killed.code, None, "{killed}");
    let ran = run_on(Machine::Nothing, &world, "-q verify 2.15.0-rc1 --apply");
    assert_eq!(ran.code, Some(1), "{ran}");
    assert!(ran.stderr.contains("error[verify-digests]: torch:"), "{ran}");
    assert!(!world.path("store/candidates/2.15.0-rc1/verdict/000002.json").exists());
}

/// The bytes are those that were staged; what the project thinks of them has changed.
#[test]
fn artifacts_are_judged_by_the_rules_of_today() {
    let world = World::tagged();
    world.build_all("2.15.0", "0.30.0");
    world.build("", &wheel("torchvision", "0.30.0+cpu").metadata_line("X-Mood: good"));
    world.ok("stage 2.15.0-rc1 --from ../dist --apply");
    world.mend("[backup]", "[artifacts.severity]\nmetadata-field-unknown = \"error\"\n\n[backup]");
    let ran = run_on(Machine::Nothing, &world, "-q verify 2.15.0-rc1");
    assert_eq!(ran.code, Some(1), "{ran}");
    let said = ran.stderr.lines().find(|line| line.contains("verify-digests")).unwrap();
    assert!(said.contains("torchvision-0.30.0+cpu-py3-none-any.whl is refused: "), "{said}");
    assert!(
        said.ends_with("[metadata-field-unknown]") && said.starts_with("error[verify-digests]: torchvision:"),
        "{said}"
    );
}
