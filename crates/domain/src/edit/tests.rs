//! What edits make of files, and where they stop.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{
    Applied, Count, Edit, EditContext, Find, Glob, PinTarget, PinTo, has_reached, near_placeholder, next_dev_version,
    read_version, version_agrees, write_version,
};
use crate::project::VersionField;

fn context() -> EditContext {
    let target = PinTarget {
        branch: "r2.15".parse().unwrap(),
        commit: "0123456789012345678901234567890123456789".parse().unwrap(),
    };
    EditContext {
        line: "0.30".parse().unwrap(),
        train: "2.15".parse().unwrap(),
        release: "0.30.0".parse().unwrap(),
        branch: "release/0.30".parse().unwrap(),
        pins: BTreeMap::from([("xla".parse().unwrap(), target)]),
    }
}

fn substitute(find: Find, replace: &str, count: Count) -> Edit {
    Edit::Substitute { files: vec!["**/*.yml".to_owned()], find, replace: replace.to_owned(), count }
}

fn literal(find: &str, replace: &str, count: Count) -> Edit {
    substitute(Find::Literal(find.to_owned()), replace, count)
}

fn regex(find: &str, replace: &str) -> Edit {
    substitute(Find::Regex(find.to_owned()), replace, Count::AtLeast(1))
}

