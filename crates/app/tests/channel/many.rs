//! A candidate of more than five hundred wheels.

use crate::common::{World, wheel};

/// The folders, which are the variants.
pub(crate) const FOLDERS: [&str; 4] = ["cpu", "cu126", "cu130", "xpu"];
const PYTHONS: [&str; 8] = ["cp37", "cp38", "cp39", "cp310", "cp311", "cp312", "cp313", "cp314"];
const PLATFORMS: [&str; 8] = [
    "manylinux_2_28_x86_64",
    "manylinux_2_28_aarch64",
    "musllinux_1_2_x86_64",
    "musllinux_1_2_aarch64",
    "macosx_11_0_arm64",
    "macosx_11_0_x86_64",
    "win_amd64",
    "win_arm64",
];

/// How many wheels that makes of two packages; each has a metadata file beside it.
pub(crate) const WHEELS: usize = 2 * FOLDERS.len() * PYTHONS.len() * PLATFORMS.len();

/// A verified candidate of so many wheels: torch and, which needs it, torchvision.
pub(crate) fn verified() -> World {
    let world = World::tagged();
    let matrix = r#"python = ["py3"]
abi = "none"
platforms = ["any"]
accelerators = "#;
    let wide = format!("python = {PYTHONS:?}\nabi = \"{{python}}\"\nplatforms = {PLATFORMS:?}\naccelerators = ");
    world.mend(matrix, &wide);
    for some in [r#"accelerators = ["cpu", "cu126"]"#, r#"accelerators = ["cpu"]"#] {
        world.mend(some, &format!("accelerators = {FOLDERS:?}"));
    }
    for folder in FOLDERS {
        for (python, platform) in PYTHONS.iter().flat_map(|python| PLATFORMS.map(|platform| (python, platform))) {
            let torch = wheel("torch", &format!("2.15.0+{folder}")).tag(python, python, platform);
            let vision = wheel("torchvision", &format!("0.30.0+{folder}")).tag(python, python, platform);
            world.build("", &torch);
            world.build("", &vision.requires("torch==2.15.0"));
        }
    }
    world.ok("stage 2.15.0-rc1 --from ../dist --apply");
    world.verify("2.15.0-rc1");
    world
}
