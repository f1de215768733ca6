//! Real installers against the server: pip, uv and pypi-simple must read the pages as we mean them.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use trackside_artifact::Contents;
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::finding::Policy;
use trackside_domain::index::IndexRoot;
use trackside_testkit::wheel::WheelBuilder;

use crate::store::{File, Store};
use crate::tools::{INSTALLERS, Installer, real_wheels, run, run_refused, tool};

const CANDIDATE: &str = "2.15.0-rc3";

/// A small train: torch in two folders, torchvision in none, a dependency, and a version of torch
/// for Pythons that do not exist yet.
fn train() -> Vec<File> {
    let torch = |local: &str| {
        WheelBuilder::new("torch", &format!("2.15.0+{local}"))
            .tag("py3", "none", "any")
            .requires("filelock>=3")
            .requires_python(">=3.8")
            .file("torch/__init__.py", format!("variant = '{local}'\n").as_bytes())
    };
    let future = WheelBuilder::new("torch", "2.16.0+cpu").tag("py3", "none", "any").requires_python(">=4");
    let vision = WheelBuilder::new("torchvision", "0.30.0")
        .tag("py3", "none", "any")
        .requires("torch==2.15.0")
        .file("torchvision/__init__.py", b"");
    let filelock = WheelBuilder::new("filelock", "3.1").tag("py3", "none", "any").file("filelock.py", b"");
    vec![
        built("torch", Some("cpu"), &torch("cpu"), Some(">=3.8")),
        built("torch", Some("cu126"), &torch("cu126"), Some(">=3.8")),
        built("torch", Some("cpu"), &future.file("torch/__init__.py", b""), Some(">=4")),
        built("torchvision", None, &vision, None),
        built("filelock", None, &filelock, None),
    ]
}

fn built(package: &str, folder: Option<&str>, wheel: &WheelBuilder, requires_python: Option<&str>) -> File {
    File::new(package, folder, &wheel.file_name(), &wheel.bytes())
        .with_metadata(wheel.metadata().as_bytes(), requires_python)
}

#[test]
fn pip_and_uv_install_a_package_with_what_it_needs_from_every_kind_of_index() {
    let candidate = IndexRoot::Candidate(CANDIDATE.parse().unwrap());
    let store = Store::publishing(&train()).publish(IndexRoot::Test, &train()).publish(candidate, &train());
    for name in INSTALLERS {
        for index in ["whl/cpu", "whl/test/cpu", "candidates/2.15.0-rc3/whl/cpu"] {
            let installer = Installer::new(name);
            run(installer.command(&store.server.url(index)).arg("torchvision"));
            assert_eq!(installer.read("torch/__init__.py"), "variant = 'cpu'\n", "{name} {index}");
            for metadata in ["torch-2.15.0+cpu.dist-info", "torchvision-0.30.0.dist-info", "filelock-3.1.dist-info"] {
                assert!(installer.has(metadata), "{name} {index} {metadata}");
            }
        }
    }
}

#[test]
fn each_folder_has_its_own_variant_and_the_root_has_all() {
    let store = Store::publishing(&train());
    for name in INSTALLERS {
        for (index, wanted, variant) in [
            ("whl/cu126", "torch", "cu126"),
            ("whl", "torch==2.15.0+cpu", "cpu"),
            ("whl", "torch==2.15.0+cu126", "cu126"),
        ] {
            let installer = Installer::new(name);
            run(installer.command(&store.server.url(index)).arg(wanted));
            assert_eq!(installer.read("torch/__init__.py"), format!("variant = '{variant}'\n"), "{name} {index}");
        }
    }
}

#[test]
fn pip_installs_from_the_folder_itself() {
    let store = Store::publishing(&train());
    let installer = Installer::new("pip");
    let index = url::Url::from_directory_path(store.path("whl/cpu")).unwrap();
    run(installer.command(index.as_str()).arg("torchvision"));
    assert_eq!(installer.read("torch/__init__.py"), "variant = 'cpu'\n");
}

#[test]
fn the_report_of_pip_names_the_link_and_the_digest_of_the_page() {
    let files = train();
    let store = Store::publishing(&files);
    let installer = Installer::new("pip");
    let report = run(installer.command(&store.server.url("whl/cpu")).args(["--quiet", "--report", "-", "torch"]));
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let items = report["install"].as_array().unwrap();
    let torch = items.iter().find(|item| item["metadata"]["name"] == "torch").unwrap();
    let info = &torch["download_info"];
    let url = format!("{}torch-2.15.0%2Bcpu-py3-none-any.whl", store.server.url("whl/cpu"));
    assert_eq!(info["url"].as_str().unwrap(), url);
    assert_eq!(info["archive_info"]["hashes"]["sha256"].as_str().unwrap(), files[0].sha256());
}

