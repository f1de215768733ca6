//! The repositories of a train: what they hold, who worked on them, and the fix that comes late.

use std::io;

use super::Member;
use crate::git::{EPOCH, Repo};

/// The repository of the build tools, which hosts no package.
pub(super) const TOOLS: &str = "builder";

/// How many commits each history has.
const COMMITS: usize = 36;
/// Seconds between two commits: most of a working day.
const PACE: i64 = 6 * 3600 + 1234;
/// How far the branch that the core is cut from is behind `main`.
const BEHIND: usize = 3;

const AUTHORS: [(&str, &str); 5] = [
    ("Ada Maintainer", "ada@example.org"),
    ("Grace Kernel", "grace@example.org"),
    ("Edsger Typer", "edsger@example.org"),
    ("Barbara Index", "barbara@example.org"),
    ("Alan Tensor", "alan@example.org"),
];

const SUBJECTS: [&str; 9] = [
    "Fix the shape check of strided inputs",
    "Add a fast path for contiguous tensors",
    "Document the behaviour on empty input",
    "Stop copying the weights twice",
    "Test the backward pass in half precision",
    "Remove a helper nobody calls",
    "Name the dimension that does not match",
    "Speed up the data loader on many cores",
    "Raise the tolerance of a flaky comparison",
];

/// Fills the repository of a package. The core is cut from `viable/strict`, behind `main`.
pub(super) fn fill(repo: &Repo, member: &Member, made: bool) -> io::Result<()> {
    let version = format!("{}a0\n", member.version);
    let package = &member.package;
    let source = "def mean(values):\n    return sum(values) / len(values)\n".to_owned();
    let mut files = vec![
        ("version.txt".to_owned(), version),
        ("README.md".to_owned(), format!("# {package}\n\nInstall the nightly build to try it.\n")),
        (format!("{package}/functional.py"), source),
        (format!("{package}/__init__.py"), "from .functional import mean\n".to_owned()),
    ];
    if made {
        files.extend(workflows(member));
    }
    write(repo, &files)?;
    repo.branch("viable/strict", &format!("main~{BEHIND}"))
}

/// Fills the repository of the build tools.
pub(super) fn fill_tools(repo: &Repo) -> io::Result<()> {
    let workflow = "on: workflow_call\njobs:\n  build:\n    uses: pytorch/builder/.github/workflows/setup.yml@main\n";
    let files = [
        ("README.md".to_owned(), "# builder\n\nHow every package is built.\n".to_owned()),
        (".github/workflows/linux.yml".to_owned(), workflow.to_owned()),
        (".github/workflows/macos.yml".to_owned(), workflow.to_owned()),
        (".github/workflows/setup.yml".to_owned(), "on: workflow_call\njobs: {}\n".to_owned()),
    ];
    write(repo, &files)
}

/// What refers to `main` on the default branch and must not on a release branch.
fn workflows(member: &Member) -> Vec<(String, String)> {
    let uses = |workflow: &str| {
        format!("on: [push]\njobs:\n  build:\n    uses: pytorch/builder/.github/workflows/{workflow}.yml@main\n")
    };
    let mut files = vec![
        (".github/workflows/build-linux.yml".to_owned(), uses("linux")),
        (".github/workflows/build-macos.yml".to_owned(), uses("macos")),
    ];
    if member.repository == "core" {
        files.push((".github/ci_commit_pins/builder.txt".to_owned(), "main\n".to_owned()));
        let docs = format!("project = 'torch'\nrelease = '{}a0'\n", member.version);
        files.push(("docs/conf.py".to_owned(), docs));
    } else {
        files.push(("packaging/build.env".to_owned(), "BUILDER_BRANCH=main\nUPLOAD=nightly\n".to_owned()));
    }
    files
}

/// A fix on `main`, between commits that the release does not want.
pub(super) fn land_fix(repo: &Repo) -> io::Result<String> {
    let package = repo.git(&["ls-tree", "-d", "--name-only", "main"])?;
    let folder = package.lines().find(|name| !name.starts_with('.') && !matches!(*name, "docs" | "src"));
    let folder = folder.ok_or_else(|| io::Error::other("the core has no package"))?;
    repo.commit("main", "Start on the next release", &[("src/next.py", "NEXT = True\n")])?;
    let fixed = "def mean(values):\n    if not values:\n        raise ValueError('mean of nothing')\n    return sum(values) / len(values)\n";
    let fix = repo
        .draft("main", "Refuse the mean of nothing (#2042)\n\nIt divided by zero.\n\nReviewed-by: Ada Maintainer <ada@example.org>")
        .author("Grace Kernel", "grace@example.org")
        .file(&format!("{folder}/functional.py"), fixed)
        .write()?;
    repo.commit("main", "Rework the data loader", &[("src/part_1.py", "REWORKED = True\n")])?;
    Ok(fix)
}

/// One stream of commits by several authors. The same files give the same ids on every machine.
fn write(repo: &Repo, files: &[(String, String)]) -> io::Result<()> {
    let mut stream = String::new();
    let first: String = files.iter().map(|(path, text)| blob(path, text)).collect();
    commit(&mut stream, 0, "Start the project", &first);
    for number in 1..=COMMITS {
        let subject = SUBJECTS[number % SUBJECTS.len()];
        let text = format!("# {subject}\nREVISION = {number}\n");
        let message = format!("{subject} (#{})\n\nReviewed-by: Ada Maintainer <ada@example.org>", 1000 + number);
        commit(&mut stream, number, &message, &blob(&format!("src/part_{}.py", number % SUBJECTS.len()), &text));
    }
    stream.push_str("done\n");
    // One pack, however few the objects: copies of the world then have few files.
    let arguments = ["-c", "fastimport.unpackLimit=1", "fast-import", "--quiet", "--done"];
    repo.git_with_input(&arguments, stream.as_bytes()).map(drop)
}

fn commit(stream: &mut String, number: usize, message: &str, changes: &str) {
    let (name, email) = AUTHORS[number % AUTHORS.len()];
    let seconds = EPOCH + i64::try_from(number).unwrap_or(i64::MAX) * PACE;
    stream.push_str(&format!(
        "commit refs/heads/main\nauthor {name} <{email}> {seconds} +0000\n\
         committer Ada Maintainer <ada@example.org> {seconds} +0000\ndata {}\n{message}\n{changes}\n",
        message.len(),
    ));
}

fn blob(path: &str, text: &str) -> String {
    format!("M 100644 inline {path}\ndata {}\n{text}\n", text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_train_has_the_same_history_everywhere() {
        let member = Member { package: "torch".into(), repository: "core".into(), version: "2.15.0".into() };
        let tips: Vec<_> = (0..2)
            .map(|_| {
                let folder = tempfile::tempdir().unwrap();
                let repo = Repo::create(folder.path().join("core.git")).unwrap();
                fill(&repo, &member, true).unwrap();
                (repo.refs().unwrap(), repo.log("main").unwrap().len())
            })
            .collect();
        assert_eq!(tips[0], tips[1]);
        assert_eq!(tips[0].1, COMMITS + 1);
    }
}
