//! Diffs that want out of the tree or fit only roughly, and repositories that want to run something.

use trackside_effects::git::{DeriveError, PushOutcome};

use crate::world::{World, bot, changes, fetch, update};

fn new_file(path: &str) -> String {
    format!("diff --git a/{path} b/{path}\nnew file mode 100644\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n")
}

#[test]
fn diffs_that_leave_the_tree_or_touch_git_are_refused() {
    let world = World::new();
    let core = world.core();
    core.draft("main", "Link").symlink("out", "/tmp").write().expect("a commit");
    let cache = world.cache("a", &core);
    let base = fetch(&cache, "main");
    let mut corpus: Vec<String> = [
        "../x",
        "a/../../x",
        ".git/hooks/post-checkout",
        ".GIT/config",
        "git~1/config",
        "src/.git/config",
        "out/x",
        "a\\..\\x",
        "./x",
        "a//x",
    ]
    .map(new_file)
    .to_vec();
    corpus.push(new_file("/etc/x"));
    corpus.push("diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/../../x\n@@ -0,0 +1 @@\n+x\n".into());
    corpus.push(
        "diff --git a/version.txt b/../v\nrename from version.txt\nrename to ../v\nsimilarity index 100%\n".into(),
    );
    for diff in corpus {
        let result = cache.apply_diff(&base, diff.as_bytes(), "Edit", &bot());
        assert!(result.is_err(), "this was taken:\n{diff}");
    }
    assert!(!world.path("x").exists() && !world.path("a/x").exists());
}

#[test]
fn texts_that_are_no_diff_are_told_from_diffs_for_other_content() {
    let world = World::new();
    let core = world.core();
    let cache = world.cache("a", &core);
    let base = fetch(&cache, "main");
    for text in ["", "hello\n", "--- a/x\n+++ b/x\n@@ -1 +1 @@\n", "diff --git a/x b/x\n@@ what\n"] {
        let error = cache.apply_diff(&base, text.as_bytes(), "Edit", &bot()).unwrap_err();
        assert!(matches!(error, DeriveError::NotADiff { .. }), "{text:?}: {error:?}");
    }
    let other = "diff --git a/version.txt b/version.txt\n--- a/version.txt\n+++ b/version.txt\n@@ -1 +1 @@\n-9\n+8\n";
    let error = cache.apply_diff(&base, other.as_bytes(), "Edit", &bot()).unwrap_err();
    assert!(matches!(error, DeriveError::DoesNotApply { .. }), "{error:?}");
}

#[test]
fn a_diff_that_fits_only_elsewhere_or_only_roughly_is_refused() {
    let world = World::new();
    let core = world.core();
    let cache = world.cache("a", &core);
    let base = fetch(&cache, "main");
    let longer = "a = 1\nb = 2\nc = 3\nd = 4\ne = 55\nf = 6\ng = 7\n";
    let diff = cache.commit_tree_with(&base, &changes(&[("src/a.py", longer)]), "Edit", &bot()).expect("a commit").diff;
    for (what, text) in [
        ("moved by one line", "z = 0\na = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = 6\ng = 7\n"),
        ("another context", "a = 1\nb = 0\nc = 3\nd = 4\ne = 5\nf = 6\ng = 7\n"),
        ("another white space", "a = 1\nb  = 2\nc = 3\nd = 4\ne = 5\nf = 6\ng = 7\n"),
    ] {
        let moved =
            cache.commit_tree_with(&base, &changes(&[("src/a.py", text)]), what, &bot()).expect("a commit").commit;
        let result = cache.apply_diff(&moved, &diff, "Edit", &bot());
        assert!(matches!(result, Err(DeriveError::DoesNotApply { .. })), "{what}: {result:?}");
    }
}

#[test]
fn nothing_that_a_repository_brings_along_is_run() {
    let world = World::new();
    let core = world.core();
    let mark = world.path("ran");
    let evil = format!("touch {}\n", mark.display());
    core.draft("main", "Evil")
        .file(".gitattributes", "* filter=evil diff=evil merge=evil\n")
        .file(".gitconfig", format!("[filter \"evil\"]\n\tclean = {evil}\tsmudge = {evil}"))
        .executable(".githooks/post-checkout", format!("#!/bin/sh\n{evil}"))
        .write()
        .expect("a commit");
    let cache = world.cache("a", &core);
    let base = fetch(&cache, "main");
    std::fs::create_dir_all(cache.dir().join("hooks")).expect("a folder");
    for hook in ["post-checkout", "pre-push", "reference-transaction", "post-index-change", "fsmonitor-watchman"] {
        let from = world.script("evil", &evil);
        std::fs::copy(from, cache.dir().join("hooks").join(hook)).expect("a hook");
    }
    let derived = cache.commit_tree_with(&base, &changes(&[("version.txt", "3\n")]), "Edit", &bot()).expect("a commit");
    cache.apply_diff(&base, &derived.diff, "Edit", &bot()).expect("a commit");
    let outcome = cache.push(&[update("refs/heads/x", None, &derived.commit)], &|_| ()).expect("a push");
    assert!(matches!(&outcome, PushOutcome::Answered { .. }) && outcome.is_done(), "{outcome:?}");
    fetch(&cache, "x");
    assert!(!mark.exists());
}

#[test]
fn objects_with_hostile_names_do_not_enter_the_cache() {
    let world = World::new();
    let core = world.core();
    let blob = core.git_with_input(&["hash-object", "-w", "--stdin"], b"x").expect("a blob");
    let tree_text = format!("100644 blob {}\t.git\n", blob.trim());
    let tree = core.git_with_input(&["mktree", "--missing"], tree_text.as_bytes());
    let tree = tree.expect("a hostile tree");
    let commit = core.git_with_input(&["commit-tree", tree.trim()], b"evil\n").expect("a commit");
    core.branch("evil", commit.trim()).expect("a branch");
    let cache = world.cache("a", &core);
    let result = cache.fetch(&["refs/heads/evil".parse().expect("a ref")]);
    assert!(result.is_err(), "{result:?}");
}
