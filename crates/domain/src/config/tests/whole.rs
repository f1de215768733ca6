//! A good configuration as a whole, and whole files that are bad.

use std::collections::BTreeMap;

use insta::{assert_debug_snapshot, assert_snapshot};

use super::{LINE, MAIN, files, read, told};
use crate::config::{load, referenced_files};
use crate::version::{Line, Release};

fn one_file(text: &str) -> String {
    let files = BTreeMap::from([("trackside.toml".to_owned(), text.to_owned())]);
    load(&files, "/srv/release").expect_err("a bad file").to_string()
}

#[test]
fn a_good_configuration_becomes_a_project() {
    let project = read(MAIN, LINE).expect("a good configuration");
    assert_debug_snapshot!((&project.identity, &project.state, &project.test, &project.stable, &project.backup), @r#"
    (
        Identity {
            name: "Release Bot",
            email: "bot@example.org",
        },
        Some(
            StoreUrl("file:///srv/release/state"),
        ),
        StoreUrl("file:///srv/release/store"),
        StoreUrl("s3://train/public"),
        StoreUrl("file:///srv/release/backup"),
    )
    "#);
    assert_snapshot!(project.external_indexes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), @"https://pypi.org/simple/ file:///srv/release/mirror");
    assert_debug_snapshot!(project.repositories, @r#"
    {
        RepositoryName("core"): Repository {
            url: RemoteUrl("https://github.com/example/core.git"),
            cut_from: BranchName("viable/strict"),
            default_branch: BranchName("main"),
            wave: WaveName("core"),
            release_branch: BranchPattern(
                "release/{line}",
            ),
            cut_branch: BranchPattern(
                "orig/release/{line}",
            ),
            versions: [
                VersionField {
                    path: "version.txt",
                    pattern: None,
                    exact: true,
                },
                VersionField {
                    path: "CMakeLists.txt",
                    pattern: Some(
                        "set(VERSION \"{version}\")",
                    ),
                    exact: false,
                },
            ],
            edits: [
                Substitute {
                    files: [
                        ".github/workflows/*.yml",
                        "README.md",
                    ],
                    find: Literal(
                        "@main",
                    ),
                    replace: "@{branch}",
                    count: AtLeast(
                        2,
                    ),
                },
                Substitute {
                    files: [
                        "setup.py",
                    ],
                    find: Regex(
                        "(?m)^(stable = )False$",
                    ),
                    replace: "${1}True",
                    count: Exactly(
                        1,
                    ),
                },
                SetVersion {
                    file: "version.txt",
                    pattern: None,
                    version: "{release}",
                },
                Pin {
                    file: ".ci/pins.txt",
                    pattern: Some(
                        "library={pin}",
                    ),
                    repository: RepositoryName("library"),
                    to: Commit,
                },
                Patch {
                    name: "patches/drop-nightly.patch",
                    diff: "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-nightly\n+stable\n",
                },
                Command {
                    argv: [
                        "./regenerate.sh",
                        "{train}",
                    ],
                    timeout_seconds: 60,
                },
            ],
            deliver_edits: TopicBranch,
            deliver_bump: TopicBranch,
            commands_allowed: true,
        },
        RepositoryName("library"): Repository {
            url: RemoteUrl("/srv/library"),
            cut_from: BranchName("trunk"),
            default_branch: BranchName("trunk"),
            wave: WaveName("libraries"),
            release_branch: BranchPattern(
                "r{line}",
            ),
            cut_branch: BranchPattern(
                "orig/r{line}",
            ),
            versions: [],
            edits: [],
            deliver_edits: Push,
            deliver_bump: Push,
            commands_allowed: false,
        },
    }
    "#);
    assert_debug_snapshot!(project.lines[&Line { major: 2, minor: 15 }].releases, @r#"
    {
        Release {
            line: Line {
                major: 2,
                minor: 15,
            },
            patch: 0,
        }: {
            PackageName("torch"): Release {
                line: Line {
                    major: 2,
                    minor: 15,
                },
                patch: 0,
            },
            PackageName("torchvision"): Release {
                line: Line {
                    major: 0,
                    minor: 30,
                },
                patch: 0,
            },
        },
        Release {
            line: Line {
                major: 2,
                minor: 15,
            },
            patch: 1,
        }: {
            PackageName("torch"): Release {
                line: Line {
                    major: 2,
                    minor: 15,
                },
                patch: 1,
            },
            PackageName("torchvision"): Release {
                line: Line {
                    major: 0,
                    minor: 30,
                },
                patch: 0,
            },
        },
    }
    "#);
}

#[test]
fn a_line_adds_and_removes_what_the_matrix_holds() {
    let project = read(MAIN, LINE).expect("a good configuration");
    let release: Release = "2.15.1".parse().unwrap();
    let paths: Vec<_> = project.expected(release).unwrap().iter().map(crate::matrix::Expected::path).collect();
    assert_snapshot!(paths.join("\n"), @r"
    cpu/torch-2.15.1+cpu-cp310-cp310-manylinux_2_28_x86_64.whl
    cpu/torch-2.15.1+cpu-cp314-cp314t-manylinux_2_28_x86_64.whl
    cpu/torch-2.15.1+cpu-cp314-cp314t-win_amd64.whl
    cpu/torch-2.15.1+cpu-cp315-cp315-manylinux_2_28_x86_64.whl
    rocm7.2/torch-2.15.1+rocm7.2-cp310-cp310-manylinux_2_28_x86_64.whl
    rocm7.2/torch-2.15.1+rocm7.2-cp314-cp314t-manylinux_2_28_x86_64.whl
    cpu/libtorch-shared-with-deps-2.15.1+cpu.zip
    torchvision-0.30.0-py3-none-any.whl
    ");
}

#[test]
fn several_mistakes_of_several_files_are_told_in_one_pass() {
    let main = MAIN
        .replace("wave = \"core\"", "wave = \"cores\"\nbranch = \"x\"")
        .replace("exactly = 1", "exactly = \"1\"")
        .replace("platforms = [\"any\"]", "platform = [\"any\"]")
        .replace("store = \"./backup\"", "store = \"./store\"");
    let line = LINE.replace("\"2.15.1\"", "2.15").replace("[[matrix.torch.add]]", "[[matrix.torch.ad]]");
    assert_snapshot!(read(&main, &line).unwrap_err(), @r#"
    trackside.toml:1:10: no repository is cut in the wave `core`
    trackside.toml:17:9: the backup must be apart from the `test` store: one must not hold the other
    trackside.toml:24:8: no wave is called `cores`; did you mean `core`?
    trackside.toml:25:1: unknown key `branch` in a repository; allowed: url, cut-from, default-branch, wave, release-branch, cut-branch, version, deliver, commands, edits
    trackside.toml:43:11: `exactly` must be an integer, not a string
    trackside.toml:100:1: unknown key `platform` in a matrix row; did you mean `platforms`?
    lines/2.15.toml:11:1: `15` must be a string, not a table
    lines/2.15.toml:11:11: TOML takes the dots of a release apart: write it in quotes, such as "2.15.0"
    lines/2.15.toml:15:16: unknown key `ad` in a matrix change; did you mean `add`?
    "#);
}

#[test]
fn what_must_be_there_is_asked_for_at_once() {
    assert_snapshot!(one_file(""), @r"
    trackside.toml:1:1: trackside.toml needs `backup`
    trackside.toml:1:1: trackside.toml needs `channels`
    trackside.toml:1:1: trackside.toml needs `packages`
    trackside.toml:1:1: trackside.toml needs `project`
    trackside.toml:1:1: trackside.toml needs `repositories`
    trackside.toml:1:1: trackside.toml needs `waves`
    ");
    assert_snapshot!(load(&BTreeMap::new(), "/srv/release").unwrap_err(), @"trackside.toml: there is no such file; `trackside init` writes one");
    assert_snapshot!(one_file("waves = 1\nproject = 2\nchannels = 3\nbackup = 4\nrepositories = 5\npackages = 6\n"), @r"
    trackside.toml:1:9: `waves` must be a list, not an integer
    trackside.toml:2:11: `project` must be a table, not an integer
    trackside.toml:3:12: `channels` must be a table, not an integer
    trackside.toml:4:10: `backup` must be a table, not an integer
    trackside.toml:5:16: `repositories` must be a table, not an integer
    trackside.toml:6:12: `packages` must be a table, not an integer
    ");
}

#[test]
fn version_1_10_never_becomes_1_1() {
    let main = MAIN.replace("2.15", "1.10");
    let line = LINE.replace("2.15", "1.10");
    let mut files = files(&main, "");
    files.remove("lines/2.15.toml");
    files.insert("lines/1.10.toml".to_owned(), line.clone());
    let project = load(&files, "/srv/release").expect("a good configuration");
    let lines: Vec<String> = project.lines.keys().map(ToString::to_string).collect();
    assert_eq!(lines, ["1.10"]);
    assert!(project.line(Line { major: 1, minor: 1 }).is_none());
    files.insert("lines/1.10.toml".to_owned(), line.replace("line = \"1.10\"", "line = 1.10"));
    let said = load(&files, "/srv/release").unwrap_err().to_string();
    assert_eq!(said, "lines/1.10.toml:1:8: `line` must be a string: write \"1.10\", not 1.10");
}

#[test]
fn a_line_file_of_another_name_is_refused() {
    let mut files = files(MAIN, LINE);
    files.insert("lines/next.toml".to_owned(), LINE.to_owned());
    let said = load(&files, "/srv/release").unwrap_err().to_string();
    assert_eq!(said, "lines/next.toml:1:8: the file of the line 2.15 must be called `lines/2.15.toml`");
}

#[test]
fn bombs_are_refused_before_they_hurt() {
    assert_snapshot!(one_file(&"#".repeat(super::super::read::MAX_BYTES + 1)), @"trackside.toml: it has 1048577 bytes; at most 1048576 are read");
    for bomb in ["[", "{a=", "a."] {
        let text = format!("a = {}", bomb.repeat(200_000));
        assert!(one_file(&text).lines().count() <= 2, "{}", one_file(&text));
    }
    let many: String = (0..1000).map(|number| format!("key{number} = 1\n")).collect();
    assert!(one_file(&many).ends_with("\nand 906 more"), "{}", one_file(&many));
}

#[test]
fn a_byte_order_mark_and_line_ends_of_windows_are_taken() {
    assert!(read(&format!("\u{feff}{}", MAIN.replace('\n', "\r\n")), LINE).is_ok());
    let said = told("waves = [", "waves = \0[");
    assert_eq!(said, "trackside.toml:1:9: string values must be quoted, expected literal string");
    let said = read(&format!("\u{feff}x = 1\n{MAIN}"), LINE).unwrap_err().to_string();
    assert!(
        said.starts_with("trackside.toml:1:1: unknown key `x` in trackside.toml; allowed: waves, project"),
        "{said}"
    );
}

#[test]
fn columns_count_characters() {
    let said = told("name = \"Train\"", "\"ééé\" = 1\nname = \"Train\"");
    assert!(said.starts_with("trackside.toml:4:1: unknown key `ééé` in [project]"), "{said}");
    let said = told("deliver = { edits", "deliver = { \"é\" = 1, edits");
    assert!(said.starts_with("trackside.toml:27:13: unknown key"), "{said}");
}

#[test]
fn secrets_are_never_repeated() {
    for (from, to) in [
        ("https://github.com/example/core.git", "https://user:hunter2@github.com/example/core.git"),
        ("s3://train/public", "s3://key:hunter2@train/public"),
        ("./backup", "https://user:hunter2@host/backup"),
        ("https://pypi.org/simple/", "https://__token__:hunter2@pypi.org/simple/"),
        ("https://pypi.org/simple/", "https://pypi.org/simple/?token=hunter2"),
    ] {
        let said = told(from, to);
        assert!(said != "all is well" && !said.contains("hunter2"), "{said}");
    }
}

#[test]
fn relative_paths_are_meant_from_the_folder_of_the_file() {
    let project = load(&files(MAIN, LINE), "/srv/release").expect("a good configuration");
    let elsewhere = load(&files(MAIN, LINE), "/elsewhere/x").expect("a good configuration");
    assert_ne!(project.test, elsewhere.test);
    assert_eq!(project.stable, elsewhere.stable);
    let said = load(&files(MAIN, LINE), "").unwrap_err().to_string();
    assert!(said.contains("trackside.toml:8:9: a relative path has no meaning here"), "{said}");
}

#[test]
fn the_patches_are_named_before_they_are_read() {
    assert_eq!(referenced_files(MAIN), ["patches/drop-nightly.patch"]);
    assert_eq!(referenced_files(&MAIN.replace("patches/", "../patches/")), [""; 0]);
    assert_eq!(referenced_files("not = [toml"), [""; 0]);
    let mut files = files(MAIN, LINE);
    files.insert("patches/drop-nightly.patch".to_owned(), "nothing".to_owned());
    let said = load(&files, "/srv/release").unwrap_err().to_string();
    assert_eq!(said, "trackside.toml:58:8: `patches/drop-nightly.patch` is not a diff");
}
