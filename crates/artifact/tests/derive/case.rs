//! A wheel, rules, and what became of them in a temporary folder.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use trackside_artifact::derive::{self, CopyBy, DeriveError, Derived, Options, Prepared};
use trackside_artifact::{Report, verify};
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::derivation::{RequirementRule, Rules, VersionChange};
use trackside_domain::finding::{Finding, Policy, Profile};
use trackside_testkit::wheel::WheelBuilder;

pub(crate) const INPUT: &str = "demo-2.6.0+cu124-cp311-cp311-linux_x86_64.whl";
pub(crate) const OUTPUT: &str = "demo-2.6.0-cp311-cp311-manylinux_2_28_x86_64.whl";
pub(crate) const DIST_INFO: &str = "demo-2.6.0+cu124.dist-info";

/// A wheel as a channel has it: a local version in all the places where real wheels have one.
pub(crate) fn demo() -> WheelBuilder {
    WheelBuilder::new("demo", "2.6.0+cu124")
        .tag("cp311", "cp311", "linux_x86_64")
        .metadata_line("Classifier: Topic :: Software Development")
        .metadata_line("Classifier: Environment :: GPU :: NVIDIA CUDA :: 12")
        .requires("filelock")
        .requires("torch==2.6.0+cu124 ; extra == 'gpu'")
        .metadata_line("Provides-Extra: gpu")
        .description("A wheel for tests.\n")
        .file("demo/__init__.py", b"from .version import __version__\n")
        .file("demo/version.py", b"__version__ = '2.6.0+cu124'\ncuda = '12.4'\n")
        .file("demo/data.txt", "some text that deflates, some text that deflates\n".repeat(40).as_bytes())
        .file("demo-2.6.0+cu124.data/headers/demo.h", b"#define DEMO 1\n")
        .filler(40_000)
}

/// The content of a member as it lies in an archive.
pub(crate) fn inflated(method: u16, data: &[u8]) -> Vec<u8> {
    if method == 0 {
        return data.to_vec();
    }
    let mut content = Vec::new();
    let read = std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(data), &mut content);
    read.map(|_| content).expect("as the test has made it")
}

/// Rules as they lead from the test channel to PyPI.
pub(crate) fn rules() -> Rules {
    Rules {
        platform: Some(vec!["manylinux_2_28_x86_64".into()]),
        edits: vec!["demo/version.py".into()],
        requirements: vec![requirement("torch==2.6.0+cu124", "torch==2.6.0")],
        drop_classifiers: vec!["Environment :: GPU :: NVIDIA CUDA :: 12".into()],
        ..Rules::new(version("2.6.0+cu124", "2.6.0"))
    }
}

pub(crate) fn version(from: &str, to: &str) -> VersionChange {
    VersionChange { from: from.into(), to: to.into() }
}

pub(crate) fn requirement(from: &str, to: &str) -> RequirementRule {
    RequirementRule { from: from.into(), to: to.into() }
}

/// A folder for inputs and one for outputs.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        for name in ["in", "out"] {
            std::fs::create_dir(folder.path().join(name)).expect("a folder in it");
        }
        Self { folder }
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join("in").join(name);
        std::fs::write(&path, bytes).expect("room for a wheel");
        path
    }

    pub(crate) fn prepare(&self, name: &str, bytes: &[u8], rules: &Rules) -> Result<Prepared, DeriveError> {
        derive::prepare(&self.put(name, bytes), rules)
    }

    /// Derives one wheel.
    pub(crate) fn derive(&self, name: &str, bytes: &[u8], rules: &Rules) -> Result<Derived, DeriveError> {
        self.derive_with(name, bytes, rules, &Options::default())
    }

    pub(crate) fn derive_with(
        &self,
        name: &str,
        bytes: &[u8],
        rules: &Rules,
        options: &Options,
    ) -> Result<Derived, DeriveError> {
        let prepared = self.prepare(name, bytes, rules)?;
        derive::write(&[prepared], &self.out(), options).map(|mut all| all.remove(0))
    }

    /// The wheels in the folder for outputs.
    pub(crate) fn wheels(&self) -> Vec<String> {
        self.listing().into_iter().filter(|name| name.ends_with(".whl")).collect()
    }

    /// What lies in the folder for outputs.
    pub(crate) fn listing(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.out()).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

pub(crate) fn by(copy: CopyBy) -> Options {
    Options { copy, ..Options::default() }
}

/// For outputs that stay in a channel.
pub(crate) fn for_a_channel() -> Options {
    Options { policy: Policy::of(Profile::Channel), ..Options::default() }
}

pub(crate) fn streamed(prepared: &Prepared) -> Vec<u8> {
    let mut bytes = Vec::new();
    prepared.stream(&mut bytes).expect("memory takes every byte");
    bytes
}

/// What the profile has against a wheel.
pub(crate) fn errors(path: &Path, profile: Profile) -> Vec<Finding> {
    let Report { findings, .. } = verify(path, ArtifactKind::Wheel).expect("a file");
    Policy::of(profile).split(findings).0
}
