//! Tests of the layout.

use proptest::prelude::*;

use super::*;
use crate::manifest::MetadataFile;
use crate::plan::Scope;

fn artifact(kind: ArtifactKind, folder: Option<&str>, name: &str) -> Artifact {
    Artifact {
        name: name.parse().unwrap(),
        kind,
        folder: folder.map(|folder| folder.parse().unwrap()),
        size: 1,
        sha256: Sha256::of(b"x"),
        metadata: Some(MetadataFile { sha256: Sha256::of(b"y"), size: 1 }),
        requires_python: None,
        derivation: None,
        conda: None,
    }
}

fn page(root: IndexRoot, folder: Option<&str>, package: Option<&str>, twin: Twin) -> StorageKey {
    StorageKey::Page(PageKey {
        root,
        tree: Tree::Whl,
        folder: folder.map(|folder| folder.parse().unwrap()),
        package: package.map(|package| package.parse().unwrap()),
        twin,
    })
}

fn conda(root: IndexRoot, file: CondaFile) -> StorageKey {
    StorageKey::Conda(CondaKey { root, subdir: "linux-64".parse().unwrap(), file })
}

fn conda_package(home: Home) -> StorageKey {
    let (folder, file) = (Some("linux-64".parse().unwrap()), "torch-2.15.0-py310_0.conda".parse().unwrap());
    StorageKey::Artifact(ArtifactKey { home, folder, file, part: Part::File })
}

fn one_of_each() -> Vec<StorageKey> {
    let torch: PackageName = "torch".parse().unwrap();
    let candidate: Candidate = "2.15.0-rc3".parse().unwrap();
    let wheel = artifact(ArtifactKind::Wheel, Some("cpu"), "torch-2.15.0+cpu-cp311-cp311-win_amd64.whl");
    let zip = artifact(ArtifactKind::Libtorch, Some("cu126"), "libtorch-shared-with-deps-2.15.0+cu126.zip");
    let source = artifact(ArtifactKind::Source, None, "pytorch-v2.15.0.tar.gz");
    let pure = artifact(ArtifactKind::Wheel, None, "torchvision-0.30.0-py3-none-any.whl");
    vec![
        StorageKey::CandidateRecord(candidate),
        StorageKey::Verdict { candidate, number: 1 },
        StorageKey::Manifest { package: torch.clone(), candidate, revision: 1 },
        StorageKey::staged(&torch, candidate, &wheel),
        StorageKey::staged(&torch, candidate, &wheel).metadata().unwrap(),
        StorageKey::staged(&torch, candidate, &pure),
        StorageKey::stable(&wheel),
        StorageKey::stable(&wheel).metadata().unwrap(),
        StorageKey::stable(&pure),
        StorageKey::stable(&zip),
        StorageKey::stable(&source),
        page(IndexRoot::Stable, None, None, Twin::Html),
        page(IndexRoot::Stable, Some("cpu"), Some("torch"), Twin::Json),
        page(IndexRoot::Test, None, Some("torch"), Twin::Html),
        page(IndexRoot::Test, Some("cpu"), None, Twin::Json),
        page(IndexRoot::Candidate(candidate), Some("cpu"), Some("torch"), Twin::Html),
        conda(IndexRoot::Stable, CondaFile::Repodata),
        conda(IndexRoot::Test, CondaFile::RepodataZstd),
        conda(IndexRoot::Test, CondaFile::RunExports),
        conda(IndexRoot::Stable, CondaFile::RunExportsZstd),
        conda(IndexRoot::Candidate(candidate), CondaFile::Shards),
        conda(IndexRoot::Stable, CondaFile::Shard(Sha256::of(b"shard"))),
        conda_package(Home::Stable(Tree::Conda)),
        conda_package(Home::CondaCandidate(candidate)),
        conda_package(Home::CondaSet(Sha256::of(b"set"))),
        StorageKey::Channel(Channel::Stable),
        StorageKey::Promotion("2.15.0".parse().unwrap()),
        StorageKey::Plan(Sha256::of(b"plan")),
    ]
}

