//! Source archives: staged beside the wheels, promoted with them, listed on flat pages.

use std::process::Command;

use crate::common::World;

const NAME: &str = "core-v2.15.0.tar.gz";

/// The train, of which the core ships its source too.
fn tagged() -> World {
    let world = World::train();
    let row = "\n[[packages.torch.matrix]]\nkind = \"source\"\nname = \"core-v{version}.tar.gz\"\n";
    world.mend("\n[packages.torchvision]", &format!("{row}\n[packages.torchvision]"));
    world.ok("cut 2.15 --apply");
    world.ok("candidate 2.15.0 --apply");
    world.build_all("2.15.0", "0.30.0");
    world
}

/// The source of a repository at `commit`, as git archives it, with the builds.
fn archive(world: &World, repository: &str, commit: &str, name: &str) -> Vec<u8> {
    let prefix = format!("--prefix={}/", name.strip_suffix(".tar.gz").unwrap());
    let place = world.path("git").join(format!("{repository}.git"));
    let done =
        Command::new("git").args(["archive", "--format=tar.gz", &prefix, commit]).current_dir(place).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    std::fs::write(world.path("dist").join(name), &done.stdout).unwrap();
    done.stdout
}

fn sealed() -> World {
    let world = tagged();
    archive(&world, "core", "v2.15.0-rc1", NAME);
    world.ok("stage 2.15.0-rc1 --from ../dist --apply");
    world
}

#[test]
fn the_source_is_released_with_the_wheels() {
    let world = sealed();
    let link = |page: &str| {
        let page = world.read(page);
        page.lines().find(|line| line.contains(NAME)).map(|line| line.trim().to_owned()).unwrap_or(page)
    };
    let staged = "packages/torch/2.15.0-rc1/files/core-v2.15.0.tar.gz";
    assert!(link("store/source_code/test/index.html").starts_with(&format!("<a href=\"../../{staged}#sha256=")));
    let of_candidate = link("store/candidates/2.15.0-rc1/source_code/index.html");
    assert!(of_candidate.starts_with(&format!("<a href=\"../../../{staged}#sha256=")), "{of_candidate}");
    assert!(
        !world.read("store/candidates/2.15.0-rc1/whl/torch/index.html").contains(NAME),
        "no installer is offered it"
    );
    world.verify("2.15.0-rc1");
    world.ok("promote 2.15.0 --apply");
    assert!(link("store/source_code/index.html").starts_with("<a href=\"core-v2.15.0.tar.gz#sha256="));
    let released = std::fs::read(world.path("store/source_code").join(NAME)).unwrap();
    assert_eq!(released, archive(&world, "core", "v2.15.0-rc1", NAME));
    assert!(world.path("backup").join(staged).is_file());
    for command in ["channel audit stable", "index check stable --digests", "index check test --digests"] {
        assert!(world.ok(command).stdout.contains("nothing differs"), "{command}");
    }
    // The checks see it.
    std::fs::write(world.path("store/source_code").join(NAME), "other bytes").unwrap();
    let audit = world.run("channel audit stable");
    assert!(audit.code == Some(1) && audit.to_string().contains("source_code/core-v2.15.0.tar.gz"), "{audit}");
    world.write("store/source_code/index.html", "nothing");
    assert!(world.run("index check stable").to_string().contains("source_code/index.html"));
}

#[test]
fn a_release_without_its_source_is_not_complete() {
    let world = tagged();
    let ran = world.ok("stage 2.15.0-rc1 --from ../dist --apply");
    assert!(ran.to_string().contains("torch: 1 missing: core-v2.15.0.tar.gz"), "{ran}");
    // What is no archive, or one of another name, is refused before anything is written.
    std::fs::write(world.path("dist").join(NAME), "hello").unwrap();
    let refused = world.run("stage 2.15.0-rc1 --from ../dist --apply");
    assert!(refused.code != Some(0) && refused.to_string().contains("not-gzip"), "{refused}");
    std::fs::remove_file(world.path("dist").join(NAME)).unwrap();
    archive(&world, "core", "v2.15.0-rc1", "core-v2.15.1.tar.gz");
    let strange = world.run("stage 2.15.0-rc1 --from ../dist --apply");
    assert!(strange.code != Some(0) && strange.to_string().contains("core-v2.15.1.tar.gz"), "{strange}");
}

/// A second machine that built the source again must not replace what is staged.
#[test]
fn another_archive_of_the_same_name_is_a_conflict() {
    let world = sealed();
    archive(&world, "core", "main", NAME);
    let before = world.photograph();
    let ran = world.run("stage 2.15.0-rc1 --from ../dist --apply");
    assert!(ran.code == Some(5) && ran.to_string().contains("other-bytes"), "{ran}");
    assert!(world.photograph() == before, "nothing was changed");
}

#[test]
fn two_packages_cannot_ship_one_archive() {
    let world = tagged();
    let row = "\n[[packages.torchvision.matrix]]\nkind = \"source\"\nname = \"core-v2.15.0.tar.gz\"\n";
    let text = world.read("release/trackside.toml") + row;
    world.write("release/trackside.toml", &text);
    let ran = world.run("stage 2.15.0-rc1 --from ../dist --apply");
    assert!(ran.code == Some(2) && ran.to_string().contains("both make `core-v2.15.0.tar.gz`"), "{ran}");
}

#[test]
fn a_later_release_of_another_package_keeps_the_list_whole() {
    let world = sealed();
    let row = "\n[[packages.torchvision.matrix]]\nkind = \"source\"\nname = \"vision-v{version}.tar.gz\"\n";
    world.verify("2.15.0-rc1");
    world.ok("promote 2.15.0 --apply");
    let text = world.read("release/trackside.toml") + row;
    world.write("release/trackside.toml", &text);
    world.repo("core").commit("release/2.15", "Set the version", &[("version.txt", "2.15.1")]).unwrap();
    world.repo("vision").commit("release/0.30", "Set the version", &[("version.txt", "0.30.1")]).unwrap();
    world.ok("candidate 2.15.1 --apply");
    std::fs::remove_dir_all(world.path("dist")).unwrap();
    world.build_all("2.15.1", "0.30.1");
    archive(&world, "core", "v2.15.1-rc1", "core-v2.15.1.tar.gz");
    archive(&world, "vision", "v0.30.1-rc1", "vision-v0.30.1.tar.gz");
    world.ok("stage 2.15.1-rc1 --from ../dist --apply");
    world.verify("2.15.1-rc1");
    world.ok("promote 2.15.1 --apply");
    let page = world.read("store/source_code/index.html");
    for name in ["core-v2.15.0", "core-v2.15.1", "vision-v0.30.1"] {
        assert!(page.contains(&format!(">{name}.tar.gz</a>")), "{name}: {page}");
    }
    assert!(world.ok("index check stable --digests").stdout.contains("nothing differs"));
}