/// The changed files of an edit, or what is wrong.
fn told(edit: &Edit, files: &[(&str, &str)]) -> String {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    match edit.apply(&files, &context()) {
        Ok(Applied::Files(changed)) => {
            let line = |(path, bytes): (&String, &Vec<u8>)| format!("{path}: {}", String::from_utf8_lossy(bytes));
            changed.iter().map(line).collect::<Vec<_>>().join("; ")
        }
        Ok(other) => format!("{other:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_substitution_replaces_exactly_what_is_declared() {
    let files = [("a.yml", "x@main y@main"), ("b/c.yml", "z@main"), ("d.yml", "nothing"), ("e.txt", "@main")];
    let all = "a.yml: x@release/0.30 y@release/0.30; b/c.yml: z@release/0.30";
    for (edit, said) in [
        (literal("@main", "@{branch}", Count::Exactly(3)), all),
        (literal("@main", "@{branch}", Count::AtLeast(2)), all),
        (
            literal("@main", "@x", Count::Exactly(2)),
            "substitute \"@main\": found 3 in a.yml, b/c.yml, d.yml, wanted exactly 2",
        ),
        (
            literal("@main", "@x", Count::AtLeast(4)),
            "substitute \"@main\": found 3 in a.yml, b/c.yml, d.yml, wanted at least 4",
        ),
        (
            literal("@mian", "@x", Count::AtLeast(0)),
            "substitute \"@mian\": found 0 in a.yml, b/c.yml, d.yml, wanted at least 0",
        ),
        (
            literal("@main", "@main", Count::AtLeast(1)),
            "substitute \"@main\": it changes nothing in a.yml, b/c.yml, d.yml",
        ),
        (regex("(?m)^z@(m)ain$", "$1-{line}-{train}-{release}"), "b/c.yml: m-0.30-2.15-0.30.0"),
        (
            literal("z@main", "$1 ${{ branch }} ${branch} {{branch}} {other}", Count::Exactly(1)),
            "b/c.yml: $1 ${{ branch }} ${branch} {{branch}} {other}",
        ),
    ] {
        assert_eq!(told(&edit, &files), said);
    }
}

#[test]
fn line_ends_and_everything_else_stay_as_they_are() {
    assert_eq!(
        told(&literal("a", "b", Count::Exactly(1)), &[("x.yml", "\u{feff}1\r\na\r\n\tz")]),
        "x.yml: \u{feff}1\r\nb\r\n\tz"
    );
}

#[test]
fn what_is_no_text_is_refused() {
    let edit = literal("a", "b", Count::AtLeast(1));
    for bytes in [&b"a\0"[..], b"a\xff"] {
        let files = BTreeMap::from([("x.yml".to_owned(), bytes.to_vec())]);
        let said = edit.apply(&files, &context()).unwrap_err().to_string();
        assert_eq!(said, "substitute \"a\": `x.yml` is not UTF-8 text");
    }
}

#[test]
fn an_edit_names_the_files_that_it_wants() {
    let paths: Vec<String> = [".github/a.yml", ".github/b/c.yml", "version.txt"].map(str::to_owned).to_vec();
    let wants = |globs: &[&str]| {
        let files = globs.iter().map(|glob| (*glob).to_owned()).collect();
        let edit = Edit::Substitute {
            files,
            find: Find::Literal("a".to_owned()),
            replace: "b".to_owned(),
            count: Count::AtLeast(1),
        };
        edit.wants(&paths).map(|files| files.join(" ")).map_err(|error| error.to_string())
    };
    assert_eq!(wants(&[".github/*.yml"]), Ok(".github/a.yml".to_owned()));
    assert_eq!(wants(&[".github/**/*.yml", ".github/a.yml"]), Ok(".github/a.yml .github/b/c.yml".to_owned()));
    assert_eq!(wants(&["*.yml"]), Err("substitute \"a\": `*.yml` matches no file".to_owned()));
    let set = Edit::SetVersion { file: "setup.py".to_owned(), pattern: None, version: "{release}".to_owned() };
    assert_eq!(set.wants(&paths).unwrap_err().to_string(), "set the version in setup.py: `setup.py` matches no file");
    let command = Edit::Command { argv: vec!["make".to_owned()], timeout_seconds: 1 };
    assert_eq!(command.wants(&paths), Ok(Vec::new()));
}

#[test]
fn paths_out_of_the_repository_are_refused() {
    for text in ["", "/etc/passwd", "../x", "a/../../x", "a//b", ".git/config", "a/.GIT/x", "a\\b", "a\nb", "[a", "{a"]
    {
        assert!(Glob::new(text).is_err(), "{text:?}");
    }
}

#[test]
fn versions_and_pins_are_written() {
    let set = |file: &str, pattern: Option<&str>| Edit::SetVersion {
        file: file.to_owned(),
        pattern: pattern.map(str::to_owned),
        version: "{release}".to_owned(),
    };
    let pin = |repository: &str, pattern: Option<&str>, to| Edit::Pin {
        file: "pin".to_owned(),
        pattern: pattern.map(str::to_owned),
        repository: repository.parse().unwrap(),
        to,
    };
    let commit = "0123456789012345678901234567890123456789";
    for (edit, file, text, said) in [
        (set("v", None), "v", "0.30.0a0\n", "v: 0.30.0\n"),
        (set("v", None), "v", "0.30.0\n", "set the version in v: it changes nothing in v"),
        (set("v", None), "v", "", "set the version in v: found 0 in v, wanted exactly 1"),
        (set("v", Some("version = \"{version}\"")), "v", "version = \"0.30.0a0\"", "v: version = \"0.30.0\""),
        (pin("xla", None, PinTo::Branch), "pin", "main\n", "pin: r2.15\n"),
        (pin("xla", Some("xla={pin}"), PinTo::Commit), "pin", "a=1\nxla=main\n", &format!("pin: a=1\nxla={commit}\n")),
        (pin("xla", None, PinTo::Branch), "pin", "r2.15\n", "pin xla by branch in pin: it changes nothing in pin"),
        (
            pin("vision", None, PinTo::Branch),
            "pin",
            "x",
            "pin vision by branch in pin: nothing is known of the release branch of `vision`",
        ),
        (pin("xla", None, PinTo::Branch), "other", "x", "pin xla by branch in pin: the content of `pin` is not there"),
    ] {
        assert_eq!(told(&edit, &[(file, text)]), said);
    }
}

#[test]
fn patches_and_commands_are_left_to_git() {
    let patch = Edit::Patch { name: "x.patch".to_owned(), diff: "+++ b/x".to_owned() };
    assert_eq!(told(&patch, &[]), "ByPatch { name: \"x.patch\", diff: \"+++ b/x\" }");
    let argv = ["./regenerate.sh", "{train}"].map(str::to_owned).to_vec();
    let command = Edit::Command { argv, timeout_seconds: 5 };
    assert_eq!(told(&command, &[]), "ByCommand { argv: [\"./regenerate.sh\", \"2.15\"], timeout_seconds: 5 }");
}

#[test]
fn the_version_is_read_from_files_of_every_form() {
    let toml = "[project]\nname = \"x\"\nversion = \"2.15.0a0\"\nrequires-python-version = \"3.10\"\ntarget_version = \"9.9\"\n";
    let python = "import x\n__version__ = '2.15.0a0+git12'\n";
    let cmake = "cmake_minimum_required(VERSION 3.18)\nproject(torch VERSION 2.15.0 LANGUAGES CXX)\n";
    for (pattern, text, read) in [
        (None, "2.15.0a0\n", Ok("2.15.0a0")),
        (None, " 2.15.0 \n\n", Ok("2.15.0")),
        (None, "", Err(0)),
        (None, "2.15.0\n2.16.0\n", Err(0)),
        (Some("version = \"{version}\""), toml, Ok("2.15.0a0")),
        (Some("version = \"{version}\""), "version = \"1.0\"\nversion = \"2.0\"", Err(2)),
        (Some("version = \"{version}\""), "nothing", Err(0)),
        (Some("__version__ = '{version}'"), python, Ok("2.15.0a0+git12")),
        (Some("project(torch VERSION {version}"), cmake, Ok("2.15.0")),
        (Some("VERSION {version}"), cmake, Err(2)),
    ] {
        let field = VersionField { path: "f".to_owned(), pattern: pattern.map(str::to_owned), exact: false };
        let found = read_version(&field, text).map_err(|error| error.to_string());
        let wanted = read
            .map(str::to_owned)
            .map_err(|found| format!("read the version in f: found {found} in f, wanted exactly 1"));
        assert_eq!(found, wanted, "{pattern:?} in {text:?}");
    }
}

#[test]
fn no_version_breaks_out_of_its_place() {
    let field = VersionField { path: "f".to_owned(), pattern: Some("v = \"{version}\"".to_owned()), exact: false };
    for version in ["", "1.0\"\nx = \"", "main", "1 0", "$1"] {
        assert!(write_version(&field, "v = \"1.0\"", version).is_err(), "{version:?}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(major in 0_u32..99, minor in 0_u32..99, before in "[a-z\n]{0,9}", after in "[a-z\n]{0,9}") {
        let version = format!("{major}.{minor}.0a0");
        let pattern = Some("version: <{version}>".to_owned());
        let field = VersionField { path: "f".to_owned(), pattern, exact: false };
        let text = format!("{before}\nversion: <1.0>{after}");
        let written = write_version(&field, &text, &version).unwrap();
        prop_assert_eq!(read_version(&field, &written).unwrap(), version.clone());
        prop_assert_eq!(written, text.replace("1.0", &version));
    }
}

#[test]
fn a_version_agrees_with_its_release_alone() {
    let release = "2.15.0".parse().unwrap();
    for (version, exact, said) in [
        ("2.15.0", true, "agrees"),
        ("2.15.0", false, "agrees"),
        ("2.15.0a0", false, "agrees"),
        ("2.15.0rc1", false, "agrees"),
        ("2.15.0.dev20261005", false, "agrees"),
        ("2.15.0a0+git123", false, "agrees"),
        ("2.15", false, "agrees"),
        ("2.15.0a0", true, "the file says 2.15.0a0, and the configuration wants exactly 2.15.0"),
        ("2.15.1", false, "the file says 2.15.1, the release is 2.15.0"),
        ("2.15.10", false, "the file says 2.15.10, the release is 2.15.0"),
        ("2.1.5", false, "the file says 2.1.5, the release is 2.15.0"),
        ("2.15.0.1", false, "the file says 2.15.0.1, the release is 2.15.0"),
        ("2.15.0.post1", false, "the file says 2.15.0.post1, the release is 2.15.0"),
        ("1!2.15.0", false, "the file says 1!2.15.0, the release is 2.15.0"),
        ("v2.15.0", false, "`v2.15.0` is no version of PEP 440"),
        ("2.15.0-x-y", false, "`2.15.0-x-y` is no version of PEP 440"),
        ("２.15.0", false, "`２.15.0` is no version of PEP 440"),
        ("", false, "`` is no version of PEP 440"),
    ] {
        let found =
            version_agrees(version, release, exact).map_or_else(|error| error.to_string(), |()| "agrees".to_owned());
        assert_eq!(found, said, "{version}");
    }
    assert_eq!(next_dev_version("2.15".parse().unwrap()), "2.16.0a0");
    assert_eq!(next_dev_version("2.9".parse().unwrap()), "2.10.0a0");
}

#[test]
fn a_version_that_has_reached_a_line_needs_no_bump() {
    let line = "2.16".parse().unwrap();
    for (version, reached) in [
        ("2.16.0a0", true),
        ("2.16", true),
        ("2.17.0", true),
        ("3.0", true),
        ("2.15.9", false),
        ("2.9.0", false),
        ("2", false),
        ("main", false),
    ] {
        assert_eq!(has_reached(version, line), reached, "{version}");
    }
}

#[test]
fn a_misspelt_placeholder_is_noticed() {
    assert_eq!(near_placeholder("x {lien}"), Some(("lien", "line")));
    for text in ["{line}", "${lien}", "{{lien}}", "{other}", "{x}", "{", "}{"] {
        assert_eq!(near_placeholder(text), None, "{text}");
    }
}
