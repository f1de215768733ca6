//! The train of the stories: a core, a library that pins it, and a repository of build tools.

use std::collections::BTreeMap;

use trackside_domain::manifest::{Check, Outcome, Verdict};
use trackside_domain::storage_key::StorageKey;
use trackside_domain::store::StoreUrl;
use trackside_domain::version::Candidate;
use trackside_effects::store::Stores;
use trackside_testkit::wheel::WheelBuilder;

use super::World;

const CONFIG: &str = r#"
waves = ["core", "libraries"]

[project]
name = "Train"
identity = "Release Robot <robot@example.org>"

[channels.test]
store = "../store"

[channels.stable]
store = "../store"

[backup]
store = "../backup"

[repositories.core]
url = "../git/core.git"
wave = "core"
cut-from = "viable/strict"
version = { file = "version.txt" }

[[repositories.core.edits]]
kind = "substitute"
files = [".github/workflows/*.yml"]
find = "@main"
replace = "@{branch}"
exactly = 2

[repositories.builder]
url = "../git/builder.git"
wave = "core"

[repositories.vision]
url = "../git/vision.git"
wave = "libraries"
version = { file = "version.txt" }

[[repositories.vision.edits]]
kind = "pin"
file = "core.pin"
repository = "core"
to = "commit"

[packages.torch]
repository = "core"

[[packages.torch.matrix]]
kind = "wheel"
python = ["py3"]
abi = "none"
platforms = ["any"]
accelerators = ["cpu", "cu126"]
local = "{accelerator}"
folder = "{accelerator}"

[packages.torchvision]
repository = "vision"
after = ["torch"]

[[packages.torchvision.matrix]]
kind = "wheel"
python = ["py3"]
abi = "none"
platforms = ["any"]
accelerators = ["cpu"]
local = "{accelerator}"
folder = "{accelerator}"
"#;

const LINE: &str = r#"
line = "2.15"

[releases."2.15.0"]
torch = "2.15.0"
torchvision = "0.30.0"

[releases."2.15.1"]
torch = "2.15.1"
torchvision = "0.30.1"
"#;

impl World {
    /// The configured train with its three repositories, before the cut.
    pub(crate) fn train() -> Self {
        let mut world = Self::empty();
        world.write("release/trackside.toml", CONFIG);
        world.write("release/lines/2.15.toml", LINE);
        let core = world.make_repo("core");
        let workflow = "uses: example/test-infra/build@main\n";
        let files = [
            ("version.txt", "2.15.0a0\n"),
            (".github/workflows/linux.yml", workflow),
            (".github/workflows/macos.yml", workflow),
            ("src/core.py", "x = 1\n"),
        ];
        core.commit("main", "Start core", &files).unwrap();
        let green = core.commit("main", "Green work on core", &[("src/core.py", "x = 2\n")]).unwrap();
        core.branch("viable/strict", &green).unwrap();
        core.commit("main", "Newer work on core", &[("src/new.py", "y = 1\n")]).unwrap();
        let builder = world.make_repo("builder");
        builder.commit("main", "Start builder", &[("build.sh", "make\n")]).unwrap();
        let vision = world.make_repo("vision");
        vision
            .commit(
                "main",
                "Start vision",
                &[("version.txt", "0.30.0a0\n"), ("core.pin", "main\n"), ("vision.py", "v = 1\n")],
            )
            .unwrap();
        world
    }

    /// The train with the line cut.
    pub(crate) fn cut() -> Self {
        let world = Self::train();
        world.ok("cut 2.15 --apply");
        world
    }

    /// The train with its first candidate tagged.
    pub(crate) fn tagged() -> Self {
        let world = Self::cut();
        world.ok("candidate 2.15.0 --apply");
        world
    }

    /// The train with its first candidate staged and sealed.
    pub(crate) fn sealed() -> Self {
        let world = Self::tagged();
        world.build_all("2.15.0", "0.30.0");
        world.ok("stage 2.15.0-rc1 --from ../dist --apply");
        world
    }

    /// The train with its first candidate verified.
    pub(crate) fn verified() -> Self {
        let world = Self::sealed();
        world.verify("2.15.0-rc1");
        world
    }

    /// Every wheel of one release.
    pub(crate) fn build_all(&self, torch: &str, vision: &str) {
        for accelerator in ["cpu", "cu126"] {
            self.build("", &wheel("torch", &format!("{torch}+{accelerator}")));
        }
        self.build("", &wheel("torchvision", &format!("{vision}+cpu")).requires(&format!("torch=={torch}")));
    }

    /// Lands a fix on the default branch and picks it onto the release branch; the commit on the default branch.
    pub(crate) fn pick(&self, repository: &str, file: &str) -> String {
        let fix = self.repo(repository).commit("main", &format!("Fix {file}"), &[(file, "fixed = True\n")]).unwrap();
        self.ok(&format!("pick land {fix} --onto 2.15 --repository {repository} --apply"));
        fix
    }

    /// Writes the verdict of a verification that passed, as it stands beside a candidate.
    pub(crate) fn verify(&self, candidate: &str) {
        let candidate: Candidate = candidate.parse().unwrap();
        let store: StoreUrl = self.path("store").to_str().unwrap().parse().unwrap();
        let facts =
            trackside_effects::observe::facts(&Stores::new(BTreeMap::new()), &store, candidate.release.line).unwrap();
        let manifests = trackside_domain::plan::verify::sealed(candidate, &facts).unwrap();
        let outcome = Outcome::Passed;
        let check = Check { name: "install".into(), package: None, outcome, detail: "installed".into() };
        let verdict = Verdict {
            format: trackside_domain::manifest::FORMAT,
            candidate,
            manifests,
            checks: vec![check],
            platform: "linux-x86_64".into(),
            installer: Some("uv 0.9.1".into()),
            at: "2026-10-01T12:00:00Z".parse().unwrap(),
        };
        let number = facts.verdicts.get(&candidate).map_or(1, |(number, _)| number + 1);
        let key = StorageKey::Verdict { candidate, number }.path();
        self.write(&format!("store/{key}"), &verdict.to_text());
    }
}

/// A wheel of the train that any Python installs.
pub(crate) fn wheel(name: &str, version: &str) -> WheelBuilder {
    WheelBuilder::new(name, version)
        .file(&format!("{name}/__init__.py"), format!("__version__ = {version:?}\n").as_bytes())
}
