//! The rehearsals, as a newcomer types them: the story, the story with real wheels, and all crashes.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test as tests do")]

#[path = "../../../effects/tests/remote/s3s.rs"]
#[allow(dead_code, reason = "each test binary uses its part of it")]
mod s3s;

mod readme;
mod server;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The folder of `ci/tools`: `ci/check` says where; plain `cargo test` takes the usual place.
fn tools() -> PathBuf {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.tools");
    let folder = std::env::var_os("TRACKSIDE_TOOLS").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    assert!(folder.join("py/bin/python").exists(), "{} is missing: run ci/tools first", folder.display());
    folder.canonicalize().unwrap()
}

/// `trackside rehearse` with these arguments and nothing of the user's around it but `PATH`.
fn rehearse(home: &Path, tools: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trackside"));
    command.env_clear().env("HOME", home).env("PATH", std::env::var_os("PATH").unwrap());
    command.env("TRACKSIDE_TOOLS", tools);
    command.arg("rehearse").args(arguments).current_dir(home).output().unwrap()
}

/// What was printed by a rehearsal that must have succeeded.
fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (told, talk) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{told}\n{talk}");
    told
}

/// The last line, without the port.
fn last_line(told: &str) -> String {
    let line = told.trim_end().lines().last().unwrap();
    match line.split_once("127.0.0.1:") {
        Some((before, after)) => {
            let rest = after.trim_start_matches(|char: char| char.is_ascii_digit());
            format!("{before}127.0.0.1:PORT{rest}")
        }
        None => line.to_owned(),
    }
}

#[test]
fn the_story_ends_with_a_package_installed_from_the_stable_channel() {
    let home = TempDir::new().unwrap();
    let told = told(&rehearse(home.path(), &tools(), &["--dir", "story"]));
    insta::assert_snapshot!(last_line(&told), @"installed torch 2.15.0 with pip from http://127.0.0.1:PORT/whl/cpu/");
    let typed: Vec<&str> = told.lines().filter_map(|line| line.strip_prefix("   $ trackside ")).collect();
    let verbs: Vec<&str> = typed.iter().map(|line| line.split(' ').next().unwrap()).collect();
    insta::assert_snapshot!(verbs.join(" "), @"check cut cut cut cut candidate stage stage promote verify pick candidate stage verify promote promote status serve");
    for sentence in [
        "torchvision: carried over from 2.15.0-rc1 as v0.30.0-rc1",
        "note: torch: 1 missing: cpu/torch-2.15.0-py3-none-macosx_11_0_arm64.whl",
        "blocked[not-verified]",
        "nothing to do",
        "as in the manifest",
    ] {
        assert!(told.contains(sentence), "{sentence}\n{told}");
    }
    assert!(home.path().join("story/world/stores/stable/whl/index.html").is_file(), "the world stays");
    let missing = readme::not_told(include_str!("../../../../README.md"), &told);
    assert!(missing.is_empty(), "the README's tour has lines that were not printed:\n{}", missing.join("\n"));
}

#[test]
fn the_story_is_one_json_document_if_that_is_asked_for() {
    let home = TempDir::new().unwrap();
    let told = told(&rehearse(home.path(), &tools(), &["--dir", "story", "--format", "json"]));
    let document: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(document["schema"], "trackside.rehearsal/1");
    let rehearsal = &document["rehearsal"];
    assert_eq!(rehearsal["outcome"]["package"], "torch");
    assert_eq!(rehearsal["outcome"]["sha256"]["torch"].as_str().map(str::len), Some(64));
    assert!(rehearsal["steps"].as_array().unwrap().iter().any(|step| step["exit"] == 3));
}

#[test]
fn real_wheels_go_the_same_way() {
    let (home, tools) = (TempDir::new().unwrap(), tools());
    let wheels = tools.join("wheels");
    let told = told(&rehearse(home.path(), &tools, &["--dir", "story", "--wheels", wheels.to_str().unwrap()]));
    insta::assert_snapshot!(last_line(&told), @"installed torchaudio 2.6.0 with pip from http://127.0.0.1:PORT/whl/");
}

#[test]
fn a_folder_that_holds_something_is_not_played_in() {
    let home = TempDir::new().unwrap();
    std::fs::write(home.path().join("mine.txt"), "mine").unwrap();
    let output = rehearse(home.path(), &tools(), &["--dir", "."]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not empty"));
}

#[test]
fn a_crash_at_every_point_leaves_the_world_of_a_run_that_was_never_killed() {
    let home = TempDir::new().unwrap();
    let told = told(&rehearse(home.path(), &tools(), &["--kill-everywhere", "-v"]));
    let line = last_line(&told);
    let number: usize = line.strip_suffix(" crash points, every final world equal").unwrap().parse().unwrap();
    assert!(number >= 120, "{line}");
    let equal: std::collections::BTreeSet<&str> = told.lines().filter(|line| line.starts_with("   equal: ")).collect();
    assert_eq!(equal.len(), number, "each point is listed once, by name");
}
