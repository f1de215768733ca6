//! `index import` of what old pages say in JSON, and of what they say later of files that the channel has already.

use trackside_domain::digest::Sha256;

use crate::common::{Ran, World};

const CPU: &str = "whl/cpu/torch-2.14.0+cpu-py3-none-any.whl";
const OLD: &str = "whl/cpu/torch-2.13.0+cpu-py3-none-any.whl";
const PAGES: [&str; 2] = ["store/whl/torch/index.html", "store/whl/cpu/torch/index.html"];

fn classic() -> World {
    let world = World::train();
    world.classic();
    world
}

fn says(ran: impl std::fmt::Display, words: &[&str]) {
    let text = ran.to_string();
    for word in words {
        assert!(text.contains(word), "{word} is missing in\n{text}");
    }
}

/// The last command of the only way on.
fn way_on(ran: &Ran) -> String {
    let text = ran.to_string();
    let line = text.lines().find(|line| line.contains("way on: ")).unwrap_or_else(|| panic!("no way on in\n{text}"));
    line.rsplit_once("trackside ").unwrap().1.trim().to_owned()
}

/// Changes the link of a file on a page: what stands between its address and its text.
fn mark(world: &World, page: &str, file: &str, attribute: &str) {
    let name = file.rsplit('/').next().unwrap();
    world.mend_file(page, &format!(">{name}<"), &format!(" {attribute}>{name}<"));
}

/// Removes the link of a file.
fn unlink(world: &World, page: &str, file: &str) {
    let name = file.rsplit('/').next().unwrap();
    let text = world.read(page);
    let kept: Vec<&str> = text.lines().filter(|line| !line.contains(&format!(">{name}<"))).collect();
    world.write(page, &kept.join("\n"));
}

/// Writes a page in JSON with one file beside one in HTML.
fn json(world: &World, folder: &str, sha256: &str, more: &str) {
    let file = format!(
        "{{\"filename\":\"torch\",\"url\":\"/{}\",\"hashes\":{{\"sha256\":\"{sha256}\"}}{more}}}",
        CPU.replace('+', "%2B")
    );
    let page = format!("{{\"meta\":{{\"api-version\":\"1.1\"}},\"name\":\"torch\",\"files\":[{file}]}}");
    world.write(&format!("store/{folder}/torch/index.v1_json"), &page);
}

fn digest(world: &World, key: &str) -> String {
    Sha256::of(&std::fs::read(world.path("store").join(key)).unwrap()).to_string()
}

/// An import, and then the old program runs again: it uploads, yanks and takes back.
fn taken_back() -> World {
    let world = classic();
    world.shelve("cpu", "torch", "2.13.0+cpu", false);
    world.paginate();
    world.ok("index import stable --apply");
    world.shelve("cpu", "torch", "2.12.0+cpu", false);
    world.paginate();
    for page in PAGES {
        mark(&world, page, CPU, "data-yanked=\"CVE-1\"");
        unlink(&world, page, OLD);
    }
    world
}

#[test]
fn what_the_old_program_yanks_and_takes_back_later_is_not_published_again() {
    let world = taken_back();
    let refused = world.stops(3, "index import stable --apply");
    says(
        &refused,
        &["blocked[unlinked]: 1 known file: ", OLD, "trackside index import stable --take-unlinked; if not: "],
    );
    let published = world.copied();
    let ran = published.ok("index import stable --take-unlinked --apply -v");
    says(ran, &["yank-taken: 1 file", "that it is yanked, and now it is: CVE-1", "unlinked: 1 file"]);
    says(published.read(PAGES[1]), &["torch-2.12.0", "torch-2.13.0", "data-yanked=\"CVE-1\">torch-2.14.0"]);
    // The way on, as it is typed.
    let before = world.photograph();
    says(world.ok(&format!("{} --apply -v", way_on(&refused))), &["and it is left out", "yank-taken: 1 file"]);
    for page in PAGES {
        let text = world.read(page);
        says(&text, &["torch-2.12.0", "data-yanked=\"CVE-1\">torch-2.14.0"]);
        assert!(!text.contains("torch-2.13.0"), "{text}");
    }
    says(world.stops(1, "index check stable").stdout, &[&format!("stranger-object: stable {OLD}"), "1 difference"]);
    world.ok("channel rollback stable --apply");
    let after = world.photograph();
    assert!(PAGES.iter().all(|page| before[*page] == after[*page]), "the old pages come back");
    says(world.stops(3, "index import stable"), &["blocked[unlinked]: 1 known file"]);
}

