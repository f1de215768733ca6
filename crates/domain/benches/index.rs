//! All pages of an index, rendered and written into a folder. Prints one line of JSON.
//!
//! `index FILE FOLDER`: FILE holds lines `name sha256`, each a wheel below `whl/cpu/`. `ci/bench/index` runs it
//! beside another generator.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program of its own, which ends when something does not work"
)]

use std::fs;
use std::path::Path;
use std::time::Instant;

use trackside_domain::artifact_kind::ArtifactKind;
use trackside_domain::index::{IndexRoot, Listed, render};
use trackside_domain::manifest::Artifact;
use trackside_domain::name::PackageName;
use trackside_domain::storage_key::StorageKey;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [list, folder] = arguments.as_slice() else {
        // `cargo test --benches` and `cargo bench` call it without arguments.
        return;
    };
    let begin = Instant::now();
    let list = fs::read_to_string(list).unwrap();
    let files: Vec<(PackageName, Artifact)> = list.lines().map(file).collect();
    let listed: Vec<Listed<'_>> = files
        .iter()
        .map(|(package, artifact)| Listed {
            package,
            artifact,
            location: StorageKey::stable(artifact),
            uploaded: None,
            yanked: None,
        })
        .collect();
    let read = begin.elapsed();
    let pages = render(IndexRoot::Stable, &listed).unwrap();
    let rendered = begin.elapsed();
    for page in &pages {
        let path = Path::new(folder).join(page.key.path());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &page.content).unwrap();
    }
    let written = begin.elapsed();
    println!(
        "{{\"files\": {}, \"pages\": {}, \"read\": {:.3}, \"rendered\": {:.3}, \"written\": {:.3}}}",
        files.len(),
        pages.len(),
        read.as_secs_f64(),
        rendered.as_secs_f64(),
        written.as_secs_f64()
    );
}

fn file(line: &str) -> (PackageName, Artifact) {
    let (name, sha256) = line.split_once(' ').unwrap();
    let package = name.split('-').next().unwrap().parse().unwrap();
    let artifact = Artifact {
        name: name.parse().unwrap(),
        kind: ArtifactKind::Wheel,
        folder: Some("cpu".parse().unwrap()),
        size: 1,
        sha256: sha256.parse().unwrap(),
        metadata: None,
        requires_python: Some(">=3.10".to_owned()),
        derivation: None,
        conda: None,
    };
    (package, artifact)
}