#[test]
fn bytes_that_are_not_those_of_the_page_are_refused() {
    let spoil = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    let wheel = "whl/cpu/torch-2.15.0+cpu-py3-none-any.whl";
    for (name, spoilt) in
        [("pip", wheel.to_owned()), ("pip", format!("{wheel}.metadata")), ("uv", format!("{wheel}.metadata"))]
    {
        let store = Store::publishing(&train());
        spoil(&store.path(&spoilt));
        let installer = Installer::new(name);
        let talk = run_refused(installer.command(&store.server.url("whl/cpu")).arg("torch"));
        assert!(talk.to_lowercase().contains("hash"), "{name} {spoilt}: {talk}");
    }
}

#[test]
fn pip_and_uv_install_real_wheels() {
    let files: Vec<File> = real_wheels("torchvision-").iter().map(|path| real(path)).collect();
    let store = Store::publishing(&files);
    let platform: [&[&str]; 2] = [
        &["--python-version", "3.11", "--platform", "manylinux1_x86_64"],
        &["--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_28"],
    ];
    for (name, platform) in INSTALLERS.into_iter().zip(platform) {
        let installer = Installer::new(name);
        let mut command = installer.command(&store.server.url("whl/cpu"));
        run(command.args(platform).args(["--no-deps", "--only-binary", ":all:", "torchvision==0.21.0"]));
        assert!(installer.has("torchvision-0.21.0.dist-info/METADATA"), "{name}");
        assert!(installer.has("torchvision/_C.so"), "{name}");
    }
}

fn real(path: &Path) -> File {
    let wheel = trackside_artifact::read(path, ArtifactKind::Wheel, &Policy::default()).unwrap();
    let Contents::Wheel(wheel) = wheel.contents else { unreachable!("it was read as a wheel") };
    let name = path.file_name().unwrap().to_string_lossy();
    File::new("torchvision", Some("cpu"), &name, &fs::read(path).unwrap())
        .with_metadata(&wheel.metadata_bytes, wheel.metadata.requires_python.as_deref())
}

/// Prints what pypi-simple, a strict reader of both formats, finds on a page.
const READ_PAGES: &str = r#"
import os
import sys
from pypi_simple import ACCEPT_HTML_ONLY, ACCEPT_JSON_ONLY, PyPISimple

for accept in (ACCEPT_HTML_ONLY, ACCEPT_JSON_ONLY):
    with PyPISimple(endpoint=sys.argv[1], accept=accept) as index:
        print(index.get_index_page().projects)
        page = index.get_project_page("torch")
        print(page.project, page.repository_version, page.versions)
        for file in page.packages:
            index.get_package_metadata_bytes(file, verify=True)
            index.download_package(file, sys.argv[2], verify=True)
            sound = set(file.metadata_digests) == set(file.digests) == {"sha256"}
            size = "no size" if file.size is None else "size " + str(file.size == os.path.getsize(sys.argv[2]))
            print(" ", file.filename, file.version, size, file.requires_python, file.has_metadata, sound)
"#;

#[test]
fn pypi_simple_reads_both_formats_alike() {
    let store = Store::publishing(&train());
    let home = TempDir::new().unwrap();
    let mut python = tool("python", home.path());
    let found = run(python.args(["-c", READ_PAGES, &store.server.url("whl")]).arg(home.path().join("file.whl")));
    insta::assert_snapshot!(found, @"
    ['filelock', 'torch', 'torchvision']
    torch 1.1 None
      torch-2.15.0+cpu-py3-none-any.whl 2.15.0+cpu no size >=3.8 True True
      torch-2.15.0+cu126-py3-none-any.whl 2.15.0+cu126 no size >=3.8 True True
      torch-2.16.0+cpu-py3-none-any.whl 2.16.0+cpu no size >=4 True True
    ['filelock', 'torch', 'torchvision']
    torch 1.1 ['2.15.0+cpu', '2.15.0+cu126', '2.16.0+cpu']
      torch-2.15.0+cpu-py3-none-any.whl 2.15.0+cpu size True >=3.8 True True
      torch-2.15.0+cu126-py3-none-any.whl 2.15.0+cu126 size True >=3.8 True True
      torch-2.16.0+cpu-py3-none-any.whl 2.16.0+cpu size True >=4 True True
    ");
}