#[test]
fn the_layout_is_this() {
    let lines = one_of_each()
        .into_iter()
        .map(|key| format!("{}\n    {} · {}", key.url_path(), key.content_type(), key.cache_control()));
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"
    candidates/2.15.0-rc3/candidate.json
        application/json · public, max-age=31536000, immutable
    candidates/2.15.0-rc3/verdict/000001.json
        application/json · public, max-age=31536000, immutable
    packages/torch/2.15.0-rc3/manifest/000001.json
        application/json · public, max-age=31536000, immutable
    packages/torch/2.15.0-rc3/files/cpu/torch-2.15.0%2Bcpu-cp311-cp311-win_amd64.whl
        application/octet-stream · public, max-age=31536000, immutable
    packages/torch/2.15.0-rc3/files/cpu/torch-2.15.0%2Bcpu-cp311-cp311-win_amd64.whl.metadata
        text/plain; charset=utf-8 · public, max-age=31536000, immutable
    packages/torch/2.15.0-rc3/files/torchvision-0.30.0-py3-none-any.whl
        application/octet-stream · public, max-age=31536000, immutable
    whl/cpu/torch-2.15.0%2Bcpu-cp311-cp311-win_amd64.whl
        application/octet-stream · public, max-age=31536000, immutable
    whl/cpu/torch-2.15.0%2Bcpu-cp311-cp311-win_amd64.whl.metadata
        text/plain; charset=utf-8 · public, max-age=31536000, immutable
    whl/torchvision-0.30.0-py3-none-any.whl
        application/octet-stream · public, max-age=31536000, immutable
    libtorch/cu126/libtorch-shared-with-deps-2.15.0%2Bcu126.zip
        application/zip · public, max-age=31536000, immutable
    source_code/pytorch-v2.15.0.tar.gz
        application/octet-stream · public, max-age=31536000, immutable
    whl/index.html
        text/html; charset=utf-8 · max-age=600, public, must-revalidate
    whl/cpu/torch/index.v1_json
        application/vnd.pypi.simple.v1+json · max-age=600, public, must-revalidate
    whl/test/torch/index.html
        text/html; charset=utf-8 · no-cache
    whl/test/cpu/index.v1_json
        application/vnd.pypi.simple.v1+json · no-cache
    candidates/2.15.0-rc3/whl/cpu/torch/index.html
        text/html; charset=utf-8 · no-cache
    conda/linux-64/repodata.json
        application/json · max-age=600, public, must-revalidate
    conda/test/linux-64/repodata.json.zst
        application/zstd · no-cache
    conda/test/linux-64/run_exports.json
        application/json · no-cache
    conda/linux-64/run_exports.json.zst
        application/zstd · max-age=600, public, must-revalidate
    candidates/2.15.0-rc3/conda/linux-64/repodata_shards.msgpack.zst
        application/zstd · no-cache
    conda/linux-64/shards/df3598cd66f1bb5bc4e2c17be89b7c7ecf0c81e53939f471a6b72db8d139edae.msgpack.zst
        application/zstd · public, max-age=31536000, immutable
    conda/linux-64/torch-2.15.0-py310_0.conda
        application/octet-stream · public, max-age=31536000, immutable
    candidates/2.15.0-rc3/conda/linux-64/torch-2.15.0-py310_0.conda
        application/octet-stream · public, max-age=31536000, immutable
    conda/test/sets/6ee0eb490ff832101cf82a3d387c35f29e4230be786978f7acf9e811febf6723/linux-64/torch-2.15.0-py310_0.conda
        application/octet-stream · public, max-age=31536000, immutable
    channels/stable.json
        application/json · no-cache
    promotions/2.15.0.json
        application/json · public, max-age=31536000, immutable
    plans/64879f7d6b960a01909762d911a32d4582c20010c5641ee90278b644a9e3b525.json
        application/json · public, max-age=31536000, immutable
    ");
}

