//! Tests of the pages: how they read, and that every link leads to its file.

mod links;

use super::*;
use crate::artifact_kind::ArtifactKind;
use crate::digest::Sha256;
use crate::manifest::MetadataFile;
use crate::version::Candidate;

/// An artifact of any kind, `folder/name` or `name`, that belongs to a package.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    package: PackageName,
    artifact: Artifact,
}

pub(super) fn sample(package: &str, place: &str) -> Sample {
    let (folder, name) = place.split_once('/').map_or((None, place), |(folder, name)| (Some(folder), name));
    let kind = match name.rsplit('.').next() {
        Some("whl") => ArtifactKind::Wheel,
        Some("zip") => ArtifactKind::Libtorch,
        Some("conda") => ArtifactKind::Conda,
        _ => ArtifactKind::of_file_name(name).unwrap(),
    };
    let wheel = kind == ArtifactKind::Wheel;
    let artifact = Artifact {
        name: name.parse().unwrap(),
        kind,
        folder: folder.map(|folder| folder.parse().unwrap()),
        size: place.len() as u64,
        sha256: Sha256::of(place.as_bytes()),
        metadata: wheel.then(|| MetadataFile { sha256: Sha256::of(name.as_bytes()), size: 7 }),
        requires_python: wheel.then(|| ">=3.10, <4".to_owned()),
        derivation: None,
        conda: None,
    };
    Sample { package: package.parse().unwrap(), artifact }
}

/// Lists samples where a root shows them: stable ones at their classic keys, others in the
/// immutable set of a candidate.
pub(super) fn listed(root: IndexRoot, samples: &[Sample]) -> Vec<Listed<'_>> {
    let candidate: Candidate = "1.0.0-rc1".parse().unwrap();
    let location = |Sample { package, artifact }: &Sample| match root {
        IndexRoot::Stable => StorageKey::stable(artifact),
        IndexRoot::Test | IndexRoot::Candidate(_) => StorageKey::staged(package, candidate, artifact),
    };
    samples
        .iter()
        .map(|sample| Listed {
            package: &sample.package,
            artifact: &sample.artifact,
            location: location(sample),
            uploaded: None,
            yanked: None,
        })
        .collect()
}

fn pages(root: IndexRoot, samples: &[Sample]) -> BTreeMap<String, Page> {
    let pages = render(root, &listed(root, samples)).unwrap();
    pages.into_iter().map(|page| (page.key.path(), page)).collect()
}

fn error(samples: &[Sample]) -> IndexError {
    render(IndexRoot::Stable, &listed(IndexRoot::Stable, samples)).unwrap_err()
}

/// Digests are long and say nothing to a reader.
fn short(page: &Page) -> String {
    let mut text = page.content.clone();
    while let Some(start) = text.as_bytes().windows(64).position(|run| run.iter().all(u8::is_ascii_hexdigit)) {
        text.replace_range(start + 4..start + 64, "…");
    }
    text
}

fn train() -> Vec<Sample> {
    vec![
        sample("torch", "cpu/torch-2.15.0+cpu-cp311-cp311-win_amd64.whl"),
        sample("torch", "cpu/torch-2.15.0-cp311-none-macosx_11_0_arm64.whl"),
        sample("torch", "cu126/torch-2.15.0+cu126-cp311-cp311-manylinux_2_28_x86_64.whl"),
        sample("torch", "cu126/torch-2.9.0+cu126-cp311-cp311-manylinux_2_28_x86_64.whl"),
        sample("torchvision", "torchvision-0.30.0-py3-none-any.whl"),
        sample("torch", "cpu/libtorch-macos-arm64-2.15.0.zip"),
        sample("torch", "cu126/libtorch-shared-with-deps-2.15.0+cu126.zip"),
    ]
}

