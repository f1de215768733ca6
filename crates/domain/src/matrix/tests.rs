//! What rows expand to, and what they must not.

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use super::{Exclude, Expected, Row, expand, refuse_collisions};
use crate::artifact_kind::ArtifactKind;

fn list(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn wheels(python: &str, abi: &str, platforms: &str, accelerators: &str) -> Row {
    Row {
        kind: ArtifactKind::Wheel,
        python: list(python),
        abi: Some(abi.to_owned()),
        platforms: list(platforms),
        accelerators: list(accelerators),
        local: (!accelerators.is_empty()).then(|| "{accelerator}".to_owned()),
        folder: (!accelerators.is_empty()).then(|| "{accelerator}".to_owned()),
        name: None,
        excludes: Vec::new(),
    }
}

fn archive(kind: ArtifactKind, name: Option<&str>) -> Row {
    Row { kind, name: name.map(str::to_owned), abi: None, ..wheels("", "", "", "") }
}

fn told(package: &str, rows: &[Row]) -> String {
    match expand(&package.parse().unwrap(), "2.15.0".parse().unwrap(), rows) {
        Ok(expected) => expected.iter().map(Expected::path).collect::<Vec<_>>().join("\n"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn wheels_of_every_form_are_named() {
    let cpu = wheels("cp310", "{python}", "win_amd64", "cpu");
    for (row, path) in [
        (cpu.clone(), "cpu/a_b-2.15.0+cpu-cp310-cp310-win_amd64.whl"),
        (Row { python: list("cp314t"), ..cpu.clone() }, "cpu/a_b-2.15.0+cpu-cp314-cp314t-win_amd64.whl"),
        (Row { local: None, ..cpu.clone() }, "cpu/a_b-2.15.0-cp310-cp310-win_amd64.whl"),
        (Row { abi: Some("abi3".to_owned()), ..cpu.clone() }, "cpu/a_b-2.15.0+cpu-cp310-abi3-win_amd64.whl"),
        (Row { abi: Some("none".to_owned()), ..cpu.clone() }, "cpu/a_b-2.15.0+cpu-cp310-none-win_amd64.whl"),
        (
            Row { local: Some("x.{accelerator}".to_owned()), ..cpu.clone() },
            "cpu/a_b-2.15.0+x.cpu-cp310-cp310-win_amd64.whl",
        ),
        (Row { folder: Some("all".to_owned()), ..cpu }, "all/a_b-2.15.0+cpu-cp310-cp310-win_amd64.whl"),
        (wheels("py3", "none", "any", ""), "a_b-2.15.0-py3-none-any.whl"),
        (wheels("py2.py3", "none", "any", ""), "a_b-2.15.0-py2.py3-none-any.whl"),
    ] {
        assert_eq!(told("a-b", &[row]), path);
    }
}

#[test]
fn archives_of_every_kind_are_named() {
    let conda = Row {
        platforms: list("linux-64"),
        python: list("py310"),
        folder: Some("{platform}".to_owned()),
        ..archive(ArtifactKind::Conda, Some("{package}-{version}-{python}_0.conda"))
    };
    let libtorch = Row {
        accelerators: list("cu130"),
        folder: Some("{accelerator}".to_owned()),
        ..archive(ArtifactKind::Libtorch, Some("libtorch-{version}+{accelerator}.zip"))
    };
    for (row, path) in [
        (conda, "linux-64/a_b-2.15.0-py310_0.conda"),
        (libtorch, "cu130/libtorch-2.15.0+cu130.zip"),
        (archive(ArtifactKind::Sdist, None), "a_b-2.15.0.tar.gz"),
        (archive(ArtifactKind::Source, Some("pytorch-v{version}.tar.gz")), "pytorch-v2.15.0.tar.gz"),
    ] {
        assert_eq!(told("a-b", &[row]), path);
    }
}

#[test]
fn bad_rows_are_refused() {
    let good = wheels("cp310", "{python}", "win_amd64", "cpu");
    let with = |change: fn(&mut Row)| {
        let mut row = good.clone();
        change(&mut row);
        told("torch", &[row])
    };
    for (said, expected) in [
        (told("torch", &[]), "the matrix of `torch` has no row"),
        (with(|row| row.python.clear()), "matrix row 1 of `torch`: a wheel row needs `python`"),
        (with(|row| row.platforms.clear()), "matrix row 1 of `torch`: a wheel row needs `platforms`"),
        (
            told("torch", &[archive(ArtifactKind::Conda, Some("torch-{version}-0.conda"))]),
            "matrix row 1 of `torch`: a conda row needs `folder`",
        ),
        (
            with(|row| row.platforms = list("linux-64")),
            "matrix row 1 of `torch`: `linux-64` is not a platform tag such as `manylinux_2_28_x86_64`",
        ),
        (
            with(|row| row.accelerators.clear()),
            "matrix row 1 of `torch`: `{accelerator}` holds `{accelerator}`, but the row lists no accelerator",
        ),
        (
            with(|row| row.local = Some("{accelerator".to_owned())),
            "matrix row 1 of `torch`: a brace in `{accelerator` has no partner",
        ),
        (
            with(|row| row.local = Some("CPU".to_owned())),
            "matrix row 1 of `torch`: `CPU` is not a local version such as `cpu` or `rocm7.2`",
        ),
        (
            with(|row| row.abi = Some("a b".to_owned())),
            "matrix row 1 of `torch`: `a b` is not a ABI tag such as `cp310`, `abi3` or `none`",
        ),
        (
            with(|row| row.excludes = vec![Exclude { python: list("cp311"), ..Exclude::default() }]),
            "matrix row 1 of `torch`: exclude 1 leaves nothing out",
        ),
        (
            told("torch", &[archive(ArtifactKind::Libtorch, Some("../x.zip"))]),
            "matrix row 1 of `torch`: `../x.zip` is not a file name of an artifact: it must begin with a letter or a digit",
        ),
        (
            told("torch", &[Row { local: Some("x".to_owned()), ..archive(ArtifactKind::Sdist, None) }]),
            "matrix row 1 of `torch`: a sdist row has no `local`",
        ),
        (told("torch", &[archive(ArtifactKind::Source, None)]), "matrix row 1 of `torch`: a source row needs `name`"),
        (
            told("torch", &[archive(ArtifactKind::Source, Some("pytorch-{version}.tar.gz"))]),
            "matrix row 1 of `torch`: `pytorch-2.15.0.tar.gz` is not what a source is called: its name ends with the \
             tag and `.tar.gz`, as in `NAME-v{version}.tar.gz`",
        ),
        (
            told("torch", &[archive(ArtifactKind::Libtorch, Some("libtorch-{version}.tar.gz"))]),
            "matrix row 1 of `torch`: `libtorch-2.15.0.tar.gz` is not what a libtorch is called: its name ends with \
             `.zip`",
        ),
    ] {
        assert_eq!(said, expected);
    }
}

/// In 2.12.1 libtorch for Windows on Arm had the name of the one for x86, and replaced it.
#[test]
fn two_platforms_of_one_name_are_a_collision() {
    let row = Row {
        platforms: list("win_amd64 win_arm64"),
        ..archive(ArtifactKind::Libtorch, Some("libtorch-win-shared-with-deps-{version}+cpu.zip"))
    };
    assert_eq!(
        told("torch", &[row]),
        "matrix rows 1 and 1 of `torch` both make `libtorch-win-shared-with-deps-2.15.0+cpu.zip`"
    );
}

#[test]
fn packages_must_not_collide_whatever_the_case() {
    let of = |package: &str, name: &str| {
        let rows = [archive(ArtifactKind::Libtorch, Some(name))];
        expand(&package.parse().unwrap(), "1.0.0".parse().unwrap(), &rows).unwrap()
    };
    let both = [of("a", "X-{version}.zip"), of("b", "x-{version}.zip")].concat();
    assert_eq!(refuse_collisions(&both).unwrap_err().to_string(), "`a` and `b` both make `x-1.0.0.zip`");
    let apart = [of("a", "x-{version}.zip"), of("b", "y-{version}.zip")].concat();
    assert_eq!(refuse_collisions(&apart), Ok(()));
}

fn row() -> impl Strategy<Value = Row> {
    let python = btree_set(prop_oneof![Just("cp310"), Just("cp314"), Just("cp314t"), Just("py3")], 1..4);
    let platforms = btree_set(prop_oneof![Just("win_amd64"), Just("any"), Just("macosx_14_0_arm64")], 1..3);
    let accelerators = btree_set(prop_oneof![Just("cpu"), Just("cu130"), Just("rocm7.2")], 1..3);
    let text = |set: std::collections::BTreeSet<&str>| set.into_iter().map(str::to_owned).collect::<Vec<_>>();
    (python, platforms, accelerators, any::<[bool; 3]>()).prop_map(
        move |(python, platforms, accelerators, [abi, local, folder])| Row {
            python: text(python),
            platforms: text(platforms),
            accelerators: text(accelerators),
            local: local.then(|| "{accelerator}".to_owned()),
            folder: folder.then(|| "{accelerator}".to_owned()),
            ..wheels("", if abi { "{python}" } else { "none" }, "", "")
        },
    )
}

proptest! {
    #[test]
    fn what_rows_expand_to_is_sorted_and_holds_nothing_twice(rows in vec(row(), 1..4)) {
        if let Ok(expected) = expand(&"torch".parse().unwrap(), "2.15.0".parse().unwrap(), &rows) {
            let product = |row: &Row| row.python.len() * row.platforms.len() * row.accelerators.len();
            prop_assert_eq!(expected.len(), rows.iter().map(product).sum::<usize>());
            let paths: std::collections::BTreeSet<String> = expected.iter().map(|one| one.path().to_lowercase()).collect();
            prop_assert_eq!(paths.len(), expected.len());
            prop_assert!(expected.is_sorted());
        }
    }
}
