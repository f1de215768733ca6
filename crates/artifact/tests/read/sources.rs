//! Source archives: what `git archive` and GNU tar write passes, and what lies beside the one folder is told.

use std::path::Path;

use tempfile::TempDir;
use trackside_artifact::Contents;
use trackside_domain::artifact_kind::ArtifactKind;
use trackside_testkit::tar::{TarBuilder, TarEntry};

use crate::tar_case::{check_as, codes_of, gz, verify_as};

const SOURCE: &str = "pytorch-v2.15.0.tar.gz";

fn tree() -> TarBuilder {
    let top = "pytorch-v2.15.0";
    let tar = TarBuilder::new().folder(&format!("{top}/")).file(&format!("{top}/setup.py"), b"import torch\n");
    tar.entry(TarEntry::symlink(format!("{top}/LICENSE"), "setup.py"))
}

#[test]
fn an_archive_is_one_folder_that_is_named_like_the_file() {
    check_as(
        SOURCE,
        &[
            ("good", gz(&tree()), &[]),
            ("a file beside the folder", gz(&tree().file("README", b"")), &["source-top-folder"]),
            ("a folder with a longer name", gz(&tree().file("pytorch-v2.15.0rc1/x", b"")), &["source-top-folder"]),
            (
                "a link that leads out",
                gz(&tree().entry(TarEntry::symlink("pytorch-v2.15.0/x", "../../etc"))),
                &["tar-link-outside"],
            ),
            ("nothing", gz(&TarBuilder::new()), &["empty"]),
            ("no archive", b"hello".to_vec(), &["not-gzip"]),
        ],
    );
}

#[test]
fn a_first_look_shows_what_the_name_says() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(SOURCE);
    std::fs::write(&path, gz(&tree())).unwrap();
    let said = trackside_artifact::inspect(&path, ArtifactKind::Source).unwrap().said;
    assert_eq!((said.name.as_deref(), said.version.as_deref(), said.members), (Some("pytorch"), Some("2.15.0"), 3));
    std::fs::write(&path, b"hello").unwrap();
    let refused = trackside_artifact::inspect(&path, ArtifactKind::Source).unwrap_err();
    assert_eq!(refused.findings()[0].code.id(), "not-gzip");
}

/// A repository as a release has it: long names, programs, links.
#[test]
fn what_git_and_gnu_tar_write_passes() {
    let folder = TempDir::new().unwrap();
    let top = folder.path().join("pytorch-v2.15.0");
    let deep = top.join("third_party").join("n".repeat(90)).join("m".repeat(90));
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::write(deep.join("long.txt"), "x").unwrap();
    std::fs::write(top.join("setup.py"), "import torch\n").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("setup.py", top.join("LICENSE")).unwrap();
    #[expect(clippy::disallowed_types, reason = "the programs that write archives, not what is read")]
    let run = |program: &str, arguments: &[&str], at: &Path| {
        let done = std::process::Command::new(program).args(arguments).current_dir(at).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    };
    let by_tar = run("tar", &["-czf", "-", "pytorch-v2.15.0"], folder.path());
    run("git", &["init", "--quiet"], &top);
    run("git", &["add", "."], &top);
    let author = ["-c", "user.name=a", "-c", "user.email=a@b"];
    run("git", &[&author[..], &["commit", "--quiet", "--message", "Start"]].concat(), &top);
    let by_git = run("git", &["archive", "--format=tar.gz", "--prefix=pytorch-v2.15.0/", "HEAD"], &top);
    for (by, bytes) in [("tar", by_tar), ("git", by_git)] {
        let report = verify_as(SOURCE, &bytes);
        assert_eq!(codes_of(&report), [""; 0], "{by}: {:?}", report.findings);
        assert_eq!(report.contents, Some(Contents::Source), "{by}");
        assert!(report.members >= Some(4), "{by}");
    }
}
