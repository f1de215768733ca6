//! Cherry-picks, with git's own `cherry-pick -x` as the judge of message and content.

use trackside_domain::git::ObjectId;
use trackside_effects::git::{AlreadyBy, Cache, DeriveError, Pick};
use trackside_testkit::git::Repo;

use crate::world::{World, bot, fetch, id};

struct Scene {
    world: World,
    core: Repo,
}

impl Scene {
    /// A release branch that has gone its own way since it was cut from main.
    fn new() -> Self {
        let world = World::new();
        let core = world.core();
        core.branch("release", "main").expect("a branch");
        core.commit("release", "Pin builders", &[("pins.txt", "1\n")]).expect("a commit");
        Self { world, core }
    }

    fn cache(&self) -> (Cache, ObjectId) {
        let cache = self.world.cache("a", &self.core);
        fetch(&cache, "main");
        let tip = fetch(&cache, "release");
        (cache, tip)
    }

    fn pick(&self, commit: &str) -> Result<Pick, DeriveError> {
        let (cache, tip) = self.cache();
        cache.cherry_pick(&id(commit), &tip, &bot())
    }
}

fn picked(pick: &Pick) -> &ObjectId {
    let Pick::Picked { commit } = pick else { unreachable!("{pick:?}") };
    commit
}

#[test]
fn a_pick_is_what_git_itself_would_have_made() {
    for (number, message) in [
        "Fix it",
        "Fix it\n",
        "Fix it\n\nBecause it was broken.",
        "Fix it\n\nBecause.\n\nSigned-off-by: Ada <a@b>\nReviewed-by: Bob <b@c>",
        "Fix it\n\nCloses: #12",
        "Fix it\n\nnot a trailer: because this is prose\nthat goes on",
        "Fix it (#123)\n\n---\n\nSigned-off-by: Ada <a@b>",
        "Fix it\n\n(cherry picked from commit 1111111111111111111111111111111111111111)",
        "Fix it\n\nSigned-off-by: A <a@b>\n(cherry picked from commit 1111111111111111111111111111111111111111)",
        "Fix: it",
        "Fix it  \n\n# heading\n#12 is fixed\t\n- a list",
        "Fix it\n\n\nThree\n\n\n\nblank lines\n\n",
    ]
    .iter()
    .enumerate()
    {
        let scene = Scene::new();
        let text = format!("a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = {number}0\ng = 7\n");
        let fix = scene.core.draft("main", message).author("Grace Kernel", "grace@example.org").file("src/a.py", &text);
        let fix = fix.write().expect("a commit");
        let pick = scene.pick(&fix).expect("a pick");
        let (cache, tip) = scene.cache();
        let ours = cache.log(picked(&pick), &[&tip]).expect("a log").remove(0);
        let work = scene.world.path("work").display().to_string();
        scene.core.git(&["worktree", "add", "--quiet", "--detach", &work, "release"]).expect("a worktree");
        scene.core.git(&["-C", &work, "cherry-pick", "-x", &fix]).expect("git's own pick");
        let theirs =
            scene.core.git(&["-C", &work, "log", "-1", "--format=%T%n%an <%ae> %ad%n%B", "HEAD"]).expect("a log");
        let (_, their_message) = theirs.split_at(theirs.match_indices('\n').nth(1).expect("two lines").0 + 1);
        assert_eq!(format!("{}\n", ours.message), their_message, "{message:?}");
        assert_eq!(cache.read_file(&ours.id, "src/a.py").expect("a file"), Some(text.into_bytes()));
    }
}

#[test]
fn two_machines_pick_the_same_commit_and_the_author_stays() {
    let scene = Scene::new();
    let fix = scene.core.draft("main", "Fix").author("Grace Kernel", "grace@example.org").file("fix.txt", "x\n");
    let fix = fix.write().expect("a commit");
    let made = ["a", "b"].map(|machine| {
        let cache = scene.world.cache(machine, &scene.core);
        fetch(&cache, "main");
        let tip = fetch(&cache, "release");
        let commit = picked(&cache.cherry_pick(&id(&fix), &tip, &bot()).expect("a pick")).clone();
        cache
            .push(&[crate::world::update(&format!("refs/heads/picked-{machine}"), None, &commit)], &|_| ())
            .expect("a push");
        commit
    });
    assert_eq!(made[0], made[1]);
    let people = scene.core.git(&["log", "-1", "--format=%an %ae | %cn %ce %ct", "picked-a"]).expect("a log");
    assert_eq!(people.trim(), "Grace Kernel grace@example.org | Release Bot release@example.org 1767700000");
}

#[test]
fn a_conflict_names_its_files_and_makes_nothing() {
    let scene = Scene::new();
    scene.core.commit("release", "Diverge", &[("version.txt", "2.15.0\n"), ("src/a.py", "z\n")]).expect("a commit");
    let files = [("version.txt", "2.16.0a0\n"), ("src/a.py", "y\n"), ("fine.txt", "x\n")];
    let fix = scene.core.commit("main", "Fix", &files).expect("a commit");
    let pick = scene.pick(&fix).expect("an answer");
    assert_eq!(pick, Pick::Conflict { files: vec!["src/a.py".into(), "version.txt".into()] });
}

