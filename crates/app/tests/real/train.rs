//! A train whose packages are the real torchvision 0.21.0 and torchaudio 2.6.0, without torch itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use trackside_domain::manifest::Manifest;
use trackside_testkit::wheel::WheelBuilder;

use crate::common::World;
use crate::machine::publish_external;
use crate::tools::real_wheels;

/// The packages, each with its candidate.
const PACKAGES: [(&str, &str); 2] = [("torchaudio", "2.6.0-rc1"), ("torchvision", "0.21.0-rc1")];

const HEAD: &str = r#"
waves = ["libraries"]

[project]
name = "Real"
identity = "Release Robot <robot@example.org>"

[channels.test]
store = "../store"

[channels.stable]
store = "../stable"

[backup]
store = "../backup"

[indexes]
external = ["file:../external"]
"#;

const LINE: &str = r#"
line = "2.6"

[releases."2.6.0"]
torchaudio = "2.6.0"
torchvision = "0.21.0"
"#;

/// Exactly the wheels of `ci/wheels.txt`: they are tagged `manylinux1` by their names and `linux` within.
fn package(name: &str, repository: &str) -> String {
    let row = |pythons: &str, platforms: &str| {
        format!(
            "\n[[packages.{name}.matrix]]\nkind = \"wheel\"\npython = [{pythons}]\nabi = \"{{python}}\"\n\
             platforms = [{platforms}]\nlocal = \"none\"\nfolder = \"cpu\"\n"
        )
    };
    let rows = [
        row(r#""cp310", "cp311", "cp312""#, r#""manylinux1_x86_64""#),
        row(r#""cp311""#, r#""macosx_11_0_arm64", "win_amd64""#),
    ];
    format!(
        "\n[repositories.{repository}]\nurl = \"../git/{repository}.git\"\nwave = \"libraries\"\n\
         version = {{ file = \"version.txt\" }}\n\n[packages.{name}]\nrepository = \"{repository}\"\n{}",
        rows.concat()
    )
}

/// The train with its first candidate tagged.
pub(crate) fn tagged() -> World {
    let mut world = World::empty();
    let packages = [package("torchvision", "vision"), package("torchaudio", "audio")].concat();
    world.write("release/trackside.toml", &format!("{HEAD}{packages}"));
    world.write("release/lines/2.6.toml", LINE);
    for (repository, version) in [("vision", "0.21.0a0\n"), ("audio", "2.6.0a0\n")] {
        world.make_repo(repository).commit("main", "Start", &[("version.txt", version)]).unwrap();
    }
    world.ok("cut 2.6 --apply");
    world.ok("candidate 2.6.0 --apply");
    world
}

/// What the wheels need besides each other, in an index of its own: only the resolution has to work.
pub(crate) fn publish_dependencies(world: &World) {
    for (name, version) in [("torch", "2.6.0"), ("numpy", "2.1.0"), ("pillow", "11.0.0")] {
        publish_external(world, &WheelBuilder::new(name, version).file(&format!("{name}.py"), b""), name);
    }
}

/// Every real wheel, by its name.
pub(crate) fn wheels() -> BTreeMap<String, PathBuf> {
    let named = |path: PathBuf| (path.file_name().unwrap().to_str().unwrap().to_owned(), path);
    PACKAGES.iter().flat_map(|(package, _)| real_wheels(&format!("{package}-"))).map(named).collect()
}

/// Lays the real wheels whose names satisfy `arrives` into the folder `dist`.
pub(crate) fn deliver(world: &World, folder: &str, arrives: impl Fn(&str) -> bool) {
    let into = world.path("dist").join(folder);
    fs::create_dir_all(&into).unwrap();
    for (name, path) in wheels() {
        if arrives(&name) {
            fs::copy(path, into.join(name)).unwrap();
        }
    }
}

/// The digests of `ci/wheels.txt`, which are those of PyPI.
pub(crate) fn pinned() -> BTreeMap<String, String> {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../ci/wheels.txt")).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once("  ")).map(|(sha256, name)| (name.to_owned(), sha256.to_owned())).collect()
}

/// The digests of the newest revisions of both manifests, which must be sealed.
pub(crate) fn sealed(world: &World) -> BTreeMap<String, String> {
    let newest = |(package, candidate): (&str, &str)| {
        let folder = world.path(&format!("store/packages/{package}/{candidate}/manifest"));
        let path = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).max().unwrap();
        let manifest = Manifest::from_bytes(&fs::read(path).unwrap()).unwrap();
        assert!(manifest.sealed, "{package} is not sealed");
        manifest.artifacts
    };
    let artifacts = PACKAGES.into_iter().flat_map(newest);
    artifacts.map(|artifact| (artifact.name.to_string(), artifact.sha256.to_string())).collect()
}