/// Its pages then belong to nothing.
#[test]
fn a_package_whose_last_file_is_left_out_has_no_pages_any_more() {
    let world = classic();
    world.ok("index import stable --apply");
    world.paginate();
    for folder in ["whl", "whl/cpu", "whl/cu126"] {
        unlink(&world, &format!("store/{folder}/jinja2/index.html"), "Jinja2-3.1.2-py3-none-any.whl");
    }
    let refused = world.stops(3, "index import stable");
    world.ok(&format!("{} --apply", way_on(&refused)));
    assert!(!world.path("store/whl/jinja2/index.html").exists());
    says(world.stops(1, "index check stable").stdout, &["stranger-object: stable whl/Jinja2-3.1.2", "1 difference"]);
}

#[test]
fn a_yank_of_the_channel_stays_and_what_pages_say_again_is_no_news() {
    let world = classic();
    world.ok("index import stable --apply");
    world.paginate();
    let ran = world.ok("index import stable --apply -v").to_string();
    assert!(!ran.contains("note: "), "{ran}");
    world.ok("channel yank stable torch==2.14.0 --reason broken --apply");
    world.paginate();
    let ran = world.ok("index import stable --apply -v");
    says(ran, &["yank-kept: 2 files", "it stays yanked: broken; whl/cpu/torch/index.html does not say so"]);
    assert_eq!(world.read(PAGES[0]).matches("data-yanked=\"broken\"").count(), 2);
}

#[test]
fn pages_that_contradict_each_other_or_the_channel_later_stop_too() {
    let world = classic();
    world.ok("index import stable --apply");
    world.paginate();
    let hashes = world.copied();
    mark(&world, PAGES[0], CPU, "data-yanked=\"CVE-1\"");
    let ran = world.stops(5, "index import stable");
    says(
        &ran,
        &["conflict[page-ambiguous]: ", "whl/cpu/torch/index.html says that it is not; whl/torch/index.html says"],
    );
    assert_eq!(way_on(&ran), "index import stable --leave-out whl/cpu/torch/index.html");
    world.ok(&format!("{} --apply", way_on(&ran)));
    says(world.read(PAGES[1]), &["data-yanked=\"CVE-1\">torch-2.14.0"]);
    // What lies in a folder may be left out; what its pages say of known files may not.
    says(hashes.ok("index import stable --leave-out whl/cpu"), &["lists-stable"]);
    mark(&hashes, PAGES[1], CPU, "data-yanked=\"CVE-1\"");
    says(hashes.stops(5, "index import stable --leave-out whl/cpu"), &["conflict[page-ambiguous]: "]);
    hashes.mend_file(PAGES[1], " data-yanked=\"CVE-1\"", "");
    let (right, digest) = (digest(&hashes, CPU), "data-core-metadata=\"sha256=");
    hashes.mend_file(PAGES[0], &format!("#sha256={right}"), &format!("#sha256={}", "1".repeat(64)));
    let torch = "store/whl/cu126/torch/index.html";
    let metadata = hashes.copied();
    let ran = hashes.stops(5, "index import stable");
    says(&ran, &["conflict[page-hash]: ", "the channel has it with", "trackside index check stable --digests says"]);
    hashes.ok(&format!("{} --apply", way_on(&ran)));
    says(hashes.read(PAGES[0]), &[&right]);
    metadata.mend_file(torch, digest, &format!("{digest}{}\" x=\"", "2".repeat(64)));
    says(metadata.stops(5, "index import stable"), &["conflict[page-metadata]: whl/cu126/torch-2.14.0"]);
}