#[test]
fn the_folders_are_those_of_the_keys() {
    let torch: PackageName = "torch".parse().unwrap();
    let candidate: Candidate = "2.15.0-rc3".parse().unwrap();
    for (prefix, path) in [
        (KeyPrefix::Candidates, "candidates"),
        (KeyPrefix::Candidate(candidate), "candidates/2.15.0-rc3"),
        (KeyPrefix::Package(torch.clone()), "packages/torch"),
        (KeyPrefix::Manifests { package: torch.clone(), candidate }, "packages/torch/2.15.0-rc3/manifest"),
        (KeyPrefix::Files { package: torch, candidate }, "packages/torch/2.15.0-rc3/files"),
        (KeyPrefix::Index(IndexRoot::Test, Tree::Libtorch), "libtorch/test"),
        (KeyPrefix::Index(IndexRoot::Stable, Tree::Source), "source_code"),
        (KeyPrefix::Index(IndexRoot::Candidate(candidate), Tree::Whl), "candidates/2.15.0-rc3/whl"),
        (KeyPrefix::Promotions, "promotions"),
        (KeyPrefix::Plans, "plans"),
        (KeyPrefix::Runs, "runs"),
        (KeyPrefix::Lease(Scope::Line("2.15".parse().unwrap())), "leases/2.15"),
        (KeyPrefix::Lease(Scope::Channel(Channel::Stable)), "leases/stable"),
    ] {
        assert_eq!(prefix.key().to_string(), path);
    }
}

#[test]
fn a_listing_gives_every_key_back_but_those_of_pages() {
    for key in one_of_each() {
        let expected = (!matches!(key, StorageKey::Page(_))).then(|| key.clone());
        assert_eq!(StorageKey::parse(&key.path()), expected, "{}", key.path());
    }
}

#[test]
fn only_the_canonical_spelling_of_a_path_is_a_key() {
    for path in [
        "",
        "/",
        "candidates",
        "candidates/2.15.0/candidate.json",
        "candidates/2.15.0-rc3/candidate.json/",
        "packages/Torch/2.15.0-rc3/manifest/000001.json",
        "packages/torch/2.15.0-rc3/manifest/1.json",
        "packages/torch/2.15.0-rc3/manifest/000001.json.metadata",
        "packages/torch/2.15.0-rc3/files/cpu/../a.whl",
        "packages/torch/2.15.0-rc3/files/cpu/x/a.whl",
        "whl/cpu/.trackside-tmp-1",
        "whl/cpu/index.html",
        "channels/nightly.json",
        "promotions/2.15.json",
        "plans/abc.json",
    ] {
        assert_eq!(StorageKey::parse(path), None, "{path}");
    }
}

#[test]
fn the_headers_of_a_path_are_those_of_its_key() {
    for key in one_of_each() {
        // A plan lies in the state store, which no server shows.
        let public = !matches!(key, StorageKey::Plan(_));
        assert_eq!(Attributes::of(&key.path()), public.then(|| key.attributes()), "{}", key.path());
    }
}

#[test]
fn what_no_server_may_show_has_no_headers() {
    for path in [
        "",
        "index.html",
        "runs/0123/000001.json",
        "leases/2.15/000001.json",
        "whl/cpu/.trackside-tmp-1",
        "whl/cpu/notes.txt/index.html/x",
        "whl/a/b/c/index.html",
        "candidates/2.15.0-rc3/nightly/index.html",
        "candidates/2.15.0-rc3/whl/cpu/a.whl",
        "whl/test/cpu/a.whl",
        "secrets/index.html",
    ] {
        assert_eq!(Attributes::of(path), None, "{path}");
    }
}

