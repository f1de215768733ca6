//! What the build machines of a made train deliver: installable wheels and a zip, whose bytes depend
//! on the commit that they are built from.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::index::DEPENDENCY;
use super::{Member, Scale};
use crate::binary::{ElfBuilder, MachO};
use crate::wheel::{WheelBuilder, ZipBuilder};

/// One wheel: Python, ABI and platform tag, local version, folder, and whether it comes early.
struct Build {
    tag: [&'static str; 3],
    local: Option<&'static str>,
    folder: &'static str,
    early: bool,
}

const LINUX: [&str; 2] = ["manylinux_2_28_x86_64", "manylinux_2_28_aarch64"];

/// The wheels of a package; they are what the matrix in `project` expects.
fn wheels(package: &str, scale: Scale) -> Vec<Build> {
    let build =
        |python, abi, platform, local, folder| Build { tag: [python, abi, platform], local, folder, early: true };
    if scale == Scale::Small {
        return vec![build("py3", "none", "any", Some("cpu"), "cpu")];
    }
    let mut builds: Vec<Build> =
        LINUX.iter().map(|platform| build("py3", "none", platform, Some("cpu"), "cpu")).collect();
    builds.push(Build { early: false, ..build("py3", "none", "macosx_11_0_arm64", None, "cpu") });
    if package == "torch" {
        builds.push(build("cp310", "cp310", LINUX[0], Some("cpu"), "cpu"));
    }
    if package != "torchaudio" {
        builds.push(build("py3", "none", LINUX[0], Some("cu126"), "cu126"));
    }
    builds
}

/// Makes the builds in two portions: of the core most, then the rest of it and the libraries.
/// Without libraries there is one portion.
pub(super) fn make(into: &Path, scale: Scale, of: &[(&Member, String)]) -> io::Result<Vec<PathBuf>> {
    let portions = [into.join("first"), into.join("second")];
    let core_only = of.len() == 1;
    for (member, commit) in of {
        let core = member.package == "torch";
        for build in wheels(&member.package, scale) {
            let portion = usize::from(!(core_only || core && build.early));
            let folder = portions[portion].join(build.folder);
            fs::create_dir_all(&folder)?;
            wheel(member, &build, commit).write_to(&folder)?;
        }
        if core {
            let folder = portions[0].join("cpu");
            fs::create_dir_all(&folder)?;
            let name = format!("libtorch-shared-with-deps-{}+cpu.zip", member.version);
            libtorch(&member.version, commit).write_to(&folder.join(name))?;
        }
    }
    Ok(portions.into_iter().filter(|portion| portion.is_dir()).collect())
}

fn wheel(member: &Member, build: &Build, commit: &str) -> WheelBuilder {
    let Member { package, version, .. } = member;
    let full = build.local.map_or_else(|| version.clone(), |local| format!("{version}+{local}"));
    let [python, abi, platform] = build.tag;
    let code = format!("__version__ = '{full}'\ngit_version = '{commit}'\n");
    let builder = WheelBuilder::new(package, &full)
        .tag(python, abi, platform)
        .requires_python(">=3.8")
        .metadata_line(&format!("Summary: {package}, made by a rehearsal"))
        .file(&format!("{package}/__init__.py"), code.as_bytes())
        .file(&format!("{package}/functional.py"), b"def mean(values):\n    return sum(values) / len(values)\n");
    let builder = match binary(platform) {
        Some((name, bytes)) => builder.file(&format!("{package}/{name}"), &bytes),
        None => builder,
    };
    if package == "torch" {
        builder.requires(&format!("{}>=3", DEPENDENCY.0))
    } else {
        builder.requires("torch==2.15.0")
    }
}

fn libtorch(version: &str, commit: &str) -> ZipBuilder {
    ZipBuilder::new()
        .deflated("libtorch/build-version", format!("{version}+cpu\n").as_bytes())
        .deflated("libtorch/build-hash", format!("{commit}\n").as_bytes())
        .deflated("libtorch/include/torch/torch.h", b"#pragma once\n")
}

/// What a wheel for one platform has that others have not: a library for its processor, by name.
fn binary(platform: &str) -> Option<(&'static str, Vec<u8>)> {
    // ELF's numbers of processors (EM_X86_64, EM_AARCH64), and Mach-O's (CPU_TYPE_ARM64).
    match platform {
        "any" => None,
        "macosx_11_0_arm64" => Some(("_C.dylib", MachO::new(0x0100_000c).macos(11, 0).bytes())),
        _ if platform.ends_with("aarch64") => Some(("_C.so", ElfBuilder::new(183).bytes())),
        _ => Some(("_C.so", ElfBuilder::new(62).bytes())),
    }
}
