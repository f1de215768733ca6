//! Real installations of candidates from their own index.

use insta::assert_snapshot;
use trackside_testkit::wheel::WheelBuilder;

use crate::common::World;
use crate::tools::{INSTALLERS, Machine, checks, declare_external, publish_external, run_on, verdict};

/// A sealed candidate whose torch needs `dependency`.
fn world_that_needs(dependency: &str) -> World {
    let world = World::tagged();
    declare_external(&world);
    for accelerator in ["cpu", "cu126"] {
        let torch = WheelBuilder::new("torch", &format!("2.15.0+{accelerator}")).requires(dependency);
        world.build("", &torch.file("torch/__init__.py", b""));
    }
    let vision = WheelBuilder::new("torchvision", "0.30.0+cpu").requires("torch==2.15.0");
    world.build("", &vision.file("torchvision/__init__.py", b""));
    world.ok("stage 2.15.0-rc1 --from ../dist --apply");
    world
}

fn filelock() -> WheelBuilder {
    WheelBuilder::new("filelock", "3.1").file("filelock.py", b"")
}

#[test]
fn a_good_candidate_passes_with_pip_and_with_uv() {
    let world = world_that_needs("filelock>=3");
    publish_external(&world, &filelock(), "filelock");
    for machine in INSTALLERS {
        let before = world.photograph();
        let planned = run_on(machine, &world, "verify 2.15.0-rc1");
        assert_eq!(planned.code, Some(0), "{machine:?}\n{planned}");
        assert!(
            planned.stdout.contains("install torchvision: passed, from cpu: torchvision-0.30.0+cpu-py3-none-any.whl"),
            "{planned}"
        );
        assert!(before == world.photograph(), "{machine:?} changed something or left something behind");
    }
    let done = run_on(Machine::Uv, &world, "verify 2.15.0-rc1 --apply");
    assert_eq!(done.code, Some(0), "{done}");
    let verdict = verdict(&world);
    assert!(verdict["installer"].as_str().unwrap().starts_with("uv "));
    assert_snapshot!(checks(&verdict).join("\n"), @r"
    digests torch passed
    digests torchvision passed
    pages all passed
    install torch passed
    install torchvision passed
    ");
    let again = run_on(Machine::Nothing, &world, "verify 2.15.0-rc1 --apply");
    assert_snapshot!(again, @r"
    nothing to do
      verdict 1 on 2.15.0-rc1 passed, on the same manifests
    exit 0
    ");
}

#[test]
fn another_torch_on_an_external_index_does_not_slip_in() {
    let world = world_that_needs("filelock>=3");
    publish_external(&world, &filelock(), "filelock");
    for version in ["2.15.0+cpu", "2.15.0+zzz", "2.16.0"] {
        let evil = WheelBuilder::new("torch", version).file("torch/__init__.py", b"evil = True\n");
        publish_external(&world, &evil, "torch");
    }
    // The very same name, with other bytes.
    publish_external(&world, &WheelBuilder::new("torchvision", "0.30.0+cpu").file("evil.py", b""), "torchvision");
    for machine in INSTALLERS {
        let planned = run_on(machine, &world, "verify 2.15.0-rc1");
        assert_eq!(planned.code, Some(0), "{machine:?}\n{planned}");
        assert!(
            planned.stdout.contains("install torch: passed, from cpu: torch-2.15.0+cpu-py3-none-any.whl"),
            "{planned}"
        );
    }
}

#[test]
fn a_package_of_the_train_that_an_external_index_brings_in_is_a_failure() {
    // torch of this candidate fits no machine, so torchvision would take the one of the external index.
    let world = World::train();
    declare_external(&world);
    world.mend(
        "abi = \"none\"\nplatforms = [\"any\"]\naccelerators = [\"cpu\", \"cu126\"]",
        "abi = \"none\"\nplatforms = [\"haiku_1_riscv64\"]\naccelerators = [\"cpu\"]",
    );
    world.ok("cut 2.15 --apply");
    world.ok("candidate 2.15.0 --apply");
    let torch =
        WheelBuilder::new("torch", "2.15.0+cpu").tag("py3", "none", "haiku_1_riscv64").file("torch/__init__.py", b"");
    world.build("", &torch);
    let vision =
        WheelBuilder::new("torchvision", "0.30.0+cpu").requires("torch==2.15.0").file("torchvision/__init__.py", b"");
    world.build("", &vision);
    world.ok("stage 2.15.0-rc1 --from ../dist --apply");
    publish_external(
        &world,
        &WheelBuilder::new("torch", "2.15.0").file("torch/__init__.py", b"evil = True\n"),
        "torch",
    );
    for machine in INSTALLERS {
        let ran = run_on(machine, &world, "verify 2.15.0-rc1");
        assert_eq!(ran.code, Some(1), "{machine:?}\n{ran}");
    }
    let pip = run_on(Machine::Pip, &world, "-q verify 2.15.0-rc1");
    assert_snapshot!(pip, @r"
    | error[verify-install]: torch: from cpu: the installer took file://[WORLD]/external/torch/torch-2.15.0-py3-none-any.whl with sha256 [ID], which is no file of the manifest
    |   so far: nothing was changed
    |   next: mend it and verify again, or record this verdict: trackside apply [ID]
    exit 1
    ");
    // By uv's rule the external torch is not even looked at.
    let uv = run_on(Machine::Uv, &world, "-q verify 2.15.0-rc1");
    assert!(uv.stderr.contains("torch"), "{uv}");
}

#[test]
fn a_dependency_that_does_not_exist_is_a_failure_with_the_installers_reason() {
    let world = world_that_needs("no-such-thing>=3");
    for machine in INSTALLERS {
        let ran = run_on(machine, &world, "verify 2.15.0-rc1 --apply");
        assert_eq!(ran.code, Some(1), "{machine:?}\n{ran}");
        assert!(ran.stderr.contains("error[verify-install]: 2.15.0-rc1: from cpu:"), "{ran}");
        assert!(ran.stderr.contains("no-such-thing"), "{ran}");
        assert!(ran.stderr.contains("so far: the verdict on 2.15.0-rc1 is recorded"), "{ran}");
        assert!(checks(&verdict(&world)).contains(&"install all failed".to_owned()));
    }
    // Both verdicts stand beside the candidate, and promote takes neither for a pass.
    assert!(world.path("store/candidates/2.15.0-rc1/verdict/000002.json").exists());
    world.stops(3, "promote 2.15.0");
}

#[test]
fn a_package_that_does_not_fit_is_left_out_and_if_none_fits_nothing_is_done() {
    let world = World::train();
    let elsewhere = |platforms: &str| format!("platforms = [\"{platforms}\"]\naccelerators = [\"cpu\"]");
    world.mend(&elsewhere("any"), &elsewhere("haiku_1_riscv64"));
    world.ok("cut 2.15 --apply");
    world.ok("candidate 2.15.0 --apply");
    for accelerator in ["cpu", "cu126"] {
        world.build(
            "",
            &WheelBuilder::new("torch", &format!("2.15.0+{accelerator}"))
                .requires_python(">=3")
                .file("torch/__init__.py", b""),
        );
    }
    world.build(
        "",
        &WheelBuilder::new("torchvision", "0.30.0+cpu").tag("py3", "none", "haiku_1_riscv64").file("v.py", b""),
    );
    world.ok("stage 2.15.0-rc1 --from ../dist --apply");
    for machine in INSTALLERS {
        let ran = run_on(machine, &world, "verify 2.15.0-rc1");
        assert_eq!(ran.code, Some(0), "{machine:?}\n{ran}");
        assert!(ran.stdout.contains("left out, because no wheel of theirs fits this machine: torchvision"), "{ran}");
        for folder in ["cpu", "cu126"] {
            assert!(
                ran.stdout.contains(&format!("install torch: passed, from {folder}: torch-2.15.0+{folder}")),
                "{ran}"
            );
        }
    }
}

#[test]
fn wheels_for_pythons_that_are_not_here_are_not_done() {
    let world = World::tagged();
    for accelerator in ["cpu", "cu126"] {
        world.build(
            "",
            &WheelBuilder::new("torch", &format!("2.15.0+{accelerator}"))
                .requires_python(">=4")
                .file("torch/__init__.py", b""),
        );
    }
    world.build("", &WheelBuilder::new("torchvision", "0.30.0+cpu").requires_python(">=4").file("v.py", b""));
    world.ok("stage 2.15.0-rc1 --from ../dist --apply");
    for machine in INSTALLERS {
        let ran = run_on(machine, &world, "-q verify 2.15.0-rc1 --apply");
        assert_eq!(ran.code, Some(3), "{machine:?}\n{ran}");
        assert!(ran.stderr.contains("not done: no package has a wheel that fits this machine"), "{ran}");
    }
}