#[test]
fn what_was_released_is_not_published_again_and_is_yanked_with_the_pages() {
    let world = World::verified();
    world.classic();
    world.ok("index import stable --apply");
    world.ok("promote 2.15.0 --apply");
    world.paginate();
    let new = CPU.replace("2.14.0", "2.15.0");
    let yanked = world.copied();
    for page in PAGES {
        mark(&yanked, page, &new, "data-yanked=\"\"");
        unlink(&world, page, &new);
    }
    says(yanked.ok("index import stable --apply"), &["yank-taken: 1 file"]);
    says(yanked.read(PAGES[1]), &["data-yanked=\"\">torch-2.15.0"]);
    says(yanked.read(&PAGES[1].replace("html", "v1_json")), &["\"yanked\":true"]);
    let ran = world.stops(3, "index import stable --apply");
    says(
        &ran,
        &["blocked[unlinked]: 1 known file: ", &new, "trackside channel yank stable torch==2.15.0 --file torch-2.15.0"],
    );
    world.copied().ok(&format!("{} --apply", way_on(&ran)));
    says(world.stops(3, &format!("index import stable --leave-out {new}")), &["blocked[unlinked]: 1 known file"]);
    world.ok("index import stable --take-unlinked --apply");
}

#[test]
fn what_only_pages_in_json_say_is_not_lost() {
    let world = classic();
    let sha256 = digest(&world, CPU);
    let folders = ["whl", "whl/cpu"];
    folders.iter().for_each(|folder| json(&world, folder, &sha256, ",\"yanked\":\"CVE-1\",\"size\":1"));
    let (agreed, hashes) = (world.copied(), world.copied());
    let ran = world.stops(5, "index import stable");
    says(
        &ran,
        &["conflict[page-ambiguous]: ", "torch/index.html says that it is not; ", "index.v1_json says that it is"],
    );
    world.ok(&format!("{} --take-unlinked --apply", way_on(&ran)));
    says(world.read(PAGES[0]), &["data-yanked=\"CVE-1\">torch-2.14.0"]);
    // A format without a reason, a time or a digest contradicts none that has it.
    for (folder, page) in folders.iter().zip(PAGES.iter().rev()) {
        json(&agreed, folder, &sha256, ",\"yanked\":true,\"upload-time\":\"2025-06-01T08:30:00Z\"");
        mark(&agreed, page, CPU, "data-yanked=\"CVE-2\"");
        agreed.mend_file(page, " data-upload-time=\"2025-06-01T08:30:00Z\"", "");
        agreed.mend_file(page, &format!("#sha256={sha256}"), "");
    }
    agreed.ok("index import stable --apply");
    says(agreed.read(PAGES[0]), &["data-upload-time=\"2025-06-01T08:30:00Z\" data-yanked=\"CVE-2\">torch-2.14.0"]);
    json(&hashes, "whl", &"0".repeat(64), "");
    json(&hashes, "whl/cpu", "12", "");
    let dangling = "{\"files\":[{\"url\":\"/whl/cpu/torch-1-py3-none-any.whl\"}]}";
    hashes.write("store/whl/cu126/torch/index.v1_json", dangling);
    says(
        hashes.run("index import stable"),
        &[
            "conflict[page-hash]: whl/cpu/torch-2.14.0+cpu-py3-none-any.whl: whl/torch/index.v1_json says",
            "error[page-unreadable]: whl/cpu/torch/index.v1_json: ",
            "error[link-dangling]: whl/cpu/torch-1-py3-none-any.whl: ",
        ],
    );
}

#[test]
fn pages_that_are_not_understood_and_files_that_pages_deny_can_be_left_out() {
    let world = classic();
    world.write("store/whl/cpu/jinja2/index.html", "<a href=\"cut off");
    let ran = world.stops(1, "index import stable");
    assert_eq!(way_on(&ran), "index import stable --leave-out whl/cpu/jinja2/index.html");
    let twice = world.copied();
    let sha256 = digest(&world, CPU);
    world.mend_file(PAGES[1], &sha256, &"0".repeat(64));
    let ran = world.stops(5, &way_on(&ran));
    let typed = way_on(&ran);
    assert_eq!(typed, format!("index import stable --leave-out whl/cpu/jinja2/index.html --leave-out {CPU}"));
    says(world.ok(&format!("{typed} --apply")), &["not-read: 1 page"]);
    says(world.read("store/whl/cpu/jinja2/index.html"), &["Jinja2-3.1.2"]);
    let link = format!("<a href=\"/{}\"", CPU.replace('+', "%2B"));
    PAGES.iter().for_each(|page| twice.write(page, &format!("{link}>a</a>{link} data-yanked=\"\">b</a>")));
    let ran = twice.stops(5, "index import stable --leave-out whl/cpu/jinja2/index.html");
    says(&ran, &["conflict[page-ambiguous]: "]);
    assert_eq!(way_on(&ran), typed);
}