#[test]
fn relative_urls_lead_from_page_to_file() {
    for (from, to, url) in [
        ("whl/cpu/torch/index.html", "whl/cpu/torch-2.15.0+cpu.whl", "../torch-2.15.0%2Bcpu.whl"),
        ("whl/torch/index.html", "whl/cpu/a.whl", "../cpu/a.whl"),
        ("whl/index.html", "whl/a.whl", "a.whl"),
        (
            "whl/test/torch/index.html",
            "packages/torch/1.0.0-rc1/files/a.whl",
            "../../../packages/torch/1.0.0-rc1/files/a.whl",
        ),
        (
            "candidates/1.0.0-rc1/whl/x/index.html",
            "packages/x/1.0.0-rc1/files/a.whl",
            "../../../../packages/x/1.0.0-rc1/files/a.whl",
        ),
        ("whl/cpu/index.html", "whl/cpu", "../cpu"),
    ] {
        assert_eq!(relative_url(from, to), url);
    }
}

#[test]
fn a_conda_package_is_where_anaconda_org_has_it() {
    let path = |name: &str| {
        let key = StorageKey::anaconda_file("linux-64".parse().unwrap(), name.parse().ok()?)?;
        Some(key.key().to_string())
    };
    let cases = [
        ("torch-2.15.0-py310_0.conda", Some("torch/2.15.0/linux-64/torch-2.15.0-py310_0.conda")),
        ("a-b-c-1!2.0+x-h_0.tar.bz2", Some("a-b-c/1!2.0+x/linux-64/a-b-c-1!2.0+x-h_0.tar.bz2")),
        ("torch-2.15.0.conda", None),
        ("torch--0.conda", None),
        ("torch-..-0.conda", None),
        ("torch-2.15.0-0.whl", None),
    ];
    for (name, expected) in cases {
        assert_eq!(path(name).as_deref(), expected, "{name}");
    }
    let wheel = artifact(ArtifactKind::Wheel, Some("cpu"), "torch-2.15.0-0.conda");
    assert_eq!(StorageKey::anaconda(&wheel), None);
}

#[test]
fn malformed_escapes_are_refused() {
    for path in ["%", "a%2", "%zz", "%ff", "%+1"] {
        assert_eq!(percent_decoded(path), None, "{path}");
    }
    assert_eq!(percent_decoded("a%2Bb+c%20d").as_deref(), Some("a+b+c d"));
}

proptest! {
    #[test]
    fn encoding_round_trips(path in "\\PC{0,40}") {
        let encoded = percent_encoded(&path);
        prop_assert_eq!(percent_decoded(&encoded).unwrap(), path);
        prop_assert!(!encoded.contains(['+', ' ', '"', '<', '#', '?']));
    }

    #[test]
    fn relative_urls_resolve_as_a_browser_does(
        from in "([a-z+%]{1,3}/){0,4}[a-z+]{1,3}",
        to in "([a-z+%]{1,3}/){0,4}[a-z+]{1,3}",
    ) {
        let base = ::url::Url::parse("http://host/prefix/").unwrap();
        let page = base.join(&percent_encoded(&from)).unwrap();
        let target = page.join(&relative_url(&from, &to)).unwrap();
        prop_assert_eq!(target, base.join(&percent_encoded(&to)).unwrap());
    }

    #[test]
    fn every_key_is_legal_however_long_its_names_are(
        package in "[a-z][a-z0-9]{0,99}",
        folder in "[a-z][a-z0-9.]{0,20}[a-z]{39}",
        file in "[a-z][a-z0-9+!_.-]{241}\\.whl",
    ) {
        let package: PackageName = package.parse().unwrap();
        prop_assume!(!folder.contains(".."));
        let wheel = artifact(ArtifactKind::Wheel, Some(&folder), &file);
        let key = StorageKey::staged(&package, "999999999.999999999.999999999-rc999999999".parse().unwrap(), &wheel);
        prop_assert_eq!(key.metadata().unwrap().key().to_string(), key.path() + ".metadata");
    }
}