#[test]
fn these_pages_exist_lists_last() {
    let pages = render(IndexRoot::Stable, &listed(IndexRoot::Stable, &train())).unwrap();
    let lines = pages.iter().map(|page| match &page.of {
        PageOf::Package(package) => format!("{} of {package}", page.key.path()),
        PageOf::List => format!("{} list", page.key.path()),
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @"
    whl/torch/index.html of torch
    whl/torch/index.v1_json of torch
    whl/cpu/torch/index.html of torch
    whl/cpu/torch/index.v1_json of torch
    whl/cu126/torch/index.html of torch
    whl/cu126/torch/index.v1_json of torch
    whl/torchvision/index.html of torchvision
    whl/torchvision/index.v1_json of torchvision
    whl/cpu/torchvision/index.html of torchvision
    whl/cpu/torchvision/index.v1_json of torchvision
    whl/cu126/torchvision/index.html of torchvision
    whl/cu126/torchvision/index.v1_json of torchvision
    whl/index.html list
    whl/index.v1_json list
    whl/cpu/index.html list
    whl/cpu/index.v1_json list
    whl/cu126/index.html list
    whl/cu126/index.v1_json list
    libtorch/index.html list
    libtorch/cpu/index.html list
    libtorch/cu126/index.html list
    ");
}

#[test]
fn the_page_of_a_package() {
    let pages = pages(IndexRoot::Stable, &train());
    insta::assert_snapshot!(short(&pages["whl/torch/index.html"]), @r#"
    <!DOCTYPE html>
    <html>
      <head>
        <meta charset="utf-8">
        <meta name="pypi:repository-version" content="1.1">
        <title>Links for torch</title>
      </head>
      <body>
        <h1>Links for torch</h1>
        <a href="../cpu/torch-2.15.0%2Bcpu-cp311-cp311-win_amd64.whl#sha256=1be4…" data-requires-python="&gt;=3.10, &lt;4" data-dist-info-metadata="sha256=df0e…" data-core-metadata="sha256=df0e…">torch-2.15.0+cpu-cp311-cp311-win_amd64.whl</a><br/>
        <a href="../cu126/torch-2.15.0%2Bcu126-cp311-cp311-manylinux_2_28_x86_64.whl#sha256=cbc8…" data-requires-python="&gt;=3.10, &lt;4" data-dist-info-metadata="sha256=66a3…" data-core-metadata="sha256=66a3…">torch-2.15.0+cu126-cp311-cp311-manylinux_2_28_x86_64.whl</a><br/>
        <a href="../cpu/torch-2.15.0-cp311-none-macosx_11_0_arm64.whl#sha256=b81c…" data-requires-python="&gt;=3.10, &lt;4" data-dist-info-metadata="sha256=2dbe…" data-core-metadata="sha256=2dbe…">torch-2.15.0-cp311-none-macosx_11_0_arm64.whl</a><br/>
        <a href="../cu126/torch-2.9.0%2Bcu126-cp311-cp311-manylinux_2_28_x86_64.whl#sha256=2917…" data-requires-python="&gt;=3.10, &lt;4" data-dist-info-metadata="sha256=1d8f…" data-core-metadata="sha256=1d8f…">torch-2.9.0+cu126-cp311-cp311-manylinux_2_28_x86_64.whl</a><br/>
      </body>
    </html>
    "#);
    insta::assert_snapshot!(short(&pages["whl/torch/index.v1_json"]), @r#"
    {"meta":{"api-version":"1.1"},"name":"torch","versions":["2.9.0+cu126","2.15.0","2.15.0+cpu","2.15.0+cu126"],"files":[
    {"filename":"torch-2.15.0+cpu-cp311-cp311-win_amd64.whl","url":"../cpu/torch-2.15.0%2Bcpu-cp311-cp311-win_amd64.whl","hashes":{"sha256":"1be4…"},"requires-python":">=3.10, <4","size":46,"core-metadata":{"sha256":"df0e…"},"dist-info-metadata":{"sha256":"df0e…"}},
    {"filename":"torch-2.15.0+cu126-cp311-cp311-manylinux_2_28_x86_64.whl","url":"../cu126/torch-2.15.0%2Bcu126-cp311-cp311-manylinux_2_28_x86_64.whl","hashes":{"sha256":"cbc8…"},"requires-python":">=3.10, <4","size":62,"core-metadata":{"sha256":"66a3…"},"dist-info-metadata":{"sha256":"66a3…"}},
    {"filename":"torch-2.15.0-cp311-none-macosx_11_0_arm64.whl","url":"../cpu/torch-2.15.0-cp311-none-macosx_11_0_arm64.whl","hashes":{"sha256":"b81c…"},"requires-python":">=3.10, <4","size":49,"core-metadata":{"sha256":"2dbe…"},"dist-info-metadata":{"sha256":"2dbe…"}},
    {"filename":"torch-2.9.0+cu126-cp311-cp311-manylinux_2_28_x86_64.whl","url":"../cu126/torch-2.9.0%2Bcu126-cp311-cp311-manylinux_2_28_x86_64.whl","hashes":{"sha256":"2917…"},"requires-python":">=3.10, <4","size":61,"core-metadata":{"sha256":"1d8f…"},"dist-info-metadata":{"sha256":"1d8f…"}}
    ]}
    "#);
}

#[test]
fn the_page_of_a_package_in_one_folder() {
    let pages = pages(IndexRoot::Stable, &train());
    insta::assert_snapshot!(short(&pages["whl/cpu/torch/index.html"]), @r#"
    <!DOCTYPE html>
    <html>
      <head>
        <meta charset="utf-8">
        <meta name="pypi:repository-version" content="1.1">
        <title>Links for torch</title>
      </head>
      <body>
        <h1>Links for torch</h1>
        <a href="../torch-2.15.0%2Bcpu-cp311-cp311-win_amd64.whl#sha256=1be4…" data-requires-python="&gt;=3.10, &lt;4" data-dist-info-metadata="sha256=df0e…" data-core-metadata="sha256=df0e…">torch-2.15.0+cpu-cp311-cp311-win_amd64.whl</a><br/>
        <a href="../torch-2.15.0-cp311-none-macosx_11_0_arm64.whl#sha256=b81c…" data-requires-python="&gt;=3.10, &lt;4" data-dist-info-metadata="sha256=2dbe…" data-core-metadata="sha256=2dbe…">torch-2.15.0-cp311-none-macosx_11_0_arm64.whl</a><br/>
      </body>
    </html>
    "#);
}

#[test]
fn a_file_in_no_folder_stands_on_the_pages_of_every_folder() {
    let pages = pages(IndexRoot::Stable, &train());
    insta::assert_snapshot!(short(&pages["whl/cu126/torchvision/index.v1_json"]), @r#"
    {"meta":{"api-version":"1.1"},"name":"torchvision","versions":["0.30.0"],"files":[
    {"filename":"torchvision-0.30.0-py3-none-any.whl","url":"../../torchvision-0.30.0-py3-none-any.whl","hashes":{"sha256":"d895…"},"requires-python":">=3.10, <4","size":35,"core-metadata":{"sha256":"d895…"},"dist-info-metadata":{"sha256":"d895…"}}
    ]}
    "#);
    assert!(pages["whl/cpu/index.html"].content.contains("torchvision/"));
}

#[test]
fn the_list_of_packages() {
    let pages = pages(IndexRoot::Stable, &train());
    insta::assert_snapshot!(short(&pages["whl/index.html"]), @r#"
    <!DOCTYPE html>
    <html>
      <head>
        <meta charset="utf-8">
        <meta name="pypi:repository-version" content="1.1">
        <title>Simple index</title>
      </head>
      <body>
        <h1>Simple index</h1>
        <a href="torch/">torch</a><br/>
        <a href="torchvision/">torchvision</a><br/>
      </body>
    </html>
    "#);
    insta::assert_snapshot!(short(&pages["whl/cpu/index.v1_json"]), @r#"
    {"meta":{"api-version":"1.1"},"projects":[
    {"name":"torch"},
    {"name":"torchvision"}
    ]}
    "#);
}

#[test]
fn libtorch_is_a_flat_list() {
    let pages = pages(IndexRoot::Stable, &train());
    insta::assert_snapshot!(short(&pages["libtorch/index.html"]), @r#"
    <!DOCTYPE html>
    <html>
      <head>
        <meta charset="utf-8">
        <meta name="pypi:repository-version" content="1.1">
        <title>Links for libtorch</title>
      </head>
      <body>
        <h1>Links for libtorch</h1>
        <a href="cpu/libtorch-macos-arm64-2.15.0.zip#sha256=2449…">cpu/libtorch-macos-arm64-2.15.0.zip</a><br/>
        <a href="cu126/libtorch-shared-with-deps-2.15.0%2Bcu126.zip#sha256=b851…">cu126/libtorch-shared-with-deps-2.15.0+cu126.zip</a><br/>
      </body>
    </html>
    "#);
    assert!(!pages.contains_key("source_code/index.html"), "there is no list of nothing");
    let source = self::pages(IndexRoot::Test, &[sample("torch", "pytorch-v2.15.0.tar.gz")]);
    assert_eq!(
        source.keys().filter(|key| key.starts_with("source")).collect::<Vec<_>>(),
        ["source_code/test/index.html"]
    );
    assert!(source["source_code/test/index.html"].content.contains(">pytorch-v2.15.0.tar.gz</a>"));
    assert!(pages["libtorch/cu126/index.html"].content.contains(">libtorch-shared-with-deps-2.15.0+cu126.zip<"));
}

#[test]
fn test_and_candidate_pages_lead_into_the_immutable_set() {
    let torch = [sample("torch", "cpu/torch-2.15.0+cpu-cp311-cp311-win_amd64.whl")];
    for (root, page, href) in [
        (
            IndexRoot::Test,
            "whl/test/torch/index.html",
            "../../../packages/torch/1.0.0-rc1/files/cpu/torch-2.15.0%2Bcpu",
        ),
        (IndexRoot::Test, "whl/test/cpu/torch/index.html", "../../../../packages/torch/1.0.0-rc1/files/cpu/torch"),
        (
            IndexRoot::Candidate("2.15.0-rc3".parse().unwrap()),
            "candidates/2.15.0-rc3/whl/cpu/torch/index.html",
            "../../../../../packages/torch/1.0.0-rc1/files/cpu/torch-2.15.0%2Bcpu",
        ),
    ] {
        let content = &pages(root, &torch)[page].content;
        assert!(content.contains(&format!("<a href=\"{href}")), "{content}");
    }
}

#[test]
fn what_a_package_says_about_itself_cannot_become_markup() {
    let mut torch = sample("torch", "torch-2.15.0-py3-none-any.whl");
    torch.artifact.requires_python = Some("\"><script>alert('&')</script>".to_owned());
    let pages = pages(IndexRoot::Stable, &[torch]);
    let html = &pages["whl/torch/index.html"].content;
    insta::assert_snapshot!(html.lines().find(|line| line.contains("script")).unwrap().split(" data-").nth(1).unwrap(), @r#"requires-python="&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;""#);
    let json: serde_json::Value = serde_json::from_str(&pages["whl/torch/index.v1_json"].content).unwrap();
    assert_eq!(json["files"][0]["requires-python"], "\"><script>alert('&')</script>");
}

#[test]
fn the_order_of_the_entries_does_not_matter() {
    let mut reversed = train();
    reversed.reverse();
    assert_eq!(pages(IndexRoot::Test, &train()), pages(IndexRoot::Test, &reversed));
}

#[test]
fn no_entries_make_no_pages() {
    assert_eq!(render(IndexRoot::Stable, &[]), Ok(Vec::new()));
}

#[test]
fn one_file_in_two_folders_stands_once_on_the_page_of_both() {
    let (mut cpu, mut cu126) =
        (sample("torch", "cpu/torch-2.15.0-py3-none-any.whl"), sample("torch", "cu126/torch-2.15.0-py3-none-any.whl"));
    let message = error(&[cpu.clone(), cu126.clone()]);
    insta::assert_snapshot!(message, @"two different files named `torch-2.15.0-py3-none-any.whl` would stand on the page of torch: whl/cpu/torch-2.15.0-py3-none-any.whl and whl/cu126/torch-2.15.0-py3-none-any.whl");
    cpu.artifact.sha256 = Sha256::of(b"same");
    cu126.artifact.sha256 = cpu.artifact.sha256;
    let pages = pages(IndexRoot::Stable, &[cu126, cpu]);
    for page in ["whl/torch/index.html", "whl/torch/index.v1_json", "whl/cu126/torch/index.html"] {
        assert_eq!(pages[page].content.matches(".whl").count(), 2, "{page}");
    }
}

#[test]
fn what_would_make_a_wrong_page_is_refused() {
    let wheel = "cpu/torch-2.15.0-py3-none-any.whl";
    let cases = [
        vec![sample("torchvision", wheel)],
        vec![sample("torch", "cpu/not-a-wheel.whl")],
        vec![sample("torch", "torch-2.15.0.conda")],
        vec![sample("torch", "torchvision-2.15.0.tar.gz")],
        vec![sample("torch", "torch-new.tar.gz")],
        vec![sample("torch", wheel), sample("cpu", "cpu-1.0-py3-none-any.whl")],
        vec![sample("torch", "test/torch-2.15.0-py3-none-any.whl")],
        vec![sample("torch", "test/libtorch-2.15.0.zip")],
        vec![sample("test", "test-1.0-py3-none-any.whl")],
    ];
    let messages: Vec<String> = cases.iter().map(|samples| error(samples).to_string()).collect();
    insta::assert_snapshot!(messages.join("\n"), @"
    `torch-2.15.0-py3-none-any.whl` cannot be listed as a file of torchvision: its package is `torch`
    `not-a-wheel.whl` cannot be listed as a file of torch: `not-a-wheel.whl` is not the file name of a wheel: it has 3 parts between `-`, not 5 or 6
    `torch-2.15.0.conda` cannot be listed as a file of torch: conda packages have channel data of their own
    `torchvision-2.15.0.tar.gz` cannot be listed as a file of torch: an sdist must be named `torch-VERSION.tar.gz`
    `torch-new.tar.gz` cannot be listed as a file of torch: `new` is not a version: expected version to start with a number, but no leading ASCII digits were found
    `cpu` is a channel folder and a package, or stands for the test channel: their pages would be one
    `test` is a channel folder and a package, or stands for the test channel: their pages would be one
    `test` is a channel folder and a package, or stands for the test channel: their pages would be one
    `test` is a channel folder and a package, or stands for the test channel: their pages would be one
    ");
}

#[test]
fn a_location_of_another_object_is_refused() {
    let [torch, other] =
        ["torch-2.15.0-py3-none-any.whl", "torch-2.15.1-py3-none-any.whl"].map(|name| sample("torch", name));
    let location = StorageKey::stable(&torch.artifact);
    for location in
        [StorageKey::stable(&other.artifact), location.metadata().unwrap(), StorageKey::Plan(Sha256::of(b""))]
    {
        let listed =
            Listed { package: &torch.package, artifact: &torch.artifact, location, uploaded: None, yanked: None };
        assert!(matches!(render(IndexRoot::Test, &[listed]), Err(IndexError::Stranger { .. })));
    }
}

#[test]
fn only_packages_that_changed_need_new_pages() {
    let changed = |before: &[Sample], after: &[Sample]| {
        let [before, after] = [before, after].map(|samples| listed(IndexRoot::Stable, samples));
        let [before, after] = [&before, &after].map(|listed| Index::new(IndexRoot::Stable, listed).unwrap());
        after.changed_since(&before).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let with = |more: &[Sample]| [train(), more.to_vec()].concat();
    assert!(changed(&train(), &train()).is_empty());
    let in_old_folder = with(&[sample("torch", "cpu/torch-2.15.1+cpu-cp311-cp311-win_amd64.whl")]);
    assert_eq!(changed(&train(), &in_old_folder), ["torch"]);
    // torchvision lies in no folder, so it gets pages in the new one.
    let in_new_folder = with(&[sample("torch", "cu130/torch-2.15.1+cu130-cp311-cp311-win_amd64.whl")]);
    assert_eq!(changed(&train(), &in_new_folder), ["torch", "torchvision"]);
    assert_eq!(changed(&train(), &with(&[sample("torch", "cpu/libtorch-2.15.1.zip")])), [] as [&str; 0]);
    assert_eq!(changed(&train(), &[]), ["torch", "torchvision"]);
}
