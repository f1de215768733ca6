//! The train of the stories with conda packages beside the wheels.

use crate::common::World;
use crate::tools::{Package, write};

/// Two platforms and one package for all of them; the older form of archive too.
const ROWS: [(&str, &str); 2] = [
    (
        "torchvision",
        r#"
[[packages.torchvision.matrix]]
kind = "conda"
platforms = ["noarch"]
name = "{package}-{version}-pyh_0.conda"
folder = "{platform}"
"#,
    ),
    (
        "torch",
        r#"
[[packages.torch.matrix]]
kind = "conda"
platforms = ["linux-64", "osx-arm64"]
accelerators = ["cpu", "cu126"]
name = "{package}-{version}-{accelerator}_0.conda"
folder = "{platform}"

[[packages.torch.matrix]]
kind = "conda"
platforms = ["noarch"]
name = "{package}_headers-{version}-0.tar.bz2"
folder = "{platform}"
"#,
    ),
];

/// The train with the line cut, whose packages are on conda channels too.
pub(crate) fn cut() -> World {
    let world = World::train();
    let mut config = world.read("release/trackside.toml");
    for (_, row) in ROWS {
        config.push_str(row);
    }
    world.write("release/trackside.toml", &config);
    world.ok("cut 2.15 --apply");
    world
}

/// Every conda package of one release; `word` is what they install.
pub(crate) fn build(world: &World, torch: &str, vision: &str, word: &str) {
    for subdir in ["linux-64", "osx-arm64"] {
        for accelerator in ["cpu", "cu126"] {
            let build = format!("{accelerator}_0");
            let headers = format!("torch_headers =={torch}");
            let package = Package { name: "torch", version: torch, build: &build, subdir, depends: &[&headers] };
            let exports = format!("{{\"weak\": [\"torch >={torch}\"]}}");
            let builder = package.builder(&format!("{word} {accelerator}")).with(|made| made.run_exports = exports);
            write(world, subdir, &builder, ".conda");
        }
    }
    let headers = Package { name: "torch_headers", version: torch, build: "0", subdir: "noarch", depends: &[] };
    // Everything that a package may say, with what older builders wrote.
    let more = "\"constrains\": [\"torch_legacy <0.1\"], \"features\": \"legacy\", \"track_features\": \"a b\", \
                \"python_site_packages_path\": \"lib/python3.13t/site-packages\", \"license\"";
    let headers = headers.builder(word).with(|made| made.index = made.index.replacen("\"license\"", more, 1));
    write(world, "noarch", &headers, ".tar.bz2");
    let needed = format!("torch =={torch}");
    let depends: &[&str] = &[&needed];
    let vision = Package { name: "torchvision", version: vision, build: "pyh_0", subdir: "noarch", depends };
    write(world, "noarch", &vision.builder(word), ".conda");
}

/// One candidate tagged, built, staged and with a verdict.
pub(crate) fn stage(world: &World, candidate: &str, torch: &str, vision: &str) {
    let release = candidate.rsplit_once("-rc").unwrap().0;
    world.ok(&format!("candidate {release} --apply"));
    drop(std::fs::remove_dir_all(world.path("dist")));
    world.build_all(torch, vision);
    build(world, torch, vision, candidate);
    world.ok(&format!("stage {candidate} --from ../dist --apply"));
}
