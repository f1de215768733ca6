//! `index import`: a channel that was there before trackside becomes one of trackside's.

use std::collections::BTreeMap;
use std::fs;

use insta::assert_snapshot;

use crate::common::{NUMPY, World};

const CPU: &str = "store/whl/cpu/torch-2.14.0+cpu-py3-none-any.whl";

fn classic() -> World {
    let world = World::train();
    world.classic();
    world
}

/// What lies below the folders of the stable channel: its pages, and everything else.
fn channel(world: &World) -> (BTreeMap<String, Vec<u8>>, BTreeMap<String, Vec<u8>>) {
    let own = |path: &str| path.starts_with("store/whl/") || path.starts_with("store/libtorch/");
    let all = world.photograph().into_iter().filter(|(path, _)| own(path));
    all.partition(|(path, _)| path.contains("/index."))
}

fn says(ran: impl std::fmt::Display, codes: &[&str]) {
    let text = ran.to_string();
    for code in codes {
        assert!(text.contains(code), "{code} is missing in\n{text}");
    }
}

#[test]
fn files_stay_where_they_are_and_pages_are_rendered_anew() {
    let world = classic();
    let before = world.photograph();
    assert_snapshot!(world.ok("index import stable"), @"
    | reading 7 files with [SIZE]
    | read [SIZE] with [SIZE]/s
    plan [ID] · index import stable
       1  keep-stable-1             stable: keep 9 pages that will be replaced
       2  generation-stable         stable: generation 1
       3  records                   stable: write 5 records
       4  look                      stable: look at 7 files
       5  map-stable                stable: what the channel points to
       6  pages-stable-torch        stable: pages of torch
       7  pages-stable-torchvision  stable: pages of torchvision
       8  other-pages-stable-1      stable: pages of 2 other packages, such as filelock
       9  lists-stable              stable: list pages
          note: 7 files of 5 packages with [SIZE], all read in full
          note: no-metadata: 2 files
          46 effects, [SIZE] to move; expires [TIME]
          nothing was changed; in full: trackside show [ID]; perform it: trackside apply [ID]
    exit 0
    ");
    assert_eq!(before, world.photograph(), "a plan changes nothing");
    let (pages, files) = channel(&world);
    world.ok("index import stable --apply");
    assert_eq!(channel(&world).1, files, "no artifact is touched");
    says(world.ok("index check stable --digests").stdout, &["nothing differs"]);
    let page = world.read("store/whl/cpu/torch/index.html");
    says(&page, &["../torch-2.14.0%2Bcpu-py3-none-any.whl#sha256=", "data-upload-time=\"2025-06-01T08:30:00Z\""]);
    says(&page, &["data-requires-python=\"&gt;=3.9\"", "data-core-metadata=\"sha256="]);
    says(world.read("store/whl/cu126/jinja2/index.html"), &["../../Jinja2-3.1.2-py3-none-any.whl#sha256="]);
    says(world.read("store/libtorch/index.html"), &["cpu/libtorch-shared-with-deps-2.14.0%2Bcpu.zip#sha256="]);
    assert_snapshot!(world.ok("index import stable --apply").stdout, @"
    nothing to do
      every file of channel stable belongs to it, and its pages are as they should be
    ");
    world.ok("channel rollback stable --apply");
    assert_eq!(channel(&world), (pages, files), "the old pages come back byte for byte");
}

#[test]
fn source_archives_are_taken_in_with_their_flat_list() {
    let world = classic();
    world.mend("\"libtorch\"]", "\"libtorch\", \"pytorch\"]");
    let name = "pytorch-v2.14.0.tar.gz";
    world.write(&format!("store/source_code/{name}"), "an archive");
    world.write("store/source_code/index.html", &format!("<a href=\"/source_code/{name}\">{name}</a><br/>"));
    world.ok("index import stable --apply");
    says(world.read("store/source_code/index.html"), &[&format!("<a href=\"{name}#sha256=")]);
    says(world.ok("index check stable --digests").stdout, &["nothing differs"]);
}

#[test]
fn what_old_scripts_upload_later_is_taken_in_too() {
    let world = classic();
    world.ok("index import stable --apply");
    world.shelve("cpu", "torch", "2.14.1+cpu", true);
    world.paginate();
    let ran = world.ok("index import stable --apply");
    says(&ran, &["note: 1 file of 1 package with", "reading 1 file"]);
    says(world.read("store/whl/cpu/torch/index.html"), &["torch-2.14.0%2Bcpu", "torch-2.14.1%2Bcpu"]);
    says(world.ok("index check stable").stdout, &["nothing differs"]);
    says(world.ok("index import stable --apply").stdout, &["nothing to do"]);
}

#[test]
fn a_release_comes_beside_imported_files_and_they_can_be_yanked() {
    let world = World::verified();
    world.classic();
    world.ok("index import stable --apply");
    world.mend(
        "[channels.stable]\nstore = \"../store\"\n",
        "[channels.stable]\nstore = \"../store\"\nmirrors = [{ store = \"../mirror\" }]\n",
    );
    world.ok("promote 2.15.0 --apply");
    says(world.read("store/whl/cpu/torch/index.html"), &["torch-2.14.0%2Bcpu", "torch-2.15.0%2Bcpu"]);
    assert_eq!(fs::read(world.path(CPU)).unwrap(), fs::read(world.path(&CPU.replace("store", "mirror"))).unwrap());
    world.ok("channel yank stable torch==2.14.0 --reason broken --apply");
    for store in ["store", "mirror"] {
        let page = world.read(&format!("{store}/whl/torch/index.html"));
        assert_eq!(page.matches("data-yanked=\"broken\"").count(), 2, "{page}");
    }
    says(world.ok("index check stable").stdout, &["2 stores: nothing differs"]);
}

#[test]
fn a_mirror_gets_what_is_imported_before_any_page_changes() {
    let world = classic();
    world.mend(
        "[channels.stable]\nstore = \"../store\"\n",
        "[channels.stable]\nstore = \"../store\"\nmirrors = [{ store = \"../mirror\" }]\n",
    );
    // It has one of the files already.
    fs::create_dir_all(world.path("mirror/whl/cpu")).unwrap();
    fs::copy(world.path(CPU), world.path(&CPU.replace("store", "mirror"))).unwrap();
    world.ok("index import stable --apply");
    says(world.ok("index check stable --digests").stdout, &["2 stores: nothing differs"]);
    world.write(&CPU.replace("store/whl/cpu/torch-2.14.0", "mirror/whl/cpu/torch-2.14.9"), "other bytes");
    world.shelve("cpu", "torch", "2.14.9+cpu", true);
    says(world.stops(5, "index import stable --take-unlinked --apply"), &["conflict[other-bytes]"]);
}

#[test]
fn trusted_pages_spare_reading() {
    let world = classic();
    let length = fs::metadata(world.path(CPU)).unwrap().len();
    fs::write(world.path(CPU), vec![b'x'; usize::try_from(length).unwrap()]).unwrap();
    says(world.stops(5, "index import stable"), &["conflict[bad-artifact]"]);
    says(world.ok("index import stable --trust-pages --apply"), &["2 read in full", "reading 2 files"]);
    says(world.stops(1, "index check stable --digests").stdout, &["object-bytes: stable whl/cpu/torch-2.14.0"]);
    // What the pages do not agree on is read.
    let other = classic();
    let page = other.read("store/whl/cpu/torchvision/index.html");
    let at = page.find("#sha256=").unwrap() + 8;
    other.write(
        "store/whl/cpu/torchvision/index.html",
        &format!("{}{}{}", &page[..at], "0".repeat(64), &page[at + 64..]),
    );
    says(other.stops(5, "index import stable --trust-pages"), &["conflict[page-hash]: whl/cpu/torchvision-0.29.0"]);
}

#[test]
fn links_to_other_indexes_do_not_vanish_silently() {
    let world = classic();
    for folder in ["whl", "whl/cpu", "whl/cu126"] {
        world.write(&format!("store/{folder}/numpy/index.html"), NUMPY);
    }
    assert_snapshot!(world.stops(3, "index import stable"), @r#"
    | reading 7 files with [SIZE]
    | read [SIZE] with [SIZE]/s
    | blocked[links-elsewhere]: numpy: its old pages have 1 link to other indexes
    |   way on: declare them in trackside.toml, or --drop-links numpy leaves them out; the old pages do not say sizes:
    | [[channels.third-party]]
    | package = "numpy"
    | url = "https://files.example.org/numpy-2.1.0-py3-none-any.whl"
    | sha256 = "[ID]"
    | size = "?"
    | requires-python = ">=3.10"
    |   so far: nothing was changed
    exit 3
    "#);
    let dropped = world.copied();
    says(dropped.ok("index import stable --drop-links numpy --apply"), &["links-dropped: 1 link of numpy"]);
    assert!(!dropped.path("store/whl/numpy/index.html").exists());
    let table = "[[channels.third-party]]\npackage = \"numpy\"\n\
        url = \"https://files.example.org/numpy-2.1.0-py3-none-any.whl\"\n\
        sha256 = \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"\nsize = 7\n\
        requires-python = \">=3.10\"\n\n[channels.stable]\n";
    world.mend("[channels.stable]\n", table);
    world.ok("index import stable --apply");
    for folder in ["whl", "whl/cpu", "whl/cu126"] {
        says(world.read(&format!("store/{folder}/numpy/index.html")), &["https://files.example.org/numpy-2.1.0"]);
    }
    says(world.ok("index check stable").stdout, &["nothing differs"]);
}

#[test]
fn every_reason_against_it_is_named_at_once() {
    let world = classic();
    let numbers = "1".repeat(64);
    world.shelve("", "evil", "1.0", true);
    world.shelve("", "worse", "1.0", true);
    world.shelve("cu118foo", "torch", "2.0.0", true);
    world.shelve("cu126", "torchvision", "0.29.0+cpu", true);
    world.write("store/whl/cu126/torchvision-0.29.0+cpu-py3-none-any.whl", "other bytes");
    world.write("store/whl/cpu/torch-2.0.whl", "no name of a wheel");
    world.paginate();
    world.mend_file("store/whl/cpu/torch/index.html", "#sha256=", &format!("#sha256={numbers}\" x=\""));
    world.write("store/whl/cpu/filelock/index.html", "<a href=\"/whl/cpu/filelock-9-py3-none-any.whl\">gone</a>");
    world.write("store/whl/cpu/jinja2/index.html", "<a href=\"cut off");
    world.write("store/whl/filelock-3.20.0-py3-none-any.whl.metadata", "Metadata-Version: 2.1\nName: other\n");
    let before = world.photograph();
    let ran = world.run("index import stable --apply");
    assert_eq!(before, world.photograph());
    says(
        ran,
        &[
            "blocked[name-not-allowed]: evil, worse: ",
            "error[strange-folder]: whl/cu118foo/torch-2.0.0-py3-none-any.whl: ",
            "error[strange-name]: whl/cpu/torch-2.0.whl: ",
            "error[link-dangling]: whl/cpu/filelock-9-py3-none-any.whl: ",
            "error[page-unreadable]: whl/cpu/jinja2/index.html: ",
            "conflict[page-hash]: whl/cpu/torch-2.14.0+cpu-py3-none-any.whl: ",
            "conflict[bad-artifact]: whl/cu126/torchvision-0.29.0+cpu-py3-none-any.whl: ",
            "conflict[metadata-differs]: whl/filelock-3.20.0-py3-none-any.whl: ",
        ],
    );
}

#[test]
fn what_old_pages_say_is_taken_over_where_they_agree() {
    let world = classic();
    let pages = ["whl", "whl/cpu"].map(|root| format!("store/{root}/torchvision/index.html"));
    for page in &pages {
        world.mend_file(
            page,
            " data-upload",
            " data-yanked=\"broken &amp; old\" data-requires-python=\">=3.7\" data-upload",
        );
    }
    world.mend_file(&pages[0], "2025-06-01T08:30:00Z", "2025-06-02T08:30:00Z");
    let different = world.copied();
    let ran = world.ok("index import stable --apply -v");
    says(&ran, &["upload-time-differs: 1 file", "requires-python-differs: 1 file", "requires >=3.9, "]);
    let page = world.read("store/whl/torchvision/index.html");
    says(&page, &["data-yanked=\"broken &amp; old\"", "2025-06-01T08:30:00Z", "data-requires-python=\"&gt;=3.9\""]);
    world.ok("channel unyank stable torchvision==0.29.0 --apply");
    assert!(!world.read("store/whl/torchvision/index.html").contains("yanked"));
    different.mend_file(&pages[0], "data-yanked=\"broken &amp; old\"", "");
    let digest = "data-core-metadata=\"sha256=";
    let page = "store/whl/cu126/torch/index.html";
    different.mend_file(page, digest, &format!("{digest}{}\" x=\"", "2".repeat(64)));
    let ran = different.stops(5, "index import stable");
    says(&ran, &["conflict[page-ambiguous]: whl/cpu/torchvision", "conflict[page-metadata]: whl/cu126/torch-2.14.0"]);
}

#[test]
fn two_files_of_one_name_on_one_page_are_a_collision_until_one_is_left_out() {
    let world = classic();
    world.shelve("cu126", "torchvision", "0.29.0+cpu", true);
    let other = trackside_testkit::wheel::WheelBuilder::new("torchvision", "0.29.0+cpu").filler(10);
    fs::write(world.path("store/whl/cu126/torchvision-0.29.0+cpu-py3-none-any.whl"), other.bytes()).unwrap();
    fs::remove_file(world.path("store/whl/cu126/torchvision-0.29.0+cpu-py3-none-any.whl.metadata")).unwrap();
    world.paginate();
    says(world.stops(5, "index import stable"), &["conflict[collision]: whl/cu126/torchvision-0.29.0+cpu"]);
    let left = "--leave-out whl/cu126/torchvision-0.29.0+cpu-py3-none-any.whl";
    world.ok(&format!("index import stable {left} --apply"));
    says(
        world.stops(1, "index check stable").stdout,
        &["stranger-object: stable whl/cu126/torchvision", "1 difference"],
    );
}

#[test]
fn what_no_page_links_to_is_told_and_other_indexes_are_left_alone() {
    let world = classic();
    world.write("store/whl/cpu/notes.txt", "left here");
    world.shelve("cpu_old", "torch", "1.0", false);
    world.shelve("nightly/cpu", "torch", "3.0.dev1", false);
    world.write("store/whl/nightly/cpu/torch/index.html", "<a href=\"/whl/nightly/cpu/x.whl\">x</a>");
    world.shelve("cpu", "torch", "2.14.2+cpu", false);
    // Whoever took a release back may have removed its link alone.
    let refused = world.stops(3, "index import stable --apply");
    says(refused, &["blocked[unlinked]: 1 file: ", "whl/cpu/torch-2.14.2+cpu-py3-none-any.whl", "--take-unlinked"]);
    let without = world.ok("index import stable --leave-out whl/cpu/torch-2.14.2+cpu-py3-none-any.whl");
    assert!(!without.to_string().contains("unlinked"), "{without}");
    let ran = world.ok("index import stable --take-unlinked --apply -v");
    says(&ran, &["strange-file: 1 file", "strange-folder: 1 file", "unlinked: 1 file", "no-metadata: 3 files"]);
    let left = ["stranger-object: stable whl/cpu_old/torch-1.0", "stable whl/cpu/notes.txt", "2 differences"];
    says(world.stops(1, "index check stable").stdout, &left);
    world.ok("index rebuild stable --apply");
    assert!(world.path("store/whl/nightly/cpu/torch/index.html").exists(), "it belongs to somebody else");
}

#[test]
fn nothing_is_an_error_and_test_has_a_way_of_its_own() {
    let world = World::train();
    says(world.stops(1, "index import stable"), &["error[nothing-found]: stable: "]);
    says(world.stops(1, "index import test"), &["error[not-importable]: test: ", "stage CANDIDATE --from URL"]);
}

#[test]
fn an_import_that_was_killed_is_finished_by_the_same_command() {
    let world = classic();
    let whole = world.copied();
    whole.ok("index import stable --apply");
    let effects = world.effects("index import stable");
    for effect in effects.iter().step_by(7) {
        let copy = world.copied();
        copy.run(&format!("index import stable --apply --die-at {effect}:after-effect"));
        copy.ok("index import stable --apply");
        assert_eq!(channel(&copy), channel(&whole), "{effect}");
    }
}

/// PyTorch's old pages had no digests, so nothing but the bytes tells that a file is another one.
#[test]
fn a_file_that_is_replaced_between_plan_and_run_gets_no_page() {
    let world = classic();
    let digest = world.plan("index import stable");
    let (file, before) = ("store/whl/Jinja2-3.1.2-py3-none-any.whl", channel(&world).0);
    let mut bytes = fs::read(world.path(file)).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(world.path(file), &bytes).unwrap();
    let ran = world.run(&format!("apply {digest}"));
    assert!(ran.code == Some(5) && ran.to_string().contains("Jinja2-3.1.2-py3-none-any.whl"), "{ran}");
    assert!(channel(&world).0 == before, "no page was changed");
}

/// As PyTorch has one for long-term support.
#[test]
fn an_index_of_others_below_a_folder_of_its_own_is_left_alone() {
    let world = classic();
    let pages = ["store/whl/lts/cpu/index.html", "store/whl/lts/cpu/torch/index.html"];
    pages.iter().for_each(|page| world.write(page, "<a href=\"torch-1.8.2-py3-none-any.whl\">torch</a>"));
    world.shelve("lts/cpu", "torch", "1.8.2", false);
    world.ok("index import stable --leave-out whl/lts --apply");
    world.ok("index rebuild stable --apply");
    for page in pages {
        assert!(world.path(page).exists(), "{page}");
    }
    // It is still named.
    says(world.stops(1, "channel audit stable").stdout, &["stranger-page: stable whl/lts/cpu/torch/index.html"]);
}

#[test]
fn pages_that_only_a_mirror_has_stop_an_import() {
    let world = classic();
    world.mend(
        "[channels.stable]\nstore = \"../store\"",
        "[channels.stable]\nstore = \"../store\"\nmirrors = [{ store = \"../mirror\" }]",
    );
    for (path, bytes) in world.photograph() {
        if let Some(below) = path.strip_prefix("store/whl/") {
            let to = world.path("mirror/whl").join(below);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, bytes).unwrap();
        }
    }
    world.write("mirror/whl/numpy/index.html", NUMPY);
    let ran = world.stops(5, "index import stable --apply");
    says(
        ran,
        &["conflict[mirror-pages]: mirror-1: 1 page of mirror-1, such as whl/numpy/index.html", "take the mirror out"],
    );
    fs::remove_dir_all(world.path("mirror/whl/numpy")).unwrap();
    world.ok("index import stable --apply");
    says(world.ok("channel audit stable").stdout, &["nothing differs"]);
}