#[test]
fn a_file_that_was_deleted_on_the_branch_conflicts() {
    let scene = Scene::new();
    scene.core.draft("release", "Drop").delete("src/a.py").write().expect("a commit");
    let fix = scene.core.commit("main", "Fix", &[("src/a.py", "y\n")]).expect("a commit");
    assert_eq!(scene.pick(&fix).expect("an answer"), Pick::Conflict { files: vec!["src/a.py".into()] });
}

#[test]
fn a_change_follows_a_file_that_was_renamed_on_the_branch() {
    let scene = Scene::new();
    let text = scene.core.file("main", "src/a.py").expect("a file");
    scene.core.draft("release", "Move").delete("src/a.py").file("src/b.py", &text).write().expect("a commit");
    let fixed = text.replace("c = 3", "c = 33");
    let fix = scene.core.commit("main", "Fix", &[("src/a.py", &fixed)]).expect("a commit");
    let pick = scene.pick(&fix).expect("a pick");
    let (cache, _) = scene.cache();
    assert_eq!(cache.read_file(picked(&pick), "src/b.py").expect("a file"), Some(fixed.into_bytes()));
}

#[test]
fn merges_and_roots_are_refused() {
    let scene = Scene::new();
    let root = scene.core.id("main").expect("the root");
    assert!(matches!(scene.pick(&root), Err(DeriveError::Root { .. })));
    let side = scene.core.draft("side", "Side").parent(&root).file("side.txt", "x\n").write().expect("a commit");
    let merge = scene.core.draft("main", "Merge").merge(&side).file("side.txt", "x\n").write().expect("a commit");
    assert!(matches!(scene.pick(&merge), Err(DeriveError::Merge { .. })));
}

#[test]
fn what_is_on_the_branch_already_is_recognised() {
    let scene = Scene::new();
    let fix = scene.core.commit("main", "Fix", &[("fix.txt", "x\n")]).expect("a commit");
    let message = format!("Fix, adapted\n\n(cherry picked from commit {fix})");
    let adapted = scene.core.commit("release", &message, &[("fix.txt", "adapted\n")]).expect("a commit");
    assert_eq!(scene.pick(&fix).expect("an answer"), Pick::Already { commit: id(&adapted), by: AlreadyBy::Trailer });

    let scene = Scene::new();
    let fix = scene.core.commit("main", "Fix", &[("fix.txt", "x\n")]).expect("a commit");
    let same = scene.core.commit("release", "The same by hand", &[("fix.txt", "x\n")]).expect("a commit");
    assert_eq!(scene.pick(&fix).expect("an answer"), Pick::Already { commit: id(&same), by: AlreadyBy::PatchId });

    let scene = Scene::new();
    let fix = scene.core.commit("main", "Fix", &[("fix.txt", "x\n")]).expect("a commit");
    scene.core.branch("release", &fix).expect("a branch");
    assert_eq!(scene.pick(&fix).expect("an answer"), Pick::Already { commit: id(&fix), by: AlreadyBy::History });
}

#[test]
fn what_was_reverted_on_the_branch_can_be_picked_again() {
    let scene = Scene::new();
    let fix = scene.core.commit("main", "Fix", &[("fix.txt", "x\n")]).expect("a commit");
    let message = format!("Fix\n\n(cherry picked from commit {fix})");
    let first = scene.core.commit("release", &message, &[("fix.txt", "x\n")]).expect("a commit");
    let revert = format!("Revert \"Fix\"\n\nThis reverts commit {first}.");
    let reverted = scene.core.draft("release", &revert).delete("fix.txt").write().expect("a commit");
    picked(&scene.pick(&fix).expect("a pick"));
    let again = format!("Reapply \"Fix\"\n\nThis reverts commit {reverted}.");
    scene.core.commit("release", &again, &[("fix.txt", "x\n")]).expect("a commit");
    assert_eq!(scene.pick(&fix).expect("an answer"), Pick::Already { commit: id(&first), by: AlreadyBy::Trailer });
}

#[test]
fn a_pick_that_changes_nothing_is_empty() {
    let scene = Scene::new();
    let fix = scene.core.commit("main", "Fix", &[("fix.txt", "x\n")]).expect("a commit");
    scene.core.commit("release", "More than that", &[("fix.txt", "x\n"), ("more.txt", "y\n")]).expect("a commit");
    assert_eq!(scene.pick(&fix).expect("an answer"), Pick::Empty);
}

#[test]
fn a_commit_that_is_not_in_the_cache_is_an_error() {
    let scene = Scene::new();
    assert!(scene.pick("0123456789012345678901234567890123456789").is_err());
}
